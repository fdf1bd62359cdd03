package testkit

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// followTimeout is how long a page may take to come after a click.
const followTimeout = 30 * time.Second

// do runs steps in the tab, and fails the test with what was being done.
func (t *Tab) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	t.tb.Helper()
	ctx, cancel := context.WithTimeout(t.ctx, followTimeout)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.tb.Fatalf("testkit: %s: %v", what, err)
	}
}

// SignIn gives the tab the cookie of a session: with Sessions, an e-mail
// address. The address is that of the site.
func (t *Tab) SignIn(site, token string) {
	t.tb.Helper()
	u, err := url.Parse(site)
	if err != nil {
		t.tb.Fatalf("testkit: %v", err)
	}
	t.do("sign in", func(ctx context.Context, _ *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.Call(ctx, network.SetCookie, network.SetCookieParams{
			Name: "sijil_session", Value: token, Domain: u.Hostname(), Path: "/", HTTPOnly: new(true),
		})
		return chromedp.Void{}, err
	})
}

// NoScript turns the page's scripts off, from the next page on; the test's own
// still run.
func (t *Tab) NoScript() {
	t.tb.Helper()
	t.plain = true
	t.do("turn scripts off", func(ctx context.Context, _ *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return chromedp.Void{}, err
	})
}

// Fill puts the cursor into a field and types over what is in it.
func (t *Tab) Fill(selector, words string) {
	t.tb.Helper()
	t.do("fill "+selector,
		chromedp.Focus(chromedp.CSS(selector)),
		chromedp.KeyEvent("a", chromedp.KeyModifiers(2)), // Ctrl+A
		chromedp.KeyEvent(kb.Delete),
	)
	t.do("type into "+selector, chromedp.SendKeys(chromedp.CSS(selector), words))
}

// Choose selects an entry of a select by its value. Both are looked up in one
// step: a script may draw parts of the page anew in between.
func (t *Tab) Choose(selector, value string) {
	t.tb.Helper()
	chosen := Eval[string](t, `(() => {
		const select = document.querySelector(`+quoted(selector)+`);
		if (!select) return "";
		select.value = `+quoted(value)+`;
		for (const name of ["input", "change"]) select.dispatchEvent(new Event(name, {bubbles: true}));
		return select.value;
	})()`)
	if chosen != value {
		t.tb.Fatalf("testkit: %s cannot be chosen in %s", value, selector)
	}
}

// Press sends keys to what has the focus: characters, or those of chromedp/kb.
func (t *Tab) Press(keys string) {
	t.tb.Helper()
	for i, run := range strings.Split(keys, kb.Enter) {
		if i > 0 {
			t.pressEnter()
		}
		if run != "" {
			t.do("press keys", chromedp.KeyEvent(run))
		}
	}
}

// pressEnter presses Enter as a keyboard does: in one event, so that a page
// that takes the key for itself is not sent its character all the same.
func (t *Tab) pressEnter() {
	t.tb.Helper()
	t.do("press Enter", func(ctx context.Context, _ *chromedp.Target) (chromedp.Void, error) {
		for _, event := range []input.DispatchKeyEventParams{
			{Type: "keyDown", Key: "Enter", Code: "Enter", Text: "\r", WindowsVirtualKeyCode: 13},
			{Type: "keyUp", Key: "Enter", Code: "Enter", WindowsVirtualKeyCode: 13},
		} {
			if _, err := chromedp.Call(ctx, input.DispatchKeyEvent, event); err != nil {
				return chromedp.Void{}, err
			}
		}
		return chromedp.Void{}, nil
	})
}

// clickAttempts bounds how often a pointer aims at what moves away from it.
const clickAttempts = 5

// Click clicks on an element that stays on the page, as somebody does who
// looks first and aims again when the pointer missed: what a script draws
// above an element between the look and the click moves it away.
func (t *Tab) Click(selector string) {
	t.tb.Helper()
	for range clickAttempts {
		t.waitStill(selector)
		if t.plain { // nothing moves, and nothing could be heard
			t.do("click "+selector, chromedp.Click(chromedp.CSS(selector)))
			return
		}
		Eval[bool](t, `(() => {
			const element = document.querySelector(`+quoted(selector)+`);
			window.missed = true;
			document.addEventListener("click", (event) => {
				if (element?.contains(event.target)) window.missed = false;
			}, { capture: true, once: true });
			return true;
		})()`)
		t.do("click "+selector, chromedp.Click(chromedp.CSS(selector)))
		// A page that goes, or has gone, was clicked on.
		missed, err := chromedp.Run(t.ctx, chromedp.Evaluate[bool](`window.missed === true`))
		if err != nil || !missed {
			return
		}
	}
	t.tb.Fatalf("testkit: %s takes no click", selector)
}

