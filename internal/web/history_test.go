package web_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
)

// corrected publishes a changed summary of a record as a material correction.
func (s *deskSite) corrected(tb testing.TB, t register.RecordType, slug string, change func(*editorial.Draft)) {
	tb.Helper()
	head := s.recordAt(tb, t, slug)
	draft, _, err := s.editorial.Load(tb.Context(), s.staff[testkit.Analyst], head.ID)
	if err != nil {
		tb.Fatal(err)
	}
	change(&draft)
	v, err := s.editorial.Save(tb.Context(), s.staff[testkit.Analyst], draft)
	for _, step := range []func() error{
		func() error { return err },
		func() error { return s.editorial.SendForReview(tb.Context(), s.staff[testkit.Analyst], v, "") },
		func() error { return s.editorial.Approve(tb.Context(), s.staff[testkit.Editor], v) },
		func() error {
			_, err := s.editorial.Publish(tb.Context(), s.staff[testkit.Editor], []editorial.Version{v},
				inWords("Mot corrigé", "كلمة مصححة", "Word corrected"), editorial.MaterialCorrection())
			return err
		},
	} {
		if err := step(); err != nil {
			tb.Fatal(err)
		}
	}
}

// correctedStatement corrects one word of a statement, so that the incident is
// carried along.
func (s *deskSite) correctedStatement(tb testing.TB) {
	tb.Helper()
	s.corrected(tb, register.TypeStatement, "cnss-communique-1", func(d *editorial.Draft) {
		d.Statement.Summary = inWords(
			strings.Replace(d.Statement.Summary["fr"], "série d’attaques", "suite d’attaques", 1),
			d.Statement.Summary["ar"], d.Statement.Summary["en"])
	})
}

func TestTheHistorySaysWhatChangedAndWhy(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	s.correctedStatement(t)
	a := testkit.Ask(t, s, "/fr/statements/cnss-communique-1/history")
	if a.Status != http.StatusOK {
		t.Fatalf("status %d", a.Status)
	}
	newest := a.Text("#e2")
	for _, want := range []string{"Correction de fond", "Mot corrigé", "analyste", "éditeur", "En cours", "1 écart avec l’édition 1"} {
		if !strings.Contains(newest, want) {
			t.Errorf("edition 2 does not say %q: %s", want, newest)
		}
	}
	if del, ins := a.Text("#e2 del"), a.Text("#e2 ins"); !strings.Contains(del, "série") || !strings.Contains(ins, "suite") || len(del) > 80 {
		t.Errorf("%q became %q", del, ins)
	}
	if first := a.Text("#e1"); !strings.Contains(first, "Première édition") {
		t.Errorf("edition 1 says %s", first)
	}
	a = testkit.Ask(t, s, "/ar/incidents/cnss-2025/history")
	if carried := a.Text("#e2"); !strings.Contains(carried, "إصدار تبعي") || !strings.Contains(carried, "البلاغ الأول") {
		t.Errorf("the incident says %s", carried)
	}
	if to := a.Attr("#e2 .stack p a", "href"); to != "/ar/statements/cnss-communique-1/editions/2" {
		t.Errorf("what it shows anew is at %q", to)
	}
}

func TestOldEditionsShowWhatTheyShowed(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	s.correctedStatement(t)
	old := testkit.Ask(t, s, "/fr/incidents/cnss-2025/editions/1")
	current := testkit.Ask(t, s, "/fr/incidents/cnss-2025/editions/2")
	if !strings.Contains(old.Text("#cnss-communique-1"), "série d’attaques") || !strings.Contains(current.Text("#cnss-communique-1"), "suite d’attaques") {
		t.Errorf("the old edition says %s", old.Text("#cnss-communique-1"))
	}
	if got := old.Text(".notice--warn"); !strings.Contains(got, "l’édition en cours est la 2") {
		t.Errorf("the old edition is marked %q", got)
	}
	if got := current.Text(".notice--warn"); got != "" {
		t.Errorf("the current edition is marked %q", got)
	}
	for _, a := range []*testkit.Answer{old, current} {
		if a.Attr(`meta[name="robots"]`, "content") != "noindex" || !strings.HasSuffix(a.Attr(`link[rel="canonical"]`, "href"), "/fr/incidents/cnss-2025") {
			t.Errorf("%s: robots %q, canonical %q", a.Target, a.Attr(`meta[name="robots"]`, "content"), a.Attr(`link[rel="canonical"]`, "href"))
		}
		if a.Page().Find(`script[type="application/ld+json"]`).Length() > 0 {
			t.Errorf("%s describes itself to machines", a.Target)
		}
	}
	for path, status := range map[string]int{
		"/fr/incidents/cnss-2025/editions/3":            http.StatusNotFound,
		"/fr/incidents/cnss-2025/editions/0":            http.StatusNotFound,
		"/fr/incidents/cnss-2025/editions/01":           http.StatusNotFound,
		"/en/statements/cnss-communique-1/editions/1":   http.StatusOK,
		"/en/institutions/cnss/editions/1":              http.StatusOK,
		"/en/institutions/cnss/history":                 http.StatusOK,
		"/fr/incidents/cnss-2025/history?before=x":      http.StatusBadRequest,
		"/fr/incidents/cnss-2025/history?by=2027-01-01": http.StatusBadRequest,
		"/fr/incidents/cnss-2025/history?by=2025-04-09": http.StatusOK,
		"/fr/incidents/cnss-2025/compare?from=1&to=9":   http.StatusNotFound,
		"/fr/incidents/cnss-2025/compare?from=-1":       http.StatusBadRequest,
		"/fr/incidents/cnss-2025/compare":               http.StatusOK,
	} {
		if a := testkit.Ask(t, s, path); a.Status != status {
			t.Errorf("%s: status %d, want %d", path, a.Status, status)
		}
	}
	a := testkit.Ask(t, s, "/fr/statements/cnss-communique-1/compare?from=2&to=1")
	if got := a.Text("h1"); !strings.Contains(got, "De l’édition 1 à l’édition 2") || !strings.Contains(a.Text(".diff del"), "série") {
		t.Errorf("compared: %s, %s", got, a.Text(".diff"))
	}
	if got := testkit.Ask(t, s, "/fr/incidents/cnss-2025/history?by=2025-04-09").Text("main"); !strings.Contains(got, "n’avait encore rien publié") {
		t.Errorf("in 2025 the register had published %s", got)
	}
}

