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
