package testkit

import (
	"context"
	_ "embed"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Environment variables of browser tests.
const (
	// requireBrowser makes the absence of Chromium a failure.
	requireBrowser = "SIJIL_REQUIRE_BROWSER"
	// chromiumPath names the program, where it is not in PATH.
	chromiumPath = "SIJIL_CHROMIUM"
)

// openTimeout bounds one page's loading and checks, on a busy machine.
const openTimeout = 3 * time.Minute

// Browser is a running Chromium without a window, and without a network: it
// can reach this machine only. Each test has tabs of its own in it, which share
// no cookie and no cache with those of others.
type Browser struct {
	ctx context.Context

	mu      sync.Mutex
	idle    []*Tab
	closers []context.CancelFunc // of the tabs that are lent
}

// Chromium lends a browser to a test. Under Run it is one for all tests of the
// program, else it starts and ends with the test. Where there is none the test
// is skipped with a word on how to get it, or fails if the environment requires
// one.
func Chromium(tb testing.TB) *Browser {
	tb.Helper()
	program, err := findChromium()
	if err != nil {
		hint := "browser tests need Chromium (Debian: apt-get install chromium-headless-shell; or set " + chromiumPath + " to its path): " + err.Error()
		if os.Getenv(requireBrowser) == "1" {
			tb.Fatal("testkit: " + hint)
		}
		tb.Skip("testkit: " + hint)
	}
	ctx, err := chromium.lend(tb, program)
	if err != nil {
		tb.Fatalf("testkit: start %s: %v", program, err)
	}
	b := &Browser{ctx: ctx}
	tb.Cleanup(func() {
		for _, closeTab := range b.closers {
			closeTab()
		}
	})
	return b
}

// Run runs the tests of a program which share one browser: to start one takes
// longer than most of what is looked at. Called in a TestMain:
//
//	func TestMain(m *testing.M) { os.Exit(testkit.Run(m)) }
func Run(m *testing.M) int {
	chromium.keep = true
	code := m.Run()
	chromium.end()
	return code
}

// process is a browser that is running, or none.
type process struct {
	keep bool // after the test

	mu  sync.Mutex
	ctx context.Context
	end func()
}

// chromium is the one for all tests of the program.
var chromium = &process{end: func() {}}

// lend starts the browser, unless one is kept that still runs.
func (p *process) lend(tb testing.TB, program string) (context.Context, error) {
	tb.Helper()
	if !p.keep {
		ctx, end, err := startChromium(program)
		tb.Cleanup(end)
		return ctx, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ctx != nil && p.ctx.Err() == nil {
		return p.ctx, nil
	}
	var err error
	p.ctx, p.end, err = startChromium(program)
	return p.ctx, err
}

// startChromium returns what stands for a browser, and ends it.
func startChromium(program string) (ctx context.Context, end func(), err error) {
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program),
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"),
		// Scroll bars that take room would hide what a phone shows.
		chromedp.Flag("hide-scrollbars", true),
	)
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium's sandbox refuses to run as root
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator)
	return ctx, func() { cancel(); stop() }, chromedp.Do(ctx)
}

