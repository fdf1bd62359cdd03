package editorial_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

var byLaw = register.Text{"fr": "Ordonnance du tribunal", "ar": "أمر من المحكمة", "en": "Order of the court"}

// shelf stands for the store of files.
type shelf struct {
	removed []string
	fails   bool
}

// Delete notes the file.
func (s *shelf) Delete(_ context.Context, sha256 string) error {
	if s.fails {
		return errors.New("the shelf is locked")
	}
	s.removed = append(s.removed, sha256)
	return nil
}

const (
	secret     = "Zanzibarologie" // stands in every text of the record
	sharedFile = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	ownFile    = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
)

// secretStatement is the founding record's first communiqué with a word in it
// that stands nowhere else.
func (h *house) secretStatement(tb testing.TB, extra string) editorial.Draft {
	tb.Helper()
	draft, _, err := h.editorial.Load(tb.Context(), h.analyst, h.head(tb, register.TypeStatement, "cnss-communique-1").ID)
	must(tb, err)
	s := draft.Statement
	for _, text := range []register.Text{s.Title, s.Summary, s.Claims[0].Paraphrase} {
		for lang := range text {
			text[lang] += " " + secret + extra
		}
	}
	s.OriginalNotSeen, s.OriginalText, s.OriginalLanguage = false, secret+" dit", "fr"
	source := register.Source{
		Key: "secret-source", Kind: register.SourcePressReport, Publisher: secret, Title: secret, URL: "https://example.org/" + secret,
	}
	must(tb, h.editorial.SaveSources(tb.Context(), h.analyst, []register.Source{source}))
	s.Sources = append(slices.Clone(s.Sources), "secret-source")
	s.Documents = []register.Document{
		{Fact: register.Fact{Key: "own", Sources: []string{"secret-source"}}, Name: secret + ".pdf", Type: "application/pdf", SHA256: ownFile, Size: 1, Text: secret},
		{Fact: register.Fact{Key: "shared", Sources: []string{"src-023"}}, Name: "partage.pdf", Type: "application/pdf", SHA256: sharedFile, Size: 1},
	}
	return draft
}

// takedownHouse holds a published statement that is full of the secret, and
// other records that share a file with it or show it.
func takedownHouse(t *testing.T) (*house, *shelf, desk.Record) {
	t.Helper()
	h := newHouse(t)
	files := &shelf{}
	h.editorial = h.editorial.WithTakedown(store.Wrap(h.db.Takedown()), files)
	h.publishFounding(t)
	other, _, err := h.editorial.Load(t.Context(), h.analyst, h.head(t, register.TypeStatement, "cnss-communique-2").ID)
	must(t, err)
	other.Statement.Documents = []register.Document{
		{Fact: register.Fact{Key: "shared", Sources: []string{"src-023"}}, Name: "partage.pdf", Type: "application/pdf", SHA256: sharedFile, Size: 1},
	}
	v, err := h.editorial.Save(t.Context(), h.analyst, other)
	must(t, err)
	h.publish(t, []editorial.Version{v})
	v, err = h.editorial.Save(t.Context(), h.analyst, h.secretStatement(t, ""))
	must(t, err)
	h.publish(t, []editorial.Version{v})
	// A returned review, a comment, a worksheet and a decision speak of it, too.
	draft, _, err := h.editorial.Load(t.Context(), h.analyst, v.ID)
	must(t, err)
	v, err = h.editorial.Save(t.Context(), h.analyst, draft)
	must(t, err)
	must(t, h.editorial.SendForReview(t.Context(), h.analyst, v, secret))
	must(t, h.editorial.Return(t.Context(), h.editor, v, secret))
	_, err = h.db.Desk().Exec(t.Context(), `INSERT INTO desk.comments (record_id, account_id, body) VALUES ($1, $2, $3)`, v.ID, h.analyst.ID, secret)
	must(t, err)
	_, err = h.editorial.KeepWorksheet(t.Context(), h.analyst, fmt.Sprintf("/desk/statements/%s", v.ID), map[string][]string{"title": {secret}})
	must(t, err)
	id, err := h.editorial.ProposeWithdrawal(t.Context(), h.editor, editorial.Withdrawal{Record: v.ID, Note: secret, Notice: register.Text{"fr": secret, "ar": secret, "en": secret}})
	must(t, err)
	must(t, h.editorial.Refuse(t.Context(), h.editor2, id, secret))
	_, err = h.db.Desk().Exec(t.Context(), `
		INSERT INTO desk.mails (account_id, kind, address, name, language, content)
		VALUES ($1, 'returned', 'a@example.org', 'A', 'fr', jsonb_build_object('path', '/desk/statements/' || $2::text, 'note', $3::text))`,
		h.analyst.ID, v.ID, secret)
	must(t, err)
	h.importedAs(t, v.ID, secret)
	return h, files, h.head(t, register.TypeStatement, "cnss-communique-1")
}

