package web_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/blob"
	"github.com/sijil/sijil/internal/capture"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/web/desk"
)

// press is a server of the web, which holds what an institution publishes, and
// what is in its way. It notes what it is asked for.
type press struct {
	*httptest.Server
	asked chan string
}

func newPress(t *testing.T) *press {
	t.Helper()
	p := &press{asked: make(chan string, 100)}
	answer := func(mediaType string, content []byte) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", mediaType)
			_, _ = w.Write(content) // a reader that had enough hangs up
		}
	}
	mux := http.NewServeMux()
	mux.Handle("/communique.pdf", answer("application/pdf", arabicPDF(t)))
	mux.Handle("/moved.pdf", http.RedirectHandler("/communique.pdf", http.StatusMovedPermanently))
	mux.Handle("/other.txt", answer("text/plain; charset=utf-8", []byte("La caisse dément.")))
	mux.Handle("/page", answer("text/html; charset=utf-8", []byte("<!doctype html><h1>Communiqué</h1>")))
	mux.Handle("/huge.pdf", answer("application/pdf", append([]byte("%PDF-1.7\n"), bytes.Repeat([]byte{'x'}, capture.MaxBytes)...)))
	mux.Handle("/broken.pdf", answer("application/pdf", arabicPDF(t)[:5000]))
	mux.Handle("/empty.pdf", answer("application/pdf", nil))
	mux.Handle("/inside", http.RedirectHandler("http://169.254.169.254/latest/meta-data/", http.StatusFound))
	mux.HandleFunc("/never", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.asked <- r.URL.Path
		_, _ = io.Copy(io.Discard, r.Body)
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(p.Close)
	return p
}

// times is how often the server was asked since it was last looked at.
func (p *press) times() (n int) {
	for {
		select {
		case <-p.asked:
			n++
		default:
			return n
		}
	}
}

