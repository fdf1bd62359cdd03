//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/blob"
	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/localpg"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

func TestTakedownsUsage(t *testing.T) {
	for args, want := range map[string]string{
		"takedowns":            "takedowns list",
		"takedowns undo":       "takedowns list",
		"takedowns list extra": "is too much",
		"takedowns purge":      "DATABASE_URL is not set",
		"restore x":            "--no-removals",
	} {
		env := map[string]string{"SIJIL_BLOBS": "file:" + t.TempDir()}
		if code, _, stderr := call(t, env, strings.Fields(args)...); code == 0 || !strings.Contains(stderr, want) {
			t.Errorf("%s: code %d: %s", args, code, stderr)
		}
	}
}

// marks are words that stand nowhere but in the record that is taken down, each
// in one part of it. Folding leaves them as they are.
func marks() map[string]string {
	return map[string]string{
		"title": "qorbamuxedi", "summary": "qorcelifuwo", "text": "qordinokupa", "claim in French": "qorfehugimo",
		"claim in Arabic": "قورزلكمبن", "claim in English": "qorgolivasu", "document's name": "qorhipuneta", "document": "qorjarodife",
		"document's text": "qorkesumabi", "source": "qorlotufice", "capture": "qormawideso", "comment": "qornubegali",
		"review": "qorpifolehu", "worksheet": "qorraxumido", "mail": "qorsedikofa", "withdrawal": "qortugabime",
	}
}

