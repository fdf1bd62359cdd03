package capture

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	// patience is how long to get and to examine what stands at an address may
	// take in all: less than who sent the form waits for his answer.
	patience      = 20 * time.Second
	mostRedirects = 5
	// maxHead is how large the head of an answer may be.
	maxHead = 64 << 10
	// maxWire is what the answers of one visit may be in all: their heads, their
	// bodies as they are encoded, and what frames the bodies in chunks. It is one
	// budget for all of them, since all are held until the file is written.
	maxWire = MaxBytes + maxHead + 1<<20
	// maxAside is how much is kept of the body of an answer that redirects: it is a
	// line for who does not follow, and nobody looks at it.
	maxAside = 64 << 10
)

// What can be wrong with an answer.
var (
	errTooLarge  = errors.New("capture: larger than is taken")
	errHead      = errors.New("capture: the head of the answer is too large")
	errTLS       = errors.New("capture: no safe connection")
	errRedirects = errors.New("capture: too many redirects")
	errBrokenOff = errors.New("capture: the answer broke off")
	errEncoding  = errors.New("capture: an encoding that was not asked for")
)

// Hop is one request with its answer, as they went over the wire.
type Hop struct {
	URL      *url.URL
	At       time.Time
	Peer     netip.AddrPort
	Request  []byte // as it was sent
	Response []byte // as it came: status, head, and the body as it was framed
	Entity   []byte // the body without its frames, as it was encoded
	IsCut    bool   // whether there was more of the body, which was not asked for
	Status   int
	Header   http.Header
}

// visit asks an address and follows where it redirects, one connection for each
// request: no proxy, no cookie, no referrer, nothing that is kept. The last hop
// is the answer, whatever its status. The context says how long it may take.
func (r Reach) visit(ctx context.Context, u *url.URL, at time.Time) ([]Hop, error) {
	var hops []Hop
	left := maxWire
	for {
		if err := checkURL(u); err != nil {
			return hops, err
		}
		hop, err := r.ask(ctx, u, at, left)
		if err != nil {
			return hops, err
		}
		left -= len(hop.Response)
		hops = append(hops, hop)
		next, err := hop.next()
		switch {
		case err != nil:
			return hops, err
		case next == nil:
			return hops, nil
		case len(hops) > mostRedirects:
			return hops, errRedirects
		}
		u = next
	}
}

// redirects reports whether an answer with a status and a head sends elsewhere.
func redirects(status int, head http.Header) bool {
	return head.Get("Location") != "" && slices.Contains([]int{
		http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect,
	}, status)
}

// next is where an answer redirects; nil when it does not.
func (h *Hop) next() (*url.URL, error) {
	if !redirects(h.Status, h.Header) {
		return nil, nil //nolint:nilnil // it is the answer
	}
	next, err := h.URL.Parse(h.Header.Get("Location"))
	if err != nil {
		return nil, errNotPublic
	}
	next.Fragment = ""
	return next, nil
}

// ask sends one request and reads its answer, of which no more than what is left may
// come over the wire.
func (r Reach) ask(ctx context.Context, u *url.URL, at time.Time, left int) (Hop, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return Hop{}, errNotPublic
	}
	request.Header = http.Header{
		"User-Agent": {"Mozilla/5.0 (compatible)"}, "Accept": {"*/*"}, "Accept-Encoding": {"identity"},
	}
	line := &wire{most: left}
	transport := r.transport(line)
	defer transport.CloseIdleConnections()
	response, err := transport.RoundTrip(request)
	if err != nil {
		return Hop{}, line.blame(ctx, err)
	}
	defer response.Body.Close() //nolint:errcheck // it was only read
	// Nobody asked for another protocol. The connection of such an answer is no longer the
	// client's, which closes it neither when the time is over nor when nobody waits any more:
	// who read it would wait for as long as the server likes.
	if response.StatusCode == http.StatusSwitchingProtocols {
		return Hop{}, fmt.Errorf("%w: it goes on in another protocol", errBrokenOff)
	}
	most, length := MaxBytes, response.ContentLength
	isAside := redirects(response.StatusCode, response.Header)
	if isAside {
		most = maxAside
	}
	entity, err := io.ReadAll(io.LimitReader(response.Body, int64(most)+1))
	isCut := isAside && len(entity) > most
	switch {
	case err != nil:
		return Hop{}, line.blame(ctx, errors.Join(errBrokenOff, err))
	case isCut:
		entity, length = entity[:most], int64(most)
	case len(entity) > most:
		return Hop{}, errTooLarge
	}
	hop := Hop{URL: u, At: at, Entity: entity, IsCut: isCut, Status: response.StatusCode, Header: response.Header}
	hop.Peer, hop.Request, hop.Response = line.said()
	if len(response.TransferEncoding) > 0 {
		length = -1 // what was read of the frames is kept
	}
	hop.Response = trim(hop.Response, length)
	return hop, nil
}

