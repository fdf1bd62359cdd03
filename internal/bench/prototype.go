package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sijil/sijil/internal/memory"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/record"
	"github.com/sijil/sijil/internal/web"
	"github.com/sijil/sijil/internal/web/pagecache"
)

// prototype is one of the small servers that the register is compared with. It runs
// in a process of its own, pinned to a core.
func prototype(ctx context.Context, kind string, args []string) error {
	if len(args) != 2 {
		return errors.New("a prototype needs an address and a source")
	}
	build, ok := map[string]func(ctx context.Context, source string) (http.Handler, error){
		"bare": bare, "handler": handlerAlone, "slow": slowHandler, "blob": storedBlob, "cold": cold, "waste": waste, "stampede": stampede,
	}[kind]
	if !ok {
		return fmt.Errorf("there is no prototype %q", kind)
	}
	memory.Spend(os.Getenv) // as the program does: all prototypes alike
	h, err := build(ctx, args[1])
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", args[0])
	if err != nil {
		return err
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// bare is net/http with the very bytes of the page in memory.
func bare(_ context.Context, file string) (http.Handler, error) {
	body, err := os.ReadFile(file + ".gz") //nolint:gosec // of this run
	if err != nil {
		return nil, err
	}
	mediaType, length, encoding := []string{"text/html; charset=utf-8"}, []string{strconv.Itoa(len(body))}, []string{"gzip"}
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		h["Content-Type"], h["Content-Length"], h["Content-Encoding"] = mediaType, length, encoding
		_, _ = w.Write(body) //nolint:gosec // compressed
	}), nil
}

// handlerAlone is the page cache in front of nothing.
func handlerAlone(_ context.Context, file string) (http.Handler, error) {
	page, err := os.ReadFile(file) //nolint:gosec // of this run
	if err != nil {
		return nil, err
	}
	return pagecache.New(pagecache.Config{
		Next: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Header().Set("Cache-Control", "public, max-age=0")
			_, _ = w.Write(page) //nolint:gosec // our own page
		}),
		Canonical:  func(r *http.Request) (string, bool) { return r.URL.Path, true },
		Generation: func(context.Context) (pagecache.Generation, error) { return pagecache.Generation{Record: 1}, nil },
		Day:        func(time.Time) string { return "" },
		Now:        time.Now,
		Log:        slog.New(slog.DiscardHandler),
	}), nil
}

// slowHandler is the control: a middleware that does what nobody needs.
func slowHandler(ctx context.Context, file string) (http.Handler, error) {
	next, err := handlerAlone(ctx, file)
	needless := make([]byte, 64<<10)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sum := sha256.Sum256(needless)
		w.Header().Set("X-Needless", strconv.Itoa(int(sum[0])))
		next.ServeHTTP(w, r)
	}), err
}

// storedBlob reads the finished page from the database with one query.
func storedBlob(ctx context.Context, url string) (http.Handler, error) {
	db, err := store.Open(ctx, url, store.PublicSide)
	if err != nil {
		return nil, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body []byte
		if err := db.Querier().QueryRow(r.Context(), "SELECT body FROM bench.pages WHERE path = $1", r.URL.Path).Scan(&body); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(body)
	}), nil
}

// site is the public side as it is, with a cache of some bytes.
func site(records web.Records, cacheBytes int64) (*web.Site, error) {
	return web.New(web.Config{
		BaseURL: "https://sijil.example", Records: records, Now: time.Now, Log: slog.New(slog.DiscardHandler), CacheBytes: cacheBytes,
	})
}

// cold makes each page anew: nothing fits into a cache of one byte.
func cold(ctx context.Context, url string) (http.Handler, error) {
	db, err := store.Open(ctx, url, store.PublicSide)
	if err != nil {
		return nil, err
	}
	return site(record.NewStore(db), 1) //nolint:contextcheck // each request has its own
}

// wasted is how often the control makes a page for each reader.
const wasted = 20

// waste is the control: it makes each page many times over.
func waste(ctx context.Context, url string) (http.Handler, error) {
	next, err := cold(ctx, url)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for range wasted - 1 {
			next.ServeHTTP(&answer{header: http.Header{}}, r)
		}
		next.ServeHTTP(w, r)
	}), err
}

// ageless is the record without a generation: the site in front of it has nothing by
// which it could let readers wait for one page, and makes one for each.
type ageless struct{ *record.Store }

// Generation implements web.Records.
func (ageless) Generation(context.Context) (register.Generation, error) {
	return register.Generation{}, errors.New("a record without a generation")
}

// atLeast is how many make the page in a stampede, whoever waits: on one core the first is
// often done before the second has begun.
const atLeast = 8

// stampede is the control: a cache that lets all who wait make the page, and the first
// eight in any case. POST /publish empties it, and GET /made tells how many pages were made.
func stampede(ctx context.Context, url string) (http.Handler, error) {
	db, err := store.Open(ctx, url, store.PublicSide)
	if err != nil {
		return nil, err
	}
	s, err := site(ageless{record.NewStore(db)}, 0) //nolint:contextcheck // each request has its own
	if err != nil {
		return nil, err
	}
	var made, left atomic.Int64
	var pages sync.Map // of *answer, by path
	mux := http.NewServeMux()
	mux.HandleFunc("POST /publish", func(http.ResponseWriter, *http.Request) {
		left.Store(atLeast)
		pages.Clear()
	})
	mux.HandleFunc("GET /made", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, made.Load()) })
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		page, ok := pages.Load(r.URL.Path)
		if left.Add(-1) >= 0 || !ok {
			made.Add(1)
			page = &answer{header: http.Header{}}
			s.ServeHTTP(page.(*answer), r)
			pages.Store(r.URL.Path, page)
		}
		w.Header().Set("Content-Type", page.(*answer).header.Get("Content-Type"))
		_, _ = w.Write(page.(*answer).body) //nolint:gosec // our own page
	})
	return mux, nil
}

// answer takes what a handler writes.
type answer struct {
	header http.Header
	body   []byte
}

func (a *answer) Header() http.Header { return a.header }
func (a *answer) WriteHeader(int)     {}
func (a *answer) Write(b []byte) (int, error) {
	a.body = append(a.body, b...)
	return len(b), nil
}