// inFiles tells which marks stand in the files below a folder.
func inFiles(t *testing.T, dir string) []string {
	t.Helper()
	found := map[string]bool{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, name := range inBytes(content) {
			found[name] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return slices.Sorted(maps.Keys(found))
}

func inBytes(content []byte) []string {
	var found []string
	for name, mark := range marks() {
		if bytes.Contains(content, []byte(mark)) {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	return found
}

// inDump tells which marks stand in the dump of a backup, which is compressed.
func inDump(t *testing.T, dir string) []string {
	t.Helper()
	programs := localpg.ProgramDirs(localpg.Options{BinDir: os.Getenv("SIJIL_TEST_PG_BIN"), Getenv: os.Getenv}, "pg_dump", "pg_restore")
	out, err := exec.CommandContext(t.Context(), filepath.Join(programs[0], "pg_restore"), "--file=-", filepath.Join(dir, "database.dump")).Output()
	if err != nil {
		t.Fatal(err)
	}
	return inBytes(out)
}

// want compares the marks that were found with those that should be.
func want(t *testing.T, where string, got []string, names ...string) {
	t.Helper()
	slices.Sort(names)
	if !slices.Equal(got, names) {
		t.Errorf("%s: found %q, want %q", where, got, names)
	}
}

// all are the names of the marks but some.
func all(but ...string) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(marks())), func(name string) bool { return slices.Contains(but, name) })
}

// legible has PostgreSQL keep values as they are, so that a word can be found in
// its files, and give up its write-ahead log where it is told to.
func legible(t *testing.T, server *localpg.Server) {
	t.Helper()
	admin(t, server, `ALTER SYSTEM SET wal_recycle = off`, `SELECT pg_reload_conf()`)
	owner(t, server, `DO $$ DECLARE sql text; BEGIN
		FOR sql IN SELECT format('ALTER TABLE %s ALTER COLUMN %I SET STORAGE EXTERNAL', a.attrelid::regclass, a.attname)
			FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
			WHERE c.relnamespace IN ('desk'::regnamespace, 'record'::regnamespace, 'jobs'::regnamespace)
			  AND c.relkind = 'r' AND a.attstorage IN ('x', 'm') AND a.attnum > 0 AND NOT a.attisdropped
		LOOP EXECUTE sql; END LOOP; END $$`)
}

func owner(t *testing.T, server *localpg.Server, sql string, args ...any) {
	t.Helper()
	ctx := context.Background()
	connection, err := pgx.Connect(ctx, server.URL("sijil", localpg.Superuser))
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close(ctx) //nolint:errcheck // at the end of a test
	if _, err := connection.Exec(ctx, sql, args...); err != nil {
		t.Fatalf("%v in %s", err, sql)
	}
}

// office is an installation with its staff and a record that is full of marks.
type office struct {
	server                 *localpg.Server
	env                    map[string]string
	uses                   *editorial.Editorial
	desk                   *store.DB
	blobs                  blob.Store
	analyst, editor, admin register.Actor
	record                 register.Ref
	reference              string
	document, capture      string // SHA-256
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newOffice(t *testing.T) *office {
	t.Helper()
	server, env := production(t)
	needsDump(t, server)
	legible(t, server)
	env["SIJIL_TAKEDOWN_DATABASE_URL"] = server.URL("sijil", store.TakedownLogin)
	o := &office{server: server, env: env}
	var err error
	o.blobs, err = blob.New(env["SIJIL_BLOBS"], blob.Credentials{})
	ok(t, err)
	o.desk, err = store.Open(t.Context(), env["DATABASE_URL"], store.DeskSide)
	ok(t, err)
	t.Cleanup(o.desk.Close)
	takedown, err := openTakedown(t.Context(), env["SIJIL_TAKEDOWN_DATABASE_URL"])
	ok(t, err)
	t.Cleanup(takedown.Close)
	ok(t, publishFoundingRecord(t.Context(), o.desk))
	o.uses = editorial.New(o.desk, time.Now).WithFiles(o.blobs).WithTakedown(takedown, o.blobs)
	for role, who := range map[register.AccountRole]*register.Actor{
		register.RoleAnalyst: &o.analyst, register.RoleEditor: &o.editor, register.RoleAdmin: &o.admin,
	} {
		a, err := desk.New(o.desk.Querier()).EnsureAccount(t.Context(), desk.Account{
			Email: string(role) + "@office.example", Name: string(role), Role: role, Language: register.French,
		})
		ok(t, err)
		*who = register.Actor{ID: a.ID, Role: a.Role}
	}
	o.fill(t)
	return o
}

// fill publishes the founding record's first communiqué with marks everywhere,
// and lets people write about it.
func (o *office) fill(t *testing.T) {
	t.Helper()
	ctx, m := t.Context(), marks()
	content := "%PDF " + m["document"]
	file := register.File{
		SHA256: register.HashOf([]byte(content)), Size: int64(len(content)), Type: register.TypePDF, Name: m["document's name"] + ".pdf", Pages: 1,
		Extraction: register.Extraction{Pages: []string{m["document's text"]}, Method: register.ExtractedFromGlyphs, Language: register.French},
	}
	_, err := o.uses.AttachFile(ctx, o.analyst, file, []byte(content))
	ok(t, err)
	_, err = o.uses.ConfirmText(ctx, o.analyst, file.SHA256, 0, m["document's text"], register.French)
	ok(t, err)
	o.document = file.SHA256
	ok(t, o.uses.SaveSources(ctx, o.analyst, []register.Source{{
		Key: "marked", Kind: register.SourcePressReport, Publisher: m["source"], Title: m["source"], URL: "https://example.org/" + m["source"],
	}}))
	o.captured(t)
	ok(t, o.desk.Querier().QueryRow(ctx, `SELECT id, reference FROM desk.records WHERE slug = 'cnss-communique-1'`).Scan(&o.record, &o.reference))
	draft, _, err := o.uses.Load(ctx, o.analyst, o.record)
	ok(t, err)
	o.mark(draft.Statement, file)
	v := o.publish(t, draft)
	o.write(t, v)
}

// mark puts marks into all parts of a statement.
func (o *office) mark(s *register.Statement, file register.File) {
	m := marks()
	for text, mark := range map[*register.Text]string{&s.Title: m["title"], &s.Summary: m["summary"]} {
		for lang := range *text {
			(*text)[lang] += " " + mark
		}
	}
	claim := &s.Claims[0].Paraphrase
	*claim = register.Text{"fr": m["claim in French"], "ar": m["claim in Arabic"], "en": m["claim in English"]}
	s.OriginalNotSeen, s.OriginalText, s.OriginalLanguage = false, m["text"]+" dit", "fr"
	s.Sources = append(slices.Clone(s.Sources), "marked")
	s.Documents = []register.Document{{
		Fact: register.Fact{Key: "own", Sources: []string{"marked"}}, Name: file.Name, Type: file.Type, SHA256: file.SHA256, Size: file.Size,
		Text: m["document's text"], Language: register.French,
	}}
}

// captured keeps a capture of the marked source, as the background does.
func (o *office) captured(t *testing.T) {
	t.Helper()
	info, err := o.blobs.Put(t.Context(), strings.NewReader("WARC/1.1 "+marks()["capture"]), 0)
	ok(t, err)
	o.capture = info.SHA256
	owner(t, o.server, `
		WITH target AS (
			INSERT INTO desk.capture_targets (source_id, address, asked_at)
			SELECT id, 'https://example.org/'||$1::text, now() FROM desk.sources WHERE key = 'marked'
			ON CONFLICT (source_id, address) DO UPDATE SET waits = false RETURNING id)
		INSERT INTO desk.kept_captures (target_id, number, taken_at, state, final, hops, http_status, media_type, sha256, size, warc_sha256, warc_size, title, words)
		SELECT id, 1, now(), 'kept', 'https://example.org/'||$2::text, '[]', 200, 'text/html', $3, 1, $3, $4, $2, $2 FROM target`,
		marks()["source"], marks()["capture"], info.SHA256, info.Size)
}

func (o *office) publish(t *testing.T, draft editorial.Draft) editorial.Version {
	t.Helper()
	v, err := o.uses.Save(t.Context(), o.analyst, draft)
	ok(t, err)
	ok(t, o.uses.SendForReview(t.Context(), o.analyst, v, marks()["review"]))
	ok(t, o.uses.Approve(t.Context(), o.editor, v))
	_, err = o.uses.Publish(t.Context(), o.editor, []editorial.Version{v}, register.Text{"fr": "Mise à jour", "ar": "تحديث", "en": "Update"})
	ok(t, err)
	return v
}

// write has people write about a record.
func (o *office) write(t *testing.T, v editorial.Version) {
	t.Helper()
	ctx, m := t.Context(), marks()
	ok(t, o.uses.Comment(ctx, o.analyst, v.ID, m["comment"]))
	_, err := o.uses.KeepWorksheet(ctx, o.analyst, fmt.Sprintf("/desk/statements/%s", v.ID), map[string][]string{"title": {m["worksheet"]}})
	ok(t, err)
	notice := register.Text{"fr": m["withdrawal"], "ar": m["withdrawal"], "en": m["withdrawal"]}
	id, err := o.uses.ProposeWithdrawal(ctx, o.editor, editorial.Withdrawal{Record: v.ID, Note: m["withdrawal"], Notice: notice})
	ok(t, err)
	ok(t, o.uses.Refuse(ctx, o.admin, id, m["withdrawal"]))
	owner(t, o.server, `
		INSERT INTO desk.mails (account_id, kind, address, name, language, content)
		VALUES ($1, 'returned', 'a@example.org', 'A', 'fr', jsonb_build_object('path', '/desk/statements/' || $2::text, 'note', $3::text))`,
		o.analyst.ID, v.ID, m["mail"])
}

// takeDown takes all editions of the record down.
func (o *office) takeDown(t *testing.T) {
	t.Helper()
	reason := register.Text{"fr": "Ordonnance", "ar": "أمر", "en": "Order"}
	id, err := o.uses.RequestTakedown(t.Context(), o.admin, editorial.Takedown{Record: o.record, First: 1, Last: 2, Reason: reason})
	ok(t, err)
	ok(t, o.uses.Confirm(t.Context(), o.editor, id))
}

// site is what readers ask, with its memory of pages.
func (o *office) site(t *testing.T, env map[string]string) http.Handler {
	t.Helper()
	public, err := store.Open(t.Context(), env["SIJIL_PUBLIC_DATABASE_URL"], store.PublicSide)
	ok(t, err)
	t.Cleanup(public.Close)
	blobs, err := blob.New(env["SIJIL_BLOBS"], blob.Credentials{})
	ok(t, err)
	handler, err := newHandler(public, site{BaseURL: "https://sijil.example", Logger: slog.New(slog.DiscardHandler), Blobs: blobs})
	ok(t, err)
	return handler
}

// edition is where the canonical JSON of an edition stands.
func (o *office) edition(number int) string {
	return fmt.Sprintf("/editions/%s/%d.json", strings.ToLower(o.reference), number)
}

// read reads all that anybody can read of the record, twice, so that the pages
// of the second time come out of memory.
func (o *office) read(t *testing.T, handler http.Handler) []string {
	t.Helper()
	paths := []string{"/documents/" + o.document, o.edition(2), o.edition(1), "/sitemap.xml"}
	for _, lang := range []string{"fr", "ar", "en"} {
		for _, path := range []string{
			"/", "/incidents", "/incidents/cnss-2025", "/incidents/cnss-2025/claims", "/incidents/cnss-2025/claims.csv", "/statements",
			"/statements.csv", "/statements/cnss-communique-1", "/statements/cnss-communique-1/history",
			"/statements/cnss-communique-1/editions/2", "/statements/cnss-communique-1/compare?from=1&to=2",
			"/institutions/cnss", "/search?q=" + marks()["title"], "/search?q=" + marks()["claim in English"],
		} {
			paths = append(paths, "/"+lang+path)
		}
	}
	var content []byte
	for _, path := range append(paths, paths...) {
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody))
		body := answer.Body.String()
		if strings.Contains(path, "/search") { // the question stands on the page
			_, word, _ := strings.Cut(path, "q=")
			if !strings.Contains(body, "cnss-communique-1") {
				body = strings.ReplaceAll(body, word, "")
			}
		}
		content = append(content, body...)
	}
	return inBytes(content)
}

