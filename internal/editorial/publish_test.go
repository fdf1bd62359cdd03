package editorial_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// smallInstitution is the least that can be published.
func smallInstitution(slug string) *register.Institution {
	return &register.Institution{
		Language: register.French, Slug: slug, Kind: register.InstitutionAgency,
		Names: []register.InstitutionName{
			{Key: "name-fr", Language: register.French, Kind: register.NameOfficial, Name: "Agence " + slug},
		},
	}
}

func (h *house) draft(tb testing.TB, draft editorial.Draft) editorial.Version {
	tb.Helper()
	v, err := h.editorial.Save(tb.Context(), h.analyst, draft)
	must(tb, err)
	return v
}

// change saves a new version of a record with the actor as its author.
func (h *house) change(tb testing.TB, actor register.Actor, v editorial.Version, i *register.Institution) editorial.Version {
	tb.Helper()
	v, err := h.editorial.Save(tb.Context(), actor, editorial.Draft{ID: v.ID, Version: v.Version, Institution: i})
	must(tb, err)
	return v
}

func wantError(tb testing.TB, err, want error) {
	tb.Helper()
	if !errors.Is(err, want) {
		tb.Errorf("got %v, want %v", err, want)
	}
}

func TestOnlyTheRightRolesDoWhatTheyMay(t *testing.T) {
	h := newHouse(t)
	viewer := register.Actor{ID: h.analyst.ID}
	v := h.draft(t, editorial.Draft{Institution: smallInstitution("agence")})

	_, err := h.editorial.Save(t.Context(), viewer, editorial.Draft{Institution: smallInstitution("autre")})
	wantError(t, err, register.ErrForbidden)
	wantError(t, h.editorial.SaveSources(t.Context(), viewer, nil), register.ErrForbidden)
	wantError(t, h.editorial.SendForReview(t.Context(), viewer, v, ""), register.ErrForbidden)
	must(t, h.editorial.SendForReview(t.Context(), h.analyst, v, ""))
	wantError(t, h.editorial.Approve(t.Context(), h.analyst, v), register.ErrForbidden)
	wantError(t, h.editorial.Return(t.Context(), h.analyst, v, "non"), register.ErrForbidden)
	must(t, h.editorial.Approve(t.Context(), h.editor, v))
	_, err = h.editorial.Publish(t.Context(), h.analyst, []editorial.Version{v}, firstEdition)
	wantError(t, err, register.ErrForbidden)
}

func TestNobodyApprovesWhatHeChanged(t *testing.T) {
	h := newHouse(t)
	v, err := h.editorial.Save(t.Context(), h.editor, editorial.Draft{Institution: smallInstitution("agence")})
	must(t, err)
	must(t, h.editorial.SendForReview(t.Context(), h.editor, v, ""))
	wantError(t, h.editorial.Approve(t.Context(), h.editor, v), register.ErrForbidden)

	// A small part in it is enough, even when somebody else wrote the rest.
	v = h.change(t, h.analyst, v, smallInstitution("agence"))
	must(t, h.editorial.SendForReview(t.Context(), h.analyst, v, ""))
	wantError(t, h.editorial.Approve(t.Context(), h.editor, v), register.ErrForbidden)
	must(t, h.editorial.Approve(t.Context(), h.editor2, v))
	_, err = h.editorial.Publish(t.Context(), h.editor, []editorial.Version{v}, firstEdition)
	must(t, err)

	// What was published counts no more: the next version has other authors.
	v = h.change(t, h.analyst, v, smallInstitution("agence"))
	must(t, h.editorial.SendForReview(t.Context(), h.analyst, v, ""))
	must(t, h.editorial.Approve(t.Context(), h.editor, v))
}

func TestAnEditVoidsTheApproval(t *testing.T) {
	h := newHouse(t)
	v := h.draft(t, editorial.Draft{Institution: smallInstitution("agence")})
	must(t, h.editorial.SendForReview(t.Context(), h.analyst, v, ""))
	must(t, h.editorial.Approve(t.Context(), h.editor, v))
	later := h.change(t, h.analyst, v, smallInstitution("agence"))
	_, err := h.editorial.Publish(t.Context(), h.editor, []editorial.Version{v}, firstEdition)
	wantError(t, err, register.ErrConflict)
	_, err = h.editorial.Publish(t.Context(), h.editor, []editorial.Version{later}, firstEdition)
	wantError(t, err, register.ErrForbidden)
	wantError(t, h.editorial.Approve(t.Context(), h.editor, v), register.ErrConflict)
}

