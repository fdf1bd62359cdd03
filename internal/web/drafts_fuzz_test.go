package web_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
)

// wildProgram writes drafts as the document of the API allows, and as it does not.
type wildProgram struct {
	*programs
	door     http.Handler // what it sends to
	random   *rand.Rand
	schemas  map[string]any               // by name
	drafts   map[string]map[string]string // tags by identifier, by the path of their type
	records  map[string]any               // the last record that was read or sent, by the same path
	known    map[string][]string          // identifiers as they became known: their own order is another in each run
	tokens   []string                     // the first may do everything
	reached  map[string]int
	findings map[string]string
	sent     int
}

func newWildProgram(t *testing.T, seed uint64) *wildProgram {
	t.Helper()
	s := newPrograms(t, testkit.Founding(t))
	w := &wildProgram{
		programs: s, door: s, random: rand.New(rand.NewPCG(seed, 2)), drafts: map[string]map[string]string{}, known: map[string][]string{}, records: map[string]any{},
		tokens: []string{
			s.token(testkit.Editor, register.Scopes()...), s.token(testkit.Analyst, register.ScopeRead), "", "sjl_nobody", "\xff",
		},
		reached: map[string]int{}, findings: map[string]string{},
	}
	var document struct {
		Components struct{ Schemas map[string]any }
	}
	if err := json.Unmarshal([]byte(testkit.Ask(t, s, "/api/v1/openapi.json").Body), &document); err != nil {
		t.Fatal(err)
	}
	w.schemas = document.Components.Schemas
	for _, x := range []struct {
		t    register.RecordType
		slug string
	}{{register.TypeIncident, "cnss-2025"}, {register.TypeStatement, "cnss-communique-1"}, {register.TypeInstitution, "cnss"}} {
		of, id := "/api/v1/drafts/"+string(x.t)+"s", string(s.recordAt(t, x.t, x.slug).ID)
		w.drafts[of], w.known[of] = map[string]string{id: `"1"`}, []string{id}
	}
	return w
}

func (w *wildProgram) oneIn(n int) bool { return w.random.IntN(n) == 0 }

func (w *wildProgram) pick(list ...any) any { return list[w.random.IntN(len(list))] }

// explore reads what is there, then sends so many requests.
func (w *wildProgram) explore(requests int) {
	reads := slices.DeleteFunc(slices.Clone(w.document.Writing), func(op testkit.APIOperation) bool { return op.Method != http.MethodGet })
	for i := range requests {
		op := &w.document.Writing[w.random.IntN(len(w.document.Writing))]
		if i < 2*len(reads) {
			op = &reads[i%len(reads)]
		}
		w.send(op)
		w.clock.Advance(time.Second) // no more than a token may ask for
	}
}

// send makes up a request, sends it, and looks at the answer.
func (w *wildProgram) send(op *testkit.APIOperation) {
	of, after, onDraft := strings.Cut(op.Path, "/{id}")
	path, tag := of, ""
	if onDraft {
		id := w.known[of][w.random.IntN(len(w.known[of]))]
		if tag = w.drafts[of][id]; w.oneIn(15) {
			id = fmt.Sprint(w.pick("x", "00000000-0000-4000-8000-000000000000", "%00", "..", "SJ-2025-0001"))
		}
		path = of + "/" + id + after
	}
	body := ""
	if op.Method != http.MethodGet {
		body = w.body(op, of)
	}
	r := httptest.NewRequest(op.Method, "http://sijil.test"+path, strings.NewReader(body))
	w.headers(r, tag)
	recorder := httptest.NewRecorder()
	w.door.ServeHTTP(recorder, r)
	w.look(op, of, r, body, recorder)
}

