package web_test

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/testkit"
)

// loaded is a record of the founding register, as it is worked on.
func (s *deskSite) loaded(tb testing.TB, t register.RecordType, slug string) editorial.Draft {
	tb.Helper()
	head, err := desk.New(store.Wrap(s.db.Desk()).Querier()).RecordBySlug(tb.Context(), t, slug)
	if err != nil {
		tb.Fatal(err)
	}
	draft, _, err := s.editorial.Load(tb.Context(), s.staff[testkit.Analyst], head.ID)
	if err != nil {
		tb.Fatal(err)
	}
	return draft
}

func (s *deskSite) saved(tb testing.TB, draft editorial.Draft) editorial.Version {
	tb.Helper()
	v, err := s.editorial.Save(tb.Context(), s.staff[testkit.Analyst], draft)
	if err != nil {
		tb.Fatal(err)
	}
	return v
}

// sendChanges changes a record of each type, and sends all for review together.
func sendChanges(tb testing.TB, s *deskSite) (bundle string, incident editorial.Version) {
	tb.Helper()
	i := s.loaded(tb, register.TypeIncident, "cnss-2025")
	st := s.loaded(tb, register.TypeStatement, "briefing-2025-04-10")
	in := s.loaded(tb, register.TypeInstitution, "cnss")
	i.Incident.Title["fr"] += " (corrigé)"
	i.Incident.Title["ar"] += " مصحح"
	i.Incident.Events = i.Incident.Events[1:]
	i.Incident.Standing = "disputed"
	st.Statement.Summary["en"] = "Corrected " + st.Statement.Summary["en"]
	in.Institution.Description = register.Text{"fr": "Décrite à nouveau"}
	incident = s.saved(tb, i)
	along := []register.Ref{s.saved(tb, st).ID, s.saved(tb, in).ID}
	bundle, err := s.editorial.SendBundle(tb.Context(), s.staff[testkit.Analyst], incident, along, "Merci de relire")
	if err != nil {
		tb.Fatal(err)
	}
	return bundle, incident
}

func confirmed(more url.Values) url.Values {
	out := url.Values{"act": {"publish"}, "when": {"now"}, "reason.fr": {"Correction du titre"}}
	for _, item := range register.ReviewChecks() {
		out.Set("checks."+item, "yes")
	}
	maps.Copy(out, more)
	return out
}

func TestAReviewShowsWhatDiffers(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	bundle, _ := sendChanges(t, s)
	page := testkit.Ask(t, s, "/fr/desk/review/"+bundle, testkit.As(testkit.Editor))
	if page.Status != http.StatusOK {
		t.Fatalf("status %d", page.Status)
	}
	for selector, want := range map[string]string{
		"#record-1 ins":               "(corrigé)",
		`#record-1 [lang="ar"] ins`:   "مصحح",
		"#record-1 .diff-line--del":   "Retiré",
		"#record-2, #record-3":        "Corrected",
		"main blockquote":             "Merci de relire",
		`[aria-labelledby="carried"]`: "édition 1 → 2",
	} {
		if text := page.Page().Find(selector).Text(); !strings.Contains(text, want) {
			t.Errorf("%s says %q, want %q", selector, text, want)
		}
	}
	if n := page.Page().Find("main form [name=act][value=publish]").Length(); n != 1 {
		t.Errorf("%d buttons to publish", n)
	}
	// Who changed it, and who may not, is told why.
	for email, want := range map[string]string{testkit.Analyst: "administrateur"} {
		if got := testkit.Ask(t, s, "/fr/desk/review/"+bundle, testkit.As(email)).Text("#refusal"); !strings.Contains(got, want) {
			t.Errorf("%s is told %q", email, got)
		}
	}
	queue := testkit.Ask(t, s, "/ar/desk/review?type=incident&show=unclaimed&institution=CNSS", testkit.As(testkit.Editor))
	if href := queue.Attr(".queue h2 a", "href"); href != "/ar/desk/review/"+bundle {
		t.Errorf("the queue leads to %q", href)
	}
	if empty := testkit.Ask(t, s, "/fr/desk/review?type=statement", testkit.As(testkit.Editor)); empty.Page().Find(".queue").Length() > 0 {
		t.Error("a filter lets pass what it should not")
	}
}

