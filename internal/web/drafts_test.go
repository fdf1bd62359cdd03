package web_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/sijil/sijil/internal/auth"
	"github.com/sijil/sijil/internal/register"
	storedesk "github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/web"
	"github.com/sijil/sijil/internal/web/desk"
)

// programs is a site with what is needed to make tokens, whose every answer to a
// program is held to the document of the API.
type programs struct {
	*deskSite
	t        *testing.T
	auth     *auth.Auth
	document *testkit.OpenAPI
}

func newPrograms(t *testing.T, db *testkit.DB) *programs {
	t.Helper()
	s := &programs{t: t}
	s.deskSite = newDeskSite(t, db, func(c *desk.Config) { s.auth = c.Auth })
	s.document = describedAPI(t, s)
	return s
}

// session is that of somebody who has just proved who he is.
func (s *programs) session(email string) auth.Session {
	actor := s.staff[email]
	return auth.Session{Session: storedesk.Session{Account: storedesk.Account{ID: actor.ID, Role: actor.Role}, ProvedAt: s.clock.Now()}}
}

// token makes one.
func (s *programs) token(email string, scopes ...register.Scope) string {
	s.t.Helper()
	token, err := s.auth.MakeToken(s.t.Context(), s.session(email), auth.NewToken{Name: "tool", Scopes: scopes, Days: 7})
	if err != nil {
		s.t.Fatal(err)
	}
	return token
}

// call is a request of a program.
type call struct {
	method, path, token string
	body                any
	headers             map[string]string
}

var keys struct {
	sync.Mutex
	last int
}

// nextKey is an Idempotency-Key that nobody had before.
func nextKey() string {
	keys.Lock()
	defer keys.Unlock()
	keys.last++
	return fmt.Sprintf("key-%d", keys.last)
}