// TestATakedownLeavesNoTrace takes a record down and searches for its words in
// the pages, the files, the database's files, a backup from after it, and an
// installation that was restored from a backup from before it. Each of these
// searches finds the words first.
func TestATakedownLeavesNoTrace(t *testing.T) {
	o := newOffice(t)
	handler := o.site(t, o.env)
	owned := maps.Clone(o.env)
	owned["DATABASE_URL"] = o.server.URL("sijil", localpg.Superuser)
	before, after := filepath.Join(t.TempDir(), "before"), filepath.Join(t.TempDir(), "after")
	run := func(env map[string]string, args ...string) string {
		t.Helper()
		code, stdout, stderr := call(t, env, args...)
		if code != 0 {
			t.Fatalf("%v: code %d: %s%s", args, code, stdout, stderr)
		}
		return stdout
	}
	private := []string{"capture", "comment", "review", "worksheet", "mail", "withdrawal"}
	run(owned, "backup", before)
	admin(t, o.server, `CHECKPOINT`)
	root := strings.TrimPrefix(o.env["SIJIL_BLOBS"], "file:")
	want(t, "pages before", o.read(t, handler), all(private...)...)
	want(t, "database's files before", inFiles(t, o.server.DataDir()), all("document")...)
	want(t, "files before", inFiles(t, root), "capture", "document")
	want(t, "dump before", inDump(t, before), all("document")...)
	want(t, "backup's files before", inFiles(t, filepath.Join(before, "blobs")), "capture", "document")

	o.takeDown(t)
	time.Sleep(1100 * time.Millisecond) // by then the pages know of it
	want(t, "pages", o.read(t, handler))
	if len(inFiles(t, o.server.DataDir())) == 0 {
		t.Error("the words were not in dead rows: the next search shows nothing")
	}
	ok(t, o.uses.ForgetFiles(t.Context(), time.Now())) // the background does so
	want(t, "files", inFiles(t, root))
	run(owned, "takedowns", "purge")
	want(t, "database's files", inFiles(t, o.server.DataDir()))
	run(owned, "backup", after)
	want(t, "dump after", inDump(t, after))
	want(t, "backup's files after", inFiles(t, after))

	list := filepath.Join(t.TempDir(), "removals.jsonl")
	ok(t, os.WriteFile(list, []byte(run(owned, "takedowns", "list")), 0o600))
	o.wantPurgedAgain(t, before, list)
}

