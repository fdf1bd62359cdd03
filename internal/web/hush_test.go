package web_test

import (
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/auth"
	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/record"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/web"
	"github.com/sijil/sijil/internal/web/desk"
)

// TestARefusalNamesTheAccount: what an account of staff, or a program of it, may not do
// is in the log with the account; nothing else that it asks for is.
func TestARefusalNamesTheAccount(t *testing.T) {
	t.Parallel()
	s := newPrograms(t, testkit.Database(t))
	reads := s.token(testkit.Editor, register.ScopeRead)
	for _, c := range []struct {
		name   string
		ask    func() *testkit.Answer
		status int
		of     string // e-mail of the account that is named
	}{
		{"an analyst among the accounts", func() *testkit.Answer { return testkit.Ask(t, s, "/fr/desk/accounts", testkit.As(testkit.Analyst)) }, http.StatusForbidden, testkit.Analyst},
		{"a form of another session", func() *testkit.Answer {
			return testkit.Post(t, s, "/fr/desk/logout", url.Values{"csrf": {"forged"}}, testkit.As(testkit.Analyst))
		}, http.StatusForbidden, testkit.Analyst},
		{"a program that may only read", func() *testkit.Answer {
			return s.ask(call{method: http.MethodPost, path: "institutions", token: reads, body: smallBody("other")})
		}, http.StatusForbidden, testkit.Editor},
		{"an analyst at work", func() *testkit.Answer { return testkit.Ask(t, s, "/fr/desk", testkit.As(testkit.Analyst)) }, http.StatusOK, ""},
		{"what is not there", func() *testkit.Answer { return testkit.Ask(t, s, "/fr/desk/nothing", testkit.As(testkit.Analyst)) }, http.StatusNotFound, ""},
	} {
		before := len(s.log.String())
		if a := c.ask(); a.Status != c.status {
			t.Errorf("%s: status %d, want %d", c.name, a.Status, c.status)
		}
		line, want := s.log.String()[before:], ""
		if c.of != "" {
			want = " account=" + s.staff[c.of].ID + "\n"
		}
		if c.of != "" && !strings.Contains(line, want) || c.of == "" && strings.Contains(line, "account=") {
			t.Errorf("%s: the log says %q, want %q", c.name, line, want)
		}
	}
}

// TestTheLogKeepsQuiet of who signs in, of passwords, links and tokens, and of what
// readers look for, at its loudest level.
func TestTheLogKeepsQuiet(t *testing.T) {
	t.Parallel()
	const marker = "zqmarkerzq"
	db, log := testkit.Database(t), &lockedBuffer{}
	clock := testkit.NewClock(testkit.FoundingDay())
	working := store.Wrap(db.Desk())
	signing, err := auth.New(auth.Config{
		DB: working, Now: clock.Now, Secret: strings.Repeat("k", auth.MinSecret), Origin: "http://sijil.test",
		Cost: auth.Cost{Memory: 64, Time: 1, Threads: 1},
	})
	if err != nil {
		t.Fatal(err)
	}
	logger := slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	site, err := web.New(web.Config{
		BaseURL: "http://sijil.test", Records: record.NewStore(store.Wrap(db.Public())), Now: clock.Now, Log: logger, Patience: patience,
		Desk: &desk.Config{
			Editorial: editorial.New(working, clock.Now), Sessions: desk.NewSessions(signing), Auth: signing, Now: clock.Now,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	who := url.Values{"email": {marker + "@example.org"}, "password": {marker + " " + marker}}
	for range 12 { // until it is locked
		testkit.Post(t, site, "/fr/desk/login", who)
	}
	testkit.Post(t, site, "/fr/desk/forgot", who)
	testkit.Post(t, site, "/fr/desk/reset/"+marker, url.Values{"password": {marker + marker}, "code": {marker}})
	testkit.Post(t, site, "/fr/desk/setup", url.Values{"email": {marker + "@example.org"}, "code": {marker}, "password": {marker + marker}, "name": {marker}})
	for _, target := range []string{
		"/fr/incidents?q=" + marker, "/fr/search?q=" + marker, "/api/v1/search?q=" + marker, "/fr/desk/activity?by=" + marker,
		"/fr/incidents?q=" + marker + "&year=none", "/fr/desk/invitation/" + marker, "/fr/desk/email/" + marker,
	} {
		testkit.Ask(t, site, target, with("Referer", "http://sijil.test/?q="+marker), with("User-Agent", marker))
	}
	testkit.Ask(t, site, "/api/v1/drafts/incidents/00000000-0000-0000-0000-000000000000", with("Authorization", "Bearer sjl_"+marker))
	testkit.Ask(t, site, "/fr/desk", testkit.As(marker))

	told := func() bool { return strings.Contains(log.String(), marker) }
	if told() {
		for line := range strings.Lines(log.String()) {
			if strings.Contains(line, marker) {
				t.Errorf("the log tells: %s", line)
			}
		}
	}
	for _, path := range []string{`"path":"/fr/desk/login"`, `"path":"/fr/search"`, `"path":"/fr/desk/reset/…"`} {
		if !strings.Contains(log.String(), path) {
			t.Errorf("the log does not hold %s: it was not looked at", path)
		}
	}
	// A log that tells is noticed.
	logger.Debug("request failed", "error", errors.New("no account "+who.Get("email")))
	if !told() {
		t.Error("the log told, and it was not noticed")
	}
}
