package web_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/web"
	"github.com/sijil/sijil/internal/web/pagecache"
)

// TestWhateverShowsTheLogIsMadeAnew: a page that reads of checkpoints, keys,
// cosignatures or timestamps does not outlive the next one, whatever method of
// the record tells of them; a page that reads none does.
func TestWhateverShowsTheLogIsMadeAnew(t *testing.T) {
	t.Parallel()
	records := reflect.ValueOf(web.Watched(&fake{generation: 1}))
	shown := 0
	for i := range records.NumMethod() {
		name, method := records.Type().Method(i).Name, records.Method(i)
		aboutLog := false
		for out := range method.Type().Outs() {
			aboutLog = aboutLog || strings.Contains(out.String(), "register.Log")
		}
		if aboutLog {
			shown++
		}
		if aboutLog || name == "Home" {
			if again := madeAgain(t, method); again != aboutLog {
				t.Errorf("%s: a page that reads it is made anew after a signature: %t, want %t", name, again, aboutLog)
			}
		}
	}
	if shown < 6 {
		t.Errorf("%d methods tell of the log", shown)
	}
}

// madeAgain reports whether a page that calls a method of the record is made anew
// once the log was signed.
func madeAgain(t *testing.T, method reflect.Value) bool {
	t.Helper()
	made, signatures, now := 0, int64(0), time.Unix(0, 0)
	cache := pagecache.New(pagecache.Config{
		Next: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			made++
			args := []reflect.Value{reflect.ValueOf(r.Context())}
			for i := 1; i < method.Type().NumIn(); i++ {
				args = append(args, reflect.Zero(method.Type().In(i)))
			}
			method.Call(args)
			w.Header().Set("Cache-Control", "public, max-age=0")
			_, _ = w.Write([]byte("page"))
		}),
		Canonical: func(r *http.Request) (string, bool) { return r.URL.Path, true },
		Generation: func(context.Context) (pagecache.Generation, error) {
			return pagecache.Generation{Record: 1, Log: signatures}, nil
		},
		Day: func(time.Time) string { return "" }, Now: func() time.Time { return now },
		Log: slog.New(slog.DiscardHandler), Patience: patience,
	})
	for range 2 {
		cache.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/fr/x", http.NoBody))
		signatures, now = signatures+1, now.Add(2*time.Second)
	}
	return made == 2
}
