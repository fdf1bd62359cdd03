package editorial_test

import (
	"slices"
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

// TestWhatIsCarriedAlongIsLockedInOneOrder: who publishes an institution that others show
// waits for the first of all of them, and holds none of the rest.
func TestWhatIsCarriedAlongIsLockedInOneOrder(t *testing.T) {
	h := newHouse(t)
	h.publishFounding(t)
	head, all := h.shownByAnEarlier(t)
	draft, _, err := h.editorial.Load(t.Context(), h.analyst, head)
	must(t, err)
	v, err := h.editorial.Save(t.Context(), h.analyst, draft)
	must(t, err)
	bundle, err := h.editorial.SendBundle(t.Context(), h.analyst, v, nil, "")
	must(t, err)
	err = h.holding(t, `SELECT FROM desk.records WHERE id = $1 FOR NO KEY UPDATE`, []any{all[0]}, func() error {
		_, err := h.editorial.PublishBundle(t.Context(), h.editor, bundle, decision())
		return err
	}, func(tx pgx.Tx) {
		if _, err := tx.Exec(t.Context(), `SELECT FROM desk.records WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE NOWAIT`, all); err != nil {
			t.Fatalf("who locks them in their order meets who publishes: %v", err)
		}
	})
	must(t, err)
}

// shownByAnEarlier is a published institution that is shown by a record which comes before
// it in the order of locks, with all of them in that order.
func (h *house) shownByAnEarlier(t *testing.T) (institution register.Ref, all []register.Ref) {
	t.Helper()
	rows, err := h.db.Owner().Query(t.Context(), `
		SELECT own.id, array_agg(DISTINCT r.id ORDER BY r.id)
		FROM desk.records AS own
		JOIN record.pins AS p ON p.pinned_reference = own.reference
		JOIN record.heads AS h ON (h.reference, h.number) = (p.reference, p.number)
		JOIN desk.records AS r ON r.reference = h.reference OR r.id = own.id
		WHERE own.type = 'institution'
		GROUP BY own.id`)
	must(t, err)
	type shown struct {
		ID  register.Ref
		All []register.Ref
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[shown])
	must(t, err)
	n := slices.IndexFunc(found, func(s shown) bool { return s.All[0] != s.ID })
	if n < 0 {
		t.Fatal("each institution comes before what shows it")
	}
	return found[n].ID, found[n].All
}

// TestASaveLeavesRoomForWhatPointsToTheRecord, which others may be saving, and for lines of
// the audit, until it ends.
func TestASaveLeavesRoomForWhatPointsToTheRecord(t *testing.T) {
	h := newHouse(t)
	v := h.draft(t, editorial.Draft{Institution: smallInstitution("agence")})
	bundle, err := h.editorial.SendBundle(t.Context(), h.analyst, v, nil, "")
	must(t, err)
	_, err = h.editorial.PublishBundle(t.Context(), h.editor, bundle, decision())
	must(t, err)
	err = h.holding(t, `SELECT FROM desk.audit_head FOR UPDATE`, nil, func() error {
		_, err := h.editorial.Save(t.Context(), h.analyst, editorial.Draft{ID: v.ID, Version: v.Version, Institution: smallInstitution("agence")})
		return err
	}, func(tx pgx.Tx) {
		if _, err := tx.Exec(t.Context(), `SELECT FROM desk.records WHERE id = $1 FOR KEY SHARE NOWAIT`, v.ID); err != nil {
			t.Fatalf("nothing may point to it meanwhile: %v", err)
		}
	})
	must(t, err)
}

// TestAReviewIsLockedAfterItsRecords: who claims one waits for who saves a record of it, and
// does not hold the review meanwhile, which the save voids.
func TestAReviewIsLockedAfterItsRecords(t *testing.T) {
	h := newHouse(t)
	bundle, child, _ := h.sent(t)
	err := h.holding(t, `SELECT FROM desk.records WHERE id = $1 FOR NO KEY UPDATE`, []any{child.ID}, func() error {
		return h.editorial.Claim(t.Context(), h.editor, bundle, false)
	}, func(tx pgx.Tx) {
		if _, err := tx.Exec(t.Context(), `SELECT FROM desk.bundles WHERE id = $1 FOR UPDATE NOWAIT`, bundle); err != nil {
			t.Fatalf("who saves the record could not void the review: %v", err)
		}
	})
	must(t, err)
}

// TestWhatWaitedIsPublishedWhenItsTurnHasCome: it says no time from before another one that
// was published while it waited.
func TestWhatWaitedIsPublishedWhenItsTurnHasCome(t *testing.T) {
	h := newHouse(t)
	v := h.draft(t, editorial.Draft{Institution: smallInstitution("agence")})
	must(t, h.editorial.SendForReview(t.Context(), h.analyst, v, ""))
	must(t, h.editorial.Approve(t.Context(), h.editor, v))
	var turn time.Time
	err := h.holding(t, `SELECT FROM record.generations FOR UPDATE`, nil, func() error {
		_, err := h.editorial.Publish(t.Context(), h.editor, []editorial.Version{v}, firstEdition)
		return err
	}, func(pgx.Tx) { turn = h.clock.Advance(time.Hour) })
	must(t, err)
	e, err := h.public.Institution(t.Context(), "agence")
	must(t, err)
	if !e.PublishedAt.Equal(turn) {
		t.Errorf("its turn came at %v, and it says %v", turn, e.PublishedAt)
	}
}
