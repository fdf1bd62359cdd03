package web_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/web"
)

// wild is a client that knows of the API what its document says, and sends what
// it allows and what it does not. Whatever it sends, no answer may be a fault of
// ours or another than the document describes.
type wild struct {
	handler  http.Handler
	document *testkit.OpenAPI
	random   *rand.Rand
	ids      map[string][]string // that lists answered, by the operation that shows one
	cursors  []string
	reached  map[string]int // answers with 2xx, by operation
	findings map[string]string
}

func newWild(t *testing.T, h http.Handler, seed uint64) *wild {
	t.Helper()
	return &wild{
		handler: h, document: describedAPI(t, h), random: rand.New(rand.NewPCG(seed, 1)),
		ids: map[string][]string{}, reached: map[string]int{}, findings: map[string]string{},
	}
}

// explore asks each operation once as its document shows, so that identifiers and
// cursors are known, and then so many times at random.
func (w *wild) explore(requests int) {
	for range 2 {
		for i := range w.document.Operations {
			op := &w.document.Operations[i]
			values := map[string]string{}
			for _, p := range op.Params {
				if example, ok := p.Example.(string); ok && p.Name != "fields" && p.Name != "updated_since" {
					values[p.Name] = example
				}
			}
			if path, ok := w.path(op, false); ok {
				w.send(op, http.MethodGet, path, encode(values))
			}
		}
	}
	for range requests {
		op := &w.document.Operations[w.random.IntN(len(w.document.Operations))]
		path, ok := w.path(op, w.oneIn(4))
		if !ok {
			continue
		}
		w.send(op, w.method(), path, w.query(op))
	}
}

func (w *wild) oneIn(n int) bool { return w.random.IntN(n) == 0 }

func pick[T any](w *wild, list []T) T { return list[w.random.IntN(len(list))] }

// path fills the parts of a path; false when no identifier is known yet.
func (w *wild) path(op *testkit.APIOperation, odd bool) (string, bool) {
	before, _, found := strings.Cut(op.Path, "{")
	if !found {
		return op.Path, true
	}
	known := w.ids[strings.TrimSuffix(before, "/")]
	switch {
	case odd:
		return before + w.odd(), true
	case len(known) == 0:
		return "", false
	}
	return before + pick(w, known), true
}

func (w *wild) method() string {
	if !w.oneIn(10) {
		return http.MethodGet
	}
	return pick(w, []string{http.MethodHead, http.MethodOptions, http.MethodPost, http.MethodDelete, "BREW"})
}

// query chooses some parameters, mostly with values that the document allows.
func (w *wild) query(op *testkit.APIOperation) string {
	var parts []string
	for _, p := range op.Params {
		if p.In != "query" || !w.oneIn(5) {
			continue
		}
		value := w.value(p)
		if w.oneIn(4) {
			value = w.odd()
		}
		parts = append(parts, escaped(p.Name)+"="+escaped(value))
	}
	if w.oneIn(15) {
		parts = append(parts, escaped(w.odd())+"="+escaped(w.odd()))
	}
	if w.oneIn(40) {
		parts = append(parts, pick(w, []string{"%zz", "a;b", "&&=", "%", "limit", "limit=1&limit=2", "after=%00", "q=%ff%fe"}))
	}
	return strings.Join(parts, "&")
}

// value is one that the document allows, as far as it says.
func (w *wild) value(p testkit.APIParam) string {
	if codes, ok := p.Schema["enum"].([]any); ok {
		return fmt.Sprint(pick(w, codes))
	}
	if p.Schema["type"] == "integer" {
		least, _ := p.Schema["minimum"].(float64)
		most, _ := p.Schema["maximum"].(float64)
		return strconv.Itoa(int(least) + w.random.IntN(int(most-least)+1))
	}
	if p.Name == "after" && len(w.cursors) > 0 {
		return pick(w, w.cursors)
	}
	if example, ok := p.Example.(string); ok {
		return example
	}
	var all []string
	for _, ids := range w.ids {
		all = append(all, ids...)
	}
	slices.Sort(all)
	return pick(w, append(all, "none", "announced", "nature", "cnss", "données", "الصندوق", `"fuite de données" -cnss`))
}

