package capture_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/sijil/sijil/internal/capture"
	"github.com/sijil/sijil/internal/register"
)

// taking is when tests capture.
var taking = time.Date(2025, 4, 10, 12, 0, 0, 0, time.UTC)

// reasonOf is why nothing was captured.
func reasonOf(t *testing.T, err error) register.CaptureReason {
	t.Helper()
	refused, ok := errors.AsType[*capture.RefusedError](err)
	if !ok {
		t.Fatalf("no reason: %v", err)
	}
	return refused.Reason
}

// rawServer answers every connection with what answer writes, and reads one
// request before.
func rawServer(t *testing.T, answer func(net.Conn, string)) netip.AddrPort {
	t.Helper()
	var listening net.ListenConfig
	listener, err := listening.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer connection.Close() //nolint:errcheck // at the end of a test
				buffer := make([]byte, 64<<10)
				n, err := connection.Read(buffer)
				if err == nil {
					answer(connection, strings.Fields(string(buffer[:n]))[1])
				}
			}()
		}
	}()
	return netip.MustParseAddrPort(listener.Addr().String())
}

// answering is a server that says one thing.
func answering(words string) func(net.Conn, string) {
	return func(c net.Conn, _ string) { _, _ = io.WriteString(c, words) }
}

func bufioReader(content []byte) *bufio.Reader { return bufio.NewReader(bytes.NewReader(content)) }

