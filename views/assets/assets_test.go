package assets_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sijil/sijil/views/assets"
)

func get(t *testing.T, path, encoding string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	if encoding != "" {
		r.Header.Set("Accept-Encoding", encoding)
	}
	w := httptest.NewRecorder()
	assets.Handler().ServeHTTP(w, r)
	return w.Result()
}

func read(t *testing.T, r io.Reader) string {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestServesWithHashAndForEver(t *testing.T) {
	types := map[string]string{
		assets.Stylesheet: "text/css; charset=utf-8", assets.Icons: "image/svg+xml",
		assets.Favicon: "image/svg+xml", "fonts/sijil-sans-400.woff2": "font/woff2",
	}
	for name, mediaType := range types {
		path := assets.Path(name)
		if !regexp.MustCompile(`^/assets/([a-z0-9-]+\.[0-9a-f]{8}\.(css|svg)|[0-9a-f]{8}\.woff2)$`).MatchString(path) {
			t.Errorf("%s: address %q", name, path)
		}
		res := get(t, path, "")
		h := res.Header
		if res.StatusCode != http.StatusOK || h.Get("Content-Type") != mediaType {
			t.Errorf("%s: %d %q", name, res.StatusCode, h.Get("Content-Type"))
		}
		if !strings.Contains(h.Get("Cache-Control"), "immutable") || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: headers %v", name, h)
		}
	}
}

func TestCompressedIsTheSame(t *testing.T) {
	plain := read(t, get(t, assets.Path(assets.Stylesheet), "").Body)
	res := get(t, assets.Path(assets.Stylesheet), "br, gzip")
	if res.Header.Get("Content-Encoding") != "gzip" || res.Header.Get("Vary") != "Accept-Encoding" {
		t.Fatalf("headers %v", res.Header)
	}
	zr, err := gzip.NewReader(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if read(t, zr) != plain {
		t.Error("the compressed stylesheet differs")
	}
}

func TestGzipCanBeRefused(t *testing.T) {
	for accept, want := range map[string]string{
		"": "", "gzip;q=0": "", "gzip;Q=0": "", "gzip ; q = 0.0": "", "br,\tgzip;\tq=0": "", "x-gzip-not": "", "identity": "",
		"GZIP": "gzip", "br;q=1, gzip;q=0.1": "gzip",
	} {
		if got := get(t, assets.Path(assets.Stylesheet), accept).Header.Get("Content-Encoding"); got != want {
			t.Errorf("Accept-Encoding %q: sent as %q, want %q", accept, got, want)
		}
	}
}

func TestStylesheet(t *testing.T) {
	css := read(t, get(t, assets.Path(assets.Stylesheet), "").Body)
	if len(css) > 36<<10 {
		t.Errorf("stylesheet has %d bytes, more than 36 KB", len(css))
	}
	for _, m := range regexp.MustCompile(`url\(([^)#]+)(?:#[^)]*)?\)`).FindAllStringSubmatch(css, -1) {
		if res := get(t, assets.Prefix+m[1], ""); res.StatusCode != http.StatusOK {
			t.Errorf("the stylesheet loads %s: %d", m[1], res.StatusCode)
		}
	}
	physical := regexp.MustCompile(`(^|[;{\s])(margin|padding|border)-(left|right|top|bottom)|(^|[;{\s])(left|right|top|bottom|float)\s*:|text-align:\s*(left|right)`)
	if m := physical.FindString(css); m != "" {
		t.Errorf("physical property %q: one sheet serves both directions", m)
	}
}

func TestFonts(t *testing.T) {
	css := read(t, get(t, assets.Path(assets.Stylesheet), "").Body)
	for lang, family := range map[string]string{"fr": "sijil-serif-600", "en": "sijil-serif-600", "ar": "sijil-amiri-700"} {
		addresses := assets.Fonts(lang)
		for _, address := range addresses {
			if !strings.Contains(css, "url("+strings.TrimPrefix(address, assets.Prefix)+")") {
				t.Errorf("%s: the head names %q, which the stylesheet does not load", lang, address)
			}
		}
		if !slices.Contains(addresses, assets.Path("fonts/"+family+".woff2")) {
			t.Errorf("%s: the font of headings is not named in the head: %v", lang, addresses)
		}
	}
	total := 0
	for _, name := range []string{"sijil-sans-arabic-400", "sijil-sans-arabic-600", "sijil-naskh-400", "sijil-amiri-700", "sijil-sans-400", "sijil-sans-600"} {
		total += len(read(t, get(t, assets.Path("fonts/"+name+".woff2"), "").Body))
	}
	if total > 120<<10 {
		t.Errorf("fonts of an Arabic page have %d bytes, more than 120 KB", total)
	}
}

func TestElse(t *testing.T) {
	for _, path := range []string{"/assets/", "/assets/sijil.css", "/assets/../assets.go", "/assets/fonts/sijil-sans-400.woff2"} {
		if res := get(t, path, ""); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
	r := httptest.NewRequest(http.MethodPost, assets.Path(assets.Stylesheet), nil)
	w := httptest.NewRecorder()
	assets.Handler().ServeHTTP(w, r)
	if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") == "" {
		t.Errorf("POST: %d %v", w.Code, w.Header())
	}
	r = httptest.NewRequest(http.MethodGet, assets.Path(assets.Icons), nil)
	r.Header.Set("If-None-Match", get(t, assets.Path(assets.Icons), "").Header.Get("Etag"))
	w = httptest.NewRecorder()
	assets.Handler().ServeHTTP(w, r)
	if w.Code != http.StatusNotModified || w.Body.Len() != 0 {
		t.Errorf("conditional: %d", w.Code)
	}
}

// TestScripts holds what readers, and staff, load to help them: 15 and 30 KB.
func TestScripts(t *testing.T) {
	for folder, most := range map[string]int{"public": 15 << 10, "desk": 30 << 10} {
		names, err := filepath.Glob(folder + "/*.js")
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: %v, %v", folder, names, err)
		}
		total := 0
		for _, name := range names {
			res := get(t, assets.Path(name), "gzip")
			total += len(read(t, res.Body))
			if got := res.Header.Get("Content-Type"); got != "text/javascript; charset=utf-8" {
				t.Errorf("%s: %s", name, got)
			}
		}
		t.Logf("%s: %d bytes", folder, total)
		if total > most {
			t.Errorf("the scripts of %s have %d bytes, more than %d", folder, total, most)
		}
	}
}
