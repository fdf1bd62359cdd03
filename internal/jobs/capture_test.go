package jobs_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/blob"
	"github.com/sijil/sijil/internal/capture"
	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/jobs"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/testkit"
)

func TestMain(m *testing.M) {
	testkit.ServeWorker()
	os.Exit(m.Run())
}

// capturing is a desk whose sources are captured by jobs from a test's server.
type capturing struct {
	uses    *editorial.Editorial
	analyst register.Actor
	server  *httptest.Server
}

func newCapturing(t *testing.T, handler http.HandlerFunc) *capturing {
	t.Helper()
	c, captures, desk := idleCapturing(t, handler)
	start(t, desk, jobs.Tasks{Capture: captures.Take}, captures.Log)
	return c
}

// idleCapturing is the same without the jobs; what others have made is read by a
// command, or as ever.
func idleCapturing(t *testing.T, handler http.HandlerFunc, command ...string) (*capturing, *jobs.Captures, *store.DB) {
	t.Helper()
	db := testkit.Database(t)
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	blobs, err := blob.NewFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	intake, err := capture.New(command...)
	if err != nil {
		t.Fatal(err)
	}
	intake = intake.WithReach(capture.Reach{Besides: []netip.AddrPort{netip.MustParseAddrPort(server.Listener.Addr().String())}})
	desk := store.Wrap(db.Desk())
	uses := editorial.New(desk, time.Now).WithFiles(blobs).WithCaptures()
	captures := &jobs.Captures{Uses: uses, Intake: intake, Software: "Sijil", Now: time.Now, Log: slog.New(slog.DiscardHandler)}
	return &capturing{uses: uses, analyst: testkit.Staff(t, db)[testkit.Analyst], server: server}, captures, desk
}

// save saves a source with an address of the server.
func (c *capturing) save(t *testing.T, path string) {
	t.Helper()
	err := c.uses.SaveSources(t.Context(), c.analyst, []register.Source{{
		Key: "src-paper", Kind: register.SourceOfficial, Publisher: "La caisse", Language: "fr", URL: c.server.URL + path,
	}})
	if err != nil {
		t.Fatal(err)
	}
}

// until waits until the capture stands in some way.
func (c *capturing) until(t *testing.T, is func(register.CaptureTarget) bool) (register.CaptureTarget, []register.KeptCapture) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for {
		target, kept, err := c.uses.CaptureOf(ctx, c.analyst, "src-paper")
		if err != nil {
			t.Fatal(err)
		}
		if is(target) {
			return target, kept
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// TestASourceIsCapturedByAJob, as a WARC file whose hash the desk knows.
func TestASourceIsCapturedByAJob(t *testing.T) {
	t.Parallel()
	c := newCapturing(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/old" {
			http.Redirect(w, r, "/new", http.StatusFound)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("X-Odd", "caf\xe9") // no UTF-8, as some send it
		_, _ = io.WriteString(w, "<title>Un\x00 titre</title><p>Le communiqué.")
	})
	c.save(t, "/old")
	target, kept := c.until(t, func(t register.CaptureTarget) bool { return t.State == register.CaptureKept })
	if target.Waits || target.Reason != "" || len(kept) != 1 {
		t.Fatalf("%+v", target)
	}
	k := kept[0]
	if k.Text != "Le communiqué." || k.Final != c.server.URL+"/new" || k.HTTPStatus != 200 || len(k.Hops) != 2 || k.Hops[0].Status != 302 {
		t.Errorf("%+v", k)
	}
	_, file, err := c.uses.CaptureFile(t.Context(), c.analyst, "src-paper", 1)
	if err != nil {
		t.Fatal(err)
	}
	records, err := capture.ReadWARC(bytes.NewReader(file))
	if err != nil || len(records) != 6 || !bytes.Contains(records[5].Block, []byte("body-sha256: "+k.SHA256)) {
		t.Errorf("%d records, %v", len(records), err)
	}
}

// TestACopyIsKeptWithoutItsText, where that cannot be read: at once where that is the
// page's doing, at the last attempt where it is ours. The log says so, and nothing of
// what stands there.
func TestACopyIsKeptWithoutItsText(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		command []string
		attempt jobs.Attempt
		kept    int
	}{
		"of the page":        {[]string{"/bin/sh", "-c", "cat >&2; exit 1"}, jobs.Attempt{}, 1},
		"of ours":            {[]string{"/no/such/program"}, jobs.Attempt{}, 0},
		"of ours, at length": {[]string{"/no/such/program"}, jobs.Attempt{Last: true}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, captures, _ := idleCapturing(t, func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, "<!doctype html><title>A secret</title><p>A secret.")
			}, test.command...)
			var said bytes.Buffer
			captures.Log = slog.New(slog.NewJSONHandler(&said, nil))
			c.save(t, "/")
			target, _, err := c.uses.CaptureOf(t.Context(), c.analyst, "src-paper")
			if err != nil {
				t.Fatal(err)
			}
			err = captures.Take(t.Context(), target.ID, test.attempt)
			after, kept, found := c.uses.CaptureOf(t.Context(), c.analyst, "src-paper")
			if (err == nil) != (test.kept == 1) || len(kept) != test.kept || found != nil {
				t.Fatalf("%d copies: %v, %v", len(kept), err, found)
			}
			if err != nil {
				return
			}
			if k := kept[0]; after.State != register.CaptureKept || k.Text+k.Title != "" || k.Type != "text/html" || k.WARCSize == 0 {
				t.Errorf("%+v: %+v", after, k)
			}
			if log := said.String(); !strings.Contains(log, target.ID) || !strings.Contains(log, "without its text") || strings.Contains(log, "secret") {
				t.Errorf("the log says %s", log)
			}
		})
	}
}