// waitStill waits until an element is in sight, lies still and has nothing
// over it.
func (t *Tab) waitStill(selector string) {
	t.tb.Helper()
	t.do("scroll to "+selector, chromedp.ScrollIntoView(chromedp.CSS(selector)))
	t.Until(`(() => {
		const element = document.querySelector(` + quoted(selector) + `);
		const box = element?.getClientRects()[0];
		if (!box) return false;
		const place = [box.x, box.y, box.width, box.height].join();
		const still = window.lay === place;
		window.lay = place;
		// What is laid out only now, above it, has moved it out of sight again.
		if (still && (box.top < 0 || box.bottom > innerHeight)) element.scrollIntoView({ block: "center" });
		return still && element.contains(document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2));
	})()`)
}

// Upload chooses files in a file field.
func (t *Tab) Upload(selector string, files ...string) {
	t.tb.Helper()
	t.do("upload into "+selector, chromedp.SetUploadFiles(chromedp.CSS(selector), files))
}

// Submit clicks on an element that leads to another page, and waits for it.
func (t *Tab) Submit(selector string) {
	t.tb.Helper()
	t.Follow(func() { t.Click(selector) })
}

// Follow waits for the page to which an act leads.
func (t *Tab) Follow(act func()) {
	t.tb.Helper()
	Eval[bool](t, `(window.left = true)`)
	act()
	deadline := time.Now().Add(followTimeout)
	for time.Now().Before(deadline) {
		// While a page goes and the next one comes there is nothing to ask.
		arrived, err := chromedp.Run(t.ctx, chromedp.Evaluate[bool](`!window.left && document.readyState === "complete"`))
		if err == nil && arrived {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.tb.Fatalf("testkit: no page came; this is %s", t.Location())
}

// Until waits for an expression of the page to become true.
func (t *Tab) Until(expression string) {
	t.tb.Helper()
	deadline := time.Now().Add(followTimeout)
	for time.Now().Before(deadline) {
		if ok, err := chromedp.Run(t.ctx, chromedp.Evaluate[bool](`!!(`+expression+`)`)); err == nil && ok {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.tb.Fatalf("testkit: never true: %s, on %s", expression, t.Location())
}

// Back goes back in the history.
func (t *Tab) Back() {
	t.tb.Helper()
	t.do("go back", chromedp.NavigateBack())
}

// Location is the address of the page.
func (t *Tab) Location() string {
	t.tb.Helper()
	return Eval[string](t, `location.href`)
}

// Text is the visible text of an element; "" when there is none.
func (t *Tab) Text(selector string) string {
	t.tb.Helper()
	return Eval[string](t, `(document.querySelector(`+quoted(selector)+`)?.innerText ?? "")`)
}

// Value is what is in a field.
func (t *Tab) Value(selector string) string {
	t.tb.Helper()
	return Eval[string](t, `(document.querySelector(`+quoted(selector)+`)?.value ?? "")`)
}

// Focused is the id, or else the name, of what has the focus.
func (t *Tab) Focused() string {
	t.tb.Helper()
	return Eval[string](t, `(document.activeElement?.id || document.activeElement?.getAttribute("name") || "")`)
}

// quoted writes a text as a literal of a script.
func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		return `""`
	}
	return string(b)
}

// PressShift sends a key with Shift held down.
func (t *Tab) PressShift(key string) {
	t.tb.Helper()
	t.do("press Shift and a key", chromedp.KeyEvent(key, chromedp.KeyModifiers(8)))
}

// TabTo moves the focus forward by the Tab key until it is on what a selector
// finds, as somebody does who has no mouse.
func (t *Tab) TabTo(selector string) {
	t.tb.Helper()
	for range 150 {
		t.Press(kb.Tab)
		if Eval[bool](t, `document.activeElement?.matches(`+quoted(selector)+`) ?? false`) {
			return
		}
	}
	t.tb.Fatalf("testkit: the Tab key never leads to %s on %s", selector, t.Location())
}
