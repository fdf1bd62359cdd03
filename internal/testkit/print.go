package testkit

import (
	"context"
	"os"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/sijil/sijil/internal/capture"
)

// PDF prints the page as Chromium's "save as PDF" does.
func (t *Tab) PDF() []byte {
	t.tb.Helper()
	var pdf []byte
	err := chromedp.Do(t.ctx, func(ctx context.Context, _ *chromedp.Target) (chromedp.Void, error) {
		yes := true
		result, err := chromedp.Call(ctx, page.PrintToPDF, page.PrintToPDFParams{PreferCSSPageSize: &yes})
		if err == nil {
			pdf = result.Data
		}
		return chromedp.Void{}, err
	})
	if err != nil {
		t.tb.Fatalf("testkit: print: %v", err)
	}
	return pdf
}

// ServeWorker makes a test's program able to do the work of "sijil pdf-worker",
// for which it is started again. Called first in a TestMain:
//
//	func TestMain(m *testing.M) { testkit.ServeWorker(); os.Exit(m.Run()) }
func ServeWorker() {
	if len(os.Args) > 1 && os.Args[1] == capture.Subcommand {
		os.Exit(capture.Work(os.Args[2:], os.Stdin, os.Stdout, os.Stderr))
	}
}
