package testkit

import (
	"context"
	"crypto/sha256"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
	webdesk "github.com/sijil/sijil/internal/web/desk"
)

// Addresses of the staff that Staff hires, as in the demonstration.
const (
	Analyst = "analyst@example.org"
	Editor  = "editor@example.org"
	Editor2 = "editor2@example.org"
	Admin   = "admin@example.org"
)

// never is when the sessions of Staff were seen: no clock of a test comes after.
var never = time.Date(2100, time.January, 1, 0, 0, 0, 0, time.UTC)

// Staff makes one account of each kind, and a second editor, each signed in, and
// returns them by e-mail address.
func Staff(tb testing.TB, d *DB) map[string]register.Actor {
	tb.Helper()
	queries := desk.New(store.Wrap(d.Desk()).Querier())
	out := map[string]register.Actor{}
	for email, role := range map[string]register.AccountRole{
		Analyst: register.RoleAnalyst, Editor: register.RoleEditor, Editor2: register.RoleEditor, Admin: register.RoleAdmin,
	} {
		name, _, _ := strings.Cut(email, "@")
		account, err := queries.EnsureAccount(tb.Context(), desk.Account{Email: email, Name: name, Role: role, Language: register.French})
		if err != nil {
			tb.Fatalf("testkit: %v", err)
		}
		out[email] = register.Actor{ID: account.ID, Role: account.Role}
		// The e-mail address is also the token of a session that never ends.
		token := sha256.Sum256([]byte(email))
		if signedIn(tb, d, token[:]) {
			continue // they may be asked for again
		}
		if _, err := queries.InsertSession(tb.Context(), token[:], desk.Session{Account: account, Device: "test", Network: "192.0.2.0/24"}, never); err != nil {
			tb.Fatalf("testkit: %v", err)
		}
	}
	return out
}

// signedIn reports whether a session has the token with the hash.
func signedIn(tb testing.TB, d *DB, hash []byte) bool {
	tb.Helper()
	var found bool
	err := d.Desk().QueryRow(tb.Context(), `SELECT EXISTS (SELECT FROM desk.sessions WHERE token_hash = $1)`, hash).Scan(&found)
	if err != nil {
		tb.Fatalf("testkit: %v", err)
	}
	return found
}

// CSRF is the token of every session of Sessions.
const CSRF = "test-csrf"

// Sessions signs in whoever shows an e-mail address as the token of a session:
// for tests of pages, which need somebody and not how he came in.
type Sessions map[string]register.Actor

// Who implements the desk's sessions.
func (s Sessions) Who(_ context.Context, token string) (webdesk.Who, error) {
	actor, ok := s[token]
	if !ok {
		return webdesk.Who{}, register.ErrNotFound
	}
	name, _, _ := strings.Cut(token, "@")
	return webdesk.Who{Actor: actor, Name: name, Email: token, Lang: register.French, CSRF: CSRF, Session: "session-of-" + name}, nil
}

// As makes a request one of a person's, over http or https.
func As(email string) func(*http.Request) {
	return func(r *http.Request) {
		for _, name := range []string{"sijil_session", "__Host-sijil"} {
			r.AddCookie(&http.Cookie{Name: name, Value: email})
		}
	}
}

// Post sends a form to a handler, as a page of the site would. The session's
// token is added unless the form has the field.
func Post(tb testing.TB, h http.Handler, target string, form url.Values, change ...func(*http.Request)) *Answer {
	tb.Helper()
	fields := url.Values{"csrf": {CSRF}}
	maps.Copy(fields, form)
	r, err := http.NewRequestWithContext(tb.Context(), http.MethodPost, "http://sijil.test"+target, strings.NewReader(fields.Encode()))
	if err != nil {
		tb.Fatalf("testkit: %v", err)
	}
	r.RemoteAddr = "192.0.2.1:1234"
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for _, f := range change {
		f(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return &Answer{Target: target, Status: w.Code, Header: w.Result().Header, Body: w.Body.String(), tb: tb}
}