// reaches lets the desk ask the press, which listens on this machine, and wait
// so long for its answer; 0 is as long as the desk does.
func (p *press) reaches(t *testing.T, patience time.Duration) func(*desk.Config) {
	t.Helper()
	at, err := netip.ParseAddrPort(p.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return func(c *desk.Config) {
		c.Intake = c.Intake.WithReach(capture.Reach{Besides: []netip.AddrPort{at}, Patience: patience})
	}
}

// words is what a message says in a language.
func words(t *testing.T, lang, key string, args ...any) string {
	t.Helper()
	catalog, err := i18n.Load(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(catalog.Localizer(lang).T(key, args...)), " ")
}

// attachURL sends the form with an address, and nothing else to read.
func (s *deskSite) attachURL(t *testing.T, lang string, change map[string]string) *testkit.Answer {
	t.Helper()
	at := "/" + lang + "/desk/statements/new"
	page := testkit.Ask(t, s, at, testkit.As(testkit.Editor))
	return testkit.Post(t, s, at, fields(page, "#attach", change), testkit.As(testkit.Editor))
}

// TestAnAddressOfADocumentIsAttached: what stands there is kept as if it had
// been sent, also by way of another address.
func TestAnAddressOfADocumentIsAttached(t *testing.T) {
	t.Parallel()
	p := newPress(t)
	s := newDeskSite(t, testkit.Database(t), p.reaches(t, 0))
	s.institution(t, "caisse", "Caisse nationale")
	for _, at := range []string{"/communique.pdf", "/moved.pdf"} {
		a := s.attachURL(t, "fr", map[string]string{"issuer.find": "Caisse nationale", "title": "بلاغ", "url": p.URL + at, "anyway": register.HashOf(arabicPDF(t))})
		id, made := s.statementOf(t, a)
		if len(made.Documents) != 1 || len(made.Sources) != 1 || made.OriginalLanguage != "ar" {
			t.Fatalf("%s: saved %+v", at, made)
		}
		if d := made.Documents[0]; d.SHA256 != register.HashOf(arabicPDF(t)) || d.Type != register.TypePDF || d.Name != "communique.pdf" {
			t.Errorf("%s: document %+v", at, d)
		}
		source, err := s.editorial.Source(t.Context(), s.staff[testkit.Editor], made.Sources[0])
		if err != nil || source.URL != p.URL+at || source.Capture == nil || source.Capture.SHA256 != made.Documents[0].SHA256 {
			t.Errorf("%s: source %+v, %v", at, source, err)
		}
		text := testkit.Ask(t, s, "/fr/desk/statements/"+string(id)+"/text", testkit.As(testkit.Editor))
		if !strings.Contains(text.Text("[name='page.1']"), "الصندوق") {
			t.Errorf("%s: proposed %q", at, text.Text("[name='page.1']"))
		}
	}
}

// TestAnAddressThatGivesNothing: each time the page says why and what to do,
// keeps what was typed, and leads on with the address as a source.
func TestAnAddressThatGivesNothing(t *testing.T) {
	t.Parallel()
	p := newPress(t)
	db := testkit.Database(t)
	patient, hurried := newDeskSite(t, db, p.reaches(t, 0)), newDeskSite(t, db, p.reaches(t, time.Second))
	metadata := "http://169.254.169.254/latest/meta-data/"
	cases := []struct{ name, lang, address, key, value string }{
		{"nothing there", "fr", p.URL + "/missing.pdf", "problem.fetch-status", "404"},
		{"a page", "ar", p.URL + "/page", "problem.fetch-page", ""},
		{"too large", "en", p.URL + "/huge.pdf", "problem.file-too-large", ""},
		{"truncated", "fr", p.URL + "/broken.pdf", "problem.file-truncated", ""},
		{"empty", "ar", p.URL + "/empty.pdf", "problem.file-empty", ""},
		{"this machine", "fr", "http://127.0.0.1/communique.pdf", "problem.fetch-refused", ""},
		{"this machine, by name", "en", "http://localhost/communique.pdf", "problem.fetch-refused", ""},
		{"the machine's own data", "ar", metadata, "problem.fetch-refused", ""},
		{"a way to it", "en", p.URL + "/inside", "problem.fetch-refused", ""},
		{"no answer", "ar", p.URL + "/never", "problem.fetch-slow", ""},
		{"nobody listens", "en", closedServer(t), "problem.fetch-refused", ""}, // its port is not the web's
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := patient
			if c.key == "problem.fetch-slow" {
				s = hurried
			}
			typed := map[string]string{
				"title": "Communiqué " + c.name, "date": "10 avril 2025", "issuer.new.name": "Agence neuve " + c.name, "issuer.new.kind": "agency", "url": c.address,
			}
			a := s.attachURL(t, c.lang, typed)
			said := strings.Join(strings.Fields(a.Text("#url-error")), " ")
			if a.Status != http.StatusUnprocessableEntity || !strings.Contains(said, words(t, c.lang, c.key, "value", c.value)) || a.Count(`.error-summary a[href="#url"]`) != 1 {
				t.Fatalf("status %d: %q", a.Status, said)
			}
			for name, value := range typed {
				if got := a.Attr("#attach [name='"+name+"']", "value"); got != value && name != "issuer.new.kind" {
					t.Errorf("%s is %q, was %q", name, got, value)
				}
			}
			if a.Attr("[name='issuer.new.kind'] option[selected]", "value") != "agency" || a.Count("#attach [data-input]") > 7 {
				t.Error("the kind is lost, or there are more inputs")
			}
			p.times()
			form := fields(a, "#attach", map[string]string{"cite": a.Attr("#cite", "value")})
			_, made := s.statementOf(t, testkit.Post(t, s, "/"+c.lang+"/desk/statements/new", form, testkit.As(testkit.Editor)))
			if len(made.Documents) != 0 || len(made.Sources) != 1 || p.times() != 0 {
				t.Errorf("saved %+v", made)
			}
		})
	}
}

// closedServer is the address of a server that has gone.
func closedServer(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(http.NotFoundHandler())
	s.Close()
	return s.URL
}