// TestAHostileServerIsRefusedWithAReason: whatever it does, the capture ends, in
// its time and with a reason, and nothing else than the server is asked.
func TestAHostileServerIsRefusedWithAReason(t *testing.T) {
	t.Parallel()
	inner := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the inner server was asked") }))
	t.Cleanup(inner.Close)
	forever := func(c net.Conn, piece string, pause time.Duration) {
		for {
			if _, err := io.WriteString(c, piece); err != nil {
				return
			}
			time.Sleep(pause)
		}
	}
	large, packed := strings.Repeat("a", 1<<16), bomb(t)
	traps := map[string]struct {
		answer func(net.Conn)
		want   register.CaptureReason
	}{
		"/to-loopback": {func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 302 F\r\nLocation: "+inner.URL+"\r\n\r\n") }, register.CaptureRefused},
		"/to-metadata": {
			func(c net.Conn) {
				_, _ = io.WriteString(c, "HTTP/1.1 301 M\r\nLocation: http://169.254.169.254/latest/meta-data/\r\n\r\n")
			}, register.CaptureRefused,
		},
		"/to-number": {func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 307 T\r\nLocation: http://2130706433/\r\n\r\n") }, register.CaptureRefused},
		"/to-file":   {func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 302 F\r\nLocation: file:///etc/passwd\r\n\r\n") }, register.CaptureRefused},
		"/to-user": {
			func(c net.Conn) {
				_, _ = io.WriteString(c, "HTTP/1.1 302 F\r\nLocation: http://a:b@example.org/\r\n\r\n")
			}, register.CaptureRefused,
		},
		"/loop":    {func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 302 F\r\nLocation: /loop\r\n\r\n") }, register.CaptureRedirects},
		"/endless": {func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n"); forever(c, large, 0) }, register.CaptureTooLarge},
		"/chunks": {func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
			forever(c, "10000\r\n"+large+"\r\n", 0)
		}, register.CaptureTooLarge},
		// Nobody asked for another protocol; what comes then is no answer, and no time of ours bounds it.
		"/other-protocol": {func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
			_, _ = io.Copy(io.Discard, c) // silent for as long as we stay
		}, register.CaptureBrokenOff},
		"/many-continue": {func(c net.Conn) { forever(c, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", 0) }, register.CaptureBrokenOff},
		"/endless-trailer": {func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n")
			forever(c, "X-A: "+large+"\r\n", 0)
		}, register.CaptureBrokenOff},
		"/loris": {func(c net.Conn) { forever(c, "H", 50*time.Millisecond) }, register.CaptureSlow},
		"/dripping": {func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n")
			forever(c, "a", 50*time.Millisecond)
		}, register.CaptureSlow},
		"/head":     {func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n"); forever(c, "X-A: "+large+"\r\n", 0) }, register.CaptureHead},
		"/one-line": {func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nX-A: "); forever(c, large, 0) }, register.CaptureHead},
		"/short":    {func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort") }, register.CaptureBrokenOff},
		"/negative": {func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nx") }, register.CaptureBrokenOff},
		"/two": {func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx")
		}, register.CaptureBrokenOff},
		"/huge": {func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nx")
		}, register.CaptureBrokenOff},
		"/nothing": {func(net.Conn) {}, register.CaptureUnreachable},
		"/garbage": {func(c net.Conn) { _, _ = io.WriteString(c, "SSH-2.0-OpenSSH_9.9\r\n\r\n") }, register.CaptureBrokenOff},
		"/bomb": {func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n")
			_, _ = c.Write(packed)
		}, register.CaptureTooLarge},
		"/packed": {func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\nx") }, register.CaptureEncoding},
		"/403":    {func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 403 No\r\n\r\n") }, register.CaptureDenied},
		"/503":    {func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 503 Busy\r\nRetry-After: 60\r\n\r\n") }, register.CaptureBusy},
	}
	at := rawServer(t, func(c net.Conn, path string) {
		if trap, ok := traps[path]; ok {
			trap.answer(c)
		}
	})
	in := intake(t).WithReach(capture.Reach{Besides: []netip.AddrPort{at}, Patience: 4 * time.Second})
	for path, trap := range traps {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			_, err := in.Take(t.Context(), "http://"+at.String()+path, taking)
			if got := reasonOf(t, err); got != trap.want {
				t.Errorf("%s, want %s: %v", got, trap.want, err)
			}
		})
	}
}

// padded is the head of an answer, made long.
func padded(status string, n int) string {
	return "HTTP/1.1 " + status + "\r\nX-Pad: " + strings.Repeat("x", n) + "\r\n"
}

// redirecting redirects from /0 to /5 with an answer for each place, and answers there.
func redirecting(t *testing.T, aside func(to string) string, answer string) (*capture.Intake, string) {
	t.Helper()
	at := rawServer(t, func(c net.Conn, path string) {
		if path == "/5" {
			_, _ = io.WriteString(c, answer)
			return
		}
		_, _ = io.WriteString(c, aside("/"+string(path[1]+1)))
	})
	return intake(t).WithReach(capture.Reach{Besides: []netip.AddrPort{at}}), "http://" + at.String() + "/0"
}

// TestOfRedirectsLittleIsKept: a page behind five answers that redirect, each as large as a
// page may be, was 125 MB of file and twice that in memory. What is left out, the file says.
func TestOfRedirectsLittleIsKept(t *testing.T) {
	t.Parallel()
	large, chunk := strings.Repeat("a", capture.MaxBytes), "8000\r\n"+strings.Repeat("a", 0x8000)+"\r\n"
	for name, test := range map[string]struct {
		body  string // after the head's last field
		isCut bool
		most  int // of the answer
	}{
		"of a length":     {fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(large), large), true, 64<<10 + 100},
		"to the end":      {"\r\n" + large, true, 64<<10 + 100},
		"in chunks":       {"Transfer-Encoding: chunked\r\n\r\n" + strings.Repeat(chunk, 600) + "0\r\n\r\n", true, 72 << 10},
		"just as it may":  {fmt.Sprintf("Content-Length: %d\r\n\r\n%s", 64<<10, large[:64<<10]), false, 64<<10 + 100},
		"with no content": {"Content-Length: 0\r\n\r\n", false, 100},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in, first := redirecting(t, func(to string) string { return "HTTP/1.1 302 F\r\nLocation: " + to + "\r\n" + test.body }, "HTTP/1.1 200 OK\r\n\r\nA text.")
			taken, err := in.Take(t.Context(), first, taking)
			if err != nil || taken.Text != "A text." || len(taken.Hops) != 6 {
				t.Fatalf("%d hops, %q, %v", len(taken.Hops), taken.Text, err)
			}
			records, err := capture.ReadWARC(bytes.NewReader(warcOf(t, &taken)))
			if err != nil {
				t.Fatal(err)
			}
			for i, hop := range taken.Hops {
				r := records[1+2*i]
				want := map[bool]string{true: "length"}[test.isCut && i < 5]
				if hop.IsCut != (want != "") || r.Field("WARC-Truncated") != want || (r.Field("WARC-Payload-Digest") == "") != hop.IsCut {
					t.Errorf("hop %d: cut %v, %q", i, hop.IsCut, r.Fields)
				}
				if len(hop.Response) > test.most || len(hop.Entity) > 64<<10 {
					t.Errorf("hop %d: %d and %d bytes are kept, more than %d", i, len(hop.Response), len(hop.Entity), test.most)
				}
				if hop.IsCut && !strings.Contains(name, "chunks") && !bytes.HasSuffix(hop.Response, append([]byte("\r\n\r\n"), hop.Entity...)) {
					t.Errorf("hop %d: what is kept is not the begin of what came", i)
				}
			}
		})
	}
}

// TestAVisitHasOneBudget: what answers that redirect have used up by their heads and their
// frames, is not there for the page any more.
func TestAVisitHasOneBudget(t *testing.T) {
	t.Parallel()
	page := "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n\r\n" + strings.Repeat("\x00", capture.MaxBytes)
	for name, test := range map[string]struct {
		frames int // of a byte each
		want   register.CaptureReason
	}{"little before it": {10, ""}, "much before it": {60_000, register.CaptureTooLarge}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in, first := redirecting(t, func(to string) string {
				return padded("302 F", 50_000) + "Location: " + to + "\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat("1\r\na\r\n", test.frames) + "0\r\n\r\n"
			}, page)
			taken, err := in.Take(t.Context(), first, taking)
			switch {
			case test.want == "" && (err != nil || len(taken.Body) != capture.MaxBytes):
				t.Errorf("%d bytes, %v", len(taken.Body), err)
			case test.want != "" && reasonOf(t, err) != test.want:
				t.Errorf("%v", err)
			}
		})
	}
}

// TestABusyPageSaysWhenToComeBack keeps its word, within a day.
func TestABusyPageSaysWhenToComeBack(t *testing.T) {
	t.Parallel()
	at := rawServer(t, func(c net.Conn, path string) {
		_, _ = io.WriteString(c, "HTTP/1.1 429 Later\r\nRetry-After: "+path[1:]+"\r\n\r\n")
	})
	in := intake(t).WithReach(capture.Reach{Besides: []netip.AddrPort{at}})
	for said, want := range map[string]time.Duration{
		"60": time.Minute, "99999999": 24 * time.Hour,
		// As nanoseconds these are more than fits into 64 bits: less than nothing, and next to nothing.
		"9223372037": 24 * time.Hour, "9223372036854775807": 24 * time.Hour, "20211507185753197": 24 * time.Hour,
		"-5": 0, "soon": 0,
	} {
		_, err := in.Take(t.Context(), "http://"+at.String()+"/"+said, taking)
		if refused, ok := errors.AsType[*capture.RefusedError](err); !ok || refused.After != want || refused.Status != 429 || !refused.Reason.MayPass() {
			t.Errorf("%s: %v", said, err)
		}
	}
}

// nameServer answers for every name with the addresses that answer gives for
// the how-manieth question.
func nameServer(t *testing.T, answer func(question int) []netip.Addr) *net.Resolver {
	t.Helper()
	var listening net.ListenConfig
	socket, err := listening.ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = socket.Close() })
	var asked atomic.Int64
	go func() {
		buffer := make([]byte, 1<<12)
		for {
			n, from, err := socket.ReadFrom(buffer)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(buffer[:n]) != nil {
				continue
			}
			m.Response, m.Authoritative, m.Additionals = true, true, nil
			if q := m.Questions[0]; q.Type == dnsmessage.TypeA {
				for _, addr := range answer(int(asked.Add(1))) {
					m.Answers = append(m.Answers, dnsmessage.Resource{
						Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class}, Body: &dnsmessage.AResource{A: addr.As4()},
					})
				}
			}
			if packed, err := m.Pack(); err == nil {
				_, _ = socket.WriteTo(packed, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "udp", socket.LocalAddr().String())
	}}
}

