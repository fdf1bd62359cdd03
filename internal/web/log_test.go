package web_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
)

const logAddress = "/fr/desk/incidents/new"

// fiveThings are what an incident is logged with.
func fiveThings() url.Values {
	return url.Values{
		"title": {"Fuite de données à l’agence du bassin"}, "lang": {""},
		"institution.new.name": {"Agence du bassin"}, "institution.new.kind": {"agency"},
		"kind": {"information-content-security/data-leak"}, "date": {"jeudi 10 avril 2025"},
		"url": {"https://press.example/fuite"}, "publisher": {"La Presse"},
	}
}

// count is how many elements a selector finds.
func count(a *testkit.Answer, selector string) int { return a.Page().Find(selector).Length() }

// altered is a form with some fields filled otherwise.
func altered(form url.Values, pairs ...string) url.Values {
	out := maps.Clone(form)
	for i := 0; i+1 < len(pairs); i += 2 {
		out.Set(pairs[i], pairs[i+1])
	}
	return out
}

// loggedAt returns the incident to which an answer leads.
func (s *deskSite) loggedAt(t *testing.T, a *testkit.Answer) *register.Incident {
	t.Helper()
	to, _, _ := strings.Cut(a.Header.Get("Location"), "?")
	id := to[strings.LastIndex(to, "/")+1:]
	if a.Status != http.StatusSeeOther || !strings.Contains(to, "/desk/incidents/") {
		t.Fatalf("status %d to %q: %v", a.Status, to, a.Text(".error-summary li"))
	}
	draft, _, err := s.editorial.Load(t.Context(), s.staff[testkit.Analyst], register.Ref(id))
	if err != nil {
		t.Fatal(err)
	}
	return draft.Incident
}

// TestLoggingTakesAtMostTwoScreens counts them, and the inputs.
func TestLoggingTakesAtMostTwoScreens(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Database(t))
	as := testkit.As(testkit.Analyst)
	page := testkit.Ask(t, s, logAddress, as)
	inputs := count(page, `form.desk-form input:not([type=hidden]), form.desk-form select`)
	if inputs != 9 {
		t.Errorf("the form has %d inputs: the five things, the language, and the new institution's two", inputs)
	}
	if a := testkit.Post(t, s, logAddress, fiveThings(), as); a.Status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", a.Status, a.Text(".error-summary"))
	}
	// A second screen follows only where the register may have it already.
	again := altered(fiveThings(), "url", "https://press.example/again", "institution.new.name", "", "institution.new.kind", "", "institution.find", fiveThings().Get("institution.new.name"))
	asked := testkit.Post(t, s, logAddress, again, as)
	if asked.Status != http.StatusUnprocessableEntity || count(asked, "button[name=another]") != 1 {
		t.Fatalf("status %d: %s", asked.Status, asked.Text(".error-summary"))
	}
	answer := filled(t, asked)
	answer.Set("another", asked.Attr("button[name=another]", "value"))
	if a := testkit.Post(t, s, logAddress, answer, as); a.Status != http.StatusSeeOther {
		t.Fatalf("a third screen, with status %d: %s", a.Status, a.Text(".error-summary"))
	}
	t.Logf("logging an incident takes 1 screen, 2 where the register may have it already, and %d inputs with a new institution", inputs)
}