func TestAReviewIsDecidedOnItsPage(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	bundle, incident := sendChanges(t, s)
	target := "/fr/desk/review/" + bundle
	post := func(email string, form url.Values) *testkit.Answer {
		return testkit.Post(t, s, target, form, testkit.As(email))
	}
	// What is missing is asked for, and what was typed is kept.
	refused := post(testkit.Editor, url.Values{"act": {"publish"}, "when": {"at"}, "at": {"demain peut-être"}, "reason.ar": {"تصحيح"}})
	if refused.Status != http.StatusUnprocessableEntity || refused.Attr(`[name="reason.ar"]`, "value") != "تصحيح" ||
		refused.Attr(`[name="at"]`, "aria-invalid") != "true" {
		t.Errorf("status %d", refused.Status)
	}
	refused = post(testkit.Editor, url.Values{"act": {"publish"}, "reason.fr": {"x"}})
	if refused.Status != http.StatusUnprocessableEntity || refused.Page().Find(".error-summary a").Length() != len(register.ReviewChecks()) {
		t.Errorf("status %d: %s", refused.Status, refused.Text(".error-summary"))
	}
	if a := post(testkit.Editor, url.Values{"act": {"return"}}); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("returned without a word: status %d", a.Status)
	}
	again := testkit.Ask(t, s, target, testkit.As(testkit.Editor))
	if again.Page().Find(`.notice[role="status"]`).Length() == 0 {
		t.Error("what was typed is not back")
	}

	if a := post(testkit.Editor2, url.Values{"act": {"claim"}}); a.Status != http.StatusSeeOther {
		t.Fatalf("claim: status %d", a.Status)
	}
	if a := post(testkit.Editor, confirmed(nil)); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Text(".error-summary"), "editor2") {
		t.Errorf("taken by another: status %d: %s", a.Status, a.Text(".error-summary"))
	}
	if a := post(testkit.Editor2, confirmed(url.Values{"when": {"at"}, "at": {"1er décembre 2026 à 9h30"}})); a.Status != http.StatusSeeOther {
		t.Fatalf("set a time: status %d: %s", a.Status, a.Text(".error-summary"))
	}
	if state := testkit.Ask(t, s, target, testkit.As(testkit.Editor2)).Text("main .notice"); !strings.Contains(state, "09:30") {
		t.Errorf("the page says %q", state)
	}
	if a := post(testkit.Editor2, confirmed(nil)); a.Status != http.StatusSeeOther {
		t.Fatalf("publish: status %d: %s", a.Status, a.Text(".error-summary"))
	}
	if a := post(testkit.Editor2, confirmed(nil)); a.Status != http.StatusConflict || !strings.Contains(a.Text(".error-summary"), "entre-temps") {
		t.Errorf("a second time: status %d: %s", a.Status, a.Text(".error-summary"))
	}
	for lang, want := range map[string]string{"fr": "(corrigé)", "ar": "مصحح"} {
		if got := testkit.Ask(t, s, "/"+lang+"/incidents/cnss-2025").Text("h1"); !strings.Contains(got, want) {
			t.Errorf("readers see %q", got)
		}
	}
	history := testkit.Ask(t, s, "/fr/desk/incidents/"+string(incident.ID)+"/history", testkit.As(testkit.Analyst))
	if acts := history.Text(".comments"); !strings.Contains(acts, "Publiée") || !strings.Contains(acts, "Merci de relire") {
		t.Errorf("the history says %q", acts)
	}
}

// TestForgedDecisions sends what no page of ours offers.
func TestForgedDecisions(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	bundle, incident := sendChanges(t, s)
	for name, c := range map[string]struct {
		email, path string
		form        url.Values
		want        int
	}{
		"an analyst":              {testkit.Analyst, bundle, confirmed(nil), http.StatusForbidden},
		"a record for a review":   {testkit.Editor, string(incident.ID), confirmed(nil), http.StatusNotFound},
		"an act that is none":     {testkit.Editor, bundle, url.Values{"act": {"approve-for-me"}}, http.StatusBadRequest},
		"as somebody else":        {testkit.Analyst, bundle, confirmed(url.Values{"reviewer": {s.staff[testkit.Editor].ID}}), http.StatusForbidden},
		"another's claim let go":  {testkit.Editor, bundle, url.Values{"act": {"release"}}, http.StatusForbidden},
		"a time that was not set": {testkit.Editor, bundle, url.Values{"act": {"unschedule"}}, http.StatusConflict},
	} {
		t.Run(name, func(t *testing.T) {
			if a := testkit.Post(t, s, "/fr/desk/review/"+c.path, c.form, testkit.As(c.email)); a.Status != c.want {
				t.Errorf("status %d, want %d: %s", a.Status, c.want, a.Text("main"))
			}
		})
	}
	// A source of the record that the reviewer changed makes him an author.
	draft := s.loaded(t, register.TypeIncident, "cnss-2025")
	v, err := s.editorial.Save(t.Context(), s.staff[testkit.Editor], draft)
	if err != nil {
		t.Fatal(err)
	}
	bundle, err = s.editorial.SendBundle(t.Context(), s.staff[testkit.Analyst], v, nil, "")
	if err != nil {
		t.Fatal(err)
	}
	page := testkit.Ask(t, s, "/fr/desk/review/"+bundle, testkit.As(testkit.Editor))
	if got := page.Text("#refusal"); !strings.Contains(got, "Vous avez modifié") {
		t.Errorf("the co-author is told %q", got)
	}
	if a := testkit.Post(t, s, "/fr/desk/review/"+bundle, confirmed(nil), testkit.As(testkit.Editor)); a.Status != http.StatusForbidden || a.Text("#refusal") == "" {
		t.Errorf("the co-author publishes: status %d", a.Status)
	}
}

