package testkit

import (
	"context"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// PickFiles does something at which the system's window for choosing files
// opens, and chooses these in its place. It fails where no window opens.
func (t *Tab) PickFiles(act func(), files ...string) {
	t.tb.Helper()
	t.intercept(true)
	act()
	chosen := t.chooser()
	t.do("choose files", func(ctx context.Context, _ *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.Call(ctx, dom.SetFileInputFiles, dom.SetFileInputFilesParams{Files: files, BackendNodeID: chosen})
		return chromedp.Void{}, err
	})
	t.intercept(false)
}

// intercept keeps the system's window away, or lets it come.
func (t *Tab) intercept(on bool) {
	t.tb.Helper()
	t.do("stand in for the window of files", func(ctx context.Context, _ *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.Call(ctx, page.SetInterceptFileChooserDialog, page.SetInterceptFileChooserDialogParams{Enabled: on})
		return chromedp.Void{}, err
	})
}

// chooser waits for the window and returns the field that it is for.
func (t *Tab) chooser() cdp.BackendNodeID {
	t.tb.Helper()
	for end := time.Now().Add(followTimeout); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		t.mu.Lock()
		if len(t.choosers) > 0 {
			opened := t.choosers[0]
			t.choosers = t.choosers[1:]
			t.mu.Unlock()
			return opened
		}
		t.mu.Unlock()
	}
	t.tb.Fatal("testkit: no window for choosing files has opened")
	return 0
}
