package jobs

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/riverqueue/river"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/outbound"
	"github.com/sijil/sijil/internal/register"
)

// hubTimeout bounds one request to a hub, and topicsAtOnce how many feeds it names.
const (
	hubTimeout   = 20 * time.Second
	topicsAtOnce = 100
)

// Hub is a WebSub hub (W3C Recommendation of 2018) that tells those who follow the
// feeds of what is new.
type Hub struct {
	Uses    *editorial.Editorial
	Address string
	BaseURL string // of the site whose feeds it is told of
}

// Ping tells the hub of the feeds that changed since a moment: that of all records,
// and those about the ones that were published. How a publisher tells its hub is
// left open by WebSub; hubs take what PubSubHubbub 0.4 has.
func (h *Hub) Ping(ctx context.Context, since time.Time) error {
	records, err := h.Uses.Announced(ctx, since)
	if err != nil {
		return err
	}
	// The operator's word says where it is; it sends nobody elsewhere.
	client := outbound.Client(hubTimeout)
	for topics := range slices.Chunk(h.topics(records), topicsAtOnce) {
		if err := h.tell(ctx, client, topics); err != nil {
			return err
		}
	}
	return nil
}

// topics are the addresses of the feeds that tell of records.
func (h *Hub) topics(records []register.PublicAddress) []string {
	var out []string
	add := func(about exchange.FeedAbout, slug string) {
		for _, lang := range register.Langs() {
			for _, format := range exchange.FeedFormats() {
				out = append(out, h.BaseURL+exchange.FeedPath(string(lang), about, slug, format))
			}
		}
	}
	add(exchange.FeedAll, "")
	for _, r := range records {
		switch r.Type {
		case register.TypeIncident:
			add(exchange.FeedIncident, r.Slug)
		case register.TypeInstitution:
			add(exchange.FeedInstitution, r.Slug)
			add(exchange.FeedAuthority, r.Slug)
		case register.TypeStatement: // has no feed of its own
		}
	}
	return out
}

func (h *Hub) tell(ctx context.Context, client *http.Client, topics []string) error {
	form := url.Values{"hub.mode": {"publish"}, "hub.url": topics}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, h.Address, strings.NewReader(form.Encode()))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrGiveUp, err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("ping hub: %w", err)
	}
	defer answer.Body.Close()                                       //nolint:errcheck // it was only read
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10)) // only so that the connection can be used again
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("ping hub: %s", answer.Status)
	}
	return nil
}

// addPing lets a hub be told. Where there is none any more, a job that waits since
// there was one is done with nothing.
func addPing(bundle *river.Workers, ping func(context.Context, time.Time) error) error {
	return river.AddWorkerSafely(bundle, river.WorkFunc(func(ctx context.Context, job *river.Job[register.PingHub]) error {
		if ping == nil {
			return nil
		}
		return ping(ctx, job.Args.Since)
	}))
}
