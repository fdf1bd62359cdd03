package web_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/auth"
	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	storedesk "github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/web"
	"github.com/sijil/sijil/internal/web/desk"
	"github.com/sijil/sijil/internal/web/desk/form"
)

// kinship is a register of which parts are asked for under what they do not belong
// to: of each type there are two records, a published one and a draft that has
// everything.
type kinship struct {
	*deskSite
	auth  *auth.Auth
	ids   map[string]string // of the published record of each type, by the word of its addresses
	slugs map[string]string
	rest  map[string]string // identifiers of the drafts
	nouns map[string]any    // what is in a record, by its identifier
	// claim is the key of a claim of another statement, which the one at hand has not.
	claim string
	// short and long are sources with one and two copies of their pages; hash is that
	// of a file.
	short, long, hash string
}

func newKinship(t *testing.T) *kinship {
	t.Helper()
	k := &kinship{
		slugs: map[string]string{"incidents": "cnss-2025", "statements": "cnss-communique-1", "institutions": "cnss"},
		ids:   map[string]string{}, rest: map[string]string{}, nouns: map[string]any{}, short: "src-short", long: "src-long",
	}
	k.deskSite = newDeskSite(t, testkit.Founding(t), capturesOn, func(c *desk.Config) { k.auth = c.Auth })
	c := testkit.NewCanaries(t)
	for _, kind := range register.RecordTypes() {
		word := string(kind) + "s"
		d := k.loaded(t, kind, k.slugs[word])
		k.ids[word], c.Refs[kind] = string(d.ID), d.ID
		k.nouns[k.ids[word]] = nounIn(d)
		if d.Statement != nil {
			c.Claim = d.Statement.Claims[0].Key
		}
	}
	c.Source = "src-001"
	for word, noun := range map[string]any{"incidents": &register.Incident{}, "statements": &register.Statement{}, "institutions": &register.Institution{}} {
		c.Fill(noun)
		v, err := k.editorial.Save(t.Context(), k.staff[testkit.Analyst], draftOf(noun))
		if err != nil {
			t.Fatal(err)
		}
		k.rest[word], k.nouns[string(v.ID)] = string(v.ID), noun
	}
	k.claim = k.nouns[k.rest["statements"]].(*register.Statement).Claims[0].Key
	k.evidence(t)
	return k
}

// nounIn is what a draft holds.
func nounIn(d editorial.Draft) any {
	switch d.Type() {
	case register.TypeIncident:
		return d.Incident
	case register.TypeStatement:
		return d.Statement
	case register.TypeInstitution:
	}
	return d.Institution
}