func TestLogAnIncident(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Database(t))
	as := testkit.As(testkit.Analyst)
	for _, c := range []struct {
		name, target, title, date string
		lang                      register.Lang
		edtf, slug                string
	}{
		{"in French", "/fr", "Fuite de données à l’agence", "jeudi 10 avril 2025", "fr", "2025-04-10", "fuite-de-donnees-a-l-agence"},
		{"in Arabic", "/ar", "تسريب معطيات الوكالة", "حوالي غشت ٢٠٢٤", "ar", "2024-08~", "agence-3-2024"},
		{"in English, on a French page", "/fr", "Outage of the agency at night", "early May 2023", "en", "2023-05-01/2023-05-10", "outage-of-the-agency-at-night"},
		{"without a date", "/fr", "Hameçonnage des usagers", "inconnue", "fr", "", "hameconnage-des-usagers"},
	} {
		form := altered(fiveThings(), "title", c.title, "date", c.date, "institution.new.name", "Agence 3", "url", "https://press.example/"+c.slug)
		i := s.loggedAt(t, testkit.Post(t, s, c.target+"/desk/incidents/new", form, as))
		if i.Title[c.lang] != c.title || i.Language != c.lang || i.Occurred().String() != c.edtf || i.Slug != c.slug {
			t.Errorf("%s: %s %v %q %q", c.name, i.Language, i.Title, i.Occurred(), i.Slug)
		}
		if len(i.Sources) != 1 || len(i.Affected) != 1 || (c.edtf == "") != (len(i.Events) == 0) {
			t.Errorf("%s: %+v", c.name, i)
		}
	}
	if _, err := s.editorial.Worksheet(t.Context(), s.staff[testkit.Analyst], "/desk/incidents/new"); err == nil {
		t.Error("saved, and still kept as unsaved work")
	}
}

func TestLogAsksAgainAndKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Database(t))
	for name, c := range map[string]struct {
		form  url.Values
		field string
		says  string
	}{
		"a wrong weekday":          {altered(fiveThings(), "date", "mercredi 10 avril 2025"), "date", "10 avril 2025"},
		"no date at all":           {altered(fiveThings(), "date", "brumaire"), "date", "brumaire"},
		"no title":                 {altered(fiveThings(), "title", " "), "title", ""},
		"no kind":                  {altered(fiveThings(), "kind", ""), "kind", ""},
		"no publisher":             {altered(fiveThings(), "publisher", ""), "publisher", ""},
		"no web address":           {altered(fiveThings(), "url", "javascript:alert(1)"), "url", ""},
		"an unknown institution":   {altered(fiveThings(), "institution.new.name", "", "institution.new.kind", "", "institution.find", "Office inconnu"), "institution.new.kind", "Office inconnu"},
		"a new one without a kind": {altered(fiveThings(), "institution.new.kind", ""), "institution.new.kind", ""},
	} {
		a := testkit.Post(t, s, logAddress, c.form, testkit.As(testkit.Analyst))
		if a.Status != http.StatusUnprocessableEntity || a.Attr(`[name="`+c.field+`"]`, "aria-invalid") != "true" {
			t.Errorf("%s: status %d, no problem at the field", name, a.Status)
		}
		if summary := a.Text(".error-summary li"); count(a, ".error-summary li") != 1 || !strings.Contains(summary, c.says) {
			t.Errorf("%s: the summary says %q", name, summary)
		}
		if count(a, `.error-summary a[href="#`+c.field+`"]`) != 1 {
			t.Errorf("%s: the summary does not lead to the field", name)
		}
		if got := a.Attr(`[name="publisher"]`, "value"); got != c.form.Get("publisher") {
			t.Errorf("%s: the publisher is %q now", name, got)
		}
	}
	a := testkit.Post(t, s, logAddress, altered(fiveThings(), "kind", "nonsense"), testkit.As(testkit.Analyst))
	if a.Status != http.StatusBadRequest {
		t.Errorf("a kind that no form has: status %d", a.Status)
	}
	a = testkit.Ask(t, s, logAddress, testkit.As(testkit.Analyst))
	if got := a.Attr(`[name="title"]`, "value"); got == "" || count(a, ".notice--warn") == 0 {
		t.Errorf("what was refused last is not kept: %q", got)
	}
	wrong := altered(fiveThings(), "title", "", "date", "brumaire", "publisher", "", "institution.new.kind", "")
	a = testkit.Post(t, s, logAddress, wrong, testkit.As(testkit.Analyst))
	links := a.Page().Find(".error-summary a").Map(func(_ int, l *goquery.Selection) string { return l.AttrOr("href", "") })
	if want := []string{"#title", "#institution.new.kind", "#date", "#publisher"}; !slices.Equal(links, want) {
		t.Errorf("with four things wrong the summary leads to %v, not to %v", links, want)
	}
}

