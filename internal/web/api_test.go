package web_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
)

// apiSite is a site whose every answer is checked by the document that it gives.
type apiSite struct {
	handler  http.Handler
	base     string
	document *testkit.OpenAPI
}

func newAPISite(t *testing.T, h http.Handler, base string) *apiSite {
	t.Helper()
	return &apiSite{handler: h, base: base, document: describedAPI(t, h)}
}

// TestTheFoundingRecordAsProgramsReadIt asks one site many things.
func TestTheFoundingRecordAsProgramsReadIt(t *testing.T) {
	t.Parallel()
	site := newRealSite(t)
	s := newAPISite(t, site.handler, site.URL)
	for name, look := range map[string]func(*testing.T, *apiSite){
		"incidents": incidentsAsResources, "lists": listsAreFollowedToTheirEnd, "filters": filtersChooseAsOnTheSite,
		"parts": partsNameTheirRecords,
	} {
		t.Run(name, func(t *testing.T) { look(t, s) }) //nolint:paralleltest // one site after the other
	}
}

func describedAPI(t *testing.T, h http.Handler) *testkit.OpenAPI {
	t.Helper()
	a := testkit.Ask(t, h, "/api/v1/openapi.json")
	if a.Status != http.StatusOK {
		t.Fatalf("the document: status %d\n%s", a.Status, a.Body)
	}
	return testkit.NewOpenAPI(t, []byte(a.Body), "/api/v1")
}

// ask asks, and checks the answer.
func (s *apiSite) ask(t *testing.T, target string) *testkit.Answer {
	t.Helper()
	a := testkit.Ask(t, s.handler, target)
	path, _, _ := strings.Cut(target, "?")
	if err := s.document.Check(path, a.Status, a.Header, []byte(a.Body)); err != nil {
		t.Errorf("%s: %v", target, err)
	}
	return a
}

// decoded reads an answer.
func decoded(t *testing.T, a *testkit.Answer) map[string]any {
	t.Helper()
	var out map[string]any
	if err := json.Unmarshal([]byte(a.Body), &out); err != nil {
		t.Fatalf("%s: status %d: %v\n%s", a.Target, a.Status, err, a.Body)
	}
	return out
}

// at follows names and numbers into what was decoded; nil when it is not there.
func at(value any, path ...any) any {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			object, _ := value.(map[string]any)
			value = object[step]
		case int:
			list, _ := value.([]any)
			if step >= len(list) {
				return nil
			}
			value = list[step]
		}
	}
	return value
}

