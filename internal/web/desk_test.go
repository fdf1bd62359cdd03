package web_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/auth"
	"github.com/sijil/sijil/internal/blob"
	"github.com/sijil/sijil/internal/capture"
	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/record"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/web"
	"github.com/sijil/sijil/internal/web/desk"
)

// deskSite is both sides over a database, with somebody of each role.
type deskSite struct {
	http.Handler
	db        *testkit.DB
	clock     *testkit.Clock
	editorial *editorial.Editorial
	staff     testkit.Sessions
	blobs     blob.Store
	intake    *capture.Intake
	log       lockedBuffer
}

func TestMain(m *testing.M) {
	testkit.ServeWorker()
	os.Exit(testkit.Run(m))
}

// newDeskSite makes a site; change, where there is any, is done to the desk's
// settings before.
func newDeskSite(tb testing.TB, db *testkit.DB, change ...func(*desk.Config)) *deskSite {
	tb.Helper()
	return newBoundedSite(tb, db, nil, change...)
}

// newBoundedSite is newDeskSite with other limits.
func newBoundedSite(tb testing.TB, db *testkit.DB, limits map[web.Class]int, change ...func(*desk.Config)) *deskSite {
	tb.Helper()
	s := &deskSite{db: db, clock: testkit.NewClock(testkit.FoundingDay()), staff: testkit.Staff(tb, db)}
	var err error
	if s.blobs, err = blob.NewFolder(tb.TempDir()); err != nil {
		tb.Fatal(err)
	}
	if s.intake, err = capture.New(); err != nil {
		tb.Fatal(err)
	}
	s.editorial = editorial.New(store.Wrap(db.Desk()), s.clock.Now).WithFiles(s.blobs).
		WithTakedown(store.Wrap(db.Takedown()), s.blobs)
	signing, err := auth.New(auth.Config{
		DB: store.Wrap(db.Desk()), Now: s.clock.Now, Secret: strings.Repeat("k", auth.MinSecret), Origin: "http://sijil.test",
		Cost: auth.Cost{Memory: 64, Time: 1, Threads: 1},
	})
	if err != nil {
		tb.Fatal(err)
	}
	settings := &desk.Config{Editorial: s.editorial, Intake: s.intake, Sessions: s.staff, Auth: signing, Now: s.clock.Now}
	for _, f := range change {
		f(settings)
	}
	handler, err := web.New(web.Config{
		BaseURL: "http://sijil.test", Records: record.NewStore(store.Wrap(db.Public())), Now: s.clock.Now,
		Log: slog.New(slog.NewMultiHandler(
			slog.NewTextHandler(tb.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}), slog.NewTextHandler(&s.log, nil))),
		Blobs: s.blobs, Patience: patience, Limits: limits,
		Desk: settings,
	})
	if err != nil {
		tb.Fatal(err)
	}
	s.Handler = handler
	return s
}

// TestNobodyWorksWithoutASession asks for every address of the desk as nobody.
func TestNobodyWorksWithoutASession(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Database(t))
	for _, r := range web.Routes() {
		if !r.IsDesk() || r.Permission == "read" {
			continue
		}
		target := example(r.Pattern)
		ask := func(change ...func(*http.Request)) *testkit.Answer {
			if r.Method == http.MethodPost {
				return testkit.Post(t, s, target, nil, change...)
			}
			return testkit.Ask(t, s, target, change...)
		}
		for _, change := range []func(*http.Request){func(*http.Request) {}, testkit.As("nobody@example.org")} {
			a := ask(change)
			if a.Status != http.StatusSeeOther && a.Status != http.StatusUnauthorized {
				t.Errorf("%s %s as nobody: status %d", r.Method, target, a.Status)
			}
			if a.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s %s: Cache-Control %q", r.Method, target, a.Header.Get("Cache-Control"))
			}
		}
	}
}

