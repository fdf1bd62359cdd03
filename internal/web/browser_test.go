package web_test

import (
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/testkit"
)

// shotsFolder is where browser tests leave screenshots, if the environment
// names a folder.
const shotsFolder = "SIJIL_SCREENSHOTS"

// wholeMatrix asks for axe on every page in every language on every screen;
// without it English is checked on a wide screen, the others on a narrow one and
// on a dark one for contrast, and the variants of a template not at all.
const wholeMatrix = "SIJIL_BROWSER_MATRIX"

// screens are how each page is looked at, light and dark; the first is the one
// that the pages are opened with. The whole matrix has two more widths.
func screens() []testkit.Screen {
	sizes := []testkit.Screen{{Width: 1280, Height: 900}, {Width: 360, Height: 740}}
	if isWhole() {
		sizes = append(sizes, testkit.Screen{Width: 768, Height: 1024}, testkit.Screen{Width: 320, Height: 640})
	}
	var out []testkit.Screen
	for _, size := range sizes {
		dark := size
		dark.Dark = true
		out = append(out, size, dark)
	}
	return out
}

func isWhole() bool { return os.Getenv(wholeMatrix) == "whole" }

// templates is one address of each template, after the language, and the
// errors that a site without fault shows.
func templates(statement, institution string) map[string]string {
	return map[string]string{
		"home":         "/",
		"incidents":    "/incidents",
		"no-results":   "/incidents?q=zzqx&year=2024",
		"found":        "/incidents?q=fuite",
		"search":       "/search",
		"finds":        "/search?q=cnss&type=claim",
		"incident":     "/incidents/cnss-2025",
		"filtered":     "/incidents/cnss-2025?kind=statement&kind=referral-step&order=newest",
		"of-one":       "/incidents/cnss-2025?institution=cnss&density=compact",
		"ledger":       "/incidents/cnss-2025/claims",
		"as-known-on":  "/incidents/cnss-2025?asof=2025-04-09",
		"history":      "/incidents/cnss-2025/history",
		"edition":      "/incidents/cnss-2025/editions/1",
		"cite":         "/incidents/cnss-2025/editions/1/cite",
		"share":        "/incidents/cnss-2025/share",
		"institutions": "/institutions",
		"institution":  "/institutions/" + institution,
		"statements":   "/statements",
		"statistics":   "/statistics",
		"chosen":       "/statements?official=no",
		"referrals":    "/referrals?silent=365&sort=longest",
		"statement":    "/statements/" + statement,
		"log":          "/log",
		"exports":      "/exports",
		"export-one":   "/exports?incident=cnss-2025",
		"method":       "/method",
		"data":         "/data",
		"not-found":    "/incidents/none",
		"malformed":    "/incidents?year=0",
	}
}

// TestPagesInABrowser opens every template in every language and looks at it
// on wide and narrow screens, in light and dark.
func TestPagesInABrowser(t *testing.T) {
	browser := testkit.Chromium(t)
	s := newRealSite(t)
	keys := testkit.LogKeys(t)
	testkit.SignLog(t, s.db, keys, testkit.FoundingDay())
	witness := testkit.NewWitness(t, "witness.sijil.test/one", keys.VerifierKeys()[0], nil)
	testkit.CosignLog(t, s.db, witness, testkit.FoundingDay())
	newest, err := s.records.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// It is only looked at: no authority is needed for that.
	err = editorial.New(store.Wrap(s.db.Desk()), time.Now).KeepTimestamp(t.Context(), register.LogTimestamp{
		Size: newest.Size, Authority: "Time-stamping authority of tests", StampedAt: testkit.FoundingDay(), Reply: []byte("unread"),
	})
	if err != nil {
		t.Fatal(err)
	}
	edition, err := s.records.Incident(t.Context(), "cnss-2025")
	if err != nil {
		t.Fatal(err)
	}
	if len(edition.Statements) == 0 {
		t.Fatal("the founding record has no statement")
	}
	lookAtAll(t, browser, s.Server, templates(longestStatement(edition), "cnss"))
}

// TestEditionsInABrowser looks in the same way at the pages that need a record
// with more than one edition.
func TestEditionsInABrowser(t *testing.T) {
	browser := testkit.Chromium(t)
	s := newDeskSite(t, testkit.Founding(t))
	s.correctedStatement(t)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	lookAtAll(t, browser, server, map[string]string{
		"compare":    "/statements/cnss-communique-1/compare",
		"superseded": "/statements/cnss-communique-1/editions/1",
	})
}

// lookAtAll looks at each of the pages in each language, as far as the matrix
// asks for it.
func lookAtAll(t *testing.T, browser *testkit.Browser, server *httptest.Server, paths map[string]string) {
	t.Helper()
	for _, lang := range register.Langs() {
		for name, path := range paths {
			if !isSampled(lang, name) {
				continue
			}
			t.Run(string(lang)+"-"+name, func(t *testing.T) {
				t.Parallel()
				lookAt(t, browser, server, "/"+string(lang)+path, string(lang)+"-"+name)
			})
		}
	}
}

// isSampled reports whether a page is opened in a language without the whole
// matrix: everything in the other direction of writing; in English, the language
// in which axe looks at colours, and in French what readers see most.
func isSampled(lang register.Lang, name string) bool {
	switch lang {
	case register.English:
		return isWhole() || slices.Contains([]string{"home", "incidents", "incident", "ledger", "statement", "institution", "statistics", "compare"}, name)
	case register.French:
		return isWhole() || slices.Contains([]string{"home", "incident"}, name)
	case register.Arabic:
	}
	return true
}

