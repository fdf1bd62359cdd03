package web_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
)

// noText are bytes that are no text: NUL, a byte that begins nothing, a slash that is
// written too long, half of a pair of UTF-16.
func noText() map[string]string {
	return map[string]string{"NUL": "a\x00b", "a lone byte": "a\xffb", "too long": "a\xc0\xafb", "half a pair": "a\xed\xa0\x80b"}
}

func escapedAll(s string) string {
	out := ""
	for _, b := range []byte(s) {
		out += fmt.Sprintf("%%%02X", b)
	}
	return out
}

// posted sends a body to where the desk keeps what is typed as an analyst, or takes
// a file.
func posted(t *testing.T, h http.Handler, mediaType string, body []byte) int {
	t.Helper()
	at := "/fr/desk/autosave"
	if strings.HasPrefix(mediaType, "multipart/") {
		at = attachPath
	}
	r := httptest.NewRequest(http.MethodPost, "http://sijil.test"+at, bytes.NewReader(body))
	r.Header.Set("Content-Type", mediaType)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	testkit.As(testkit.Analyst)(r)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code
}

// withFile is a form with a file of a name, and a field of a name with a value.
func withFile(t *testing.T, file, name, value string) (mediaType string, body []byte) {
	t.Helper()
	var out bytes.Buffer
	parts := multipart.NewWriter(&out)
	for field, v := range map[string]string{"csrf": testkit.CSRF, "place": "/desk/statements/new", name: value} {
		if err := parts.WriteField(field, v); err != nil {
			t.Fatal(err)
		}
	}
	header := textproto.MIMEHeader{}
	header.Set("Content-Disposition", `form-data; name="file"; filename="`+file+`"`)
	header.Set("Content-Type", "text/plain")
	part, err := parts.CreatePart(header)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write([]byte("x"))
	if err := parts.Close(); err != nil {
		t.Fatal(err)
	}
	return parts.FormDataContentType(), out.Bytes()
}

// TestWhatIsNoTextIsRefused at the edge, wherever it stands in a request, on the
// public side, at the desk and by programs; the same with a text is not.
func TestWhatIsNoTextIsRefused(t *testing.T) {
	t.Parallel()
	s := newPrograms(t, testkit.Database(t))
	token := s.token(testkit.Analyst, register.Scopes()...)
	ways := func(bad string) map[string]int {
		out := map[string]int{}
		e := escapedAll(bad)
		for _, at := range []string{"/fr/incidents/", "/fr/desk/incidents/", "/api/v1/incidents/", "/feeds/fr/incidents/", "/taxii2/", "/log/tile/", "/documents/", "/exports/"} {
			out["in the path "+at] = testkit.Ask(t, s, at+e, testkit.As(testkit.Analyst)).Status
		}
		for _, at := range []string{"/fr/incidents?q=", "/fr/desk/pick?q=", "/api/v1/search?type=incident&q=", "/oembed?url=", "/fr/incidents?"} {
			out["in the query "+at] = testkit.Ask(t, s, at+e, testkit.As(testkit.Analyst)).Status
		}
		for _, name := range []string{"Accept-Language", "User-Agent", "Referer", "X-Forwarded-For", "If-None-Match"} {
			for _, at := range []string{"/fr/nothing", "/fr/desk", "/api/v1/nothing"} {
				out["in the header "+name+" "+at] = testkit.Ask(t, s, at, testkit.As(testkit.Analyst), with(name, bad)).Status
			}
		}
		form := url.Values{"csrf": {testkit.CSRF}, "place": {"/desk/incidents/new"}}
		form.Set("title", bad)
		out["in a field"] = posted(t, s, "application/x-www-form-urlencoded", []byte(form.Encode()))
		form.Del("title")
		form.Set(bad, "x")
		out["in the name of a field"] = posted(t, s, "application/x-www-form-urlencoded", []byte(form.Encode()))
		mediaType, body := withFile(t, bad+".txt", "title", "x")
		out["in the name of a file"] = posted(t, s, mediaType, body)
		mediaType, body = withFile(t, "x.txt", "title", bad)
		out["in a field beside a file"] = posted(t, s, mediaType, body)
		return out
	}
	for name, bad := range noText() {
		for where, status := range ways(bad) {
			if status != http.StatusBadRequest {
				t.Errorf("%s %s: status %d", name, where, status)
			}
		}
	}
	for where, status := range ways("aéb") {
		if status == http.StatusBadRequest && !strings.Contains(where, "/api/v1/incidents/") && !strings.Contains(where, "oembed") && !strings.Contains(where, "pick") {
			t.Errorf("control: a text %s: status %d", where, status)
		}
	}
	for name, body := range map[string]string{
		"NUL": "{\"record\":{\"language\":\"fr\",\"slug\":\"a\x00b\"}}", "NUL, escaped": `{"record":{"language":"fr","slug":"a\u0000b"}}`,
		"in a name": `{"record":{"language":"fr","\u0000":1}}`, "a lone byte": "{\"record\":{\"language\":\"fr\",\"slug\":\"a\xffb\"}}",
	} {
		a := s.ask(call{method: http.MethodPost, path: "institutions", token: token, body: body})
		if a.Status != http.StatusBadRequest {
			t.Errorf("%s in JSON: status %d: %s", name, a.Status, a.Body)
		}
	}
	a := s.ask(call{method: http.MethodPost, path: "institutions", token: token, body: smallBody("essai"), headers: map[string]string{"Idempotency-Key": "a\xffb"}})
	if a.Status != http.StatusBadRequest {
		t.Errorf("in a key: status %d", a.Status)
	}
	fine := smallBody("barre")
	fine["record"].(map[string]any)["names"].([]any)[0].(map[string]any)["name"] = `C:\u0000 is no NUL`
	if a := s.ask(call{method: http.MethodPost, path: "institutions", token: token, body: fine}); a.Status != http.StatusCreated {
		t.Errorf("control: a text with a backslash: status %d: %s", a.Status, a.Body)
	}
}

