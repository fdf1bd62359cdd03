package web_test

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
)

// sent are the fields of a page as a browser would send them, with some typed
// over.
func sent(t *testing.T, s *deskSite, page string, typed url.Values) url.Values {
	t.Helper()
	out := filled(t, testkit.Ask(t, s, page, testkit.As(testkit.Analyst)))
	maps.Copy(out, typed)
	return out
}

func TestWhatIsRefusedStaysInTheForm(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	r := s.record(t, register.TypeIncident, "cnss-2025")
	_, before := s.whole(t, r)
	page := "/fr" + r.address + "/events/new"
	typed := url.Values{
		"title.fr": {"Une panne"}, "title.ar": {"عطب"}, "dates": {"0"}, "dates.0.date": {"quelques jours avant"},
		"dates.0.basis": {"stated"}, "body.fr": {"Première ligne\nseconde ligne"}, "institutions.find": {"Aucune de ce nom"},
	}
	a := testkit.Post(t, s, page, sent(t, s, page, typed), testkit.As(testkit.Analyst))
	if a.Status != http.StatusUnprocessableEntity {
		t.Fatalf("status %d", a.Status)
	}
	again := filled(t, a)
	for name, want := range typed {
		if got := strings.ReplaceAll(again.Get(name), "\r", ""); got != want[0] {
			t.Errorf("%s holds %q, not %q", name, got, want[0])
		}
	}
	links := a.Page().Find(".error-summary a").Map(func(_ int, l *goquery.Selection) string { return l.AttrOr("href", "") })
	for _, field := range []string{"kind", "attestation", "dates.0.date", "institutions.find"} {
		if !slices.Contains(links, "#"+field) {
			t.Errorf("no link of the summary leads to %s: %v", field, links)
		}
		if in := a.Page().Find(`[id="` + field + `"]`); in.AttrOr("aria-invalid", "") != "true" || in.AttrOr("aria-describedby", "") == "" {
			t.Errorf("%s is not marked as wrong, with what is wrong", field)
		}
	}
	if said := a.Text(`[id="dates.0.date-error"]`); !strings.Contains(said, "quelques") {
		t.Errorf("the date is refused with %q", said)
	}
	if later := filled(t, testkit.Ask(t, s, page, testkit.As(testkit.Analyst))); later.Get("title.ar") != "عطب" {
		t.Error("what was refused is gone from the form on the next day")
	}
	if _, after := s.whole(t, r); after != before {
		t.Error("what was refused was saved")
	}
}

func TestAnItemWithAllThatIsMadeInItsForm(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	r := s.record(t, register.TypeIncident, "cnss-2025")
	page := "/ar" + r.address + "/events/new"
	typed := url.Values{
		"kind": {"other"}, "attestation": {"reported"}, "title.fr": {"Réunion à l’agence"}, "dates": {"0"}, "dates.0.date": {"12 أبريل 2025"},
		"dates.0.basis": {"stated"}, "institutions.find": {"CNSS"}, "institutions.new.name": {"Agence d’essai"}, "institutions.new.kind": {"agency"},
		"sources.find": {"src-002"}, "sources.new.url": {"https://journal.example/a"}, "sources.new.publisher": {"Journal d’essai"},
		"sources.new.title": {"Une réunion"}, "sources.new.kind": {"press-report"}, "sources.new.published": {"12/04/2025"},
		"slug": {"taken-over"}, "version.x": {"9"}, "events.0.title.fr": {"Autre"},
	}
	a := testkit.Post(t, s, page, sent(t, s, page, typed), testkit.As(testkit.Analyst))
	if a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Header.Get("Location"), "/ar"+r.address+"?done=saved") {
		t.Fatalf("status %d to %q: %s", a.Status, a.Header.Get("Location"), a.Text(".error-summary"))
	}
	draft, _ := s.whole(t, r)
	events := draft.Incident.Events
	e := events[len(events)-1]
	if e.Key != "reunion-a-l-agence" || e.Dates.Date().String() != "2025-04-12" || draft.Incident.Slug != "cnss-2025" {
		t.Errorf("saved as %+v in %s", e, draft.Incident.Slug)
	}
	fund := s.record(t, register.TypeInstitution, "cnss")
	made := s.record(t, register.TypeInstitution, "agence-d-essai")
	if !slices.Equal(e.Institutions, []register.Ref{fund.ID, made.ID}) {
		t.Errorf("institutions %v, want %s and %s", e.Institutions, fund.ID, made.ID)
	}
	if len(e.Sources) != 2 || e.Sources[0] != "src-002" {
		t.Fatalf("sources %v", e.Sources)
	}
	source, err := s.editorial.Source(t.Context(), s.staff[testkit.Analyst], e.Sources[1])
	if err != nil || source.Publisher != "Journal d’essai" || source.Published.String() != "2025-04-12" {
		t.Errorf("source %+v, %v", source, err)
	}
}

