package web_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"github.com/sijil/sijil/internal/capture"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
)

// readerScreen is wide enough for all of a page.
func readerScreen() testkit.Screen { return testkit.Screen{Width: 1280, Height: 900} }

// TestLinksArriveWhereTheyLead opens an entry and a section by their permalinks
// and by the links of the page: though the browser leaves what is out of sight
// for later, they end up at the upper edge of the screen.
func TestLinksArriveWhereTheyLead(t *testing.T) {
	browser := testkit.Chromium(t)
	s := newRealSite(t)
	tab := browser.Open(t, s.URL+"/ar/incidents/cnss-2025", testkit.Screen{Width: 360, Height: 740})
	if got := testkit.Eval[string](tab, `getComputedStyle(document.querySelector(".day:last-of-type")).contentVisibility`); got != "auto" {
		t.Errorf("what is out of sight is laid out at once: %s", got)
	}
	arrives := func(id string) {
		t.Helper()
		tab.Until(`(e => e.top >= -1 && e.top < 200 && document.documentElement.scrollHeight > 8000)(document.getElementById("` + id + `").getBoundingClientRect())`)
	}
	testkit.Eval[bool](tab, `(document.querySelector("a[href$='#_sources']").click(), true)`)
	arrives("_sources")
	for _, id := range []string{"cnss-communique-1", "_clock", "r2-cnss"} {
		tab.Go(s.URL + "/fr/")
		tab.Go(s.URL + "/ar/incidents/cnss-2025#" + id)
		arrives(id)
	}
}

const shownEntries = `[...document.querySelectorAll("li.entry")].map(e => e.id)`

// TestATimelineIsFilteredInPlace chooses by keyboard alone: the page is not
// loaded anew, shows just what the page of the choice shows, and says so in its
// address and to those who hear it.
func TestATimelineIsFilteredInPlace(t *testing.T) {
	browser := testkit.Chromium(t)
	s := newRealSite(t)
	for _, screen := range []testkit.Screen{readerScreen(), {Width: 320, Height: 640}} {
		tab := browser.Open(t, s.URL+"/fr/incidents/cnss-2025", screen)
		testkit.Eval[bool](tab, `window.here = true`)
		all := testkit.Eval[[]string](tab, shownEntries)
		choose := func(selector, address string) {
			t.Helper()
			tab.TabTo(selector)
			tab.Press(kb.Enter)
			tab.Until(`location.pathname + location.search === "` + address + `"`)
			if testkit.Eval[string](tab, `document.activeElement.closest("nav")?.parentElement.closest("section")?.id`) != "_timeline" {
				t.Errorf("%s: the focus is on %s", address, tab.Focused())
			}
		}
		choose(`.options a[href*="order=newest"]`, "/fr/incidents/cnss-2025?order=newest")
		newest := testkit.Eval[[]string](tab, shownEntries)
		slices.Reverse(newest)
		if len(all) < 20 || !slices.Equal(newest, all) {
			t.Errorf("oldest first %v, newest first, from its end, %v", all, newest)
		}
		choose(`.chip.k-statement`, "/fr/incidents/cnss-2025?kind=statement&order=newest")
		tab.Until(`document.getElementById("_said").textContent.includes("sur 26")`)
		tab.TabTo(`.timeline > details > summary`)
		tab.Press(kb.Enter)
		choose(`.timeline > details a[href*="institution=cnss"]`, "/fr/incidents/cnss-2025?institution=cnss&kind=statement&order=newest")
		inPlace := testkit.Eval[[]string](tab, shownEntries)
		if !testkit.Eval[bool](tab, `window.here === true`) {
			t.Error("the page was loaded anew")
		}
		const switched = "/lang/ar?to=%2Fincidents%2Fcnss-2025%3Finstitution%3Dcnss%26kind%3Dstatement%26order%3Dnewest"
		if to := testkit.Eval[string](tab, `document.querySelector(".lang-switch a[lang=ar]").href`); to != s.URL+switched {
			t.Errorf("the language switch leads to %s", to)
		}
		if wide := tab.Overflow(); wide != "" {
			t.Errorf("%v: scrolls sideways: %s", screen, wide)
		}
		tab.Go(tab.Location())
		if loaded := testkit.Eval[[]string](tab, shownEntries); !slices.Equal(loaded, inPlace) {
			t.Errorf("in place %v, as a page %v", inPlace, loaded)
		}
		if complaints := tab.Complaints(); len(complaints) > 0 {
			t.Errorf("the console says: %v", complaints)
		}
	}
}

