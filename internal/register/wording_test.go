package register_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/register"
)

// written shows a wording: paragraphs by lines, passages in brackets with the
// numbers of the claims that end there.
func written(w register.Wording) string {
	var out strings.Builder
	for _, p := range w.Paragraphs {
		if p.Label != "" {
			out.WriteString(p.Label + " ")
		}
		for _, piece := range p.Pieces {
			switch {
			case piece.Gap:
				out.WriteString(" … ")
			case len(piece.Covering) > 0:
				out.WriteString("[" + piece.Text + "]")
			default:
				out.WriteString(piece.Text)
			}
			for _, n := range piece.Ending {
				fmt.Fprint(&out, n)
			}
		}
		out.WriteString("\n")
	}
	return out.String()
}

func quoted(rendering string, quotes ...register.Quote) register.Claim {
	for i := range quotes {
		quotes[i].Rendering = rendering
	}
	return register.Claim{Quotes: quotes}
}

func TestWordings(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		statement register.Statement
		want      []string
	}{
		"the original with its passages": {
			register.Statement{
				OriginalText: "Le site a été attaqué.\n\nAucune base de données n’a été touchée.\n",
				Claims: []register.Claim{
					quoted("", register.Quote{Text: "attaqué", Position: "14-21"}),
					quoted("", register.Quote{Text: "Aucune base de données", Position: "24-46"}),
				},
			},
			[]string{"Le site a été [attaqué]0.\n[Aucune base de données]1 n’a été touchée.\n"},
		},
		"passages that overlap, and one over two paragraphs": {
			register.Statement{
				OriginalText: "un deux trois\nquatre cinq",
				Claims: []register.Claim{
					quoted("", register.Quote{Text: "un deux", Position: "0-7"}),
					quoted("", register.Quote{Text: "deux trois\nquatre", Position: "3-20"}),
				},
			},
			[]string{"[un ][deux]0[ trois]\n[quatre]1 cinq\n"},
		},
		"words that have moved, words that are gone, and a translation": {
			register.Statement{
				OriginalText: "Depuis hier, le site est fermé.",
				Claims: []register.Claim{
					quoted("", register.Quote{Text: "le site est fermé", Position: "0-17"}),
					quoted("", register.Quote{Text: "le portail", Position: "0-10"}),
					quoted("", register.Quote{Text: "Depuis", Position: "0-6", Translation: true}),
				},
			},
			[]string{"Depuis hier, [le site est fermé]0.\n"},
		},
		"a rendering that may be shown, beside one that may not": {
			register.Statement{
				OriginalText: "نص", OriginalLanguage: "ar",
				Renderings: []register.Rendering{
					{Fact: register.Fact{Key: "fr"}, Language: "fr", Text: "Un texte."},
					{Fact: register.Fact{Key: "press"}, Language: "fr"},
				},
				Claims: []register.Claim{quoted("fr", register.Quote{Text: "texte", Position: "3-8"})},
			},
			[]string{"نص\n", "Un [texte]0.\n"},
		},
		"passages of a press version, in the order of its paragraphs": {
			register.Statement{
				Renderings: []register.Rendering{{Fact: register.Fact{Key: "press"}, Language: "fr"}, {Fact: register.Fact{Key: "other"}, Language: "ar"}},
				Claims: []register.Claim{
					quoted("press", register.Quote{Text: "dixième", Position: "F10"}),
					quoted("press", register.Quote{Text: "un acte", Position: "F2"}, register.Quote{Text: "sans place"}),
					quoted("press", register.Quote{Text: "deux mots", Position: "F2"}),
					quoted("press", register.Quote{Text: "un acte", Position: "F2"}),
				},
			},
			[]string{"F2 [un acte]13 … [deux mots]2\nF10 [dixième]0\n"},
		},
		"nothing is known": {register.Statement{Renderings: []register.Rendering{{Language: "fr"}}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, w := range c.statement.Wordings() {
				got = append(got, written(w))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// lines makes a wording whose paragraphs hold the claims that a word of digits
// names; "-" is a paragraph without any.
func lines(s string) register.Wording {
	var out register.Wording
	for word := range strings.FieldsSeq(s) {
		var p register.WordedParagraph
		for _, r := range strings.Trim(word, "-") {
			p.Pieces = append(p.Pieces, register.WordedPiece{Text: "x", Covering: []int{int(r - '0')}})
		}
		out.Paragraphs = append(out.Paragraphs, p)
	}
	return out
}

func TestBeside(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, a, b, want string }{
		{"as many, without claims", "- - -", "- - -", "0-1|0-1 1-2|1-2 2-3|2-3"},
		{"as many, with claims", "1 2 3", "1 2 3", "0-1|0-1 1-2|1-2 2-3|2-3"},
		{"more in the second", "1 - 2", "1 - - 2", "0-1|0-1 1-2|1-3 2-3|3-4"},
		{"a paragraph of the second alone", "1 2", "- 1 2", "0-0|0-1 0-1|1-2 1-2|2-3"},
		{"a paragraph of the first alone", "1 - 2", "1 2", "0-1|0-1 1-2|1-1 2-3|1-2"},
		{"one beside several", "123 4", "1 2 3 4", "0-1|0-3 1-2|3-4"},
		{"another order", "1 2 3", "1 3 2", "0-1|0-2 1-2|2-3 2-3|3-3"},
		{"several beside one, as in the founding record", "1 2 345 6 7", "1 2 34 56 7", "0-1|0-1 1-2|1-2 2-4|2-4 4-5|4-5"},
		{"nothing in the second", "1 2", "", "0-2|0-0"},
		{"nothing at all", "", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var rows []string
			for _, row := range register.Beside([]register.Wording{lines(c.a), lines(c.b)}) {
				rows = append(rows, row[0].String()+"|"+row[1].String())
			}
			if got := strings.Join(rows, " "); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// FuzzBeside: whatever the claims, each paragraph stands in one row, in order.
func FuzzBeside(f *testing.F) {
	f.Add("1 2 345", "- 1 35", "2 1")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		if len(a)+len(b)+len(c) > 300 {
			t.Skip("longer than any statement has claims")
		}
		list := []register.Wording{lines(a), lines(b), lines(c)}
		at := make([]int, len(list))
		for _, row := range register.Beside(list) {
			for i, side := range row {
				if side.From != at[i] || side.To < side.From {
					t.Fatalf("wording %d: row from %d to %d after %d", i, side.From, side.To, at[i])
				}
				at[i] = side.To
			}
		}
		for i := range list {
			if at[i] != len(list[i].Paragraphs) {
				t.Errorf("wording %d: %d paragraphs of %d", i, at[i], len(list[i].Paragraphs))
			}
		}
	})
}
