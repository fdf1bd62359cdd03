package web

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/sijil/sijil/internal/web/public"
	"github.com/sijil/sijil/views/assets"
)

// middleware wraps the router, from the outside in: identity and log, the trace,
// the safety net, headers, the edge that refuses, the deadline.
func (a *app) middleware(next http.Handler) http.Handler {
	return a.observe(a.traced(a.recoverPanic(a.setHeaders(a.edge(a.deadline(next))))))
}

// requestKey is the context key of what is known of a request.
type requestKey struct{}

// known is what is known of a request: the id under which it is logged, the pattern of
// its route once that is found, and the account of staff that makes it.
type known struct{ id, route, account string }

// requestID returns the id under which a request is logged.
func requestID(ctx context.Context) string {
	if k, ok := ctx.Value(requestKey{}).(*known); ok {
		return k.id
	}
	return ""
}

// noteRoute notes the route of a request for who counts them.
func noteRoute(ctx context.Context, route *compiled) {
	if k, ok := ctx.Value(requestKey{}).(*known); ok {
		k.route = route.Pattern
	}
}

// noteAccount notes whose request it is, of staff.
func noteAccount(ctx context.Context, account string) {
	if k, ok := ctx.Value(requestKey{}).(*known); ok {
		k.account = account
	}
}

// observe gives the request an id of our own, never one that came with it, and
// logs it when it is answered. What a reader looked for, and who he is, are
// nobody's business: the log has the path without its query and the address
// cut to its network. Of staff it has the account where something was refused to it
// that it may not do. Pages that the cache answers do not come here.
func (a *app) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, start := newRequestID(), a.cfg.Now()
		is := &known{id: id, route: "none"}
		r = r.WithContext(context.WithValue(r.Context(), requestKey{}, is))
		seen := &observed{ResponseWriter: w}
		seen.Header().Set("X-Request-Id", id)
		next.ServeHTTP(seen, r)
		a.count(r, is.route, seen.status, a.cfg.Now().Sub(start))
		attrs := []slog.Attr{
			slog.String("id", id), slog.String("method", r.Method), slog.String("path", hushed(r.URL.Path)),
			slog.Int("status", seen.status), slog.Int("bytes", seen.bytes),
			slog.Duration("took", a.cfg.Now().Sub(start)), slog.String("network", network(a.peer(r))),
		}
		if seen.status == http.StatusForbidden && is.account != "" {
			attrs = append(attrs, slog.String("account", is.account))
		}
		a.cfg.Log.LogAttrs(r.Context(), slog.LevelInfo, "request", attrs...) //nolint:contextcheck // the request's own, with its id
	})
}

func newRequestID() string { return strings.ToLower(rand.Text()[:16]) }

// observed notes what was answered.
type observed struct {
	http.ResponseWriter
	status int
	bytes  int
}

func (o *observed) WriteHeader(status int) {
	if o.status == 0 {
		o.status = status
	}
	o.ResponseWriter.WriteHeader(status)
}

func (o *observed) Write(b []byte) (int, error) {
	if o.status == 0 {
		o.status = http.StatusOK
	}
	n, err := o.ResponseWriter.Write(b)
	o.bytes += n
	return n, err
}

// Unwrap gives http.ResponseController the writer below.
func (o *observed) Unwrap() http.ResponseWriter { return o.ResponseWriter }

