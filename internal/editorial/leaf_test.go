package editorial_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/tlog"
)

// publicTiles reads tiles through the public role.
type publicTiles struct{ house *house }

func (p publicTiles) ReadTile(ctx context.Context, t tlog.Tile) ([]byte, error) {
	return p.house.public.LogTile(ctx, t.Level, t.Index, t.Width)
}

// wholeLog reads all leaves and checks that the tiles are theirs.
func (h *house) wholeLog(tb testing.TB) []register.Leaf {
	tb.Helper()
	var size int
	must(tb, h.db.Owner().QueryRow(tb.Context(), `SELECT count(*) FROM record.log_leaves`).Scan(&size))
	entries, err := h.public.LogEntries(tb.Context(), 0, size)
	must(tb, err)
	edge := &tlog.Edge{}
	var leaves []register.Leaf
	for _, entry := range entries {
		leaf, err := register.ParseLeaf(entry)
		must(tb, err)
		leaves = append(leaves, leaf)
		for _, g := range edge.Append(tlog.HashLeaf(entry)) {
			kept, err := publicTiles{h}.ReadTile(tb.Context(), g.Tile)
			if err != nil || string(kept) != string(g.Whole()) {
				tb.Fatalf("tile %s is not what the leaves hash to (%v)", g.Path(), err)
			}
		}
	}
	for i := range leaves {
		proof, err := tlog.ProveInclusion(tb.Context(), publicTiles{h}, edge.Head(), int64(i))
		must(tb, err)
		must(tb, tlog.CheckInclusion(proof, edge.Head(), int64(i), tlog.HashLeaf(entries[i])))
	}
	return leaves
}

// checkEditions holds all editions that are there against their leaves: each
// has one, which follows from it, and no other leaf is of an edition.
func (h *house) checkEditions(tb testing.TB, leaves []register.Leaf) {
	tb.Helper()
	rows, err := h.db.Owner().Query(tb.Context(), `SELECT content, salt FROM record.editions WHERE content IS NOT NULL`)
	must(tb, err)
	editions, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct{ Content, Salt []byte }])
	must(tb, err)
	for _, e := range editions {
		content, err := register.DecodeContent(e.Content)
		must(tb, err)
		want := register.EditionLeaf(content, e.Content, e.Salt)
		if n := len(slices.DeleteFunc(slices.Clone(leaves), func(l register.Leaf) bool { return l != want })); n != 1 {
			tb.Errorf("%s %d has %d leaves", content.Reference, content.Number, n)
		}
	}
	var all int
	must(tb, h.db.Owner().QueryRow(tb.Context(), `
		SELECT count(*) FROM record.editions AS e
		WHERE content IS NOT NULL OR EXISTS (
		    SELECT FROM record.log_leaves AS l WHERE (l.reference, l.edition) = (e.reference, e.number) AND l.type <> 'takedown')`).Scan(&all))
	if got := count(leaves, register.LeafEdition) + count(leaves, register.LeafCorrection); got != all {
		tb.Errorf("%d leaves of %d editions", got, all)
	}
}

func count(leaves []register.Leaf, t register.LeafType) int {
	n := 0
	for _, l := range leaves {
		if l.Type == t {
			n++
		}
	}
	return n
}

func TestEveryActHasItsLeaf(t *testing.T) {
	h, _, r := takedownHouse(t)
	h.checkEditions(t, h.wholeLog(t))
	h.withdraw(t, h.head(t, register.TypeInstitution, "cnss"))
	before := h.wholeLog(t)
	id, err := h.editorial.RequestTakedown(t.Context(), h.admin, editorial.Takedown{Record: r.ID, First: 1, Last: 2, Reason: byLaw, Note: "Dossier 12/26"})
	must(t, err)
	must(t, h.editorial.Confirm(t.Context(), h.editor, id))

	leaves := h.wholeLog(t)
	h.checkEditions(t, leaves)
	for kind, want := range map[register.LeafType]int{
		// Two records name the shared file; one also its own.
		register.LeafDocument: 3, register.LeafCorrection: 2, register.LeafWithdrawal: 1, register.LeafTakedown: 2, register.LeafKey: 0,
	} {
		if got := count(leaves, kind); got != want {
			t.Errorf("%d leaves of type %s, want %d", got, kind, want)
		}
	}
	if !slices.Equal(leaves[:len(before)], before) {
		t.Error("a takedown changed what the log held")
	}
	last := leaves[len(leaves)-1]
	if last.Type != register.LeafTakedown || last.Reference != r.Reference || last.Edition != 2 {
		t.Errorf("the last leaf: %+v", last)
	}
	for i, leaf := range leaves {
		opening, err := h.public.Opening(t.Context(), int64(i))
		switch gone := leaf.Reference == r.Reference && leaf.Type == register.LeafDocument; {
		case leaf.Type.IsEdition():
			wantError(t, err, register.ErrNotFound)
		case gone:
			wantError(t, err, register.ErrWithdrawn)
		case err != nil || register.Commit(opening.Salt, opening.Content) != leaf.Commitment:
			t.Errorf("leaf %d: %v", i, err)
		}
	}
}

