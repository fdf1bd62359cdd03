package web_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/tlog"
)

// served reads a log over HTTP.
func served(base string) tlog.Fetcher {
	return tlog.FetcherFunc(func(ctx context.Context, path string) ([]byte, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/log/"+path, http.NoBody)
		if err != nil {
			return nil, err
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			return nil, err
		}
		defer answer.Body.Close() //nolint:errcheck // it was read
		if answer.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("%s: status %d: %w", path, answer.StatusCode, tlog.ErrNotServed)
		}
		return io.ReadAll(answer.Body)
	})
}

func logClient(t *testing.T, base string, keys *tlog.Keys) *tlog.Client {
	t.Helper()
	verifier, err := keys.Verifier()
	if err != nil {
		t.Fatal(err)
	}
	return tlog.NewClient(served(base), verifier)
}

// TestTheLogIsServed checks the founding record's log as somebody outside would:
// all of it, and each edition against its leaf and its proof.
func TestTheLogIsServed(t *testing.T) {
	t.Parallel()
	s := newRealSite(t)
	keys := testkit.LogKeys(t)
	if a := testkit.Ask(t, s.handler, "/log/checkpoint"); a.Status != http.StatusNotFound {
		t.Errorf("before anything is signed: %d", a.Status)
	}
	testkit.SignLog(t, s.db, keys, testkit.FoundingDay())
	handler := s.newHandler(t, s.URL)
	client := logClient(t, s.URL, keys)
	checkpoint, signed, err := client.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	counted := map[register.LeafType]int{}
	err = client.Check(t.Context(), checkpoint.Head, func(position int64, entry []byte) error {
		leaf, err := register.ParseLeaf(entry)
		if err != nil {
			return err
		}
		counted[leaf.Type]++
		if leaf.Type.IsEdition() {
			checkEdition(t, handler, keys, position, leaf, entry)
		} else {
			checkOpening(t, handler, position, leaf)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var editions int
	if err := s.db.Owner().QueryRow(t.Context(), `SELECT count(*) FROM record.editions`).Scan(&editions); err != nil {
		t.Fatal(err)
	}
	if editions == 0 || counted[register.LeafEdition]+counted[register.LeafCorrection] != editions || counted[register.LeafKey] != 1 {
		t.Errorf("%d editions, leaves %v", editions, counted)
	}
	if a := testkit.Ask(t, handler, "/log/keys"); a.Body != keys.VerifierKeys()[0]+"\n" {
		t.Errorf("keys: %q", a.Body)
	}
	if a := testkit.Ask(t, handler, "/log/checkpoint"); a.Body != string(signed) ||
		a.Header.Get("Content-Type") != "text/plain; charset=utf-8" || !strings.Contains(a.Header.Get("Cache-Control"), "s-maxage=1") {
		t.Errorf("checkpoint: %v %q", a.Header, a.Body)
	}
}

// checkEdition holds an edition, as it is served, against its leaf: the leaf
// follows from its JSON and its salt, and the proof from the leaf.
func checkEdition(t *testing.T, h http.Handler, keys *tlog.Keys, position int64, leaf register.Leaf, entry []byte) {
	t.Helper()
	address := fmt.Sprintf("/editions/%s/%d", strings.ToLower(leaf.Reference), leaf.Edition)
	content, proved := testkit.Ask(t, h, address+".json"), testkit.Ask(t, h, address+".proof")
	proof, err := tlog.ParseProof([]byte(proved.Body))
	if err != nil {
		t.Errorf("%s: %v", address, err)
		return
	}
	decoded, err := register.DecodeContent([]byte(content.Body))
	if err != nil {
		t.Fatal(err)
	}
	derived, err := register.EditionLeaf(decoded, []byte(content.Body), proof.Extra).Canonical()
	if err != nil || string(derived) != string(entry) || proof.Index != position {
		t.Errorf("%s: leaf %d is %s, and the edition makes %s at %d", address, position, entry, derived, proof.Index)
	}
	verifier, err := keys.Verifier()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := proof.Check(verifier, derived); err != nil {
		t.Errorf("%s: %v", address, err)
	}
	changed, err := register.EditionLeaf(decoded, []byte(content.Body+" "), proof.Extra).Canonical()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := proof.Check(verifier, changed); err == nil {
		t.Errorf("%s: another content is proved, too", address)
	}
}

func checkOpening(t *testing.T, h http.Handler, position int64, leaf register.Leaf) {
	t.Helper()
	a := testkit.Ask(t, h, fmt.Sprintf("/log/openings/%d.json", position))
	opening, err := register.ParseOpening([]byte(a.Body))
	if err != nil {
		t.Fatal(err)
	}
	if got := register.Commit(opening.Salt, opening.Content); got != leaf.Commitment {
		t.Errorf("leaf %d commits to %s, and what it is about makes %s", position, leaf.Commitment, got)
	}
}

func TestWhatTheLogDoesNotHave(t *testing.T) {
	t.Parallel()
	s := newRealSite(t)
	testkit.SignLog(t, s.db, testkit.LogKeys(t), testkit.FoundingDay())
	var size int
	if err := s.db.Owner().QueryRow(t.Context(), `SELECT count(*) FROM record.log_leaves`).Scan(&size); err != nil {
		t.Fatal(err)
	}
	for target, want := range map[string]int{
		fmt.Sprintf("/log/tile/0/000.p/%d", size):         http.StatusOK,
		"/log/tile/0/000.p/1":                             http.StatusOK,
		fmt.Sprintf("/log/tile/entries/000.p/%d", size):   http.StatusOK,
		fmt.Sprintf("/log/tile/0/000.p/%d", size+1):       http.StatusNotFound,
		fmt.Sprintf("/log/tile/entries/000.p/%d", size+1): http.StatusNotFound,
		"/log/tile/0/000":                                 http.StatusNotFound,
		"/log/tile/1/000.p/1":                             http.StatusNotFound,
		"/log/tile/0/001.p/1":                             http.StatusNotFound,
		"/log/tile/00/000.p/1":                            http.StatusNotFound,
		"/log/tile/0/000.p/01":                            http.StatusNotFound,
		"/log/tile/":                                      http.StatusNotFound,
		"/log/tile/0/x999/x999/x999/x999/x999/999":        http.StatusNotFound,
		"/log/openings/0.json":                            http.StatusNotFound, // of an edition
		"/log/openings/00.json":                           http.StatusNotFound,
		"/log/openings/-1.json":                           http.StatusNotFound,
		"/log/openings/9999.json":                         http.StatusNotFound,
		"/log/openings/1":                                 http.StatusNotFound,
		"/editions/sj-2025-0001/1.proof":                  http.StatusOK,
		"/editions/sj-2025-0001/9.proof":                  http.StatusNotFound,
		"/editions/sj-2025-9999/1.proof":                  http.StatusNotFound,
	} {
		a := testkit.Ask(t, s.handler, target)
		if a.Status != want {
			t.Errorf("%s: status %d, want %d", target, a.Status, want)
		}
		immutable := strings.HasPrefix(target, "/log/tile/") && want == http.StatusOK
		if strings.Contains(a.Header.Get("Cache-Control"), "immutable") != immutable {
			t.Errorf("%s: %s", target, a.Header.Get("Cache-Control"))
		}
		if immutable && a.Header.Get("Content-Type") != "application/octet-stream" {
			t.Errorf("%s: %s", target, a.Header.Get("Content-Type"))
		}
	}
}
