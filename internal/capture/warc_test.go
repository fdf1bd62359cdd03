package capture_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/capture"
)

// taken captures a page that redirects once and comes in chunks, packed.
func taken(t *testing.T) capture.Taken {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/old", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/communiqu%C3%A9", http.StatusMovedPermanently)
	})
	mux.HandleFunc("/communiqué", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Encoding", "gzip")
		packed := gzip.NewWriter(w)
		_, _ = io.WriteString(packed, "<!doctype html><title>Communiqué</title><main><p>Le Fonds")
		_ = packed.Flush()
		_ = http.NewResponseController(w).Flush()
		_, _ = io.WriteString(packed, " a subi une attaque.</main>")
		_ = packed.Close()
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	in := intake(t).WithReach(capture.Reach{Besides: []netip.AddrPort{addressOf(t, server)}})
	out, err := in.Take(t.Context(), server.URL+"/old", taking)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func warcOf(t *testing.T, c *capture.Taken) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := c.WARC(&out, "Sijil"); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestACaptureIsKeptAsItWent: both requests with their answers, byte by byte.
func TestACaptureIsKeptAsItWent(t *testing.T) {
	t.Parallel()
	c := taken(t)
	if c.Title != "Communiqué" || c.Text != "Le Fonds a subi une attaque." || c.Type != "text/html" || len(c.Hops) != 2 {
		t.Fatalf("%q %q %q, %d hops", c.Title, c.Text, c.Type, len(c.Hops))
	}
	records, err := capture.ReadWARC(bytes.NewReader(warcOf(t, &c)))
	if err != nil {
		t.Fatal(err)
	}
	var types []string
	ids := map[string]bool{}
	for i := range records {
		types = append(types, records[i].Type)
		ids["<"+records[i].ID+">"] = true
		if !records[i].Date.Equal(taking) {
			t.Errorf("record %d is of %s", i, records[i].Date)
		}
	}
	if want := []string{"warcinfo", "response", "request", "response", "request", "metadata"}; !slices.Equal(types, want) || len(ids) != 6 {
		t.Errorf("%q, want %q; %d identifiers", types, want, len(ids))
	}
	for _, field := range []string{"WARC-Concurrent-To", "WARC-Warcinfo-ID"} {
		for _, r := range records[1:5] {
			if !ids[r.Field(field)] {
				t.Errorf("%s of a %s names no record: %q", field, r.Type, r.Field(field))
			}
		}
	}
	answer := records[3]
	if uri := answer.Field("WARC-Target-URI"); !strings.HasSuffix(uri, "/communiqu%C3%A9") || answer.Field("WARC-IP-Address") != "127.0.0.1" {
		t.Errorf("%q", answer.Fields)
	}
	head := string(answer.Block)
	if !strings.HasPrefix(head, "HTTP/1.1 200 OK\r\n") || !strings.Contains(head, "Transfer-Encoding: chunked\r\n") || !strings.Contains(head, "Content-Encoding: gzip\r\n") {
		t.Errorf("not as it came: %q", head)
	}
	if !strings.HasPrefix(string(records[4].Block), "GET /communiqu%C3%A9 HTTP/1.1\r\nHost: 127.0.0.1:") {
		t.Errorf("not as it was asked: %q", records[4].Block)
	}
	// What it says can be read out of it again, by anybody's HTTP.
	response, err := http.ReadResponse(bufioReader(answer.Block), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close() //nolint:errcheck // in memory
	unpacked, err := gzip.NewReader(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(unpacked); err != nil || !bytes.Equal(body, c.Body) {
		t.Errorf("%q, %v", body, err)
	}
	if meta := string(records[5].Block); !strings.Contains(meta, "body-sha256: "+c.SHA256) || !strings.Contains(meta, "/old\r\nhopsFromSeed: R\r\n") {
		t.Errorf("%q", meta)
	}
}

// TestAnAnswerIsCutToItself: a record holds neither what announces the answer
// nor what comes after its end.
func TestAnAnswerIsCutToItself(t *testing.T) {
	t.Parallel()
	const answer = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nA text"
	at := rawServer(t, answering("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"+answer+" and more of it"))
	c, err := intake(t).WithReach(capture.Reach{Besides: []netip.AddrPort{at}}).Take(t.Context(), "http://"+at.String()+"/", taking)
	if err != nil || string(c.Answer().Response) != answer || string(c.Body) != "A text" {
		t.Errorf("%q, %v", c.Answer().Response, err)
	}
}

// TestEveryChangedByteOfAWARCIsFound, in whatever place.
func TestEveryChangedByteOfAWARCIsFound(t *testing.T) {
	t.Parallel()
	c := taken(t)
	file := warcOf(t, &c)
	good, err := capture.ReadWARC(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	for i := range file {
		changed := bytes.Clone(file)
		changed[i] ^= 1 << (i % 8)
		records, err := capture.ReadWARC(bytes.NewReader(changed))
		if err == nil && !same(good, records) {
			t.Fatalf("byte %d: it reads as something else", i)
		}
		if err != nil && !errors.Is(err, capture.ErrWARC) {
			t.Fatalf("byte %d: %v", i, err)
		}
	}
	for _, end := range []int{0, 1, len(file) / 2, len(file) - 1} {
		if _, err := capture.ReadWARC(bytes.NewReader(file[:end])); !errors.Is(err, capture.ErrWARC) {
			t.Errorf("cut after %d bytes: %v", end, err)
		}
	}
}

// same compares what records say; the head of a member of gzip has bits that
// say nothing.
func same(a, b []capture.Record) bool {
	return slices.EqualFunc(a, b, func(x, y capture.Record) bool {
		return x.Type == y.Type && x.ID == y.ID && x.Date.Equal(y.Date) && slices.Equal(x.Fields, y.Fields) && bytes.Equal(x.Block, y.Block)
	})
}

func TestARecordCannotForgeItsHead(t *testing.T) {
	t.Parallel()
	r := capture.Record{Type: capture.WARCInfo, ID: "urn:x", Date: taking, Fields: [][2]string{{"X", "a\r\nWARC-Type: response"}}}
	if err := capture.WriteRecord(io.Discard, &r); !errors.Is(err, capture.ErrWARC) {
		t.Error(err)
	}
}

// FuzzReadWARC: whatever is read is ErrWARC or can be written and read again.
func FuzzReadWARC(f *testing.F) {
	var seed bytes.Buffer
	if err := capture.WriteRecord(&seed, &capture.Record{Type: "warcinfo", ID: "urn:x", Date: taking, Block: []byte("x")}); err != nil {
		f.Fatal(err)
	}
	f.Add(seed.Bytes())
	f.Add([]byte("WARC/1.1\r\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		records, err := capture.ReadWARC(bytes.NewReader(file))
		if err != nil {
			if !errors.Is(err, capture.ErrWARC) {
				t.Fatal(err)
			}
			return
		}
		for i := range records {
			if records[i].Date.Nanosecond() != 0 {
				return // written to the second
			}
			var out bytes.Buffer
			if err := capture.WriteRecord(&out, &records[i]); err != nil {
				return
			}
			if again, err := capture.ReadWARC(&out); err != nil || !same(records[i:i+1], again) {
				t.Fatalf("%+v, %v", again, err)
			}
		}
	})
}

// TestWarcioReadsIt has npm's warcio index the file, and read every payload. CI
// says where it is (.ci/check-warc); there it must be.
func TestWarcioReadsIt(t *testing.T) {
	home := os.Getenv("SIJIL_TEST_WARCIO")
	if home == "" {
		t.Skip("SIJIL_TEST_WARCIO does not name a folder with npm's warcio; .ci/check-warc installs it and runs this test")
	}
	c := taken(t)
	file := filepath.Join(t.TempDir(), "capture.warc.gz")
	if err := os.WriteFile(file, warcOf(t, &c), 0o600); err != nil {
		t.Fatal(err)
	}
	var types []string
	for line := range strings.Lines(node(t, home, "node_modules/warcio/dist/cli.cjs", "index", file)) {
		var entry map[string]any
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		types = append(types, entry["warc-type"].(string))
	}
	if want := []string{"warcinfo", "response", "request", "response", "request", "metadata"}; !slices.Equal(types, want) {
		t.Errorf("index: %q, want %q", types, want)
	}
	if cdx := node(t, home, "node_modules/warcio/dist/cli.cjs", "cdx-index", file); !strings.Contains(cdx, `"status":"200"`) && !strings.Contains(cdx, `"status":200`) {
		t.Errorf("cdx-index: %s", cdx)
	}
	read := node(t, home, "read.mjs", file)
	if !strings.Contains(read, string(c.Body)) || strings.Contains(read, "DIFFERS") || strings.Count(read, "SOUND") != 5 {
		t.Errorf("read: %s", read)
	}
}

func node(t *testing.T, home string, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "node", args...)
	command.Dir = home
	var stderr strings.Builder
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("node %q: %v: %s", args, err, &stderr)
	}
	return string(out)
}

// hasty is a peer that has its answer ready before the request is sent off.
type hasty struct {
	net.Conn

	takes  int // bytes of the request
	answer func()
}

func (h hasty) RemoteAddr() net.Addr { return nil }

func (h hasty) Write([]byte) (int, error) {
	h.answer()
	if h.takes >= 0 {
		return h.takes, io.ErrShortWrite
	}
	return len(request), nil
}

const request = "GET / HTTP/1.1"

// TestARequestIsNotedBeforeItsAnswer: what was sent is known to whoever reads an
// answer that came at once; of what went only in part, that part.
func TestARequestIsNotedBeforeItsAnswer(t *testing.T) {
	t.Parallel()
	for takes, want := range map[int]string{-1: request, 5: "GET /"} {
		var sent func() string
		var seen string
		peer := hasty{takes: takes, answer: func() { seen = sent() }}
		var line net.Conn
		line, sent = capture.Recorded(peer)
		if _, err := line.Write([]byte(request)); (err != nil) != (takes >= 0) {
			t.Error(err)
		}
		if seen != request || sent() != want {
			t.Errorf("%q when the answer came, %q at last, want %q", seen, sent(), want)
		}
	}
}