// importedAs makes a record one that came from a file, in these words.
func (h *house) importedAs(tb testing.TB, record register.Ref, raw string) {
	tb.Helper()
	_, err := h.db.Owner().Exec(tb.Context(), `
		WITH run AS (
			INSERT INTO desk.import_runs (format, name, sha256, started_by, started_at, confirmed_at)
			VALUES ('stix', 'bundle.json', $2, $1, now(), now())
			RETURNING id
		)
		INSERT INTO desk.origins (record_id, format, origin_id, line, raw, sha256, run_id)
		SELECT $3, 'stix', 'report--1', 1, $4, encode(sha256(convert_to($4, 'UTF8')), 'hex'), run.id FROM run`,
		h.analyst.ID, strings.Repeat("0", 64), record, raw)
	must(tb, err)
}

// find searches every table of both schemas for the secret, in every column of any
// type, and returns where it is.
func (h *house) find(tb testing.TB) []string {
	tb.Helper()
	rows, err := h.db.Owner().Query(tb.Context(), `
		SELECT c.table_schema || '.' || c.table_name, c.column_name, c.data_type
		FROM information_schema.columns AS c
		JOIN information_schema.tables AS t USING (table_schema, table_name)
		WHERE c.table_schema IN ('desk', 'record') AND t.table_type = 'BASE TABLE'`)
	must(tb, err)
	type column struct{ Table, Name, Type string }
	columns, err := pgx.CollectRows(rows, pgx.RowToStructByPos[column])
	must(tb, err)
	var found []string
	for _, c := range columns {
		text := pgx.Identifier{c.Name}.Sanitize() + "::text"
		if c.Type == "bytea" {
			text = "encode(" + pgx.Identifier{c.Name}.Sanitize() + ", 'escape')"
		}
		var n int
		must(tb, h.db.Owner().QueryRow(tb.Context(),
			"SELECT count(*) FROM "+c.Table+" WHERE lower("+text+") LIKE '%' || lower($1) || '%'", secret).Scan(&n))
		if n > 0 {
			found = append(found, c.Table+"."+c.Name)
		}
	}
	return found
}

func TestATakedownLeavesNotAWord(t *testing.T) {
	h, files, r := takedownHouse(t)
	if found := h.find(t); len(found) < 10 || !slices.Contains(found, "desk.origins.raw") {
		t.Fatalf("the search finds the secret only in %v", found)
	}
	before, err := h.public.Incident(t.Context(), "cnss-2025")
	must(t, err)
	id, err := h.editorial.RequestTakedown(t.Context(), h.admin, editorial.Takedown{Record: r.ID, First: 1, Last: 2, Reason: byLaw, Note: "Dossier 12/26"})
	must(t, err)
	must(t, h.editorial.Confirm(t.Context(), h.editor, id))

	if found := h.find(t); len(found) > 0 {
		t.Errorf("still there: %v", found)
	}
	if !slices.Equal(files.removed, []string{ownFile}) {
		t.Errorf("files removed: %v", files.removed)
	}
	_, err = h.public.Statement(t.Context(), "cnss-communique-1")
	wantWithdrawn(t, err, true)
	after, err := h.public.Incident(t.Context(), "cnss-2025")
	must(t, err)
	if after.SHA256 != before.SHA256 || len(after.Gone) != 1 || !after.Gone[0].Removed || after.Gone[0].Notice["en"] != byLaw["en"] {
		t.Errorf("the incident's edition changed, or does not say what is gone: %+v", after.Gone)
	}
	var hashes, tombstones, reasons int
	must(t, h.db.Public().QueryRow(t.Context(), `
		SELECT count(e.sha256), count(t.reference), count(*) FILTER (WHERE t.reason ->> 'fr' = 'Ordonnance du tribunal')
		FROM record.editions AS e LEFT JOIN record.tombstones AS t USING (reference, number)
		WHERE e.reference = $1 AND e.content IS NULL AND e.salt IS NULL`, r.Reference).Scan(&hashes, &tombstones, &reasons))
	if hashes != 2 || tombstones != 2 || reasons != 2 {
		t.Errorf("%d hashes, %d tombstones, %d reasons", hashes, tombstones, reasons)
	}

	// The register goes on: it starts, what shows it is published, and the
	// record can be written anew.
	must(t, h.editorial.CatchUp(t.Context()))
	h.again(t, h.head(t, register.TypeIncident, "cnss-2025"))
	draft := editorial.Draft{ID: r.ID, Version: h.head(t, register.TypeStatement, "cnss-communique-1").Version, Statement: lawful()}
	v, err := h.editorial.Save(t.Context(), h.analyst, draft)
	must(t, err)
	h.publish(t, []editorial.Version{v})
	if s, err := h.public.Statement(t.Context(), "cnss-communique-1"); err != nil || s.Edition != 3 {
		t.Errorf("the statement written anew: %v", err)
	}
}

