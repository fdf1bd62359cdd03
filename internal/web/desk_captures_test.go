package web_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/capture"
	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/web/desk"
)

const (
	capturedSource = "src-captured"
	capturesPath   = "/fr/desk/sources/" + capturedSource + "/captures"
	captureWas     = "Le Fonds a subi une attaque. Aucune donnée n’a été diffusée."
	captureIs      = "Le Fonds a subi une attaque. Des données ont été diffusées."
)

// capturesOn lets a site capture.
func capturesOn(c *desk.Config) { c.Editorial = c.Editorial.WithCaptures() }

// capturable saves a source whose address is to be captured.
func (s *deskSite) capturable(t *testing.T) {
	t.Helper()
	err := s.editorial.WithCaptures().SaveSources(t.Context(), s.staff[testkit.Analyst], []register.Source{{
		Key: capturedSource, Kind: register.SourceOfficial, Publisher: "Le Fonds", Title: "Communiqué", Language: "fr",
		URL: "https://fonds.example/communique",
	}})
	if err != nil {
		t.Fatal(err)
	}
}

// captured keeps what the page of the source says, as the job does.
func (s *deskSite) captured(tb testing.TB, status int, text string) {
	tb.Helper()
	target, _, err := s.editorial.CaptureOf(tb.Context(), s.staff[testkit.Analyst], capturedSource)
	if err != nil {
		tb.Fatal(err)
	}
	s.clock.Advance(24 * time.Hour)
	if _, _, err := s.editorial.BeginCapture(tb.Context(), target.ID); err != nil {
		tb.Fatal(err)
	}
	u, err := url.Parse("https://fonds.example/communique")
	if err != nil {
		tb.Fatal(err)
	}
	taken := capture.Taken{At: s.clock.Now(), Hops: []capture.Hop{{
		URL: u, At: s.clock.Now(), Status: status, Response: []byte("HTTP/1.1 200 OK\r\n\r\n" + text), Entity: []byte(text),
	}}, Body: []byte(text)}
	var file bytes.Buffer
	if err := taken.WARC(&file, "Sijil"); err != nil {
		tb.Fatal(err)
	}
	_, err = s.editorial.KeepCapture(tb.Context(), target.ID, register.KeptCapture{
		TakenAt: s.clock.Now(), Final: u.String(), HTTPStatus: status, Type: "text/html", SHA256: register.HashOf([]byte(text)),
		Size: int64(len(text)), Title: "Communiqué", Text: text,
		Hops: []register.CaptureHop{{URL: "https://fonds.example/", Status: 302}, {URL: u.String(), Status: status}},
	}, file.Bytes())
	if err != nil {
		tb.Fatal(err)
	}
}

// capturedSomething leaves a source with a copy, and one with a change.
func capturedSomething(t *testing.T, s *deskSite) {
	t.Helper()
	s.capturable(t)
	s.captured(t, 200, captureWas)
	s.captured(t, 200, captureIs)
}

// TestTheDeskSaysHowACaptureStands, on the source's page and in the list.
func TestTheDeskSaysHowACaptureStands(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Database(t), capturesOn)
	s.capturable(t)
	at := "/fr/desk/sources/" + capturedSource
	look := func(state string, says ...string) {
		t.Helper()
		page := testkit.Ask(t, s, at, testkit.As(testkit.Analyst))
		panel := page.Text(`section[aria-labelledby="capture"]`)
		list := testkit.Ask(t, s, "/fr/desk/sources", testkit.As(testkit.Analyst))
		tag := words(t, "fr", "capture.state."+state)
		if page.Status != http.StatusOK || !strings.Contains(panel, tag) || !strings.Contains(list.Text(".record-table"), tag) {
			t.Errorf("%s: status %d: %s\nin the list: %s", state, page.Status, panel, list.Text(".record-table"))
		}
		panel = strings.Join(strings.Fields(panel), " ")
		for _, words := range says {
			if !strings.Contains(panel, words) {
				t.Errorf("%s: it does not say %q: %s", state, words, panel)
			}
		}
	}
	progress := func() string {
		return testkit.Ask(t, s, "/fr/desk/sources", testkit.As(testkit.Analyst)).Text("#progress")
	}
	look("waiting", "attend d’être consultée")
	if got := progress(); !strings.Contains(got, "0 sur 1 conservées, 1 en attente") {
		t.Errorf("progress: %q", got)
	}
	target, _, err := s.editorial.CaptureOf(t.Context(), s.staff[testkit.Analyst], capturedSource)
	if err != nil {
		t.Fatal(err)
	}
	fail := func(reason register.CaptureReason, last bool) {
		if _, err := s.editorial.FailCapture(t.Context(), target.ID, reason, 503, last); err != nil {
			t.Fatal(err)
		}
	}
	fail(register.CaptureBusy, false)
	look("waiting", "attend d’être consultée", "1 essai a échoué, un autre suivra : le serveur est occupé ou en panne (statut 503).")
	fail(register.CaptureBusy, true)
	look("failed", "Aucune copie n’est conservée.", "Le dernier essai a échoué : le serveur", "Prochaine consultation : ")
	if got := progress(); !strings.Contains(got, "1 en échec") {
		t.Errorf("progress: %q", got)
	}
	again := testkit.Post(t, s, capturesPath, url.Values{}, testkit.As(testkit.Analyst))
	if again.Status != http.StatusSeeOther {
		t.Fatalf("again: status %d", again.Status)
	}
	look("waiting")
	s.captured(t, 200, captureWas)
	look("kept", "Une copie est conservée", "Dernière réponse de la page : ", "Prochaine consultation : ")
	if got := progress(); !strings.Contains(got, "1 sur 1 conservées") || strings.Contains(got, "attente") {
		t.Errorf("progress: %q", got)
	}
	s.captured(t, 200, captureIs)
	look("changed", "ne dit plus la même chose")
	s.captured(t, 404, "")
	look("gone", "La page a disparu")
}

