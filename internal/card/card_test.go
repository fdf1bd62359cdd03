package card

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// update writes what the tests compare with: go test ./internal/card -update.
var update = flag.Bool("update", false, "write the expected pictures anew")

func samples() map[string]Card {
	const long = "Une attaque informatique d’une ampleur inédite contre une caisse de sécurité sociale, son ministère de tutelle, " +
		"plusieurs prestataires et leurs clients, dont les effets ont été niés, puis reconnus, puis niés de nouveau au fil des semaines"
	return map[string]Card{
		"fr": {
			Reference: "SJ-2025-0001", Kicker: "CNSS · Ministère de l’Emploi", Title: "Cyberattaques contre le ministère de l’Emploi et la CNSS, et fuite de données",
			Facts: "8 avril 2025 · 9 déclarations · 44 sources", Site: "sijil.example",
		},
		"ar": {
			RTL: true, Reference: "SJ-2025-0001", Kicker: "الصندوق الوطني للضمان الاجتماعي (CNSS)",
			Title: "هجمات سيبرانية على وزارة الإدماج الاقتصادي والصندوق الوطني للضمان الاجتماعي وتسريب معطيات",
			Facts: "8 أبريل 2025 · 9 تصريحات · 44 مصدرا", Site: "sijil.example",
		},
		"long":  {Reference: "SJ-2025-0002", Kicker: strings.Repeat("Institution ", 20), Title: long, Facts: strings.Repeat("2025 ", 60), Site: "un-nom-assez-long.sijil.example"},
		"plain": {Title: "Qui a dit quoi, quand, et avec quelle preuve", Facts: "Registre public des divulgations d’incidents de cybersécurité", Site: "sijil.example"},
	}
}

func paintOne(t *testing.T, c Card) image.Image {
	t.Helper()
	p := New()
	raw, err := p.PNG(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if len(raw) > 200<<10 {
		t.Errorf("the picture has %d bytes", len(raw))
	}
	return img
}

// grid is how dark each of 24 × 12 fields of a picture is: enough to see that a
// line is missing, moved or of another size, and nothing of how edges are
// smoothed.
func grid(img image.Image) []int {
	const columns, rows = 24, 12
	out := make([]int, 0, columns*rows)
	for row := range rows {
		for column := range columns {
			sum, n := 0, 0
			for y := row * Height / rows; y < (row+1)*Height/rows; y++ {
				for x := column * Width / columns; x < (column+1)*Width/columns; x++ {
					r, g, b, _ := img.At(x, y).RGBA()
					sum += 255 - int(r+g+b)/3>>8
					n++
				}
			}
			out = append(out, sum/n)
		}
	}
	return out
}

func TestCards(t *testing.T) {
	t.Parallel()
	for name, c := range samples() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			img := paintOne(t, c)
			if img.Bounds() != image.Rect(0, 0, Width, Height) {
				t.Fatalf("the picture is %v", img.Bounds())
			}
			path := filepath.Join("testdata", name+".txt")
			got := grid(img)
			if *update {
				write(t, path, []byte(strings.Trim(fmt.Sprint(got), "[]")+"\n"))
			}
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for i, field := range strings.Fields(string(raw)) {
				var want int
				if _, err := fmt.Sscan(field, &want); err != nil || i >= len(got) {
					t.Fatalf("%s: field %d: %v", path, i, err)
				}
				if d := got[i] - want; d < -6 || d > 6 {
					t.Errorf("field %d (column %d, row %d) is %d dark, want %d", i, i%24, i/24, got[i], want)
				}
			}
		})
	}
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestNothingLeavesTheMargins: whatever the length of texts.
func TestNothingLeavesTheMargins(t *testing.T) {
	t.Parallel()
	b := newTestBrush(t)
	for name, c := range samples() {
		img := b.card(c)
		want := img.At(1, Height-1)
		for y := bar; y < Height; y++ {
			for _, x := range []int{20, margin - 12, Width - margin + 12, Width - 20} {
				if img.At(x, y) != want {
					t.Fatalf("%s: something is drawn at %d, %d", name, x, y)
				}
			}
		}
		for x := range Width {
			if img.At(x, Height-8) != want {
				t.Fatalf("%s: something is drawn below, at %d", name, x)
			}
		}
	}
}