// recoverPanic turns a panic into the page for our own faults, and into a log
// line with its stack.
func (a *app) recoverPanic(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			v := recover()
			if v == http.ErrAbortHandler { //nolint:errorlint // it is this very value
				panic(v) // an answer that broke off: the connection ends with it
			}
			if v != nil {
				a.fail(w, r, fmt.Errorf("panic: %v\n%s", v, debug.Stack()))
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// securityHeaders are sent with every answer. The policy allows what comes
// from this site, and of what stands in a page the one script by its hash: cached
// pages are shared, so there is no nonce.
func (a *app) securityHeaders() map[string]string {
	headers := map[string]string{
		"Content-Security-Policy": strings.Join([]string{
			"default-src 'none'", "script-src 'self' " + assets.ThemeSource(), "style-src 'self'", "img-src 'self' data:",
			"font-src 'self'", "connect-src 'self'", "manifest-src 'self'", "form-action 'self'", "base-uri 'none'",
			"frame-ancestors 'none'",
		}, "; "),
		"X-Content-Type-Options":       "nosniff",
		"Referrer-Policy":              "same-origin",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Permissions-Policy":           "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
	}
	if a.secure {
		headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
	}
	return headers
}

// embedHeaders replace those of all other answers on what other sites show in a
// frame: any site may, and there is no script, no form and no font in it.
func embedHeaders() map[string]string {
	return map[string]string{
		"Content-Security-Policy": strings.Join([]string{
			"default-src 'none'", "style-src 'self'", "form-action 'none'", "base-uri 'none'", "frame-ancestors *",
		}, "; "),
		"Cross-Origin-Resource-Policy": "cross-origin",
	}
}

// isEmbed reports whether an address is of what other sites show in a frame.
func isEmbed(path string) bool { return strings.HasPrefix(path, "/embed/") }

func (a *app) setHeaders(next http.Handler) http.Handler {
	headers, embedded := a.securityHeaders(), embedHeaders()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range headers {
			w.Header().Set(name, value)
		}
		if isEmbed(r.URL.Path) {
			for name, value := range embedded {
				w.Header().Set(name, value)
			}
		}
		next.ServeHTTP(w, r)
	})
}

// edge refuses what no link of the register can have made, and sends paths
// with slashes too many or too few to the page that they mean.
func (a *app) edge(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		writes := r.Method == http.MethodPost && (a.isDesk(r) || isDrafts(r.URL.Path)) || r.Method == http.MethodPut && isDrafts(r.URL.Path)
		if r.Method != http.MethodGet && r.Method != http.MethodHead && !writes {
			w.Header().Set("Allow", "GET, HEAD")
			switch {
			case isDrafts(r.URL.Path):
				w.Header().Set("Allow", draftMethods)
			case isOpen(r.URL.Path):
				w.Header().Set("Allow", readMethods)
			}
			a.fail(w, r, errMethod)
			return
		}
		if err := cmp.Or(checkAddress(r.URL), checkHeaders(r.Header)); err != nil {
			a.fail(w, r, err)
			return
		}
		if bare := strings.TrimRight(r.URL.Path, "/"); a.isDesk(r) && bare != r.URL.Path && r.Method != http.MethodPost {
			w.Header().Set("Cache-Control", "no-store")
			redirect(w, r, http.StatusFound, bare)
			return
		}
		if target, ok := a.routes.slashed(r.URL.Path); ok {
			at, _ := a.routes.find(target)
			redirect(w, r, http.StatusMovedPermanently, a.routes.link(at, target, r.URL.Query()))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// deadline bounds the time that an answer may take.
func (a *app) deadline(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		limit := a.cfg.Timeout
		switch {
		case a.isDesk(r), isDrafts(r.URL.Path):
			limit = deskTimeout
		case isExport(r):
			limit = exportTimeout
		}
		ctx, cancel := context.WithTimeout(r.Context(), limit)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// peer is the reader's address: that of the connection, or, behind proxies
// that are trusted, the last address in X-Forwarded-For that is none of them.
func (a *app) peer(r *http.Request) netip.Addr {
	addrPort, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	peer := addrPort.Addr().Unmap()
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		if !a.trusted(peer) {
			break
		}
		before, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			break
		}
		peer = before.Unmap()
	}
	return peer
}

// peerText is the reader's address in the form of a connection's other end.
func (a *app) peerText(r *http.Request) string {
	peer := a.peer(r)
	if !peer.IsValid() {
		return r.RemoteAddr
	}
	return netip.AddrPortFrom(peer, 0).String()
}

func (a *app) trusted(peer netip.Addr) bool {
	return slices.ContainsFunc(a.cfg.TrustedProxies, func(p netip.Prefix) bool { return p.Contains(peer) })
}

// network cuts an address to the network that it is in, too wide to name a
// reader.
func network(peer netip.Addr) string {
	bits := public.LoggedBits6
	if peer.Is4() {
		bits = public.LoggedBits4
	}
	prefix, err := peer.WithZone("").Prefix(bits)
	if err != nil {
		return ""
	}
	return prefix.String()
}