// ask carries a call out, and checks the answer by the document.
func (s *programs) ask(c call) *testkit.Answer {
	s.t.Helper()
	raw, ok := c.body.(string)
	if !ok && c.body != nil {
		encoded, err := json.Marshal(c.body)
		if err != nil {
			s.t.Error(err)
		}
		raw = string(encoded)
	}
	r := httptest.NewRequest(c.method, "http://sijil.test/api/v1/drafts/"+c.path, strings.NewReader(raw))
	r.Header.Set("Content-Type", "application/json")
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	if c.method == http.MethodPost {
		r.Header.Set("Idempotency-Key", nextKey())
	}
	for name, value := range c.headers {
		r.Header.Set(name, value)
		if value == "" {
			r.Header.Del(name)
		}
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	a := &testkit.Answer{Target: c.method + " " + c.path, Status: w.Code, Header: w.Header(), Body: w.Body.String()}
	if err := s.document.CheckMethod(c.method, r.URL.Path, a.Status, a.Header, []byte(a.Body)); err != nil {
		s.t.Errorf("%s: %v", a.Target, err)
	}
	if h := a.Header; h.Get("Access-Control-Allow-Origin") != "" || h.Get("Cache-Control") != "no-store" || (a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden) != strings.HasPrefix(h.Get("WWW-Authenticate"), "Bearer") {
		s.t.Errorf("%s: status %d, %v", a.Target, a.Status, h)
	}
	return a
}

// smallBody is an institution as a program sends it.
func smallBody(slug string) map[string]any {
	return map[string]any{"record": map[string]any{
		"language": "fr", "slug": slug, "kind": "other",
		"names": []any{map[string]any{"key": "official", "language": "fr", "kind": "official", "name": "Agence " + slug}},
	}}
}

// made makes an institution, and returns its address and tag.
func (s *programs) made(token, slug string) (path, tag string) {
	s.t.Helper()
	a := s.ask(call{method: http.MethodPost, path: "institutions", token: token, body: smallBody(slug)})
	if a.Status != http.StatusCreated {
		s.t.Fatalf("%s: status %d: %s", slug, a.Status, a.Body)
	}
	_, path, _ = strings.Cut(a.Header.Get("Location"), "/drafts/")
	return path, a.Header.Get("ETag")
}

// TestScopesAndRoles lets each role do each thing with each scope: what a token may,
// its scope and its owner's role must both allow.
func TestScopesAndRoles(t *testing.T) {
	t.Parallel()
	s := newPrograms(t, testkit.Database(t))
	all := s.token(testkit.Analyst, register.Scopes()...)
	operations := []struct {
		needs register.Scope
		good  int
		call  func(slug string) call
	}{
		{register.ScopeWrite, http.StatusCreated, func(slug string) call {
			return call{method: http.MethodPost, path: "institutions", body: smallBody(slug)}
		}},
		{register.ScopeRead, http.StatusOK, func(slug string) call {
			path, _ := s.made(all, slug)
			return call{method: http.MethodGet, path: path}
		}},
		{register.ScopeWrite, http.StatusOK, func(slug string) call {
			path, tag := s.made(all, slug)
			return call{method: http.MethodPut, path: path, body: smallBody(slug), headers: map[string]string{"If-Match": tag}}
		}},
		{register.ScopeSend, http.StatusOK, func(slug string) call {
			path, tag := s.made(all, slug)
			return call{method: http.MethodPost, path: path + "/review", body: map[string]any{"note": "from a tool"}, headers: map[string]string{"If-Match": tag}}
		}},
	}
	for _, email := range []string{testkit.Analyst, testkit.Editor, testkit.Admin} {
		for _, scopes := range [][]register.Scope{{register.ScopeRead}, {register.ScopeWrite}, {register.ScopeSend}, register.Scopes()} {
			token := s.token(email, scopes...)
			for i, o := range operations {
				c := o.call(fmt.Sprintf("agence-%s-%d-%d-%d", email[:5], len(scopes), slices.Index(register.Scopes(), scopes[0]), i))
				c.token = token
				want := http.StatusForbidden
				if slices.Contains(scopes, o.needs) {
					want = o.good
				}
				if a := s.ask(c); a.Status != want {
					t.Errorf("%s with %v: %s: status %d, want %d: %s", email, scopes, a.Target, a.Status, want, a.Body)
				}
			}
			s.clock.Advance(time.Minute)
		}
	}
	for _, r := range web.Routes() {
		if r.IsProgram() && strings.Contains(r.Pattern, "publish") {
			t.Errorf("a program publishes at %s", r.Pattern)
		}
	}
}

// TestProgramsReadAndWriteTheWholeRecord reads each record of the founding record
// and writes it back: nothing of it is lost, and the audit says by which token.
func TestProgramsReadAndWriteTheWholeRecord(t *testing.T) {
	t.Parallel()
	s := newPrograms(t, testkit.Founding(t))
	token := s.token(testkit.Editor, register.ScopeRead, register.ScopeWrite)
	for _, x := range []struct {
		t    register.RecordType
		slug string
	}{{register.TypeIncident, "cnss-2025"}, {register.TypeStatement, "cnss-communique-1"}, {register.TypeInstitution, "cnss"}} {
		path := string(x.t) + "s/" + string(s.recordAt(t, x.t, x.slug).ID)
		before := s.ask(call{method: http.MethodGet, path: path, token: token})
		var got struct {
			Data struct {
				Version int
				Record  json.RawMessage
			}
		}
		if err := json.Unmarshal([]byte(before.Body), &got); err != nil || before.Status != http.StatusOK {
			t.Fatalf("%s: status %d, %v: %s", path, before.Status, err, before.Body)
		}
		a := s.ask(call{
			method: http.MethodPut, path: path, token: token, body: map[string]any{"record": got.Data.Record},
			headers: map[string]string{"If-Match": before.Header.Get("ETag")},
		})
		if a.Status != http.StatusOK || a.Header.Get("ETag") != fmt.Sprintf("%q", fmt.Sprint(got.Data.Version+1)) {
			t.Fatalf("%s: status %d, %v: %s", path, a.Status, a.Header, a.Body)
		}
		after := s.ask(call{method: http.MethodGet, path: path, token: token})
		var again struct {
			Data struct{ Record json.RawMessage }
		}
		if err := json.Unmarshal([]byte(after.Body), &again); err != nil || !bytes.Equal(again.Data.Record, got.Data.Record) {
			t.Errorf("%s: written back, it is another: %v", path, err)
		}
		if same := s.ask(call{method: http.MethodGet, path: path, token: token, headers: map[string]string{"If-None-Match": after.Header.Get("ETag")}}); same.Status != http.StatusNotModified {
			t.Errorf("%s unchanged: status %d", path, same.Status)
		}
		if other := s.ask(call{method: http.MethodGet, path: strings.Replace(path, string(x.t)+"s", map[bool]string{true: "statements", false: "incidents"}[x.t != register.TypeStatement], 1), token: token}); other.Status != http.StatusNotFound {
			t.Errorf("%s as another type: status %d", path, other.Status)
		}
	}
	var noted int
	err := s.db.Owner().QueryRow(t.Context(), `
		SELECT count(*) FROM desk.audit AS a JOIN desk.tokens AS t ON a.detail ->> 'token' = t.id::text
		WHERE a.action = 'change' AND a.account_id = t.account_id`).Scan(&noted)
	if err != nil || noted != 3 {
		t.Errorf("the audit notes %d changes by the token: %v", noted, err)
	}
	if a := testkit.Ask(t, s, "/fr/institutions/cnss/history"); strings.Contains(a.Text("main"), "Édition 2") {
		t.Error("a program has published")
	}
}

// TestNamesInNoLanguage sends names of institutions in what is no code of a language, which
// is refused by name, and in none, which a draft may have: both were answered as a fault of
// the register once.
func TestNamesInNoLanguage(t *testing.T) {
	t.Parallel()
	s := newPrograms(t, testkit.Database(t))
	token := s.token(testkit.Analyst, register.ScopeWrite)
	for i, c := range []struct {
		lang    string
		status  int
		problem string
	}{
		{"fr", http.StatusCreated, ""},
		{"", http.StatusCreated, ""},
		{"fr') AND 1=1", http.StatusUnprocessableEntity, "language"},
		{"FR", http.StatusUnprocessableEntity, "language"},
	} {
		a := s.ask(call{
			method: http.MethodPost, path: "institutions", token: token,
			body: map[string]any{"record": map[string]any{
				"language": "fr", "slug": fmt.Sprint("fonds-", i), "kind": "agency",
				"names": []any{map[string]any{"key": "a", "kind": "official", "language": c.lang, "name": "Fonds"}},
			}},
		})
		if a.Status != c.status || c.problem != "" && !strings.Contains(a.Body, `"`+c.problem+`"`) {
			t.Errorf("a name in %q: status %d, want %d: %s", c.lang, a.Status, c.status, a.Body)
		}
		if c.lang == "" && !strings.Contains(a.Body, `names[a].language`) {
			t.Errorf("that the language is missing is not said: %s", a.Body)
		}
	}
}

// TestProgramsSendHostsInLetters sends addresses whose host is written in Arabic letters:
// they are kept as they are asked for on the network.
func TestProgramsSendHostsInLetters(t *testing.T) {
	t.Parallel()
	const typed, kept = "https://مثال.المغرب/خبر", "https://xn--mgbh0fb.xn--mgbc0a9azcg/خبر"
	s := newPrograms(t, testkit.Database(t))
	token := s.token(testkit.Analyst, register.Scopes()...)
	body := smallBody("host")
	body["record"].(map[string]any)["website"] = typed         //nolint:forcetypeassert // it is made above
	body["record"].(map[string]any)["sources"] = []any{"page"} //nolint:forcetypeassert // the same
	body["sources"] = []any{map[string]any{"key": "page", "kind": "press-report", "publisher": "Journal", "url": typed, "language": "ar"}}
	if a := s.ask(call{method: http.MethodPost, path: "institutions", token: token, body: body}); a.Status != http.StatusCreated {
		t.Fatalf("status %d: %s", a.Status, a.Body)
	}
	var website, url string
	err := s.db.Owner().QueryRow(t.Context(), `SELECT i.website, s.url FROM desk.institutions AS i, desk.sources AS s WHERE s.key = 'page'`).Scan(&website, &url)
	if err != nil || website != kept || url != kept {
		t.Errorf("kept are %q and %q: %v", website, url, err)
	}
}

// TestWhatIsWrongIsNamed sends what cannot be kept, and reads where it is wrong.
func TestWhatIsWrongIsNamed(t *testing.T) {
	t.Parallel()
	s := newPrograms(t, testkit.Founding(t))
	token := s.token(testkit.Analyst, register.ScopeWrite)
	incident := func(change map[string]any) map[string]any {
		r := map[string]any{"language": "fr", "slug": "essai", "title": map[string]any{"fr": "Essai"}, "standing": "suspected", "kinds": []any{"fraud"}}
		maps.Copy(r, change)
		return map[string]any{"record": r}
	}
	event := func(key string) map[string]any {
		return map[string]any{"key": key, "kind": "attack", "attestation": "reported", "title": map[string]any{"fr": "x"}}
	}
	for name, x := range map[string]struct {
		body   any
		status int
		says   string
	}{
		"good":             {incident(nil), 201, `"missing":[{`},
		"slug taken":       {incident(map[string]any{"slug": "cnss-2025"}), 422, `"field":"slug","problem":"slug-taken"`},
		"no language":      {incident(map[string]any{"language": ""}), 422, `"field":"language","problem":"language-unknown"`},
		"unknown standing": {incident(map[string]any{"standing": "maybe"}), 422, `"field":"standing","problem":"code-unknown"`},
		"bad key":          {incident(map[string]any{"events": []any{event("A B")}}), 422, `"problem":"bad-key"`},
		"key twice":        {incident(map[string]any{"events": []any{event("a"), event("a")}}), 422, `"problem":"duplicate-key"`},
		"unknown record":   {incident(map[string]any{"statements": []any{"ST-1999-0001"}}), 422, `"problem":"record-unknown"`},
		"unknown source":   {incident(map[string]any{"sources": []any{"none"}}), 422, `"problems":[{`},
		"by reference":     {incident(map[string]any{"slug": "essai-2", "affected": []any{map[string]any{"key": "a", "institution": "IN-0001"}}}), 201, `"state":"draft"`},
		"wrong type":       {incident(map[string]any{"slug": 7}), 400, `record.slug`},
		"unknown field":    {incident(map[string]any{"colour": "red"}), 400, `colour`},
		"bad date":         {incident(map[string]any{"events": []any{map[string]any{"key": "a", "kind": "attack", "dates": []any{map[string]any{"edtf": "soon"}}}}}), 400, `invalid-body`},
		"no JSON":          {`{"record":`, 400, `invalid-body`},
		"NUL":              {incident(map[string]any{"title": map[string]any{"fr": "a\x00b"}}), 400, `malformed`},
		"many signs":       {incident(map[string]any{"slug": "essai-3", "title": map[string]any{"fr": strings.Repeat(`,[{"\`, 5000)}}), 201, `"state":"draft"`},
		"too many values":  {`{"record":{"events":[{}` + strings.Repeat(`,{}`, 10_000) + `]}}`, 413, `too-large`},
		"too large":        {`{"record":{"slug":"` + strings.Repeat("x", 3<<20) + `"}}`, 413, `too-large`},
	} {
		a := s.ask(call{method: http.MethodPost, path: "incidents", token: token, body: x.body})
		if a.Status != x.status || !strings.Contains(a.Body, x.says) {
			t.Errorf("%s: status %d, want %d and %s: %s", name, a.Status, x.status, x.says, a.Body)
		}
	}
	for name, x := range map[string]struct {
		headers map[string]string
		status  int
	}{
		"no key": {map[string]string{"Idempotency-Key": ""}, 400}, "a key with spaces": {map[string]string{"Idempotency-Key": "a b"}, 400},
		"a form": {map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, 415},
	} {
		if a := s.ask(call{method: http.MethodPost, path: "incidents", token: token, body: incident(nil), headers: x.headers}); a.Status != x.status {
			t.Errorf("%s: status %d: %s", name, a.Status, a.Body)
		}
	}
	cut := httptest.NewRequest(http.MethodPost, "/api/v1/drafts/incidents", iotest.ErrReader(os.ErrDeadlineExceeded))
	cut.Header = http.Header{"Authorization": {"bearer " + token}, "Content-Type": {"application/json"}, "Idempotency-Key": {nextKey()}}
	w := httptest.NewRecorder()
	if s.ServeHTTP(w, cut); w.Code != http.StatusBadRequest {
		t.Errorf("a body that never came: status %d: %s", w.Code, w.Body)
	}
	for _, lang := range []string{"fr", "ar"} {
		r := httptest.NewRequest(http.MethodPost, "/api/v1/drafts/incidents?lang="+lang, http.NoBody)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != http.StatusUnauthorized || !strings.Contains(w.Body.String(), map[string]string{"fr": "Jeton", "ar": "رمز"}[lang]) {
			t.Errorf("in %s: status %d: %s", lang, w.Code, w.Body)
		}
	}
}

// TestARequestIsCarriedOutOnce, however often and however fast it is sent.
func TestARequestIsCarriedOutOnce(t *testing.T) {
	t.Parallel()
	s := newPrograms(t, testkit.Database(t))
	token := s.token(testkit.Analyst, register.ScopeWrite, register.ScopeRead)
	send := func(key, slug string) *testkit.Answer {
		return s.ask(call{method: http.MethodPost, path: "institutions", token: token, body: smallBody(slug), headers: map[string]string{"Idempotency-Key": key}})
	}
	const many = 8
	answers := make([]*testkit.Answer, many)
	var work sync.WaitGroup
	for i := range many {
		work.Go(func() { answers[i] = send(`"same"`, "une-fois") })
	}
	work.Wait()
	first := 0
	for _, a := range answers {
		switch {
		case a.Status == http.StatusCreated && a.Header.Get("Idempotency-Replayed") == "":
			first++
		case a.Status == http.StatusCreated || a.Status == http.StatusConflict:
		default:
			t.Errorf("status %d: %s", a.Status, a.Body)
		}
	}
	var records int
	err := s.db.Owner().QueryRow(t.Context(), `SELECT count(*) FROM desk.records`).Scan(&records)
	if err != nil || records != 1 || first != 1 {
		t.Errorf("%d records, carried out %d times: %v", records, first, err)
	}
	again, other := send("same", "une-fois"), send("same", "autre")
	if again.Status != http.StatusCreated || again.Header.Get("Idempotency-Replayed") != "true" || again.Header.Get("Location") == "" || again.Header.Get("ETag") != `"1"` {
		t.Errorf("again: status %d, %v", again.Status, again.Header)
	}
	if other.Status != http.StatusUnprocessableEntity || !strings.Contains(other.Body, "idempotency-key-reused") {
		t.Errorf("another under the same name: status %d: %s", other.Status, other.Body)
	}
	// A name is that of one token.
	theirs := s.ask(call{method: http.MethodPost, path: "institutions", token: s.token(testkit.Editor, register.ScopeWrite), body: smallBody("autre"), headers: map[string]string{"Idempotency-Key": "same"}})
	if theirs.Status != http.StatusCreated {
		t.Errorf("the same name of another token: status %d: %s", theirs.Status, theirs.Body)
	}
	// What was refused leaves its name free.
	if a := send("refused", "une-fois"); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("a slug that is taken: status %d", a.Status)
	}
	if a := send("refused", "deux-fois"); a.Status != http.StatusCreated {
		t.Errorf("after that: status %d: %s", a.Status, a.Body)
	}
	if err := s.editorial.ForgetRequests(t.Context(), s.clock.Now().AddDate(0, 0, 3)); err != nil {
		t.Fatal(err)
	}
	if a := send("same", "encore"); a.Status != http.StatusCreated {
		t.Errorf("after days: status %d: %s", a.Status, a.Body)
	}
}

// TestNobodyWritesOverWhatHeDidNotSee: changes and reviews are of a version.
func TestNobodyWritesOverWhatHeDidNotSee(t *testing.T) {
	t.Parallel()
	s := newPrograms(t, testkit.Database(t))
	token := s.token(testkit.Analyst, register.Scopes()...)
	path, first := s.made(token, "agence")
	change := func(match string) *testkit.Answer {
		return s.ask(call{method: http.MethodPut, path: path, token: token, body: smallBody("agence"), headers: map[string]string{"If-Match": match}})
	}
	for _, x := range []struct {
		match  string
		status int
	}{
		{"", http.StatusPreconditionRequired},
		{`"9"`, http.StatusPreconditionFailed},
		{"*", http.StatusPreconditionFailed},
		{`W/"1"`, http.StatusPreconditionFailed},
		{"1", http.StatusPreconditionFailed},
		{first, http.StatusOK},
		{first, http.StatusPreconditionFailed},
		{`"2"`, http.StatusOK},
	} {
		if a := change(x.match); a.Status != x.status {
			t.Errorf("If-Match %s: status %d, want %d: %s", x.match, a.Status, x.status, a.Body)
		}
	}
	review := func(match string) *testkit.Answer {
		return s.ask(call{method: http.MethodPost, path: path + "/review", token: token, body: map[string]any{}, headers: map[string]string{"If-Match": match}})
	}
	if a := review(`"2"`); a.Status != http.StatusPreconditionFailed {
		t.Errorf("a review of what has changed: status %d: %s", a.Status, a.Body)
	}
	if a := review(`"3"`); a.Status != http.StatusOK || !strings.Contains(a.Body, `"state":"in-review"`) {
		t.Errorf("a review: status %d: %s", a.Status, a.Body)
	}
	if a := review(`"3"`); a.Status != http.StatusOK { // it takes the place of the first, as at the desk
		t.Errorf("a second review: status %d: %s", a.Status, a.Body)
	}
	empty := smallBody("vide")
	empty["record"].(map[string]any)["names"] = []any{}
	a := s.ask(call{method: http.MethodPost, path: "institutions", token: token, body: empty})
	_, at, _ := strings.Cut(a.Header.Get("Location"), "/drafts/")
	if a = s.ask(call{method: http.MethodPost, path: at + "/review", token: token, body: map[string]any{}, headers: map[string]string{"If-Match": `"1"`}}); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, `names`) {
		t.Errorf("a review of what is not complete: status %d: %s", a.Status, a.Body)
	}
}
