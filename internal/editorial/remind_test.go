package editorial_test

import (
	"slices"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// mails are those of the outbox, the newest first, as "kind to address".
func (h *house) mails(t *testing.T) []string {
	t.Helper()
	rows, err := desk.New(store.Wrap(h.db.Desk()).Querier()).Mails(t.Context(), time.Time{}, "", 100)
	must(t, err)
	var out []string
	for _, r := range rows {
		out = append(out, string(r.Mail.Kind)+" to "+r.Mail.Address)
	}
	slices.Sort(out)
	return out
}

func (h *house) wantMails(t *testing.T, want ...string) {
	t.Helper()
	slices.Sort(want)
	if got := h.mails(t); !slices.Equal(got, want) {
		t.Errorf("mails: %q, want %q", got, want)
	}
	_, err := h.db.Owner().Exec(t.Context(), `DELETE FROM desk.mails`)
	must(t, err)
}

// TestWhatWaitsIsToldAgain once it has waited, and then not every hour.
func TestWhatWaitsIsToldAgain(t *testing.T) {
	h := newHouse(t)
	h.publishFounding(t)
	_, err := h.db.Owner().Exec(t.Context(), `DELETE FROM desk.mails`)
	must(t, err)
	v := h.draft(t, editorial.Draft{Institution: smallInstitution("agence")})
	must(t, h.editorial.SendForReview(t.Context(), h.analyst, v, ""))

	now := time.Now() // mails are dated by the database's clock
	must(t, h.editorial.Remind(t.Context(), now))
	for range 2 {
		must(t, h.editorial.Remind(t.Context(), now.AddDate(0, 0, 4)))
	}
	stale := []string{"stale-referrals to analyst@example.org", "stale-referrals to editor@example.org", "stale-referrals to editor2@example.org"}
	got := h.mails(t)
	for _, want := range stale {
		if n := countOf(got, want); n != 1 {
			t.Errorf("%q %d times: %q", want, n, got)
		}
	}
	if countOf(got, "review-waits to analyst@example.org") != 0 {
		t.Errorf("an analyst is told of reviews: %q", got)
	}
}

func countOf(list []string, s string) int {
	n := 0
	for _, x := range list {
		if x == s {
			n++
		}
	}
	return n
}

func TestSettingsHold(t *testing.T) {
	h := newHouse(t)
	admin := account(t, h.db, "admin@example.org", register.RoleAdmin)
	s, err := h.editorial.Settings(t.Context())
	must(t, err)
	if s.StaleReferralDays != register.DefaultPatience || s.MailRetentionDays != 30 {
		t.Errorf("at first: %+v", s)
	}
	wantError(t, h.editorial.SaveSettings(t.Context(), h.editor, s), register.ErrForbidden)
	s.MailRetentionDays = 10
	must(t, h.editorial.SaveSettings(t.Context(), admin, s))
	wantError(t, h.editorial.SaveSettings(t.Context(), admin, s), register.ErrConflict)

	v := h.draft(t, editorial.Draft{Institution: smallInstitution("agence")})
	must(t, h.editorial.Assign(t.Context(), h.editor, v.ID, h.analyst.ID))
	_, err = h.db.Owner().Exec(t.Context(), `UPDATE desk.mails SET state = 'sent', closed_at = now()`)
	must(t, err)
	must(t, h.editorial.ForgetMails(t.Context(), time.Now().AddDate(0, 0, 9)))
	if got := h.mails(t); len(got) != 1 {
		t.Errorf("after 9 days: %q", got)
	}
	must(t, h.editorial.ForgetMails(t.Context(), time.Now().AddDate(0, 0, 11)))
	h.wantMails(t)
}
