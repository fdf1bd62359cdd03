package testkit_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/testkit"
)

// faulty is a page on which every check of the browser finds something.
const faulty = `<!doctype html><html lang="ar" dir="rtl"><head><title>faulty</title>
<link rel="stylesheet" href="/style.css"><link rel="stylesheet" href="http://elsewhere.test/x.css"></head>
<body><main><h1>سجل</h1><p class="pale">نص باهت لا يكاد يقرأ</p><img src="/x.png">
<p style="color: red">inline</p><div class="wide">wide</div></main></body></html>`

// TestTheBrowserFindsFaults checks the checker, above all that the contrast of
// Arabic text is seen.
func TestTheBrowserFindsFaults(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/style.css":
			w.Header().Set("Content-Type", "text/css")
			_, _ = w.Write([]byte(".pale { color: #ccc; background: #fff } .wide { width: 2000px } @media (prefers-color-scheme: dark) { .pale { color: #000 } }"))
		default:
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Header().Set("Content-Security-Policy", "default-src 'self'")
			_, _ = w.Write([]byte(faulty))
		}
	}))
	t.Cleanup(server.Close)
	tab := testkit.Chromium(t).Open(t, server.URL, testkit.Screen{Width: 360, Height: 640})
	if !strings.Contains(tab.Overflow(), "DIV.wide") {
		t.Errorf("overflow: %q", tab.Overflow())
	}
	if complaints := strings.Join(tab.Complaints(), "\n"); !strings.Contains(complaints, "Content Security Policy") {
		t.Errorf("console: %q", complaints)
	}
	rules := func(found []testkit.Violation) string {
		var out []string
		for _, v := range found {
			out = append(out, v.Rule)
		}
		return strings.Join(out, " ")
	}
	if found := rules(tab.Axe()); !strings.Contains(found, "image-alt") || !strings.Contains(found, "color-contrast") {
		t.Errorf("axe: %s", found)
	}
	tab.Look(testkit.Screen{Width: 360, Height: 640, Dark: true})
	if found := rules(tab.Contrast()); found != "" {
		t.Errorf("dark: %s", found)
	}
	if text := testkit.Eval[string](tab, `document.querySelector("h1").innerText`); text != "سجل" {
		t.Errorf("the page was left with %q", text)
	}
}

func TestStrangersAreSeen(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(faulty))
	}))
	t.Cleanup(server.Close)
	tab := testkit.Chromium(t).Open(t, server.URL, testkit.Screen{Width: 360, Height: 640})
	if strangers := tab.Strangers(server.URL); len(strangers) != 1 || strangers[0] != "http://elsewhere.test/x.css" {
		t.Errorf("strangers: %v", strangers)
	}
}
