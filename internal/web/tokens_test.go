package web_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/auth"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/record"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/web"
	"github.com/sijil/sijil/internal/web/desk"
)

// TestTokensEnd by time, by their owner, by an admin, and with the account; and
// nothing that is kept or logged is the token.
func TestTokensEnd(t *testing.T) {
	t.Parallel()
	s := newPrograms(t, testkit.Database(t))
	log := &strings.Builder{}
	handler, err := web.New(web.Config{
		BaseURL: "http://sijil.test", Records: record.NewStore(store.Wrap(s.db.Public())), Now: s.clock.Now, Patience: patience,
		Log:  slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Desk: &desk.Config{Editorial: s.editorial, Auth: s.auth, Sessions: s.staff, Intake: s.intake, Now: s.clock.Now},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Handler = handler
	status := func(token string) int {
		return s.ask(call{method: http.MethodGet, path: "institutions/00000000-0000-0000-0000-000000000000", token: token}).Status
	}
	mine, theirs, old := s.token(testkit.Analyst, register.ScopeRead), s.token(testkit.Analyst, register.ScopeRead), s.token(testkit.Editor, register.ScopeRead)
	for name, token := range map[string]string{"none": "", "another": "sjl_" + strings.Repeat("A", 43), "a session": testkit.Analyst, "shortened": mine[:40]} {
		if got := status(token); got != http.StatusUnauthorized {
			t.Errorf("%s: status %d", name, got)
		}
	}
	tokens, err := s.auth.Tokens(t.Context(), s.session(testkit.Analyst))
	if err != nil || len(tokens) != 2 {
		t.Fatalf("%d tokens, %v", len(tokens), err)
	}
	if err := s.auth.RevokeToken(t.Context(), s.staff[testkit.Editor], tokens[0].ID); err == nil {
		t.Error("an editor has revoked the token of somebody else")
	}
	for i, by := range []string{testkit.Analyst, testkit.Admin} {
		if err := s.auth.RevokeToken(t.Context(), s.staff[by], tokens[i].ID); err != nil {
			t.Fatal(err)
		}
	}
	if status(mine) != http.StatusUnauthorized || status(theirs) != http.StatusUnauthorized || status(old) != http.StatusNotFound {
		t.Error("a token that was revoked is good, or another is not")
	}
	if _, err := s.auth.AllTokens(t.Context(), s.staff[testkit.Editor]); err == nil {
		t.Error("an editor sees everybody's tokens")
	}
	all, err := s.auth.AllTokens(t.Context(), s.staff[testkit.Admin])
	if err != nil || len(all) != 3 || all[0].UsedAt == nil || all[0].RevokedAt != nil {
		t.Errorf("an admin sees %+v, %v", all, err)
	}
	s.clock.Advance(7*24*time.Hour + time.Second)
	if status(old) != http.StatusUnauthorized {
		t.Error("a token that has expired is good")
	}
	last := s.token(testkit.Editor, register.ScopeRead)
	if _, err := s.db.Owner().Exec(t.Context(), `UPDATE desk.accounts SET deactivated_at = now() WHERE id = $1`, s.staff[testkit.Editor].ID); err != nil {
		t.Fatal(err)
	}
	if status(last) != http.StatusUnauthorized {
		t.Error("the token of who was deactivated is good")
	}
	for _, token := range []string{mine, theirs, old, last} {
		if where := s.keptAnywhere(token[len(auth.TokenPrefix):]); where != "" || strings.Contains(log.String(), token[:20]) {
			t.Errorf("a token is kept in %q, or logged", where)
		}
	}
	if strings.Count(log.String(), "/api/v1/drafts/") == 0 {
		t.Error("nothing is logged at all")
	}
}

// keptAnywhere names a table of the desk that holds a word; "" for none.
func (s *programs) keptAnywhere(word string) string {
	s.t.Helper()
	rows, err := s.db.Owner().Query(s.t.Context(), `SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('desk', 'record', 'jobs')`)
	if err != nil {
		s.t.Fatal(err)
	}
	var tables []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			s.t.Fatal(err)
		}
		tables = append(tables, name)
	}
	for _, name := range tables {
		var found bool
		if err := s.db.Owner().QueryRow(s.t.Context(), `SELECT EXISTS (SELECT FROM `+name+` AS x WHERE x::text LIKE '%' || $1 || '%')`, word).Scan(&found); err != nil {
			s.t.Fatal(err)
		}
		if found {
			return name
		}
	}
	return ""
}

