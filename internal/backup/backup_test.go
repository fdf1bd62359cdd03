package backup_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/backup"
	"github.com/sijil/sijil/internal/blob"
	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/localpg"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/store/record"
	"github.com/sijil/sijil/internal/testkit"
)

// installation is a register with the founding record and some files.
type installation struct {
	db    *testkit.DB
	blobs *blob.Folder
	root  string // of the files
	said  []string
}

func found(t *testing.T) *installation {
	t.Helper()
	i := &installation{db: testkit.Founding(t), root: t.TempDir()}
	var err error
	i.blobs, err = blob.NewFolder(i.root)
	must(t, err)
	return i
}

// attach stores a content and has the database name it as kept.
func (i *installation) attach(t *testing.T, content string) (sha string) {
	t.Helper()
	info, err := i.blobs.Put(t.Context(), strings.NewReader(content), 0)
	must(t, err)
	_, err = i.db.Owner().Exec(t.Context(), `
		INSERT INTO desk.files (sha256, size, media_type, name, pages, is_scanned, uploaded_by)
		SELECT $1, $2, 'text/plain', 'x', 1, false, id FROM desk.accounts ORDER BY id LIMIT 1`, info.SHA256, info.Size)
	must(t, err)
	return info.SHA256
}

func (i *installation) path(sha string) string { return filepath.Join(i.root, sha[:2], sha[2:4], sha) }

func programDirs() []string {
	return localpg.ProgramDirs(localpg.Options{BinDir: os.Getenv("SIJIL_TEST_PG_BIN"), Getenv: os.Getenv}, "pg_dump", "pg_restore")
}

func silent(string) func(done, all int) { return func(int, int) {} }

func (i *installation) source() backup.Source {
	return backup.Source{
		DatabaseURL: i.db.OwnerURL(), Blobs: i.blobs, Programs: programDirs(), Version: "test", Now: time.Now,
		Say: func(line string) { i.said = append(i.said, line) }, Progress: silent,
	}
}

// backUp makes a backup and returns its folder.
func (i *installation) backUp(t *testing.T) (string, *backup.Manifest) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "backup")
	m, err := backup.Make(t.Context(), dir, i.source())
	must(t, err)
	return dir, m
}

// emptyPlace is where a backup can be restored.
func emptyPlace(t *testing.T) (*installation, backup.Target) {
	t.Helper()
	i := &installation{db: testkit.EmptyDatabase(t), root: t.TempDir()}
	var err error
	i.blobs, err = blob.NewFolder(i.root)
	must(t, err)
	return i, backup.Target{
		DatabaseURL: i.db.OwnerURL(), Blobs: i.blobs, Programs: programDirs(),
		Say: func(line string) { i.said = append(i.said, line) }, Progress: silent,
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantSaid(t *testing.T, err error, words string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), words) {
		t.Errorf("got %v, want it to say %q", err, words)
	}
}

// publisher publishes institutions as fast as it can until it is stopped.
type publisher struct {
	editorial *editorial.Editorial
	analyst   register.Actor
	editor    register.Actor
	mu        sync.Mutex
	done      []string // slugs that were acknowledged
}

func newPublisher(t *testing.T, db *testkit.DB) *publisher {
	t.Helper()
	p := &publisher{editorial: editorial.New(store.Wrap(db.Desk()), time.Now)}
	for email, a := range map[string]*register.Actor{"w1@example.org": &p.analyst, "w2@example.org": &p.editor} {
		role := register.RoleAnalyst
		if a == &p.editor {
			role = register.RoleEditor
		}
		account, err := desk.New(store.Wrap(db.Desk()).Querier()).EnsureAccount(t.Context(), desk.Account{Email: email, Name: email, Role: role, Language: register.French})
		must(t, err)
		*a = register.Actor{ID: account.ID, Role: account.Role}
	}
	return p
}

func (p *publisher) publish(ctx context.Context, slug string) error {
	v, err := p.editorial.Save(ctx, p.analyst, editorial.Draft{Institution: &register.Institution{
		Language: register.French, Slug: slug, Kind: register.InstitutionAgency,
		Names: []register.InstitutionName{{Key: "n", Language: register.French, Kind: register.NameOfficial, Name: "Agence " + slug}},
	}})
	if err != nil {
		return err
	}
	if err := p.editorial.SendForReview(ctx, p.analyst, v, ""); err != nil {
		return err
	}
	if err := p.editorial.Approve(ctx, p.editor, v); err != nil {
		return err
	}
	_, err = p.editorial.Publish(ctx, p.editor, []editorial.Version{v}, register.Text{"fr": "Première", "ar": "الأول", "en": "First"})
	return err
}

