package editorial_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// decision is all that a publication needs.
func decision() editorial.Decision {
	return editorial.Decision{Checks: register.ReviewChecks(), Reason: firstEdition}
}

func wantProblemAt(tb testing.TB, err error, field, key string) {
	tb.Helper()
	var problems register.Problems
	if !errors.As(err, &problems) || len(problems) == 0 || problems[0].Field != field || problems[0].Key != key {
		tb.Errorf("got %v, want %s at %s", err, key, field)
	}
}

// sent is a child with its new parent, both sent for review.
func (h *house) sent(tb testing.TB) (bundle string, child, parent editorial.Version) {
	tb.Helper()
	parent = h.draft(tb, editorial.Draft{Institution: smallInstitution("mere")})
	fille := smallInstitution("fille")
	fille.Parent = parent.ID
	child = h.draft(tb, editorial.Draft{Institution: fille})
	bundle, err := h.editorial.SendBundle(tb.Context(), h.analyst, child, nil, "à relire")
	must(tb, err)
	return bundle, child, parent
}

func (h *house) state(tb testing.TB, id register.Ref) string {
	tb.Helper()
	_, head, err := h.editorial.Load(tb.Context(), h.editor, id)
	must(tb, err)
	return head.State
}

func (h *house) review(tb testing.TB, bundle string) editorial.Reviewing {
	tb.Helper()
	r, err := h.editorial.Review(tb.Context(), h.editor, bundle)
	must(tb, err)
	return r
}

func TestADraftGoesWithWhatItNeeds(t *testing.T) {
	h := newHouse(t)
	bundle, child, parent := h.sent(t)
	r := h.review(t, bundle)
	if len(r.Members) != 2 || r.Members[0].Head.ID != child.ID || r.Members[1].Head.ID != parent.ID || r.Note != "à relire" {
		t.Fatalf("sent together: %+v", r.Members)
	}
	wantError(t, h.editorial.ApproveBundle(t.Context(), h.analyst, bundle, register.ReviewChecks()), register.ErrForbidden)
	made, err := h.editorial.PublishBundle(t.Context(), h.editor, bundle, decision())
	if err != nil || len(made) != 2 {
		t.Fatalf("published %v, %v", made, err)
	}
	if r = h.review(t, bundle); r.Outcome != desk.BundlePublished || len(r.Checks) != 4 || r.ClosedBy.ID != h.editor.ID {
		t.Errorf("the review says %+v", r.Bundle)
	}

	// A change of what is public goes along only when it is asked for.
	parent = h.change(t, h.analyst, parent, smallInstitution("mere"))
	companions, err := h.editorial.Companions(t.Context(), h.analyst, child.ID)
	if err != nil || len(companions) != 1 || companions[0].Needed || companions[0].Title["fr"] == "" {
		t.Errorf("behind it: %+v, %v", companions, err)
	}
	fille := smallInstitution("fille")
	fille.Parent = parent.ID
	child = h.change(t, h.analyst, child, fille)
	alone, err := h.editorial.SendBundle(t.Context(), h.analyst, child, nil, "")
	must(t, err)
	if n := len(h.review(t, alone).Members); n != 1 {
		t.Errorf("%d records without being asked for", n)
	}
	both, err := h.editorial.SendBundle(t.Context(), h.analyst, child, []register.Ref{parent.ID}, "")
	must(t, err)
	if n := len(h.review(t, both).Members); n != 2 || h.review(t, alone).Outcome != desk.BundleVoided {
		t.Errorf("%d records; the first review is %q", n, h.review(t, alone).Outcome)
	}
}