// TestATokenHasItsOwnRate, and no page of another site can ask.
func TestATokenHasItsOwnRate(t *testing.T) {
	t.Parallel()
	s := newPrograms(t, testkit.Database(t))
	token, other := s.token(testkit.Analyst, register.ScopeRead), s.token(testkit.Editor, register.ScopeRead)
	c := call{method: http.MethodGet, path: "institutions/none", token: token, headers: map[string]string{"Origin": "https://elsewhere.example"}}
	refused := 0
	for range 125 {
		if a := s.ask(c); a.Status == http.StatusTooManyRequests {
			refused++
			if !strings.Contains(a.Header.Get("RateLimit"), `"token";r=0`) || a.Header.Get("Retry-After") == "" {
				t.Fatalf("%v", a.Header)
			}
		}
	}
	c.token = other
	if a := s.ask(c); refused != 5 || a.Status != http.StatusNotFound {
		t.Errorf("%d of 125 were refused; another token: status %d", refused, a.Status)
	}
	for _, method := range []string{http.MethodOptions, http.MethodDelete, http.MethodPatch} {
		r := httptest.NewRequest(method, "/api/v1/drafts/institutions", http.NoBody)
		r.Header.Set("Origin", "https://elsewhere.example")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Access-Control-Allow-Origin") != "" || w.Header().Get("Allow") != "GET, HEAD, POST, PUT" {
			t.Errorf("%s: status %d, %v", method, w.Code, w.Header())
		}
	}
}

// TestTheExampleOfDraftsRuns as the page about data has it.
func TestTheExampleOfDraftsRuns(t *testing.T) {
	t.Parallel()
	for _, needed := range []string{"sh", "curl"} {
		if _, err := exec.LookPath(needed); err != nil {
			t.Skipf("%s is not installed: this example was not run", needed)
		}
	}
	s := newPrograms(t, testkit.Database(t))
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	run := exec.CommandContext(t.Context(), "sh", "-eu")
	run.Dir, run.Stdin = t.TempDir(), strings.NewReader(testkit.Ask(t, s, "/ar/data").Page().Find("code.language-bash").Text())
	// The site's own name leads to the server of the test by way of a proxy.
	run.Env = append(os.Environ(), "SIJIL_TOKEN="+s.token(testkit.Analyst, register.ScopeWrite), "http_proxy="+server.URL, "no_proxy=")
	out, err := run.CombinedOutput()
	if err != nil || !strings.Contains(string(out), `"version":2`) {
		t.Errorf("%v: %s", err, out)
	}
}

// TestTokensAreMadeAtTheDesk by a person who proves anew who he is, and shown once.
func TestTokensAreMadeAtTheDesk(t *testing.T) {
	t.Parallel()
	d := newDoor(t, "http://sijil.test")
	v := d.visitor().signIn(testkit.Analyst)
	v.open("/fr/desk/account/tokens")
	if v.Status != http.StatusOK || v.Page().Find("input[name=scopes]").Length() != len(register.Scopes()) {
		t.Fatalf("status %d: %s", v.Status, v.Text("main"))
	}
	v.send(map[string]string{"name": "", "days": "30", "scopes": ""})
	if v.Status != http.StatusUnprocessableEntity || v.Page().Find(`a[href="#scopes"]`).Length() != 1 || v.Page().Find(`a[href="#name"]`).Length() != 1 {
		t.Errorf("without name and scope: status %d: %s", v.Status, v.Text("main"))
	}
	v.send(map[string]string{"name": "Outil de veille", "days": "30", "scopes": "drafts:read"})
	token := v.Text("[data-secret]")
	if v.Status != http.StatusOK || !strings.HasPrefix(token, auth.TokenPrefix) || len(token) != len(auth.TokenPrefix)+43 {
		t.Fatalf("status %d: %s", v.Status, v.Text("main"))
	}
	if by, err := d.auth.Program(t.Context(), token); err != nil || by.Role != register.RoleAnalyst || !slices.Equal(by.Scopes, []register.Scope{register.ScopeRead}) {
		t.Errorf("by the token works %+v, %v", by, err)
	}
	v.open("/fr/desk/account/tokens")
	if strings.Contains(v.Body, token) || !strings.Contains(v.Text("table"), "Outil de veille") {
		t.Errorf("the list says %s", v.Text("table"))
	}
	// Another password leaves it as it is, and says so.
	for lang, says := range map[string]string{"fr": "1 jeton de programme", "ar": "رمز برنامج واحد", "en": "1 token of a program"} {
		page := testkit.Ask(t, d, "/"+lang+"/desk/account/password", v.carry)
		if !strings.Contains(page.Text("main"), says) || page.Count(`main a[href="/`+lang+`/desk/account/tokens"]`) != 1 {
			t.Errorf("%s: status %d: %s", lang, page.Status, page.Text("main"))
		}
	}
	d.clock.Advance(20 * time.Minute)
	v.open("/fr/desk/account/tokens").send(map[string]string{"name": "Un autre", "days": "7", "scopes": "drafts:read"})
	if v.Page().Find("input[name=password]").Length() != 1 || v.Page().Find("[data-secret]").Length() != 0 {
		t.Errorf("without a new proof: status %d: %s", v.Status, v.Text("main"))
	}
	admin := d.visitor().signIn(testkit.Admin)
	admin.open("/fr/desk/tokens").press("Révoquer Outil de veille")
	if _, err := d.auth.Program(t.Context(), token); err == nil || !strings.Contains(admin.Text("table"), "Révoqué") {
		t.Errorf("after an admin revoked it: %v, %s", err, admin.Text("main"))
	}
	for lang, says := range map[string]string{"fr": "jeton", "ar": "رمز", "en": "token"} {
		if page := testkit.Ask(t, d, "/"+lang+"/desk/account/password", v.carry); strings.Contains(page.Text("main"), says) {
			t.Errorf("without a token: %s", page.Text("main"))
		}
	}
}

