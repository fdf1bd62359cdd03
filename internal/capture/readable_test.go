package capture_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os/exec"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/sijil/sijil/internal/capture"
)

const long = "Le Fonds modèle de sécurité sociale précise que les premières vérifications menées sur les documents diffusés ont montré que " +
	"nombre d’entre eux sont inexacts ou tronqués, et qu’une enquête administrative interne a été ouverte sans délai par ses services."

// readablePages are pages with what can be read of them.
func readablePages() map[string]struct{ page, contentType, title, text string } {
	return map[string]struct{ page, contentType, title, text string }{
		"main part": {
			`<!doctype html><title> Un
			communiqué </title><header>Le site</header><nav>Menu</nav><main><h1>Communiqué</h1><p>` + long + `</p></main><footer>©</footer>`,
			"text/html; charset=utf-8", "Un communiqué", "Communiqué\n" + long,
		},
		"article with its own header": {
			`<body><header>Le site</header><article><header><h1>Titre</h1></header><p>` + long + `<br>Fin</p></article>Ailleurs`,
			"text/html; charset=utf-8", "", "Titre\n" + long + "\nFin",
		},
		"short article among others": {
			`<body><article>Un</article><article>Deux</article><p>Trois`, "text/html", "", "Un\nDeux\nTrois",
		},
		"hidden things": {
			`<p hidden>a<p aria-hidden="true">b<p>c<script>d()</script><style>e{}</style><template>f</template><noscript>g</noscript>`,
			"text/html", "", "c",
		},
		"inline elements": {`<p>Le <b>Fonds</b>, <i>dit</i>-<a href=x>il</a>.<ul><li>un<li>deux</ul>`, "text/html", "", "Le Fonds, dit-il.\nun\ndeux"},
		"another alphabet's code": {
			"<meta charset=windows-1256><p>\xc7\xe1\xd1\xc8\xc7\xd8", "text/html", "", "الرباط",
		},
		"a code that is declared":  {"<p>\xc7\xe1\xd1\xc8\xc7\xd8", `text/html; Charset="CP1256"`, "", "الرباط"},
		"a code that nobody knows": {"<p>a", "text/html; charset=\"\u2028 -x\"", "", "a"},
		"title of a picture":       {`<svg><title>icon</title></svg><p>a`, "text/html", "", "a"},
		"nothing":                  {"", "text/html", "", ""},
	}
}

func TestReadable(t *testing.T) {
	t.Parallel()
	for name, test := range readablePages() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			title, text := capture.Readable([]byte(test.page), test.contentType)
			if title != test.title || text != test.text {
				t.Errorf("%q\n%q\nwant\n%q\n%q", title, text, test.title, test.text)
			}
		})
	}
}

// served is an intake that takes whatever is to be served at an address.
func served(t *testing.T, body []byte, contentType string, command ...string) (capture.Taken, error) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write(body)
	}))
	t.Cleanup(server.Close)
	in, err := capture.New(command...)
	if err != nil {
		t.Fatal(err)
	}
	return in.WithReach(capture.Reach{Besides: []netip.AddrPort{addressOf(t, server)}}).Take(t.Context(), server.URL+"/", taking)
}

// TestAPageIsReadAsBefore: in a process of its own, as in this one.
func TestAPageIsReadAsBefore(t *testing.T) {
	for name, test := range readablePages() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := served(t, []byte(test.page), test.contentType)
			if err != nil || got.Unread != nil || got.Type != "text/html" || got.Title != test.title || got.Text != test.text {
				t.Errorf("%q\n%q\nwant\n%q\n%q; %v, %v", got.Title, got.Text, test.title, test.text, err, got.Unread)
			}
		})
	}
	rows := strings.Repeat("<tr><td><a href=/x>Le Fonds</a><td class=n>12 345<td>a subi une attaque.\n", 5<<20/72)
	got, err := served(t, []byte("<title>Un tableau</title><table>"+rows), "text/html; charset=utf-8")
	if title, text := capture.Readable([]byte("<title>Un tableau</title><table>"+rows), "text/html"); err != nil || got.Unread != nil || got.Title != title || got.Text != text || len(text) < 1<<20 {
		t.Errorf("a long table: %d bytes of text, not %d: %v, %v", len(got.Text), len(text), err, got.Unread)
	}
}

// bodies is a page of a size whose every tag is compared with all before it.
func bodies(size int) []byte {
	page := []byte("<p>Read me.")
	for i := 0; len(page) < size-16; i++ {
		page = fmt.Appendf(page, "<body a%d>", i)
	}
	return page
}

// ends is a page of a size of ends of what was never begun.
func ends(size int) []byte {
	return append([]byte("<p>Read me."), bytes.Repeat([]byte("a</x>"), size/5-4)...)
}

