package taxii_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/web/taxii"
)

// memory is a record in memory.
type memory []register.Change

func (m memory) AllChanged(_ context.Context, f register.ChangeFilter) ([]register.Change, error) {
	var out []register.Change
	for _, c := range m {
		before := c.At.Before(f.From.At) || c.At.Equal(f.From.At) && c.Reference < f.From.Reference
		if len(out) < f.Most && slices.Contains(f.Types, c.Type) && c.At.After(f.Since) && !before {
			out = append(out, c)
		}
	}
	return out, nil
}

func (m memory) ChangesOf(_ context.Context, references []string) ([]register.Change, error) {
	var out []register.Change
	for _, c := range m {
		if slices.Contains(references, c.Reference) {
			out = append(out, c)
		}
	}
	return out, nil
}

func (m memory) EachReference(_ context.Context, types []register.RecordType, visit func(register.RecordType, string)) error {
	for _, c := range m {
		if slices.Contains(types, c.Type) {
			visit(c.Type, c.Reference)
		}
	}
	return nil
}

// founding is the founding record, published a second after the other, but for what
// came at once; a statement of it was withdrawn last.
func founding(t *testing.T) memory {
	t.Helper()
	var m memory
	for i, p := range testkit.NewPress().Print(t, testkit.FoundingSet(t)) {
		at := testkit.FoundingDay().Add(time.Duration(i/3)*time.Second + 123456*time.Microsecond)
		p.ChangedAt = at
		c := register.Change{Type: p.Type, Reference: p.Reference, At: at, FirstPublishedAt: p.FirstPublishedAt, Published: &p}
		if p.Reference == "ST-2025-0002" {
			c.At, c.Published = at.Add(time.Hour), nil
			c.Gone = &register.Departure{Type: p.Type, Reference: p.Reference, At: c.At, Notice: register.Text{"en": "Mistake"}}
		}
		m = append(m, c)
	}
	slices.SortFunc(m, func(a, b register.Change) int {
		return cmp.Or(a.At.Compare(b.At), strings.Compare(a.Reference, b.Reference))
	})
	return m
}

// asked is what an answer holds.
type asked struct {
	More     bool
	Next     string
	Objects  []map[string]any
	Versions []string
	taxii.Answer
}

func ask(t *testing.T, s *taxii.Server, o taxii.Operation, object, query string) (asked, error) {
	t.Helper()
	q, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := o(s, t.Context(), taxii.Request{Collection: taxii.Alias, Object: object, Query: q})
	out := asked{Answer: answer}
	if err == nil {
		if err := json.Unmarshal(answer.Body, &out); err != nil {
			t.Fatal(err)
		}
	}
	if out.More != (out.Next != "") {
		t.Errorf("%s: more is %v, next %q", query, out.More, out.Next)
	}
	return out, err
}

// all follows a list to its end.
func all(t *testing.T, s *taxii.Server, o taxii.Operation, query string) (out []map[string]any) {
	t.Helper()
	next := ""
	for range 2000 {
		page, err := ask(t, s, o, "", query+next)
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		out = append(out, page.Objects...)
		if !page.More {
			return out
		}
		query, _, _ = strings.Cut(query, "&next=")
		next = "&next=" + page.Next
	}
	t.Fatalf("%s has no end", query)
	return nil
}

func ids(objects []map[string]any) []string {
	out := make([]string, len(objects))
	for i, o := range objects {
		out[i] = o["id"].(string)
	}
	return out
}