// findChromium prefers the program that has no window at all: it starts in a
// third of the time, and draws the same.
func findChromium() (string, error) {
	if path := os.Getenv(chromiumPath); path != "" {
		return exec.LookPath(path)
	}
	var err error
	for _, name := range []string{"chromium-headless-shell", "chromium", "chromium-browser", "google-chrome-stable", "google-chrome"} {
		var path string
		if path, err = exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", err
}

// Screen is how a page is looked at.
type Screen struct {
	Width, Height int64
	Dark          bool
}

// String names the screen, for the names of tests.
func (s Screen) String() string {
	scheme := "light"
	if s.Dark {
		scheme = "dark"
	}
	return fmt.Sprintf("%dpx-%s", s.Width, scheme)
}

// Tab is an open page, with all that it asked for and complained of.
type Tab struct {
	tb  testing.TB
	ctx context.Context
	// whole is the time of the tab itself, where several tests take turns with it.
	whole context.Context
	// plain tells that the pages' scripts do not run.
	plain bool

	mu         sync.Mutex
	requests   []string
	complaints []string
	choosers   []cdp.BackendNodeID // of files, as they opened
}

// Open loads a page in a tab of its own and waits until its fonts are there.
// The tab closes with the test.
func (b *Browser) Open(tb testing.TB, address string, screen Screen) *Tab {
	tb.Helper()
	tab := &Tab{tb: tb}
	ctx, closeTab := chromedp.NewContext(b.ctx, chromedp.WithListener(tab.note), chromedp.WithNewBrowserContext())
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	tb.Cleanup(func() { cancel(); closeTab() })
	tab.ctx = ctx
	tab.Look(screen)
	tab.Go(address)
	return tab
}

// Borrow returns a tab with which tests of one browser take turns, which is
// sooner there than a new one. It keeps the cookies and the cache of the
// tests before. A tab whose test failed is not lent again.
func (b *Browser) Borrow(tb testing.TB, screen Screen) *Tab {
	tb.Helper()
	tab := b.lend(tb)
	ctx, cancel := context.WithTimeout(tab.whole, openTimeout)
	tab.tb, tab.ctx = tb, ctx
	tb.Cleanup(func() {
		cancel()
		if !tb.Failed() {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.idle = append(b.idle, tab)
		}
	})
	tab.Look(screen)
	return tab
}

func (b *Browser) lend(tb testing.TB) *Tab {
	tb.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if last := len(b.idle) - 1; last >= 0 {
		tab := b.idle[last]
		b.idle = b.idle[:last]
		tab.mu.Lock()
		defer tab.mu.Unlock()
		tab.requests, tab.complaints, tab.choosers = nil, nil, nil
		return tab
	}
	tab := &Tab{}
	var closeTab context.CancelFunc
	tab.whole, closeTab = chromedp.NewContext(b.ctx, chromedp.WithListener(tab.note), chromedp.WithNewBrowserContext())
	b.closers = append(b.closers, closeTab)
	if err := chromedp.Do(tab.whole); err != nil {
		tb.Fatalf("testkit: open a tab: %v", err)
	}
	return tab
}

// Go loads another page in the tab.
func (t *Tab) Go(address string) {
	t.tb.Helper()
	if err := chromedp.Do(t.ctx, chromedp.Navigate(address)); err != nil {
		t.tb.Fatalf("testkit: open %s: %v", address, err)
	}
	Eval[bool](t, `document.fonts.ready.then(() => true)`)
}

// Look changes the screen.
func (t *Tab) Look(screen Screen) {
	t.tb.Helper()
	scheme := "light"
	if screen.Dark {
		scheme = "dark"
	}
	err := chromedp.Do(t.ctx, chromedp.EmulateViewport(screen.Width, screen.Height),
		func(ctx context.Context, _ *chromedp.Target) (chromedp.Void, error) {
			_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
				Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
			})
			return chromedp.Void{}, err
		})
	if err != nil {
		t.tb.Fatalf("testkit: screen %v: %v", screen, err)
	}
}

// note listens to what the page does.
func (t *Tab) note(event any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch e := event.(type) {
	case *page.EventFileChooserOpened:
		t.choosers = append(t.choosers, e.BackendNodeID)
	case *network.EventRequestWillBeSent:
		t.requests = append(t.requests, e.Request.URL)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			t.complaints = append(t.complaints, fmt.Sprintf("console %s", e.Type))
		}
	case *runtime.EventExceptionThrown:
		t.complaints = append(t.complaints, "exception: "+e.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		t.complaints = append(t.complaints, fmt.Sprintf("%s: %s (%s)", e.Entry.Level, e.Entry.Text, e.Entry.URL))
	}
}

// Requests lists the addresses that the tab has asked for.
func (t *Tab) Requests() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.requests)
}

// Strangers lists the requests that went to another host than the page's own.
func (t *Tab) Strangers(home string) []string {
	return slices.DeleteFunc(t.Requests(), func(address string) bool {
		u, err := url.Parse(address)
		return err == nil && (u.Scheme == "data" || u.Scheme+"://"+u.Host == home)
	})
}

// Complaints lists errors and warnings of the console, violations of the
// content security policy among them.
func (t *Tab) Complaints() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	// What a header had the browser forget is told as information.
	return slices.DeleteFunc(slices.Clone(t.complaints), func(c string) bool { return strings.HasPrefix(c, "info: Clear-Site-Data") })
}