// headers are mostly right.
func (w *wildProgram) headers(r *http.Request, tag string) {
	w.sent++
	set := func(name, right string, wrong ...any) {
		value := right
		if w.oneIn(12) {
			value = fmt.Sprint(w.pick(wrong...))
		}
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	set("Content-Type", "application/json", "", "text/plain", "application/json; charset=latin1", "multipart/form-data", ";")
	set("Authorization", "Bearer "+w.tokens[0], "", "Bearer", "Basic YTpi", "Bearer "+w.tokens[1], "Bearer "+w.tokens[3], "Bearer "+w.tokens[4], "bearer "+w.tokens[0])
	if r.Method != http.MethodGet {
		set("Idempotency-Key", "key-"+strconv.Itoa(w.sent), "", "key-40", "a key", "\x01", strings.Repeat("k", 300), "مفتاح")
	}
	set("If-Match", tag, "", "*", `"0"`, `"999999999999999999999"`, `W/"1"`, `"-1"`, ",", "1")
}

// body is a record as the document describes it, one that is there, one of these
// with something else somewhere, or no JSON at all.
func (w *wildProgram) body(op *testkit.APIOperation, of string) string {
	var body any
	switch kept := w.records[of]; {
	case w.oneIn(15):
		return fmt.Sprint(w.pick("", "{", "null", "[]", "0", `{"record":null}`, `{"record":[]}`, `{"records":{}}`, `{"record":{"slug":"\u0000"}}`,
			`{"record":{"slug":"a"},"record":{"slug":"b"}}`, strings.Repeat("[", 20_000), `{"record":`+strings.Repeat(`{"title":`, 3000), "\xff\xfe{}", `{"note":"\ud800"}`))
	case strings.HasSuffix(op.Path, "/review"):
		body = map[string]any{"note": fmt.Sprint(w.pick("", "à relire", "x\x00", strings.Repeat("é", 3000)))}
	case kept != nil && !w.oneIn(3):
		record := cloned(kept)
		if fields, ok := record.(map[string]any); ok && op.Method == http.MethodPost {
			fields["slug"] = "essai-" + strconv.Itoa(w.sent)
		}
		body = map[string]any{"record": record}
	default:
		body = w.instance(op.Body, 0)
	}
	for w.oneIn(2) {
		body = w.changed(body)
	}
	encoded, err := json.Marshal(body)
	if err != nil {
		w.t.Fatal(err)
	}
	return string(encoded)
}

func cloned(v any) any {
	encoded, _ := json.Marshal(v)
	var out any
	_ = json.Unmarshal(encoded, &out)
	return out
}

// instance is a value of a schema, as far as the schema says.
func (w *wildProgram) instance(schema map[string]any, depth int) any {
	if ref, ok := schema["$ref"].(string); ok {
		schema, _ = w.schemas[strings.TrimPrefix(ref, "#/components/schemas/")].(map[string]any)
	}
	if codes, ok := schema["enum"].([]any); ok {
		return w.pick(codes...)
	}
	for _, of := range []string{"anyOf", "oneOf", "allOf"} {
		if list, ok := schema[of].([]any); ok {
			chosen, _ := w.pick(list...).(map[string]any)
			return w.instance(chosen, depth+1)
		}
	}
	kind := schema["type"]
	if kinds, ok := kind.([]any); ok {
		kind = w.pick(kinds...)
	}
	switch kind {
	case "object":
		return w.object(schema, depth)
	case "array":
		out := []any{}
		if items, ok := schema["items"].(map[string]any); ok && depth < 8 {
			for range w.random.IntN(3) {
				out = append(out, w.instance(items, depth+1))
			}
		}
		return out
	case "integer", "number":
		return w.pick(0, 1, -1, 2025, 1<<53, int64(1)<<62)
	case "boolean":
		return w.oneIn(2)
	}
	return w.pick("fr", "ar", "essai", "nature", "2025-04-08", "2025-04", "2025~", "public-administration", "CNSS", "https://example.org/", "texte", "", "F1", "announced")
}

func (w *wildProgram) object(schema map[string]any, depth int) any {
	out := map[string]any{}
	if values, ok := schema["additionalProperties"].(map[string]any); ok && depth < 8 {
		for _, lang := range []string{"fr", "ar", "en"} {
			out[lang] = w.instance(values, depth+1)
		}
	}
	properties, _ := schema["properties"].(map[string]any)
	required, _ := schema["required"].([]any)
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		if of, ok := properties[name].(map[string]any); ok && (slices.Contains(required, any(name)) || depth < 8 && w.oneIn(3)) {
			out[name] = w.instance(of, depth+1)
		}
	}
	return out
}

// changed puts something else somewhere into a value.
func (w *wildProgram) changed(v any) any {
	switch v := v.(type) {
	case map[string]any:
		if len(v) == 0 || w.oneIn(12) {
			v[fmt.Sprint(w.pick("x", "", "id", "slug", "\u202e"))] = w.odd()
			return v
		}
		names := slices.Sorted(maps.Keys(v))
		name := names[w.random.IntN(len(names))]
		if w.oneIn(20) {
			delete(v, name)
			return v
		}
		v[name] = w.changed(v[name])
		return v
	case []any:
		if len(v) == 0 || w.oneIn(10) {
			return append(v, w.odd())
		}
		at := w.random.IntN(len(v))
		if w.oneIn(10) {
			return append(v, cloned(v[at])) // the same key twice
		}
		v[at] = w.changed(v[at])
		return v
	}
	return w.odd()
}

