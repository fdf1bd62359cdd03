package editorial_test

import (
	"sync"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// tomorrow is a set time after the clock of the house.
func tomorrow() time.Time { return time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC) }

// scheduled is a bundle that is to be public tomorrow.
func (h *house) scheduled(tb testing.TB) (bundle string, child, parent editorial.Version) {
	tb.Helper()
	bundle, child, parent = h.sent(tb)
	dec := decision()
	dec.At = tomorrow()
	made, err := h.editorial.PublishBundle(tb.Context(), h.editor, bundle, dec)
	must(tb, err)
	if len(made) > 0 {
		tb.Errorf("made at once: %v", made)
	}
	return bundle, child, parent
}

func TestASetTimeIsKept(t *testing.T) {
	h := newHouse(t)
	bundle, child, parent := h.scheduled(t)
	must(t, h.editorial.PublishDue(t.Context(), tomorrow().Add(-time.Minute)))
	if h.state(t, child.ID) != desk.StateApproved {
		t.Fatalf("before its time it is %s", h.state(t, child.ID))
	}
	h.clock.Set(tomorrow().Add(time.Minute))
	var wg sync.WaitGroup // two programs look at the same time
	for range 3 {
		wg.Go(func() {
			if err := h.editorial.PublishDue(t.Context(), tomorrow().Add(time.Minute)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	r := h.review(t, bundle)
	if r.Outcome != desk.BundlePublished || r.Schedule.Outcome != desk.SchedulePublished ||
		h.state(t, child.ID) != desk.StatePublished || h.state(t, parent.ID) != desk.StatePublished {
		t.Errorf("outcome %q, set time %q, child %s", r.Outcome, r.Schedule.Outcome, h.state(t, child.ID))
	}
	public, err := h.public.Institution(t.Context(), "fille")
	must(t, err)
	if public.Edition != 1 {
		t.Errorf("edition %d", public.Edition)
	}
}

// TestASetTimeIsVoid changes something between approval and publication.
func TestASetTimeIsVoid(t *testing.T) {
	for name, c := range map[string]struct {
		change func(t *testing.T, h *house, bundle string, child editorial.Version) error
		want   string
	}{
		"by an edit": {func(t *testing.T, h *house, _ string, child editorial.Version) error {
			t.Helper()
			_, err := h.editorial.Save(t.Context(), h.analyst, editorial.Draft{ID: child.ID, Version: child.Version, Institution: smallInstitution("fille")})
			return err
		}, desk.ScheduleVoided},
		"by a return": {func(t *testing.T, h *house, bundle string, _ editorial.Version) error {
			t.Helper()
			return h.editorial.ReturnBundle(t.Context(), h.editor2, bundle, "non")
		}, desk.ScheduleVoided},
		"by a lost role": {func(t *testing.T, h *house, _ string, _ editorial.Version) error {
			t.Helper()
			_, err := h.db.Desk().Exec(t.Context(), `UPDATE desk.accounts SET role = 'analyst' WHERE id = $1`, h.editor.ID)
			return err
		}, desk.ScheduleVoided},
		"by a deactivation": {func(t *testing.T, h *house, _ string, _ editorial.Version) error {
			t.Helper()
			_, err := h.db.Desk().Exec(t.Context(), `UPDATE desk.accounts SET deactivated_at = now() WHERE id = $1`, h.editor.ID)
			return err
		}, desk.ScheduleVoided},
		"by a word": {func(t *testing.T, h *house, bundle string, _ editorial.Version) error {
			t.Helper()
			wantError(t, h.editorial.Unschedule(t.Context(), h.analyst, bundle), register.ErrForbidden)
			return h.editorial.Unschedule(t.Context(), h.editor2, bundle)
		}, desk.ScheduleCancelled},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			bundle, child, _ := h.scheduled(t)
			must(t, c.change(t, h, bundle, child))
			h.clock.Set(tomorrow().Add(time.Hour))
			must(t, h.editorial.PublishDue(t.Context(), tomorrow().Add(time.Hour)))
			r, err := h.editorial.Review(t.Context(), h.editor2, bundle)
			must(t, err)
			if r.Schedule.Outcome != c.want {
				t.Errorf("the set time is %q", r.Schedule.Outcome)
			}
			if _, err := h.public.Institution(t.Context(), "fille"); err == nil {
				t.Error("it is public")
			}
		})
	}
}

// TestASetTimeThatWasMovedMeanwhile: a program has seen what is due, and before it comes
// to it, another time is set.
func TestASetTimeThatWasMovedMeanwhile(t *testing.T) {
	h := newHouse(t)
	bundle, child, _ := h.scheduled(t)
	now := tomorrow().Add(time.Minute)
	due, err := desk.New(store.Wrap(h.db.Desk()).Querier()).DueSchedules(t.Context(), now)
	if err != nil || len(due) != 1 {
		t.Fatalf("%d are due, %v", len(due), err)
	}
	must(t, h.editorial.Unschedule(t.Context(), h.editor2, bundle))
	dec := decision()
	dec.At = tomorrow().Add(24 * time.Hour)
	_, err = h.editorial.PublishBundle(t.Context(), h.editor, bundle, dec)
	must(t, err)
	h.clock.Set(now)
	must(t, editorial.PublishScheduled(t.Context(), h.editorial, due[0], now))
	if r := h.review(t, bundle); h.state(t, child.ID) != desk.StateApproved || r.Schedule.Outcome != "" || !r.Schedule.PublishAt.Equal(dec.At) {
		t.Errorf("it is %s; the set time is %+v", h.state(t, child.ID), r.Schedule)
	}
}

// TestASetTimeThatCannotBeKeptIsToldOf lets another record take the address
// meanwhile.
func TestASetTimeThatCannotBeKeptIsToldOf(t *testing.T) {
	h := newHouse(t)
	bundle, child, _ := h.scheduled(t)
	// A record that had the slug before keeps it for its redirects.
	_, err := h.db.Owner().Exec(t.Context(), `
		ALTER TABLE record.slugs DISABLE TRIGGER USER;
		ALTER TABLE record.slugs DROP CONSTRAINT slugs_reference_fkey;
		INSERT INTO record.slugs (type, slug, reference) VALUES ('institution', 'fille', 'IN-9999');
		ALTER TABLE record.slugs ENABLE TRIGGER USER`)
	must(t, err)
	h.clock.Set(tomorrow().Add(time.Minute))
	must(t, h.editorial.PublishDue(t.Context(), h.clock.Now()))
	r := h.review(t, bundle)
	if r.Schedule.Outcome != desk.ScheduleFailed || r.Schedule.Failure == "" || !r.Open() || h.state(t, child.ID) != desk.StateApproved {
		t.Errorf("set time %+v, open: %t", r.Schedule, r.Open())
	}
	wantError(t, h.editorial.Unschedule(t.Context(), h.editor, bundle), register.ErrConflict)
	// Who had set the time is written to, once, and finds it on his first page.
	must(t, h.editorial.PublishDue(t.Context(), h.clock.Now()))
	rows, err := desk.New(store.Wrap(h.db.Desk()).Querier()).Mails(t.Context(), time.Time{}, "", 100)
	must(t, err)
	told := 0
	for _, row := range rows {
		if row.Mail.Kind == register.MailNotPublished {
			told++
			if row.Mail.To != h.editor.ID || row.Mail.Path != "/desk/review/"+bundle || row.Mail.Title.IsZero() || !row.Mail.At.Equal(tomorrow()) {
				t.Errorf("the mail is %+v", row.Mail)
			}
		}
	}
	if told != 1 {
		t.Errorf("%d mails", told)
	}
	for _, c := range []struct {
		actor register.Actor
		want  int
	}{{h.editor, 1}, {h.editor2, 1}, {h.analyst, 0}} {
		o, err := h.editorial.Overview(t.Context(), c.actor, 0)
		must(t, err)
		if len(o.NotPublished) != c.want || c.want > 0 && o.NotPublished[0].Bundle != bundle {
			t.Errorf("%s is shown %+v", c.actor.Role, o.NotPublished)
		}
	}
}