// odd is a value that nobody should send.
func (w *wild) odd() string {
	long := strings.Repeat(pick(w, []string{"a", "é", "ع", "9", "%", "_", ".", ","}), 1+w.random.IntN(1200))
	bytes := make([]byte, 1+w.random.IntN(12))
	for i := range bytes {
		bytes[i] = byte(w.random.IntN(256))
	}
	return pick(w, []string{
		"", "\x00", "a\x00b", "\xff\xfe", "\xc3\x28", string(bytes), long,
		"-1", "0", "00", "1e9", "99999999999999999999999999", "9223372036854775808", "NaN", "٢٠٢٥", " 7 ", "+1",
		"null", "true", "[]", "{}", "*", "..", "../../etc/passwd", "%2e%2e%2f", "a/b", "?", "#", "&", "=",
		"'; DROP TABLE record.heads; --", `" OR ""="`, "\\", "$1", "@after", ":*", "!", "( | &", "<->", "<script>",
		"\u202e\u2066x", "\ufeff", "🪤", "e\u0301", "SJ-2025-0001", "SJ-0000-0000", "SJ-9999-999999999", "ST-2025-0001.x", "IN-0001.2147483648",
		"AAAA", "LWluZmluaXR5fFNKLTIwMjUtMDAwMQ", "MjAyNS0wNC0wOHxTSi0yMDI1LTAwMDE", "eB94H3g", "MDAwMC0wMS0wMVQwMDowMDowMFofWB8x",
		"0000-00-00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59", "2025-02-30", "2025-04-08T25:00:00Z", "id,id,id", ",", "id,nothing",
	})
}

func escaped(s string) string { return url.QueryEscape(s) }

func encode(values map[string]string) string {
	q := url.Values{}
	for name, value := range values {
		q.Set(name, value)
	}
	return q.Encode()
}

// send asks, and looks at the answer.
func (w *wild) send(op *testkit.APIOperation, method, path, query string) {
	r := httptest.NewRequest(method, "http://sijil.test/", http.NoBody)
	r.URL = &url.URL{Scheme: "http", Host: "sijil.test", Path: path, RawQuery: query}
	r.RequestURI = r.URL.RequestURI()
	r.RemoteAddr = "192.0.2." + strconv.Itoa(w.random.IntN(250)) + ":1"
	if w.oneIn(8) {
		r.Header.Set("If-None-Match", pick(w, []string{"*", `"x"`, "W/", ",,,"}))
	}
	if w.oneIn(8) {
		r.Header.Set("Accept-Encoding", pick(w, []string{"gzip;q=0", "gzip;q=x", ";;;", "identity"}))
	}
	recorder := httptest.NewRecorder()
	w.handler.ServeHTTP(recorder, r)
	answer := recorder.Result()
	body, _ := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	at := method + " " + strconv.QuoteToASCII(path) + "?" + query
	if answer.StatusCode >= http.StatusInternalServerError {
		w.finding(op, at, fmt.Errorf("status %d", answer.StatusCode))
		return
	}
	if answer.Header.Get("Access-Control-Allow-Origin") != "*" {
		w.finding(op, at, fmt.Errorf("no answer for other origins"))
	}
	if answer.StatusCode < 300 && method == http.MethodGet {
		w.reached[op.ID]++
		w.learn(op, body)
	}
	if err := w.look(method, path, answer, body); err != nil {
		w.finding(op, at, err)
	}
}

// look holds an answer to the document.
func (w *wild) look(method, path string, answer *http.Response, body []byte) error {
	switch {
	case method == http.MethodOptions:
		if answer.StatusCode != http.StatusNoContent || len(body) > 0 {
			return fmt.Errorf("status %d", answer.StatusCode)
		}
		return nil
	case method == http.MethodHead:
		return nil // the server leaves the body out
	case method != http.MethodGet:
		if answer.StatusCode != http.StatusMethodNotAllowed || answer.Header.Get("Allow") == "" {
			return fmt.Errorf("status %d", answer.StatusCode)
		}
		return nil
	case answer.StatusCode == http.StatusMovedPermanently && strings.HasSuffix(path, "/"):
		return nil // one slash too many
	}
	if elsewhere := strings.Count(path, "/") > 4; elsewhere && (answer.StatusCode == http.StatusNotFound || answer.StatusCode == http.StatusBadRequest) &&
		answer.Header.Get("Content-Type") == "application/problem+json" {
		return nil // an identifier with a slash in it: no operation at all
	}
	return w.document.Check(path, answer.StatusCode, answer.Header, body)
}