// TestPagesHoldEverythingOnce reads the collection and its manifest in pages of
// several sizes: the same objects in the same order, by when they were added.
func TestPagesHoldEverythingOnce(t *testing.T) {
	t.Parallel()
	s := taxii.New(founding(t), "https://sijil.example")
	lines := all(t, s, taxii.ListManifest, "limit=500")
	whole := ids(all(t, s, taxii.ListObjects, "limit=500"))
	if len(whole) < 150 || !slices.Equal(whole, ids(lines)) {
		t.Fatalf("%d objects, %d in the manifest", len(whole), len(lines))
	}
	if once := slices.Compact(slices.Sorted(slices.Values(whole))); len(once) != len(whole) {
		t.Errorf("%d objects, %d different ones", len(whole), len(once))
	}
	for _, limit := range []int{1, 7, 100, 9999} {
		if got := ids(all(t, s, taxii.ListObjects, fmt.Sprintf("limit=%d", limit))); !slices.Equal(got, whole) {
			t.Errorf("pages of %d: %d objects", limit, len(got))
		}
	}
	last := ""
	for _, line := range lines {
		added := line["date_added"].(string)
		if added < last || line["media_type"] != "application/stix+json;version=2.1" {
			t.Errorf("%v after %s", line, last)
		}
		last = added
	}
}

// TestWhoFollowsGetsTheRest asks after each moment at which something was added.
func TestWhoFollowsGetsTheRest(t *testing.T) {
	t.Parallel()
	s := taxii.New(founding(t), "https://sijil.example")
	lines := all(t, s, taxii.ListManifest, "")
	for i, line := range lines {
		if i+1 < len(lines) && lines[i+1]["date_added"] == line["date_added"] {
			continue
		}
		rest := all(t, s, taxii.ListManifest, "added_after="+line["date_added"].(string))
		if !slices.Equal(ids(rest), ids(lines[i+1:])) {
			t.Fatalf("after %v: %d objects, want %d", line["date_added"], len(rest), len(lines)-i-1)
		}
	}
	page, err := ask(t, s, taxii.ListObjects, "", "limit=50&added_after=2026-11-20T12:00:00Z")
	if err != nil || taxii.FormatTime(page.First) != "2026-11-20T12:00:00.123456Z" || !page.Last.After(page.First) {
		t.Errorf("added from %v to %v, %v", page.First, page.Last, err)
	}
	if empty, err := ask(t, s, taxii.ListObjects, "", "added_after=2030-01-01T00:00:00Z"); err != nil || string(empty.Body) != "{\"more\":false}\n" || !empty.First.IsZero() {
		t.Errorf("nothing new: %s, %v", empty.Body, err)
	}
}

// TestObjectsAreChosen asks by each field, and by several.
func TestObjectsAreChosen(t *testing.T) {
	t.Parallel()
	s := taxii.New(founding(t), "https://sijil.example")
	whole := all(t, s, taxii.ListObjects, "limit=500")
	of := func(keep func(o map[string]any) bool) (out []string) {
		for _, o := range whole {
			if keep(o) {
				out = append(out, o["id"].(string))
			}
		}
		return out
	}
	kind := func(names ...string) []string {
		return of(func(o map[string]any) bool { return slices.Contains(names, o["type"].(string)) })
	}
	incident, infrastructure := kind("incident")[0], kind("infrastructure")[0]
	var version string
	for _, o := range whole {
		if o["id"] == incident {
			version = o["modified"].(string)
		}
	}
	for query, want := range map[string][]string{
		"match[type]=incident":                                                {incident},
		"match[type]=incident,infrastructure":                                 kind("incident", "infrastructure"),
		"match[type]=identity":                                                kind("identity"),
		"match[type]=marking-definition":                                      kind("marking-definition"),
		"match[type]=malware":                                                 nil,
		"match[id]=" + incident:                                               {incident},
		"match[id]=" + infrastructure + "," + incident:                        of(func(o map[string]any) bool { return o["id"] == incident || o["id"] == infrastructure }),
		"match[id]=" + incident + "&match[type]=infrastructure":               nil,
		"match[id]=nonsense":                                                  nil,
		"match[spec_version]=2.1":                                             ids(whole),
		"match[spec_version]=2.0":                                             nil,
		"match[spec_version]=2.0,2.1&match[type]=report":                      kind("report"),
		"match[version]=all":                                                  ids(whole),
		"match[version]=first":                                                ids(whole),
		"match[version]=last&match[type]=incident":                            {incident},
		"match[type]=incident&match[version]=" + version:                      {incident},
		"match[type]=incident&match[version]=2001-01-01T00:00:00Z":            nil,
		"match[type]=incident&match[version]=2001-01-01T00:00:00Z," + version: {incident},
		"match[type]=report&limit=2":                                          kind("report"),
	} {
		if got := ids(all(t, s, taxii.ListObjects, query)); !slices.Equal(got, want) {
			t.Errorf("%s: %d objects, want %d", query, len(got), len(want))
		}
	}
}