// save makes a record of its own.
func (s *deskSite) save(t *testing.T, draft editorial.Draft) register.Ref {
	t.Helper()
	v, err := s.editorial.Save(t.Context(), s.staff[testkit.Analyst], draft)
	if err != nil {
		t.Fatal(err)
	}
	return v.ID
}

func namedInstitution(slug string, names ...string) *register.Institution {
	i := &register.Institution{Language: register.French, Slug: slug, Kind: register.InstitutionAgency}
	kinds := []register.NameKind{register.NameOfficial, register.NameAcronym, register.NameAlias}
	for n, name := range names {
		i.Names = append(i.Names, register.InstitutionName{Key: "n" + string(rune('a'+n)), Language: register.French, Kind: kinds[n], Name: name})
	}
	return i
}

func TestLogFindsTheInstitution(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Database(t))
	fund := s.save(t, editorial.Draft{Institution: namedInstitution("cnss", "Caisse nationale de sécurité sociale", "CNSS")})
	s.save(t, editorial.Draft{Institution: namedInstitution("cnops", "Caisse nationale des organismes de prévoyance sociale", "CNOPS")})
	form := altered(fiveThings(), "institution.new.name", "", "institution.new.kind", "")
	for _, typed := range []string{"cnss", "CAISSE NATIONALE DE SECURITE SOCIALE"} {
		i := s.loggedAt(t, testkit.Post(t, s, logAddress, altered(form, "institution.find", typed, "title", "Panne chez "+typed, "url", "", "publisher", "", "date", ""), testkit.As(testkit.Analyst)))
		if i.Affected[0].Institution != fund {
			t.Errorf("%q is %v", typed, i.Affected)
		}
	}
	a := testkit.Post(t, s, logAddress, altered(form, "institution.find", "caisse nationale"), testkit.As(testkit.Analyst))
	if choices := count(a, `input[name="institution"]:not([value=""])`); a.Status != http.StatusUnprocessableEntity || choices != 2 {
		t.Errorf("two are called so: status %d, %d choices", a.Status, choices)
	}
	i := s.loggedAt(t, testkit.Post(t, s, logAddress, altered(form, "institution", string(fund), "date", "2020"), testkit.As(testkit.Analyst)))
	if i.Affected[0].Institution != fund {
		t.Errorf("chosen %v", i.Affected)
	}
	for _, gone := range []string{"00000000-0000-0000-0000-000000000000", "x"} {
		a = testkit.Post(t, s, logAddress, altered(form, "institution", gone), testkit.As(testkit.Analyst))
		if a.Status != http.StatusUnprocessableEntity {
			t.Errorf("an institution that is not: status %d", a.Status)
		}
	}
}

func TestLogAsksWhetherItIsAnother(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Database(t))
	as := testkit.As(testkit.Analyst)
	first := s.loggedAt(t, testkit.Post(t, s, logAddress, fiveThings(), as))
	a := testkit.Post(t, s, logAddress, fiveThings(), as)
	links := count(a, `#duplicates li a`)
	if a.Status != http.StatusUnprocessableEntity || links != 1 || a.Text("#duplicates li a") != first.Title["fr"] {
		t.Fatalf("status %d, %d duplicates", a.Status, links)
	}
	if opened := testkit.Ask(t, s, a.Attr(`#duplicates li a`, "href"), as); opened.Status != http.StatusOK {
		t.Errorf("open it instead: status %d", opened.Status)
	}
	others := a.Attr(`button[name="another"]`, "value")
	second := s.loggedAt(t, testkit.Post(t, s, logAddress, altered(fiveThings(), "another", others), as))
	if second.Slug == first.Slug {
		t.Errorf("both have the slug %q", second.Slug)
	}
	// What was found since is asked again.
	if a = testkit.Post(t, s, logAddress, altered(fiveThings(), "another", others), as); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("a duplicate that nobody has seen: status %d", a.Status)
	}
	var found struct {
		Heading string
		Items   []struct{ Title, Note, Href string }
	}
	query := url.Values{"url": {"https://press.example/fuite"}, "title": {"fuite donnees agence du bassin"}}
	live := testkit.Ask(t, s, logAddress+"/duplicates?"+query.Encode(), as, with("X-Requested-With", "sijil"))
	if err := json.Unmarshal([]byte(live.Body), &found); err != nil || len(found.Items) != 2 || found.Heading == "" || !strings.Contains(found.Items[0].Note, "même source") {
		t.Errorf("while typing: %s", live.Body)
	}
	live = testkit.Ask(t, s, logAddress+"/duplicates?date=brumaire&institution=x", as)
	if live.Status != http.StatusOK || !strings.Contains(live.Body, `"items":[]`) {
		t.Errorf("half typed: status %d %s", live.Status, live.Body)
	}
}

