package register_test

import (
	"slices"
	"testing"

	"github.com/sijil/sijil/internal/register"
)

func TestSearchesAreTakenApart(t *testing.T) {
	for typed, want := range map[string][]register.SearchToken{
		"":                      nil,
		"  cnss  fuite ":        {{Text: "cnss"}, {Text: "fuite"}},
		`"fuite de données"`:    {{Text: "fuite de données", Phrase: true}},
		"« parties hostiles »":  {{Text: "parties hostiles", Phrase: true}},
		"fuite -CNSS":           {{Text: "fuite"}, {Text: "CNSS", Not: true}},
		`-"sécurité sociale"`:   {{Text: "sécurité sociale", Phrase: true, Not: true}},
		"year:2025 سنة:2024":    {{Field: "year", Text: "2025"}, {Field: "سنة", Text: "2024"}},
		`institution:"Bank of"`: {{Field: "institution", Text: "Bank of", Phrase: true}},
		"porte-parole - a":      {{Text: "porte-parole"}, {Text: "-"}, {Text: "a"}},
		`"not closed`:           {{Text: "not closed", Phrase: true}},
		"a: :b":                 {{Text: "a:"}, {Text: ":b"}},
		`""`:                    nil,
	} {
		if got := register.ParseSearch(typed); !slices.Equal(got, want) {
			t.Errorf("%q: %+v, want %+v", typed, got, want)
		}
	}
}

// FuzzParseSearch asks that every text ends, and that what is written again is
// understood as it was.
func FuzzParseSearch(f *testing.F) {
	for _, s := range []string{`a "b c" -d year:2025`, `--"«`, `:::`, "-\"", "é:”x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, token := range register.ParseSearch(s) {
			if token.Text == "" {
				t.Errorf("%q: an empty token", s)
			}
			_ = token.String()
		}
	})
}
