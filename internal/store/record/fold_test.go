package record_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/sijil/sijil/internal/store/record"
)

func TestFold(t *testing.T) {
	cases := map[string]string{
		"Baïtas":              "baitas",
		"  Sécurité,SOCIALE ": "securite sociale",
		"أحمد إلى آخر ٱلله":   "احمد الي اخر الله",
		"الصُّنْدُوقُ":        "الصندوق",
		"تســـريب":            "تسريب",
		"مؤسسة مسائل":         "موسسه مسايل",
		"٢٠٢٥":                "2025",
		"SJ-2025-0001":        "sj 2025 0001",
		"l’État":              "l etat",
		"":                    "",
		"«»—…":                "",
	}
	for in, want := range cases {
		if got := record.Fold(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// TestFoldKnownAsAny: the short way gives what the tables of Unicode give, for each
// letter and sign, alone and in company.
func TestFoldKnownAsAny(t *testing.T) {
	for r := range rune(0x3000) {
		for _, in := range []string{string(r), "a" + string(r) + "b", "ب " + string(r) + string(r)} {
			// U+4E00 is in no short way, and a letter.
			if got, want := record.Fold(in), strings.TrimSuffix(record.Fold(in+" 一"), "一"); got != strings.TrimSuffix(want, " ") {
				t.Errorf("%q (%U): %q, by the tables %q", in, r, got, want)
			}
		}
	}
}

// FuzzFold: folding is a fixed point, and leaves nothing that a tsquery reads
// as an operator.
func FuzzFold(f *testing.F) {
	for _, seed := range []string{"CNSS", "الصندوق", "a & b | !c", "'\\", "\x00\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		once := record.Fold(in)
		if record.Fold(once) != once {
			t.Fatalf("%q, then %q", once, record.Fold(once))
		}
		if strings.ContainsAny(once, `&|!()<>:*'\`) || strings.ContainsRune(once, 0) || !utf8.ValidString(once) {
			t.Fatalf("%q", once)
		}
	})
}
