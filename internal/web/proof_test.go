package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
)

// positions are those of the leaves of a type, in order.
func (s *deskSite) positions(tb testing.TB, t register.LeafType) []int64 {
	tb.Helper()
	rows, err := s.db.Desk().Query(tb.Context(), `SELECT position FROM record.log_leaves WHERE type = $1 ORDER BY position`, t)
	if err != nil {
		tb.Fatal(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil || len(out) == 0 {
		tb.Fatalf("leaves of type %s: %v, %v", t, out, err)
	}
	return out
}

// withDocument corrects a statement so that it names a document, of which there
// is a copy.
func (s *deskSite) withDocument(tb testing.TB, slug, content string) {
	tb.Helper()
	if _, err := s.blobs.Put(tb.Context(), strings.NewReader(content), 0); err != nil {
		tb.Fatal(err)
	}
	s.corrected(tb, register.TypeStatement, slug, func(d *editorial.Draft) {
		d.Statement.Documents = []register.Document{{
			Fact: register.Fact{Key: "doc-1", Sources: d.Statement.Sources[:1]}, Name: "communique.txt", Type: register.TypeText,
			SHA256: register.HashOf([]byte(content)), Size: int64(len(content)), Text: content, Language: register.French,
		}}
	})
}

func openingAt(position int64) string { return fmt.Sprintf("/log/openings/%d.json", position) }

// TestLeavesAreOpened: what a leaf is about is told with its salt, until it has to
// go.
func TestLeavesAreOpened(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	s.withDocument(t, "cnss-communique-1", "Communiqué : une série d’attaques.")
	document := s.positions(t, register.LeafDocument)[0]
	a := testkit.Ask(t, s, openingAt(document))
	opening, err := register.ParseOpening([]byte(a.Body))
	if err != nil || a.Header.Get("Content-Type") != "application/json" {
		t.Fatalf("%s: %v", a.Body, err)
	}
	var reference, commitment string
	err = s.db.Desk().QueryRow(t.Context(), `SELECT reference, commitment FROM record.log_leaves WHERE position = $1`, document).
		Scan(&reference, &commitment)
	if err != nil || register.Commit(opening.Salt, opening.Content) != commitment {
		t.Errorf("%s does not open %s: %v", a.Body, commitment, err)
	}
	for _, path := range []string{openingAt(s.positions(t, register.LeafEdition)[0]), openingAt(1 << 20), "/log/openings/00.json", "/log/openings/-1.json"} {
		if a := testkit.Ask(t, s, path); a.Status != http.StatusNotFound {
			t.Errorf("%s: status %d", path, a.Status)
		}
	}

	var id register.Ref
	err = s.db.Desk().QueryRow(t.Context(), `SELECT id FROM desk.records WHERE reference = $1`, reference).Scan(&id)
	if err != nil {
		t.Fatal(err)
	}
	withdrawal, err := s.editorial.ProposeWithdrawal(t.Context(), s.staff[testkit.Editor], editorial.Withdrawal{
		Record: id, Notice: inWords("Erreur", "خطأ", "Mistake"),
	})
	s.confirmed(t, withdrawal, err)
	s.clock.Advance(2 * time.Second) // the page cache learns of it
	wantGone(t, s, openingAt(document), reference, "withdrawn", "Erreur")
	wantGone(t, s, "/editions/"+strings.ToLower(reference)+"/2.json", reference, "withdrawn", "Erreur")
	if a := testkit.Ask(t, s, openingAt(s.positions(t, register.LeafWithdrawal)[0])); !strings.Contains(a.Body, `"fr":"Erreur"`) {
		t.Errorf("the notice: status %d: %s", a.Status, a.Body)
	}

	takedown, err := s.editorial.RequestTakedown(t.Context(), s.staff[testkit.Admin], editorial.Takedown{
		Record: id, First: 2, Last: 2, Reason: inWords("Ordonnance", "أمر", "Order"),
	})
	s.confirmed(t, takedown, err)
	s.clock.Advance(2 * time.Second)
	wantGone(t, s, openingAt(document), reference, "removed", "Ordonnance")
	if a := testkit.Ask(t, s, openingAt(s.positions(t, register.LeafTakedown)[0])); !strings.Contains(a.Body, `"fr":"Ordonnance"`) {
		t.Errorf("the tombstone: status %d: %s", a.Status, a.Body)
	}
}

// wantGone fails unless programs are told there why something is gone.
func wantGone(t *testing.T, s *deskSite, path, reference, state, notice string) {
	t.Helper()
	a := testkit.Ask(t, s, path)
	var got struct {
		Reference, State string
		Notice           register.Text
		Since            time.Time
	}
	err := json.Unmarshal([]byte(a.Body), &got)
	if err != nil || a.Status != http.StatusGone || got.Reference != reference || got.State != state || got.Notice["fr"] != notice || got.Since.IsZero() {
		t.Errorf("%s: status %d, %v: %s", path, a.Status, err, a.Body)
	}
}

// TestTheLogIsShownToPeople before and after it was signed, and page by page.
func TestTheLogIsShownToPeople(t *testing.T) {
	t.Parallel()
	db := testkit.Founding(t)
	s := newDeskSite(t, db)
	for _, lang := range register.Langs() {
		if a := testkit.Ask(t, s, "/"+string(lang)+"/log"); a.Status != http.StatusOK || a.Page().Find(".notice").Length() != 1 || a.Page().Find("table").Length() != 0 {
			t.Errorf("%s: before it was signed: status %d", lang, a.Status)
		}
	}
	edition := "/fr/incidents/cnss-2025/editions/1"
	if got := testkit.Ask(t, s, edition).Text("#_proof"); !strings.Contains(got, "Sa preuve sera ici") || strings.Contains(got, "sijil verify") {
		t.Errorf("the edition before it was signed: %s", got)
	}
	keys := testkit.LogKeys(t)
	testkit.SignLog(t, db, keys, s.clock.Now())
	s.clock.Advance(2 * time.Second) // the page cache learns of it
	key := keys.VerifierKeys()[0]
	a := testkit.Ask(t, s, "/ar/log")
	if got := a.Text("main"); !strings.Contains(got, testkit.LogOrigin) || !strings.Contains(got, key) || !strings.Contains(got, "sijil verify http://sijil.test --save sijil.checkpoint --lang ar") {
		t.Errorf("the log says %s", got)
	}
	if n := a.Page().Find("#_checkpoints").Closest("section").Find("tbody tr").Length(); n != 1 {
		t.Errorf("%d checkpoints", n)
	}
	a = testkit.Ask(t, s, edition)
	if got := a.Text("#_proof"); !strings.Contains(got, "sijil verify 1.json 1.proof --key "+key) {
		t.Errorf("the edition says %s", got)
	}
	if a.Page().Find(`#_proof a[href="/editions/sj-2025-0001/1.proof"]`).Length() != 1 {
		t.Error("the edition does not lead to its proof")
	}
	for _, path := range []string{"/fr/incidents/cnss-2025", "/fr/incidents/cnss-2025/history"} {
		if testkit.Ask(t, s, path).Page().Find(`a[href="`+edition+`#_proof"]`).Length() != 1 {
			t.Errorf("%s does not lead to the proof of the edition", path)
		}
	}
}

// TestTheCheckpointsGoOnPageByPage signs more than one page shows.
func TestTheCheckpointsGoOnPageByPage(t *testing.T) {
	t.Parallel()
	db := testkit.Founding(t)
	s := newDeskSite(t, db)
	// The founding record has fewer leaves than a page has checkpoints.
	_, err := db.Owner().Exec(t.Context(), `
		BEGIN;
		SET LOCAL session_replication_role = replica;
		INSERT INTO record.log_checkpoints (size, root, note, signed_at)
		SELECT n, decode(repeat('ab', 32), 'hex'), 'note', now()
		FROM generate_series(1, 52) AS n;
		COMMIT`)
	if err != nil {
		t.Fatal(err)
	}
	rows := func(a *testkit.Answer) (n int) { return a.Page().Find("tbody tr").Length() }
	first := testkit.Ask(t, s, "/en/log")
	next := first.Attr(`a[rel="next"]`, "href")
	if rows(first) != 50 || next != "/en/log?before=3" {
		t.Errorf("the first page has %d rows, and goes on at %q", rows(first), next)
	}
	second := testkit.Ask(t, s, next)
	if rows(second) != 2 || second.Page().Find(`a[rel="next"]`).Length() != 0 || second.Attr(".pagination a", "href") != "/en/log" {
		t.Errorf("the second page has %d rows", rows(second))
	}
	for _, path := range []string{"/en/log?before=0", "/en/log?before=x", "/en/log?before=-1"} {
		if a := testkit.Ask(t, s, path); a.Status != http.StatusBadRequest {
			t.Errorf("%s: status %d", path, a.Status)
		}
	}
}
