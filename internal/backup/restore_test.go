package backup_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/backup"
	"github.com/sijil/sijil/internal/blob"
	"github.com/sijil/sijil/internal/store"
)

// isEmpty reports whether nothing of a register is in a place.
func (i *installation) isEmpty(t *testing.T) bool {
	t.Helper()
	var n int
	must(t, i.db.Owner().QueryRow(t.Context(), `
		SELECT count(*) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
		WHERE n.nspname IN ('desk', 'record', 'jobs', 'public') AND c.relkind = 'r'`).Scan(&n))
	must(t, i.blobs.Each(t.Context(), func(blob.Info) error { n++; return nil }))
	return n == 0
}

func TestRestoreRefuses(t *testing.T) {
	i := found(t)
	sha := i.attach(t, "a communiqué")
	dir, m := i.backUp(t)
	flip := func(name string) func(*testing.T) {
		return func(t *testing.T) {
			t.Helper()
			path := filepath.Join(dir, name)
			content, err := os.ReadFile(path)
			must(t, err)
			content[len(content)/2] ^= 1
			must(t, os.WriteFile(path, content, 0o600))
			t.Cleanup(func() {
				content[len(content)/2] ^= 1
				must(t, os.WriteFile(path, content, 0o600))
			})
		}
	}
	edit := func(old, replacement string) func(*testing.T) {
		return func(t *testing.T) {
			t.Helper()
			path := filepath.Join(dir, "manifest.json")
			content, err := os.ReadFile(path)
			must(t, err)
			must(t, os.WriteFile(path, []byte(strings.Replace(string(content), old, replacement, 1)), 0o600))
			t.Cleanup(func() { must(t, os.WriteFile(path, content, 0o600)) })
		}
	}
	blobName := filepath.Join("blobs", sha[:2], sha[2:4], sha)
	for name, test := range map[string]struct {
		spoil func(*testing.T)
		words string
	}{
		"a flipped bit of the dump":     {flip("database.dump"), "database.dump is not what was backed up"},
		"a flipped bit of a file":       {flip(blobName), sha + " is not what was backed up"},
		"a newer schema":                {edit(`"migration": `, `"migration": 9`), "use the program that made it"},
		"another form":                  {edit("sijil-backup-1", "sijil-backup-9"), "sijil-backup-9"},
		"a path that leads out":         {edit(`"path": "database.dump"`, `"path": "../database.dump"`), "leads out of the backup"},
		"a table that was not restored": {edit(m.Tables[0].Digest+`"`, `1"`), "are not what was backed up"},
		"another log":                   {edit(m.Log.Root, strings.Repeat("0", 64)), "the public log is not the one"},
	} {
		t.Run(name, func(t *testing.T) {
			test.spoil(t)
			place, target := emptyPlace(t)
			_, err := backup.Restore(t.Context(), dir, target)
			wantSaid(t, err, test.words)
			if !place.isEmpty(t) {
				t.Error("something was left")
			}
		})
	}
}

// TestRestoreOverwritesNothing tries it where something is.
func TestRestoreOverwritesNothing(t *testing.T) {
	i := found(t)
	i.attach(t, "a communiqué")
	dir, _ := i.backUp(t)
	place, target := emptyPlace(t)
	s := i.source()
	s.DatabaseURL = place.db.OwnerURL()
	_, err := backup.Make(t.Context(), filepath.Join(t.TempDir(), "x"), s)
	wantSaid(t, err, "nothing to back up")
	target.DatabaseURL = i.db.OwnerURL()
	_, err = backup.Restore(t.Context(), dir, target)
	wantSaid(t, err, "the database is not empty")
	target.DatabaseURL, target.Blobs = place.db.OwnerURL(), i.blobs
	_, err = backup.Restore(t.Context(), dir, target)
	wantSaid(t, err, "the store of files is not empty")
	if !place.isEmpty(t) {
		t.Error("something was left")
	}
	i.mayBeServed(t)
}