// layOut makes the browser lay out what it leaves until it is scrolled to, so
// that what looks at a page sees all of it, and nothing is clipped.
func (t *Tab) layOut() {
	t.tb.Helper()
	Eval[bool](t, `(() => {
		if (window.laidOut) return true;
		const all = new CSSStyleSheet();
		all.replaceSync("* { content-visibility: visible !important }");
		document.adoptedStyleSheets.push(all);
		return window.laidOut = true;
	})()`)
}

// Overflow names the elements that make the page wider than its screen; "" for
// a page that needs no horizontal scroll.
func (t *Tab) Overflow() string {
	t.tb.Helper()
	t.layOut()
	return Eval[string](t, `(() => {
		const root = document.documentElement, wide = [];
		if (root.scrollWidth <= root.clientWidth) return "";
		for (const e of document.querySelectorAll("body *")) {
			const r = e.getBoundingClientRect();
			if (r.right > root.clientWidth + 1 || r.left < -1) wide.push(e.tagName + "." + e.className + " " + Math.round(r.left) + "…" + Math.round(r.right));
		}
		return "page " + root.scrollWidth + " on screen " + root.clientWidth + ": " + wide.slice(0, 8).join("; ");
	})()`)
}

// Eval runs a script in the page and returns its value; a promise is awaited.
// The page's own policy does not bind it.
func Eval[T any](t *Tab, script string) T {
	t.tb.Helper()
	value, err := chromedp.Run(t.ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		t.tb.Fatalf("testkit: script %.80q: %v", script, err)
	}
	return value
}

// Screenshot returns the whole page as a PNG.
func (t *Tab) Screenshot() []byte {
	t.tb.Helper()
	t.layOut()
	png, err := chromedp.Run(t.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		t.tb.Fatalf("testkit: screenshot: %v", err)
	}
	return png
}

//go:embed testdata/axe/axe.min.js
var axeScript string

// Violation is a rule of accessibility that a page breaks.
type Violation struct {
	Rule   string   `json:"rule"`
	Impact string   `json:"impact"`
	Help   string   `json:"help"`
	Nodes  []string `json:"nodes"`
}

// String tells the violation in a line.
func (v Violation) String() string {
	return fmt.Sprintf("%s (%s): %s: %s", v.Rule, v.Impact, v.Help, strings.Join(v.Nodes, " | "))
}

// Axe runs axe-core: WCAG 2.2 A and AA, and its best practice.
func (t *Tab) Axe() []Violation {
	t.tb.Helper()
	return append(t.axe(`{type: "tag", values: ["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22aa","best-practice"]}`, "color-contrast"),
		t.Contrast()...)
}

// Contrast runs only the rule on colours, which is all that another colour
// scheme can change. axe-core passes over Arabic text, whose joined letters it
// takes for the ligatures of an icon font: while it looks, each Arabic letter is
// a Latin one, which has the same colours.
func (t *Tab) Contrast() []Violation {
	t.tb.Helper()
	Eval[bool](t, `(() => {
		window.arabic = [];
		const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
		for (let node; node = walker.nextNode();) {
			const latin = node.data.replace(/[\u0600-\u06FF\uFB50-\uFDFF\uFE70-\uFEFF]/g, "n");
			if (latin !== node.data) { arabic.push([node, node.data]); node.data = latin }
		}
		return true;
	})()`)
	found := t.axe(`{type: "rule", values: ["color-contrast"]}`)
	Eval[bool](t, `(arabic.forEach(([node, text]) => { node.data = text }), true)`)
	return found
}

// axe runs the rules that only names, without some.
func (t *Tab) axe(only string, without ...string) []Violation {
	t.tb.Helper()
	t.layOut()
	if !Eval[bool](t, `typeof axe === "object"`) {
		Eval[bool](t, axeScript+"\n;true")
	}
	return Eval[[]Violation](t, axeRun(only, without))
}

func axeRun(only string, without []string) string {
	rules := make([]string, len(without))
	for i, rule := range without {
		rules[i] = `"` + rule + `": {enabled: false}`
	}
	return `axe.run(document, {runOnly: ` + only + `, rules: {` + strings.Join(rules, ",") + `}, resultTypes: ["violations"]}).then(r => r.violations.map(v => ({
		rule: v.id, impact: v.impact || "", help: v.help, nodes: v.nodes.slice(0, 4).map(n => n.target.join(" ") + " " + n.html.slice(0, 160))
	})))`
}
