package web_test

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/web/taxii"
)

const taxiiObjects = taxii.RootPath + "collections/" + taxii.Collection + "/objects/"

// TestTAXIIByTheRules holds answers to the rules of TAXII 2.1 on HTTP.
func TestTAXIIByTheRules(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	testkit.Ask(t, s, "/fr/") // the cache learns the generation
	for _, c := range []struct {
		target string
		change []func(*http.Request)
		status int
	}{
		{taxii.DiscoveryPath, nil, 200},
		{taxii.DiscoveryPath, []func(*http.Request){with("Accept", taxii.MediaType)}, 200},
		{taxii.DiscoveryPath, []func(*http.Request){with("Accept", "application/taxii+json")}, 200},
		{taxii.DiscoveryPath, []func(*http.Request){with("Accept", "application/taxii+json;version=2.0")}, 406},
		{taxii.DiscoveryPath, []func(*http.Request){with("Accept", "text/html")}, 406},
		{taxii.DiscoveryPath, []func(*http.Request){by(http.MethodPut)}, 405},
		{taxii.RootPath, nil, 200},
		{taxii.RootPath + "collections/", nil, 200},
		{taxii.RootPath + "collections/" + taxii.Collection + "/", nil, 200},
		{taxii.RootPath + "collections/" + taxii.Alias + "/", nil, 200},
		{taxii.RootPath + "collections/other/", nil, 404},
		{taxii.RootPath + "status/2d086da7-4bdc-4f91-900e-d77486753710/", nil, 404},
		{taxiiObjects, nil, 200},
		{taxiiObjects + "?limit=2&unknown=1", nil, 200},
		{taxiiObjects + "?limit=many", nil, 400},
		{taxiiObjects + "?match%5Btype%5D=a&match%5Btype%5D=b", nil, 400},
		{taxiiObjects, []func(*http.Request){by(http.MethodPost)}, 403},
		{taxiiObjects + "incident--00000000-0000-4000-8000-000000000000/", []func(*http.Request){by(http.MethodDelete)}, 403},
		{taxiiObjects + "incident--00000000-0000-4000-8000-000000000000/", nil, 404},
		{taxiiObjects + "incident--00000000-0000-4000-8000-000000000000/versions/", nil, 404},
		{strings.Replace(taxiiObjects, "objects", "manifest", 1), nil, 200},
	} {
		a := testkit.Ask(t, s, c.target, c.change...)
		if a.Status != c.status || a.Header.Get("Content-Type") != taxii.MediaType || a.Header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: status %d, want %d; %v", c.target, a.Status, c.status, a.Header)
		}
		body := decoded(t, a)
		if c.status != http.StatusOK && (at(body, "title") == "" || at(body, "http_status") != strconv.Itoa(c.status) || at(body, "description") == "") {
			t.Errorf("%s: %v", c.target, body)
		}
	}
	root := decoded(t, testkit.Ask(t, s, taxii.RootPath))
	found := decoded(t, testkit.Ask(t, s, taxii.DiscoveryPath))
	if at(found, "default") != "https://sijil.test"+taxii.RootPath || at(found, "api_roots", 0) != at(found, "default") || at(root, "versions", 0) != taxii.MediaType {
		t.Errorf("discovery %v, root %v", found, root)
	}
	one := decoded(t, testkit.Ask(t, s, taxii.RootPath+"collections/"))
	if at(one, "collections", 0, "can_read") != true || at(one, "collections", 0, "can_write") != false || at(one, "collections", 0, "id") != taxii.Collection {
		t.Errorf("collections %v", one)
	}
	if a := testkit.Ask(t, s, "/taxii2"); a.Status != http.StatusMovedPermanently || a.Header.Get("Location") != taxii.DiscoveryPath {
		t.Errorf("without its slash: status %d to %q", a.Status, a.Header.Get("Location"))
	}
	schema := testkit.Ask(t, s, "/stix/extension-1.0.0.json")
	if schema.Header.Get("Content-Type") != "application/schema+json" || at(decoded(t, schema), "title") != "Sijil register" {
		t.Errorf("the schema of the extension: status %d, %v", schema.Status, schema.Header)
	}
	missing := decoded(t, testkit.Ask(t, s, taxii.RootPath+"collections/other/"))
	if at(missing, "title") != "Not found" || !strings.HasPrefix(at(missing, "details", "ar").(string), "لا شيء منشور") || at(missing, "details", "fr") == nil {
		t.Errorf("an error in three languages: %v", missing)
	}
}

