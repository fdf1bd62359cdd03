package scan_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/pquerna/otp/totp"

	"github.com/sijil/sijil/internal/auth"
	"github.com/sijil/sijil/internal/blob"
	"github.com/sijil/sijil/internal/capture"
	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/record"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/web"
	"github.com/sijil/sijil/internal/web/desk"
	"github.com/sijil/sijil/internal/web/public"
)

const (
	password = "quatre chevaux corrects"
	// formToken stands in requests for the token of a session's forms.
	formToken = "FORMTOKEN"
	// aKey stands for an Idempotency-Key, of which each request needs another.
	aKey = "IDEMPOTENCYKEY"
	// aSlug stands for the slug of a draft, of which each request has another, too.
	aSlug = "slug-of-its-own"
	// nobody is an identifier that nothing has.
	nobody = "00000000-0000-0000-0000-000000000000"
	// piece is the text of a document at the desk.
	piece = "Une pièce."
	// draftsOf is where programs write drafts.
	draftsOf = "/api/v1/drafts/"
)

// endsOwn reports whether a request ends the session of who sends it, or takes the
// second factor away without which there is none: such are not for scanners. An admin
// may do so with the accounts of others.
func (r *role) endsOwn(request *http.Request) bool {
	if r.email == "" || request.Method != http.MethodPost {
		return false
	}
	for _, own := range []string{"/desk/logout", "/desk/account/second-factor/remove", "/desk/accounts/" + r.ID + "/clear-factors"} {
		if strings.HasSuffix(request.URL.Path, own) {
			return true
		}
	}
	return false
}

// site is a throwaway register with the founding record and drafts, to be attacked.
type site struct {
	http.Handler
	t    *testing.T
	db   *testkit.DB
	auth *auth.Auth
	uses *editorial.Editorial
	log  *faultLog
	// gardener puts back what grows; nil: nobody does.
	gardener *gardener
}

// faultLog keeps what the site logs as errors, once each.
type faultLog struct {
	mu    sync.Mutex
	lines []string
}

func (f *faultLog) Write(line []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.lines) < 50 {
		f.lines = append(f.lines, string(line))
	}
	return len(line), nil
}