// TestEveryReasonHasItsSentence in each language, as each state has.
func TestEveryReasonHasItsSentence(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"fr", "ar", "en"} {
		for _, reason := range register.CaptureReasons() {
			words(t, lang, "capture.reason."+string(reason))
		}
		for _, state := range register.CaptureStates() {
			words(t, lang, "capture.state."+string(state))
			words(t, lang, "capture.says."+string(state))
		}
	}
}

// TestTheDeskSaysThatCapturesAreOff, and offers none.
func TestTheDeskSaysThatCapturesAreOff(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Database(t))
	s.capturable(t)
	page := testkit.Ask(t, s, "/fr/desk/sources/"+capturedSource, testkit.As(testkit.Analyst))
	if !strings.Contains(page.Text(`section[aria-labelledby="capture"]`), words(t, "fr", "capture.off")) || page.Count(`form[action$="/captures"]`) != 0 {
		t.Errorf("status %d: %s", page.Status, page.Text(`section[aria-labelledby="capture"]`))
	}
	if a := testkit.Post(t, s, capturesPath, url.Values{}, testkit.As(testkit.Analyst)); a.Status != http.StatusNotFound {
		t.Errorf("asked all the same: status %d", a.Status)
	}
}

// TestACopyIsShownWithWhatChanged, word by word, and its file is handed to staff
// only, as it was kept.
func TestACopyIsShownWithWhatChanged(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Database(t), capturesOn)
	capturedSomething(t, s)
	list := testkit.Ask(t, s, capturesPath, testkit.As(testkit.Analyst))
	if list.Count("tbody tr") != 2 || !strings.Contains(list.Text("tbody tr + tr"), words(t, "fr", "capture.shown")) {
		t.Errorf("status %d: %s", list.Status, list.Text("tbody"))
	}
	page := testkit.Ask(t, s, capturesPath+"/2", testkit.As(testkit.Analyst))
	diff := `section[aria-labelledby="changes"] `
	if !strings.Contains(page.Text(diff+"del"), "Aucune") || !strings.Contains(page.Text(diff+"ins"), "Des") || !strings.Contains(page.Text("ol"), "302 https://fonds.example/") {
		t.Errorf("status %d: %s", page.Status, page.Text("main"))
	}
	if first := testkit.Ask(t, s, capturesPath+"/1", testkit.As(testkit.Analyst)); first.Count(diff) != 0 || !strings.Contains(first.Text(`section[aria-labelledby="text"]`), "Aucune donnée") {
		t.Errorf("the first copy: %s", first.Text("main"))
	}
	file := testkit.Ask(t, s, capturesPath+"/2/warc", testkit.As(testkit.Analyst))
	records, err := capture.ReadWARC(strings.NewReader(file.Body))
	if err != nil || len(records) != 4 || file.Header.Get("Content-Disposition") != `attachment; filename="src-captured-2.warc.gz"` {
		t.Errorf("status %d, %v, %v", file.Status, file.Header, err)
	}
	for _, at := range []string{"/3", "/0", "/x", "/3/warc"} {
		if a := testkit.Ask(t, s, capturesPath+at, testkit.As(testkit.Analyst)); a.Status != http.StatusNotFound {
			t.Errorf("%s: status %d", at, a.Status)
		}
	}
	// Nobody else gets it, by whatever address.
	for _, at := range []string{"/documents/" + records[0].ID, "/documents/" + register.HashOf([]byte(file.Body)), "/documents/" + register.HashOf([]byte(captureIs))} {
		if a := testkit.Ask(t, s, at); a.Status != http.StatusNotFound {
			t.Errorf("%s: status %d", at, a.Status)
		}
	}
}

