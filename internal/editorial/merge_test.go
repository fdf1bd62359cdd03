package editorial_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

var inThree = register.Text{"fr": "Le même organisme", "ar": "المؤسسة نفسها", "en": "The same body"}

// head finds a record at the desk by its slug.
func (h *house) head(tb testing.TB, t register.RecordType, slug string) desk.Record {
	tb.Helper()
	head, err := desk.New(store.Wrap(h.db.Desk()).Querier()).RecordBySlug(tb.Context(), t, slug)
	must(tb, err)
	return head
}

// published makes a small institution and publishes it.
func (h *house) published(tb testing.TB, slug string) desk.Record {
	tb.Helper()
	h.publish(tb, []editorial.Version{h.draft(tb, editorial.Draft{Institution: smallInstitution(slug)})})
	return h.head(tb, register.TypeInstitution, slug)
}

// merge takes a merge the whole way.
func (h *house) merge(tb testing.TB, from, into desk.Record) {
	tb.Helper()
	id, err := h.editorial.ProposeMerge(tb.Context(), h.editor, editorial.Merge{Record: from.ID, Target: into.ID, Reason: inThree})
	must(tb, err)
	must(tb, h.editorial.Confirm(tb.Context(), h.editor2, id))
}

func wantProblem(tb testing.TB, err error, key string) {
	tb.Helper()
	var problems register.Problems
	if !errors.As(err, &problems) || problems[0].Key != key {
		tb.Errorf("got %v, want %s", err, key)
	}
}

func (h *house) wantMoved(tb testing.TB, slug, to string) {
	tb.Helper()
	_, err := h.public.Institution(tb.Context(), slug)
	var moved *register.MovedError
	if !errors.As(err, &moved) || moved.Slug != to {
		tb.Errorf("%s: got %v, want it moved to %s", slug, err, to)
	}
}

func TestAMergedInstitutionLeadsToItsTarget(t *testing.T) {
	h := newHouse(t)
	h.publishFounding(t)
	cnss, caisse := h.head(t, register.TypeInstitution, "cnss"), h.published(t, "caisse")
	before, err := h.public.Incident(t.Context(), "cnss-2025")
	must(t, err)
	totals, err := h.public.Totals(t.Context())
	must(t, err)
	generation, err := h.public.Generation(t.Context())
	must(t, err)
	h.merge(t, cnss, caisse)

	h.wantMoved(t, "cnss", "caisse")
	after, err := h.public.Incident(t.Context(), "cnss-2025")
	must(t, err)
	if after.Edition != before.Edition+1 || after.Institution(register.Ref(cnss.Reference)) != nil {
		t.Errorf("edition %d still shows what was merged", after.Edition)
	}
	if after.Institution(register.Ref(caisse.Reference)) == nil || after.Affected[1].Institution != register.Ref(caisse.Reference) {
		t.Errorf("the incident does not show the target: %+v", after.Affected)
	}
	view, err := h.public.Institution(t.Context(), "caisse")
	must(t, err)
	if len(view.Incidents) != 1 || len(view.Statements) == 0 {
		t.Errorf("the target has %d incidents, %d statements", len(view.Incidents), len(view.Statements))
	}
	for slug, want := range map[string]int{"cnss": 0, "caisse": 1} {
		list, err := h.public.Incidents(t.Context(), register.IncidentFilter{Institution: slug})
		must(t, err)
		if list.Total != want {
			t.Errorf("%d incidents of %s, want %d", list.Total, slug, want)
		}
	}
	now, err := h.public.Totals(t.Context())
	must(t, err)
	if now.Institutions != totals.Institutions-1 {
		t.Errorf("%d institutions are counted, after %d", now.Institutions, totals.Institutions)
	}
	if later, err := h.public.Generation(t.Context()); err != nil || later.Record != generation.Record+1 {
		t.Errorf("generation %d after %d, %v", later.Record, generation.Record, err)
	}
	picked, err := h.editorial.Pick(t.Context(), h.analyst, register.TypeInstitution, "CNSS", 10)
	must(t, err)
	for _, p := range picked {
		if p.ID == cnss.ID {
			t.Error("a picker offers what was merged")
		}
	}
	h.merge(t, caisse, h.published(t, "fonds"))
	h.wantMoved(t, "cnss", "fonds")
	h.wantMoved(t, "caisse", "fonds")
}