func lawful() *register.Statement {
	return &register.Statement{
		Language: "fr", Slug: "cnss-communique-1", Kind: register.StatementCommunique,
		Title: register.Text{"fr": "Communiqué"}, Summary: register.Text{"fr": "Résumé"},
		IssuerName: register.Text{"fr": "Un organisme"}, Sources: []string{"src-023"},
	}
}

// clean takes the secret out of a statement, as a correction would.
func clean(s *register.Statement) {
	for _, text := range []register.Text{s.Title, s.Summary, s.Claims[0].Paraphrase} {
		for lang := range text {
			text[lang] = strings.ReplaceAll(text[lang], " "+secret, "")
		}
	}
	s.OriginalNotSeen, s.OriginalText, s.Documents = true, "", nil
	s.Sources = slices.DeleteFunc(s.Sources, func(key string) bool { return key == "secret-source" })
}

// TestATakedownOfEarlierEditions leaves the current edition and what belongs to
// it.
func TestATakedownOfEarlierEditions(t *testing.T) {
	h, files, r := takedownHouse(t)
	draft, _, err := h.editorial.Load(t.Context(), h.analyst, r.ID)
	must(t, err)
	clean(draft.Statement)
	v, err := h.editorial.Save(t.Context(), h.analyst, draft)
	must(t, err)
	h.publish(t, []editorial.Version{v})
	id, err := h.editorial.RequestTakedown(t.Context(), h.admin, editorial.Takedown{Record: r.ID, First: 1, Last: 2, Reason: byLaw})
	must(t, err)
	must(t, h.editorial.Confirm(t.Context(), h.editor, id))
	if found := h.find(t); len(found) > 0 {
		t.Errorf("still there: %v", found)
	}
	if len(files.removed) != 1 {
		t.Errorf("files removed: %v", files.removed)
	}
	s, err := h.public.Statement(t.Context(), "cnss-communique-1")
	must(t, err)
	if s.Edition != 3 || len(s.Claims) == 0 {
		t.Errorf("edition %d has %d claims", s.Edition, len(s.Claims))
	}
	if _, err := h.editorial.Revision(t.Context(), h.editor, v); err != nil {
		t.Errorf("the version of the current edition: %v", err)
	}
	_, _, err = h.editorial.Load(t.Context(), h.editor, r.ID)
	must(t, err)
}

// TestATakedownGoesOn with earlier editions, for the same reason.
func TestATakedownGoesOn(t *testing.T) {
	h := newHouse(t)
	h.editorial = h.editorial.WithTakedown(store.Wrap(h.db.Takedown()), &shelf{})
	h.published(t, "agence")
	h.again(t, h.head(t, register.TypeInstitution, "agence"))
	r := h.head(t, register.TypeInstitution, "agence")
	for _, first := range []int{2, 1} {
		h.clock.Advance(time.Hour)
		id, err := h.editorial.RequestTakedown(t.Context(), h.admin, editorial.Takedown{Record: r.ID, First: first, Last: 2, Reason: byLaw})
		must(t, err)
		must(t, h.editorial.Confirm(t.Context(), h.editor, id))
		var left int
		must(t, h.db.Owner().QueryRow(t.Context(), `SELECT count(*) FROM record.editions WHERE content IS NOT NULL`).Scan(&left))
		if left != first-1 {
			t.Errorf("from edition %d on: %d are left", first, left)
		}
	}
	_, err := h.public.Institution(t.Context(), "agence")
	wantWithdrawn(t, err, true)
	h.checkEditions(t, h.wholeLog(t))
}