// TestAPageTakesNoMoreThanItMay: what reads a page that was made to take hours, ends at
// its limits, and the page is kept as evidence without its text.
// It runs before those that run together: it takes the processors from servers whose
// time is counted.
func TestAPageTakesNoMoreThanItMay(t *testing.T) {
	for name, attack := range map[string]func(int) []byte{"bodies": bodies, "ends": ends} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// The control: there is nothing wrong with less of the same, here or there.
			little := attack(8 << 10)
			_, text := capture.Readable(little, "")
			got, err := served(t, little, "text/html")
			if err != nil || got.Unread != nil || got.Text != text || !strings.HasPrefix(text, "Read me.") {
				t.Fatalf("%.20q, %v, %v", got.Text, err, got.Unread)
			}
			page := attack(capture.MaxBytes)
			got, err = served(t, page, "text/html")
			if err != nil || !bytes.Equal(got.Body, page) || got.Type != "text/html" || got.Title+got.Text != "" {
				t.Errorf("%d bytes, %q, %.20q: %v", len(got.Body), got.Type, got.Text, err)
			}
			ended, ok := errors.AsType[*exec.ExitError](got.Unread)
			if !errors.Is(got.Unread, capture.ErrUnreadable) || !ok || ended.UserTime() < time.Second {
				t.Fatalf("not ended at the limits of another process: %v", got.Unread)
			}
			t.Logf("%d bytes: %v after %v of a processor", len(page), got.Unread, ended.UserTime()+ended.SystemTime())
		})
	}
}

// TestTheLimitIsWhatEndsAPage: one that this process reads in a second is not read where
// there is less time than that. It runs by itself, like the one above.
func TestTheLimitIsWhatEndsAPage(t *testing.T) {
	page := bodies(28 << 10)
	if _, text := capture.Readable(page, ""); text != "Read me." {
		t.Fatalf("%.20q", text)
	}
	in := capture.WithWorkTime(intake(t), 100*time.Millisecond)
	if _, err := capture.Article(t.Context(), in, page); !errors.Is(err, capture.ErrUnreadable) {
		t.Errorf("in no time: %v", err)
	}
	if text, err := capture.Article(t.Context(), intake(t), page); err != nil || text != "Read me." {
		t.Errorf("in the usual time: %.20q, %v", text, err)
	}
}

// TestNoPageIsReadHere: where the process that reads them cannot be started, a page, a
// text and a PDF are kept, and nothing is read. That is our fault, not theirs.
func TestNoPageIsReadHere(t *testing.T) {
	t.Parallel()
	for contentType, body := range map[string][]byte{
		"text/html": []byte("<title>A title</title><p>A text."), "text/plain": []byte("A text."), "application/pdf": letter("A text."),
	} {
		got, err := served(t, body, contentType, "/no/such/program")
		if err != nil || got.Title+got.Text != "" || got.Unread == nil || errors.Is(got.Unread, capture.ErrUnreadable) || !bytes.Equal(got.Body, body) {
			t.Errorf("%s: %q %q: %v, %v", contentType, got.Title, got.Text, err, got.Unread)
		}
	}
}

// TestWhyAPageWasNotReadRepeatsNothingOfIt: why a page was not read says nothing of the page.
func TestWhyAPageWasNotReadRepeatsNothingOfIt(t *testing.T) {
	t.Parallel()
	got, err := served(t, []byte("<p>A secret."), "text/html", "/bin/sh", "-c", "cat >&2; exit 1")
	if err != nil || !errors.Is(got.Unread, capture.ErrUnreadable) || strings.Contains(got.Unread.Error(), "secret") {
		t.Errorf("%v, %v", got.Unread, err)
	}
}

// TestReadableOfADeepPage neither breaks nor takes long.
func TestReadableOfADeepPage(t *testing.T) {
	t.Parallel()
	for _, element := range []string{"<div>", "<b>", "<header>", "<table><tr><td>"} {
		capture.Readable([]byte(strings.Repeat(element, 20000)+"x"), "text/html")
	}
}

func FuzzReadable(f *testing.F) {
	f.Add([]byte("<main><p>a<br>b</main>"), "text/html")
	f.Add([]byte("\xff\xfe<"), "text/html; charset=utf-16")
	f.Fuzz(func(t *testing.T, page []byte, contentType string) {
		title, text := capture.Readable(page, contentType)
		if !utf8.ValidString(title + text) { // it would be another when it has come out of the worker, as JSON
			t.Fatalf("%q %q", title, text)
		}
		for line := range strings.SplitSeq(text, "\n") {
			if strings.ContainsAny(line, "\r\t") || len(line) != len(strings.TrimSpace(line)) {
				t.Fatalf("%q", line)
			}
		}
	})
}