// evidence keeps copies of the pages of two sources, and a file.
func (k *kinship) evidence(t *testing.T) {
	t.Helper()
	ctx, analyst := t.Context(), k.staff[testkit.Analyst]
	for key, copies := range map[string]int{k.short: 1, k.long: 2} {
		s := register.Source{Key: key, Kind: register.SourceOfficial, Publisher: "Le Fonds", Title: key, URL: "https://fonds.example/" + key}
		if err := k.editorial.WithCaptures().SaveSources(ctx, analyst, []register.Source{s}); err != nil {
			t.Fatal(err)
		}
		target, _, err := k.editorial.CaptureOf(ctx, analyst, key)
		for i := 0; err == nil && i < copies; i++ {
			text := fmt.Sprint(key, i)
			_, err = k.editorial.KeepCapture(ctx, target.ID, register.KeptCapture{
				TakenAt: k.clock.Now().Add(time.Duration(i) * time.Hour), Final: s.URL, HTTPStatus: 200, Type: "text/html",
				SHA256: register.HashOf([]byte(text)), Size: int64(len(text)), Text: text, Hops: []register.CaptureHop{{URL: s.URL, Status: 200}},
			}, []byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	content := arabicPDF(t)
	file, err := k.intake.Intake(ctx, bytes.NewReader(content), "communique.pdf", register.TypePDF)
	if err == nil {
		k.hash = file.SHA256
		_, err = k.editorial.AttachFile(ctx, analyst, file.File, content)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// foreign are the items that one record of a type has and the other has not, as the
// end of their addresses: "/events/attack". And what is an item, but of another list.
func (k *kinship) foreign(word, own, other string) (out []string) {
	taken := map[string]bool{}
	register.EachFact(k.nouns[own], func(f *register.Fact) { taken[f.Key] = true })
	parts := form.Parts(register.RecordType(strings.TrimSuffix(word, "s")))
	for i := range parts {
		if parts[i].Item == nil {
			continue
		}
		for _, key := range parts[i].Keys(k.nouns[other]) {
			if parts[i].Get(k.nouns[own], key) == nil && !taken[key] {
				out = append(out, "/"+parts[i].Name+"/"+key)
			}
		}
		for j := range parts {
			if parts[j].Item == nil || j == i || len(parts[j].Keys(k.nouns[own])) == 0 {
				continue
			}
			if key := parts[j].Keys(k.nouns[own])[0]; parts[i].Get(k.nouns[own], key) == nil {
				out = append(out, "/"+parts[i].Name+"/"+key)
			}
		}
	}
	return out
}

// others are the words of the other types.
func (k *kinship) others(word string) []string {
	return slices.DeleteFunc([]string{"incidents", "statements", "institutions"}, func(w string) bool { return w == word })
}

var (
	recordIn  = regexp.MustCompile(`/(incidents|statements|institutions)/(\{id\}|\{slug\})`)
	namedPart = regexp.MustCompile(`\{[a-z]+\}`)
)

// strangers are addresses, by the routes with more than one name in them, whose
// second name is of something that belongs to another first. A new such route has no
// line, and the test fails until somebody has thought of it.
func (k *kinship) strangers() map[string][]string {
	at := func(word, rest string) string { return "/fr/desk/" + word + "/" + k.ids[word] + rest }
	collection := "/taxii2/record/collections/none/objects/none/"
	out := map[string][]string{
		"/{lang}/desk/documents/{hash}/pages/{number}":             {"/fr/desk/documents/" + k.hash + "/pages/99", "/fr/desk/documents/" + strings.Repeat("0", 64) + "/pages/1"},
		"/{lang}/desk/sources/{key}/captures/{number}":             {"/fr/desk/sources/" + k.short + "/captures/2", "/fr/desk/sources/src-001/captures/1"},
		"/{lang}/desk/sources/{key}/captures/{number}/warc":        {"/fr/desk/sources/" + k.short + "/captures/2/warc", "/fr/desk/sources/src-001/captures/1/warc"},
		"/{lang}/desk/vocabularies/{name}/{code}":                  {"/fr/desk/vocabularies/standing/announced", "/fr/desk/vocabularies/referral-step/confirmed"},
		"/taxii2/record/collections/{name}/objects/{id}/":          {collection},
		"/taxii2/record/collections/{name}/objects/{id}/versions/": {collection + "versions/"},
		"/editions/{name}/{number}.json":                           {"/editions/in-0001/99.json"},
		"/editions/{name}/{number}.proof":                          {"/editions/in-0001/99.proof"},
	}
	for _, word := range []string{"incidents", "statements", "institutions"} {
		out["/{lang}/desk/"+word+"/{id}/{part}"] = []string{at(word, "/none"), "/fr/desk/" + word + "/" + k.ids[k.others(word)[0]] + "/none"}
		items := "/{lang}/desk/" + word + "/{id}/{part}/{key}"
		for own, other := range map[string]string{k.ids[word]: k.rest[word], k.rest[word]: k.ids[word]} {
			for _, item := range k.foreign(word, own, other) {
				out[items] = append(out[items], "/fr/desk/"+word+"/"+own+item)
				out[items+"/remove"] = append(out[items+"/remove"], "/fr/desk/"+word+"/"+own+item+"/remove")
			}
		}
		for _, rest := range []string{"", "/cite", "/cite/{name}"} {
			pattern := "/{lang}/" + word + "/{slug}/editions/{number}" + rest
			out[pattern] = []string{strings.NewReplacer("{name}", "bibtex").Replace("/fr/" + word + "/" + k.slugs[word] + "/editions/99" + rest)}
		}
	}
	return out
}

// state is what may not have changed by what is refused.
func (k *kinship) state(t *testing.T) string {
	t.Helper()
	var out string
	err := k.db.Owner().QueryRow(t.Context(), `
		SELECT md5((SELECT encode(hash, 'hex') FROM desk.audit_head)
		    || (SELECT string_agg(concat(r.id, r.version, r.state), ',' ORDER BY r.id) FROM desk.records AS r)
		    || (SELECT string_agg(id::text || coalesce(revoked_at::text, ''), ',' ORDER BY id) FROM desk.tokens)
		    || (SELECT count(*) FROM desk.sessions) || (SELECT count(*) FROM record.editions) || (SELECT count(*) FROM desk.decisions))`).Scan(&out)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// ask asks for an address by the method of a route, as the one who may most.
func (k *kinship) ask(t *testing.T, method, target, token string) int {
	t.Helper()
	change := testkit.As(testkit.Admin)
	if token != "" {
		change = with("Authorization", "Bearer "+token)
	}
	if method == http.MethodPost && token == "" {
		return testkit.Post(t, k, target, url.Values{"version": {"1"}}, change).Status
	}
	r := httptest.NewRequest(method, "http://sijil.test"+target, strings.NewReader(`{"record":{"language":"fr"}}`))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", nextKey())
	r.Header.Set("If-Match", `"1"`)
	r.Header.Set("Accept", "*/*")
	r.RemoteAddr = "192.0.2.1:1234"
	change(r)
	w := httptest.NewRecorder()
	k.ServeHTTP(w, r)
	return w.Code
}

// refuses reports whether a status says that there is no such thing, or that it is
// not to be had so.
func refuses(status int) bool {
	return status == http.StatusNotFound || status == http.StatusBadRequest || status == http.StatusForbidden || status == http.StatusConflict || status == http.StatusUnprocessableEntity
}

// TestStrangersAreRefused asks under one thing for what belongs to another: records
// under the word of another type, parts and items of other records, tokens and
// sessions of other people. All is refused, and nothing has changed.
func TestStrangersAreRefused(t *testing.T) {
	t.Parallel()
	k := newKinship(t)
	analyst, editor := k.staff[testkit.Analyst], k.staff[testkit.Editor]
	token, err := k.auth.MakeToken(t.Context(), auth.Session{
		Session: storedesk.Session{Account: storedesk.Account{ID: analyst.ID, Role: analyst.Role}, ProvedAt: k.clock.Now()},
	}, auth.NewToken{Name: "tool", Scopes: register.Scopes(), Days: 7})
	if err != nil {
		t.Fatal(err)
	}
	before, strangers, asked := k.state(t), k.strangers(), 0
	want := func(r web.Route, target string) {
		by := ""
		if r.IsProgram() {
			by = token
		}
		asked++
		if status := k.ask(t, r.Method, target, by); !refuses(status) {
			t.Errorf("%s %s: status %d", r.Method, target, status)
		}
	}
	for _, r := range web.Routes() {
		names := slices.DeleteFunc(namedPart.FindAllString(r.Pattern, -1), func(n string) bool { return n == "{lang}" })
		if m := recordIn.FindStringSubmatch(r.Pattern); m != nil {
			for _, other := range k.others(m[1]) {
				name := map[string]string{"{id}": k.ids[other], "{slug}": k.slugs[other]}[m[2]]
				bare := strings.NewReplacer("{lang}", "fr", m[2], name, "{number}", "1", "{name}", "bibtex", "{part}", "title", "{key}", "x").Replace(r.Pattern)
				if strings.HasPrefix(r.Pattern, "/api/v1/") && !r.IsProgram() {
					bare = strings.Replace(bare, name, k.slugs[other], 1)
				}
				want(r, bare)
			}
		}
		if len(names) < 2 {
			continue
		}
		targets := strangers[r.Pattern]
		if len(targets) == 0 {
			t.Errorf("%s has two names, and nobody has said what is a stranger to it", r.Pattern)
		}
		for _, target := range targets {
			want(r, target)
		}
	}
	if k.state(t) != before {
		t.Error("something that was refused has changed something")
	}
	t.Logf("%d requests", asked)
	k.ofOthers(t, editor, before)
	for _, own := range []string{"/fr/desk/incidents/" + k.ids["incidents"], "/fr/desk/vocabularies/standing/confirmed"} {
		if status := k.ask(t, http.MethodGet, own, ""); status != http.StatusOK {
			t.Errorf("control: %s: status %d", own, status)
		}
	}
}

// ofOthers: an editor ends no token and no session of an analyst.
func (k *kinship) ofOthers(t *testing.T, editor register.Actor, before string) {
	t.Helper()
	var token, session string
	err := k.db.Owner().QueryRow(t.Context(), `SELECT t.id::text, s.id::text FROM desk.tokens AS t JOIN desk.sessions AS s USING (account_id) WHERE t.account_id <> $1`, editor.ID).Scan(&token, &session)
	if err != nil {
		t.Fatal(err)
	}
	for target, form := range map[string]url.Values{
		"/fr/desk/account/tokens/revoke": {"token": {token}}, "/fr/desk/account/sessions": {"session": {session}},
		"/fr/desk/tokens/revoke": {"token": {token}}, "/fr/desk/account/passkeys/remove": {"passkey": {session}},
	} {
		testkit.Post(t, k, target, form, testkit.As(testkit.Editor))
		if k.state(t) != before {
			t.Errorf("%s: an editor has ended what is an analyst's", target)
		}
	}
	if err := k.auth.RevokeToken(t.Context(), k.staff[testkit.Analyst], token); err != nil || k.state(t) == before {
		t.Errorf("control: a token that was revoked is not noticed: %v", err)
	}
}