// TestEachObjectIsFound asks for each object, and its versions, by its identifier.
func TestEachObjectIsFound(t *testing.T) {
	t.Parallel()
	s := taxii.New(founding(t), "https://sijil.example")
	lines := all(t, s, taxii.ListManifest, "limit=500")
	revoked := 0
	for _, line := range lines {
		id := line["id"].(string)
		object, err := ask(t, s, taxii.ShowObject, id, "")
		if err != nil || len(object.Objects) != 1 || object.Objects[0]["id"] != id || taxii.FormatTime(object.First) != line["date_added"] {
			t.Fatalf("%s: %d objects, %v", id, len(object.Objects), err)
		}
		if object.Objects[0]["revoked"] == true {
			revoked++
		}
		of, err := ask(t, s, taxii.ListVersions, id, "")
		if err != nil || len(of.Versions) != 1 || of.Versions[0] != line["version"] {
			t.Errorf("%s: versions %v, %v", id, of.Versions, err)
		}
	}
	if revoked != 1 {
		t.Errorf("%d objects are revoked", revoked)
	}
	for _, id := range []string{"incident--00000000-0000-4000-8000-000000000000", "report", "", lines[10]["id"].(string) + "0"} {
		for _, o := range []taxii.Operation{taxii.ShowObject, taxii.ListVersions} {
			if _, err := ask(t, s, o, id, ""); !errors.Is(err, register.ErrNotFound) {
				t.Errorf("%q: %v", id, err)
			}
		}
	}
	left, err := ask(t, s, taxii.ShowObject, lines[10]["id"].(string), "added_after=2030-01-01T00:00:00Z")
	if err != nil || len(left.Objects) > 0 {
		t.Errorf("an object that is there and was not chosen: %d, %v", len(left.Objects), err)
	}
}

// TestARareTypeIsLookedForBitByBit asks for what is in no record: an answer may be
// empty, and there is more.
func TestARareTypeIsLookedForBitByBit(t *testing.T) {
	t.Parallel()
	var m memory
	for i := range 2500 {
		p := register.Published{Edition: register.Edition{Content: register.Content{
			Type: register.TypeIncident, Reference: fmt.Sprintf("SJ-2025-%04d", i+1), Number: 1,
			Incident: &register.Incident{Language: register.French, Title: register.Text{"fr": "T"}, Standing: "suspected"},
		}}, ChangedAt: testkit.FoundingDay()}
		m = append(m, register.Change{Type: p.Type, Reference: p.Reference, At: p.ChangedAt, Published: &p})
	}
	s := taxii.New(m, "https://sijil.example")
	first, err := ask(t, s, taxii.ListObjects, "", "match[type]=infrastructure")
	if err != nil || !first.More || len(first.Objects) > 0 {
		t.Errorf("first page: %d objects, more %v, %v", len(first.Objects), first.More, err)
	}
	if got := all(t, s, taxii.ListObjects, "match[type]=infrastructure"); len(got) > 0 {
		t.Errorf("%d objects", len(got))
	}
	if got := all(t, s, taxii.ListManifest, "match[type]=incident&limit=500"); len(got) != len(m) {
		t.Errorf("%d incidents", len(got))
	}
}