// TestASearchThatFindsMoreOffersThem asks which of several is meant, and takes
// the one that is chosen.
func TestASearchThatFindsMoreOffersThem(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	r := s.record(t, register.TypeStatement, "briefing-2025-04-10")
	page := "/fr" + r.address + "/basics"
	a := testkit.Post(t, s, page, sent(t, s, page, url.Values{"issuer.find": {"nationale"}}), testkit.As(testkit.Analyst))
	offered := a.Page().Find(`[data-picker="issuer"] input[type="radio"]`)
	if a.Status != http.StatusUnprocessableEntity || offered.Length() < 4 {
		t.Fatalf("status %d, %d offered", a.Status, offered.Length())
	}
	choice := offered.Eq(1).AttrOr("value", "") // the first is the one it had
	values := filled(t, a)
	values.Set("issuer", choice) // what was typed stays, and is answered now
	if a = testkit.Post(t, s, page, values, testkit.As(testkit.Analyst)); a.Status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", a.Status, a.Text(".error-summary"))
	}
	if draft, _ := s.whole(t, r); string(draft.Statement.Issuer) != choice {
		t.Errorf("issuer %s, not %s", draft.Statement.Issuer, choice)
	}
}

// TestASearchWithoutScriptKnowsEveryName: what is typed is found as the script's
// picker finds it, by an acronym, without accents or hamza, and in any language.
func TestASearchWithoutScriptKnowsEveryName(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	r := s.record(t, register.TypeStatement, "briefing-2025-04-10")
	cnss := s.loaded(t, register.TypeInstitution, "cnss")
	page := "/fr" + r.address + "/basics"
	ways := []string{"cnss", "CNSS", cnss.Institution.NameText(register.NameOfficial)["fr"]}
	for _, n := range cnss.Institution.Names {
		ways = append(ways, strings.NewReplacer("é", "e", "è", "e", "أ", "ا", "إ", "ا").Replace(n.Name))
	}
	for _, typed := range ways {
		draft, _ := s.whole(t, r)
		draft.Statement.Issuer = ""
		s.saved(t, draft)
		a := testkit.Post(t, s, page, sent(t, s, page, url.Values{"issuer.find": {typed}}), testkit.As(testkit.Analyst))
		if draft, _ = s.whole(t, r); a.Status != http.StatusSeeOther || draft.Statement.Issuer != cnss.ID {
			t.Errorf("%q: status %d, issuer %q: %s", typed, a.Status, draft.Statement.Issuer, a.Text(".error-summary"))
		}
	}
}