// wantPurgedAgain restores a backup from before the takedown on another server,
// and wants the words nowhere.
func (o *office) wantPurgedAgain(t *testing.T, dir, list string) {
	t.Helper()
	server, err := localpg.Start(t.Context(), localpg.Options{
		DataDir: serverDir(t), BinDir: os.Getenv("SIJIL_TEST_PG_BIN"), Getenv: os.Getenv,
	})
	ok(t, err)
	t.Cleanup(func() { ok(t, server.Stop(context.Background())) })
	admin(t, server, `CREATE DATABASE sijil TEMPLATE template0`,
		`CREATE ROLE sijil_desk NOLOGIN`, `CREATE ROLE sijil_public NOLOGIN`, `CREATE ROLE sijil_takedown NOLOGIN`,
		`CREATE ROLE web_desk LOGIN IN ROLE sijil_desk`, `CREATE ROLE web_public LOGIN IN ROLE sijil_public`,
		`CREATE ROLE web_takedown LOGIN IN ROLE sijil_takedown`, `ALTER SYSTEM SET wal_recycle = off`, `SELECT pg_reload_conf()`)
	root := t.TempDir()
	env := maps.Clone(o.env)
	env["DATABASE_URL"], env["SIJIL_BLOBS"] = server.URL("sijil", localpg.Superuser), "file:"+root
	env["SIJIL_PUBLIC_DATABASE_URL"] = server.URL("sijil", store.PublicLogin)
	delete(env, "SIJIL_TAKEDOWN_DATABASE_URL")
	code, _, stderr := call(t, env, "restore", "--removals", list, dir)
	if code != 1 || !strings.Contains(stderr, "SIJIL_TAKEDOWN_DATABASE_URL is needed") {
		t.Fatalf("code %d: %s", code, stderr)
	}
	env["SIJIL_TAKEDOWN_DATABASE_URL"] = server.URL("sijil", store.TakedownLogin)
	code, stdout, stderr := call(t, env, "restore", dir, "--removals", list)
	if code != 0 || !strings.Contains(stderr, o.reference+" is taken down again.") {
		t.Fatalf("code %d: %s%s", code, stdout, stderr)
	}
	want(t, "restored files", inFiles(t, root))
	want(t, "restored database's files", inFiles(t, server.DataDir()))
	want(t, "restored pages", o.read(t, o.site(t, env)))
	answer := httptest.NewRecorder()
	o.site(t, env).ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, o.edition(2), http.NoBody))
	if answer.Code != http.StatusGone {
		t.Errorf("the edition answers %d", answer.Code)
	}
	if _, stdout, _ := call(t, env, "takedowns", "list"); !strings.Contains(stdout, o.reference) {
		t.Errorf("the restored installation does not know that it was taken down: %q", stdout)
	}
}

