package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/sijil/sijil/internal/auth"
	"github.com/sijil/sijil/internal/config"
	"github.com/sijil/sijil/internal/observe"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// newMetrics makes the figures of this program; nil where nobody is to read them.
// working is nil on a node without a desk.
func newMetrics(settings config.Config, working *store.DB, witnesses []string, replicas func() []observe.Replica, traces *observe.Traces) (*observe.Metrics, error) {
	if settings.MetricsAddr == "" {
		return nil, nil //nolint:nilnil // none is a setting, not a fault
	}
	schema, err := store.SchemaVersion()
	if err != nil {
		return nil, err
	}
	cfg := observe.Config{Version: buildVersion(), Schema: schema, Now: time.Now, Replicas: replicas, Traces: traces}
	if working != nil {
		cfg.State = readState(working, witnesses)
	}
	return observe.New(cfg), nil
}

// replicasOf tells of the standbys that a pool reads from. One that has all that was
// published is not behind, however long nothing was written.
func replicasOf(public *store.DB) func() []observe.Replica {
	return func() []observe.Replica {
		var out []observe.Replica
		for _, r := range public.Replicas() {
			told := observe.Replica{Name: r.Name, Usable: r.Asked}
			if !r.Asked && !r.Replayed.IsZero() {
				told.Lag = time.Since(r.Replayed)
			}
			out = append(out, told)
		}
		return out
	}
}

// readState reads how the installation does; a witness that is asked and never
// answered has cosigned nothing.
func readState(working *store.DB, witnesses []string) func(context.Context) (register.Operations, error) {
	return func(ctx context.Context) (register.Operations, error) {
		now := time.Now()
		o, err := desk.New(working.Querier()).Operations(ctx, now, auth.AliveAt(now))
		o.Log.Expect(witnesses)
		return o, err
	}
}

// serveMetrics answers figures on a listener of their own until ctx ends. What
// goes wrong with it takes nothing else along.
func serveMetrics(ctx context.Context, addr string, metrics *observe.Metrics, logger *slog.Logger) error {
	if metrics == nil {
		return nil
	}
	listener, err := listen(ctx, addr, "SIJIL_METRICS_ADDR")
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler: metrics.Handler(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
		WriteTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10,
		ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			logger.Error("figures are answered no more", "error", err)
		}
	}()
	logger.Info("figures for Prometheus", "addr", listener.Addr().String())
	return nil
}