// TestAnAddressIsAskedOnce: a document that was fetched is kept while the rest
// of the form is corrected, and goes when another address is given.
func TestAnAddressIsAskedOnce(t *testing.T) {
	t.Parallel()
	p := newPress(t)
	s := newDeskSite(t, testkit.Database(t), p.reaches(t, 0))
	s.institution(t, "caisse", "Caisse nationale")
	send := func(a *testkit.Answer, change map[string]string) *testkit.Answer {
		return testkit.Post(t, s, attachPath, fields(a, "#attach", change), testkit.As(testkit.Editor))
	}
	a := s.attachURL(t, "fr", map[string]string{"issuer.find": "Caisse nationale", "title": "Démenti", "date": "32 avril", "url": p.URL + "/communique.pdf"})
	if a.Status != http.StatusUnprocessableEntity || a.Text(".document h2") != "communique.pdf" || !strings.Contains(a.Text(".document"), p.URL+"/communique.pdf") || p.times() != 1 {
		t.Fatalf("status %d: %s", a.Status, a.Text(".document"))
	}
	if a = send(a, nil); a.Count("#date-error") != 1 || p.times() != 0 {
		t.Error("what is kept was asked for again")
	}
	// Another address gives nothing: the first document does not stay for it.
	if a = send(a, map[string]string{"url": p.URL + "/page"}); a.Count("#url-error") != 1 || a.Count(".document") != 0 {
		t.Fatalf("another address: %s", a.Text(".document"))
	}
	// Nor is the word of one address that of another.
	page := a.Attr("#cite", "value")
	a = send(a, map[string]string{"url": p.URL + "/other.txt", "cite": page, "date": "3 avril 2025"})
	if _, made := s.statementOf(t, a); len(made.Documents) != 1 || made.Documents[0].Name != "other.txt" || made.Documents[0].Type != register.TypeText {
		t.Errorf("saved %+v", made)
	}
	// A file that is sent is the document, whatever stands at the address.
	p.times()
	form := fields(testkit.Ask(t, s, attachPath, testkit.As(testkit.Editor)), "#attach", map[string]string{"issuer.find": "Caisse nationale", "title": "Avec fichier", "url": p.URL + "/other.txt"})
	if _, made := s.statementOf(t, s.postFile(t, form, "بلاغ.pdf", arabicPDF(t))); len(made.Documents) != 1 || made.Documents[0].Type != register.TypePDF || p.times() != 0 {
		t.Errorf("saved %+v", made)
	}
}

// TestADocumentFromAnAddressIsRecognised: by its content, wherever it stands.
func TestADocumentFromAnAddressIsRecognised(t *testing.T) {
	t.Parallel()
	p := newPress(t)
	s := newDeskSite(t, testkit.Database(t), p.reaches(t, 0))
	id, _ := s.attachedPDF(t)
	a := s.attachURL(t, "fr", map[string]string{"issuer.find": "Caisse nationale", "title": "Encore", "url": p.URL + "/communique.pdf"})
	if a.Status != http.StatusUnprocessableEntity || a.Attr("#same a", "href") != "/fr/desk/statements/"+string(id) {
		t.Errorf("status %d: %s", a.Status, a.Text(".error-summary"))
	}
}

// TestADeskWithoutFilesCitesTheAddress: nothing is fetched that cannot be kept.
func TestADeskWithoutFilesCitesTheAddress(t *testing.T) {
	t.Parallel()
	p := newPress(t)
	s := newDeskSite(t, testkit.Database(t), func(c *desk.Config) { c.Intake = nil })
	s.institution(t, "caisse", "Caisse nationale")
	a := s.attachURL(t, "fr", map[string]string{"issuer.find": "Caisse nationale", "title": "Une adresse", "url": p.URL + "/communique.pdf"})
	if _, made := s.statementOf(t, a); len(made.Documents) != 0 || len(made.Sources) != 1 || p.times() != 0 {
		t.Errorf("saved %+v", made)
	}
}

// TestTheDeskAsksThePublicWebOnly, unless a test says otherwise.
func TestTheDeskAsksThePublicWebOnly(t *testing.T) {
	t.Parallel()
	p := newPress(t)
	s := newDeskSite(t, testkit.Database(t))
	a := s.attachURL(t, "fr", map[string]string{"title": "Une adresse", "url": p.URL + "/communique.pdf"})
	if said := a.Text("#url-error"); !strings.Contains(strings.Join(strings.Fields(said), " "), words(t, "fr", "problem.fetch-refused")) || p.times() != 0 {
		t.Errorf("status %d: %q", a.Status, said)
	}
}

// hostilePDF does something as soon as it is opened.
func hostilePDF(action string) []byte {
	return testkit.WritePDF("<</Type/Catalog/Pages 2 0 R/OpenAction "+action+">>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>>>")
}