func TestDatesAreUnderstoodWhileTyped(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Database(t))
	for target, want := range map[string]string{
		"/fr/desk/dates?typed=10/04/2025":                        `"text":"jeudi 10 avril 2025"`,
		"/fr/desk/dates?typed=hier":                              `"edtf":"2026-11-19"`,
		"/ar/desk/dates?typed=" + url.QueryEscape("10 غشت 2024"): `"edtf":"2024-08-10"`,
		"/en/desk/dates?typed=Monday+10+April+2025":              `"problem":`,
		"/fr/desk/dates?typed=":                                  `{}`,
	} {
		a := testkit.Ask(t, s, target, testkit.As(testkit.Analyst), with("X-Requested-With", "sijil"))
		if a.Status != http.StatusOK || !strings.Contains(a.Body, want) {
			t.Errorf("%s: %d %s", target, a.Status, a.Body)
		}
	}
}

func TestPickersOfferRecords(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	as := testkit.As(testkit.Analyst)
	for target, want := range map[string]string{
		"/fr/desk/pick?type=institution&q=cnss":                                   `"label":"CNSS (`,
		"/ar/desk/pick?type=institution&q=" + url.QueryEscape("الضمان الإجتماعي"): `"status":"`,
		"/fr/desk/pick?type=incident&q=cyberattaque":                              `"status":"1 résultat"`,
		"/fr/desk/pick?type=statement&q=communique":                               `"href":"/fr/desk/statements/`,
		"/fr/desk/pick?type=source&q=hespress":                                    `"href":"/fr/desk/sources/`,
		"/fr/desk/pick?type=source&q=zzzz":                                        `"options":[]`,
	} {
		a := testkit.Ask(t, s, target, as, with("X-Requested-With", "sijil"))
		if a.Status != http.StatusOK || !strings.Contains(a.Body, want) {
			t.Errorf("%s: %d %.300s", target, a.Status, a.Body)
		}
	}
	a := testkit.Ask(t, s, "/fr/desk/pick?type=institution&q=cnss", as)
	if links := count(a, ".news-list a"); a.Status != http.StatusOK || links == 0 {
		t.Errorf("without script: status %d, %d links", a.Status, links)
	}
	for _, bad := range []string{"type=account", "type=institution&q=" + strings.Repeat("x", 300)} {
		if a := testkit.Ask(t, s, "/fr/desk/pick?"+bad, as); a.Status != http.StatusBadRequest {
			t.Errorf("%.40s: status %d", bad, a.Status)
		}
	}
}