func TestListsChangeWithoutScript(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	r := s.record(t, register.TypeIncident, "cnss-2025")
	draft, before := s.whole(t, r)
	figures := draft.Incident.Exposures[0].Figures
	page := "/fr" + r.address + "/exposures/" + draft.Incident.Exposures[0].Key
	values := sent(t, s, page, url.Values{"title.en": {"Typed meanwhile"}, "op": {"add:figures"}})
	a := testkit.Post(t, s, page, values, testkit.As(testkit.Analyst))
	added := filled(t, a)
	if a.Status != http.StatusOK || len(added["figures"]) != len(figures)+1 || added.Get("title.en") != "Typed meanwhile" {
		t.Fatalf("status %d, %d figures, title %q", a.Status, len(added["figures"]), added.Get("title.en"))
	}
	if focused := a.Page().Find("[autofocus]").AttrOr("name", ""); !strings.HasPrefix(focused, "figures."+added["figures"][len(figures)]+".") {
		t.Errorf("the focus is on %q", focused)
	}
	if _, after := s.whole(t, r); after != before {
		t.Error("the record was changed")
	}
	added.Set("op", "up:figures.1")
	a = testkit.Post(t, s, page, added, testkit.As(testkit.Analyst))
	if a = testkit.Post(t, s, page, filled(t, a), testkit.As(testkit.Analyst)); a.Status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", a.Status, a.Text(".error-summary"))
	}
	draft, _ = s.whole(t, r)
	now := draft.Incident.Exposures[0]
	if now.Figures[0].Key != figures[1].Key || now.Figures[1].Key != figures[0].Key || len(now.Figures) != len(figures) || now.Title["en"] != "Typed meanwhile" {
		t.Errorf("figures are now %+v", now.Figures)
	}
}

// TestTwoPeopleAtOnce lets two people save the same part from the same version:
// in different fields, and in the same one.
func TestTwoPeopleAtOnce(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	r := s.record(t, register.TypeIncident, "cnss-2025")
	page := "/fr" + r.address + "/basics"
	mine := sent(t, s, page, url.Values{"title.en": {"Mine"}, "summary.en": {"My summary"}})
	theirs := sent(t, s, page, url.Values{"title.en": {"Theirs"}, "title.fr": {"La leur"}})
	if a := testkit.Post(t, s, page, theirs, testkit.As(testkit.Editor)); a.Status != http.StatusSeeOther {
		t.Fatalf("status %d", a.Status)
	}
	a := testkit.Post(t, s, page, mine, testkit.As(testkit.Analyst))
	if a.Status != http.StatusConflict || !strings.Contains(a.Text("main"), "Mine") || !strings.Contains(a.Text("main"), "Theirs") {
		t.Fatalf("status %d: %s", a.Status, a.Text("main"))
	}
	if a.Page().Find(".conflict-pair del").Length() == 0 || a.Page().Find(".conflict-pair ins").Length() == 0 {
		t.Error("the words that differ are not marked")
	}
	answer := filled(t, a)
	answer.Set("take.title.en", "own")
	answer.Set("own.title.en", "Both")
	if a = testkit.Post(t, s, page, answer, testkit.As(testkit.Analyst)); a.Status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", a.Status, a.Text(".error-summary"))
	}
	draft, _ := s.whole(t, r)
	got := []string{draft.Incident.Title["en"], draft.Incident.Title["fr"], draft.Incident.Summary["en"]}
	if want := []string{"Both", "La leur", "My summary"}; !slices.Equal(got, want) {
		t.Errorf("merged to %q, want %q", got, want)
	}
}

// TestTwoItemsOfOneListDoNotCollide lets two people change two measures at the
// same time: both changes are kept, and nobody is asked.
func TestTwoItemsOfOneListDoNotCollide(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	r := s.record(t, register.TypeIncident, "cnss-2025")
	draft, _ := s.whole(t, r)
	var forms []url.Values
	var pages []string
	for i, words := range []string{"First", "Second"} {
		page := "/fr" + r.address + "/measures/" + draft.Incident.Measures[i].Key
		pages = append(pages, page)
		forms = append(forms, sent(t, s, page, url.Values{"title.en": {words}}))
	}
	var next string
	for i, email := range []string{testkit.Editor, testkit.Analyst} {
		a := testkit.Post(t, s, pages[i], forms[i], testkit.As(email))
		if a.Status != http.StatusSeeOther {
			t.Fatalf("status %d: %s", a.Status, a.Text("main"))
		}
		next, _, _ = strings.Cut(a.Header.Get("Location"), "#")
	}
	s.wantTold(t, next, testkit.Analyst, "editor", "anglais", "First")
	draft, _ = s.whole(t, r)
	if got := []string{draft.Incident.Measures[0].Title["en"], draft.Incident.Measures[1].Title["en"]}; !slices.Equal(got, []string{"First", "Second"}) {
		t.Errorf("merged to %q", got)
	}
}

