package web_test

import (
	"bytes"
	"context"
	"errors"
	"image/png"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"testing/synctest"

	"github.com/sijil/sijil/internal/blob"
	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/web"
	"github.com/sijil/sijil/internal/web/desk"
)

const paper = "%PDF-1.7 a communiqué"

// library is a folder of files with the paper in it.
func library(t *testing.T) (store blob.Store, root string) {
	t.Helper()
	root = t.TempDir()
	store, err := blob.NewFolder(root)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Put(t.Context(), strings.NewReader(paper), 0); err != nil {
		t.Fatal(err)
	}
	return store, root
}

func TestDocument(t *testing.T) {
	t.Parallel()
	blobs, _ := library(t)
	s := newStage(t, func(c *web.Config) { c.Blobs = blobs })
	sha := register.HashOf([]byte(paper))
	a := testkit.Ask(t, s, "/documents/"+sha)
	if a.Status != http.StatusOK || a.Body != paper {
		t.Fatalf("status %d, %q", a.Status, a.Body)
	}
	for name, want := range map[string]string{
		"Content-Type": "application/pdf", "Content-Security-Policy": "sandbox; default-src 'none'",
		"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "no-cache",
		"ETag": `"` + sha + `"`, "Content-Length": "22", "Set-Cookie": "",
	} {
		if got := a.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	// The quote, the override of direction and the wrong end are gone.
	kind, params, err := mime.ParseMediaType(a.Header.Get("Content-Disposition"))
	if err != nil || kind != "attachment" || params["filename"] != "بلاغ x_.html.pdf" {
		t.Errorf("%q: %q %v", a.Header.Get("Content-Disposition"), params, err)
	}
	again := testkit.Ask(t, s, "/documents/"+sha, func(r *http.Request) { r.Header.Set("If-None-Match", `"`+sha+`"`) })
	if again.Status != http.StatusNotModified || again.Body != "" {
		t.Errorf("again: status %d, %q", again.Status, again.Body)
	}
	head := testkit.Ask(t, s, "/documents/"+sha, func(r *http.Request) { r.Method = http.MethodHead })
	if head.Status != http.StatusOK || head.Body != "" || head.Header.Get("Content-Length") != "22" {
		t.Errorf("head: status %d, %q", head.Status, head.Body)
	}
}

// slowLibrary counts what is opened, and lets nobody read before it is told to.
type slowLibrary struct {
	blob.Store
	opened atomic.Int64
	let    chan struct{}
}

func (l *slowLibrary) Open(ctx context.Context, sha string) (io.ReadCloser, blob.Info, error) {
	l.opened.Add(1)
	content, info, err := l.Store.Open(ctx, sha)
	return slowContent{content, l.let}, info, err
}

type slowContent struct {
	io.ReadCloser
	let chan struct{}
}

func (c slowContent) Read(p []byte) (int, error) {
	<-c.let
	return c.ReadCloser.Read(p)
}

// TestSlowReadersOfDocumentsHoldNoPlace: many read slowly, where one file is opened at
// a time, and the next is let in. Who asks for the head alone has nothing opened.
func TestSlowReadersOfDocumentsHoldNoPlace(t *testing.T) {
	t.Parallel()
	blobs, _ := library(t)
	synctest.Test(t, func(t *testing.T) {
		slow := &slowLibrary{Store: blobs, let: make(chan struct{})}
		s := newStage(t, func(c *web.Config) { c.Blobs, c.Limits = slow, map[web.Class]int{web.ClassFetch: 1} })
		at := "/documents/" + register.HashOf([]byte(paper))
		asHead := func(r *http.Request) { r.Method = http.MethodHead }
		var readers sync.WaitGroup
		for n := range int64(5) {
			readers.Go(func() {
				if a := testkit.Ask(t, s, at); a.Status != http.StatusOK || a.Body != paper {
					t.Errorf("status %d, %q", a.Status, a.Body)
				}
			})
			if synctest.Wait(); slow.opened.Load() != n+1 {
				t.Errorf("%d read slowly, and the next is not let in", n)
			}
		}
		head := testkit.Ask(t, s, at, asHead)
		if head.Status != http.StatusOK || head.Header.Get("Content-Length") != "22" || head.Header.Get("ETag") == "" || slow.opened.Load() != 5 {
			t.Errorf("head: status %d, %v; %d opened", head.Status, head.Header, slow.opened.Load())
		}
		if head = testkit.Ask(t, s, "/documents/"+strings.Repeat("0", 64), asHead); head.Status != http.StatusNotFound {
			t.Errorf("head of what is not there: status %d", head.Status)
		}
		close(slow.let)
		readers.Wait()
	})
}

// TestADocumentThatBreaksOffIsSeenToBe: it changes while somebody reads it. What he
// gets is not what was announced, and the log says which file it is.
func TestADocumentThatBreaksOffIsSeenToBe(t *testing.T) {
	t.Parallel()
	blobs, _ := library(t)
	var log bytes.Buffer
	s := newStage(t, func(c *web.Config) {
		c.Blobs, c.Log = breaking{blobs}, slog.New(slog.NewTextHandler(&log, nil))
	})
	server := httptest.NewServer(s)
	sha := register.HashOf([]byte(paper))
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/documents/"+sha, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(answer.Body)
	if !errors.Is(err, io.ErrUnexpectedEOF) || len(got) >= len(paper) {
		t.Errorf("%q, %v", got, err)
	}
	_ = answer.Body.Close()
	server.Close() // what it writes into the log is there now
	if !strings.Contains(log.String(), sha) || !strings.Contains(log.String(), "damaged") {
		t.Errorf("the log: %s", log.String())
	}
}

// breaking is a store whose contents turn out to be damaged after five bytes.
type breaking struct{ blob.Store }

func (b breaking) Open(ctx context.Context, sha string) (io.ReadCloser, blob.Info, error) {
	content, info, err := b.Store.Open(ctx, sha)
	if err != nil {
		return nil, info, err
	}
	return struct {
		io.Reader
		io.Closer
	}{io.MultiReader(io.LimitReader(content, 5), iotest.ErrReader(blob.ErrCorrupt)), content}, info, nil
}

// TestDocumentThatIsNotPublic: whatever lies in the store, and whatever is
// asked for, only what the record names is handed out.
func TestDocumentThatIsNotPublic(t *testing.T) {
	t.Parallel()
	blobs, _ := library(t)
	draft, err := blobs.Put(t.Context(), strings.NewReader("a draft's document"), 0)
	if err != nil {
		t.Fatal(err)
	}
	s := newStage(t, func(c *web.Config) { c.Blobs = blobs })
	sha := register.HashOf([]byte(paper))
	for _, at := range []string{draft.SHA256, strings.ToUpper(sha), sha + "0", "x", "..%2f..%2fetc%2fpasswd", sha + "/", ""} {
		if a := testkit.Ask(t, s, "/documents/"+at); a.Status != http.StatusNotFound {
			t.Errorf("%s: status %d", at, a.Status)
		}
	}
	if err := blobs.Delete(t.Context(), sha); err != nil {
		t.Fatal(err)
	}
	if a := testkit.Ask(t, s, "/documents/"+sha); a.Status != http.StatusNotFound {
		t.Errorf("a content that is gone: status %d", a.Status)
	}
	if a := testkit.Ask(t, newStage(t), "/documents/"+sha); a.Status != http.StatusNotFound {
		t.Errorf("a site without documents: status %d", a.Status)
	}
}

// TestAFlippedBitIsNotServedToStaff, nor drawn as a picture.
func TestAFlippedBitIsNotServedToStaff(t *testing.T) {
	t.Parallel()
	blobs, root := library(t)
	s := newDeskSite(t, testkit.Database(t), func(c *desk.Config) { c.Editorial = c.Editorial.WithFiles(blobs) })
	examined, err := s.intake.Intake(t.Context(), strings.NewReader("A communiqué."), "c.txt", register.TypeText)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.editorial.WithFiles(blobs).AttachFile(t.Context(), s.staff[testkit.Analyst], examined.File, examined.Content); err != nil {
		t.Fatal(err)
	}
	sha := examined.SHA256
	if err := os.WriteFile(filepath.Join(root, sha[:2], sha[2:4], sha), []byte("A communiquÉ."), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, at := range []string{"/fr/desk/documents/" + sha, "/fr/desk/documents/" + sha + "/pages/1"} {
		a := testkit.Ask(t, s, at, testkit.As(testkit.Editor))
		if a.Status != http.StatusInternalServerError || strings.Contains(a.Body, "communiquÉ") || a.Text("h1") != words(t, "fr", "error.damaged.title") {
			t.Errorf("%s: status %d, %q", at, a.Status, a.Text("h1"))
		}
	}
}

// TestAFlippedBitIsNotServed: a page says what
// happened in the reader's language, and the log names the file.
func TestAFlippedBitIsNotServed(t *testing.T) {
	t.Parallel()
	blobs, root := library(t)
	var log bytes.Buffer
	s := newStage(t, func(c *web.Config) { c.Blobs, c.Log = blobs, slog.New(slog.NewTextHandler(&log, nil)) })
	sha := register.HashOf([]byte(paper))
	flipped := []byte(paper)
	flipped[len(flipped)-1] ^= 1
	if err := os.WriteFile(filepath.Join(root, sha[:2], sha[2:4], sha), flipped, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, lang := range []string{"fr", "ar", "en"} {
		a := testkit.Ask(t, s, "/documents/"+sha, func(r *http.Request) { r.Header.Set("Accept-Language", lang) })
		if a.Status != http.StatusInternalServerError || strings.Contains(a.Body, string(flipped[:8])) || a.Header.Get("ETag") != "" {
			t.Errorf("%s: status %d: %s", lang, a.Status, a.Body)
		}
		if got := a.Text("h1"); got != words(t, lang, "error.damaged.title") {
			t.Errorf("%s: the page says %q", lang, got)
		}
	}
	if !strings.Contains(log.String(), sha) || !strings.Contains(log.String(), "damaged") || !strings.Contains(log.String(), "level=ERROR") {
		t.Errorf("the log: %s", log.String())
	}
}

// TestDeskDocument: staff get what they attached, and pictures of its pages.
func TestDeskDocument(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Database(t))
	pdf, err := os.ReadFile("../capture/testdata/communique-ar.pdf")
	if err != nil {
		t.Fatal(err)
	}
	examined, err := s.intake.Intake(t.Context(), bytes.NewReader(pdf), "بلاغ.pdf", register.TypePDF)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.editorial.AttachFile(t.Context(), s.staff[testkit.Analyst], examined.File, examined.Content); err != nil {
		t.Fatal(err)
	}
	at := "/ar/desk/documents/" + examined.SHA256
	a := testkit.Ask(t, s, at, testkit.As(testkit.Editor))
	if a.Status != http.StatusOK || a.Body != string(pdf) || a.Header.Get("Content-Security-Policy") != "sandbox; default-src 'none'" ||
		a.Header.Get("Cache-Control") != "no-store" || !strings.HasPrefix(a.Header.Get("Content-Disposition"), "attachment;") {
		t.Errorf("status %d, %v", a.Status, a.Header)
	}
	if a := testkit.Ask(t, s, "/documents/"+examined.SHA256); a.Status != http.StatusNotFound {
		t.Errorf("a draft's document, for everybody: status %d", a.Status)
	}
	for _, page := range []string{"0", "3", "x", "-1"} {
		if a := testkit.Ask(t, s, at+"/pages/"+page, testkit.As(testkit.Editor)); a.Status != http.StatusNotFound {
			t.Errorf("page %s: status %d", page, a.Status)
		}
	}
	a = testkit.Ask(t, s, at+"/pages/1", testkit.As(testkit.Editor))
	if _, err := exec.LookPath("pdftoppm"); errors.Is(err, exec.ErrNotFound) {
		if a.Status != http.StatusNotFound {
			t.Errorf("without pdftoppm: status %d", a.Status)
		}
		return
	}
	if picture, err := png.DecodeConfig(strings.NewReader(a.Body)); err != nil || a.Header.Get("Content-Type") != "image/png" || picture.Height < 1000 {
		t.Errorf("status %d, %+v %v", a.Status, picture, err)
	}
}

// TestAStatementLeadsToItsDocuments: to those of which there is a copy, saying
// what each is; of the others it says that there is none.
func TestAStatementLeadsToItsDocuments(t *testing.T) {
	t.Parallel()
	blobs, _ := library(t)
	s := newStage(t, func(c *web.Config) { c.Blobs = blobs })
	sha := register.HashOf([]byte(paper))
	for lang, facts := range map[string][]string{"fr": {"PDF", "2 Ko"}, "ar": {"PDF", "2 كيلوبايت"}, "en": {"PDF", "2 KB"}} {
		page := testkit.Ask(t, s, "/"+lang+"/statements/communique")
		if page.Count(".document") != 2 || page.Page().Find(".document bdi.sha").First().Text() != sha || page.Count(`.document a[download]`) != 1 {
			t.Fatalf("%s: status %d: %s", lang, page.Status, page.Body)
		}
		for _, words := range facts {
			if !strings.Contains(strings.ReplaceAll(page.Text(".document"), "\u00a0", " "), words) {
				t.Errorf("%s: %q does not say %q", lang, page.Text(".document"), words)
			}
		}
		if link := page.Text(".document a"); !strings.Contains(link, words(t, lang, "document.download")) || !strings.Contains(link, "communique.pdf") {
			t.Errorf("%s: the link says %q", lang, link)
		}
		if a := testkit.Ask(t, s, page.Attr(".document a", "href")); a.Status != http.StatusOK || a.Body != paper {
			t.Errorf("%s: the link leads to status %d", lang, a.Status)
		}
		if !strings.Contains(page.Text(".document + .document"), words(t, lang, "document.not-held")) {
			t.Errorf("%s: of the lost one: %q", lang, page.Text(".document + .document"))
		}
	}
	if page := testkit.Ask(t, newStage(t), "/fr/statements/communique"); page.Count(".document a") != 0 {
		t.Error("a site without documents leads to some")
	}
}

// TestADocumentWithoutItsFileIsMissed: the desk says so where it is mended, and
// says it no more when the file is there.
func TestADocumentWithoutItsFileIsMissed(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Database(t))
	examined, err := s.intake.Intake(t.Context(), bytes.NewReader(arabicPDF(t)), "بلاغ.pdf", register.TypePDF)
	if err != nil {
		t.Fatal(err)
	}
	v := s.draft(t, editorial.Draft{Statement: &register.Statement{
		Language: "fr", Slug: "communique", Title: register.Text{"fr": "Communiqué"}, Kind: register.StatementCommunique,
		Documents: []register.Document{{Fact: register.Fact{Key: "paper"}, Name: "بلاغ.pdf", Type: register.TypePDF, SHA256: examined.SHA256, Size: examined.Size}},
	}})
	at := "/fr/desk/statements/" + string(v.ID)
	missed := `#checks ~ * a[href="` + at + `/documents/paper"]`
	page := testkit.Ask(t, s, at, testkit.As(testkit.Editor))
	if page.Count(missed) != 1 || !strings.Contains(strings.Join(strings.Fields(page.Text(missed)), " "), words(t, "fr", "form.gap.file")) {
		t.Fatalf("status %d: %s", page.Status, page.Body)
	}
	if form := testkit.Ask(t, s, at+"/documents/paper", testkit.As(testkit.Editor)); form.Count(`[href$="/documents/paper/remove"]`) != 1 {
		t.Errorf("the link leads to status %d", form.Status)
	}
	if _, err := s.editorial.AttachFile(t.Context(), s.staff[testkit.Analyst], examined.File, examined.Content); err != nil {
		t.Fatal(err)
	}
	if page = testkit.Ask(t, s, at, testkit.As(testkit.Editor)); page.Count(missed) != 0 {
		t.Errorf("it is attached, and still missed: %s", page.Text(missed))
	}
	// A preview leads to the desk's copy, as there is no other yet.
	preview := testkit.Ask(t, s, at+"/preview", testkit.As(testkit.Editor))
	if a := testkit.Ask(t, s, preview.Attr(".document a", "href"), testkit.As(testkit.Editor)); a.Status != http.StatusOK || a.Body != string(arabicPDF(t)) {
		t.Errorf("the preview leads to %q", preview.Attr(".document a", "href"))
	}
}
