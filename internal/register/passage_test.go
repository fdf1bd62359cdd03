package register_test

import (
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/sijil/sijil/internal/register"
)

func TestFindPassage(t *testing.T) {
	t.Parallel()
	const french = "La Caisse dit : « des documents sont\u00a0faux », souvent. Des documents sont faux, dit-elle ; l’ampleur est évaluée."
	const arabic = "قَالَ الصُّنْدُوقُ إنّ بعض المعطيات غير صحيحة. وأكد أن السلطات القضائية أُشعرت."
	cases := []struct {
		name, text, passage string
		want                []string // the words at each place
	}{
		{"as it is", french, "l’ampleur est évaluée", []string{"l’ampleur est évaluée"}},
		{"straight apostrophe", french, "l'ampleur est évaluée", []string{"l’ampleur est évaluée"}},
		{"no-break space, and case", french, "Des documents sont faux", []string{"Des documents sont faux"}},
		{"other quotes and spaces", french, "\"des  documents\nsont faux\", souvent", []string{"des documents sont\u00a0faux », souvent"}},
		{"several places", "un mot, un mot", "un mot", []string{"un mot", "un mot"}},
		{"several places, folded", "Un mot et UN  MOT", "un mot", []string{"Un mot", "UN  MOT"}},
		{"not inside a word", "comportement", "porte ment", nil},
		{"without vowel signs", arabic, "قال الصندوق", []string{"قَالَ الصُّنْدُوقُ"}},
		{"without hamza", arabic, "ان بعض المعطيات", []string{"إنّ بعض المعطيات"}},
		{"with tatweel", arabic, "السلطـــات القضائية", []string{"السلطات القضائية"}},
		{"not there", french, "rien de tel", nil},
		{"nothing", french, "  ", nil},
		{"only marks", french, "«»", nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, r := range register.FindPassage(c.text, c.passage) {
				words, ok := r.In(c.text)
				if !ok {
					t.Fatalf("%v is not in the text", r)
				}
				got = append(got, strings.TrimSpace(words))
			}
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("found %q, want %q", got, c.want)
			}
		})
	}
}

func TestRangesAreReadAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	if r, ok := register.ParseRange("120-161"); !ok || r != (register.Range{From: 120, To: 161}) {
		t.Errorf("got %v, %v", r, ok)
	}
	for _, s := range []string{"", "F3", "3", "5-5", "9-5", "-1-5", "1-2-3", "01-5", "+1-5", " 1-5"} {
		if r, ok := register.ParseRange(s); ok {
			t.Errorf("%q is read as %v", s, r)
		}
	}
	if _, ok := (register.Range{From: 2, To: 9}).In("court"); ok {
		t.Error("a range beyond the end has words")
	}
}

func TestPassagesMoveWithACorrection(t *testing.T) {
	t.Parallel()
	old := register.Range{From: 20, To: 26}
	cases := []struct {
		name, corrected, words string
		want                   string
	}{
		{"pushed on", "Ajout. Le premier mot faux, le second mot faux.", "faux", "22-26"},
		{"of two, the nearer", "faux, et un peu plus loin un autre mot faux", "faux", "39-43"},
		{"gone", "Rien de tout cela.", "faux", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, ok := register.MovePassage(c.corrected, c.words, old)
			if got := r.String(); ok != (c.want != "") || ok && got != c.want {
				t.Errorf("got %v, %v, want %q", r, ok, c.want)
			}
		})
	}
}

func TestStretchesOverlap(t *testing.T) {
	t.Parallel()
	got := register.Stretches("abcdefghij", []register.Range{{From: 1, To: 5}, {From: 3, To: 8}, {From: 9, To: 40}})
	want := []register.Stretch{
		{Range: register.Range{From: 0, To: 1}},
		{Range: register.Range{From: 1, To: 3}, Covering: []int{0}},
		{Range: register.Range{From: 3, To: 5}, Covering: []int{0, 1}},
		{Range: register.Range{From: 5, To: 8}, Covering: []int{1}},
		{Range: register.Range{From: 8, To: 10}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := register.Stretches("", nil); got != nil {
		t.Errorf("an empty text has stretches %v", got)
	}
}

func TestWordsAreCounted(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"": 0, "« un acte criminel »": 3, "فعل إجرامي، 2 مليون": 4, "l’ampleur": 1, " – ": 0} {
		if got := register.CountWords(text); got != want {
			t.Errorf("%q has %d words, want %d", text, got, want)
		}
	}
}

func FuzzFindPassage(f *testing.F) {
	f.Add("« Des documents », dit-elle", "des documents")
	f.Add("قَالَ الصُّنْدُوقُ", "قال الصندوق")
	f.Add("aaaa", "aa")
	f.Fuzz(func(t *testing.T, text, passage string) {
		if !utf8.ValidString(text) || !utf8.ValidString(passage) {
			t.Skip()
		}
		for _, r := range register.FindPassage(text, passage) {
			words, ok := r.In(text)
			if !ok || words == "" {
				t.Errorf("%q in %q: %v", passage, text, r)
			}
			if again := register.FindPassage(text, words); len(again) == 0 {
				t.Errorf("%q was found in %q, and is not again", words, text)
			}
		}
	})
}