// TestANameThatTurnsIntoAnotherAddress (DNS rebinding): the server of the first
// answer may be asked, as it stands for a public one; then its own name leads to
// an address that may not, on which a server waits.
func TestANameThatTurnsIntoAnotherAddress(t *testing.T) {
	t.Parallel()
	var port string
	var asked atomic.Int64
	at := rawServer(t, func(c net.Conn, path string) {
		asked.Add(1)
		_, _ = io.WriteString(c, "HTTP/1.1 302 F\r\nLocation: http://rebind.example:"+port+"/second\r\n\r\n")
	})
	port = fmt.Sprint(at.Port())
	var listening net.ListenConfig
	waiting, err := listening.Listen(t.Context(), "tcp", "127.0.0.2:"+port)
	if err != nil {
		t.Skipf("this system has no second loopback address: %v", err)
	}
	t.Cleanup(func() { _ = waiting.Close() })
	go func() {
		for {
			c, err := waiting.Accept()
			if err != nil {
				return
			}
			t.Error("the address that the name turned into was asked")
			_ = c.Close()
		}
	}()
	resolver := nameServer(t, func(question int) []netip.Addr {
		if question == 1 {
			return []netip.Addr{at.Addr()}
		}
		return []netip.Addr{netip.MustParseAddr("127.0.0.2")}
	})
	in := intake(t).WithReach(capture.Reach{Besides: []netip.AddrPort{at}, Resolver: resolver})
	_, err = in.Take(t.Context(), "http://rebind.example:"+port+"/first", taking)
	if got := reasonOf(t, err); got != register.CaptureRefused || asked.Load() != 1 {
		t.Errorf("%s after %d requests: %v", got, asked.Load(), err)
	}
}