// TestTheItemWasRemovedMeanwhile keeps what was typed into an item that
// somebody else has removed, and asks.
func TestTheItemWasRemovedMeanwhile(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	r := s.record(t, register.TypeIncident, "cnss-2025")
	draft, _ := s.whole(t, r)
	key := draft.Incident.Measures[0].Key
	page := "/fr" + r.address + "/measures/" + key
	typed := sent(t, s, page, url.Values{"title.en": {"Changed"}})
	question := testkit.Ask(t, s, page+"/remove", testkit.As(testkit.Editor))
	version := question.Attr(`main input[name="version"]`, "value")
	if a := testkit.Post(t, s, page+"/remove", url.Values{"version": {version}}, testkit.As(testkit.Editor)); a.Status != http.StatusSeeOther {
		t.Fatalf("status %d", a.Status)
	}
	if a := testkit.Ask(t, s, page, testkit.As(testkit.Editor)); a.Status != http.StatusNotFound {
		t.Errorf("the removed item is still there: status %d", a.Status)
	}
	a := testkit.Post(t, s, page, typed, testkit.As(testkit.Analyst))
	choice := a.Page().Find(`input[name^="take."]`).First().AttrOr("name", "")
	if a.Status != http.StatusConflict || choice == "" {
		t.Fatalf("status %d, choice %q", a.Status, choice)
	}
	answer := filled(t, a)
	answer.Set(choice, "mine")
	if a = testkit.Post(t, s, page, answer, testkit.As(testkit.Analyst)); a.Status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", a.Status, a.Text(".error-summary"))
	}
	draft, _ = s.whole(t, r)
	if i := slices.IndexFunc(draft.Incident.Measures, func(m register.Measure) bool { return m.Key == key }); i < 0 || draft.Incident.Measures[i].Title["en"] != "Changed" {
		t.Error("what was typed is lost")
	}
}

// TestWhatIsReferredToStays refuses to remove what another part of the record
// refers to, and says so.
func TestWhatIsReferredToStays(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	r := s.record(t, register.TypeIncident, "cnss-2025")
	draft, before := s.whole(t, r)
	i := slices.IndexFunc(draft.Incident.Events, func(e register.Event) bool { return e.Exposure != "" })
	page := "/fr" + r.address + "/exposures/" + draft.Incident.Events[i].Exposure + "/remove"
	version := testkit.Ask(t, s, page, testkit.As(testkit.Analyst)).Attr(`main input[name="version"]`, "value")
	a := testkit.Post(t, s, page, url.Values{"version": {version}}, testkit.As(testkit.Analyst))
	if a.Status != http.StatusUnprocessableEntity || a.Page().Find(".error-summary li").Length() == 0 {
		t.Errorf("status %d: %s", a.Status, a.Text("main"))
	}
	if a = testkit.Post(t, s, page, url.Values{"version": {"999"}}, testkit.As(testkit.Analyst)); a.Status != http.StatusConflict {
		t.Errorf("a version that is none: status %d", a.Status)
	}
	said := s.record(t, register.TypeStatement, "cnss-communique-1")
	page = "/fr" + said.address + "/claims/leak/remove"
	version = testkit.Ask(t, s, page, testkit.As(testkit.Analyst)).Attr(`main input[name="version"]`, "value")
	if a = testkit.Post(t, s, page, url.Values{"version": {version}}, testkit.As(testkit.Analyst)); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("a claim on which others rest: status %d", a.Status)
	}
	if _, after := s.whole(t, r); after != before {
		t.Error("the record was changed")
	}
}