// TestADraftPointsToTheTargetOfAMerge publishes again, in the ordinary way, a
// record whose draft names what was merged, twice.
func TestADraftPointsToTheTargetOfAMerge(t *testing.T) {
	h := newHouse(t)
	h.publishFounding(t)
	cnss, caisse := h.head(t, register.TypeInstitution, "cnss"), h.published(t, "caisse")
	h.merge(t, cnss, caisse)
	fonds := h.published(t, "fonds")
	h.merge(t, caisse, fonds)
	incident := h.head(t, register.TypeIncident, "cnss-2025")
	draft, _, err := h.editorial.Load(t.Context(), h.analyst, incident.ID)
	must(t, err)
	if draft.Incident.Affected[1].Institution != cnss.ID {
		t.Fatal("the draft names something else")
	}
	v, err := h.editorial.Save(t.Context(), h.analyst, draft)
	must(t, err)
	h.publish(t, []editorial.Version{v})
	e, err := h.public.Incident(t.Context(), "cnss-2025")
	must(t, err)
	if got := e.Affected[1].Institution; got != register.Ref(fonds.Reference) {
		t.Errorf("the new edition names %s", got)
	}
}

// TestTwoOfAnIncidentBecomeOne merges two institutions that one incident shows.
func TestTwoOfAnIncidentBecomeOne(t *testing.T) {
	h := newHouse(t)
	h.publishFounding(t)
	e, err := h.public.Incident(t.Context(), "cnss-2025")
	must(t, err)
	first, second := e.Institution(e.Affected[0].Institution), e.Institution(e.Affected[1].Institution)
	h.merge(t, h.head(t, register.TypeInstitution, second.Slug), h.head(t, register.TypeInstitution, first.Slug))
	list, err := h.public.Incidents(t.Context(), register.IncidentFilter{Institution: first.Slug})
	must(t, err)
	if list.Total != 1 || len(list.Rows[0].Institutions) != 1 {
		t.Errorf("%d incidents; institutions %+v", list.Total, list.Rows[0].Institutions)
	}
}

func TestAMergedIncidentLeadsToItsTarget(t *testing.T) {
	h := newHouse(t)
	h.publishFounding(t)
	twin := h.twin(t)
	original := h.head(t, register.TypeIncident, "cnss-2025")
	h.merge(t, twin, original)
	_, err := h.public.Incident(t.Context(), twin.Slug)
	var moved *register.MovedError
	if !errors.As(err, &moved) || moved.Slug != "cnss-2025" {
		t.Errorf("got %v", err)
	}
	for _, f := range []register.IncidentFilter{{}, {Query: "CNSS"}} {
		list, err := h.public.Incidents(t.Context(), f)
		must(t, err)
		if list.Total != 1 || list.Rows[0].Slug != "cnss-2025" {
			t.Errorf("%+v: %d incidents", f, list.Total)
		}
	}
}

// twin publishes a copy of the founding incident.
func (h *house) twin(tb testing.TB) desk.Record {
	tb.Helper()
	draft, _, err := h.editorial.Load(tb.Context(), h.analyst, h.head(tb, register.TypeIncident, "cnss-2025").ID)
	must(tb, err)
	draft.ID, draft.Version, draft.Incident.Slug = "", 0, "cnss-2025-bis"
	h.publish(tb, []editorial.Version{h.draft(tb, draft)})
	return h.head(tb, register.TypeIncident, "cnss-2025-bis")
}

