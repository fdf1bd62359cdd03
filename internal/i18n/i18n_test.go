package i18n_test

import (
	"bytes"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/sijil/sijil/internal/i18n"
)

func load(tb testing.TB, log *slog.Logger) *i18n.Catalog {
	tb.Helper()
	c, err := i18n.Load(log)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func TestMatch(t *testing.T) {
	c := load(t, nil)
	tests := []struct{ remembered, header, want string }{
		{"", "", "fr"},
		{"ar", "en", "ar"},
		{"xx", "en-GB,en;q=0.8", "en"},
		{"", "ary", "ar"}, // Moroccan Arabic
		{"", "ary, fr;q=0.5", "ar"},
		{"", "ar-MA,ar;q=0.9,fr;q=0.8", "ar"},
		{"", "tzm", "fr"}, // Tamazight: not spoken yet
		{"", "de,en;q=0.5", "en"},
		{"", "zz;;;", "fr"},
		{"", strings.Repeat("en,", 1000), "fr"},
	}
	for _, tt := range tests {
		if got := c.Match(tt.remembered, tt.header); got != tt.want {
			t.Errorf("Match(%q, %.20q) = %q, want %q", tt.remembered, tt.header, got, tt.want)
		}
	}
}

func TestLocalizerFallsBack(t *testing.T) {
	c := load(t, nil)
	if got := c.Localizer("de").Lang(); got != i18n.Default {
		t.Errorf("Localizer(de) speaks %q", got)
	}
	if c.Known("FR") || !c.Known("fr") {
		t.Error("languages are known by their spelling in addresses")
	}
}

func TestNumber(t *testing.T) {
	c := load(t, nil)
	for lang, want := range map[string]string{"fr": "1\u202f996\u202f026", "ar": "1.996.026", "en": "1,996,026"} {
		if got := c.Localizer(lang).Number(1996026); got != want && strings.ReplaceAll(got, "\u00a0", "\u202f") != want {
			t.Errorf("%s: %q, want %q", lang, got, want)
		}
	}
	if got := c.Localizer("en").Number(-12345); got != "−12,345" {
		t.Errorf("negative: %q", got)
	}
	if got := c.Localizer("fr").Number(999); got != "999" {
		t.Errorf("small: %q", got)
	}
}

func TestPlurals(t *testing.T) {
	c := load(t, nil)
	tests := []struct {
		lang string
		n    int
		want string
	}{
		{"fr", 0, "0 jour"},
		{"fr", 1, "1 jour"},
		{"fr", 2, "2 jours"},
		{"fr", 1000000, "1\u00a0000\u00a0000 de jours"},
		{"ar", 0, "0 يوم"},
		{"ar", 1, "يوم واحد"},
		{"ar", 2, "يومان"},
		{"ar", 3, "3 أيام"},
		{"ar", 11, "11 يوما"},
		{"ar", 100, "100 يوم"},
		{"ar", 589, "589 يوما"},
		{"en", 1, "1 day"},
		{"en", 0, "0 days"},
	}
	for _, tt := range tests {
		got := c.Localizer(tt.lang).N("days.exact", tt.n)
		if strings.ReplaceAll(got, "\u202f", "\u00a0") != tt.want {
			t.Errorf("%s, %d: %q, want %q", tt.lang, tt.n, got, tt.want)
		}
	}
}

func TestList(t *testing.T) {
	c := load(t, nil)
	items := []string{"a", "b", "c"}
	for lang, want := range map[string]string{"fr": "a, b et c", "ar": "a، b وc", "en": "a, b and c"} {
		if got := c.Localizer(lang).List(items); got != want {
			t.Errorf("%s: %q, want %q", lang, got, want)
		}
	}
	if got := c.Localizer("fr").List(items[:1]); got != "a" {
		t.Errorf("one item: %q", got)
	}
	if got := c.Localizer("fr").List(nil); got != "" {
		t.Errorf("no item: %q", got)
	}
}

func TestNames(t *testing.T) {
	c := load(t, nil)
	for lang, want := range map[string][2]string{"fr": {"arabe", "Maroc"}, "ar": {"العربية", "المغرب"}, "en": {"Arabic", "Morocco"}} {
		loc := c.Localizer(lang)
		if got := [2]string{loc.Language("ar"), loc.Country("MA")}; got != want {
			t.Errorf("%s: %q, want %q", lang, got, want)
		}
	}
	if got := c.Localizer("fr").Language("not a language"); got != "not a language" {
		t.Errorf("no language: %q", got)
	}
	if i18n.SelfName("ar") != "العربية" || i18n.Dir("ar") != "rtl" || i18n.Dir("fr") != "ltr" {
		t.Error("self name or direction")
	}
}

func TestTypeset(t *testing.T) {
	got := i18n.Typeset("fr", "« non » : oui ; https://a.ma/x?y=1 à 09:42 !")
	want := "«\u00a0non\u00a0»\u00a0: oui\u202f; https://a.ma/x?y=1 à 09:42\u202f!"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if s := "one : two"; i18n.Typeset("en", s) != s {
		t.Error("only French is changed")
	}
}

func TestMissingIsLogged(t *testing.T) {
	var b bytes.Buffer
	loc := load(t, slog.New(slog.NewTextHandler(&b, nil))).Localizer("fr")
	if got := loc.T("no.such.key"); got != "no.such.key" || !strings.Contains(b.String(), "no.such.key") {
		t.Errorf("shown %q, logged %q", got, b.String())
	}
	b.Reset()
	if loc.T("row.first-statement"); !strings.Contains(b.String(), "delay") {
		t.Errorf("a missing argument is logged; logged %q", b.String())
	}
}

func TestConcurrent(t *testing.T) {
	loc := load(t, nil).Localizer("ar")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for n := range 500 {
				loc.N("days.exact", n)
				loc.Country("MA")
			}
		})
	}
	wg.Wait()
}

func BenchmarkT(b *testing.B) {
	loc := load(b, nil).Localizer("ar")
	for b.Loop() {
		loc.N("days.range", 12, "min", 3)
		loc.T("timeline.heading")
	}
}

func TestCountriesInTheOrderOfTheirNames(t *testing.T) {
	catalog := load(t, nil)
	for lang, first := range map[string]string{"fr": "AF", "en": "AF"} {
		codes := catalog.Localizer(lang).Countries()
		if len(codes) < 190 || len(codes) > 270 || codes[0] != first {
			t.Errorf("%s: %d countries, first %s", lang, len(codes), codes[0])
		}
		for _, code := range codes {
			if catalog.Localizer(lang).Country(code) == code {
				t.Errorf("%s: %s has no name", lang, code)
			}
		}
		if at := slices.Index(codes, "MA"); at < 0 || at > slices.Index(codes, "ZA") && lang == "en" {
			t.Errorf("%s: Morocco at %d", lang, at)
		}
	}
}