func TestListsAreFiltered(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	as := testkit.As(testkit.Analyst)
	s.loggedAt(t, testkit.Post(t, s, logAddress, fiveThings(), as))
	for target, want := range map[string]int{
		"/fr/desk/incidents":                     2,
		"/fr/desk/incidents?state=draft":         1,
		"/fr/desk/incidents?scope=assigned":      0,
		"/fr/desk/incidents?q=bassin":            1,
		"/fr/desk/incidents?q=zzzz":              0,
		"/fr/desk/institutions?q=agence+bassin":  1,
		"/fr/desk/statements?state=in-review":    0,
		"/fr/desk/sources?q=press.example+fuite": 1,
	} {
		a := testkit.Ask(t, s, target, as)
		if rows := count(a, "tbody tr"); a.Status != http.StatusOK || rows != want {
			t.Errorf("%s: status %d, %d rows, want %d", target, a.Status, rows, want)
		}
	}
	for email, want := range map[string]int{testkit.Analyst: 1, testkit.Editor: 0} {
		if rows := count(testkit.Ask(t, s, "/fr/desk/incidents?scope=mine&state=draft", testkit.As(email)), "tbody tr"); rows != want {
			t.Errorf("those of %s: %d rows, want %d", email, rows, want)
		}
	}
	first := testkit.Ask(t, s, "/fr/desk/sources", as)
	next := first.Attr(`a[rel=next]`, "href")
	if second := testkit.Ask(t, s, next, as); second.Status != http.StatusOK || count(second, "tbody tr") == 0 {
		t.Errorf("the next page %q: status %d", next, second.Status)
	}
	for _, bad := range []string{"incidents?state=x", "incidents?scope=x", "incidents?after=x", "sources?after=x"} {
		if a := testkit.Ask(t, s, "/fr/desk/"+bad, as); a.Status != http.StatusBadRequest {
			t.Errorf("%s: status %d", bad, a.Status)
		}
	}
}

func TestASourceIsChanged(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Database(t))
	as := testkit.As(testkit.Analyst)
	key := s.loggedAt(t, testkit.Post(t, s, logAddress, fiveThings(), as)).Sources[0]
	target := "/fr/desk/sources/" + key
	page := testkit.Ask(t, s, target, as)
	form := filled(t, page)
	if form.Get("publisher") != "La Presse" {
		t.Fatalf("the form holds %v", form)
	}
	a := testkit.Post(t, s, target, altered(form, "title", "La fuite", "published", "10 avril 2025"), as)
	source, err := s.editorial.Source(t.Context(), s.staff[testkit.Analyst], key)
	if a.Status != http.StatusSeeOther || err != nil || source.Title != "La fuite" || source.Published.String() != "2025-04-10" {
		t.Errorf("status %d, %+v, %v: %v", a.Status, source, err, a.Text(".error-summary li"))
	}
	a = testkit.Post(t, s, target, altered(form, "publisher", "", "published", "brumaire"), as)
	if a.Status != http.StatusUnprocessableEntity || count(a, ".error-summary li") == 0 || count(a, `[name="published"][value="brumaire"]`) != 1 {
		t.Errorf("nothing is asked again: status %d", a.Status)
	}
	if a := testkit.Ask(t, s, "/fr/desk/sources/none", as); a.Status != http.StatusNotFound {
		t.Errorf("no such source: status %d", a.Status)
	}
}

func TestHomeShowsWhatIsInHand(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	as := testkit.As(testkit.Analyst)
	s.loggedAt(t, testkit.Post(t, s, logAddress, fiveThings(), as))
	a := testkit.Ask(t, s, "/fr/desk", as)
	if !strings.Contains(a.Text("section:has(#drafts)"), "Agence du bassin") && !strings.Contains(a.Text("section:has(#drafts)"), "Fuite") {
		t.Errorf("my drafts: %q", a.Text("section:has(#drafts)"))
	}
	for _, id := range []string{"stale", "not-seen", "published", "activity"} {
		if count(a, "section:has(#"+id+") a") == 0 {
			t.Errorf("nothing under %s", id)
		}
	}
	if count(a, "#to-review") != 0 {
		t.Error("an analyst is shown what editors review")
	}
	if e := testkit.Ask(t, s, "/fr/desk", testkit.As(testkit.Editor)); count(e, "#to-review") != 1 {
		t.Error("an editor is not shown what to review")
	}
}
