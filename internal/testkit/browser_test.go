package testkit_test

import (
	"fmt"
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

// TestATabActs fills and sends a form with the keyboard, with scripts on and
// off.
func TestATabActs(t *testing.T) {
	t.Parallel()
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		cookie, _ := r.Cookie("sijil_session")
		_, _ = fmt.Fprintf(w, `<!doctype html><html lang="fr"><body><script>document.body.dataset.script = "on"</script>
			<p id="said">%s %s %v</p>
			<form method="post"><input id="name" name="name" value="avant"><select id="of" name="of"><option>a<option>b</select><button>Envoyer</button></form>`,
			r.FormValue("name"), r.FormValue("of"), cookie)
	}))
	t.Cleanup(site.Close)
	browser := testkit.Chromium(t)
	for script, want := range map[bool]string{true: "on", false: ""} {
		tab := browser.Open(t, site.URL, testkit.Screen{Width: 800, Height: 600})
		if !script {
			tab.NoScript()
		}
		tab.SignIn(site.URL, "analyst@example.org")
		tab.Go(site.URL)
		tab.Fill("#name", "مرحبا é")
		tab.Choose("#of", "b")
		if got := tab.Value("#name"); got != "مرحبا é" {
			t.Errorf("typed %q", got)
		}
		tab.Submit("button")
		if got := tab.Text("#said"); got != "مرحبا é b sijil_session=analyst@example.org" {
			t.Errorf("the site was told %q", got)
		}
		if got := testkit.Eval[string](tab, `document.body.dataset.script ?? ""`); got != want {
			t.Errorf("scripts are %q, want %q", got, want)
		}
	}
}

// TestAClickThatMissesAimsAgain clicks on a button that a script moves away
// just as the pointer goes down.
func TestAClickThatMissesAimsAgain(t *testing.T) {
	t.Parallel()
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprintf(w, `<!doctype html><html lang="fr"><body><p id="said">%s</p><p id="late" hidden style="height:200px">…</p>
			<form method="post"><button name="sent" value="yes">Envoyer</button></form><script>
				document.addEventListener("mousedown", () => { document.querySelector("#late").hidden = false; });
			</script>`, r.FormValue("sent"))
	}))
	t.Cleanup(site.Close)
	tab := testkit.Chromium(t).Open(t, site.URL, testkit.Screen{Width: 800, Height: 600})
	tab.Submit("button")
	if said := tab.Text("#said"); said != "yes" {
		t.Errorf("the site was told %q", said)
	}
}