// acknowledged are the slugs that were published so far.
func (p *publisher) acknowledged() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.done)
}

// keepOn publishes until ctx ends.
func (p *publisher) keepOn(ctx context.Context, t *testing.T, name string) {
	t.Helper()
	for n := 0; ctx.Err() == nil; n++ {
		slug := fmt.Sprintf("%s-%d", name, n)
		err := p.publish(context.WithoutCancel(ctx), slug)
		if err != nil {
			t.Errorf("publishing %s: %v", slug, err)
			return
		}
		p.mu.Lock()
		p.done = append(p.done, slug)
		p.mu.Unlock()
	}
}

// until waits for a condition that others bring about.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for range 3000 {
		if holds() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("waited in vain until %s", what)
}

// TestABackupWhileWritingGoesOn publishes while the backup is made, restores it
// into an empty database, and wants every row as one moment saw it.
func TestABackupWhileWritingGoesOn(t *testing.T) {
	i := found(t)
	var files []string
	for n := range 20 {
		files = append(files, i.attach(t, fmt.Sprintf("communiqué %d", n)))
	}
	p := newPublisher(t, i.db)
	ctx, stop := context.WithCancel(t.Context())
	var writers sync.WaitGroup
	for _, name := range []string{"a", "b"} {
		writers.Go(func() { p.keepOn(ctx, t, name) })
	}
	until(t, "some are published", func() bool { return len(p.acknowledged()) >= 4 })
	before := p.acknowledged()
	dir, m := i.backUp(t)
	during := len(p.acknowledged())
	until(t, "writing goes on", func() bool { return len(p.acknowledged()) > during })
	stop()
	writers.Wait()
	if len(p.acknowledged()) <= len(before)+1 {
		t.Error("nothing was published meanwhile: this showed nothing")
	}

	place, target := emptyPlace(t)
	restored, err := backup.Restore(t.Context(), dir, target)
	must(t, err)
	if restored.Snapshot != m.Snapshot || restored.Migration != m.Migration {
		t.Errorf("restored %+v of %+v", restored, m)
	}
	place.wantEditionsOf(t, i, before)
	for _, sha := range files {
		content, err := blob.Bytes(t.Context(), place.blobs, sha)
		must(t, err)
		if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != sha {
			t.Errorf("file %s is another", sha)
		}
	}
	// The rights are those of before: both sides work, and the public one sees no
	// draft.
	must(t, store.CheckPublic(t.Context(), store.Wrap(place.db.Public())))
	place.mayBeServed(t)
	_, err = record.NewStore(store.Wrap(place.db.Public())).Incident(t.Context(), "cnss-2025")
	must(t, err)
	must(t, newPublisher(t, place.db).publish(t.Context(), "afterwards"))
}

// mayBeServed wants a database on which a server would start, but for the
// durability that the databases of tests do not have.
func (i *installation) mayBeServed(t *testing.T) {
	t.Helper()
	wantSaid(t, store.CheckDesk(t.Context(), store.Wrap(i.db.Desk())), "could lose what it has confirmed")
}

// wantEditionsOf wants editions that hash to what they say, each as it is in
// the original, and all that was acknowledged before the backup began.
func (i *installation) wantEditionsOf(t *testing.T, original *installation, acknowledged []string) {
	t.Helper()
	read := func(of *installation) map[string]string {
		out := map[string]string{}
		rows, err := of.db.Owner().Query(t.Context(), `
			SELECT reference || ' ' || number, encode(sha256(content), 'hex') = sha256, e::text FROM record.editions AS e`)
		must(t, err)
		defer rows.Close()
		for rows.Next() {
			var name, all string
			var fits bool
			must(t, rows.Scan(&name, &fits, &all))
			if !fits {
				t.Errorf("%s does not hash to what it says", name)
			}
			out[name] = all
		}
		must(t, rows.Err())
		return out
	}
	have, want := read(i), read(original)
	for name, e := range have {
		if want[name] != e {
			t.Errorf("%s is not what was published", name)
		}
	}
	for _, slug := range acknowledged {
		var n int
		must(t, i.db.Owner().QueryRow(t.Context(), `SELECT count(*) FROM record.heads WHERE slug = $1`, slug).Scan(&n))
		if n != 1 {
			t.Errorf("%s was published before the backup, and is there %d times", slug, n)
		}
	}
}