// TestTAXIISaysWhatWentWrong has the register fail.
func TestTAXIISaysWhatWentWrong(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err    error
		status int
	}{{register.ErrUnavailable, 503}, {errors.New("secret"), 500}} {
		s := newStage(t)
		testkit.Ask(t, s, "/fr/")
		s.records.fail(c.err)
		a := testkit.Ask(t, s, taxiiObjects)
		body := decoded(t, a)
		if a.Status != c.status || strings.Contains(a.Body, "secret") || at(body, "error_id") == nil || (a.Header.Get("Retry-After") != "") != (c.status == 503) {
			t.Errorf("%v: status %d, %s", c.err, a.Status, a.Body)
		}
	}
}

// followed reads a list to its end.
func followed(t *testing.T, h http.Handler, target string) (objects []map[string]any, last string) {
	t.Helper()
	cursor := ""
	for range 100 {
		a := testkit.Ask(t, h, target+cursor)
		page := decoded(t, a)
		list, _ := page["objects"].([]any)
		for _, o := range list {
			objects = append(objects, o.(map[string]any))
		}
		first, end := a.Header.Get("X-TAXII-Date-Added-First"), a.Header.Get("X-TAXII-Date-Added-Last")
		if (len(list) > 0) != (first != "" && end != "") || first > end {
			t.Errorf("%s: %d objects, added from %q to %q", target, len(list), first, end)
		}
		if end != "" {
			last = end
		}
		if page["more"] != true {
			return objects, last
		}
		cursor = "&next=" + page["next"].(string)
	}
	t.Fatalf("%s has no end", target)
	return nil, ""
}

// TestTAXIIFollowsTheRegister copies the collection, lets all happen to the register
// that can happen, and asks for what was added after: the copy is what a new one would be.
func TestTAXIIFollowsTheRegister(t *testing.T) {
	t.Parallel()
	site := newDeskSite(t, testkit.Founding(t))
	copied := map[string]map[string]any{}
	keep := func(objects []map[string]any) {
		for _, o := range objects {
			copied[o["id"].(string)] = o
		}
	}
	objects, last := followed(t, site, taxiiObjects+"?limit=90")
	keep(objects)
	again := testkit.Ask(t, site, taxiiObjects+"?limit=90")
	if known := testkit.Ask(t, site, taxiiObjects+"?limit=90", with("If-None-Match", again.Header.Get("ETag"))); known.Status != http.StatusNotModified {
		t.Errorf("known already: status %d", known.Status)
	}
	for name, o := range map[string]string{"institution": "identity", "statement": "report", "incident": "incident"} {
		if !slices.ContainsFunc(objects, func(have map[string]any) bool { return have["type"] == o }) {
			t.Errorf("no %s among %d objects", name, len(objects))
		}
	}
	site.clock.Advance(time.Hour)
	eventful(t, site)
	site.clock.Advance(time.Minute)
	news, _ := followed(t, site, taxiiObjects+"?added_after="+last)
	keep(news)
	revoked := map[string]bool{}
	for id, o := range copied {
		if o["revoked"] == true {
			revoked[strings.Split(id, "--")[0]] = true
		}
	}
	if len(news) == 0 || !revoked["report"] || !revoked["identity"] {
		t.Errorf("%d objects are new, revoked are %v", len(news), revoked)
	}
	now, _ := followed(t, site, taxiiObjects+"?limit=500")
	for _, o := range now {
		if have := copied[o["id"].(string)]; have == nil || have["modified"] != o["modified"] {
			t.Errorf("%s: the copy has %v, the register %v", o["id"], have["modified"], o["modified"])
		}
	}
	// What is not there any more was a part of a record that has changed or gone.
	if len(now) > len(copied) {
		t.Errorf("%d objects, %d in the copy", len(now), len(copied))
	}
	id := ""
	for _, o := range now {
		if o["type"] == "infrastructure" {
			id = o["id"].(string)
		}
	}
	one, _ := followed(t, site, taxiiObjects+id+"/?limit=1")
	if len(one) != 1 || one[0]["id"] != id {
		t.Errorf("%s: %v", id, one)
	}
}