// TestTheDocumentIsOpenAPI holds it to the published schemas of OpenAPI 3.1.
func TestTheDocumentIsOpenAPI(t *testing.T) {
	t.Parallel()
	c := jsonschema.NewCompiler()
	for _, name := range []string{"schema", "schema-base", "dialect", "meta"} {
		file, err := os.Open(filepath.Join("testdata", "openapi-3.1", name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(file)
		_ = file.Close()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.AddResource("https://spec.openapis.org/oas/3.1/"+name+"/WORK-IN-PROGRESS", doc); err != nil {
			t.Fatal(err)
		}
	}
	schema, err := c.Compile("https://spec.openapis.org/oas/3.1/schema-base/WORK-IN-PROGRESS")
	if err != nil {
		t.Fatal(err)
	}
	a := testkit.Ask(t, newStage(t), "/api/v1/openapi.json")
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(a.Body))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(document); err != nil {
		t.Errorf("%v", err)
	}
	document.(map[string]any)["paths"] = []any{}
	if schema.Validate(document) == nil {
		t.Error("the schemas let anything pass")
	}
}

// incidentsAsResources reads the incident of the founding record.
func incidentsAsResources(t *testing.T, s *apiSite) {
	t.Helper()
	list := decoded(t, s.ask(t, "/api/v1/incidents"))
	one := decoded(t, s.ask(t, "/api/v1/incidents/SJ-2025-0001"))
	if at(list, "data", 0, "id") != "SJ-2025-0001" || at(one, "data", "id") != "SJ-2025-0001" {
		t.Fatalf("the founding record is not there: %v", list)
	}
	raw1, _ := json.Marshal(at(list, "data", 0))
	raw2, _ := json.Marshal(at(one, "data"))
	if string(raw1) != string(raw2) {
		t.Errorf("a resource in a list is not what it is alone:\n%s\n%s", raw1, raw2)
	}
	edition := testkit.Ask(t, s.handler, "/editions/sj-2025-0001/1.json")
	if got := at(one, "data", "sha256"); got != hashOf(edition.Body) || at(one, "data", "edition") != 1.0 {
		t.Errorf("hash %v", got)
	}
	if got := at(one, "data", "content"); got != s.base+"/editions/sj-2025-0001/1.json" {
		t.Errorf("content at %v", got)
	}
	if origin := at(one, "data", "title", "fr", "origin"); origin != "original" || at(one, "data", "title", "ar", "origin") != "editorial" {
		t.Errorf("origin of the title: %v", at(one, "data", "title"))
	}
	if at(one, "data", "occurred", "edtf") == nil || at(one, "data", "occurred", "basis") == nil {
		t.Errorf("occurred: %v", at(one, "data", "occurred"))
	}
	selected := decoded(t, s.ask(t, "/api/v1/incidents?fields=title,occurred&lang=ar"))
	record, _ := at(selected, "data", 0).(map[string]any)
	names := slices.Sorted(maps.Keys(record))
	if !slices.Equal(names, []string{"id", "occurred", "title"}) {
		t.Errorf("fields: %v", names)
	}
	if title, _ := record["title"].(map[string]any); len(title) != 1 || title["ar"] == nil {
		t.Errorf("lang=ar: %v", record["title"])
	}
}

func hashOf(s string) string { return register.HashOf([]byte(s)) }

// everything follows a list to its end, and returns its resources; gone are the
// records that it says are shown no more.
func (s *apiSite) everything(t *testing.T, target string) (all []map[string]any, gone []string) {
	t.Helper()
	for range 200 {
		page := decoded(t, s.ask(t, target))
		list, _ := page["data"].([]any)
		for _, one := range list {
			all = append(all, one.(map[string]any))
		}
		departures, _ := page["gone"].([]any)
		for _, one := range departures {
			gone = append(gone, at(one, "id").(string))
		}
		next, _ := page["next"].(string)
		if next == "" {
			return all, gone
		}
		target = strings.TrimPrefix(next, s.base)
	}
	t.Fatalf("%s has no end", target)
	return nil, nil
}

func idsOf(resources []map[string]any) []string {
	out := make([]string, len(resources))
	for i, r := range resources {
		out[i], _ = r["id"].(string)
	}
	return out
}

// listsAreFollowedToTheirEnd reads each list in pages of one size and of
// another: they hold the same resources in the same order, each once, and each is
// what it is alone.
func listsAreFollowedToTheirEnd(t *testing.T, s *apiSite) {
	t.Helper()
	for _, target := range []string{
		"incidents?", "statements?", "institutions?", "claims?", "referrals?", "sources?", "editions?",
		"incidents?updated_since=2000-01-01&", "statements?updated_since=2000-01-01&", "institutions?updated_since=2000-01-01&",
		"claims?updated_since=2000-01-01&", "referrals?updated_since=2000-01-01&", "editions?updated_since=2000-01-01&",
		"referrals?sort=longest&", "claims?incident=SJ-2025-0001&", "sources?record=SJ-2025-0001&", "incidents?sort=published&",
	} {
		whole, _ := s.everything(t, "/api/v1/"+target+"limit=100")
		pieces, _ := s.everything(t, "/api/v1/"+target+"limit=7&fields=id")
		ids := idsOf(whole)
		if !slices.Equal(ids, idsOf(pieces)) || len(ids) == 0 {
			t.Errorf("%s: %d resources in large pages, %d in small ones", target, len(whole), len(pieces))
		}
		if once := slices.Compact(slices.Sorted(slices.Values(ids))); len(once) != len(ids) {
			t.Errorf("%s: %d resources, %d different ones", target, len(ids), len(once))
		}
		if strings.Contains(target, "record=") {
			continue // a source as another record shows it
		}
		last := whole[len(whole)-1]
		alone := decoded(t, s.ask(t, strings.TrimPrefix(last["url"].(string), s.base)))
		if !reflect.DeepEqual(alone["data"], any(last)) {
			t.Errorf("%s: %v in the list is not what it is alone", target, last["id"])
		}
	}
	// Sources of what has changed come once for each record that shows them.
	changed, _ := s.everything(t, "/api/v1/sources?updated_since=2000-01-01&limit=50")
	all, _ := s.everything(t, "/api/v1/sources?limit=100")
	once := slices.Compact(slices.Sorted(slices.Values(idsOf(changed))))
	if !slices.Equal(once, slices.Sorted(slices.Values(idsOf(all)))) {
		t.Errorf("%d sources have changed since the beginning, of %d", len(once), len(all))
	}
}

// TestACopyIsKeptByWhatChanged copies the register, lets all happen to it that can
// happen, and follows the changes: the copy is what a new one would be.
func TestACopyIsKeptByWhatChanged(t *testing.T) {
	t.Parallel()
	site := newDeskSite(t, testkit.Founding(t))
	s := newAPISite(t, site, "http://sijil.test")
	copied := map[string]map[string]any{}
	latest := ""
	for _, list := range []string{"incidents", "statements", "institutions"} {
		all, _ := s.everything(t, "/api/v1/"+list+"?limit=100")
		for _, r := range all {
			copied[r["id"].(string)] = r
			latest = max(latest, r["updated_at"].(string))
		}
	}
	before := len(copied)
	site.clock.Advance(time.Hour)
	eventful(t, site)
	site.clock.Advance(time.Minute)
	since, err := time.Parse(time.RFC3339, latest)
	if err != nil {
		t.Fatal(err)
	}
	changes, left := 0, []string{}
	for _, list := range []string{"incidents", "statements", "institutions"} {
		changed, gone := s.everything(t, "/api/v1/"+list+"?limit=2&updated_since="+url.QueryEscape(since.Add(time.Second).Format(time.RFC3339)))
		for _, r := range changed {
			copied[r["id"].(string)] = r
			changes++
		}
		for _, id := range gone {
			delete(copied, id)
		}
		left = append(left, gone...)
	}
	fresh := map[string]map[string]any{}
	for _, list := range []string{"incidents", "statements", "institutions"} {
		all, _ := s.everything(t, "/api/v1/"+list+"?limit=100")
		for _, r := range all {
			fresh[r["id"].(string)] = r
		}
	}
	for id, r := range fresh {
		if !reflect.DeepEqual(copied[id], r) {
			t.Errorf("%s is not in the copy as it is", id)
		}
	}
	if len(copied) != len(fresh) || changes == 0 || changes >= before || len(left) != 2 {
		t.Errorf("the copy has %d records, the register %d; %d changes, gone: %v", len(copied), len(fresh), changes, left)
	}
	s.hasNothingOfTheGone(t, site, left)
}

// hasNothingOfTheGone asks for what was withdrawn or merged in every way.
func (s *apiSite) hasNothingOfTheGone(t *testing.T, site *deskSite, left []string) {
	t.Helper()
	slices.Sort(left)
	merged, withdrawn := left[0], left[1] // IN-…, ST-…
	a := s.ask(t, "/api/v1/institutions/"+merged)
	if to := a.Header.Get("Location"); a.Status != http.StatusMovedPermanently || !strings.HasPrefix(to, "/api/v1/institutions/IN-") || to == "/api/v1/institutions/"+merged {
		t.Errorf("a merged record: status %d to %q", a.Status, to)
	}
	a = s.ask(t, "/api/v1/statements/"+withdrawn+"?lang=ar")
	problem := decoded(t, a)
	if a.Status != http.StatusGone || at(problem, "notice", "en") != "Mistake" || !strings.Contains(at(problem, "detail").(string), "سُحب") {
		t.Errorf("a withdrawn record: status %d, %v", a.Status, problem)
	}
	for _, target := range []string{"editions?record=" + withdrawn, "claims?statement=" + withdrawn, "sources?record=" + withdrawn} {
		if all, _ := s.everything(t, "/api/v1/"+target); len(all) > 0 {
			t.Errorf("%s: %v", target, idsOf(all))
		}
	}
	if a := s.ask(t, "/api/v1/editions/"+withdrawn+".1"); a.Status != http.StatusGone {
		t.Errorf("an edition of a withdrawn record: status %d", a.Status)
	}
	if all, _ := s.everything(t, "/api/v1/editions?record="+merged); len(all) == 0 {
		t.Error("a merged record has lost its editions")
	}
	erased := site.recordAt(t, register.TypeStatement, "cnss-communique-1").Reference
	tombstone := decoded(t, s.ask(t, "/api/v1/editions/"+erased+".1"))
	if at(tombstone, "data", "removed", "reason", "en") != "Order of the court" || at(tombstone, "data", "content") != nil {
		t.Errorf("an edition that was removed by law: %v", tombstone)
	}
	correction := decoded(t, s.ask(t, "/api/v1/editions/"+erased+".2"))
	if at(correction, "data", "correction") != "material" || at(correction, "data", "reason", "fr") == nil {
		t.Errorf("a correction: %v", correction)
	}
}

// filtersChooseAsOnTheSite compares what a filter of the API chooses with the
// file of the site's list.
func filtersChooseAsOnTheSite(t *testing.T, s *apiSite) {
	t.Helper()
	for api, file := range map[string]string{
		"statements?official=yes":            "statements.json?official=yes",
		"statements?institution=cnss":        "statements.json?institution=cnss",
		"statements?original=not-seen":       "statements.json?original=not-seen",
		"statements?kind=communique":         "statements.json?kind=communique",
		"statements?year=2025&language=ar":   "statements.json?year=2025&language=ar",
		"institutions?part=authority":        "institutions.json?part=authority",
		"institutions?kind=media":            "institutions.json?kind=media",
		"incidents?sector=social-protection": "incidents.json?sector=social-protection",
		"incidents?q=CNSS":                   "incidents.json?q=CNSS",
		"incidents?standing=suspected":       "incidents.json?standing=suspected",
		"incidents?referral=none":            "incidents.json?referral=none",
		"referrals?kind=judicial":            "referrals.json?kind=judicial",
		"referrals?authority=not-named":      "referrals.json?authority=not-named",
		"referrals?silent=90":                "referrals.json?silent=90",
	} {
		chosen, _ := s.everything(t, "/api/v1/"+api+"&limit=100")
		rows, _ := decoded(t, testkit.Ask(t, s.handler, "/fr/"+file))["rows"].([]any)
		want := []string{}
		for _, row := range rows {
			id, _ := at(row, "reference").(string)
			if key := at(row, "key"); key != nil {
				id = at(row, "incident").(string) + "." + key.(string)
			}
			want = append(want, id)
		}
		if !slices.Equal(idsOf(chosen), want) {
			t.Errorf("%s: %v; the site has %v", api, idsOf(chosen), want)
		}
	}
	bySlug, _ := s.everything(t, "/api/v1/statements?institution=cnss&fields=id,issuer")
	byReference, _ := s.everything(t, "/api/v1/statements?institution="+at(bySlug[0], "issuer", "id").(string)+"&fields=id,issuer")
	if len(bySlug) == 0 || !reflect.DeepEqual(bySlug, byReference) {
		t.Errorf("by slug %v, by reference %v", idsOf(bySlug), idsOf(byReference))
	}
	// With updated_since the filters choose, too.
	changed, gone := s.everything(t, "/api/v1/statements?official=yes&updated_since=2000-01-01")
	official, _ := s.everything(t, "/api/v1/statements?official=yes&limit=100")
	if len(gone) > 0 || !slices.Equal(slices.Sorted(slices.Values(idsOf(changed))), slices.Sorted(slices.Values(idsOf(official)))) {
		t.Errorf("since the beginning %v, of %v", idsOf(changed), idsOf(official))
	}
}