// TestTheDatabaseKeepsFourEyes does by hand, as the desk's own role, what the
// program would refuse.
func TestTheDatabaseKeepsFourEyes(t *testing.T) {
	h := newHouse(t)
	v := h.draft(t, editorial.Draft{Institution: smallInstitution("agence")})
	q := desk.New(store.Wrap(h.db.Desk()).Querier())
	must(t, h.editorial.SendForReview(t.Context(), h.analyst, v, ""))

	cases := []struct {
		name string
		want error
		do   func() error
	}{
		{"an analyst approves", register.ErrForbidden, func() error {
			return q.DecideReview(t.Context(), v.ID, v.Version, h.analyst.ID, desk.OutcomeApproved, "")
		}},
		{"a publication without approval", register.ErrForbidden, func() error {
			return q.InsertPublications(t.Context(), []desk.Publication{{
				Reference: "IN-0001", Number: 1, Record: v.ID, Version: v.Version, Author: h.analyst.ID, Reviewer: h.editor.ID,
			}})
		}},
		{"an approved review out of nowhere, by the author", register.ErrConflict, func() error {
			_, err := h.db.Desk().Exec(t.Context(), `
				INSERT INTO desk.reviews (record_id, version, requested_by, outcome, reviewer_id, decided_at)
				VALUES ($1, $2, $3, 'approved', $3, now())`, string(v.ID), v.Version, h.analyst.ID)
			return store.Map(err)
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { wantError(t, c.do(), c.want) })
	}
	t.Run("an edition without a publication", func(t *testing.T) {
		_, err := h.db.Desk().Exec(t.Context(), `
			INSERT INTO record.editions (reference, number, type, content, sha256, salt, published_at, reason,
			                             author_role, reviewer_role)
			VALUES ('SJ-2025-0009', 1, 'incident', '{}', encode(sha256('{}'), 'hex'), decode(repeat('00', 32), 'hex'),
			        now(), '{}', 'analyst', 'editor')`)
		if err == nil {
			t.Error("an edition came about without a publication")
		}
	})
}

// TestTheDatabaseVoidsApprovalByEdit changes an approved record by hand, as
// the desk's own role, in every way around the program.
func TestTheDatabaseVoidsApprovalByEdit(t *testing.T) {
	h := newHouse(t)
	v := h.draft(t, editorial.Draft{Institution: smallInstitution("agence")})
	must(t, h.editorial.SendForReview(t.Context(), h.analyst, v, ""))
	id := string(v.ID)
	attack := func(sql string) {
		t.Helper()
		_, err := h.db.Desk().Exec(t.Context(), sql, id)
		wantError(t, store.Map(err), register.ErrConflict)
	}
	attack(`UPDATE desk.institution_names SET name = 'changed in review' WHERE record_id = $1`)
	must(t, h.editorial.Approve(t.Context(), h.editor, v))
	attack(`UPDATE desk.institution_names SET name = 'changed after approval' WHERE record_id = $1`)
	attack(`DELETE FROM desk.facts WHERE record_id = $1`)
	attack(`INSERT INTO desk.facts (record_id, key, kind, position) VALUES ($1, 'more', 'event', 9)`)
	attack(`UPDATE desk.records SET state = 'draft' WHERE id = $1`)
	attack(`UPDATE desk.records SET version = 0 WHERE id = $1`)
	_, err := h.editorial.Publish(t.Context(), h.editor, []editorial.Version{v}, firstEdition)
	must(t, err)
	attack(`UPDATE desk.institutions SET kind = 'company' WHERE record_id = $1`)
}

// TestASourceIsPartOfWhatIsReviewed changes a source around an approval, by the
// program and by hand.
func TestASourceIsPartOfWhatIsReviewed(t *testing.T) {
	h := newHouse(t)
	source := register.Source{Key: "s", Kind: register.SourcePressReport, Publisher: "P", Title: "before"}
	must(t, h.editorial.SaveSources(t.Context(), h.analyst, []register.Source{source}))
	cited := smallInstitution("agence")
	cited.Sources = []string{"s"}
	v := h.draft(t, editorial.Draft{Institution: cited})
	must(t, h.editorial.SendForReview(t.Context(), h.analyst, v, ""))

	forged := source
	forged.Title, forged.URL = "after", "https://example.org/else"
	change := func(actor register.Actor) error {
		return h.editorial.SaveSources(t.Context(), actor, []register.Source{forged})
	}
	wantError(t, change(h.analyst), register.ErrConflict)
	must(t, h.editorial.Approve(t.Context(), h.editor, v))
	wantError(t, change(h.analyst), register.ErrConflict)
	_, err := h.db.Desk().Exec(t.Context(), `UPDATE desk.sources SET title = 'by hand'`)
	wantError(t, store.Map(err), register.ErrConflict)
	_, err = h.editorial.Publish(t.Context(), h.editor, []editorial.Version{v}, firstEdition)
	must(t, err)

	// Once published, a source may change; who changed it does not review it.
	must(t, change(h.editor))
	v = h.change(t, h.analyst, v, cited)
	must(t, h.editorial.SendForReview(t.Context(), h.analyst, v, ""))
	wantError(t, h.editorial.Approve(t.Context(), h.editor, v), register.ErrForbidden)
	must(t, h.editorial.Approve(t.Context(), h.editor2, v))
}

// TestNoEditionAroundTheProgram tries, as the desk's own role, to make and to
// move editions that nobody approved.
func TestNoEditionAroundTheProgram(t *testing.T) {
	h := newHouse(t)
	v := h.draft(t, editorial.Draft{Institution: smallInstitution("agence")})
	h.publish(t, []editorial.Version{v})
	attempts := map[string]string{
		"an edition that is only said to be carried": `
			INSERT INTO desk.publications (reference, number, record_id, version, cause, author_id, reviewer_id, published_at)
			SELECT 'IN-0001', 2, id, version, 'carried', $1, $2, now() FROM desk.records`,
		"a number that leaves some out": `
			INSERT INTO desk.publications (reference, number, record_id, version, cause, author_id, reviewer_id, published_at)
			SELECT 'IN-0001', 9, id, version, 'published', $1, $2, now() FROM desk.records`,
		"a second reference for a record": `
			INSERT INTO desk.publications (reference, number, record_id, version, cause, author_id, reviewer_id, published_at)
			SELECT 'IN-0099', 1, id, version, 'published', $1, $2, now() FROM desk.records`,
		"a review that is decided again":     `UPDATE desk.reviews SET outcome = 'voided' WHERE $1 <> $2`,
		"a record that goes back":            `UPDATE desk.records SET state = 'draft' WHERE $1 <> $2`,
		"a record with another reference":    `UPDATE desk.records SET reference = 'IN-0099' WHERE $1 <> $2`,
		"a version without an author":        `UPDATE desk.records SET state = 'draft', version = version + 1 WHERE $1 <> $2`,
		"a change for a version to come":     `INSERT INTO desk.changes (record_id, version, account_id) SELECT id, 99, $1 FROM desk.records WHERE $1 <> $2`,
		"the head set back":                  `UPDATE record.heads SET number = number - 1 WHERE $1 <> $2`,
		"a pin for an edition that is there": `INSERT INTO record.pins SELECT 'IN-0001', 1, 0, 'IN-0001', 1 WHERE $1 <> $2`,
		"a slug of somebody else":            `INSERT INTO record.slugs SELECT 'institution', 'autre', 'IN-0001' WHERE $1 <> $2`,
		"a generation that goes back":        `UPDATE record.generations SET generation = 0 WHERE $1 <> $2`,
		"signatures that go back":            `UPDATE record.generations SET signatures = signatures - 1 WHERE $1 <> $2`,
		"references given anew":              `UPDATE record.reference_series SET last = 1 WHERE $1 <> $2`,
	}
	for name, sql := range attempts {
		t.Run(name, func(t *testing.T) {
			if _, err := h.db.Desk().Exec(t.Context(), sql, h.analyst.ID, h.editor.ID); err == nil {
				t.Error("accepted")
			}
		})
	}
}

// TestEveryContentTableIsGuarded asks that a new table of content is not
// forgotten by the guard.
func TestEveryContentTableIsGuarded(t *testing.T) {
	h := newHouse(t)
	rows, err := h.db.Owner().Query(t.Context(), `
		SELECT c.relname
		FROM pg_catalog.pg_attribute AS a
		JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
		WHERE a.attname = 'record_id' AND c.relkind = 'r' AND c.relnamespace = 'desk'::regnamespace
		  -- those say what was done with a record, not what is in it
		  AND c.relname NOT IN ('changes', 'comments', 'reviews', 'publications', 'audit', 'decisions', 'bundles', 'bundle_records', 'token_requests')
		  -- the first two are never changed at all, the last follows from the content
		  AND c.relname NOT IN ('revisions', 'origins', 'directory')
		  AND NOT EXISTS (
		      SELECT FROM pg_catalog.pg_trigger AS t WHERE t.tgrelid = c.oid AND t.tgname = 'content_guard')`)
	must(t, err)
	open, err := pgx.CollectRows(rows, pgx.RowTo[string])
	must(t, err)
	if len(open) > 0 {
		t.Errorf("not guarded: %v", open)
	}
}

func TestOnlyPublicRecordsArePointedTo(t *testing.T) {
	h := newHouse(t)
	parent := h.draft(t, editorial.Draft{Institution: smallInstitution("mere")})
	child := smallInstitution("fille")
	child.Parent = parent.ID
	v := h.draft(t, editorial.Draft{Institution: child})
	for _, x := range []editorial.Version{parent, v} {
		must(t, h.editorial.SendForReview(t.Context(), h.analyst, x, ""))
		must(t, h.editorial.Approve(t.Context(), h.editor, x))
	}
	_, err := h.editorial.Publish(t.Context(), h.editor, []editorial.Version{v}, firstEdition)
	var problems register.Problems
	if !errors.As(err, &problems) || problems[0].Key != "problem.not-published" {
		t.Errorf("got %v", err)
	}
	made, err := h.editorial.Publish(t.Context(), h.editor, []editorial.Version{v, parent}, firstEdition)
	if err != nil || len(made) != 2 {
		t.Errorf("together: %v, %v", made, err)
	}
}

func TestStaleVersionIsAConflict(t *testing.T) {
	h := newHouse(t)
	v := h.draft(t, editorial.Draft{Institution: smallInstitution("agence")})
	h.change(t, h.editor, v, smallInstitution("agence"))
	_, err := h.editorial.Save(t.Context(), h.analyst, editorial.Draft{
		ID: v.ID, Version: v.Version, Institution: smallInstitution("agence"),
	})
	wantError(t, err, register.ErrConflict)
}

func TestATakenSlugIsAProblem(t *testing.T) {
	h := newHouse(t)
	h.draft(t, editorial.Draft{Institution: smallInstitution("agence")})
	_, err := h.editorial.Save(t.Context(), h.editor, editorial.Draft{Institution: smallInstitution("agence")})
	var problems register.Problems
	if !errors.As(err, &problems) || problems[0].Key != "problem.slug-taken" {
		t.Errorf("got %v", err)
	}
}

func TestAReturnNeedsAReasonAndKeepsIt(t *testing.T) {
	h := newHouse(t)
	v := h.draft(t, editorial.Draft{Institution: smallInstitution("agence")})
	must(t, h.editorial.SendForReview(t.Context(), h.analyst, v, ""))
	var problems register.Problems
	if err := h.editorial.Return(t.Context(), h.editor, v, ""); !errors.As(err, &problems) {
		t.Errorf("got %v", err)
	}
	wantError(t, h.editorial.Return(t.Context(), h.editor, editorial.Version{ID: v.ID, Version: v.Version - 1}, "Source manquante"), register.ErrConflict)
	must(t, h.editorial.Return(t.Context(), h.editor, v, "Source manquante"))
	var reason string
	must(t, h.db.Owner().QueryRow(t.Context(), `SELECT reason FROM desk.reviews WHERE outcome = 'returned'`).Scan(&reason))
	if reason != "Source manquante" {
		t.Errorf("kept %q", reason)
	}
}

// TestACorrectionIsCarriedByWhatShowsIt renames an institution: its statements
// and the incident get new editions, which pin it, in the same transaction.
func TestACorrectionIsCarriedByWhatShowsIt(t *testing.T) {
	h := newHouse(t)
	h.publishFounding(t)
	before, err := h.public.Incident(t.Context(), "cnss-2025")
	must(t, err)

	q := desk.New(store.Wrap(h.db.Desk()).Querier())
	head, err := q.RecordBySlug(t.Context(), register.TypeInstitution, "cnss")
	must(t, err)
	cnss, err := q.Institution(t.Context(), head)
	must(t, err)
	cnss.Description = register.Text{"fr": "Décrite à nouveau", "ar": "وصف جديد", "en": "Described anew"}
	v := h.change(t, h.analyst, editorial.Version{ID: head.ID, Version: head.Version}, cnss)
	made := h.publish(t, []editorial.Version{v})

	carried := map[string]bool{}
	for _, m := range made {
		carried[m.Reference] = m.Carried
	}
	if c, ok := carried["SJ-2025-0001"]; !ok || !c {
		t.Errorf("the incident was not carried along: %v", made)
	}
	after, err := h.public.Incident(t.Context(), "cnss-2025")
	must(t, err)
	if after.Edition != before.Edition+1 {
		t.Errorf("edition %d after %d", after.Edition, before.Edition)
	}
	shown := after.Institution(register.Ref(head.Reference))
	if shown == nil || shown.Description["en"] != "Described anew" || shown.Edition != 2 {
		t.Errorf("the incident shows %+v", shown)
	}
	if before.Title["fr"] != after.Title["fr"] || len(before.Events) != len(after.Events) {
		t.Error("carrying changed the content")
	}
}

// TestACarriedRecordKeepsItsDraft changes a draft that is not published yet:
// an edition that is carried must not let it out.
func TestACarriedRecordKeepsItsDraft(t *testing.T) {
	h := newHouse(t)
	h.publishFounding(t)
	q := desk.New(store.Wrap(h.db.Desk()).Querier())
	head, err := q.RecordBySlug(t.Context(), register.TypeIncident, "cnss-2025")
	must(t, err)
	incident, err := q.Incident(t.Context(), head)
	must(t, err)
	incident.Title["fr"] = "Zanzibar en attente"
	_, err = h.editorial.Save(t.Context(), h.analyst, editorial.Draft{ID: head.ID, Version: head.Version, Incident: incident})
	must(t, err)

	head, err = q.RecordBySlug(t.Context(), register.TypeInstitution, "cnss")
	must(t, err)
	cnss, err := q.Institution(t.Context(), head)
	must(t, err)
	v := h.change(t, h.analyst, editorial.Version{ID: head.ID, Version: head.Version}, cnss)
	h.publish(t, []editorial.Version{v})

	e, err := h.public.Incident(t.Context(), "cnss-2025")
	must(t, err)
	if e.Edition != 2 || strings.Contains(e.Title["fr"], "Zanzibar") {
		t.Errorf("edition %d is titled %q", e.Edition, e.Title["fr"])
	}
}

func TestAChangedSlugRedirects(t *testing.T) {
	h := newHouse(t)
	v := h.draft(t, editorial.Draft{Institution: smallInstitution("ancien")})
	h.publish(t, []editorial.Version{v})
	v = h.change(t, h.analyst, v, smallInstitution("nouveau"))
	h.publish(t, []editorial.Version{v})

	_, err := h.public.Institution(t.Context(), "ancien")
	var moved *register.MovedError
	if !errors.As(err, &moved) || moved.Slug != "nouveau" {
		t.Errorf("got %v", err)
	}
	got, err := h.public.Institution(t.Context(), "nouveau")
	must(t, err)
	if got.Edition != 2 {
		t.Errorf("edition %d", got.Edition)
	}

	// The old slug is not given to another record.
	other := h.draft(t, editorial.Draft{Institution: smallInstitution("ancien")})
	must(t, h.editorial.SendForReview(t.Context(), h.analyst, other, ""))
	must(t, h.editorial.Approve(t.Context(), h.editor, other))
	_, err = h.editorial.Publish(t.Context(), h.editor, []editorial.Version{other}, firstEdition)
	var problems register.Problems
	if !errors.As(err, &problems) || problems[0].Key != "problem.slug-taken" {
		t.Errorf("got %v", err)
	}
}

// TestEditionsHashAsTheySay recomputes the hash of every stored edition, and
// checks that its canonical form is a fixed point.
func TestEditionsHashAsTheySay(t *testing.T) {
	h := newHouse(t)
	h.publishFounding(t)
	rows, err := h.db.Public().Query(t.Context(), `SELECT content, sha256 FROM record.editions`)
	must(t, err)
	type stored struct {
		Content []byte
		SHA256  string
	}
	editions, err := pgx.CollectRows(rows, pgx.RowToStructByPos[stored])
	must(t, err)
	for _, e := range editions {
		if got := register.HashOf(e.Content); got != e.SHA256 {
			t.Errorf("hash %s, stored %s", got, e.SHA256)
		}
		c, err := register.DecodeContent(e.Content)
		must(t, err)
		again, _, err := c.Canonical()
		must(t, err)
		if string(again) != string(e.Content) {
			t.Errorf("%s is not canonical", c.Reference)
		}
		if c.Incident != nil || c.Statement != nil {
			for _, s := range c.Sources {
				if s.URLWithheld && s.URL != "" {
					t.Errorf("%s shows a withheld address", c.Reference)
				}
			}
		}
	}
	if len(editions) < 10 {
		t.Errorf("only %d editions", len(editions))
	}
}

// TestReferencesAreGivenOnce publishes from several desks at the same time.
func TestReferencesAreGivenOnce(t *testing.T) {
	h := newHouse(t)
	const n = 8
	versions := make([]editorial.Version, n)
	for i := range versions {
		versions[i] = h.draft(t, editorial.Draft{Institution: smallInstitution("agence-" + string(rune('a'+i)))})
		must(t, h.editorial.SendForReview(t.Context(), h.analyst, versions[i], ""))
		must(t, h.editorial.Approve(t.Context(), h.editor, versions[i]))
	}
	var mu sync.Mutex
	given := map[string]bool{}
	var wg sync.WaitGroup
	for _, v := range versions {
		wg.Go(func() {
			made, err := h.editorial.Publish(t.Context(), h.editor, []editorial.Version{v}, firstEdition)
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			given[made[0].Reference] = true
		})
	}
	wg.Wait()
	if len(given) != n || !given["IN-0001"] || !given["IN-0008"] {
		t.Errorf("given: %v", given)
	}
}

func TestIncidentIsNumberedByTheYearOfItsFirstTrace(t *testing.T) {
	h := newHouse(t)
	made := h.publishFounding(t)
	want := map[string]bool{"SJ-2025-0001": false, "ST-2025-0001": false, "IN-0001": false}
	for _, m := range made {
		if _, ok := want[m.Reference]; ok {
			want[m.Reference] = true
		}
	}
	for reference, found := range want {
		if !found {
			t.Errorf("%s was not given", reference)
		}
	}
}

// TestAuditIsAChain recomputes the hash of every row from the one before it,
// after many people have written at the same time and one has written by hand.
func TestAuditIsAChain(t *testing.T) {
	h := newHouse(t)
	h.publish(t, []editorial.Version{h.draft(t, editorial.Draft{Institution: smallInstitution("agence")})})
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for n := range 5 {
				slug := fmt.Sprintf("agence-%d-%d", i, n)
				if _, err := h.editorial.Save(t.Context(), h.analyst, editorial.Draft{Institution: smallInstitution(slug)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	_, err := h.db.Desk().Exec(t.Context(), `
		INSERT INTO desk.audit (id, at, action, hash) VALUES (-5, '2001-01-01', 'by hand', '\x00')`)
	must(t, err)
	var rows, broken int
	must(t, h.db.Owner().QueryRow(t.Context(), `
		SELECT count(*), count(*) FILTER (WHERE hash <> sha256(
		           coalesce(previous, ''::bytea) || convert_to(jsonb_build_array(
		               id, extract(epoch FROM at), account_id, action, record_id, version, detail)::text, 'UTF8')))
		FROM (SELECT *, lag(hash) OVER (ORDER BY id) AS previous FROM desk.audit) AS a`).Scan(&rows, &broken))
	if rows < 45 || broken > 0 {
		t.Errorf("%d rows, %d broken", rows, broken)
	}
	var first, last int
	must(t, h.db.Owner().QueryRow(t.Context(), `SELECT min(id), max(id) FROM desk.audit`).Scan(&first, &last))
	if first != 1 || last != rows {
		t.Errorf("numbered from %d to %d, %d rows", first, last, rows)
	}
}

// TestPublicationsAndEditsAtTheSameTime lets people correct an institution,
// publish statements by it, and save the incident that shows both: nobody is
// told of a conflict that is none, and nothing is left pinned to a past edition.
func TestPublicationsAndEditsAtTheSameTime(t *testing.T) {
	h := newHouse(t)
	h.publishFounding(t)
	q := desk.New(store.Wrap(h.db.Desk()).Querier())
	head, err := q.RecordBySlug(t.Context(), register.TypeInstitution, "cnss")
	must(t, err)
	cnss, err := q.Institution(t.Context(), head)
	must(t, err)
	incident, err := q.RecordBySlug(t.Context(), register.TypeIncident, "cnss-2025")
	must(t, err)
	content, err := q.Incident(t.Context(), incident)
	must(t, err)

	approve := func(v editorial.Version) editorial.Version {
		must(t, h.editorial.SendForReview(t.Context(), h.analyst, v, ""))
		must(t, h.editorial.Approve(t.Context(), h.editor, v))
		return v
	}
	correction := approve(h.change(t, h.analyst, editorial.Version{ID: head.ID, Version: head.Version}, cnss))
	said := approve(h.draft(t, editorial.Draft{Statement: &register.Statement{
		Language: "fr", Slug: "nouveau", Title: register.Text{"fr": "Nouveau"}, Summary: register.Text{"fr": "Dit"},
		Kind: register.StatementCommunique, Issuer: head.ID, Sources: []string{"src-001"},
	}}))
	var wg sync.WaitGroup
	for _, v := range []editorial.Version{correction, said} {
		wg.Go(func() {
			if _, err := h.editorial.Publish(t.Context(), h.editor, []editorial.Version{v}, firstEdition); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Go(func() {
		version := incident.Version
		for range 5 {
			v, err := h.editorial.Save(t.Context(), h.analyst, editorial.Draft{ID: incident.ID, Version: version, Incident: content})
			if err != nil {
				t.Error(err)
				return
			}
			version = v.Version
		}
	})
	wg.Wait()
	var stale int
	must(t, h.db.Owner().QueryRow(t.Context(), `
		SELECT count(*)
		FROM record.heads AS h
		JOIN record.pins AS p USING (reference, number)
		JOIN record.heads AS shown ON shown.reference = p.pinned_reference
		WHERE p.pinned_number <> shown.number`).Scan(&stale))
	if stale > 0 {
		t.Errorf("%d pins of current editions lead to past ones", stale)
	}
}

func TestFoundingRecordIsComplete(t *testing.T) {
	h := newHouse(t)
	h.publishFounding(t)
	e, err := h.public.Incident(t.Context(), "cnss-2025")
	must(t, err)
	if got := len(e.SourceList); got != 44 {
		t.Errorf("%d sources are cited, want 44", got)
	}
	briefing := e.Statements[0]
	for _, s := range e.Statements {
		if s.Slug == "briefing-2025-04-10" {
			briefing = s
		}
	}
	if got := len(briefing.Differences); got != 17 {
		t.Errorf("%d recorded differences, want 17", got)
	}
	numbered := 0
	for _, c := range briefing.Claims {
		if regexp.MustCompile(`^c[0-9]+-`).MatchString(c.Key) {
			numbered++
		}
	}
	if numbered != 13 {
		t.Errorf("%d of the claims C1 to C13", numbered)
	}
	c10 := briefing.Claim("c10-authenticity")
	if c10 == nil || c10.Mark() != register.MarkNarrowed {
		t.Errorf("C10 is %+v", c10)
	}
	if len(e.Referrals) != 2 || len(e.Referrals[0].PossiblySame) == 0 {
		t.Errorf("referrals: %+v", e.Referrals)
	}
	for _, r := range e.Referrals {
		if s, _ := r.Latest(); s.Step != "announced" || s.Level != register.AnnouncedByParty {
			t.Errorf("%s stands at %s, %s", r.Key, s.Step, s.Level)
		}
	}
	names := 0
	for _, s := range e.Systems {
		names = max(names, len(s.Names))
	}
	if names != 3 {
		t.Errorf("a system has %d names, want 3", names)
	}
	if got := e.Occurred(); edtf.Compare(got, mustDate(t, "2025-04-08")) != 0 {
		t.Errorf("occurred %s", got)
	}
}

func mustDate(tb testing.TB, s string) edtf.Date {
	tb.Helper()
	d, err := edtf.Parse(s)
	must(tb, err)
	return d
}
