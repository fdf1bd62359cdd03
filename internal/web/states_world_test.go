package web_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/auth"
	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/jobs"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	storedesk "github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/store/record"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/web"
	"github.com/sijil/sijil/internal/web/desk"
	"github.com/sijil/sijil/internal/web/public"
)

// Those who make what is asked for. Who asks is somebody else, so that nobody of
// them has a part in it but where a state says so.
const (
	author   = "author@example.org"   // an analyst
	reviewer = "reviewer@example.org" // an editor
	second   = "second@example.org"   // an admin
	gone     = "gone@example.org"     // an editor whose account was deactivated
)

// asker is somebody who asks: at the desk by a session, as a program by a token.
type asker struct{ email, token string }

// thing is something to be asked for: the values of the named parts of an address
// and of fields of forms, by their names.
type thing map[string]string

// world is a register in which there is something in each state.
type world struct {
	*deskSite
	t                                testing.TB
	auth                             *auth.Auth
	setting                          *desk.Config
	records                          *record.Store
	asks                             map[string]asker
	institution, incident, statement register.Ref     // that are published, and stay so
	things                           map[string]thing // what was made, by what it is and its state
	stood                            string           // state after what was asked last; "" where it is not known
	made                             int
}

// doors lets in by the sessions that are kept, and takes who it is from the test.
type doors struct {
	kept  desk.Sessions
	staff testkit.Sessions
}

func (d doors) Who(ctx context.Context, token string) (desk.Who, error) {
	if _, err := d.kept.Who(ctx, token); err != nil {
		return desk.Who{}, err
	}
	return d.staff.Who(ctx, token)
}

func newWorld(tb testing.TB) *world {
	tb.Helper()
	w := &world{t: tb, things: map[string]thing{}}
	w.deskSite = newDeskSite(tb, testkit.Database(tb), capturesOn, func(c *desk.Config) { w.setting, w.auth = c, c.Auth })
	w.records = record.NewStore(store.Wrap(w.db.Public()))
	w.setting.Sessions = doors{desk.NewSessions(w.auth), w.staff}
	w.hire()
	w.publishBase()
	testkit.SignLog(tb, w.db, testkit.LogKeys(tb), w.clock.Now())
	w.Handler = w.site(w.setting, w.records)
	return w
}