// badPieces are files that are not accepted, and the keys of what is said of
// each; what breaks its reader may do so in more than one way.
func badPieces(t *testing.T) []badPiece {
	t.Helper()
	good := arabicPDF(t)
	bomb := strings.Replace(testkit.PDFBomb(3<<29), "<<", "<</Type/ObjStm/N 1/First 4", 1)
	return []badPiece{
		{"wrong.exe", []byte("MZ\x90\x00\x03\x00\x00\x00\x04"), []string{"type"}},
		{"not-really.pdf", []byte("<html><script>alert(1)</script>"), []string{"type"}},
		{"picture.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), []string{"type"}},
		{"empty.pdf", nil, []string{"empty"}},
		{"blank.txt", []byte(" \n\n "), []string{"empty"}},
		{"truncated.pdf", good[:len(good)/2], []string{"truncated"}},
		{"huge.pdf", append([]byte("%PDF-1.7\n"), bytes.Repeat([]byte{'x'}, desk.MaxFile)...), []string{"too-large"}},
		{"encrypted.pdf", testkit.EncryptPDF(t, hostilePDF("[3 0 R/Fit]"), "secret"), []string{"encrypted"}},
		{"javascript.pdf", hostilePDF(`<</S/JavaScript/JS(app.alert\(1\))>>`), []string{"active"}},
		{"launch.pdf", hostilePDF("<</S/Launch/F(cmd.exe)>>"), []string{"active"}},
		{"form.pdf", hostilePDF("<</S/SubmitForm/F(http://x.example)>>"), []string{"active"}},
		{"bomb.pdf", testkit.WritePDF("<</Type/Catalog/Pages 2 0 R>>", bomb), []string{"unreadable", "damaged"}},
		{"deep.pdf", hostilePDF(strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)), []string{"unreadable", "damaged", "active"}},
	}
}

type badPiece struct {
	name    string
	content []byte
	keys    []string
}

// TestABadPieceTakesNothingAlong sends what cannot be accepted, with everything
// else filled in, in each language.
func TestABadPieceTakesNothingAlong(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Database(t))
	for i, c := range badPieces(t) {
		lang := i18n.Langs()[i%3]
		t.Run(c.name+" "+lang, func(t *testing.T) {
			at := "/" + lang + "/desk/statements/new"
			page := testkit.Ask(t, s, at, testkit.As(testkit.Editor))
			typed := map[string]string{
				"title": "Communiqué " + c.name, "date": "10 avril 2025", "issuer.new.name": "Agence neuve", "issuer.new.kind": "agency",
				"url": "https://agence.example/communique",
			}
			refused := s.postFileTo(t, at, fields(page, "#attach", typed), c.name, c.content)
			said := strings.Join(strings.Fields(refused.Text("#file-error")), " ")
			isMeant := func(key string) bool { return strings.Contains(said, words(t, lang, "problem.file-"+key)) }
			if refused.Status != http.StatusUnprocessableEntity || !slices.ContainsFunc(c.keys, isMeant) || refused.Count(`.error-summary a[href="#file"]`) != 1 {
				t.Fatalf("status %d: %q", refused.Status, said)
			}
			// Also after a look elsewhere.
			for _, page := range []*testkit.Answer{refused, testkit.Ask(t, s, at, testkit.As(testkit.Editor))} {
				for name, value := range typed {
					if got := page.Fields("#attach").Get(name); got != value {
						t.Errorf("%s is %q, was %q", name, got, value)
					}
				}
			}
		})
	}
	var records, files int
	err := s.db.Owner().QueryRow(t.Context(), `SELECT (SELECT count(*) FROM desk.records), (SELECT count(*) FROM desk.files)`).Scan(&records, &files)
	if err != nil || records != 0 || files != 0 {
		t.Errorf("%d records and %d files, %v", records, files, err)
	}
	if err := s.blobs.Each(t.Context(), func(b blob.Info) error { return fmt.Errorf("%s is kept", b.SHA256) }); err != nil {
		t.Error(err)
	}
}

// TestARefusedAddressInABrowser: the way on can be read and taken, on a narrow
// screen and from right to left.
func TestARefusedAddressInABrowser(t *testing.T) {
	browser := testkit.Chromium(t)
	s := newDeskSite(t, testkit.Database(t))
	s.institution(t, "caisse", "Caisse nationale")
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	tab := browser.Open(t, server.URL+"/healthz", screens()[0])
	tab.SignIn(server.URL, testkit.Editor)
	tab.Go(server.URL + "/ar/desk/statements/new")
	tab.Fill("#url", "http://127.0.0.1/a-very-long-name-of-a-document-that-does-not-fit-on-a-line-of-a-narrow-screen.pdf")
	tab.Fill("#issuer\\.find", "caisse")
	tab.Fill("#title", "بلاغ الصندوق")
	tab.Submit("#attach .save-bar button")
	if tab.Text("#unfetched") == "" {
		t.Fatalf("at %s: %s", tab.Location(), tab.Text(".error-summary"))
	}
	if violations := tab.Axe(); len(violations) > 0 {
		t.Errorf("axe: %v", violations)
	}
	if over := tab.Overflow(); over != "" {
		t.Errorf("too wide: %s", over)
	}
	tab.Click("#cite")
	tab.Submit("#attach .save-bar button")
	if !strings.Contains(tab.Location(), "/text") {
		t.Errorf("at %s: %s", tab.Location(), tab.Text(".error-summary"))
	}
}