// newSite fills a database of its own and makes the handler of the whole site.
// Rates are lifted, and the database forgets attempts to sign in: a scanner that
// is turned away at the door has tried nothing.
func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{t: t, db: testkit.Founding(t), log: &faultLog{}}
	testkit.SignLog(t, s.db, testkit.LogKeys(t), time.Now())
	s.lift()
	blobs, err := blob.NewFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	intake, err := capture.New()
	if err != nil {
		t.Fatal(err)
	}
	work, records := store.Wrap(s.db.Desk()), record.NewStore(store.Wrap(s.db.Public()))
	s.auth, err = auth.New(auth.Config{
		DB: work, Now: time.Now, Secret: strings.Repeat("k", auth.MinSecret), Origin: "http://127.0.0.1",
		Cost: auth.Cost{Memory: 64, Time: 1, Threads: 1}, SecondFactor: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	s.uses = editorial.New(work, time.Now).WithFiles(blobs).WithTakedown(store.Wrap(s.db.Takedown()), blobs)
	s.Handler, err = web.New(web.Config{
		BaseURL: "http://127.0.0.1", Records: records, Now: time.Now, Blobs: blobs,
		Exports:  public.Exports{Source: records, Spool: func() (exchange.Spool, error) { return os.CreateTemp(t.TempDir(), "") }},
		Operator: public.Operator{Security: "security@example.org"},
		Log:      slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelError})),
		APIRate:  1 << 30, ExportRate: 1 << 30, TokenRate: 1 << 30, Timeout: 20 * time.Second,
		Desk: &desk.Config{
			Editorial: s.uses,
			Intake:    intake, Sessions: desk.NewSessions(s.auth), Auth: s.auth, Now: time.Now,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for email, role := range map[string]register.AccountRole{
		testkit.Analyst: register.RoleAnalyst, testkit.Editor: register.RoleEditor, testkit.Admin: register.RoleAdmin,
		// The first in the list of accounts is who the admin's forms are about.
		"aa@example.org": register.RoleAnalyst,
	} {
		err := s.auth.EnsureStaff(t.Context(), auth.Invitation{Email: email, Name: email, Role: role, Lang: register.French}, password)
		if err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// lift has the throwaway database keep no attempts.
func (s *site) lift() {
	s.t.Helper()
	_, err := s.db.Owner().Exec(s.t.Context(), `
		CREATE FUNCTION public.forget() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
		CREATE TRIGGER forget BEFORE INSERT ON desk.attempts FOR EACH ROW EXECUTE FUNCTION public.forget();`)
	if err != nil {
		s.t.Fatal(err)
	}
}

// role is a way to look at the site: a reader, or somebody who works there. It
// is a browser in front of the handler, for a scanner that has none: it signs in
// by the form, puts the cookie and the tokens of forms into what the scanner
// sends, signs in again where a session is over, and counts.
type role struct {
	*site
	name, email string
	register.Actor
	secret string // of one-time codes

	mu       sync.Mutex
	cookies  http.CookieJar
	form     string // the token of the session's forms
	signedIn time.Time
	token    string            // of a program
	drafted  map[string]string // the draft that is at each address of drafts
	asked    int
	statuses map[int]int
	broken   map[string]int // answers 500 by what was asked
}

func (s *site) role(name, email string) *role {
	s.t.Helper()
	r := &role{site: s, name: name, email: email, statuses: map[int]int{}, broken: map[string]int{}, drafted: map[string]string{}}
	if email == "" {
		return r
	}
	r.enrol()
	session, err := s.auth.Session(s.t.Context(), r.session())
	if err != nil {
		s.t.Fatal(err)
	}
	r.Actor = session.Actor()
	r.token, err = s.auth.MakeToken(s.t.Context(), session, auth.NewToken{
		Name: "scan", Scopes: []register.Scope{register.ScopeRead, register.ScopeWrite, register.ScopeSend}, Days: 7,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

func here(path string) string { return "http://127.0.0.1" + path }

// do sends a request as the browser.
func (r *role) do(request *http.Request) *http.Response {
	request.RemoteAddr = "127.0.0.1:4711"
	for _, c := range r.cookies.Cookies(request.URL) {
		request.AddCookie(c)
	}
	w := httptest.NewRecorder()
	r.ServeHTTP(w, request)
	answer := w.Result()
	r.cookies.SetCookies(request.URL, answer.Cookies())
	return answer
}

func (r *role) session() string {
	for _, c := range r.cookies.Cookies(&url.URL{Scheme: "http", Host: "127.0.0.1", Path: "/"}) {
		if c.Name == "sijil_session" {
			return c.Value
		}
	}
	return ""
}

// fill posts a form and returns the page that follows.
func (r *role) fill(path string, fields url.Values) *goquery.Document {
	r.t.Helper()
	if r.form != "" {
		fields.Set("csrf", r.form)
	}
	request := httptest.NewRequest(http.MethodPost, here(path), strings.NewReader(fields.Encode()))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer := r.do(request)
	for n := 0; answer.StatusCode == http.StatusSeeOther && n < 5; n++ {
		to, err := answer.Location()
		if err != nil {
			r.t.Fatal(err)
		}
		answer = r.do(httptest.NewRequest(http.MethodGet, here(to.RequestURI()), http.NoBody))
	}
	page, err := goquery.NewDocumentFromReader(answer.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	if token, ok := page.Find("[name=csrf]").Attr("value"); ok {
		r.form = token
	}
	return page
}

// enrol signs in by the form for the first time, and sets one-time codes up.
func (r *role) enrol() {
	r.t.Helper()
	r.cookies, _ = cookiejar.New(nil)
	r.fill("/fr/desk/login", url.Values{"email": {r.email}, "password": {password}})
	page := r.fill("/fr/desk/account/second-factor/codes", url.Values{})
	r.secret = strings.ReplaceAll(page.Find("[data-secret]").Text(), " ", "")
	code, err := totp.GenerateCode(r.secret, time.Now().Add(-30*time.Second))
	if err != nil {
		r.t.Fatalf("%s: no secret is shown: %v", r.email, err)
	}
	r.fill("/fr/desk/account/codes", url.Values{"code": {code}})
	r.enter()
}

// enter signs in by the form, with password and code. A code is taken once: the
// next one is waited for where need be.
func (r *role) enter() {
	r.t.Helper()
	r.cookies, _ = cookiejar.New(nil)
	r.form = ""
	r.fill("/fr/desk/login", url.Values{"email": {r.email}, "password": {password}})
	for step := range 80 {
		code, err := totp.GenerateCode(r.secret, time.Now())
		if err != nil {
			r.t.Fatal(err)
		}
		r.fill("/fr/desk/login", url.Values{"code": {code}})
		session, err := r.auth.Session(r.t.Context(), r.session())
		if err == nil && session.Stage == auth.StageFull {
			r.signedIn, r.form = time.Now(), session.Form
			return
		}
		select {
		case <-r.t.Context().Done():
		case <-time.After(time.Duration(1+step/80) * 500 * time.Millisecond):
		}
	}
	r.t.Errorf("%s cannot sign in", r.email)
}

// over reports whether the session is of no more use.
func (r *role) over(ctx context.Context) bool {
	session, err := r.auth.Session(ctx, r.session())
	return err != nil || session.Stage != auth.StageFull || time.Since(r.signedIn) > 14*time.Minute
}

// next counts a request, and says with which token of forms and session it goes,
// after signing in again where need be.
func (r *role) next(ctx context.Context) (token, session string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked++
	if r.email == "" {
		return r.form, ""
	}
	if r.over(ctx) {
		r.enter()
	}
	return r.form, r.session()
}

// asProgram puts in what a program has to say: its token, a word for the request, and
// which version of the draft it saw, which is the newest.
func (r *role) asProgram(request *http.Request) {
	request.Header.Set("Authorization", "Bearer "+r.token)
	if request.Header.Get("Idempotency-Key") == aKey {
		request.Header.Set("Idempotency-Key", rand.Text())
	}
	var version int
	for prefix, id := range r.drafted {
		if strings.HasPrefix(request.URL.Path, prefix+id) {
			// A draft that is gone has no version: the request is refused for that.
			_ = r.db.Owner().QueryRow(request.Context(), "SELECT version FROM desk.records WHERE id = $1", id).Scan(&version)
		}
	}
	if request.Method != http.MethodGet && version > 0 {
		request.Header.Set("If-Match", strconv.Quote(strconv.Itoa(version)))
	}
}

// through is the browser in front of the site.
func (r *role) through(w http.ResponseWriter, request *http.Request) {
	if r.endsOwn(request) {
		http.Error(w, "not for scanners", http.StatusForbidden)
		return
	}
	token, session := r.next(request.Context())
	if session != "" {
		request.AddCookie(&http.Cookie{Name: "sijil_session", Value: session})
	}
	if r.token != "" && strings.HasPrefix(request.URL.Path, draftsOf) {
		r.asProgram(request)
	}
	if request.Method != http.MethodGet && token != "" {
		body, err := io.ReadAll(io.LimitReader(request.Body, 8<<20))
		if err == nil {
			body = bytes.ReplaceAll(body, []byte(formToken), []byte(token))
			body = bytes.ReplaceAll(body, []byte(aSlug), []byte("essai-"+strings.ToLower(rand.Text())))
			request.Body, request.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		}
	}
	seen := &answeredWith{ResponseWriter: w, status: http.StatusOK}
	r.ServeHTTP(seen, request)
	if err := r.gardener.saw(context.WithoutCancel(request.Context()), request, seen.status); err != nil {
		r.t.Errorf("putting back what has grown: %v", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.statuses[seen.status]++
	if seen.status == http.StatusInternalServerError {
		r.broken[request.Method+" "+request.URL.Path]++
	}
}

// answeredWith notes the status of an answer.
type answeredWith struct {
	http.ResponseWriter
	status int
}

func (a *answeredWith) WriteHeader(status int) {
	a.status = status
	a.ResponseWriter.WriteHeader(status)
}

// Unwrap gives http.ResponseController the writer below.
func (a *answeredWith) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// listen serves a handler on 127.0.0.1 until the test ends.
func listen(t *testing.T, handler http.Handler) (host string) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	var running sync.WaitGroup
	running.Go(func() { _ = server.Serve(listener) })
	t.Cleanup(func() {
		_ = server.Close()
		running.Wait()
	})
	return listener.Addr().String()
}
