package pagecache

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestAPublicationWhilePagesAreSaved: they are collected, one of them is withdrawn, and the
// file of before is deleted. They must not be put there again.
func TestAPublicationWhilePagesAreSaved(t *testing.T) {
	t.Parallel()
	var meanwhile func()
	now := time.Date(2025, 4, 10, 12, 0, 0, 0, time.UTC)
	c := New(Config{
		Next: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Cache-Control", "public")
			_, _ = w.Write([]byte("page"))
		}),
		Canonical:  func(r *http.Request) (string, bool) { return r.URL.Path, true },
		Generation: func(context.Context) (Generation, error) { return Generation{Record: 1}, nil },
		Day:        func(time.Time) string { return "" },
		Now: func() time.Time {
			if do := meanwhile; do != nil {
				meanwhile = nil
				do()
			}
			return now
		},
		Log: slog.New(slog.DiscardHandler), Patience: time.Minute, Folder: t.TempDir(),
	})
	c.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/fr/x", http.NoBody))
	meanwhile = func() { c.Learn(Generation{Record: 2}) } // collect asks for the time
	if err := c.writeSaved(); err != nil {
		t.Fatal(err)
	}
	if meanwhile != nil {
		t.Fatal("nothing was published meanwhile")
	}
	if left, err := fs.Glob(os.DirFS(c.cfg.Folder), "*"); err != nil || len(left) > 0 {
		t.Errorf("%s is there: %v, %v", filepath.Base(c.cfg.Folder), left, err)
	}
}