// TestACutBackupIsNone stops a backup while it copies files.
func TestACutBackupIsNone(t *testing.T) {
	i := found(t)
	for n := range 5 {
		i.attach(t, fmt.Sprintf("file %d", n))
	}
	dir := filepath.Join(t.TempDir(), "backup")
	ctx, stop := context.WithCancel(t.Context())
	s := i.source()
	s.Progress = func(string) func(int, int) {
		return func(done, _ int) {
			if done == 2 {
				stop()
			}
		}
	}
	if _, err := backup.Make(ctx, dir, s); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	_, err := backup.ReadManifest(dir)
	wantSaid(t, err, "no backup that came to its end")
	_, target := emptyPlace(t)
	_, err = backup.Restore(t.Context(), dir, target)
	wantSaid(t, err, "no backup that came to its end")

	// What it left is not taken for good unread.
	left, err := filepath.Glob(filepath.Join(dir, "blobs", "??", "??", strings.Repeat("?", 64)))
	if err != nil || len(left) == 0 {
		t.Fatalf("it left %q, %v", left, err)
	}
	must(t, os.WriteFile(left[0], []byte("file X"), 0o600))
	m, err := backup.Make(t.Context(), dir, i.source())
	must(t, err)
	if !m.Whole() {
		t.Errorf("%+v", m)
	}
	_, err = backup.Restore(t.Context(), dir, target)
	must(t, err)
	_, err = backup.Make(t.Context(), dir, i.source())
	wantSaid(t, err, "holds a backup already")
}

// vanishing is a store in which a content is removed the moment it is asked
// for.
type vanishing struct {
	*blob.Folder
	sha    string
	vanish func()
}

// Open implements blob.Store.
func (v *vanishing) Open(ctx context.Context, sha string) (io.ReadCloser, blob.Info, error) {
	if sha == v.sha {
		v.vanish()
	}
	return v.Folder.Open(ctx, sha)
}

// TestWhatTheStoreHasNot tells a removal that was meant from a loss.
func TestWhatTheStoreHasNot(t *testing.T) {
	i := found(t)
	removed, lost, damaged, good := i.attach(t, "removed"), i.attach(t, "lost"), i.attach(t, "damaged"), i.attach(t, "good")
	must(t, os.Remove(i.path(lost)))
	must(t, os.WriteFile(i.path(damaged), []byte("damagee"), 0o600))
	s := i.source()
	s.Blobs = &vanishing{Folder: i.blobs, sha: removed, vanish: func() {
		_, err := i.db.Owner().Exec(t.Context(), `DELETE FROM desk.files WHERE sha256 = $1`, removed)
		must(t, errors.Join(err, i.blobs.Delete(t.Context(), removed)))
	}}
	dir := filepath.Join(t.TempDir(), "backup")
	m, err := backup.Make(t.Context(), dir, s)
	must(t, err)
	if !slices.Equal(m.Removed, []string{removed}) || !slices.Equal(m.Missing, []string{lost}) || !slices.Equal(m.Damaged, []string{damaged}) || m.Whole() {
		t.Errorf("removed %v, missing %v, damaged %v", m.Removed, m.Missing, m.Damaged)
	}
	place, target := emptyPlace(t)
	_, err = backup.Restore(t.Context(), dir, target)
	must(t, err)
	if _, err := place.blobs.Stat(t.Context(), good); err != nil {
		t.Error(err)
	}
}

// TestALinkedBackupSharesItsFiles with an earlier one, but for what was damaged in that
// since.
func TestALinkedBackupSharesItsFiles(t *testing.T) {
	i := found(t)
	old, spoilt := i.attach(t, "old"), i.attach(t, "spoilt")
	first, _ := i.backUp(t)
	fresh := i.attach(t, "fresh")
	at := func(dir, sha string) string { return filepath.Join(dir, "blobs", sha[:2], sha[2:4], sha) }
	must(t, os.WriteFile(at(first, spoilt), []byte("spoilT"), 0o600))
	s := i.source()
	s.Earlier = first
	second := filepath.Join(filepath.Dir(first), "second")
	m, err := backup.Make(t.Context(), second, s)
	must(t, err)
	a, errA := os.Stat(at(first, old))
	b, errB := os.Stat(at(second, old))
	must(t, errors.Join(errA, errB))
	if !os.SameFile(a, b) {
		t.Error("the file was copied")
	}
	if _, err := os.Stat(at(second, fresh)); err != nil || !m.Whole() {
		t.Errorf("%v %+v", err, m)
	}
	if content, err := os.ReadFile(at(second, spoilt)); err != nil || string(content) != "spoilt" {
		t.Errorf("what was damaged in the earlier one is %q in this, %v", content, err)
	}
}