// restored brings a backup into another database of the office's server, and
// returns the environment of the installation that then is.
func (o *office) restored(t *testing.T, dir, list string) map[string]string {
	t.Helper()
	name := "restored_" + filepath.Base(dir)
	admin(t, o.server, `CREATE DATABASE `+name+` TEMPLATE template0`)
	env := maps.Clone(o.env)
	env["DATABASE_URL"], env["SIJIL_BLOBS"] = o.server.URL(name, localpg.Superuser), "file:"+t.TempDir()
	env["SIJIL_PUBLIC_DATABASE_URL"], env["SIJIL_TAKEDOWN_DATABASE_URL"] = o.server.URL(name, store.PublicLogin), o.server.URL(name, store.TakedownLogin)
	if code, stdout, stderr := call(t, env, "restore", "--removals", list, dir); code != 0 {
		t.Fatalf("code %d: %s%s", code, stdout, stderr)
	}
	return env
}

// sign has the log of an installation signed, as the background does.
func (o *office) sign(t *testing.T, url string, keys editorial.KeyReader) {
	t.Helper()
	db, err := store.Open(t.Context(), url, store.JobsSide)
	ok(t, err)
	defer db.Close()
	ok(t, editorial.New(db, time.Now).WithLog(keys).SignLog(t.Context(), time.Now()))
}

// TestARestoredRegisterIsVerified against the checkpoints that were published
// before: one that was restored as it was passes, also with what was taken down
// again; one that went back behind a checkpoint is found out.
func TestARestoredRegisterIsVerified(t *testing.T) {
	o := newOffice(t)
	var now atomic.Value // the installation that answers at the address
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { now.Load().(http.Handler).ServeHTTP(w, r) }))
	defer web.Close()
	keys, err := demoLogKeys(t.TempDir(), web.URL)
	ok(t, err)
	dir := t.TempDir()
	first, second, none := filepath.Join(dir, "first"), filepath.Join(dir, "second"), filepath.Join(dir, "none")
	verify := func(env map[string]string, code int, words string, args ...string) {
		t.Helper()
		now.Store(o.site(t, env))
		got, stdout, stderr := call(t, o.env, append([]string{"verify", web.URL}, args...)...)
		if got != code || !strings.Contains(stdout, words) {
			t.Errorf("code %d, want %d: %s%s", got, code, stdout, stderr)
		}
	}
	owned := maps.Clone(o.env)
	owned["DATABASE_URL"] = o.server.URL("sijil", localpg.Superuser)
	backUp := func(name string) string {
		t.Helper()
		to := filepath.Join(dir, name)
		if code, stdout, stderr := call(t, owned, "backup", to); code != 0 {
			t.Fatalf("code %d: %s%s", code, stdout, stderr)
		}
		return to
	}

	o.sign(t, owned["DATABASE_URL"], keys)
	verify(owned, 0, "", "--save", first)
	before := backUp("before")
	o.takeDown(t)
	o.sign(t, owned["DATABASE_URL"], keys)
	verify(owned, 0, "", "--since", first)
	ok(t, os.Rename(first, second)) // it was brought up to date
	after := backUp("after")
	code, removed, stderr := call(t, owned, "takedowns", "list")
	if code != 0 {
		t.Fatal(stderr)
	}
	ok(t, errors.Join(os.WriteFile(filepath.Join(dir, "list"), []byte(removed), 0o600), os.WriteFile(none, nil, 0o600)))

	verify(o.restored(t, after, none), 0, "", "--since", second)
	older := o.restored(t, before, filepath.Join(dir, "list"))
	content, err := os.ReadFile(filepath.Join(before, "log", "checkpoint"))
	ok(t, errors.Join(err, os.WriteFile(first, content, 0o600)))
	o.sign(t, older["DATABASE_URL"], keys)
	verify(older, 0, "", "--since", first)
	verify(older, verifyBroken, "", "--since", second)
}