// transport speaks HTTP/1.1 over one connection, which is recorded.
func (r Reach) transport(line *wire) *http.Transport {
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		connection, err := r.dialer().DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return line.over(connection), nil
	}
	return &http.Transport{
		Proxy: nil, DisableKeepAlives: true, DisableCompression: true, MaxResponseHeaderBytes: 2 * maxHead, // wire is stricter, and says so
		DialContext: dial,
		DialTLSContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			host, _, err := net.SplitHostPort(address)
			if err != nil {
				return nil, err
			}
			plain, err := r.dialer().DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			safe := tls.Client(plain, &tls.Config{
				ServerName: host, RootCAs: r.Authorities, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"},
			})
			if err := safe.HandshakeContext(ctx); err != nil {
				return nil, errors.Join(errTLS, err, plain.Close())
			}
			return line.over(safe), nil
		},
	}
}

// wire records what goes over one connection, and ends it when that is too
// much.
type wire struct {
	net.Conn

	mu       sync.Mutex
	most     int // that is read
	peer     netip.AddrPort
	headed   bool // whether the head has come as a whole
	sent     bytes.Buffer
	received bytes.Buffer
	fault    error
}

func (w *wire) over(connection net.Conn) *wire {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.Conn = connection
	if to, ok := connection.RemoteAddr().(*net.TCPAddr); ok {
		w.peer = to.AddrPort()
	}
	return w
}

// Read implements net.Conn.
func (w *wire) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.received.Write(p[:n])
	switch size := w.received.Len(); {
	case size > w.most:
		w.fault = errTooLarge
	case size > maxHead && !w.headed: // looked for once: a body may come in as many pieces as it likes
		if w.headed = headEnd(w.received.Bytes()[:maxHead]) >= 0; !w.headed {
			w.fault = errHead
		}
	}
	if w.fault != nil {
		return 0, w.fault
	}
	return n, err
}

// Write implements net.Conn. What is sent is noted before: the answer can be
// there, and be read by another goroutine, before Write returns.
func (w *wire) Write(p []byte) (int, error) {
	w.note(p)
	n, err := w.Conn.Write(p)
	if n < len(p) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.sent.Truncate(w.sent.Len() - len(p) + n)
	}
	return n, err
}

func (w *wire) note(p []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sent.Write(p)
}

// said is what went both ways.
func (w *wire) said() (peer netip.AddrPort, sent, received []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return netip.AddrPortFrom(w.peer.Addr().Unmap(), w.peer.Port()), bytes.Clone(w.sent.Bytes()), bytes.Clone(w.received.Bytes())
}

// blame is why a request failed: because its time was over, because of what was
// recorded, or else as the client says.
func (w *wire) blame(ctx context.Context, err error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case w.fault != nil:
		return w.fault
	case w.received.Len() > 0:
		return errors.Join(errBrokenOff, err)
	}
	return err
}

// headEnd is where the head of an answer ends; -1 when it goes on.
func headEnd(raw []byte) int {
	for i := range raw {
		rest, ok := bytes.CutPrefix(raw[i:], []byte("\n"))
		if !ok {
			continue
		}
		if bytes.HasPrefix(rest, []byte("\n")) {
			return i + 2
		}
		if bytes.HasPrefix(rest, []byte("\r\n")) {
			return i + 3
		}
	}
	return -1
}

// trim leaves of what came the answer itself: neither those before it that only
// say that it will come (1xx), nor what came after the length that it gave.
func trim(raw []byte, length int64) []byte {
	for {
		end := headEnd(raw)
		if end < 0 {
			return raw
		}
		_, status, _ := strings.Cut(string(raw[:min(end, 16)]), " ")
		if !strings.HasPrefix(status, "1") {
			if all := int64(end) + length; length >= 0 && all < int64(len(raw)) {
				return raw[:all]
			}
			return raw
		}
		raw = raw[end:]
	}
}

// body is what an answer says once it is decoded, at most MaxBytes of it:
// decoded bytes are counted, since a small file can hold a large one.
func (h *Hop) body() ([]byte, error) {
	switch encoding := strings.ToLower(strings.TrimSpace(h.Header.Get("Content-Encoding"))); encoding {
	case "", "identity":
		return h.Entity, nil
	case "gzip", "x-gzip":
		unpacked, err := gzip.NewReader(bytes.NewReader(h.Entity))
		if err != nil {
			return nil, errors.Join(errBrokenOff, err)
		}
		content, err := io.ReadAll(io.LimitReader(unpacked, MaxBytes+1))
		switch {
		case len(content) > MaxBytes:
			return nil, errTooLarge
		case err != nil:
			return nil, errors.Join(errBrokenOff, err)
		}
		return content, nil
	default:
		return nil, fmt.Errorf("%w: %.20q", errEncoding, encoding)
	}
}