func newTestBrush(t *testing.T) *brush {
	t.Helper()
	b, err := newBrush()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestArabicIsJoined: letters have other forms in a word than alone, lam and
// alef are one, and the first letter stands at the right.
func TestArabicIsJoined(t *testing.T) {
	t.Parallel()
	b := newTestBrush(t)
	for _, f := range []family{b.heading, b.strong, b.text} {
		look := style{f, 40, ink}
		const word = "سجل"
		joined := b.shape([]rune(word), look, true)
		if len(joined) != 1 || !joined[0].Direction.Progression() {
			t.Fatalf("%q has %d runs, in direction %v", word, len(joined), joined[0].Direction)
		}
		glyphs := joined[0].Glyphs
		for i, g := range glyphs {
			if want := len(glyphs) - 1 - i; g.TextIndex() != want {
				t.Errorf("glyph %d from the left is of letter %d, want %d", i, g.TextIndex(), want)
			}
			if alone := b.shape([]rune(word)[g.TextIndex():g.TextIndex()+1], look, true)[0].Glyphs[0]; alone.GlyphID == g.GlyphID && g.TextIndex() < 2 {
				t.Errorf("letter %d of %q has the form that it has alone", g.TextIndex(), word)
			}
			if g.GlyphID == 0 {
				t.Errorf("letter %d of %q is not in the font", g.TextIndex(), word)
			}
		}
		lam := b.shape([]rune("ل"), look, true)[0].Advance
		alef := b.shape([]rune("ا"), look, true)[0].Advance
		if both := b.shape([]rune("لا"), look, true)[0].Advance; both >= lam+alef {
			t.Errorf("lam and alef are %v wide, as wide as one beside the other", both)
		}
	}
}

// TestLatinInsideArabic: an acronym stays whole and in its own order.
func TestLatinInsideArabic(t *testing.T) {
	t.Parallel()
	b := newTestBrush(t)
	look := style{b.text, 28, ink}
	lines := b.set("الصندوق CNSS في 2025", look, true, 900, 1)
	if len(lines) != 1 || len(lines[0].runs) < 3 {
		t.Fatalf("%d lines: %+v", len(lines), lines)
	}
	var starts []int // of runs from left to right
	for _, r := range lines[0].runs {
		starts = append(starts, r.Runes.Offset)
	}
	for i := 1; i < len(starts); i++ {
		if starts[i] >= starts[i-1] {
			t.Errorf("runs from left to right begin at %v: they should go down", starts)
		}
	}
}

func TestLongTextsEndInAnEllipsis(t *testing.T) {
	t.Parallel()
	b := newTestBrush(t)
	look := style{b.heading, 44, ink}
	lines := b.set(strings.Repeat("mot ", 200), look, false, 900, 3)
	if len(lines) != 3 || !truncated(lines) || lines[2].width() > 900 {
		t.Errorf("%d lines, cut: %t", len(lines), truncated(lines))
	}
	if short := b.set("court", look, false, 900, 3); len(short) != 1 || truncated(short) {
		t.Errorf("a short text has %d lines, cut: %t", len(short), truncated(short))
	}
	if none := b.set("", look, false, 900, 3); none != nil {
		t.Errorf("no text has lines: %v", none)
	}
}

func TestAnyTextCanBeDrawn(t *testing.T) {
	t.Parallel()
	b := newTestBrush(t)
	for _, s := range []string{"", " ", "\u200f", "日本語のタイトル", "🔥🔥", "a\nb", "\u0640\u064b", strings.Repeat("x", 4000), strings.Repeat("س", 4000), "e\u0301", "\u202eabc"} {
		for _, rtl := range []bool{false, true} {
			b.card(Card{RTL: rtl, Title: s, Kicker: s, Facts: s, Reference: s, Site: s})
		}
	}
}

func TestOneAtATime(t *testing.T) {
	t.Parallel()
	p := New()
	<-p.turn // somebody draws
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.PNG(ctx, Card{Title: "x"}); !errors.Is(err, context.Canceled) {
		t.Errorf("a second one does not wait: %v", err)
	}
	p.turn <- struct{}{}
	if _, err := p.PNG(t.Context(), Card{Title: "x"}); err != nil {
		t.Error(err)
	}
}

func BenchmarkCard(b *testing.B) {
	p := New()
	for b.Loop() {
		if _, err := p.PNG(b.Context(), samples()["ar"]); err != nil {
			b.Fatal(err)
		}
	}
}

// TestShowCards leaves the pictures where the environment says.
func TestShowCards(t *testing.T) {
	folder := os.Getenv("SIJIL_SCREENSHOTS")
	if folder == "" {
		t.Skip("SIJIL_SCREENSHOTS names no folder")
	}
	for name, c := range samples() {
		raw, err := encode(newTestBrush(t).card(c))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(folder, "card-"+name+".png"), raw)
	}
}
