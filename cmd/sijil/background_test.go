package main

import (
	"log/slog"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/blob"
	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/record"
	"github.com/sijil/sijil/internal/testkit"
)

// TestEverythingThatRunsOutExpires: the round of jobs looks after attempts to
// sign in, mails, and files that nothing names.
func TestEverythingThatRunsOutExpires(t *testing.T) {
	d := testkit.Database(t)
	analyst := testkit.Staff(t, d)[testkit.Analyst]
	blobs, err := blob.NewFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	db := store.Wrap(d.Desk())
	uses := editorial.New(db, time.Now).WithFiles(blobs)
	const content = "a communiqué"
	file := register.File{SHA256: register.HashOf([]byte(content)), Size: int64(len(content)), Type: register.TypeText, Name: "communique.txt", Pages: 1}
	if _, err := uses.AttachFile(t.Context(), analyst, file, []byte(content)); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Owner().Exec(t.Context(), `
		INSERT INTO desk.attempts (bucket, at) VALUES ('network 203.0.113.0/24', now());
		INSERT INTO desk.mails (kind, address, name, language, content, state, closed_at)
		VALUES ('returned', 'a@example.org', 'A', 'fr', '{}', 'sent', now())`); err != nil {
		t.Fatal(err)
	}
	round := expiry(db, uses)
	for _, c := range []struct{ days, left int }{{0, 4}, {400, 0}} {
		if err := round(t.Context(), time.Now().AddDate(0, 0, c.days)); err != nil {
			t.Fatal(err)
		}
		var left int
		if err := d.Owner().QueryRow(t.Context(), `
			SELECT (SELECT count(*) FROM desk.attempts) + (SELECT count(*) FROM desk.mails) + (SELECT count(*) FROM desk.files)`).Scan(&left); err != nil {
			t.Fatal(err)
		}
		if _, err := blobs.Stat(t.Context(), file.SHA256); err == nil {
			left++
		}
		if left != c.left {
			t.Errorf("after %d days %d are left, want %d", c.days, left, c.left)
		}
	}
}

// TestTheProgramCatchesUpAtItsStart: what was published before searches knew it
// can be found when the program runs, without anybody asking for it.
func TestTheProgramCatchesUpAtItsStart(t *testing.T) {
	d := testkit.Founding(t)
	if _, err := d.Owner().Exec(t.Context(), `TRUNCATE record.search_rows, record.search_words`); err != nil {
		t.Fatal(err)
	}
	leave := catchUp(t.Context(), editorial.New(store.Wrap(d.Desk()), time.Now), slog.New(slog.DiscardHandler))
	defer leave()
	public := record.NewStore(store.Wrap(d.Public()))
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		list, err := public.Incidents(t.Context(), register.IncidentFilter{Query: "cnss"})
		if err != nil {
			t.Fatal(err)
		}
		if len(list.Rows) == 1 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the founding record is not found")
		}
	}
}