// example is an address that a pattern of the desk matches.
func example(pattern string) string {
	parts := strings.Split(pattern, "/")
	for i, p := range parts {
		switch {
		case p == "{lang}":
			parts[i] = "fr"
		case p == "{id}":
			parts[i] = "00000000-0000-0000-0000-000000000000"
		case strings.HasPrefix(p, "{"):
			parts[i] = "x"
		}
	}
	return strings.Join(parts, "/")
}

// TestEveryFormWantsItsToken sends every form of the desk with a token that is none,
// as an old browser does, which does not say where a form comes from.
func TestEveryFormWantsItsToken(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Database(t))
	sent := 0
	for _, r := range web.Routes() {
		if r.Method != http.MethodPost || !strings.HasPrefix(r.Pattern, "/{lang}/desk") {
			continue
		}
		if r.Permission == "read" && !strings.HasSuffix(r.Pattern, "/logout") {
			continue // for who has no session yet, so no token
		}
		sent++
		a := testkit.Post(t, s, example(r.Pattern), url.Values{"csrf": {"other"}}, testkit.As(testkit.Admin), func(r *http.Request) {
			r.Header.Del("Sec-Fetch-Site")
			r.Header.Del("Origin")
		})
		if a.Status != http.StatusForbidden {
			t.Errorf("%s: status %d, want 403", r.Pattern, a.Status)
		}
	}
	if sent < 40 {
		t.Errorf("only %d forms", sent)
	}
}

func TestFormsOfOthersAreRefused(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Database(t))
	const target = "/fr/desk/autosave"
	form := url.Values{"place": {"/desk/incidents/new"}, "title": {"x"}}
	cases := []struct {
		name   string
		form   url.Values
		change func(*http.Request)
		want   int
	}{
		{"our own form", form, func(*http.Request) {}, http.StatusOK},
		{"without the token", url.Values{"csrf": {""}, "place": form["place"]}, func(*http.Request) {}, http.StatusForbidden},
		{"with another session's token", url.Values{"csrf": {"other"}, "place": form["place"]}, func(*http.Request) {}, http.StatusForbidden},
		{"from another site", form, with("Sec-Fetch-Site", "cross-site"), http.StatusForbidden},
		{"from another origin, old browser", form, func(r *http.Request) {
			r.Header.Del("Sec-Fetch-Site")
			r.Header.Set("Origin", "https://elsewhere.test")
		}, http.StatusForbidden},
		{"as JSON", form, with("Content-Type", "application/json"), http.StatusBadRequest},
		{"a place elsewhere", url.Values{"place": {"//elsewhere.test"}}, func(*http.Request) {}, http.StatusBadRequest},
		{"a NUL", url.Values{"place": {"/desk/x"}, "title": {"a\x00b"}}, func(*http.Request) {}, http.StatusBadRequest},
		{"no UTF-8", url.Values{"place": {"/desk/x"}, "title": {"a\xffb"}}, func(*http.Request) {}, http.StatusBadRequest},
		{"too large", url.Values{"place": {"/desk/x"}, "title": {strings.Repeat("x", 3<<20)}}, func(*http.Request) {}, http.StatusRequestEntityTooLarge},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a := testkit.Post(t, s, target, c.form, testkit.As(testkit.Analyst), c.change)
			if a.Status != c.want {
				t.Errorf("status %d, want %d", a.Status, c.want)
			}
			if c.want >= 400 && a.Text("h1") == "" {
				t.Error("no page says what happened")
			}
		})
	}
}