// TestOlderRecordsGetTheirLeaves takes the log away, as in a register from
// before there was one.
func TestOlderRecordsGetTheirLeaves(t *testing.T) {
	h, _, r := takedownHouse(t)
	h.withdraw(t, h.head(t, register.TypeInstitution, "cnss"))
	id, err := h.editorial.RequestTakedown(t.Context(), h.admin, editorial.Takedown{Record: r.ID, First: 1, Last: 1, Reason: byLaw, Note: "Dossier 12/26"})
	must(t, err)
	must(t, h.editorial.Confirm(t.Context(), h.editor, id))
	_, err = h.db.Owner().Exec(t.Context(), `
		SET session_replication_role = replica;
		DELETE FROM record.log_openings; DELETE FROM record.log_tiles; DELETE FROM record.log_leaves;
		RESET session_replication_role`)
	must(t, err)

	must(t, h.editorial.CatchUpLog(t.Context()))
	leaves := h.wholeLog(t)
	must(t, h.editorial.CatchUpLog(t.Context()))
	if again := h.wholeLog(t); !slices.Equal(again, leaves) {
		t.Error("a second time appends more")
	}
	h.checkEditions(t, leaves)
	editions := slices.DeleteFunc(slices.Clone(leaves), func(l register.Leaf) bool { return !l.Type.IsEdition() })
	if !slices.IsSortedFunc(editions, func(a, b register.Leaf) int { return a.Time.Compare(b.Time) }) {
		t.Error("not in the order of publication")
	}
	if count(leaves, register.LeafTakedown) != 1 || count(leaves, register.LeafWithdrawal) != 1 || count(leaves, register.LeafDocument) != 3 {
		t.Errorf("%d takedowns, %d withdrawals, %d documents", count(leaves, register.LeafTakedown),
			count(leaves, register.LeafWithdrawal), count(leaves, register.LeafDocument))
	}
	// The log goes on from there.
	h.publish(t, []editorial.Version{h.draft(t, editorial.Draft{Institution: smallInstitution("agence")})})
	if grown := h.wholeLog(t); len(grown) != len(leaves)+1 {
		t.Errorf("%d leaves after %d", len(grown), len(leaves))
	}
}

