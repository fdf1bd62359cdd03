package web_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	sumdb "golang.org/x/mod/sumdb/tlog"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/tlog"
)

// manyLeaves is from how many entries on a log has tiles of two levels, and
// more than a few of the lower.
const manyLeaves = 2_000

// crowdedLog publishes until the log is long: a correction of an institution
// that many records show carries all of them along.
func crowdedLog(t *testing.T, d *testkit.DB) {
	t.Helper()
	const shown = 100
	clock := testkit.NewClock(testkit.FoundingDay())
	uses, staff := editorial.New(store.Wrap(d.Desk()), clock.Now), testkit.Staff(t, d)
	publish := func(versions ...editorial.Version) {
		for _, v := range versions {
			if err := uses.SendForReview(t.Context(), staff[testkit.Analyst], v, ""); err != nil {
				t.Fatal(err)
			}
			if err := uses.Approve(t.Context(), staff[testkit.Editor], v); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := uses.Publish(t.Context(), staff[testkit.Editor], versions, register.Text{register.French: "Essai."}); err != nil {
			t.Fatal(err)
		}
	}
	save := func(draft editorial.Draft) editorial.Version {
		v, err := uses.Save(t.Context(), staff[testkit.Analyst], draft)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	agency := &register.Institution{
		Language: register.French, Slug: "agence", Kind: register.InstitutionAgency,
		Names: []register.InstitutionName{{Key: "fr", Language: register.French, Kind: register.NameOfficial, Name: "Agence"}},
	}
	version := save(editorial.Draft{Institution: agency})
	publish(version)
	var statements []editorial.Version
	for i := range shown {
		statements = append(statements, save(editorial.Draft{Statement: manyStatement(i, version.ID)}))
	}
	publish(statements...)
	for leaves := shown; leaves < manyLeaves; leaves += shown {
		agency.Website = fmt.Sprintf("https://agence.example/%d", leaves)
		version = save(editorial.Draft{ID: version.ID, Version: version.Version, Institution: agency})
		publish(version)
	}
}

// manyStatement is the least that can be published of what shows an institution.
func manyStatement(i int, issuer register.Ref) *register.Statement {
	return &register.Statement{
		Language: register.French, Slug: fmt.Sprintf("communique-%d", i), Kind: register.StatementCommunique,
		Title: register.Text{register.French: fmt.Sprintf("Communiqué %d", i)}, Summary: register.Text{register.French: "Dit."},
		Issuer: issuer, Sources: []string{"src-001"},
	}
}

// broken serves a site with one byte of one address changed.
func broken(site http.Handler, path string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != path {
			site.ServeHTTP(w, r)
			return
		}
		r.Header.Del("Accept-Encoding")
		answer := httptest.NewRecorder()
		site.ServeHTTP(answer, r)
		body := answer.Body.Bytes()
		body[len(body)/2] ^= 1
		w.WriteHeader(answer.Code)
		_, _ = w.Write(body)
	})
}

// TestOthersAgreeWithTheLog lets programs that we did not write check a long log
// over HTTP: fsck of transparency-dev/tessera, and the checks of Go's own
// checksum database.
func TestOthersAgreeWithTheLog(t *testing.T) {
	t.Parallel()
	fsck := buildFsck(t)
	s := newRealSite(t)
	crowdedLog(t, s.db)
	keys := testkit.LogKeys(t)
	testkit.SignLog(t, s.db, keys, testkit.FoundingDay())
	handler := s.newHandler(t, s.URL)
	site := httptest.NewServer(handler)
	defer site.Close()
	client := logClient(t, site.URL, keys)
	checkpoint, _, err := client.Checkpoint(t.Context())
	if err != nil || checkpoint.Size < manyLeaves {
		t.Fatalf("a log of %d leaves (%v)", checkpoint.Size, err)
	}
	if out, ok := fsck(t, site.URL, keys); !ok {
		t.Errorf("fsck finds fault:\n%s", out)
	}
	for _, path := range []string{"/log/tile/0/003", "/log/tile/entries/001", "/log/tile/1/000.p/" + fmt.Sprint(checkpoint.Size/256)} {
		damaged := httptest.NewServer(broken(handler, path))
		if out, ok := fsck(t, damaged.URL, keys); ok {
			t.Errorf("fsck does not notice a changed byte in %s:\n%s", path, out)
		}
		damaged.Close()
	}
	checkAsGoDoes(t, client, checkpoint)
}