// longestStatement is the slug of the statement with most on its page.
func longestStatement(e *register.IncidentEdition) string {
	longest := slices.MaxFunc(e.Statements, func(a, b register.StatementEdition) int {
		return len(a.Claims) + len(a.Differences) - len(b.Claims) - len(b.Differences)
	})
	return longest.Slug
}

func lookAt(t *testing.T, browser *testkit.Browser, server *httptest.Server, path, name string) {
	t.Helper()
	each := len(screens())
	if isWhole() {
		each = 2 // a tab has its time, which is not that of all screens
	}
	for some := range slices.Chunk(screens(), each) {
		lookOn(t, browser, server, path, name, some)
	}
}

func lookOn(t *testing.T, browser *testkit.Browser, server *httptest.Server, path, name string, screens []testkit.Screen) {
	t.Helper()
	tab := browser.Borrow(t, screens[0])
	tab.Go(server.URL + path)
	lang, _, _ := strings.Cut(path[1:], "/")
	direction := map[string]string{"fr": "ltr", "ar": "rtl", "en": "ltr"}[lang]
	if got := testkit.Eval[string](tab, `document.documentElement.lang + " " + getComputedStyle(document.body).direction`); got != lang+" "+direction {
		t.Errorf("language and direction are %q", got)
	}
	for _, screen := range screens {
		tab.Look(screen)
		if wide := tab.Overflow(); wide != "" {
			t.Errorf("%v: scrolls sideways: %s", screen, wide)
		}
		shoot(t, tab, fmt.Sprintf("%s-%v", name, screen))
	}
	tab.Look(testkit.Screen{Width: 320, Height: 640})
	if wide := tab.Overflow(); wide != "" {
		t.Errorf("320 px: scrolls sideways: %s", wide)
	}
	if isWhole() || !strings.Contains(path, "?") {
		checkAccess(t, tab, lang, screens)
	}
	if strangers := tab.Strangers(server.URL); len(strangers) > 0 {
		t.Errorf("asks other hosts: %v", strangers)
	}
	if complaints := tab.Complaints(); len(complaints) > 0 && !isErrorPage(complaints) {
		t.Errorf("the console says: %v", complaints)
	}
}

// checkAccess runs axe-core. What differs between screens of one width are
// colours alone.
func checkAccess(t *testing.T, tab *testkit.Tab, lang string, screens []testkit.Screen) {
	t.Helper()
	for _, screen := range screens {
		check := tab.Axe
		switch isWide := screen.Width > 1000; {
		case isWhole(), lang == string(register.English) && isWide && !screen.Dark, lang != string(register.English) && !isWide && !screen.Dark:
		case lang != string(register.English) && isWide && screen.Dark:
			check = tab.Contrast
		default:
			continue
		}
		tab.Look(screen)
		for _, v := range check() {
			t.Errorf("%v: %v", screen, v)
		}
	}
}

// isErrorPage reports whether the console's only complaint is the status of
// the page itself.
func isErrorPage(complaints []string) bool {
	return len(complaints) == 1 && strings.Contains(complaints[0], "the server responded with a status of 4")
}

func shoot(t *testing.T, tab *testkit.Tab, name string) {
	t.Helper()
	folder := os.Getenv(shotsFolder)
	if folder == "" {
		return
	}
	err := os.MkdirAll(folder, 0o700)
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, name+".png"), tab.Screenshot(), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestAReadersWay goes the way of a reader: from the front door to the record,
// through filters and order, and into another language.
func TestAReadersWay(t *testing.T) {
	browser := testkit.Chromium(t)
	s := newRealSite(t)
	tab := browser.Open(t, s.URL+"/fr/", testkit.Screen{Width: 360, Height: 740})
	follow := func(selector string) {
		t.Helper()
		tab.Go(testkit.Eval[string](tab, `document.querySelector(`+"`"+selector+"`"+`).href`))
	}
	entries := func() []string {
		return testkit.Eval[[]string](tab, `[...document.querySelectorAll("li.entry")].map(e => e.id)`)
	}
	follow(`a[href$="/incidents/cnss-2025"]`)
	all := entries()
	if len(all) < 10 || testkit.Eval[string](tab, `document.querySelector("h1").innerText`) == "" {
		t.Fatalf("the timeline has %d entries", len(all))
	}
	follow(`a.chip[href*="?kind=statement"]`)
	statements := entries()
	if len(statements) == 0 || len(statements) >= len(all) {
		t.Fatalf("%d of %d entries are statements", len(statements), len(all))
	}
	if got := testkit.Eval[int](tab, `document.querySelectorAll(".timeline > nav a.chip[aria-current]").length`); got != 1 {
		t.Errorf("%d chips are on, want 1", got)
	}
	follow(`a[href*="order=newest"]`)
	slices.Reverse(statements)
	if got := entries(); !slices.Equal(got, statements) {
		t.Errorf("newest first: %v, want %v", got, statements)
	}
	follow(`.lang-switch a[lang=ar]`)
	if got := testkit.Eval[string](tab, `location.pathname + location.search`); got != "/ar/incidents/cnss-2025?kind=statement&order=newest" {
		t.Errorf("the language switch leads to %s", got)
	}
	if got := entries(); !slices.Equal(got, statements) {
		t.Errorf("in Arabic: %v, want %v", got, statements)
	}
	tab.Go(s.URL + "/")
	if got := testkit.Eval[string](tab, `location.pathname`); got != "/ar/" {
		t.Errorf("the front door forgot the choice: %s", got)
	}
	if strangers := tab.Strangers(s.URL); len(strangers) > 0 {
		t.Errorf("asks other hosts: %v", strangers)
	}
}