func TestTheJSONIsWhatWasHashed(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	a := testkit.Ask(t, s, "/editions/sj-2025-0001/1.json")
	sum := sha256.Sum256([]byte(a.Body))
	page := testkit.Ask(t, s, "/fr/incidents/cnss-2025/history")
	if got := hex.EncodeToString(sum[:]); a.Header.Get("Content-Type") != "application/json" || page.Text("#e1 .sha") != got {
		t.Errorf("%d bytes of %s hash to %s, the page says %s", len(a.Body), a.Header.Get("Content-Type"), got, page.Text("#e1 .sha"))
	}
	for _, path := range []string{"/editions/sj-2025-0001/2.json", "/editions/sj-2025-0009/1.json", "/editions/sj-2025-0001/1", "/editions/SJ-2025-0001/1.json"} {
		if a := testkit.Ask(t, s, path); a.Status != http.StatusNotFound {
			t.Errorf("%s: status %d", path, a.Status)
		}
	}
}

// TestAWithdrawnRecordHasNoReadableEdition asks for every address of its past.
func TestAWithdrawnRecordHasNoReadableEdition(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	s.correctedStatement(t)
	reference := strings.ToLower(testkit.Ask(t, s, "/fr/statements/cnss-communique-1/history").Text(".rubric bdi"))
	if reference == "" {
		t.Fatal("the history names no reference")
	}
	id, err := s.editorial.ProposeWithdrawal(t.Context(), s.staff[testkit.Editor], editorial.Withdrawal{
		Record: s.recordAt(t, register.TypeStatement, "cnss-communique-1").ID, Notice: inWords("Erreur", "خطأ", "Mistake"),
	})
	s.confirmed(t, id, err)
	s.clock.Advance(2 * time.Second) // the page cache learns of it
	for _, path := range []string{
		"/fr/statements/cnss-communique-1/history", "/fr/statements/cnss-communique-1/editions/1", "/fr/statements/cnss-communique-1/editions/2",
		"/fr/statements/cnss-communique-1/compare?from=1&to=2", "/editions/" + reference + "/1.json", "/editions/" + reference + "/2.json",
	} {
		if a := testkit.Ask(t, s, path); a.Status != http.StatusGone || strings.Contains(a.Body, "série d’attaques") {
			t.Errorf("%s: status %d", path, a.Status)
		}
	}
	a := testkit.Ask(t, s, "/fr/incidents/cnss-2025/editions/1")
	if a.Page().Find("#cnss-communique-1").Length() > 0 || !strings.Contains(a.Text(".notice--warn"), "Erreur") {
		t.Error("an old edition of the incident still shows what was withdrawn")
	}
}

