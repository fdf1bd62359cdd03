package web_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/auth"
	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/observe"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/web/desk"
)

// newWatchedSite is a site that knows what program it is, on which something has
// gone wrong. It returns the job that failed.
func newWatchedSite(t *testing.T) (s *deskSite, job string) {
	t.Helper()
	db := testkit.Founding(t)
	s = newDeskSite(t, db, func(c *desk.Config) {
		c.Machine = &desk.Machine{
			Version: "v1.2.3", Schema: 142, Since: testkit.FoundingDay(), Witnesses: []string{"silent.example"},
			Sides: []desk.Side{
				{Name: string(store.DeskSide), Pool: store.Wrap(db.Desk())},
				{Name: string(store.PublicSide), Pool: store.Wrap(db.Public())},
			},
			Settings: []desk.Setting{{Name: "metrics", On: true, Value: "127.0.0.1:9464"}, {Name: "hub"}},
			Replicas: func() []observe.Replica { return []observe.Replica{{Name: "replica-1", Lag: time.Minute}} },
		}
	})
	s.clock.Advance(time.Until(s.clock.Now())) // jobs and audit have the database's time
	err := db.Desk().QueryRow(t.Context(), `
		INSERT INTO jobs.river_job (kind, args, max_attempts, attempt, state, finalized_at, attempted_at, errors)
		VALUES ('send-mail', '{"mail": "hidden-word"}', 12, 12, 'discarded', now(), now(), ARRAY['{"error": "the server is full"}']::jsonb[])
		RETURNING id::text`).Scan(&job)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Desk().Exec(t.Context(), `INSERT INTO desk.audit (action, detail) VALUES ('locked-out', '{"network": "192.0.2.0/24"}')`)
	if err != nil {
		t.Fatal(err)
	}
	return s, job
}

// TestOperationsAreShown to admins: what is to be looked at first, and all that
// there is to know; nothing of what a job holds.
func TestOperationsAreShown(t *testing.T) {
	t.Parallel()
	s, job := newWatchedSite(t)
	const path = "/en/desk/operations"
	for _, who := range []string{testkit.Analyst, testkit.Editor} {
		if a := testkit.Ask(t, s, path, testkit.As(who)); a.Status != http.StatusForbidden {
			t.Errorf("%s: status %d", who, a.Status)
		}
	}
	a := testkit.Ask(t, s, path, testkit.As(testkit.Admin))
	if a.Status != http.StatusOK {
		t.Fatalf("status %d", a.Status)
	}
	alarms := a.Text(".check-list")
	for _, alarm := range []string{"1 job was given up", "No backup of less than 36 hours", "A replica is more than 30 seconds behind", "1 lock after too many attempts"} {
		if !strings.Contains(alarms, alarm) {
			t.Errorf("no alarm %q in %q", alarm, alarms)
		}
	}
	all := a.Text("main")
	for _, part := range []string{
		"v1.2.3", "142", "send a mail", "12 of 12", "the server is full", "Witness silent.example", "Read from here: replica-1",
		"Too many attempts: locked for a while", "on: 127.0.0.1:9464", "Last publication", "Entries without a signature", "none is known",
	} {
		if !strings.Contains(all, part) {
			t.Errorf("%q is not shown", part)
		}
	}
	if strings.Contains(a.Body, "hidden-word") {
		t.Error("what the job holds is shown")
	}
	if n := a.Page().Find(`a[href="/en/desk/operations"][aria-current="page"]`).Length(); n == 0 {
		t.Error("the page is not in the navigation")
	}

	form := url.Values{"job": {job}}
	if a := testkit.Post(t, s, path, form, testkit.As(testkit.Editor)); a.Status != http.StatusForbidden {
		t.Errorf("an editor has a job done again: status %d", a.Status)
	}
	if a := testkit.Post(t, s, path, form, testkit.As(testkit.Admin)); a.Status != http.StatusSeeOther {
		t.Fatalf("done again: status %d", a.Status)
	}
	if a := testkit.Post(t, s, path, form, testkit.As(testkit.Admin)); a.Status != http.StatusConflict || !strings.Contains(a.Text("main"), "no longer among those that failed") {
		t.Errorf("a second time: status %d", a.Status)
	}
	a = testkit.Ask(t, s, path+"?done=job-retried", testkit.As(testkit.Admin))
	if !strings.Contains(a.Text("main"), "No job has failed") || strings.Contains(a.Text(".check-list"), "given up") {
		t.Error("the job is still among those that failed")
	}
	if line := testkit.Ask(t, s, "/en/desk/activity?action=retry-job", testkit.As(testkit.Admin)).Text("tbody tr:first-child"); !strings.Contains(line, "send-mail") {
		t.Errorf("the audit says %q", line)
	}
	if _, err := s.editorial.Operations(t.Context(), s.staff[testkit.Editor], auth.AliveAt(time.Now())); !errors.Is(err, register.ErrForbidden) {
		t.Errorf("an editor asks: %v", err)
	}
}

// TestAPublicationThatIsOverdueIsSaid five minutes after its time, and no more once it
// was published.
func TestAPublicationThatIsOverdueIsSaid(t *testing.T) {
	t.Parallel()
	s, _ := newWatchedSite(t)
	draft := s.loaded(t, register.TypeStatement, "cnss-communique-1")
	draft.Statement.Summary = inWords("Autre résumé.", "ملخص آخر.", "Another summary.")
	editor := s.staff[testkit.Editor]
	bundle, err := s.editorial.SendBundle(t.Context(), s.staff[testkit.Analyst], s.saved(t, draft), nil, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.editorial.ApproveBundle(t.Context(), editor, bundle, register.ReviewChecks()); err != nil {
		t.Fatal(err)
	}
	_, err = s.editorial.PublishBundle(t.Context(), editor, bundle, editorial.Decision{
		Checks: register.ReviewChecks(), Reason: inWords("Résumé", "ملخص", "Summary"), At: s.clock.Now().Add(time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}
	said := func(want bool) {
		t.Helper()
		for _, lang := range []string{"fr", "ar", "en"} {
			a := testkit.Ask(t, s, "/"+lang+"/desk/operations", testkit.As(testkit.Admin))
			if alarms := a.Text(".check-list"); a.Status != http.StatusOK || strings.Contains(alarms, words(t, lang, "operations.alarm.overdue")) != want {
				t.Errorf("%s: status %d, want the alarm: %t: %s", lang, a.Status, want, alarms)
			}
		}
	}
	said(false)
	s.clock.Advance(time.Hour + 4*time.Minute)
	said(false)
	s.clock.Advance(2 * time.Minute)
	said(true)
	if err := s.editorial.PublishDue(t.Context(), s.clock.Now()); err != nil {
		t.Fatal(err)
	}
	said(false)
}