// TestTheDatabaseKeepsTheLog does by hand, as the desk's own role and as the
// owner, what no program would: each is refused, at once or at commit.
func TestTheDatabaseKeepsTheLog(t *testing.T) {
	h := newHouse(t)
	h.publish(t, []editorial.Version{h.draft(t, editorial.Draft{Institution: smallInstitution("agence")})})
	v := h.draft(t, editorial.Draft{Institution: smallInstitution("autre")})
	must(t, h.editorial.SendForReview(t.Context(), h.analyst, v, ""))
	must(t, h.editorial.Approve(t.Context(), h.editor, v))
	// The next leaf fills a tile.
	_, err := h.db.Owner().Exec(t.Context(), `
		SET session_replication_role = replica;
		INSERT INTO record.log_leaves (position, type, logged_at, commitment, entry)
		SELECT n, 'key', '2026-11-20 10:00:00+00', repeat('0', 64), convert_to(n::text, 'UTF8') FROM generate_series(1, 254) AS n;
		RESET session_replication_role`)
	must(t, err)
	const (
		act = `INSERT INTO desk.publications (reference, number, record_id, version, cause, author_id, reviewer_id, published_at)
			SELECT 'IN-0002', 1, r.id, r.version, 'published', a.id, e.id, '2026-11-20 10:00:00+00'
			FROM desk.records AS r, desk.accounts AS a, desk.accounts AS e
			WHERE r.slug = 'autre' AND a.email = 'analyst@example.org' AND e.email = 'editor@example.org'`
		edition = `INSERT INTO record.editions (reference, number, type, content, sha256, salt, published_at, reason, author_role, reviewer_role)
			SELECT 'IN-0002', 1, 'institution', c, encode(sha256(c), 'hex'), decode(repeat('ab', 32), 'hex'),
			       '2026-11-20 10:00:00+00', '{"fr":"x"}', 'analyst', 'editor'
			FROM convert_to('{"number":1,"reason":{"fr":"x"},"reference":"IN-0002","type":"institution"}', 'UTF8') AS c`
		// leaf inserts a leaf of the edition with one column as it is said.
		position, kind, at, commitment = `255`, `'edition'`, `e.published_at`, `encode(sha256(e.salt || e.content), 'hex')`
		hashes                         = `INSERT INTO record.log_tiles
			SELECT 0, 0, string_agg(sha256('\x00'::bytea || entry), ''::bytea ORDER BY position) FROM record.log_leaves WHERE position < 256`
		root = `INSERT INTO record.log_tiles SELECT 1, 0, record.log_tile_root(hashes) FROM record.log_tiles WHERE level = 0`
	)
	leaf := func(position, kind, at, commitment string) string {
		return `INSERT INTO record.log_leaves SELECT ` + position + `, ` + kind + `, e.reference, e.number, ` + at + `, ` + commitment + `,
			record.log_entry(` + kind + `, e.reference, e.number, ` + at + `, ` + commitment + `)
			FROM record.editions AS e WHERE e.reference = 'IN-0002'`
	}
	right := leaf(position, kind, at, commitment)
	attempt := func(statements ...string) error {
		return store.Wrap(h.db.Desk()).InTx(t.Context(), func(q store.Querier) error {
			for _, sql := range statements {
				if _, err := q.Exec(t.Context(), sql); err != nil {
					return err
				}
			}
			// What is checked at commit is checked now, and all of it undone.
			if _, err := q.Exec(t.Context(), `SET CONSTRAINTS ALL IMMEDIATE`); err != nil {
				return err
			}
			return errUndo
		})
	}
	if err := attempt(act, edition, right, hashes, root); !errors.Is(err, errUndo) {
		t.Fatalf("as it should be: %v", err)
	}
	for name, c := range map[string]struct {
		want string
		sql  []string
	}{
		"an edition without a leaf":       {"is not in the log", []string{act, edition}},
		"a leaf outside of the tree":      {"not in the tree", []string{act, edition, right}},
		"a tile outside of the tree":      {"not in the tree", []string{act, edition, right, hashes}},
		"a leaf of another content":       {"fits its edition", []string{act, edition, leaf(position, kind, at, `repeat('0', 64)`)}},
		"a leaf of another time":          {"fits its edition", []string{act, edition, leaf(position, kind, at+` + interval '1 second'`, commitment)}},
		"a leaf of another type":          {"fits its edition", []string{act, edition, leaf(position, `'correction'`, at, commitment)}},
		"a gap":                           {"no gaps", []string{act, edition, leaf(`256`, kind, at, commitment)}},
		"a position that is taken":        {"log_leaves_pkey", []string{act, edition, leaf(`0`, kind, at, commitment)}},
		"two leaves of an edition":        {"log_leaves_once_idx", []string{act, edition, right, hashes, root, leaf(`256`, kind, at, commitment)}},
		"a leaf about nothing":            {"is about nothing", []string{act, edition, right, hashes, root, leaf(`256`, `'document'`, at, commitment)}},
		"a leaf without an edition":       {"log_leaves_reference_edition_fkey", []string{`INSERT INTO record.log_leaves VALUES (255, 'takedown', 'IN-0009', 1, '2026-11-20 10:00:00+00', repeat('0', 64), record.log_entry('takedown', 'IN-0009', 1, '2026-11-20 10:00:00+00', repeat('0', 64)))`}},
		"an entry that says other things": {"what its columns say", []string{act, edition, strings.Replace(right, `e.reference, e.number, e.published_at, `+commitment+`,`, `e.reference, e.number, e.published_at, repeat('0', 64),`, 1)}},
		"a tile of other hashes":          {"what the leaves hash to", []string{act, edition, right, strings.Replace(hashes, `entry`, `entry || entry`, 1)}},
		"a tile that is not full":         {"log_tiles_full", []string{`INSERT INTO record.log_tiles SELECT 0, 0, sha256('\x00'::bytea || entry) FROM record.log_leaves WHERE position = 0`}},
		"a tile that goes on alone":       {"what the leaves hash to", []string{act, edition, right, hashes, root, `UPDATE record.log_tiles SET hashes = hashes || sha256('x') WHERE level = 1`}},
		"a tile that is changed":          {"only grows", []string{act, edition, right, hashes, root, `UPDATE record.log_tiles SET hashes = sha256('x') WHERE level = 1`}},
		"a tile above nothing":            {"what the leaves hash to", []string{`INSERT INTO record.log_tiles VALUES (1, 0, sha256('x'))`}},
		"a checkpoint of more than all":   {"grew", []string{`INSERT INTO record.log_checkpoints VALUES (256, sha256('x'), 'note', now())`}},
		"a document that nobody named": {"about what happened", []string{
			act, edition, leaf(position, `'document'`, at, `encode(sha256(decode(repeat('00', 32), 'hex') || convert_to('{"sha256":"x"}', 'UTF8')), 'hex')`), hashes, root,
			`INSERT INTO record.log_openings VALUES (255, decode(repeat('00', 32), 'hex'), convert_to('{"sha256":"x"}', 'UTF8'))`,
		}},
		"a withdrawal that nobody decided": {"about what happened", []string{
			act, edition, leaf(position, `'withdrawal'`, at, `encode(sha256(decode(repeat('00', 32), 'hex') || convert_to('{"reason":{}}', 'UTF8')), 'hex')`), hashes, root,
			`INSERT INTO record.log_openings VALUES (255, decode(repeat('00', 32), 'hex'), convert_to('{"reason":{}}', 'UTF8'))`,
		}},
	} {
		if err := attempt(c.sql...); err == nil || errors.Is(err, errUndo) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, table := range []string{"log_leaves", "log_openings", "log_tiles", "log_checkpoints", "log_keys"} {
		for _, sql := range []string{"DELETE FROM record." + table, "TRUNCATE record." + table + " CASCADE"} {
			for side, pool := range map[string]*pgxpool.Pool{"desk": h.db.Desk(), "owner": h.db.Owner()} {
				if _, err := pool.Exec(t.Context(), sql); err == nil {
					t.Errorf("%s: %s", side, sql)
				}
			}
		}
	}
}

var errUndo = errors.New("undone")

func TestOnlyALogThatGrewIsSigned(t *testing.T) {
	h := newHouse(t)
	keys := testkit.LogKeys(t)
	h.publish(t, []editorial.Version{h.draft(t, editorial.Draft{Institution: smallInstitution("agence")})})
	unsigned, err := h.public.Generation(t.Context())
	must(t, err)
	testkit.SignLog(t, h.db, keys, h.clock.Now())
	first, err := h.public.Checkpoint(t.Context())
	must(t, err)
	if first.Size != 2 { // the edition, and the key that signs
		t.Errorf("a log of %d leaves is signed", first.Size)
	}
	generation, err := h.public.Generation(t.Context())
	must(t, err)
	// Pages that do not show the log stay as they are.
	if unsigned.Log != 0 || generation != (register.Generation{Record: unsigned.Record, Log: 1}) {
		t.Errorf("signed: %+v after %+v", generation, unsigned)
	}
	testkit.SignLog(t, h.db, keys, h.clock.Now())
	if again, err := h.public.Generation(t.Context()); err != nil || again != generation {
		t.Errorf("to sign nothing new moved the generation: %v", err)
	}
	verifier, err := keys.Verifier()
	must(t, err)
	checkpoint, err := verifier.Open([]byte(first.Note))
	must(t, err)

	h.publish(t, []editorial.Version{h.draft(t, editorial.Draft{Institution: smallInstitution("autre")})})
	testkit.SignLog(t, h.db, keys, h.clock.Now())
	second, err := h.public.Checkpoint(t.Context())
	must(t, err)
	grown, err := verifier.Open([]byte(second.Note))
	must(t, err)
	proof, err := tlog.ProveConsistency(t.Context(), publicTiles{h}, grown.Head, checkpoint.Size)
	must(t, err)
	must(t, tlog.CheckConsistency(proof, checkpoint.Head, grown.Head))

	other := testkit.LogKeys(t)
	uses := h.editorial.WithLog(func() (*tlog.Keys, error) { return other, nil })
	must(t, uses.SignLog(t.Context(), h.clock.Now())) // another key of the same log: recorded, and signed
	if known, err := h.public.LogKeys(t.Context()); err != nil || len(known) != 2 || known[0].Key != other.VerifierKeys()[0] {
		t.Errorf("keys: %v, %v", known, err)
	}
	// Behind what was signed: the database of before, as after an old backup.
	_, err = h.db.Owner().Exec(t.Context(), `
		SET session_replication_role = replica;
		DELETE FROM record.log_leaves WHERE position > 1;
		RESET session_replication_role`)
	must(t, err)
	wantError(t, uses.SignLog(t.Context(), h.clock.Now()), tlog.ErrBroken)
}

func TestWithoutAKeyNothingIsSigned(t *testing.T) {
	h := newHouse(t)
	h.publish(t, []editorial.Version{h.draft(t, editorial.Draft{Institution: smallInstitution("agence")})})
	must(t, h.editorial.SignLog(t.Context(), h.clock.Now()))
	_, err := h.public.Checkpoint(t.Context())
	wantError(t, err, register.ErrNotFound)
	if leaves := h.wholeLog(t); len(leaves) != 1 {
		t.Errorf("%d leaves", len(leaves))
	}
	broken := errors.New("the file is gone")
	uses := h.editorial.WithLog(func() (*tlog.Keys, error) { return nil, broken })
	wantError(t, uses.SignLog(t.Context(), h.clock.Now()), broken)
}