// TestAnErasedEditionShowsItsTombstone takes the first of two editions down.
func TestAnErasedEditionShowsItsTombstone(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	s.correctedStatement(t)
	reference := strings.ToLower(testkit.Ask(t, s, "/fr/statements/cnss-communique-1/history").Text(".rubric bdi"))
	id, err := s.editorial.RequestTakedown(t.Context(), s.staff[testkit.Admin], editorial.Takedown{
		Record: s.recordAt(t, register.TypeStatement, "cnss-communique-1").ID, First: 1, Last: 1,
		Reason: inWords("Ordonnance du tribunal", "أمر من المحكمة", "Order of the court"),
	})
	s.confirmed(t, id, err)
	s.clock.Advance(2 * time.Second) // the page cache learns of it
	for _, path := range []string{"/fr/statements/cnss-communique-1/editions/1", "/editions/" + reference + "/1.json"} {
		a := testkit.Ask(t, s, path)
		if a.Status != http.StatusGone || !strings.Contains(a.Body, "Ordonnance du tribunal") {
			t.Errorf("%s: status %d: %s", path, a.Status, a.Body)
		}
	}
	a := testkit.Ask(t, s, "/fr/statements/cnss-communique-1/history")
	if got := a.Text("#e1"); !strings.Contains(got, "Ordonnance du tribunal") || a.Attr("#e1 h3 a", "href") != "" {
		t.Errorf("the history says %s", got)
	}
	if got := a.Text("#e2"); !strings.Contains(got, "n’existe plus") || strings.Contains(got, "série") {
		t.Errorf("edition 2 says %s", got)
	}
	if a := testkit.Ask(t, s, "/fr/statements/cnss-communique-1/compare?from=1&to=2"); a.Status != http.StatusOK || !strings.Contains(a.Text("main"), "n’existe plus") {
		t.Errorf("compared: status %d", a.Status)
	}
	if a := testkit.Ask(t, s, "/fr/statements/cnss-communique-1"); a.Status != http.StatusOK {
		t.Errorf("the statement: status %d", a.Status)
	}
}

// TestAMergedRecordKeepsItsEditions reads the editions of a merged institution.
func TestAMergedRecordKeepsItsEditions(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	id, err := s.editorial.ProposeMerge(t.Context(), s.staff[testkit.Editor], editorial.Merge{
		Record: s.recordAt(t, register.TypeInstitution, "dgssi").ID, Target: s.recordAt(t, register.TypeInstitution, "cndp").ID,
		Reason: inWords("Doublon", "مكرر", "Duplicate"),
	})
	s.confirmed(t, id, err)
	a := testkit.Ask(t, s, "/fr/institutions/dgssi/editions/1")
	if a.Status != http.StatusOK || !strings.Contains(a.Text(".notice--warn"), "réuni à un autre") || a.Attr(".notice--warn a", "href") != "/fr/institutions/cndp" {
		t.Errorf("status %d: %s", a.Status, a.Text(".notice--warn"))
	}
	if a := testkit.Ask(t, s, "/fr/institutions/dgssi/history"); a.Status != http.StatusOK {
		t.Errorf("the history: status %d", a.Status)
	}
}

// TestTheIncidentAsKnownOnADay reads the pages of the days around the attack.
func TestTheIncidentAsKnownOnADay(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	now := testkit.Ask(t, s, "/fr/incidents/cnss-2025").Page().Find(".entry").Length()
	for _, c := range []struct {
		day           string
		shown, doubts int
		left          string
	}{
		{"2025-04-07", 0, 0, "26 entrées n’étaient pas encore connues"},
		{"2025-04-08", 7, 7, "19 entrées"},
		{"2025-04-09", 19, 8, "7 entrées"},
		{"2025-04-13", 26, 4, ""},
	} {
		a := testkit.Ask(t, s, "/fr/incidents/cnss-2025?asof="+c.day)
		if got := a.Page().Find(".entry").Length(); got != c.shown {
			t.Errorf("%s: %d entries of %d, want %d", c.day, got, now, c.shown)
		}
		doubts := a.Page().Find(`.entry > p:contains("peut-être connu")`).Length()
		if doubts != c.doubts {
			t.Errorf("%s: %d entries are possible, want %d", c.day, doubts, c.doubts)
		}
		if banner := a.Text(".notice"); !strings.Contains(banner, c.left) || !strings.Contains(banner, "rien encore") {
			t.Errorf("%s: the banner says %s", c.day, banner)
		}
		if a.Attr(`meta[name="robots"]`, "content") != "noindex" || !strings.HasSuffix(a.Attr(`link[rel="canonical"]`, "href"), "/fr/incidents/cnss-2025") {
			t.Errorf("%s: may be found again", c.day)
		}
	}
	a := testkit.Ask(t, s, "/fr/incidents/cnss-2025?asof=2025-04-09&kind=statement")
	if to := a.Attr(`.notice a[rel~="next"]`, "href"); to != "/fr/incidents/cnss-2025?asof=2025-04-10&kind=statement" {
		t.Errorf("the next day is at %q", to)
	}
	if strings.Contains(a.Text("main"), "10 avril 2025") && strings.Contains(a.Text("#_timeline"), "porte-parole") {
		t.Error("the page of the 9th speaks of the 10th")
	}
	for _, bad := range []string{"hier", "2025-04", "2025-13-01", "2025-04-31", "2027-01-01", "2025-04-09~"} {
		if a := testkit.Ask(t, s, "/fr/incidents/cnss-2025?asof="+bad); a.Status != http.StatusBadRequest {
			t.Errorf("asof=%s: status %d", bad, a.Status)
		}
	}
	if a := testkit.Ask(t, s, "/fr/incidents/cnss-2025?asof="); a.Status != http.StatusOK || a.Text("#_asof") != "" {
		t.Errorf("an empty day: status %d", a.Status)
	}
}
