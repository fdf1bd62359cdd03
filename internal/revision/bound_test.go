package revision_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/revision"
)

// longest is the length of the longest text that is kept of a file or a page.
const longest = 2 << 20

// fill writes pieces up to a length.
func fill(length int, piece func(i int) string) string {
	var out strings.Builder
	for i := 0; ; i++ {
		p := piece(i)
		if out.Len()+len(p) > length {
			return out.String()
		}
		out.WriteString(p)
	}
}

// hostile are pairs of texts that are made for what a comparison finds hard.
func hostile(length int) map[string][2]string {
	stretches := func(letters string) string { // each as long as is just searched
		return fill(length, func(i int) string {
			if i%300 == 299 {
				return "w" + strconv.Itoa(i) + " "
			}
			at := i * i / 7 % 2
			return letters[at:at+1] + " "
		})
	}
	// Of all these words only the first stands once. Once a text is divided there, the
	// second stands once in what follows, and so on to the end.
	chain := func(between string) string {
		return fill(length, func(i int) string {
			return "w" + strconv.Itoa(i+2) + between + "w" + strconv.Itoa(i+1) + between
		})
	}
	return map[string][2]string{
		"many stretches without a landmark":  {stretches("ab"), stretches("cd")},
		"landmarks behind landmarks":         {chain("+"), chain("-")},
		"the same letters at another period": {fill(length, func(int) string { return "a b " }), fill(length, func(int) string { return "b c a " })},
		"every other word":                   {fill(length, func(i int) string { return strconv.Itoa(i) + " x " }), fill(length, func(i int) string { return strconv.Itoa(i) + " y " })},
	}
}

// TestNoTextsTakeMoreThanTheirBudget counts steps, which are what time goes into.
func TestNoTextsTakeMoreThanTheirBudget(t *testing.T) {
	t.Parallel()
	const most = 1 << 25
	for name, c := range hostile(longest) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var budget revision.Budget
			runs := budget.Words(c[0], c[1])
			var before, after strings.Builder
			for _, r := range runs {
				if r.Op != revision.Inserted {
					before.WriteString(r.Text)
				}
				if r.Op != revision.Deleted {
					after.WriteString(r.Text)
				}
			}
			if before.String() != c[0] || after.String() != c[1] {
				t.Error("the runs are not the texts")
			}
			if budget.Spent() > most {
				t.Errorf("%d steps were taken", budget.Spent())
			}
			if len(runs) > 20_000 {
				t.Errorf("%d stretches, which somebody is to read", len(runs))
			}
			if !revision.Coarse(runs) {
				t.Error("the comparison does not say that it is coarse")
			}
		})
	}
}

// TestOrdinaryTextsAreComparedToTheEnd is of a long page of which words changed all over.
func TestOrdinaryTextsAreComparedToTheEnd(t *testing.T) {
	t.Parallel()
	page := func(changed string) string {
		return fill(longest, func(i int) string {
			if i%500 == 250 {
				return changed + " "
			}
			return []string{"la", "caisse", "dit", "que", "les", "données", "n" + strconv.Itoa(i)}[i%7] + " "
		})
	}
	before, after := page("lundi"), page("mardi")
	var budget revision.Budget
	runs := budget.Words(before, after)
	if revision.Coarse(runs) {
		t.Error("the comparison is coarse")
	}
	for _, r := range runs {
		if r.Op == revision.Deleted && r.Text != "lundi" || r.Op == revision.Inserted && r.Text != "mardi" {
			t.Fatalf("%.80q changed", r.Text)
		}
	}
	if words := len(strings.Fields(before)) + len(strings.Fields(after)); budget.Spent() > 12*words {
		t.Errorf("%d steps for %d words", budget.Spent(), words)
	}
}

// TestTextsOfOneNounShareABudget has many texts that use up one each.
func TestTextsOfOneNounShareABudget(t *testing.T) {
	t.Parallel()
	c := hostile(longest)["landmarks behind landmarks"]
	var budget revision.Budget
	for range 3 {
		budget.Words(c[0], c[1])
	}
	if budget.Spent() > 1<<25 {
		t.Errorf("%d steps were taken", budget.Spent())
	}
	// What is the same at both ends is found whatever is left.
	runs := budget.Words("le conseil dit non à tous", "le conseil dit oui à tous")
	if got := shown(runs); got != "le conseil dit [-non-]{+oui+} à tous" {
		t.Errorf("got %s", got)
	}
}

// BenchmarkHostileTexts compares texts of the longest that are kept: 2 MiB each.
func BenchmarkHostileTexts(b *testing.B) {
	for name, c := range hostile(longest) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				revision.Words(c[0], c[1])
			}
		})
	}
}