// TestAddressesAreDecodedOnce: what is escaped twice is not what it would be.
func TestAddressesAreDecodedOnce(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for target, status := range map[string]int{
		"/fr/incidents/cnss-2025":           http.StatusOK, // control
		"/fr/incidents/cnss%2D2025":         http.StatusOK, // once
		"/fr/incidents/cnss%252D2025":       http.StatusNotFound,
		"/fr%252Fincidents/cnss-2025":       http.StatusNotFound,
		"/fr/incidents/%252e%252e/x":        http.StatusNotFound,
		"/documents/%252e%252e%252fetc":     http.StatusNotFound,
		"/assets/%252e%252e/%252e%252e/etc": http.StatusNotFound,
		"/log/tile/x%25%27%20AND%201=1":     http.StatusNotFound,
		"/log/tile/x%253Fa=1":               http.StatusNotFound,
		"/log/tile/x%3Fa=1":                 http.StatusNotFound,
	} {
		if a := testkit.Ask(t, s, target); a.Status != status {
			t.Errorf("%s: status %d, want %d", target, a.Status, status)
		}
	}
	for typed, shown := range map[string]string{"%2527": "%27", "%253Cb%253E": "%3Cb%3E", "%2500": "%00", "d%C3%A9j%C3%A0": "déjà"} {
		a := testkit.Ask(t, s, "/fr/incidents?q="+typed)
		if got := a.Attr(`input[name="q"]`, "value"); got != shown {
			t.Errorf("q=%s is shown as %q, want %q", typed, got, shown)
		}
	}
}

// FuzzTheEdge sends any bytes in the path, the query and a header: what is no text is
// refused, and nothing is a fault of ours.
func FuzzTheEdge(f *testing.F) {
	for _, bad := range noText() {
		f.Add(bad, "q", bad, "fr")
	}
	f.Add("cnss-2025", "kind", "statement", "fr,ar;q=0.5")
	f.Add("..", "q", "%2500", "\xff")
	f.Add("x%' AND 1=1", "q", "x", "fr")
	s := newStage(f)
	f.Fuzz(func(t *testing.T, path, name, value, header string) {
		target := "/fr/incidents/" + escapedAll(path) + "?" + url.Values{name: {value}}.Encode()
		a := testkit.Ask(t, s, target, with("Accept-Language", header))
		for _, part := range []string{path, name, value, header} {
			if isText := utf8.ValidString(part) && !strings.Contains(part, "\x00"); !isText && a.Status != http.StatusBadRequest && a.Header.Get("Cache-Status") == "" {
				t.Errorf("%q: status %d for %q", target, a.Status, part)
			}
		}
		further := "/log/tile/" + escapedAll(path) // a path that may go on
		for target, status := range map[string]int{target: a.Status, further: testkit.Ask(t, s, further).Status} {
			if status >= http.StatusInternalServerError {
				t.Errorf("%q: status %d", target, status)
			}
		}
	})
}