// TestACursorOutlivesAChange lets a record change between two pages: it comes again, as
// it is now, behind the others, which are not lost.
func TestACursorOutlivesAChange(t *testing.T) {
	t.Parallel()
	m := founding(t)
	s := taxii.New(m, "https://sijil.example")
	first, err := ask(t, s, taxii.ListObjects, "", "limit=30")
	if err != nil {
		t.Fatal(err)
	}
	seen := ids(first.Objects)
	changed := m[0]
	moved := *changed.Published
	changed.At = testkit.FoundingDay().Add(24 * time.Hour)
	moved.Number, moved.ChangedAt, changed.Published = 2, changed.At, &moved
	later := append(slices.Clone(m[1:]), changed)
	rest := ids(all(t, taxii.New(later, "https://sijil.example"), taxii.ListObjects, "limit=30&next="+first.Next))
	for _, id := range ids(all(t, taxii.New(later, "https://sijil.example"), taxii.ListObjects, "limit=500")) {
		if !slices.Contains(seen, id) && !slices.Contains(rest, id) {
			t.Errorf("%s is lost", id)
		}
	}
}

func TestParametersWithoutMeaningAreRefused(t *testing.T) {
	t.Parallel()
	s := taxii.New(founding(t), "https://sijil.example")
	for query, name := range map[string]string{
		"limit=0": "limit", "limit=-1": "limit", "limit=x": "limit", "limit=1.5": "limit",
		"added_after=yesterday": "added_after", "added_after=2025-04-08": "added_after",
		"next=nonsense": "next", "next=" + "eCB4IHg": "next", "next=MjAyNS0wNC0wOFQwMDowMDowMFogLTEgeA": "next",
		"match[version]=newest": "match[version]", "match[version]=last,2025": "match[version]",
		"match[type]=incident&match[type]=report": "match[type]",
	} {
		for _, o := range []taxii.Operation{taxii.ListObjects, taxii.ListManifest} {
			_, err := ask(t, s, o, "", query)
			var wrong *taxii.ParameterError
			if !errors.As(err, &wrong) || wrong.Name != name || !errors.Is(err, register.ErrInvalid) {
				t.Errorf("%s: %v, want %s", query, err, name)
			}
		}
	}
	if _, err := taxii.ShowCollection(s, t.Context(), taxii.Request{Collection: "other"}); !errors.Is(err, register.ErrNotFound) {
		t.Errorf("another collection: %v", err)
	}
}

func TestMediaTypesAreNegotiated(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]bool{
		"": true, "application/taxii+json;version=2.1": true, "application/taxii+json; version=2.1": true, `application/taxii+json;version="2.1"`: true,
		"application/taxii+json": true, "*/*": true, "application/*": true, "APPLICATION/TAXII+JSON;VERSION=2.1": true,
		"application/taxii+json;version=2.0": false, "application/taxii+json;version=2.0, application/taxii+json;version=2.1": true,
		"application/json": false, "text/html": false, "text/html, */*;q=0.1": true, "application/taxii+json;version=2.1;q=0": false,
		"application/vnd.oasis.taxii+json; version=2.0": false, "application/stix+json;version=2.1": false, ",": true,
	} {
		if got := taxii.Accepts([]string{accept}); got != want {
			t.Errorf("%q: %v", accept, got)
		}
	}
	if !taxii.Accepts([]string{"text/html", "application/taxii+json"}) {
		t.Error("two headers are one list")
	}
}

// FuzzQuery asks with parameters of any form: an answer, or an error that says which
// is wrong.
func FuzzQuery(f *testing.F) {
	f.Add("limit=3&added_after=2026-11-20T12:00:00Z&match[type]=incident,note&match[version]=last")
	f.Add("next=MjAyNi0xMS0yMFQxMjowMDowMy4xMjM0NTZaIDMgU1QtMjAyNS0wMDAz&match[id]=incident--x")
	f.Add("match[version]=2026-11-20T12:00:00.123Z,all&match[spec_version]=2.0&limit=99999999999999999999")
	f.Fuzz(func(t *testing.T, query string) {
		q, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		s := taxii.New(memory{}, "https://sijil.example")
		var wrong *taxii.ParameterError
		if _, err := taxii.ListObjects(s, t.Context(), taxii.Request{Collection: taxii.Collection, Query: q}); err != nil && !errors.As(err, &wrong) {
			t.Errorf("%q: %v", query, err)
		}
	})
}