// TestShortcuts goes through entries by keys, which do nothing while somebody
// types, and nothing at all once they are turned off.
func TestShortcuts(t *testing.T) {
	browser := testkit.Chromium(t)
	s := newRealSite(t)
	tab := browser.Open(t, s.URL+"/ar/incidents/cnss-2025", readerScreen())
	first := testkit.Eval[[]string](tab, shownEntries)[:2]
	for _, step := range []struct{ key, focus string }{{"j", first[0]}, {"j", first[1]}, {"k", first[0]}, {"k", first[0]}} {
		tab.Press(step.key)
		if got := tab.Focused(); got != step.focus {
			t.Errorf("%s leads to %s, want %s", step.key, got, step.focus)
		}
	}
	tab.Press("?")
	tab.Until(`document.getElementById("_keys").open`)
	for _, v := range tab.Axe() {
		t.Error(v)
	}
	tab.Press("j")
	tab.Press(kb.Escape)
	tab.Until(`!document.getElementById("_keys").open`)
	if got := tab.Focused(); got != first[0] {
		t.Errorf("after the list the focus is on %s", got)
	}
	tab.Follow(func() { tab.Press("/") })
	if got := tab.Focused(); got != "_q" || testkit.Eval[string](tab, `location.pathname`) != "/ar/incidents" {
		t.Errorf("/ leads to %s on %s", got, tab.Location())
	}
	tab.Press("j?")
	if tab.Value("#_q") != "j?" || testkit.Eval[bool](tab, `document.getElementById("_keys").open`) {
		t.Error("a shortcut worked while somebody typed")
	}
	tab.Click("#_tools button")
	tab.Click("#_keys input")
	tab.Click("#_keys form button")
	tab.Go(s.URL + "/ar/incidents/cnss-2025")
	tab.Press("j?")
	if got := tab.Focused(); got != "" || testkit.Eval[bool](tab, `document.getElementById("_keys").open`) {
		t.Errorf("a shortcut that is turned off leads to %q", got)
	}
}

// TestTheTheme is chosen by the reader, kept, and there before anything is drawn.
func TestTheTheme(t *testing.T) {
	browser := testkit.Chromium(t)
	s := newRealSite(t)
	tab := browser.Open(t, s.URL+"/fr/", readerScreen())
	paper := func() string { return testkit.Eval[string](tab, `getComputedStyle(document.body).backgroundColor`) }
	light := paper()
	tab.Choose("#_theme", "dark")
	dark := paper()
	if dark == light {
		t.Errorf("dark is %s, as light is", dark)
	}
	tab.Go(s.URL + "/fr/incidents/cnss-2025")
	if got := paper(); got != dark || tab.Value("#_theme") != "dark" {
		t.Errorf("the next page is %s with %q chosen, want %s", got, tab.Value("#_theme"), dark)
	}
	if !testkit.Eval[bool](tab, `(() => { const first = document.querySelector("script"), style = document.querySelector("link[rel=stylesheet]");
		return !first.type && !first.defer && !first.async && !!(first.compareDocumentPosition(style) & Node.DOCUMENT_POSITION_FOLLOWING) })()`) {
		t.Error("the theme is set after the styles")
	}
	tab.Look(testkit.Screen{Width: 1280, Height: 900, Dark: true})
	tab.Choose("#_theme", "light")
	if got := paper(); got != light {
		t.Errorf("light on a dark system is %s, want %s", got, light)
	}
	tab.Choose("#_theme", "")
	if got := paper(); got != dark {
		t.Errorf("a dark system is followed by %s, want %s", got, dark)
	}
	tab.NoScript()
	tab.Go(s.URL + "/fr/")
	if got := paper(); got != dark || testkit.Eval[int](tab, `document.getElementById("_tools").offsetHeight`) != 0 {
		t.Errorf("without script the page is %s, or shows tools that do nothing", got)
	}
}

// TestAPermalinkIsCopied, of an entry and of a claim.
func TestAPermalinkIsCopied(t *testing.T) {
	browser := testkit.Chromium(t)
	s := newRealSite(t)
	for path, item := range map[string]string{"/fr/incidents/cnss-2025": "#attack-cnss", "/fr/statements/cnss-communique-1": "#leak"} {
		tab := browser.Open(t, s.URL+path, readerScreen())
		testkit.Eval[bool](tab, `navigator.clipboard.writeText = async text => { window.copied = text }, true`)
		tab.Click(item + " .copy")
		tab.Until(`window.copied === "` + s.URL + path + item + `"`)
		tab.Until(`document.getElementById("_said").textContent === "Lien copié."`)
		testkit.Eval[bool](tab, `dispatchEvent(new Event("sijil:shown"))`) // as when the timeline was filtered
		if more := testkit.Eval[int](tab, `[...document.querySelectorAll(".entry, .claims > li")].filter(e => e.querySelectorAll(".copy").length !== 1).length`); more != 0 {
			t.Errorf("%s: %d items have no button to copy their permalink, or several", path, more)
		}
	}
}