// site serves the world by other settings of the desk, and another record.
func (w *world) site(settings *desk.Config, records web.Records) http.Handler {
	w.t.Helper()
	handler, err := web.New(web.Config{
		BaseURL: "http://sijil.test", Records: records, Now: w.clock.Now, Patience: patience, APIRate: 1 << 30, ExportRate: 1 << 20,
		Exports: public.Exports{Source: w.records, Spool: func() (exchange.Spool, error) { return os.CreateTemp(w.t.TempDir(), "") }},
		Log:     slog.New(slog.DiscardHandler), Blobs: w.blobs, Desk: settings,
	})
	w.must(err)
	return handler
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// hire makes those who make things, and those who ask, each with a token.
func (w *world) hire() {
	w.t.Helper()
	queries := storedesk.New(store.Wrap(w.db.Desk()).Querier())
	for email, role := range map[string]register.AccountRole{
		author: register.RoleAnalyst, reviewer: register.RoleEditor, second: register.RoleAdmin, gone: register.RoleEditor,
	} {
		account, err := queries.EnsureAccount(w.t.Context(), storedesk.Account{Email: email, Name: email, Role: role, Language: register.French})
		w.must(err)
		w.staff[email] = register.Actor{ID: account.ID, Role: role}
		hash := sha256.Sum256([]byte(email)) // as testkit.Staff signs in
		_, err = queries.InsertSession(w.t.Context(), hash[:], storedesk.Session{Account: account, Device: "test", Network: "192.0.2.0/24"}, w.clock.Now().AddDate(50, 0, 0))
		w.must(err)
	}
	w.asks = map[string]asker{
		"nobody":  {},
		"analyst": {testkit.Analyst, w.tokenOf(testkit.Analyst, register.Scopes()...)},
		"editor":  {testkit.Editor, w.tokenOf(testkit.Editor, register.Scopes()...)},
		"admin":   {testkit.Admin, w.tokenOf(testkit.Admin, register.Scopes()...)},
		"reads":   {"", w.tokenOf(testkit.Admin, register.ScopeRead)},
		"revoked": {"", w.tokenOf(testkit.Editor2, register.Scopes()...)},
		"gone":    {gone, w.tokenOf(gone, register.Scopes()...)},
	}
	w.must(w.auth.RevokeToken(w.t.Context(), w.staff[testkit.Editor2], w.tokenIDs(testkit.Editor2)[0]))
	w.must(w.auth.Deactivate(w.t.Context(), w.staff[second], w.staff[gone].ID))
}

func (w *world) sessionOf(email string) auth.Session {
	actor := w.staff[email]
	return auth.Session{Session: storedesk.Session{Account: storedesk.Account{ID: actor.ID, Role: actor.Role}, ProvedAt: w.clock.Now()}}
}

func (w *world) tokenOf(email string, scopes ...register.Scope) string {
	w.t.Helper()
	token, err := w.auth.MakeToken(w.t.Context(), w.sessionOf(email), auth.NewToken{Name: "tool", Scopes: scopes, Days: 90})
	w.must(err)
	return token
}

// tokenIDs are those of somebody's tokens.
func (w *world) tokenIDs(email string) (ids []string) {
	w.t.Helper()
	tokens, err := w.auth.Tokens(w.t.Context(), w.sessionOf(email))
	w.must(err)
	for _, token := range tokens {
		ids = append(ids, token.ID)
	}
	return ids
}

// dump makes the files that are handed out whole.
func (w *world) dump() {
	w.t.Helper()
	words, err := i18n.Load(nil)
	w.must(err)
	w.must((&jobs.Dumps{
		DB: store.Wrap(w.db.Desk()), Source: w.records, Blobs: w.blobs, Base: "http://sijil.test", Words: words.Localizer("fr"), Days: 2,
		Spool: func() (exchange.Spool, error) { return os.CreateTemp(w.t.TempDir(), "") },
	}).Take(w.t.Context(), w.clock.Now()))
}

// state is what may not change by what is refused, and changes by what is done:
// every change is a line of the audit, which is a chain.
func (w *world) state() (out string) {
	w.t.Helper()
	w.must(w.db.Owner().QueryRow(w.t.Context(), `
		SELECT (SELECT encode(hash, 'hex') FROM desk.audit_head)
		    || (SELECT concat_ws(',', count(*), sum(version), sum(hashtext(state))) FROM desk.records)
		    || (SELECT concat_ws(',', count(*), count(outcome), count(claimed_by)) FROM desk.bundles)
		    || (SELECT concat_ws(',', count(*), count(outcome)) FROM desk.decisions)
		    || (SELECT concat_ws(',', count(*), count(revoked_at)) FROM desk.tokens)
		    || (SELECT concat_ws(',', count(*), count(deactivated_at), sum(hashtext(role))) FROM desk.accounts)
		    || (SELECT count(*) FROM record.editions)`).Scan(&out))
	return out
}

// ask carries out one line of the table, as somebody.
func (w *world) ask(site http.Handler, c *stateCase, who asker, x thing) *testkit.Answer {
	w.t.Helper()
	target, isProgram := c.target(x), strings.HasPrefix(c.pattern, "/api/v1/drafts/")
	body, media := "", ""
	switch {
	case c.method == http.MethodGet:
	case isProgram:
		body, media = c.body(w, x), "application/json"
	default:
		form := url.Values{"csrf": {testkit.CSRF}}
		maps.Copy(form, c.form(x))
		body, media = form.Encode(), "application/x-www-form-urlencoded"
	}
	r := httptest.NewRequestWithContext(w.t.Context(), c.method, "http://sijil.test"+target, strings.NewReader(body))
	r.RemoteAddr = "192.0.2.1:1234"
	r.Header.Set("Content-Type", media)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if strings.HasPrefix(c.pattern, "/taxii2/") {
		r.Header.Set("Accept", "application/taxii+json;version=2.1")
	}
	switch {
	case isProgram:
		w.clock.Advance(time.Second) // a token has 120 requests a minute
		r.Header.Set("If-Match", `"`+x["version"]+`"`)
		r.Header.Set("Idempotency-Key", nextKey())
		if who.token != "" {
			r.Header.Set("Authorization", "Bearer "+who.token)
		}
	case who.email != "":
		testkit.As(who.email)(r)
	}
	answer := httptest.NewRecorder()
	site.ServeHTTP(answer, r)
	return &testkit.Answer{Target: target, Status: answer.Code, Header: answer.Header(), Body: answer.Body.String()}
}

// body is what a program sends: the record as it is, or that it is to be reviewed.
func (c *stateCase) body(w *world, x thing) string {
	w.t.Helper()
	if c.method == http.MethodPost {
		return `{"note":"vu"}`
	}
	raw, err := json.Marshal(map[string]any{"record": w.noun(c.kind, x["slug"], hushed)})
	w.must(err)
	return string(raw)
}

// next is a number that nothing has yet.
func (w *world) next() int {
	w.made++
	return w.made
}

func (w *world) slug(kind string) string {
	return fmt.Sprintf("%s-%d", strings.TrimSuffix(kind, "s"), w.next())
}