func (w *wild) finding(op *testkit.APIOperation, at string, err error) {
	if w.findings[op.ID] == "" {
		w.findings[op.ID] = at + ": " + err.Error()
	}
}

// learn keeps identifiers and cursors.
func (w *wild) learn(op *testkit.APIOperation, body []byte) {
	var list struct {
		Data []struct {
			ID string `json:"id"`
		} `json:"data"`
		Next string `json:"next"`
	}
	if json.Unmarshal(body, &list) != nil {
		return
	}
	for _, one := range list.Data {
		if one.ID != "" && !slices.Contains(w.ids[op.Path], one.ID) {
			w.ids[op.Path] = append(w.ids[op.Path], one.ID)
		}
	}
	if next, err := url.Parse(list.Next); err == nil && next.Query().Get("after") != "" && len(w.cursors) < 500 {
		w.cursors = append(w.cursors, next.Query().Get("after"))
	}
}

// wildRequests is how many requests the client sends: few with all tests, as many
// as the environment says by "task api:fuzz".
func wildRequests(t *testing.T) int {
	t.Helper()
	value := os.Getenv("SIJIL_TEST_API_REQUESTS")
	if value == "" {
		return 500
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 {
		t.Fatalf("SIJIL_TEST_API_REQUESTS=%q is not a number of requests", value)
	}
	return n
}

func TestAWildClientFindsNothing(t *testing.T) {
	t.Parallel()
	s := newRealSite(t)
	w := newWild(t, s.unlimited(t, s.records), 2025)
	requests := wildRequests(t)
	w.explore(requests)
	for at, finding := range w.findings {
		t.Errorf("%s: %s", at, finding)
	}
	for _, op := range w.document.Operations {
		if w.reached[op.ID] == 0 {
			t.Errorf("%s was never reached", op.ID)
		}
	}
	t.Logf("%d requests, answers with 2xx: %v", requests, w.reached)
}

// unlimited is the site without limits for one network, over a record that a
// test may have changed.
func (s *realSite) unlimited(t *testing.T, records web.Records) http.Handler {
	t.Helper()
	handler, err := web.New(web.Config{
		BaseURL: "https://sijil.test", Records: records, Now: s.clock.Now, Patience: patience, APIRate: 1 << 30, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return handler
}

// panicking is the record with a fault.
type panicking struct{ web.Records }

func (p panicking) Statements(ctx context.Context, f register.StatementFilter) (register.StatementList, error) {
	if f.Official == "no" {
		panic("planted")
	}
	return p.Records.Statements(ctx, f)
}

// unsaid answers claims with a field that the document does not know.
func unsaid(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/v1/claims" || r.Method != http.MethodGet || r.URL.Query().Get("modality") == "" {
			next.ServeHTTP(w, r)
			return
		}
		answer := httptest.NewRecorder()
		next.ServeHTTP(answer, r)
		maps.Copy(w.Header(), answer.Header())
		w.Header().Del("Content-Length")
		w.WriteHeader(answer.Code)
		_, _ = io.WriteString(w, strings.Replace(answer.Body.String(), `"topic":`, `"draft":"SJ","topic":`, 1))
	})
}

func TestAWildClientFindsPlantedFaults(t *testing.T) {
	t.Parallel()
	s := newRealSite(t)
	w := newWild(t, unsaid(s.unlimited(t, panicking{s.records})), 7)
	w.explore(500)
	if found := w.findings["listStatements"]; !strings.Contains(found, "status 500") {
		t.Errorf("a handler that panics was not found: %q", found)
	}
	if found := w.findings["listClaims"]; !strings.Contains(found, "draft") {
		t.Errorf("a field that nobody described was not found: %q", found)
	}
	if len(w.findings) != 2 {
		t.Errorf("found besides: %v", w.findings)
	}
}