func TestADecisionNeedsItsWords(t *testing.T) {
	h := newHouse(t)
	bundle, _, _ := h.sent(t)
	publish := func(change func(*editorial.Decision)) error {
		dec := decision()
		change(&dec)
		_, err := h.editorial.PublishBundle(t.Context(), h.editor, bundle, dec)
		return err
	}
	wantProblemAt(t, publish(func(d *editorial.Decision) { d.Reason = nil }), "reason", "problem.missing")
	wantProblemAt(t, publish(func(d *editorial.Decision) { d.Checks = d.Checks[1:] }), "checks.sourced", "problem.unchecked")
	wantProblemAt(t, publish(func(d *editorial.Decision) { d.At = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC) }), "at", "problem.past")
	wantProblemAt(t, h.editorial.ReturnBundle(t.Context(), h.editor, bundle, ""), "remarks", "problem.missing")
	wantProblemAt(t, h.editorial.ApproveBundle(t.Context(), h.editor, bundle, nil), "checks.sourced", "problem.unchecked")
	for _, id := range []string{"", "no-such-review", "00000000-0000-0000-0000-000000000000"} {
		_, err := h.editorial.PublishBundle(t.Context(), h.editor, id, decision())
		wantError(t, err, register.ErrNotFound)
		wantError(t, h.editorial.ReturnBundle(t.Context(), h.editor, id, "non"), register.ErrNotFound)
		wantError(t, h.editorial.Claim(t.Context(), h.editor, id, false), register.ErrNotFound)
	}
}

func TestAReviewIsTakenByOne(t *testing.T) {
	h := newHouse(t)
	bundle, child, _ := h.sent(t)
	must(t, h.editorial.Claim(t.Context(), h.editor, bundle, false))
	wantProblemAt(t, h.editorial.Claim(t.Context(), h.editor2, bundle, false), "claim", "problem.claimed")
	_, err := h.editorial.PublishBundle(t.Context(), h.editor2, bundle, decision())
	wantProblemAt(t, err, "claim", "problem.claimed")
	wantError(t, h.editorial.Release(t.Context(), h.editor2, bundle), register.ErrForbidden)
	must(t, h.editorial.Claim(t.Context(), h.editor2, bundle, true))
	must(t, h.editorial.Release(t.Context(), h.editor2, bundle))
	wantError(t, h.editorial.Claim(t.Context(), h.analyst, bundle, false), register.ErrForbidden)

	list, err := h.editorial.Queue(t.Context(), h.editor, desk.QueueFilter{Unclaimed: true, Institution: "FILLE", Limit: 10})
	if err != nil || len(list) != 1 || list[0].Bundle != bundle || list[0].Records != 2 {
		t.Errorf("the queue is %+v, %v", list, err)
	}
	list, err = h.editorial.Queue(t.Context(), h.editor, desk.QueueFilter{ClaimedBy: h.editor.ID, Limit: 10})
	if err != nil || len(list) != 0 {
		t.Errorf("mine: %+v, %v", list, err)
	}
	list, err = h.editorial.Queue(t.Context(), h.editor, desk.QueueFilter{AfterAt: h.review(t, bundle).RequestedAt, AfterID: bundle, Limit: 10})
	if err != nil || len(list) != 0 {
		t.Errorf("the next page: %+v, %v", list, err)
	}

	// Who had a part in it cannot take it, however small the part.
	fille := smallInstitution("fille")
	child = h.change(t, h.editor, child, fille)
	bundle, err = h.editorial.SendBundle(t.Context(), h.analyst, child, nil, "")
	must(t, err)
	wantError(t, h.editorial.Claim(t.Context(), h.editor, bundle, false), register.ErrForbidden)
	must(t, h.editorial.Claim(t.Context(), h.editor2, bundle, false))
}

// TestOneDecisionIsMade lets everybody decide at the same time, in two tabs each.
func TestOneDecisionIsMade(t *testing.T) {
	h := newHouse(t)
	bundle, child, parent := h.sent(t)
	var wg sync.WaitGroup
	var mu sync.Mutex
	done := 0
	for range 2 {
		for _, actor := range []register.Actor{h.editor, h.editor2} {
			for _, decide := range []func() error{
				func() error {
					_, err := h.editorial.PublishBundle(t.Context(), actor, bundle, decision())
					return err
				},
				func() error { return h.editorial.ReturnBundle(t.Context(), actor, bundle, "à revoir") },
			} {
				wg.Go(func() {
					switch err := decide(); {
					case err == nil:
						mu.Lock()
						done++
						mu.Unlock()
					case !errors.Is(err, register.ErrConflict):
						t.Errorf("got %v", err)
					}
				})
			}
		}
	}
	wg.Wait()
	r := h.review(t, bundle)
	want := map[string]string{desk.BundlePublished: desk.StatePublished, desk.BundleReturned: desk.StateDraft}[r.Outcome]
	if done != 1 || h.state(t, child.ID) != want || h.state(t, parent.ID) != want {
		t.Errorf("%d decisions, outcome %q, states %s and %s", done, r.Outcome, h.state(t, child.ID), h.state(t, parent.ID))
	}
}