// TestFormsBeforeASessionAreRefusedFromElsewhere: before somebody is signed in there is no
// token of his forms, and where a form comes from is all that tells.
func TestFormsBeforeASessionAreRefusedFromElsewhere(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Database(t))
	from := map[string]func(*http.Request){
		"another site": with("Sec-Fetch-Site", "cross-site"),
		"a sister":     with("Sec-Fetch-Site", "same-site"),
		"another origin, old browser": func(r *http.Request) {
			r.Header.Del("Sec-Fetch-Site")
			r.Header.Set("Origin", "https://elsewhere.test")
		},
	}
	for path, form := range map[string]url.Values{
		"/fr/desk/login":  {"email": {testkit.Analyst}, "password": {"x"}},
		"/fr/desk/forgot": {"email": {testkit.Analyst}},
	} {
		if a := testkit.Post(t, s, path, form, with("Sec-Fetch-Site", "same-origin")); a.Status == http.StatusForbidden {
			t.Errorf("%s from its own page: status %d", path, a.Status)
		}
		for where, change := range from {
			if a := testkit.Post(t, s, path, form, change); a.Status != http.StatusForbidden || a.Header.Get("Set-Cookie") != "" {
				t.Errorf("%s from %s: status %d, cookie %q; want 403 and none", path, where, a.Status, a.Header.Get("Set-Cookie"))
			}
		}
	}
}

func TestWhatIsTypedIsKept(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Database(t))
	form := url.Values{"place": {"/desk/incidents/new"}, "title": {"Fuite\r\nà l’agence"}}
	a := testkit.Post(t, s, "/ar/desk/autosave", form, testkit.As(testkit.Analyst), with("X-Requested-With", "sijil"))
	if a.Status != http.StatusOK || !strings.Contains(a.Body, `"saved"`) {
		t.Fatalf("status %d: %s", a.Status, a.Body)
	}
	sheet, err := s.editorial.Worksheet(t.Context(), s.staff[testkit.Analyst], "/desk/incidents/new")
	if err != nil {
		t.Fatal(err)
	}
	if got := sheet.Form.Get("title"); got != "Fuite\nà l’agence" || sheet.Form.Has("csrf") || sheet.Form.Has("place") {
		t.Errorf("kept %v", sheet.Form)
	}
	a = testkit.Post(t, s, "/ar/desk/autosave", form, with("X-Requested-With", "sijil"))
	if a.Status != http.StatusUnauthorized || !strings.Contains(a.Body, `"error"`) {
		t.Errorf("without a session: status %d: %s", a.Status, a.Body)
	}
	a = testkit.Post(t, s, "/ar/desk/autosave/discard", form, testkit.As(testkit.Analyst))
	if to := a.Header.Get("Location"); a.Status != http.StatusSeeOther || !strings.HasPrefix(to, "/ar/desk/incidents/new") {
		t.Errorf("discard: status %d to %q", a.Status, to)
	}
	if _, err := s.editorial.Worksheet(t.Context(), s.staff[testkit.Analyst], "/desk/incidents/new"); err == nil {
		t.Error("discarded, and still kept")
	}
}

// TestAFileThatIsTooLargeTakesNothingAlong sends a file beyond the limit
// before the other fields.
func TestAFileThatIsTooLargeTakesNothingAlong(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Database(t))
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	file, err := parts.CreateFormFile("file", "énorme.pdf")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = fmt.Fprint(file, strings.Repeat("x", desk.MaxFile+1))
	for name, value := range map[string]string{"csrf": testkit.CSRF, "place": "/desk/statements/new", "title": "Communiqué"} {
		if err := parts.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	if err := parts.Close(); err != nil {
		t.Fatal(err)
	}
	a := testkit.Post(t, s, attachPath, nil, testkit.As(testkit.Analyst), func(r *http.Request) {
		fresh, err := http.NewRequestWithContext(r.Context(), http.MethodPost, r.URL.String(), &body)
		if err != nil {
			t.Error(err)
			return
		}
		r.Body, r.ContentLength = fresh.Body, fresh.ContentLength
		r.Header.Set("Content-Type", parts.FormDataContentType())
	})
	if a.Status != http.StatusUnprocessableEntity {
		t.Fatalf("status %d", a.Status)
	}
	sheet, err := s.editorial.Worksheet(t.Context(), s.staff[testkit.Analyst], "/desk/statements/new")
	if err != nil || sheet.Form.Get("title") != "Communiqué" {
		t.Errorf("kept %v, %v", sheet.Form, err)
	}
}
