package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/sijil/sijil/internal/config"
	"github.com/sijil/sijil/internal/observe"
)

// newTraces makes what tells a collector of single requests; nil where there is none.
func newTraces(ctx context.Context, settings config.Config, logger *slog.Logger) (*observe.Traces, error) {
	if !settings.Traces() {
		return nil, nil //nolint:nilnil // none is a setting, not a fault
	}
	return observe.NewTraces(ctx, observe.TracesConfig{
		URL: settings.TracesURL, Share: settings.TracesShare, Version: buildVersion(), Log: logger,
	})
}

// endTraces returns what sends the last traces once everything else has ended. The whole
// stop takes no longer for it than requests in progress may: what does not go out by then
// is lost.
func endTraces(ctx context.Context, traces *observe.Traces, drain time.Duration, logger *slog.Logger) (end func()) {
	late, cancel := context.WithCancel(context.WithoutCancel(ctx))
	unwatched := context.AfterFunc(ctx, func() { time.AfterFunc(drain, cancel) })
	return func() {
		defer cancel()
		unwatched()
		if err := traces.Stop(late); err != nil {
			logger.Warn("traces", "error", err)
		}
	}
}