func TestAMergeIsForTwoPersons(t *testing.T) {
	h := newHouse(t)
	a, b := h.published(t, "a"), h.published(t, "b")
	m := editorial.Merge{Record: a.ID, Target: b.ID, Reason: inThree}
	_, err := h.editorial.ProposeMerge(t.Context(), h.analyst, m)
	wantError(t, err, register.ErrForbidden)
	_, err = h.editorial.ProposeMerge(t.Context(), h.editor, editorial.Merge{Record: a.ID, Target: a.ID, Reason: inThree})
	wantProblem(t, err, "problem.merge-target")
	_, err = h.editorial.ProposeMerge(t.Context(), h.editor, editorial.Merge{Record: a.ID, Target: b.ID, Reason: register.Text{"fr": "x"}})
	wantProblem(t, err, "problem.language-missing")
	id, err := h.editorial.ProposeMerge(t.Context(), h.editor, m)
	must(t, err)
	_, err = h.editorial.ProposeMerge(t.Context(), h.editor2, m)
	wantProblem(t, err, "problem.decision-open")

	wantError(t, h.editorial.Confirm(t.Context(), h.editor, id), register.ErrForbidden)
	wantError(t, h.editorial.Confirm(t.Context(), h.analyst, id), register.ErrForbidden)
	wantProblem(t, h.editorial.Refuse(t.Context(), h.editor2, id, ""), "problem.missing")
	must(t, h.editorial.Refuse(t.Context(), h.editor2, id, "Deux organismes"))
	wantError(t, h.editorial.Confirm(t.Context(), h.editor2, id), register.ErrConflict)

	h.merge(t, a, b)
	_, err = h.editorial.Save(t.Context(), h.analyst, editorial.Draft{ID: a.ID, Version: a.Version, Institution: smallInstitution("a")})
	wantProblem(t, err, "problem.merged")
	c := h.published(t, "c")
	for _, again := range []editorial.Merge{{Record: a.ID, Target: c.ID, Reason: inThree}, {Record: b.ID, Target: a.ID, Reason: inThree}} {
		if _, err := h.editorial.ProposeMerge(t.Context(), h.editor, again); err == nil {
			t.Error("what is merged was merged again")
		}
	}
}

// TestNoMergeAroundTheProgram tries, as the desk's own role, to merge without a
// second person and to move what was merged.
func TestNoMergeAroundTheProgram(t *testing.T) {
	h := newHouse(t)
	a, b, c := h.published(t, "a"), h.published(t, "b"), h.published(t, "c")
	h.merge(t, a, b)
	id, err := h.editorial.ProposeMerge(t.Context(), h.editor, editorial.Merge{Record: b.ID, Target: c.ID, Reason: inThree})
	must(t, err)
	attempts := map[string]string{
		"confirmed by who proposed it":       `UPDATE desk.decisions SET outcome = 'confirmed', decided_by = proposed_by, decided_at = now() WHERE id = $1`,
		"confirmed by an analyst":            `UPDATE desk.decisions SET outcome = 'confirmed', decided_by = (SELECT id FROM desk.accounts WHERE role = 'analyst'), decided_at = now() WHERE id = $1`,
		"proposed by an analyst":             `INSERT INTO desk.decisions (kind, record_id, target_id, reason, proposed_by) SELECT kind, target_id, record_id, reason, (SELECT id FROM desk.accounts WHERE role = 'analyst') FROM desk.decisions WHERE id = $1`,
		"a decision out of nowhere":          `INSERT INTO desk.decisions (kind, record_id, target_id, reason, proposed_by, outcome, decided_by, decided_at) SELECT kind, target_id, record_id, reason, proposed_by, 'confirmed', proposed_by, now() FROM desk.decisions WHERE id = $1`,
		"another target":                     `UPDATE desk.decisions SET target_id = record_id WHERE id = $1`,
		"a decision made again":              `UPDATE desk.decisions SET outcome = 'refused' WHERE outcome = 'confirmed' AND id <> $1`,
		"merged at the desk":                 `UPDATE desk.records SET merged_into = (SELECT target_id FROM desk.decisions WHERE id = $1) WHERE slug = 'b'`,
		"a merged record set free":           `UPDATE desk.records SET merged_into = NULL WHERE slug = 'a' AND $1::uuid IS NOT NULL`,
		"a merged record moved on":           `UPDATE desk.records SET version = version + 1, state = 'draft' WHERE slug = 'a' AND $1::uuid IS NOT NULL`,
		"a head merged":                      `UPDATE record.heads SET state = 'merged', merged_into = 'IN-0003' WHERE reference = 'IN-0002' AND $1::uuid IS NOT NULL`,
		"a head merged elsewhere":            `UPDATE record.heads SET merged_into = 'IN-0003' WHERE reference = 'IN-0001' AND $1::uuid IS NOT NULL`,
		"a merged head published":            `UPDATE record.heads SET state = 'published', merged_into = NULL WHERE reference = 'IN-0001' AND $1::uuid IS NOT NULL`,
		"a head withdrawn":                   `UPDATE record.heads SET state = 'withdrawn' WHERE reference = 'IN-0002' AND $1::uuid IS NOT NULL`,
		"an edition said to be by the merge": `INSERT INTO desk.publications (reference, number, record_id, version, cause, author_id, reviewer_id, published_at) SELECT 'IN-0003', 2, id, version, 'merged', (SELECT proposed_by FROM desk.decisions WHERE id = $1), (SELECT id FROM desk.accounts WHERE email = 'editor2@example.org'), now() FROM desk.records WHERE slug = 'c'`,
	}
	for name, sql := range attempts {
		t.Run(name, func(t *testing.T) {
			if tag, err := h.db.Desk().Exec(t.Context(), sql, id); err == nil {
				t.Errorf("accepted: %s", tag)
			}
		})
	}
}