// checkAsGoDoes proves some records and earlier trees by golang.org/x/mod alone,
// from the tiles that are served.
func checkAsGoDoes(t *testing.T, client *tlog.Client, c tlog.Checkpoint) {
	t.Helper()
	tree := sumdb.Tree{N: c.Size, Hash: c.Root}
	hashes := sumdb.TileHashReader(tree, goTiles{t.Context(), client})
	if root, err := sumdb.TreeHash(c.Size, hashes); err != nil || root != c.Root {
		t.Fatalf("root %v, %v", root, err)
	}
	err := client.Check(t.Context(), c.Head, func(i int64, entry []byte) error {
		if i%101 != 0 {
			return nil
		}
		proof, err := sumdb.ProveRecord(c.Size, i, hashes)
		if err != nil {
			return err
		}
		return sumdb.CheckRecord(proof, c.Size, c.Root, i, sumdb.RecordHash(entry))
	})
	if err != nil {
		t.Error(err)
	}
	for size := int64(1); size < c.Size; size += 97 {
		before, err := sumdb.TreeHash(size, hashes)
		if err != nil {
			t.Fatal(err)
		}
		proof, err := sumdb.ProveTree(c.Size, size, hashes)
		if err != nil {
			t.Fatal(err)
		}
		if err := sumdb.CheckTree(proof, c.Size, c.Root, size, before); err != nil {
			t.Errorf("from %d: %v", size, err)
		}
	}
}

// goTiles are the served tiles as x/mod reads them.
type goTiles struct {
	ctx    context.Context //nolint:containedctx // the interface has none
	client *tlog.Client
}

func (g goTiles) Height() int { return 8 }

func (g goTiles) ReadTiles(tiles []sumdb.Tile) ([][]byte, error) {
	out := make([][]byte, len(tiles))
	for i, tile := range tiles {
		var err error
		if out[i], err = g.client.ReadTile(g.ctx, tlog.Tile{Level: tile.L, Index: tile.N, Width: tile.W}); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (g goTiles) SaveTiles([]sumdb.Tile, [][]byte) {}

// buildFsck builds the verifier from the module of tools, as the program itself
// must not depend on it. Without its source, as without a network, the test is
// skipped, but not in CI.
func buildFsck(t *testing.T) func(t *testing.T, site string, keys *tlog.Keys) (out string, ok bool) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fsck")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", path, "-modfile=internal/tools/fsck/go.mod", "github.com/transparency-dev/tessera/cmd/fsck")
	build.Dir = "../.."
	if out, err := build.CombinedOutput(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("the external verifier cannot be built: %v\n%s", err, out)
		}
		t.Skipf("the external verifier cannot be built: %v\n%s", err, out)
	}
	return func(t *testing.T, site string, keys *tlog.Keys) (string, bool) {
		t.Helper()
		key := filepath.Join(t.TempDir(), "log.pub")
		if err := os.WriteFile(key, []byte(keys.VerifierKeys()[0]), 0o600); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		out := &faultEnds{end: cancel}
		command := exec.CommandContext(ctx, path, "--storage_url="+site+"/log/", "--public_key="+key, "--ui=false", "-v=1", "-logtostderr")
		command.Stdout, command.Stderr = out, out
		err := command.Run()
		// It ends well also where it finds fault, and says so.
		return string(out.printed), err == nil && strings.Contains(string(out.printed), "Completed ranges") && !strings.Contains(string(out.printed), "fsck failed")
	}
}

// faultEnds keeps what fsck prints, and ends it when it calls a range invalid:
// where that range is not the last it would wait for itself, for ever.
type faultEnds struct {
	printed []byte
	end     func()
}

func (f *faultEnds) Write(p []byte) (int, error) {
	f.printed = append(f.printed, p...)
	if bytes.Contains(f.printed, []byte(":Invalid")) {
		f.end()
	}
	return len(p), nil
}
