package revision_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/revision"
)

func event(key, title string) register.Event {
	return register.Event{Fact: register.Fact{Key: key}, Kind: register.EventAttack, Title: register.Text{"fr": title}}
}

func date(tb testing.TB, s string) edtf.Date {
	tb.Helper()
	d, err := edtf.Parse(s)
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

// shown writes runs as a person would mark them by hand.
func shown(runs []revision.Run) string {
	marks := map[revision.Op][2]string{
		revision.Deleted: {"[-", "-]"}, revision.Inserted: {"{+", "+}"}, revision.Elided: {"…", ""},
	}
	var out strings.Builder
	for _, r := range runs {
		out.WriteString(marks[r.Op][0] + r.Text + marks[r.Op][1])
	}
	return out.String()
}

// TestTheSameItemsAreNumbered: items of a list that are all the same have a key each, and
// finding it takes as much for the last as for the first.
//
//nolint:paralleltest // what others allocate would count
func TestTheSameItemsAreNumbered(t *testing.T) {
	var paths []string
	for _, f := range revision.Flatten(&register.Incident{Kinds: []string{"x~2", "x", "x", "y", "x", "x~2", "x"}}) {
		if strings.HasPrefix(f.Path, "kinds") {
			paths = append(paths, f.Path)
		}
	}
	if got := strings.Join(paths, " "); got != "kinds[x~2] kinds[x] kinds[x~3] kinds[y] kinds[x~4] kinds[x~2~2] kinds[x~5]" {
		t.Errorf("%s", got)
	}
	kinds := make([]string, 4000)
	for i := range kinds {
		kinds[i] = "x"
	}
	each := func(n int) float64 {
		i := register.Incident{Kinds: kinds[:n]}
		return testing.AllocsPerRun(1, func() { revision.Flatten(&i) }) / float64(n)
	}
	if few, many := each(len(kinds)/10), each(len(kinds)); many > 2*few {
		t.Errorf("%.0f allocations for each of %d, and %.0f for each of a tenth of them", many, len(kinds), few)
	}
}

func TestWordsAreThoseOfTheLanguage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, before, after, want string }{
		{
			"French passage", "Résultat d’une vérification officielle. Non précisé.",
			"Résultat d’une vérification rapportée par la CNSS. Non précisé.",
			"Résultat d’une vérification [-officielle-]{+rapportée par la CNSS+}. Non précisé.",
		},
		{"elision", "une attaque", "l’attaque", "[-une -]{+l’+}attaque"},
		{"number in groups", "1\u202f996\u202f026 salariés", "1\u202f996\u202f027 salariés", "[-1\u202f996\u202f026-]{+1\u202f996\u202f027+} salariés"},
		{"decimals", "50,5 %", "50,6 %", "[-50,5-]{+50,6+} %"},
		{"accent", "publie", "publié", "[-publie-]{+publié+}"},
		{"a decomposed accent is one word", "cafe\u0301 noir", "cafe noir", "[-cafe\u0301-]{+cafe+} noir"},
		{"Arabic passage", "نتيجة تحقق رسمي. أي وثائق", "نتيجة تحقق نقلها الصندوق. أي وثائق", "نتيجة تحقق [-رسمي-]{+نقلها الصندوق+}. أي وثائق"},
		{"vowels belong to the word", "كَتَبَ الوزير", "كَتَبَت الوزير", "[-كَتَبَ-]{+كَتَبَت+} الوزير"},
		{"Arabic comma", "وثائق، وكم", "وثائق وكم", "وثائق[-،-] وكم"},
		{"Arabic digits", "٨ أبريل", "٩ أبريل", "[-٨-]{+٩+} أبريل"},
		{"English", "The data was leaked.", "The data were not leaked.", "The data [-was-]{+were not+} leaked."},
		{"no-break space before a colon", "Ceci\u00a0: cela", "Ceci : cela", "Ceci[-\u00a0-]{+ +}: cela"},
		{"nothing", "", "mot", "{+mot+}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := shown(revision.Words(c.before, c.after)); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestLargeTextsAreBounded compares books without a landmark, and with some.
func TestLargeTextsAreBounded(t *testing.T) {
	t.Parallel()
	var same, other, marked, moved strings.Builder
	for i := range 60_000 {
		same.WriteString("a b ")
		other.WriteString("b c a ")
		marked.WriteString("word" + strconv.Itoa(i) + " ")
		moved.WriteString("word" + strconv.Itoa(i*7919%60_000) + " ")
	}
	for _, c := range [][2]string{{same.String(), other.String()}, {marked.String(), moved.String()}} {
		var before strings.Builder
		for _, r := range revision.Words(c[0], c[1]) {
			if r.Op != revision.Inserted {
				before.WriteString(r.Text)
			}
		}
		if before.String() != c[0] {
			t.Error("the runs are not the text")
		}
	}
}

func TestExcerptsShowWhatChanged(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("un deux ", 40)
	got := shown(revision.Excerpt(revision.Words(long+"vieux "+long+"fin", long+"neuf "+long+"fin"), 2))
	if want := "…un deux [-vieux-]{+neuf+} un deux… "; !strings.HasPrefix(got, "…un deux [-vieux-]{+neuf+}") || len(got) > 2*len(want) {
		t.Errorf("got %q", got)
	}
}

func TestChangesAreFoundAndPlaced(t *testing.T) {
	t.Parallel()
	before := &register.Incident{
		Title:  register.Text{"fr": "Fuite à la CNSS"},
		Events: []register.Event{event("attack", "Attaque"), event("leak", "Publication"), event("end", "Retour")},
		Kinds:  []string{"a", "b"},
	}
	before.Events[0].Dates = register.Dates{{EDTF: date(t, "2025-04-08"), Basis: register.BasisStated}}
	after := clone(t, before)
	after.Title = register.Text{"fr": "Fuite de données à la CNSS", "ar": "تسريب"}
	after.Events[0].Dates[0].EDTF = date(t, "2025-04-09")
	after.Events = []register.Event{after.Events[2], after.Events[0], event("more", "Suite")}
	after.Kinds = []string{"b", "c"}

	var got []string
	for _, c := range revision.Compare(before, after) {
		got = append(got, []string{"added", "removed", "changed", "moved"}[c.Verb]+" "+c.At.Path+" "+c.Before+"→"+c.After)
	}
	want := []string{
		"changed title.fr Fuite à la CNSS→Fuite de données à la CNSS",
		"added title.ar →تسريب",
		"removed kinds[a] a→",
		"added kinds[c] →c",
		"moved events[end] →",
		"changed events[attack].dates[2025-04-08].edtf 2025-04-08→2025-04-09",
		"removed events[leak] →",
		"added events[more] →",
	}
	if slices.Sort(got); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestAPlaceSaysWhatItIs(t *testing.T) {
	t.Parallel()
	s := &register.Statement{
		OriginalLanguage: register.Arabic, OriginalText: "نص",
		Renderings: []register.Rendering{{Fact: register.Fact{Key: "r"}, Language: register.French, Text: "texte"}},
		Speaker:    &register.Official{Key: "b", Office: register.Text{"en": "minister"}},
	}
	s.Claims = []register.Claim{{Fact: register.Fact{Key: "c1"}, Paraphrase: register.Text{"fr": "Vrai"}, Quotes: []register.Quote{
		{Language: register.Arabic, Text: "صحيح", Rendering: "r"},
	}}}
	fields := map[string]revision.Field{}
	for _, f := range revision.Flatten(s) {
		fields[f.Path] = f
	}
	for path, want := range map[string]struct {
		field string
		kind  revision.Kind
		lang  register.Lang
		items int
	}{
		"original_text":                {"original_text", revision.KindWords, "ar", 0},
		"renderings[r].text":           {"text", revision.KindWords, "fr", 1},
		"speaker.office.en":            {"speaker.office", revision.KindWords, "en", 0},
		"claims[c1].quotes[r ar].text": {"text", revision.KindWords, "ar", 2},
		"claims[c1].paraphrase.fr":     {"paraphrase", revision.KindWords, "fr", 1},
		"original_language":            {"original_language", revision.KindCode, "", 0},
	} {
		f, ok := fields[path]
		if !ok || f.Field != want.field || f.Kind != want.kind || f.Lang != want.lang || len(f.Items) != want.items {
			t.Errorf("%s is %+v", path, f)
		}
	}
	if name := fields["claims[c1].quotes[r ar].text"].Items[0].Name["fr"]; name != "Vrai" {
		t.Errorf("the claim is called %q", name)
	}
	if part := fields["claims[c1].paraphrase.fr"].Part(); part != "claims" {
		t.Errorf("part %q", part)
	}
}

func TestANewNounIsAllAdded(t *testing.T) {
	t.Parallel()
	changes := revision.Compare(nil, &register.Institution{
		Slug: "cnss", Names: []register.InstitutionName{{Key: "n", Name: "Caisse", Language: "fr"}},
	})
	if len(changes) != 2 || changes[0].Verb != revision.Added || changes[1].At.Path != "names[n]" || len(changes[1].Fields) != 2 {
		t.Errorf("got %+v", changes)
	}
}