func (w *wildProgram) odd() any {
	return w.pick(nil, true, -1, 1e300, 0.5, "", "\x00", "a\x00b", "\u202ex", strings.Repeat("ع", 5000), "'; DROP TABLE desk.records; --", "<script>",
		[]any{}, map[string]any{}, []any{[]any{nil}}, "2025-02-30", "9999999-01-01", "SJ-2025-0001", "cnss", "javascript:alert(1)", "../..", "\ufeff", "e\u0301")
}

// look holds an answer to the document, and learns what was made.
func (w *wildProgram) look(op *testkit.APIOperation, of string, r *http.Request, sent string, answer *httptest.ResponseRecorder) {
	finding := ""
	err := w.document.CheckMethod(op.Method, r.URL.Path, answer.Code, answer.Header(), answer.Body.Bytes())
	switch {
	case answer.Code >= http.StatusInternalServerError:
		finding = "status " + strconv.Itoa(answer.Code)
	case answer.Header().Get("Access-Control-Allow-Origin") != "":
		finding = "open to other origins"
	case err != nil && strings.Contains(r.URL.Path, ".."), err != nil && strings.Contains(r.URL.Path, "\x00"):
		// no operation at all
	case err != nil:
		finding = err.Error()
	}
	if finding != "" && w.findings[op.ID] == "" {
		w.findings[op.ID] = fmt.Sprintf("%s %q %v %.600s: %s", op.Method, r.URL.Path, r.Header, sent, finding)
	}
	if answer.Code >= 300 || answer.Header().Get("Idempotency-Replayed") != "" {
		return
	}
	w.reached[op.ID]++
	var got struct {
		Data struct {
			ID     string `json:"id"`
			Record any    `json:"record"`
		} `json:"data"`
	}
	if json.Unmarshal(answer.Body.Bytes(), &got) == nil && got.Data.ID != "" && len(w.drafts[of]) < 40 || w.drafts[of][got.Data.ID] != "" {
		if w.drafts[of][got.Data.ID] == "" {
			w.known[of] = append(w.known[of], got.Data.ID)
		}
		w.drafts[of][got.Data.ID] = answer.Header().Get("ETag")
		if got.Data.Record != nil && w.records[of] == nil {
			w.records[of] = got.Data.Record
		}
	}
}

// TestAWildProgramFindsNothing sends drafts, right and wrong: no answer is a fault
// of ours, each is one that the document describes, and each operation is reached.
func TestAWildProgramFindsNothing(t *testing.T) {
	t.Parallel()
	w := newWildProgram(t, 2026)
	requests := wildRequests(t)
	w.explore(requests)
	for at, finding := range w.findings {
		t.Errorf("%s: %s", at, finding)
	}
	for _, op := range w.document.Writing {
		if w.reached[op.ID] == 0 {
			t.Errorf("%s was never reached", op.ID)
		}
	}
	t.Logf("%d requests, answers with 2xx: %v", requests, w.reached)
}

// faulty is a door with two faults: one shape of body brings it down, and one
// answer has a field that the document does not know.
func faulty(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		if r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/institutions/") && bytes.Contains(body, []byte(`"sector":"`)) {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		if r.Method != http.MethodGet || !strings.Contains(r.URL.Path, "/incidents/") {
			next.ServeHTTP(w, r)
			return
		}
		answer := httptest.NewRecorder()
		next.ServeHTTP(answer, r)
		maps.Copy(w.Header(), answer.Header())
		w.WriteHeader(answer.Code)
		_, _ = w.Write(bytes.Replace(answer.Body.Bytes(), []byte(`"record":`), []byte(`"reviewer":"A","record":`), 1))
	})
}

func TestAWildProgramFindsPlantedFaults(t *testing.T) {
	t.Parallel()
	w := newWildProgram(t, 2027)
	w.door = faulty(w.door)
	w.explore(250)
	if found := w.findings["changeInstitutionDraft"]; !strings.Contains(found, "status 500") {
		t.Errorf("a body that brings the server down was not found: %q", found)
	}
	if found := w.findings["getIncidentDraft"]; !strings.Contains(found, "reviewer") {
		t.Errorf("a field that nobody described was not found: %q", found)
	}
	if len(w.findings) != 2 {
		t.Errorf("found besides: %v", slices.Sorted(maps.Keys(w.findings)))
	}
}