// TestWhatEndedNothingSaysSo: a token, a device or a second factor that has ended before, or
// is somebody else's, is not said to have been ended now; which of both it is, is not told.
func TestWhatEndedNothingSaysSo(t *testing.T) {
	t.Parallel()
	d := newDoor(t, "http://sijil.test")
	of := func(email string) (v *visitor, token, session string) {
		t.Helper()
		v = d.visitor().signIn(email)
		v.open("/fr/desk/account/tokens").send(map[string]string{"name": "Outil", "days": "30", "scopes": "drafts:read"})
		err := d.db.Owner().QueryRow(t.Context(), `
			SELECT t.id::text, s.id::text FROM desk.accounts AS a JOIN desk.tokens AS t ON t.account_id = a.id
			JOIN desk.sessions AS s ON s.account_id = a.id WHERE a.email = $1`, email).Scan(&token, &session)
		if err != nil {
			t.Fatal(err)
		}
		return v, token, session
	}
	_, foreign, foreignSession := of(testkit.Editor)
	v, own, _ := of(testkit.Analyst)
	end := func(lang, at string, form url.Values) string {
		t.Helper()
		csrf, _ := v.open("/" + lang + "/desk/account").Page().Find("input[name=csrf]").Attr("value")
		form.Set("csrf", csrf)
		return v.came(testkit.Post(t, v.site, "/"+lang+at, form, v.carry)).Text("main")
	}
	nothing := map[string]map[string]string{
		"fr": {"token": "Aucun jeton", "session": "Aucun appareil", "factor": "Rien n’a été retiré"},
		"ar": {"token": "لم يُلغ أي رمز", "session": "لم يقطع اتصال أي جهاز", "factor": "لم يزل شيء"},
		"en": {"token": "No token was revoked", "session": "No device was signed out", "factor": "Nothing was removed"},
	}
	if said := end("en", "/desk/account/tokens/revoke", url.Values{"token": {own}}); !strings.Contains(said, "The token is revoked") {
		t.Errorf("control: of the token that was there it says %s", said)
	}
	if said := end("en", "/desk/account/sessions", url.Values{"session": {"others"}}); !strings.Contains(said, "All other devices are signed out") {
		t.Errorf("all others: %s", said)
	}
	for lang, want := range nothing {
		for _, c := range []struct {
			at, what, field, value string
		}{
			{"/desk/account/tokens/revoke", "token", "token", own},
			{"/desk/account/tokens/revoke", "token", "token", foreign},
			{"/desk/account/tokens/revoke", "token", "token", "x"},
			{"/desk/account/sessions", "session", "session", foreignSession},
			{"/desk/account/sessions", "session", "session", ""},
			{"/desk/account/passkeys/remove", "factor", "passkey", foreignSession},
			{"/desk/account/second-factor/remove", "factor", "which", "codes"},
		} {
			if said := end(lang, c.at, url.Values{c.field: {c.value}}); !strings.Contains(said, want[c.what]) {
				t.Errorf("%s: %s %s %q: %s", lang, c.at, c.what, c.value, said)
			}
		}
	}
}

// TestAResetSaysWhatBecomesOfTokens before it is done, and after.
func TestAResetSaysWhatBecomesOfTokens(t *testing.T) {
	t.Parallel()
	d := newDoor(t, "http://sijil.test")
	for lang, said := range map[string][2]string{
		"fr": {"jetons de ses programmes prennent fin", "jetons de vos programmes ont pris fin"}, "ar": {"تنتهي رموز برامجه", "وانتهت رموز برامجكم"},
		"en": {"tokens of its programs end", "tokens of your programs have ended"},
	} {
		if err := d.auth.Forgot(t.Context(), testkit.Analyst, auth.From{}); err != nil {
			t.Fatal(err)
		}
		sent := *d.letters.sent
		_, link, _ := strings.Cut(sent[len(sent)-1].Path[1:], "/")
		v := d.visitor().open("/" + lang + "/" + link)
		if !strings.Contains(v.Text("main"), said[0]) {
			t.Errorf("%s: before: %s", lang, v.Text("main"))
		}
		if v.send(map[string]string{"password": "une longue phrase, en " + lang}); !strings.Contains(v.Text("main"), said[1]) {
			t.Errorf("%s: after: %s", lang, v.Text("main"))
		}
	}
}