// TestANameWithAGoodAndABadAddress leads to the good one only.
func TestANameWithAGoodAndABadAddress(t *testing.T) {
	t.Parallel()
	at := rawServer(t, func(c net.Conn, _ string) { _, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\nA text.") })
	resolver := nameServer(t, func(int) []netip.Addr { return []netip.Addr{netip.MustParseAddr("127.0.0.2"), at.Addr()} })
	in := intake(t).WithReach(capture.Reach{Besides: []netip.AddrPort{at}, Resolver: resolver})
	taken, err := in.Take(t.Context(), fmt.Sprintf("http://both.example:%d/", at.Port()), taking)
	if err != nil || taken.Answer().Peer != at || taken.Text != "A text." {
		t.Errorf("%+v, %v", taken, err)
	}
}

// TestNoNotationOfAnAddressLeadsInside: a server waits on the very ports, and
// the name server knows every name as this machine.
func TestNoNotationOfAnAddressLeadsInside(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("%s was asked", r.Host) }))
	t.Cleanup(server.Close)
	_, port, _ := strings.Cut(server.Listener.Addr().String(), ":")
	resolver := nameServer(t, func(int) []netip.Addr { return []netip.Addr{netip.MustParseAddr("127.0.0.1")} })
	in := intake(t).WithReach(capture.Reach{Resolver: resolver, Patience: 4 * time.Second})
	refused := []register.CaptureReason{register.CaptureRefused, register.CaptureMalformed}
	for _, host := range []string{
		"127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0x7F.1", "0177.0.0.1", "017700000001",
		"127.0.0.1.", "127.0.0.01", "127.0.0.1%00", "0", "0.0.0.0", "00.0.0.0", "127.0.0.0x1", "4294967295", "127.0.0.256",
		"[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::127.0.0.1]",
		"[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2001:0:4136:e378:8000:63bf:80ff:fffe]", "[fe80::1]", "[fe80::1%25lo]", "[fc00::1]",
		"[fec0::1]", "[ff02::1]", "[::1%25lo]", "[::ffff:0:127.0.0.1]",
		"localhost", "LOCALHOST.", "any.example", "any.example.", "user@127.0.0.1", "example.org@127.0.0.1", "example.org:80@127.0.0.1",
		"127。0。0。1", "127．0．0．1", "１２７.０.０.１", "①②⑦.⓪.⓪.①", "127.0.0.1\u200b", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "١٢٧.٠.٠.١",
		"169.254.169.254", "2852039166", "[::ffff:169.254.169.254]", "[fd00:ec2::254]", "100.100.100.200", "192.0.0.192",
	} {
		for _, end := range []string{"", ":" + port} {
			_, err := in.Take(t.Context(), "http://"+host+end+"/", taking)
			if got := reasonOf(t, err); !slices.Contains(refused, got) && got != register.CaptureUnreachable {
				t.Errorf("%s%s: %s: %v", host, end, got, err)
			}
		}
	}
	for _, address := range []string{
		"", "/", "//127.0.0.1/", "http:127.0.0.1", "http:///127.0.0.1", "file:///etc/passwd", "gopher://127.0.0.1/", "ftp://127.0.0.1/",
		"jar:http://127.0.0.1!/", "HTTP://127.0.0.1/", "http://127.0.0.1\\@example.org/", "http://example.org#@127.0.0.1/\x00", "http://[::1",
		"http://" + strings.Repeat("a", 70000) + "/", "data:text/html,x", "javascript:alert(1)", "http://93.184.215.14:22/", "https://93.184.215.14:8443/",
	} {
		_, err := in.Take(t.Context(), address, taking)
		if got := reasonOf(t, err); !slices.Contains(refused, got) && (got != register.CaptureUnreachable || len(address) < 1000) {
			t.Errorf("%.60q: %s: %v", address, got, err)
		}
	}
}

