package web_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/blob"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/web"
)

// dumped is a record with dumps, about which a test decides.
type dumped struct {
	*fake
	dump func(context.Context) error
}

// Dump implements web.Records.
func (d dumped) Dump(ctx context.Context, name string) (register.Dump, error) {
	if name == "none.jsonl.gz" {
		return register.Dump{}, register.ErrNotFound
	}
	return register.Dump{Name: name, MediaType: "application/gzip", TakenAt: testkit.FoundingDay(), SHA256: register.HashOf(nil)}, d.dump(ctx)
}

// newDumps is a site with dumps.
func newDumps(t *testing.T, dump func(context.Context) error, change func(*web.Config)) *stage {
	t.Helper()
	blobs, err := blob.NewFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return newStage(t, func(c *web.Config) {
		c.Records, c.Blobs = dumped{&fake{generation: 1}, dump}, blobs
		change(c)
	})
}

const dumpPath = "/exports/sijil-2025-04-10.jsonl.gz"

func from(address string) func(*http.Request) {
	return func(r *http.Request) { r.RemoteAddr = address + ":1234" }
}

// TestDumpsHaveTheirRate: one network takes so many in a minute, of dumps and of exports
// together, whether there is such a dump or not; another takes its own.
func TestDumpsHaveTheirRate(t *testing.T) {
	t.Parallel()
	s := newDumps(t, func(context.Context) error { return nil }, func(c *web.Config) { c.ExportRate = 4 })
	ask := func(path, address string) *testkit.Answer {
		t.Helper()
		return testkit.Ask(t, s, path, by(http.MethodHead), from(address))
	}
	for i, c := range []struct {
		path   string
		status int
	}{
		{dumpPath, http.StatusOK},
		{"/exports/none.jsonl.gz", http.StatusNotFound},
		{dumpPath, http.StatusOK},
		{"/fr/exports/jsonl", http.StatusNotFound}, // of which this site has none
		{dumpPath, http.StatusTooManyRequests},
	} {
		a := ask(c.path, "203.0.113.7")
		if a.Status != c.status || (a.Header.Get("Retry-After") != "") != (c.status == http.StatusTooManyRequests) {
			t.Errorf("number %d, %s: status %d, want %d, %v", i+1, c.path, a.Status, c.status, a.Header)
		}
	}
	if a := ask(dumpPath, "203.0.114.7"); a.Status != http.StatusOK {
		t.Errorf("another network: status %d", a.Status)
	}
	s.clock.Advance(time.Minute)
	if a := ask(dumpPath, "203.0.113.8"); a.Status != http.StatusOK {
		t.Errorf("a minute later: status %d", a.Status)
	}
}

// TestFilesUnderWayAreFew: of dumps and exports together there are so many at a time, and
// one network has two of them at most, so that it leaves some to others.
func TestFilesUnderWayAreFew(t *testing.T) {
	t.Parallel()
	inside, leave := make(chan bool), make(chan bool)
	hold := func() {
		inside <- true
		<-leave
	}
	s := newDumps(t, func(context.Context) error { hold(); return nil }, func(c *web.Config) {
		exportsOf(func(_ context.Context, _ register.ExportScope, begin register.ExportBegin) error {
			_, err := begin(register.ExportState{})
			hold()
			return err
		})(c)
		c.Limits = map[web.Class]int{web.ClassExport: 3}
	})
	done := make(chan int)
	begin := func(path, address string) {
		t.Helper()
		go func() { done <- testkit.Ask(t, s, path, from(address)).Status }()
		<-inside
	}
	refused := func(what, path, address string) {
		t.Helper()
		got := make(chan *testkit.Answer, 1)
		go func() { got <- testkit.Ask(t, s, path, from(address)) }()
		select {
		case a := <-got:
			if a.Status != http.StatusServiceUnavailable || a.Header.Get("Retry-After") == "" {
				t.Errorf("%s: status %d, %v", what, a.Status, a.Header)
			}
		case <-inside:
			t.Fatalf("%s is let in", what)
		}
	}
	begin(dumpPath, "203.0.113.7")
	begin("/fr/exports/jsonl", "203.0.113.8")
	refused("a third one of a network", dumpPath, "203.0.113.9")
	refused("a third one of a network, an export", "/fr/exports/jsonl", "203.0.113.9")
	begin(dumpPath, "203.0.114.7")
	refused("one too many", dumpPath, "203.0.115.7")
	refused("one too many, an export", "/fr/exports/jsonl", "203.0.115.7")
	for range 3 {
		leave <- true
	}
	for range 3 {
		if status := <-done; status != http.StatusOK {
			t.Errorf("one that had a place: status %d", status)
		}
	}
	begin(dumpPath, "203.0.113.7")
	leave <- true
	if status := <-done; status != http.StatusOK {
		t.Errorf("afterwards: status %d", status)
	}
}