// TestWhatKeepsARecordFromBeingSent names what is wrong, in the record and in
// what goes along, and leads to the field of each.
func TestWhatKeepsARecordFromBeingSent(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	analyst := testkit.As(testkit.Analyst)
	draft := s.loaded(t, register.TypeIncident, "cnss-2025")
	m := &draft.Incident.Measures[0]
	m.Sources, m.SaidIn = nil, nil
	draft.Incident.Title = register.Text{"en": "Only in English"}
	v := s.saved(t, draft)
	in := s.loaded(t, register.TypeInstitution, "cnss")
	in.Institution.Description = register.Text{"fr": "Décrite"}
	in.Institution.Website = "pas une adresse"
	changed := s.saved(t, in)
	target := "/fr/desk/incidents/" + string(v.ID) + "/send"
	a := testkit.Post(t, s, target, url.Values{"note": {"prêt"}, "along": {string(changed.ID)}}, analyst)
	if a.Status != http.StatusUnprocessableEntity || a.Text("#note") != "prêt" {
		t.Fatalf("status %d: %s", a.Status, a.Text("main"))
	}
	said := a.Text(".error-summary")
	for _, words := range []string{m.Title["fr"], "Caisse"} {
		if !strings.Contains(said, words) {
			t.Errorf("%q is not named: %s", words, said)
		}
	}
	s.wantLinksToFields(t, a, ".error-summary li", 3)
}

// TestTheGaugeLeadsToEveryField: each missing thing is named, and a link leads
// to where it is entered.
func TestTheGaugeLeadsToEveryField(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	r := s.record(t, register.TypeIncident, "cnss-2025")
	a := testkit.Ask(t, s, "/fr"+r.address, testkit.As(testkit.Analyst))
	const gauge = `[aria-labelledby="checks"] li`
	list := a.Page().Find(gauge)
	seen := map[string]bool{}
	for _, item := range list.EachIter() {
		if text := strings.TrimSpace(item.Text()); seen[text] {
			t.Errorf("%q stands there twice", text)
		} else {
			seen[text] = true
		}
	}
	s.wantLinksToFields(t, a, gauge, 5)
}

// wantLinksToFields asks that each line of a list leads to a field of a page
// that is there.
func (s *deskSite) wantLinksToFields(t *testing.T, a *testkit.Answer, lines string, least int) {
	t.Helper()
	list := a.Page().Find(lines)
	if list.Length() < least {
		t.Fatalf("%d lines: %s", list.Length(), list.Text())
	}
	for _, line := range list.EachIter() {
		href := line.Find("a").AttrOr("href", "")
		target, id, found := strings.Cut(href, "#")
		if !found {
			t.Errorf("%q leads to %q, no field", line.Text(), href)
			continue
		}
		page := testkit.Ask(t, s, target, testkit.As(testkit.Analyst))
		if page.Status != http.StatusOK || page.Page().Find(`[id="`+id+`"]`).Length() != 1 {
			t.Errorf("%q leads to %s: status %d, and no such field", line.Text(), href, page.Status)
		}
	}
}