// TestWhatIsWrongWithAnAddressIsNoFailureOfTheJob: the desk says what it is, and
// nobody tries again.
func TestWhatIsWrongWithAnAddressIsNoFailureOfTheJob(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	c := newCapturing(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		http.Redirect(w, r, "http://"+net.JoinHostPort("127.0.0.1", "1")+"/", http.StatusFound)
	})
	c.save(t, "/")
	target, kept := c.until(t, func(t register.CaptureTarget) bool { return !t.Waits })
	if target.State != register.CaptureFailed || target.Reason != register.CaptureRefused || len(kept) > 0 || asked.Load() != 1 {
		t.Errorf("%+v, asked %d times", target, asked.Load())
	}
}

// TestABusyPageIsAskedAgain after as long as it said.
func TestABusyPageIsAskedAgain(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	c := newCapturing(t, func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) == 1 {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, "A text.")
	})
	c.save(t, "/")
	if target, kept := c.until(t, func(t register.CaptureTarget) bool { return t.State == register.CaptureKept }); len(kept) != 1 || target.Tries != 0 {
		t.Errorf("%+v", target)
	}
	if asked.Load() != 2 {
		t.Errorf("asked %d times", asked.Load())
	}
}

// TestCapturesThatAreOff are done with nothing.
func TestCapturesThatAreOff(t *testing.T) {
	t.Parallel()
	db := testkit.Database(t)
	desk := store.Wrap(db.Desk())
	uses := editorial.New(desk, time.Now).WithCaptures()
	err := uses.SaveSources(t.Context(), testkit.Staff(t, db)[testkit.Analyst], []register.Source{{
		Key: "src-paper", Kind: register.SourceOfficial, Publisher: "La caisse", Language: "fr", URL: "https://example.invalid/",
	}})
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	var d done
	j := start(t, desk, d.tasks(), slog.New(slog.NewTextHandler(&log, nil)))
	enqueue(t, desk, "after it")
	d.expect(t, "after it")
	stop(t, j)
	var left int
	if err := db.Owner().QueryRow(t.Context(), `SELECT count(*) FROM jobs.river_job WHERE kind = 'capture-source' AND state <> 'completed'`).Scan(&left); err != nil || left > 0 || log.Len() > 0 {
		t.Errorf("%d left, %v: %s", left, err, &log)
	}
}