// TestNothingIsToldAndNothingKept: no cookie, no referrer, no proxy, and every
// request stands for itself.
func TestNothingIsToldAndNothingKept(t *testing.T) {
	if os.Getenv("HTTP_PROXY") == "" { // of TestMain: it is read once in a process
		t.Fatal("control: there is no proxy that could be asked")
	}
	var seen []string
	mux := http.NewServeMux()
	mux.HandleFunc("/first", func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.RemoteAddr)
		http.SetCookie(w, &http.Cookie{Name: "track", Value: "x"})
		http.Redirect(w, r, "/second#part", http.StatusFound)
	})
	mux.HandleFunc("/second", func(_ http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.RemoteAddr)
		for name := range r.Header {
			if !slices.Contains([]string{"User-Agent", "Accept", "Accept-Encoding", "Connection"}, name) {
				t.Errorf("it told %s: %q", name, r.Header.Get(name))
			}
		}
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	// By a name: no proxy is ever asked for what is on this machine.
	resolver := nameServer(t, func(int) []netip.Addr { return []netip.Addr{addressOf(t, server).Addr()} })
	in := intake(t).WithReach(capture.Reach{Besides: []netip.AddrPort{addressOf(t, server)}, Resolver: resolver})
	taken, err := in.Take(t.Context(), fmt.Sprintf("http://page.example:%d/first#secret", addressOf(t, server).Port()), taking)
	if err != nil || len(taken.Hops) != 2 || len(seen) != 2 || seen[0] == seen[1] || taken.Answer().URL.Fragment != "" {
		t.Errorf("%v, %v", seen, err)
	}
}

// TestACaptureThatNobodyWaitsFor ends with its context, which is no reason.
func TestACaptureThatNobodyWaitsFor(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := intake(t).Take(ctx, "http://93.184.215.14/", taking); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestEveryReasonIsOne of the list.
func TestEveryReasonIsOne(t *testing.T) {
	t.Parallel()
	if reasons := register.CaptureReasons(); len(slices.Compact(slices.Sorted(slices.Values(reasons)))) != len(reasons) {
		t.Errorf("%q", reasons)
	}
}
