package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/founding"
	"github.com/sijil/sijil/internal/localpg"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/tlog"
	"github.com/sijil/sijil/internal/verify"
)

// press publishes institutions, as editors do, and signs the public log.
type press struct {
	t               *testing.T
	db              *store.DB
	uses            *editorial.Editorial
	analyst, editor register.Actor
	keys            *tlog.Keys
}

// newPress works on a database of a server, with the keys of an earlier press or,
// where there is none, new ones.
func newPress(t *testing.T, url string, keys *tlog.Keys) *press {
	t.Helper()
	p := &press{t: t, keys: keys}
	var err error
	if p.keys == nil {
		p.keys, err = tlog.GenerateKeys(rand.Reader, "sijil.example/log")
		p.must(err)
	}
	p.db, err = store.Open(t.Context(), url, store.DeskSide)
	p.must(err)
	t.Cleanup(p.db.Close)
	p.uses = editorial.New(p.db, time.Now).WithLog(func() (*tlog.Keys, error) { return p.keys, nil })
	p.analyst, p.editor, err = founding.Hire(t.Context(), p.db)
	p.must(err)
	return p
}

func (p *press) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// publish publishes an institution; when it returns nil, that is acknowledged.
func (p *press) publish(ctx context.Context, slug string) error {
	v, err := p.uses.Save(ctx, p.analyst, editorial.Draft{Institution: &register.Institution{
		Language: register.French, Slug: slug, Kind: register.InstitutionAgency,
		Names: []register.InstitutionName{{Key: "n", Language: register.French, Kind: register.NameOfficial, Name: "Agence " + slug}},
	}})
	if err == nil {
		err = p.uses.SendForReview(ctx, p.analyst, v, "")
	}
	if err == nil {
		err = p.uses.Approve(ctx, p.editor, v)
	}
	if err == nil {
		_, err = p.uses.Publish(ctx, p.editor, []editorial.Version{v}, register.Text{"fr": "Première", "ar": "الأول", "en": "First"})
	}
	return err
}

// series publishes some, and signs the log; it returns their slugs.
func (p *press) series(name string, n int) (slugs []string) {
	p.t.Helper()
	for i := range n {
		slug := fmt.Sprintf("%s-%d", name, i)
		p.must(p.publish(p.t.Context(), slug))
		slugs = append(slugs, slug)
	}
	p.sign()
	return slugs
}

func (p *press) sign() {
	p.t.Helper()
	p.must(p.uses.SignLog(p.t.Context(), time.Now()))
}

// shownBy serves the public side of a database, and gives what verifies it from
// outside.
func shownBy(t *testing.T, url string) *verify.Site {
	t.Helper()
	public, err := store.Open(t.Context(), url, store.PublicSide)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(public.Close)
	handler, err := newHandler(public, site{BaseURL: "https://sijil.example", Logger: slog.New(slog.DiscardHandler), Exports: public, APIRate: 1_000_000})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	outside, err := verify.NewSite(server.URL, http.DefaultTransport)
	if err != nil {
		t.Fatal(err)
	}
	return outside
}

// publicSlugs are what heads of a database name, among those of a press.
func publicSlugs(t *testing.T, url string) []string {
	t.Helper()
	connection, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close(context.Background()) //nolint:errcheck // it was only read
	rows, err := connection.Query(t.Context(), `SELECT slug FROM record.heads WHERE type = 'institution' AND slug ~ '-[0-9]+$' ORDER BY slug`)
	if err != nil {
		t.Fatal(err)
	}
	slugs, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return slugs
}

// TestRestoreDrill backs an installation up by the command while it is written to,
// restores it elsewhere, which compares every row with the manifest, and verifies
// it from outside by a checkpoint of before the backup. A row that is changed then
// is noticed.
func TestRestoreDrill(t *testing.T) {
	server, env := production(t)
	needsDump(t, server)
	p := newPress(t, server.URL("sijil", store.DeskLogin), nil)
	_, err := founding.Publish(t.Context(), p.db, time.Now)
	p.must(err)
	before := p.series("avant", 3)
	since, err := shownBy(t, server.URL("sijil", store.PublicLogin)).Fetch(t.Context(), "checkpoint")
	p.must(err)

	env["DATABASE_URL"] = server.URL("sijil", localpg.Superuser)
	dir := filepath.Join(t.TempDir(), "backup")
	during := p.meanwhile(func() {
		if code, stdout, stderr := call(t, env, "backup", dir); code != 0 {
			t.Errorf("code %d: %s%s", code, stdout, stderr)
		}
	})
	if len(during) == 0 {
		t.Error("nothing was published meanwhile: this showed nothing")
	}

	admin(t, server, `CREATE ROLE drill_owner LOGIN`, `CREATE DATABASE drill OWNER drill_owner TEMPLATE template0`)
	there := maps.Clone(env)
	there["DATABASE_URL"], there["SIJIL_BLOBS"] = server.URL("drill", "drill_owner"), "file:"+t.TempDir()
	if code, stdout, stderr := call(t, there, "restore", "--no-removals", dir); code != 0 || !strings.Contains(stdout, "every row and file is what was backed up") {
		t.Fatalf("code %d: %s%s", code, stdout, stderr)
	}
	restored := publicSlugs(t, server.URL("drill", localpg.Superuser))
	for _, slug := range before {
		if !slices.Contains(restored, slug) {
			t.Errorf("%s was published before the backup and is not in it: %v", slug, restored)
		}
	}
	newPress(t, server.URL("drill", store.DeskLogin), p.keys).sign() // as the server does when it starts
	if r := verify.Log(t.Context(), shownBy(t, server.URL("drill", store.PublicLogin)), verify.Options{Since: since}); r.Verdict() != verify.Proved {
		t.Errorf("%s: %+v", r.Verdict(), r.Problems)
	}
	connection, err := pgx.Connect(t.Context(), server.URL("drill", localpg.Superuser))
	p.must(err)
	defer connection.Close(context.Background()) //nolint:errcheck // at the end of the test
	// With a hash that fits, so that no rule of the database is in the way.
	_, err = connection.Exec(t.Context(), `SET session_replication_role = replica;
		UPDATE record.editions AS e SET content = n.content, sha256 = encode(sha256(n.content), 'hex')
		FROM (SELECT reference, number, convert_to(replace(convert_from(content, 'UTF8'), 'Agence avant-0', 'Agence apres-0'), 'UTF8') AS content FROM record.editions) AS n
		WHERE n.reference = e.reference AND n.number = e.number AND n.content <> e.content`)
	p.must(err)
	if r := verify.Log(t.Context(), shownBy(t, server.URL("drill", store.PublicLogin)), verify.Options{Since: since}); r.Verdict() != verify.Broken {
		t.Errorf("a changed row is not noticed: %s", r.Verdict())
	}
}

// meanwhile publishes while something is done; it returns what was.
func (p *press) meanwhile(do func()) (slugs []string) {
	p.t.Helper()
	ctx, stop := context.WithCancel(p.t.Context())
	first := make(chan struct{})
	var writer sync.WaitGroup
	writer.Go(func() {
		for n := 0; ctx.Err() == nil; n++ {
			slug := fmt.Sprintf("pendant-%d", n)
			if err := p.publish(context.WithoutCancel(ctx), slug); err != nil {
				p.t.Errorf("%s: %v", slug, err)
				break
			}
			slugs = append(slugs, slug)
			if n == 0 {
				close(first)
			}
		}
	})
	select {
	case <-first:
	case <-time.After(30 * time.Second):
	}
	do()
	stop()
	writer.Wait()
	return slugs
}