// TestThePreviewIsTheDraftAndStaysInside shows what readers would see, in three
// languages, and that they do not see it yet.
func TestThePreviewIsTheDraftAndStaysInside(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	r := s.record(t, register.TypeIncident, "cnss-2025")
	const words = "Nobody has published this title"
	page := "/fr" + r.address + "/basics"
	if a := testkit.Post(t, s, page, sent(t, s, page, url.Values{"title.en": {words}}), testkit.As(testkit.Analyst)); a.Status != http.StatusSeeOther {
		t.Fatalf("status %d", a.Status)
	}
	a := testkit.Ask(t, s, "/fr"+r.address+"/preview?lang=en", testkit.As(testkit.Editor))
	if a.Status != http.StatusOK || a.Text("h1") != words || a.Attr(`meta[name="robots"]`, "content") != "noindex" || a.Page().Find(".preview-banner").Length() != 1 {
		t.Errorf("status %d, heading %q", a.Status, a.Text("h1"))
	}
	if entries := a.Page().Find(".entry").Length(); entries < 10 {
		t.Errorf("%d entries on the timeline", entries)
	}
	for _, lang := range []string{"fr", "ar"} {
		if a := testkit.Ask(t, s, "/fr"+r.address+"/preview?lang="+lang, testkit.As(testkit.Editor)); a.Attr("html", "lang") != lang {
			t.Errorf("%s: status %d in %q", lang, a.Status, a.Attr("html", "lang"))
		}
	}
	if a := testkit.Ask(t, s, "/fr"+r.address+"/preview?lang=xx", testkit.As(testkit.Editor)); a.Status != http.StatusBadRequest {
		t.Errorf("a language that is none: status %d", a.Status)
	}
	for _, record := range []recordAt{s.record(t, register.TypeStatement, "briefing-2025-04-10"), s.record(t, register.TypeInstitution, "cnss")} {
		if a := testkit.Ask(t, s, "/fr"+record.address+"/preview", testkit.As(testkit.Editor)); a.Status != http.StatusOK || a.Text("h1") == "" {
			t.Errorf("%s: status %d", record.address, a.Status)
		}
	}
	if public := testkit.Ask(t, s, "/en/incidents/cnss-2025"); strings.Contains(public.Body, words) {
		t.Error("the draft is public")
	}
}

// TestSearchesOfOneFormAreBounded: a form in which more is searched for than anybody types
// asks the database two hundred times; what was not looked for says so, and stays.
func TestSearchesOfOneFormAreBounded(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	r := s.record(t, register.TypeIncident, "cnss-2025")
	for lang, says := range map[string]string{"fr": "Pas encore recherché", "ar": "لم يبحث عن هذا بعد", "en": "Not looked for yet"} {
		page := "/" + lang + r.address + "/events/new"
		typed := url.Values{"institutions.find": {"Aucune de ce nom"}}
		for i := range 200 {
			typed.Add("dates", strconv.Itoa(i))
			typed.Set("dates."+strconv.Itoa(i)+".sources.find", "rien")
		}
		a := testkit.Post(t, s, page, sent(t, s, page, typed), testkit.As(testkit.Analyst))
		if a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Text(`[id="institutions.find-error"]`), says) {
			t.Errorf("%s: status %d, %q", lang, a.Status, a.Text(`[id="institutions.find-error"]`))
		}
		if first := a.Text(`[id="dates.0.sources.find-error"]`); first == "" || strings.Contains(first, says) {
			t.Errorf("%s: of what was looked for it says %q", lang, first)
		}
		if kept := filled(t, a).Get("institutions.find"); kept != "Aucune de ce nom" {
			t.Errorf("%s: what was typed is lost: %q", lang, kept)
		}
	}
}
