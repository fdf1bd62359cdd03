package editorial_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
)

// holding has somebody hold what a statement locks, lets an act begin, and has the rest
// done once that waits; then it lets go, and returns how the act ended.
func (h *house) holding(t *testing.T, lock string, args []any, act func() error, meanwhile func(tx pgx.Tx)) error {
	t.Helper()
	tx, err := h.db.Owner().Begin(t.Context())
	must(t, err)
	defer tx.Rollback(t.Context()) //nolint:errcheck // it is over by then
	_, err = tx.Exec(t.Context(), lock, args...)
	must(t, err)
	ended := make(chan error, 1)
	go func() { ended <- act() }()
	for waits := false; !waits; time.Sleep(time.Millisecond) {
		select {
		case err := <-ended:
			t.Fatalf("it did not wait: %v", err)
		default:
		}
		must(t, h.db.Owner().QueryRow(t.Context(), `
			SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')`).Scan(&waits))
	}
	meanwhile(tx)
	must(t, tx.Commit(t.Context()))
	return <-ended
}

// TestWhoWaitsDoesNotHoldTheAudit: a statement with a new issuer, whose draft is a line of
// the audit, is attached to an incident that somebody else is saving.
func TestWhoWaitsDoesNotHoldTheAudit(t *testing.T) {
	h := newHouse(t)
	incident := h.draft(t, editorial.Draft{Incident: smallIncident("un")})
	err := h.holding(t, `SELECT FROM desk.records WHERE id = $1 FOR NO KEY UPDATE`, []any{incident.ID}, func() error {
		_, err := h.editorial.AttachStatement(t.Context(), h.editor, editorial.Attachment{
			Statement: smallStatement("communique"), Issuer: smallInstitution("agence"), Incidents: []register.Ref{incident.ID},
		})
		return err
	}, func(tx pgx.Tx) {
		if _, err := tx.Exec(t.Context(), `SELECT FROM desk.audit_head FOR UPDATE NOWAIT`); err != nil {
			t.Fatalf("who saves the incident could not write the audit: %v", err)
		}
	})
	must(t, err)
	var lines int
	must(t, h.db.Owner().QueryRow(t.Context(), `SELECT count(*) FROM desk.audit WHERE action IN ('draft', 'change')`).Scan(&lines))
	if lines != 4 {
		t.Errorf("%d lines of the audit for three drafts and a change", lines)
	}
}