// TestTheAuthorEditsWhileTheReviewerPublishes: what is public is what was
// reviewed, whoever was first.
func TestTheAuthorEditsWhileTheReviewerPublishes(t *testing.T) {
	h := newHouse(t)
	for _, slug := range []string{"a", "b", "c", "d"} {
		v := h.draft(t, editorial.Draft{Institution: smallInstitution(slug)})
		bundle, err := h.editorial.SendBundle(t.Context(), h.analyst, v, nil, "")
		must(t, err)
		edited := smallInstitution(slug)
		edited.Names[0].Name = "Modifiée"
		var published, saved error
		var wg sync.WaitGroup
		wg.Go(func() { _, published = h.editorial.PublishBundle(t.Context(), h.editor, bundle, decision()) })
		wg.Go(func() {
			_, saved = h.editorial.Save(t.Context(), h.analyst, editorial.Draft{ID: v.ID, Version: v.Version, Institution: edited})
		})
		wg.Wait()
		must(t, saved)
		public, err := h.public.Institution(t.Context(), slug)
		switch {
		case published == nil && (err != nil || public.Names[0].Name != "Agence "+slug):
			t.Errorf("published, and the public sees %+v, %v", public, err)
		case published != nil && (!errors.Is(published, register.ErrConflict) || err == nil):
			t.Errorf("got %v, and the public sees %+v", published, public)
		}
		if h.state(t, v.ID) != desk.StateDraft {
			t.Errorf("the edit is %s", h.state(t, v.ID))
		}
	}
}

func TestAnEditVoidsTheReviewOfAll(t *testing.T) {
	h := newHouse(t)
	bundle, child, parent := h.sent(t)
	h.change(t, h.analyst, parent, smallInstitution("mere"))
	if r := h.review(t, bundle); r.Outcome != desk.BundleVoided || h.state(t, child.ID) != desk.StateDraft {
		t.Errorf("outcome %q, the child is %s", r.Outcome, h.state(t, child.ID))
	}
	_, err := h.editorial.PublishBundle(t.Context(), h.editor, bundle, decision())
	wantError(t, err, register.ErrConflict)
	wantError(t, h.editorial.Claim(t.Context(), h.editor, bundle, false), register.ErrConflict)
}

// TestAReturnTakesAnApprovalBack returns what was approved already.
func TestAReturnTakesAnApprovalBack(t *testing.T) {
	h := newHouse(t)
	v := h.draft(t, editorial.Draft{Institution: smallInstitution("agence")})
	bundle, err := h.editorial.SendBundle(t.Context(), h.analyst, v, nil, "")
	must(t, err)
	must(t, h.editorial.ApproveBundle(t.Context(), h.editor, bundle, register.ReviewChecks()))
	if r := h.review(t, bundle); !r.Approved || !r.Stands {
		t.Error("approved, and does not stand")
	}
	must(t, h.editorial.ReturnBundle(t.Context(), h.editor2, bundle, "une faute"))
	_, err = h.editorial.Publish(t.Context(), h.editor, []editorial.Version{v}, firstEdition)
	wantError(t, err, register.ErrForbidden)
	_, err = h.editorial.PublishBundle(t.Context(), h.editor, bundle, decision())
	wantError(t, err, register.ErrConflict)
}

