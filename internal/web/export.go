package web

import (
	"compress/gzip"
	"context"
	"errors"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/observe"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/web/pagecache"
	"github.com/sijil/sijil/internal/web/public"
)

const (
	// exportTimeout bounds a whole file, and exportPatience each of its parts: who
	// does not read on is let go.
	exportTimeout  = time.Hour
	exportPatience = 30 * time.Second
	// exportsEach is how many exports one network may have under way.
	exportsEach = 2
	// defaultExportRate is how many exports a network may ask for in a minute.
	defaultExportRate = 30
)

// exports counts the files that are being made: each holds a connection to the
// database for as long as its reader takes.
type exports struct {
	limiter *limiter
	mu      sync.Mutex
	most    int
	running int
	by      map[string]int // by network
}

func newExports(most, rate int) *exports {
	return &exports{limiter: newLimiter("network", rate), most: most, by: map[string]int{}}
}

// begin takes a place, which the caller gives back; errBusy where there is none,
// at once: a reader who waits for an hour's file had better ask again.
func (x *exports) begin(network string) (end func(), err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.running >= x.most || x.by[network] >= exportsEach {
		return nil, errBusy
	}
	x.running++
	x.by[network]++
	return func() {
		x.mu.Lock()
		defer x.mu.Unlock()
		x.running--
		if x.by[network]--; x.by[network] == 0 {
			delete(x.by, network)
		}
	}, nil
}

// places is how many of the places are taken.
func (x *exports) places() observe.Places {
	x.mu.Lock()
	defer x.mu.Unlock()
	return observe.Places{Taken: x.running, All: x.most}
}

// isExport reports whether an address is that of a file of any length.
func isExport(r *http.Request) bool {
	parts := strings.Split(r.URL.Path, "/")
	return len(parts) == 4 && slices.Contains(i18n.Langs(), parts[1]) && parts[2] == "exports" || len(parts) == 3 && parts[1] == "exports"
}

// export streams what is published. It is kept by no cache here: it may be larger
// than all others together.
func (a *app) export(w http.ResponseWriter, r *http.Request) error {
	at, ok := a.routes.find(r.URL.Path)
	if !ok {
		return register.ErrNotFound
	}
	// A filter that is ignored would give everything.
	for name := range r.URL.Query() {
		if !slices.Contains(at.route.Params, name) {
			return register.ErrInvalid
		}
	}
	of := network(a.peer(r))
	if !a.exports.limiter.take(of, a.cfg.Now()).tell(w.Header()) {
		return errThrottled
	}
	end, err := a.exports.begin(of)
	if err != nil {
		return err
	}
	defer end()
	request := public.Request{Lang: at.lang, Path: at.rest, Params: at.params, Query: at.route.known(r.URL.Query())}
	file, err := a.pages.Export(r.Context(), request)
	if err != nil {
		return err
	}
	out := newStreamed(w, r, file)
	if r.Method == http.MethodHead {
		out.start()
		return nil
	}
	if err = file.Write(r.Context(), out); err == nil {
		err = out.close()
	}
	switch target, moved := public.ExportMoved(err, request); {
	case err == nil:
		return nil
	case moved && !out.started:
		redirect(w, r, http.StatusMovedPermanently, target)
		return nil
	case out.started:
		a.logFailure(r, http.StatusInternalServerError, requestID(r.Context()), err)
		panic(http.ErrAbortHandler) // half a file must not look like a whole one
	}
	return err
}

// streamed is an answer that begins with its first byte, and lets go who does not
// read on.
type streamed struct {
	w       http.ResponseWriter
	r       *http.Request
	file    public.Export
	zip     *gzip.Writer // nil: as it is
	started bool
}

func newStreamed(w http.ResponseWriter, r *http.Request, file public.Export) *streamed {
	s := &streamed{w: w, r: r, file: file}
	if file.MediaType != "application/zip" && pagecache.AcceptsGzip(r.Header["Accept-Encoding"]) {
		s.zip = gzip.NewWriter(patient{w})
	}
	return s
}

// start sends the head.
func (s *streamed) start() {
	s.started = true
	h := s.w.Header()
	h.Set("Cache-Control", "no-cache")
	h.Set("Vary", "Accept-Encoding")
	h.Set("Content-Type", s.file.MediaType)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": s.file.Name}))
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Access-Control-Allow-Origin", "*")
	if s.file.Lang != "" {
		h.Set("Content-Language", s.file.Lang)
	}
	if s.zip != nil {
		h.Set("Content-Encoding", "gzip")
	}
	s.w.WriteHeader(http.StatusOK)
}

// Write implements io.Writer.
func (s *streamed) Write(b []byte) (int, error) {
	if !s.started {
		s.start()
	}
	if s.zip != nil {
		return s.zip.Write(b)
	}
	return patient{s.w}.Write(b)
}

// close ends what was begun.
func (s *streamed) close() error {
	if !s.started {
		s.start() // an export may be empty
	}
	if s.zip == nil {
		return nil
	}
	return s.zip.Close()
}

// patient writes what a reader has to take within exportPatience.
type patient struct{ w http.ResponseWriter }

// Write implements io.Writer.
func (p patient) Write(b []byte) (int, error) {
	// A context knows the time of this machine; the clock of the site may be another.
	ctx, cancel := context.WithTimeout(context.Background(), exportPatience)
	defer cancel()
	deadline, _ := ctx.Deadline()
	if err := http.NewResponseController(p.w).SetWriteDeadline(deadline); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return 0, err
	}
	return p.w.Write(b)
}

// dump hands out a file that was made at night, of which a reader may have a copy.
func (a *app) dump(w http.ResponseWriter, r *http.Request) error {
	of := network(a.peer(r))
	if !a.exports.limiter.take(of, a.cfg.Now()).tell(w.Header()) {
		return errThrottled
	}
	end, err := a.exports.begin(of)
	if err != nil {
		return err
	}
	defer end()
	d, headers, err := a.pages.Dump(r.Context(), strings.TrimPrefix(r.URL.Path, "/exports/"))
	if err != nil {
		return err
	}
	headers.Set("Cache-Control", "no-cache") // what is withdrawn takes it along
	send := func(status int) {
		maps.Copy(w.Header(), headers)
		w.WriteHeader(status)
	}
	switch {
	case r.Header.Get("If-None-Match") == headers.Get("ETag"):
		headers.Del("Content-Length")
		send(http.StatusNotModified)
		return nil
	case r.Method == http.MethodHead:
		send(http.StatusOK)
		return nil
	}
	begun := false
	err = a.pages.WriteDump(r.Context(), writerFunc(func(b []byte) (int, error) {
		if !begun {
			send(http.StatusOK)
			begun = true
		}
		return patient{w}.Write(b)
	}), d)
	if err != nil && begun {
		a.logFailure(r, http.StatusInternalServerError, requestID(r.Context()), err)
		panic(http.ErrAbortHandler) // as of an export
	}
	return err
}

// writerFunc is an io.Writer that is a function.
type writerFunc func([]byte) (int, error)

// Write implements io.Writer.
func (f writerFunc) Write(b []byte) (int, error) { return f(b) }