// TestNothingServesWhatIsHalfRestored looks at the database while it is being
// restored, and at what is left of a restore that fails, is stopped, or is
// killed.
func TestNothingServesWhatIsHalfRestored(t *testing.T) {
	i := found(t)
	i.attach(t, "a communiqué")
	dir, _ := i.backUp(t)
	place, target := emptyPlace(t)
	failure := errors.New("the purge failed")
	target.Purge = func(ctx context.Context) error {
		wantSaid(t, store.CheckDesk(ctx, store.Wrap(place.db.Desk())), "is being restored")
		return failure
	}
	if _, err := backup.Restore(t.Context(), dir, target); !errors.Is(err, failure) || !place.isEmpty(t) {
		t.Errorf("%v, or something was left", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	target.Purge = func(context.Context) error { stop(); return ctx.Err() }
	if _, err := backup.Restore(ctx, dir, target); !errors.Is(err, context.Canceled) || !place.isEmpty(t) {
		t.Errorf("%v, or something was left", err)
	}
	// Killed: the mark, a half schema and a file are there.
	_, err := place.db.Owner().Exec(t.Context(), `
		CREATE TABLE public.sijil_restoring (since timestamptz); CREATE SCHEMA desk; CREATE TABLE desk.half ()`)
	must(t, err)
	_, err = place.blobs.Put(t.Context(), strings.NewReader("a communiqué"), 0)
	must(t, err)
	wantSaid(t, store.CheckDesk(t.Context(), store.Wrap(place.db.Desk())), "run \"sijil restore\" again")
	s := i.source()
	s.DatabaseURL = place.db.OwnerURL()
	_, err = backup.Make(t.Context(), filepath.Join(t.TempDir(), "x"), s)
	wantSaid(t, err, "has not come to its end")
	target.Purge = nil
	_, err = backup.Restore(t.Context(), dir, target)
	must(t, err)
	place.mayBeServed(t)
}

// TestProgramsThatAreMissing says what to install.
func TestProgramsThatAreMissing(t *testing.T) {
	i := found(t)
	s := i.source()
	s.Programs = nil
	_, err := backup.Make(t.Context(), filepath.Join(t.TempDir(), "backup"), s)
	wantSaid(t, err, "apt install postgresql-client-")
	s.Programs = []string{t.TempDir()}
	_, err = backup.Make(t.Context(), filepath.Join(t.TempDir(), "backup"), s)
	wantSaid(t, err, "found, but not usable")
}

// TestNobodyIsSignedInAfterARestore: a session may have been ended after the backup, and
// a link used; neither is good again.
func TestNobodyIsSignedInAfterARestore(t *testing.T) {
	i := found(t)
	_, err := i.db.Owner().Exec(t.Context(), `
		WITH who AS (SELECT id, role FROM desk.accounts ORDER BY id LIMIT 1),
		     session AS (
			INSERT INTO desk.sessions (token_hash, account_id, role, awaits_code, device, network, created_at, seen_at, proved_at)
			SELECT sha256('a'), id, role, false, 'Firefox', '203.0.113.0/24', now(), now(), now() FROM who),
		     link AS (
			INSERT INTO desk.account_links (token_hash, account_id, purpose, created_at, expires_at)
			SELECT sha256('b'), id, 'reset', now(), now() + interval '1 hour' FROM who)
		INSERT INTO desk.ceremonies (token_hash, account_id, purpose, challenge, expires_at)
		SELECT sha256('c'), id, 'register', '{}', now() + interval '5 minutes' FROM who`)
	must(t, err)
	count := func(of *installation) (n [3]int) {
		t.Helper()
		must(t, of.db.Owner().QueryRow(t.Context(), `
			SELECT (SELECT count(*) FROM desk.sessions), (SELECT count(*) FROM desk.account_links), (SELECT count(*) FROM desk.ceremonies)`).
			Scan(&n[0], &n[1], &n[2]))
		return n
	}
	dir, _ := i.backUp(t)
	place, target := emptyPlace(t)
	_, err = backup.Restore(t.Context(), dir, target)
	must(t, err)
	if before, after := count(i), count(place); before != [3]int{1, 1, 1} || after != [3]int{} {
		t.Errorf("sessions, links and questions: %v before, and %v restored", before, after)
	}
}