func TestAnApprovalNeedsItsReviewerUntilTheEnd(t *testing.T) {
	h := newHouse(t)
	for _, sql := range []string{
		`UPDATE desk.accounts SET role = 'analyst' WHERE id = $1`,
		`UPDATE desk.accounts SET role = 'editor', deactivated_at = now() WHERE id = $1`,
	} {
		v := h.draft(t, editorial.Draft{Institution: smallInstitution("agence-" + string('a'+rune(len(sql)%7)))})
		bundle, err := h.editorial.SendBundle(t.Context(), h.analyst, v, nil, "")
		must(t, err)
		must(t, h.editorial.ApproveBundle(t.Context(), h.editor2, bundle, register.ReviewChecks()))
		_, err = h.db.Desk().Exec(t.Context(), sql, h.editor2.ID)
		must(t, err)
		_, err = h.editorial.PublishBundle(t.Context(), h.editor, bundle, decision())
		wantError(t, err, register.ErrForbidden)
		_, err = h.editorial.Publish(t.Context(), h.editor, []editorial.Version{v}, firstEdition)
		wantError(t, err, register.ErrForbidden)
		if r := h.review(t, bundle); r.Stands {
			t.Error("the approval is said to stand")
		}
		_, err = h.db.Desk().Exec(t.Context(), `UPDATE desk.accounts SET role = 'editor', deactivated_at = NULL WHERE id = $1`, h.editor2.ID)
		must(t, err)
	}
}

// TestTheDatabaseKeepsReviewsTogether does by hand, as the desk's own role,
// what the program would refuse.
func TestTheDatabaseKeepsReviewsTogether(t *testing.T) {
	h := newHouse(t)
	bundle, child, parent := h.sent(t)
	attacks := map[string]string{
		"the author takes the review": `UPDATE desk.bundles SET claimed_by = $2, claimed_at = now() WHERE id = $1`,
		"published by saying so":      `UPDATE desk.bundles SET outcome = 'published', closed_at = now() WHERE id = $1 AND $2::uuid IS NOT NULL`,
		"returned by an analyst":      `UPDATE desk.bundles SET outcome = 'returned', reason = 'x', closed_at = now(), closed_by = $2 WHERE id = $1`,
		"another record in its place": `UPDATE desk.bundles SET record_id = (SELECT record_id FROM desk.bundle_records WHERE position = 1) WHERE id = $1 AND $2::uuid IS NOT NULL`,
		"a member less":               `DELETE FROM desk.bundle_records WHERE bundle_id = $1 AND $2::uuid IS NOT NULL`,
		"a member more": `INSERT INTO desk.bundle_records (bundle_id, record_id, version, position)
			SELECT $1, record_id, version, 9 FROM desk.changes WHERE $2::uuid IS NOT NULL`,
		"a time for what is not approved": `INSERT INTO desk.scheduled_publications (bundle_id, publish_at, reason, scheduled_by, scheduled_at)
			SELECT $1, now() + interval '1 day', '{"fr": "x"}', id, now() FROM desk.accounts WHERE role = 'editor' AND $2::uuid IS NOT NULL LIMIT 1`,
		"a check that is taken back": `UPDATE desk.review_checks SET item = 'x' WHERE bundle_id = $1 AND $2::uuid IS NOT NULL`,
	}
	for name, sql := range attacks {
		t.Run(name, func(t *testing.T) {
			if _, err := h.db.Desk().Exec(t.Context(), sql, bundle, h.analyst.ID); err == nil {
				t.Error("accepted")
			}
		})
	}
	_, err := h.db.Desk().Exec(t.Context(), `UPDATE desk.records SET state = 'approved' WHERE id = $1`, child.ID)
	wantError(t, store.Map(err), register.ErrConflict)

	// A set time is neither moved, nor kept before its moment, nor said to be kept.
	dec := decision()
	dec.At = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	_, err = h.editorial.PublishBundle(t.Context(), h.editor, bundle, dec)
	must(t, err)
	for name, sql := range map[string]string{
		"moved":        `UPDATE desk.scheduled_publications SET publish_at = '2026-11-20 09:30+00' WHERE bundle_id = $1`,
		"another's":    `UPDATE desk.scheduled_publications SET scheduled_by = (SELECT requested_by FROM desk.bundles LIMIT 1) WHERE bundle_id = $1`,
		"said to be":   `UPDATE desk.scheduled_publications SET outcome = 'published', closed_at = publish_at WHERE bundle_id = $1`,
		"a second one": `INSERT INTO desk.scheduled_publications (bundle_id, publish_at, reason, scheduled_by, scheduled_at) SELECT bundle_id, publish_at, reason, scheduled_by, scheduled_at FROM desk.scheduled_publications WHERE bundle_id = $1`,
	} {
		t.Run("set time "+name, func(t *testing.T) {
			if _, err := h.db.Desk().Exec(t.Context(), sql, bundle); err == nil {
				t.Error("accepted")
			}
		})
	}
	if h.state(t, parent.ID) != desk.StateApproved {
		t.Errorf("the parent is %s", h.state(t, parent.ID))
	}
}