// TestACoarseComparisonSaysSo: two copies without a word that stands once in each are
// not compared to the end, and whoever reads the page is told. Of others he is not.
func TestACoarseComparisonSaysSo(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Database(t), capturesOn)
	s.capturable(t)
	for _, text := range []string{captureWas, captureIs, strings.Repeat("a b ", 1000), strings.Repeat("b c a ", 1000)} {
		s.captured(t, 200, text)
	}
	for _, lang := range []string{"fr", "ar", "en"} {
		said := words(t, lang, "diff.coarse")
		at := "/" + lang + strings.TrimPrefix(capturesPath, "/fr")
		for number, want := range map[string]bool{"/2": false, "/4": true} {
			page := testkit.Ask(t, s, at+number, testkit.As(testkit.Analyst))
			changes := page.Text(`section[aria-labelledby="changes"]`)
			if page.Status != http.StatusOK || strings.Contains(changes, said) != want {
				t.Errorf("%s: status %d: %.300s", at+number, page.Status, changes)
			}
		}
	}
}

// TestASilentEditIsPublished: an editor adds the change to the statement, it goes
// the ordinary way, and readers see the words that were changed, the hashes and
// the days.
func TestASilentEditIsPublished(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t), capturesOn)
	capturedSomething(t, s)
	s.corrected(t, register.TypeStatement, "cnss-communique-1", func(d *editorial.Draft) {
		d.Statement.Sources = append(slices.Clone(d.Statement.Sources), capturedSource)
		d.Statement.Official = false
	})
	head := s.recordAt(t, register.TypeStatement, "cnss-communique-1")
	page := testkit.Ask(t, s, capturesPath+"/2", testkit.As(testkit.Editor))
	if page.Count(`input[name="statement"][value="`+string(head.ID)+`"]`) != 1 {
		t.Fatalf("it is not offered: %s", page.Text("main"))
	}
	form := url.Values{"act": {"attach"}, "statement": {string(head.ID)}}
	if a := testkit.Post(t, s, capturesPath+"/2", form, testkit.As(testkit.Editor)); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Text(".error-summary"), words(t, "fr", "problem.capture-not-official")) {
		t.Errorf("what others wrote: status %d: %s", a.Status, a.Text(".error-summary"))
	}
	draft := s.loaded(t, register.TypeStatement, "cnss-communique-1")
	draft.Statement.Official = true
	s.saved(t, draft)
	for range 2 { // a second time adds nothing
		if a := testkit.Post(t, s, capturesPath+"/2", form, testkit.As(testkit.Analyst)); a.Status != http.StatusSeeOther {
			t.Fatalf("status %d: %s", a.Status, a.Text(".error-summary"))
		}
	}
	s.corrected(t, register.TypeStatement, "cnss-communique-1", func(d *editorial.Draft) {
		if len(d.Statement.Documents) != 2 || d.Statement.Documents[0].Text != captureWas || d.Statement.Documents[1].Text != captureIs {
			t.Errorf("%+v", d.Statement.Documents)
		}
	})
	public := testkit.Ask(t, s, "/fr/statements/cnss-communique-1")
	if public.Status != http.StatusOK || !strings.Contains(public.Text("del"), "Aucune") || !strings.Contains(public.Text("ins"), "Des") {
		t.Errorf("status %d: %s", public.Status, public.Text("main"))
	}
	if source := public.Text("main"); !strings.Contains(source, register.HashOf([]byte(captureWas))) || !strings.Contains(source, register.HashOf([]byte(captureIs))) {
		t.Error("the hashes are not told")
	}
	if a := testkit.Ask(t, s, "/documents/"+register.HashOf([]byte(captureIs))); a.Status != http.StatusOK || a.Body != captureIs {
		t.Errorf("the document: status %d", a.Status)
	}
}