// TestSharingIsADialog shows the page about sharing over the record, in whatever
// colours are asked for there, and gives the focus back.
func TestSharingIsADialog(t *testing.T) {
	browser := testkit.Chromium(t)
	s := newRealSite(t)
	for _, screen := range []testkit.Screen{readerScreen(), {Width: 320, Height: 640, Dark: true}} {
		tab := browser.Open(t, s.URL+"/ar/incidents/cnss-2025", screen)
		testkit.Eval[bool](tab, `navigator.clipboard.writeText = async text => { window.copied = text }, true`)
		tab.Click("[aria-labelledby=_share] a")
		tab.Until(`document.querySelector("dialog[open] #_share_timeline")`)
		for _, v := range tab.Axe() {
			t.Error(v)
		}
		shoot(t, tab, fmt.Sprintf("share-%d", screen.Width))
		tab.Choose("#_share_colours", "dark")
		tab.Until(`document.getElementById("_share_timeline").textContent.includes("theme=dark")`)
		if got := tab.Focused(); got != "_share_colours" {
			t.Errorf("after a choice the focus is on %s", got)
		}
		tab.Click("[data-copy=_share_timeline]")
		tab.Until(`window.copied?.startsWith("<iframe")`)
		tab.Until(`document.querySelector("dialog [role=status]").textContent`)
		tab.Press(kb.Escape)
		tab.Until(`!document.querySelector("dialog[open]")`)
		if got := testkit.Eval[string](tab, `document.activeElement.href ?? ""`); got != s.URL+"/ar/incidents/cnss-2025/share" {
			t.Errorf("after the dialog the focus is on %q", got)
		}
		testkit.Eval[bool](tab, `window.fetch = async () => { throw new Error() }, true`)
		tab.Follow(func() { tab.Click("[aria-labelledby=_share] a") })
		if got := testkit.Eval[string](tab, `location.pathname`); got != "/ar/incidents/cnss-2025/share" {
			t.Errorf("without the dialog the link leads to %s", got)
		}
	}
}

// TestAPrintNamesItsEditionOnEachSheet prints an incident as somebody would file
// it: whatever sheet is torn off says of which edition it is, its hash and its
// address, the entries have their numbers, and sheets are full.
func TestAPrintNamesItsEditionOnEachSheet(t *testing.T) {
	browser := testkit.Chromium(t)
	s := newRealSite(t)
	edition, err := s.records.Incident(t.Context(), "cnss-2025")
	if err != nil {
		t.Fatal(err)
	}
	intake, err := capture.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range []string{"fr", "ar"} {
		tab := browser.Open(t, s.URL+"/"+lang+"/incidents/cnss-2025", testkit.Screen{Width: 1280, Height: 900, Dark: true})
		pdf, err := intake.Intake(t.Context(), bytes.NewReader(tab.PDF()), "incident.pdf", "")
		if err != nil {
			t.Fatal(err)
		}
		sheets := pdf.Extraction.Pages
		if len(sheets) < 10 || len(sheets) > 24 {
			t.Errorf("%s: %d sheets", lang, len(sheets))
		}
		for i, sheet := range sheets {
			sheet = strings.Join(strings.Fields(sheet), "")
			for _, want := range []string{edition.SHA256, edition.Reference, "/" + lang + "/incidents/cnss-2025/editions/1", fmt.Sprintf("%d/%d", i+1, len(sheets))} {
				if !strings.Contains(sheet, want) {
					t.Errorf("%s: sheet %d does not name %s", lang, i+1, want)
				}
			}
			if n := len([]rune(sheet)); n < 500 && i < len(sheets)-1 {
				t.Errorf("%s: sheet %d holds %d characters: %s", lang, i+1, n, sheet)
			}
		}
		shortest := slices.MinFunc(edition.SourceList, func(a, b register.Source) int { return len(a.URL) - len(b.URL) }) // on one line
		whole := strings.Join(strings.Fields(strings.Join(sheets, "")), "")
		for _, want := range []string{"§1", "§26", shortest.URL} {
			if !strings.Contains(whole, want) && lang == "fr" {
				t.Errorf("%s: the print does not hold %s", lang, want)
			}
		}
	}
}
