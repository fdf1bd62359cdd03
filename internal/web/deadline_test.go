package web_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/web"
	"github.com/sijil/sijil/internal/web/desk"
)

// told is a record that tells how much time it is given.
type told struct {
	*fake
	left *time.Duration
}

// Document implements web.Records.
func (r told) Document(ctx context.Context, sha256 string) (register.Document, error) {
	*r.left = timeLeft(ctx)
	return r.fake.Document(ctx, sha256)
}

// timeLeft is how long something may take; a year: for ever.
func timeLeft(ctx context.Context) time.Duration {
	at, ok := ctx.Deadline()
	if !ok {
		return 365 * 24 * time.Hour
	}
	return time.Until(at)
}

// watchedStaff are sessions that tell how much time they are given, and look on.
type watchedStaff struct {
	testkit.Sessions
	look func(context.Context)
}

// Who implements desk.Sessions.
func (s watchedStaff) Who(ctx context.Context, token string) (desk.Who, error) {
	s.look(ctx)
	return s.Sessions.Who(ctx, token)
}

// TestAnAnswerHasItsTime: what waits for a database that hangs is given up, each side
// after as long as it may take, and a file of any length after far more.
func TestAnAnswerHasItsTime(t *testing.T) {
	t.Parallel()
	const page, staff, file = 3 * time.Second, 25 * time.Second, time.Hour
	var left time.Duration
	look := func(ctx context.Context) { left = timeLeft(ctx) }
	public := newDumps(t, func(ctx context.Context) error { look(ctx); return nil }, func(c *web.Config) {
		c.Timeout, c.Records = page, told{&fake{generation: 1}, &left}
	})
	files := newDumps(t, func(ctx context.Context) error { look(ctx); return nil }, func(c *web.Config) {
		c.Timeout = page
		exportsOf(func(ctx context.Context, _ register.ExportScope, begin register.ExportBegin) error {
			look(ctx)
			_, err := begin(register.ExportState{})
			return err
		})(c)
	})
	s := newDeskSite(t, testkit.Database(t), func(c *desk.Config) {
		c.Sessions = watchedStaff{c.Sessions.(testkit.Sessions), look}
	})
	for name, c := range map[string]struct {
		ask         func() *testkit.Answer
		least, most time.Duration
	}{
		"what a reader asks for": {func() *testkit.Answer {
			return testkit.Ask(t, public, "/documents/"+register.HashOf([]byte(paper)), by(http.MethodHead))
		}, 0, page},
		"an export":          {func() *testkit.Answer { return testkit.Ask(t, files, "/fr/exports/jsonl") }, staff, file},
		"a dump":             {func() *testkit.Answer { return testkit.Ask(t, files, dumpPath) }, staff, file},
		"a page of the desk": {func() *testkit.Answer { return testkit.Ask(t, s, "/fr/desk", testkit.As(testkit.Analyst)) }, page, staff},
		"a form of the desk": {func() *testkit.Answer {
			return testkit.Post(t, s, "/fr/desk/autosave", nil, testkit.As(testkit.Analyst))
		}, page, staff},
	} {
		left = 0
		if a := c.ask(); left <= c.least || left > c.most {
			t.Errorf("%s: status %d, %v are left, want more than %v and no more than %v", name, a.Status, left, c.least, c.most)
		}
	}
}

// TestWhoLeavesIsNotWorkedFor at the desk, whose time begins anew with the work: what
// was begun for somebody ends when he closes his page.
func TestWhoLeavesIsNotWorkedFor(t *testing.T) {
	t.Parallel()
	var leave context.CancelFunc
	var saw error
	s := newDeskSite(t, testkit.Database(t), func(c *desk.Config) {
		c.Sessions = watchedStaff{c.Sessions.(testkit.Sessions), func(ctx context.Context) {
			leave()
			select {
			case <-ctx.Done():
			case <-time.After(10 * time.Second):
			}
			saw = ctx.Err()
		}}
	})
	testkit.Ask(t, s, "/fr/desk", testkit.As(testkit.Analyst), func(r *http.Request) {
		ctx, cancel := context.WithCancel(r.Context())
		leave = cancel
		*r = *r.WithContext(ctx)
	})
	if !errors.Is(saw, context.Canceled) {
		t.Errorf("the work goes on: %v", saw)
	}
}