func TestDraftsAreDiscarded(t *testing.T) {
	h := newHouse(t)
	v := h.draft(t, editorial.Draft{Institution: smallInstitution("agence")})
	wantError(t, h.editorial.Discard(t.Context(), h.analyst, editorial.Version{ID: v.ID, Version: 9}), register.ErrConflict)
	must(t, h.editorial.Discard(t.Context(), h.analyst, v))
	again := h.draft(t, editorial.Draft{Institution: smallInstitution("agence")}) // its address is free
	again = h.change(t, h.editor, again, smallInstitution("agence"))
	wantError(t, h.editorial.Discard(t.Context(), h.analyst, again), register.ErrForbidden)
	must(t, h.editorial.Discard(t.Context(), h.editor2, h.change(t, h.analyst, again, smallInstitution("agence"))))
	_, err := h.editorial.SendBundle(t.Context(), h.analyst, v, nil, "")
	wantError(t, err, register.ErrConflict)

	// What is public is withdrawn, and what somebody reads is returned first.
	public := h.published(t, "publique")
	edited := h.change(t, h.editor, editorial.Version{ID: public.ID, Version: public.Version}, smallInstitution("publique"))
	wantError(t, h.editorial.Discard(t.Context(), h.editor, edited), register.ErrConflict)
	sent := h.draft(t, editorial.Draft{Institution: smallInstitution("envoyee")})
	must(t, h.editorial.SendForReview(t.Context(), h.analyst, sent, ""))
	wantError(t, h.editorial.Discard(t.Context(), h.editor, sent), register.ErrConflict)

	history, err := h.editorial.History(t.Context(), h.analyst, v.ID, 0, 20)
	must(t, err)
	if len(history.Acts) != 2 || history.Acts[0].Action != "discard" || history.Acts[0].By == "" {
		t.Errorf("the history is %+v", history.Acts)
	}
}

func TestRemarksAndWorkAreShared(t *testing.T) {
	h := newHouse(t)
	bundle, child, _ := h.sent(t)
	must(t, h.editorial.Comment(t.Context(), h.analyst, child.ID, " Une source manque. "))
	wantProblemAt(t, h.editorial.Comment(t.Context(), h.analyst, child.ID, " \n"), "comment", "problem.missing")
	wantError(t, h.editorial.Comment(t.Context(), h.analyst, "00000000-0000-0000-0000-000000000000", "x"), register.ErrNotFound)
	must(t, h.editorial.Assign(t.Context(), h.editor, child.ID, h.editor2.ID))
	wantError(t, h.editorial.Assign(t.Context(), h.editor, child.ID, string(child.ID)), register.ErrInvalid)
	if r := h.review(t, bundle); len(r.Comments) != 1 || r.Comments[0].Body != "Une source manque." {
		t.Errorf("remarks: %+v", r.Comments)
	}
	history, err := h.editorial.History(t.Context(), h.editor, child.ID, 0, 20)
	must(t, err)
	if history.Assigned.ID != h.editor2.ID || history.Review != bundle || history.Acts[1].Text != "Une source manque." {
		t.Errorf("the history is %+v", history)
	}
}