func TestARecordIsSentFromItsPage(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	analyst := testkit.As(testkit.Analyst)
	draft := s.loaded(t, register.TypeIncident, "cnss-2025")
	draft.Incident.Title["en"] = "Renamed"
	v := s.saved(t, draft)
	in := s.loaded(t, register.TypeInstitution, "cnss")
	in.Institution.Description = register.Text{"fr": "Décrite"}
	changed := s.saved(t, in)
	target := "/fr/desk/incidents/" + string(v.ID) + "/send"
	page := testkit.Ask(t, s, target, analyst)
	if got := page.Attr("input[name=along]", "value"); page.Status != http.StatusOK || got != string(changed.ID) {
		t.Fatalf("status %d, along %q", page.Status, got)
	}
	sent := testkit.Post(t, s, target, url.Values{"note": {"prêt"}, "along": {string(changed.ID)}}, analyst)
	to := sent.Header.Get("Location")
	if sent.Status != http.StatusSeeOther || !strings.HasPrefix(to, "/fr/desk/review/") {
		t.Fatalf("status %d to %q: %s", sent.Status, to, sent.Text("main"))
	}
	if review := testkit.Ask(t, s, to, analyst); review.Page().Find("section[id^=record-]").Length() != 2 {
		t.Errorf("not both are in review: %s", review.Text("main"))
	}
	if again := testkit.Ask(t, s, target, analyst); again.Page().Find("main form textarea").Length() > 0 {
		t.Error("it can be sent twice")
	}
	if a := testkit.Ask(t, s, strings.Replace(target, "incidents", "statements", 1), analyst); a.Status != http.StatusNotFound {
		t.Errorf("under another type: status %d", a.Status)
	}
	// Work on the record as a whole.
	history := "/fr/desk/incidents/" + string(v.ID) + "/history"
	for _, c := range []struct {
		form url.Values
		want int
	}{
		{url.Values{"act": {"comment"}, "comment": {"À voir"}}, http.StatusSeeOther},
		{url.Values{"act": {"comment"}, "comment": {" "}}, http.StatusUnprocessableEntity},
		{url.Values{"act": {"comment"}, "comment": {strings.Repeat("x", 6000)}}, http.StatusUnprocessableEntity},
		{url.Values{"act": {"assign"}, "account": {s.staff[testkit.Editor].ID}}, http.StatusSeeOther},
		{url.Values{"act": {"assign"}, "account": {"nobody"}}, http.StatusBadRequest},
		{url.Values{"act": {"discard"}, "version": {"1"}}, http.StatusConflict},
		{url.Values{"act": {"burn"}}, http.StatusBadRequest},
	} {
		if a := testkit.Post(t, s, history, c.form, analyst); a.Status != c.want {
			t.Errorf("%v: status %d, want %d", c.form, a.Status, c.want)
		}
	}
	comment := url.Values{"comment": {"Sur l’institution"}, "record": {string(changed.ID)}}
	if a := testkit.Post(t, s, to[:strings.Index(to, "?")]+"/comments", comment, analyst); a.Status != http.StatusSeeOther {
		t.Errorf("comment: status %d", a.Status)
	}
	if a := testkit.Post(t, s, to[:strings.Index(to, "?")]+"/comments", url.Values{"comment": {""}}, analyst); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("an empty comment: status %d", a.Status)
	}
}

// TestADraftWithNothingInItOpens sends an incident with an institution of
// which not even the kind is known: the page names what is missing, and leads to
// where it is entered.
func TestADraftWithNothingInItOpens(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	bare := s.saved(t, editorial.Draft{Institution: &register.Institution{Language: "fr", Slug: "agence-nue"}})
	logged, err := s.editorial.Log(t.Context(), s.staff[testkit.Analyst], editorial.NewIncident{
		Title: "Panne", Lang: "fr", Institution: bare.ID, Kind: "availability/dos",
	})
	if err != nil {
		t.Fatal(err)
	}
	kind := "/fr/desk/institutions/" + string(bare.ID) + "/basics#kind"
	a := testkit.Post(t, s, "/fr/desk/incidents/"+string(logged.ID)+"/send", url.Values{"note": {"À relire"}}, testkit.As(testkit.Analyst))
	if a.Status != http.StatusUnprocessableEntity || a.Page().Find(`.error-summary a[href="`+kind+`"]`).Length() != 1 {
		html, _ := a.Page().Find(".error-summary").Html()
		t.Fatalf("status %d, %s", a.Status, html)
	}
	page := "/fr/desk/institutions/" + string(bare.ID)
	for _, part := range []string{"", "/basics", "/preview", "/history", "/send"} {
		if a := testkit.Ask(t, s, page+part, testkit.As(testkit.Analyst)); a.Status != http.StatusOK {
			t.Errorf("%s%s: status %d", page, part, a.Status)
		}
	}
}