// TestACopyIsGivenWhereItsRightsAllow, and as long as the record is shown; else
// readers are told its hash and its day.
func TestACopyIsGivenWhereItsRightsAllow(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t), capturesOn)
	s.capturable(t)
	s.captured(t, 200, captureWas)
	cite := func(open bool, lang string) *testkit.Answer { // pages in memory turn over later

		t.Helper()
		form := testkit.Ask(t, s, "/fr/desk/sources/"+capturedSource, testkit.As(testkit.Analyst))
		typed := fields(form, ".desk-form", nil)
		if typed.Del("capture_open"); open {
			typed.Set("capture_open", "true")
		}
		if a := testkit.Post(t, s, "/fr/desk/sources/"+capturedSource, typed, testkit.As(testkit.Analyst)); a.Status != http.StatusSeeOther {
			t.Fatalf("status %d: %s", a.Status, a.Text(".error-summary"))
		}
		s.corrected(t, register.TypeStatement, "cnss-communique-1", func(d *editorial.Draft) {
			if !slices.Contains(d.Statement.Sources, capturedSource) {
				d.Statement.Sources = append(slices.Clone(d.Statement.Sources), capturedSource)
			}
		})
		return testkit.Ask(t, s, "/"+lang+"/statements/cnss-communique-1")
	}
	_, kept, err := s.editorial.CaptureOf(t.Context(), s.staff[testkit.Analyst], capturedSource)
	if err != nil {
		t.Fatal(err)
	}
	at := "/captures/" + kept[0].WARC
	page := cite(false, "fr")
	if a := testkit.Ask(t, s, at); a.Status != http.StatusNotFound || page.Count(`a[href^="/captures/"]`) != 0 {
		t.Errorf("private: status %d", a.Status)
	}
	if !strings.Contains(page.Text(".source-list"), register.HashOf([]byte(captureWas))) || !strings.Contains(page.Text(".source-list"), "(21 nov. 2026)") {
		t.Errorf("private: %s", page.Text(".source-list"))
	}
	page = cite(true, "en")
	if page.Count(`a[href="`+at+`"][download]`) != 1 {
		t.Errorf("open: %s", page.Text(".source-list"))
	}
	a := testkit.Ask(t, s, at)
	if records, err := capture.ReadWARC(strings.NewReader(a.Body)); err != nil || len(records) != 4 || a.Header.Get("Content-Type") != "application/gzip" ||
		a.Header.Get("Content-Disposition") != `attachment; filename="src-captured.warc.gz"` || a.Header.Get("Content-Security-Policy") != "sandbox; default-src 'none'" {
		t.Errorf("open: status %d, %v, %v", a.Status, a.Header, err)
	}
	cite(false, "ar")
	if a := testkit.Ask(t, s, at); a.Status != http.StatusNotFound {
		t.Errorf("private again: status %d", a.Status)
	}
}

// TestTheRecordRestsOnALaterCopy when somebody says so.
func TestTheRecordRestsOnALaterCopy(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Database(t), capturesOn)
	capturedSomething(t, s)
	adopt := func(number string) int {
		return testkit.Post(t, s, capturesPath+"/"+number, url.Values{"act": {"adopt"}}, testkit.As(testkit.Editor)).Status
	}
	rests := func() *register.Capture {
		source, err := s.editorial.Source(t.Context(), s.staff[testkit.Editor], capturedSource)
		if err != nil {
			t.Fatal(err)
		}
		return source.Capture
	}
	if c := rests(); c.SHA256 != register.HashOf([]byte(captureWas)) || !c.ChangedSince || c.State != register.CaptureChanged {
		t.Errorf("before: %+v", c)
	}
	if status := adopt("2"); status != http.StatusSeeOther {
		t.Fatalf("status %d", status)
	}
	if c := rests(); c.SHA256 != register.HashOf([]byte(captureIs)) || c.ChangedSince || c.State != "" || c.Now != "" {
		t.Errorf("after: %+v", c)
	}
	for _, number := range []string{"1", "2", "3"} {
		if status := adopt(number); status != http.StatusNotFound {
			t.Errorf("copy %s: status %d", number, status)
		}
	}
	if a := testkit.Post(t, s, capturesPath+"/2", url.Values{"act": {"burn"}}, testkit.As(testkit.Editor)); a.Status != http.StatusBadRequest {
		t.Errorf("another act: status %d", a.Status)
	}
}

// TestCapturesInABrowser looks at the pages, and presses the button.
func TestCapturesInABrowser(t *testing.T) {
	browser := testkit.Chromium(t)
	s := newDeskSite(t, testkit.Database(t), capturesOn)
	capturedSomething(t, s)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	for i, at := range []string{"/desk/sources", "/desk/sources/" + capturedSource, "/desk/sources/" + capturedSource + "/captures", "/desk/sources/" + capturedSource + "/captures/2"} {
		for _, look := range looks(i) {
			t.Run(look.lang+at, func(t *testing.T) {
				t.Parallel()
				lookAtDesk(t, browser, server, "/"+look.lang+at, look)
			})
		}
	}
}