func TestATakedownIsForTwoPersonsAndItsOwnRole(t *testing.T) {
	h := newHouse(t)
	r := h.published(t, "agence")
	request := editorial.Takedown{Record: r.ID, First: 1, Last: 1, Reason: byLaw}
	_, err := h.editorial.RequestTakedown(t.Context(), h.editor, request)
	wantError(t, err, register.ErrForbidden)
	for _, bad := range []editorial.Takedown{{Record: r.ID, Reason: byLaw}, {Record: r.ID, First: 2, Last: 1, Reason: byLaw}} {
		_, err = h.editorial.RequestTakedown(t.Context(), h.admin, bad)
		wantProblem(t, err, "problem.editions-unknown")
	}
	_, err = h.editorial.RequestTakedown(t.Context(), h.admin, editorial.Takedown{Record: r.ID, First: 1, Last: 9, Reason: byLaw})
	wantError(t, err, register.ErrConflict)
	id, err := h.editorial.RequestTakedown(t.Context(), h.admin, request)
	must(t, err)
	wantError(t, h.editorial.Confirm(t.Context(), h.editor, id), register.ErrNotConfigured)
	h.editorial = h.editorial.WithTakedown(store.Wrap(h.db.Takedown()), &shelf{})
	wantError(t, h.editorial.Confirm(t.Context(), h.admin, id), register.ErrForbidden)
	wantError(t, h.editorial.Confirm(t.Context(), h.analyst, id), register.ErrForbidden)

	confirm := `UPDATE desk.decisions SET outcome = 'confirmed', decided_by = '` + h.editor.ID + `', decided_at = now()`
	attacks := map[string]struct {
		takedown bool // by the role for takedowns, else by the desk's
		sql      string
	}{
		"confirmed through the desk":          {false, confirm},
		"confirmed by who asked":              {true, strings.Replace(confirm, h.editor.ID, h.admin.ID, 1)},
		"requested by the role for takedowns": {true, `INSERT INTO desk.decisions (kind, record_id, first_edition, last_edition, reason, proposed_by) SELECT kind, record_id, 1, 1, reason, proposed_by FROM desk.decisions`},
		"a tombstone without a decision":      {true, `INSERT INTO record.tombstones VALUES ('IN-0001', 1, '{"fr": "x"}', now())`},
		"erased without a decision":           {true, `UPDATE record.editions SET content = NULL, salt = NULL, reason = '{}'`},
		"erased at the desk":                  {true, `SELECT desk.erase_record('` + id + `', '{}', '{}')`},
		"erased by the desk":                  {false, `SELECT desk.erase_record('` + id + `', '{}', '{}')`},
		"a draft is read":                     {true, `SELECT content FROM desk.revisions`},
		"an edition is forged":                {true, `UPDATE record.editions SET content = '{}'`},
	}
	for name, attack := range attacks {
		pool := h.db.Desk()
		if attack.takedown {
			pool = h.db.Takedown()
		}
		if _, err := pool.Exec(t.Context(), attack.sql); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	must(t, h.editorial.Confirm(t.Context(), h.editor, id))
	if _, err := h.db.Takedown().Exec(t.Context(), `DELETE FROM record.tombstones`); err == nil {
		t.Error("a tombstone was removed")
	}
}

// TestFilesThatCannotBeRemovedAreKeptInMind lets the store of files fail once.
func TestFilesThatCannotBeRemovedAreKeptInMind(t *testing.T) {
	h, files, r := takedownHouse(t)
	id, err := h.editorial.RequestTakedown(t.Context(), h.admin, editorial.Takedown{Record: r.ID, First: 1, Last: 2, Reason: byLaw})
	must(t, err)
	files.fails = true
	if err := h.editorial.Confirm(t.Context(), h.editor, id); err == nil {
		t.Error("nothing was said of the file")
	}
	open, err := h.editorial.Decisions(t.Context(), h.editor)
	must(t, err)
	if len(open) != 1 || !slices.Equal(open[0].PendingFiles, []string{ownFile}) {
		t.Fatalf("open: %+v", open)
	}
	files.fails = false
	must(t, h.editorial.FinishTakedown(t.Context(), id))
	if open, err = h.editorial.Decisions(t.Context(), h.editor); err != nil || len(open) != 0 {
		t.Errorf("still open: %+v, %v", open, err)
	}
}