// TestAMergeMovesOneReferenceOnly confirms a merge by hand and tries to slip
// another change into an edition with it.
func TestAMergeMovesOneReferenceOnly(t *testing.T) {
	h := newHouse(t)
	h.publishFounding(t)
	cnss, caisse := h.head(t, register.TypeInstitution, "cnss"), h.published(t, "caisse")
	id, err := h.editorial.ProposeMerge(t.Context(), h.editor, editorial.Merge{Record: cnss.ID, Target: caisse.ID, Reason: inThree})
	must(t, err)
	forge := func(find, put string) error {
		tx, err := h.db.Desk().Begin(t.Context())
		must(t, err)
		defer tx.Rollback(t.Context()) //nolint:errcheck // nothing is kept
		must(t, desk.New(tx).Decide(t.Context(), id, desk.OutcomeConfirmed, h.editor2.ID, ""))
		_, err = tx.Exec(t.Context(), `
			INSERT INTO desk.publications (reference, number, record_id, version, cause, author_id, reviewer_id, published_at)
			SELECT reference, 2, id, version, 'merged', $1, $2, now() FROM desk.records WHERE reference = 'SJ-2025-0001'`,
			h.editor.ID, h.editor2.ID)
		must(t, err)
		_, err = tx.Exec(t.Context(), `
			INSERT INTO record.editions (reference, number, type, content, sha256, salt, published_at, reason, author_role, reviewer_role)
			SELECT reference, 2, type, body, encode(sha256(body), 'hex'), salt, now(), reason, author_role, reviewer_role
			FROM record.editions,
			     LATERAL (SELECT convert_to(replace(replace(replace(convert_from(content, 'UTF8'), '"number":1,"pins"', '"number":2,"pins"'),
			         $1, $2), $3, $4), 'UTF8') AS body) AS forged
			WHERE reference = 'SJ-2025-0001'`, `"`+cnss.Reference+`"`, `"`+caisse.Reference+`"`, find, put)
		return err
	}
	must(t, forge("nothing", "nothing"))
	if err := forge("CNSS", "ANAPEC"); err == nil || !strings.Contains(err.Error(), "an edition is what its publication says") {
		t.Errorf("a forged edition: %v", err)
	}
}
