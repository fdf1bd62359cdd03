package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/web/desk"
)

// troubled are sessions that cannot be looked up for a while.
type troubled struct {
	desk.Sessions
	down atomic.Bool
}

func (s *troubled) Who(ctx context.Context, token string) (desk.Who, error) {
	if s.down.Load() {
		return desk.Who{}, fmt.Errorf("%w: for a test", register.ErrUnavailable)
	}
	return s.Sessions.Who(ctx, token)
}

// TestAFormThatCannotBeSavedComesBack sends a form while the database does not
// answer: the page that comes back holds all that was typed, says so in the
// language of the page, and saves it, once, when it is sent again.
func TestAFormThatCannotBeSavedComesBack(t *testing.T) {
	t.Parallel()
	sessions := &troubled{}
	s := newDeskSite(t, testkit.Founding(t), func(c *desk.Config) { sessions.Sessions, c.Sessions = c.Sessions, sessions })
	said := s.record(t, register.TypeIncident, "cnss-2025")
	for lang, title := range map[string]string{
		"en": "This could not be saved just now", "fr": "L’enregistrement n’est pas possible pour l’instant", "ar": "تعذر الحفظ في هذه اللحظة",
	} {
		address := "/" + lang + said.address + "/basics"
		form := testkit.Ask(t, s, address, testkit.As(testkit.Editor)).Fields("form.desk-form")
		form.Set("summary.en", "Typed in "+lang+", “with” <signs>\nand a second line.")
		sessions.down.Store(true)
		a := testkit.Post(t, s, address, form, testkit.As(testkit.Editor))
		if a.Status != http.StatusServiceUnavailable || a.Header.Get("Retry-After") == "" || a.Text("h1") != title || a.Attr("html", "lang") != lang {
			t.Fatalf("%s: status %d, Retry-After %q, %q", lang, a.Status, a.Header.Get("Retry-After"), a.Text("h1"))
		}
		again := a.Fields("main form")
		if again.Encode() != form.Encode() {
			t.Errorf("%s: comes back as\n%s\nwant\n%s", lang, again.Encode(), form.Encode())
		}
		if to := a.Attr("main form", "action"); to != address {
			t.Errorf("%s: is sent again to %q", lang, to)
		}
		if a := testkit.Post(t, s, address, form, testkit.As(testkit.Editor), with("X-Requested-With", "sijil")); a.Status != http.StatusServiceUnavailable ||
			!strings.Contains(a.Header.Get("Content-Type"), "json") || !strings.Contains(a.Body, `"error"`) {
			t.Errorf("%s: a script is told %d %s", lang, a.Status, a.Body)
		}
		sessions.down.Store(false)
		for range 2 {
			if a := testkit.Post(t, s, address, again, testkit.As(testkit.Editor)); a.Status != http.StatusSeeOther {
				t.Errorf("%s: sent again: status %d: %s", lang, a.Status, a.Text(".error-summary"))
			}
		}
		draft, _, err := s.editorial.Load(t.Context(), s.staff[testkit.Editor], said.ID)
		if err != nil || draft.Incident.Summary["en"] != form.Get("summary.en") {
			t.Errorf("%s: saved is %q, %v", lang, draft.Incident.Summary["en"], err)
		}
	}
	sessions.down.Store(true)
	login := url.Values{"email": {testkit.Analyst}, "password": {"a secret word"}}
	if a := testkit.Post(t, s, "/fr/desk/login", login, testkit.As(testkit.Analyst)); a.Status != http.StatusServiceUnavailable || strings.Contains(a.Body, "a secret word") {
		t.Errorf("a password comes back: status %d", a.Status)
	}
}

// left are sessions whose reader leaves while he is looked up. What the database then
// says is that it did not answer, since nobody waited.
type left struct {
	desk.Sessions
	leave context.CancelFunc
}

func (s *left) Who(ctx context.Context, token string) (desk.Who, error) {
	if s.leave == nil {
		return s.Sessions.Who(ctx, token)
	}
	s.leave()
	return desk.Who{}, fmt.Errorf("%w: %w", register.ErrUnavailable, context.Canceled)
}

// TestWhoLeavesIsNoFault sends a form and leaves while it is read: nothing is wrong with
// the database, and the log must not say so.
func TestWhoLeavesIsNoFault(t *testing.T) {
	t.Parallel()
	sessions := &left{}
	s := newDeskSite(t, testkit.Founding(t), func(c *desk.Config) { sessions.Sessions, c.Sessions = c.Sessions, sessions })
	address := "/fr" + s.record(t, register.TypeIncident, "cnss-2025").address + "/basics"
	form := testkit.Ask(t, s, address, testkit.As(testkit.Editor)).Fields("form.desk-form")
	failed := func() bool { return strings.Contains(s.log.String(), "request failed") }
	var gone context.Context
	gone, sessions.leave = context.WithCancel(t.Context())
	testkit.Post(t, s, address, form, testkit.As(testkit.Editor), func(r *http.Request) { *r = *r.WithContext(gone) })
	if failed() {
		t.Errorf("the log says:\n%s", s.log.String())
	}
	// Who is still there is told, and so is the log.
	if a := testkit.Post(t, s, address, form, testkit.As(testkit.Editor)); a.Status != http.StatusServiceUnavailable || !failed() {
		t.Errorf("of a database that does not answer: status %d, log %s", a.Status, s.log.String())
	}
}
