package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"sync"
	"time"

	"github.com/sijil/sijil/internal/blob"
	"github.com/sijil/sijil/internal/founding"
	"github.com/sijil/sijil/internal/observe"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/record"
	"github.com/sijil/sijil/internal/web"
	"github.com/sijil/sijil/internal/web/desk"
	webpublic "github.com/sijil/sijil/internal/web/public"
)

// site is what the handler needs besides the database.
type site struct {
	BaseURL string // public origin, without a slash at its end
	Logger  *slog.Logger
	Desk    *desk.Config
	// DeskOnly shows nothing but the desk.
	DeskOnly bool
	Blobs    blob.Store // of documents
	// Operator is who runs the installation.
	Operator webpublic.Operator
	// Draining reports whether the server is about to stop; nil: never.
	Draining func() bool
	// Exports reads what is exported, on connections of its own.
	Exports *store.DB
	// APIRate is how many requests to the API a network may make in a minute; 0
	// means the default.
	APIRate int
	// Concurrency is how much of each class of work is done at the same time; what
	// it does not name is as by default.
	Concurrency map[string]int
	// Metrics are told of what is answered; nil: nobody counts.
	Metrics *observe.Metrics
	// Traces tell what single requests did; nil: nothing is told.
	Traces *observe.Traces
	// TrustedProxies are the networks whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
	// CacheFolder is where public pages are saved; empty: nowhere.
	CacheFolder string
	// Hub is told, and tells, of what is new in feeds; empty: none.
	Hub string
}

// publishFoundingRecord brings the founding record in by the way that editors
// take, unless it is there already.
func publishFoundingRecord(ctx context.Context, desk *store.DB) error {
	_, err := founding.Publish(ctx, desk, time.Now)
	return err
}

// publishVERIS publishes the incidents of a file in VERIS, where there is one,
// and tells what was left out.
func (p program) publishVERIS(ctx context.Context, desk *store.DB, name string) error {
	if name == "" {
		return nil
	}
	file, err := os.Open(name) //nolint:gosec // the operator names it
	if err != nil {
		return fmt.Errorf("--veris: %w", err)
	}
	defer file.Close() //nolint:errcheck // it was only read
	say(p.stdout, "Publishing the incidents of %s ...", name)
	counts, err := founding.PublishVERIS(ctx, desk, time.Now, file)
	if err != nil {
		return fmt.Errorf("--veris: %w", err)
	}
	say(p.stdout, "Incidents in VERIS: %d published, %d were there already, %d stay drafts, %d left out.",
		counts.Published, counts.Known, counts.Made-counts.Published, counts.Skipped)
	return nil
}

// hear has a site learn of each publication as it is announced, until it is told to
// stop: also while it drains.
func hear(ctx context.Context, url string, public *store.DB, handler *web.Site, log *slog.Logger) (stop func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var work sync.WaitGroup
	work.Go(func() {
		err := store.Listen(ctx, url, log, func(g register.Generation) {
			public.Learn(g) // before a page of it is made
			handler.Learn(g)
		})
		if err != nil {
			log.Error("announcements of publications cannot be heard", "error", err)
		}
	})
	return func() {
		cancel()
		work.Wait()
	}
}

// traced has a pool tell of its statements what its server tells of requests.
func (s site) traced() store.Option { return store.TracedBy(s.Traces.Provider()) }

// endOf reports whether a context has ended: for the readiness of a server that
// stops with it.
func endOf(ctx context.Context) func() bool { return func() bool { return ctx.Err() != nil } }

// newHandler makes both sides; the public one reads through the public role
// only.
func newHandler(public *store.DB, s site) (*web.Site, error) {
	return web.New(web.Config{
		BaseURL: s.BaseURL, Operator: s.Operator, Records: record.NewStore(public).LoggingTo(s.Logger), Blobs: s.Blobs, Log: s.Logger, Now: time.Now, Draining: s.Draining, Desk: s.Desk, DeskOnly: s.DeskOnly,
		APIRate: s.APIRate, Hub: s.Hub, Metrics: s.Metrics, Traces: s.Traces,
		Exports: webpublic.Exports{Source: record.NewStore(s.Exports), Spool: openSpool}, Limits: bounds(s.Concurrency), TrustedProxies: s.TrustedProxies,
		CacheFolder: s.CacheFolder,
	})
}

// bounds are the limits as the web has them; their names were checked with the
// settings.
func bounds(concurrency map[string]int) map[web.Class]int {
	out := map[web.Class]int{}
	for class, most := range concurrency {
		out[web.Class(class)] = most
	}
	return out
}
