package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"time"

	"github.com/sijil/sijil/internal/blob"
	"github.com/sijil/sijil/internal/config"
	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/memory"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/web"
	webpublic "github.com/sijil/sijil/internal/web/public"
)

// connectTimeout is how long "serve" tries its database before it gives up;
// whoever started it will start it again.
const connectTimeout = 15 * time.Second

// serve is production. It refuses to start on a missing or unsafe setting, with
// a message that names the variable.
func (p program) serve(ctx context.Context, args []string) error {
	flags := p.newFlags("serve", "", "Serves in production. All settings come from the environment; README.md lists them.")
	name := flags.String("side", string(config.BothSides), "public, desk or both: what is served, with the settings that it needs only")
	if _, err := parse(flags, args, 0); err != nil {
		return err
	}
	side := config.Side(*name)
	settings, err := config.LoadSide(p.getenv, side)
	if err != nil {
		return err
	}
	logger := newLogger(p.stderr, settings)
	logger.Info("memory", "limit", memory.Spend(p.getenv))
	for _, name := range settings.InTheClear() {
		logger.Warn("a database on another machine is reached without TLS (sslmode=disable): whoever is on that network can read along, and answer",
			"setting", name)
	}
	blobs, err := blob.New(settings.Blobs, blob.Credentials{AccessKey: settings.BlobsAccessKey, SecretKey: settings.BlobsSecretKey})
	if err != nil {
		return fmt.Errorf("SIJIL_BLOBS: %w", err)
	}
	at := site{
		BaseURL: settings.BaseURL, Operator: operator(settings), Logger: logger, Blobs: blobs, Draining: endOf(ctx),
		APIRate: settings.APIRate, Concurrency: settings.Concurrency, Hub: settings.WebSubHub, TrustedProxies: settings.Proxies(),
		CacheFolder: settings.CacheDir, DeskOnly: side == config.DeskSide,
	}
	if at.DeskOnly {
		at.CacheFolder = "" // it has no public page that could be saved
	}
	if at.Traces, err = newTraces(ctx, settings, logger); err != nil {
		return err
	}
	defer endTraces(ctx, at.Traces, settings.DrainTimeout, logger)()
	if side == config.PublicSide {
		return servePublic(ctx, settings, at)
	}
	return serveDesk(ctx, settings, at)
}

// servePublic serves the public side alone, which holds nothing that leads to
// drafts.
func servePublic(ctx context.Context, settings config.Config, at site) error {
	db, err := awaitDatabase(ctx, settings, config.PublicSide, at)
	if err != nil {
		return interrupted(ctx, err)
	}
	defer db.close()
	if at.Metrics, err = newMetrics(settings, nil, nil, replicasOf(db.public), at.Traces); err != nil {
		return err
	}
	if at.Exports, err = store.Open(ctx, settings.PublicDatabaseURL, store.ExportSide, at.traced()); err != nil {
		return err
	}
	defer at.Exports.Close()
	handler, deaf, err := openSite(ctx, settings, settings.PublicDatabaseURL, db.public, at)
	if err != nil {
		return err
	}
	defer deaf()
	listener, err := openDoor(ctx, settings, db.listener, at)
	if err != nil {
		return err
	}
	return answer(ctx, settings, listener, handler, at)
}

// serveDesk serves the desk, with the public side unless it is to be alone, and does
// the work in the background.
func serveDesk(ctx context.Context, settings config.Config, at site) error {
	logKeys, err := keyReader(settings.LogKeyFile, at.Logger)
	if err != nil {
		return err
	}
	witnesses, authority, err := openAttestors(settings, at.Logger)
	if err != nil {
		return err
	}
	side, reading := config.BothSides, settings.PublicDatabaseURL
	if at.DeskOnly {
		side, reading = config.DeskSide, settings.DatabaseURL
	}
	db, err := awaitDatabase(ctx, settings, side, at)
	if err != nil {
		return interrupted(ctx, err)
	}
	defer db.close()
	if at.Metrics, err = newMetrics(settings, db.desk, namesOf(witnesses), replicasOf(db.public), at.Traces); err != nil {
		return err
	}
	at.Metrics.WatchPool(string(store.DeskSide), db.desk)
	// Before anything is published: the order of the log is for ever.
	if err := editorial.New(db.desk, time.Now).CatchUpLog(ctx); err != nil {
		return fmt.Errorf("giving leaves to what was published before there was a log: %w", err)
	}
	if at.Exports, err = store.Open(ctx, reading, store.ExportSide, at.traced()); err != nil {
		return err
	}
	defer at.Exports.Close()
	takedown, err := openTakedown(ctx, settings.TakedownDatabaseURL, at.traced())
	if err != nil {
		return err
	}
	if takedown != nil {
		defer takedown.Close()
	}
	machine, err := newMachine(shownSettings(settings, namesOf(witnesses)), namesOf(witnesses), map[store.Side]*store.DB{
		store.DeskSide: db.desk, store.PublicSide: db.public, store.ExportSide: at.Exports, store.TakedownSide: takedown,
	})
	if err != nil {
		return err
	}
	machine.Replicas = replicasOf(db.public)
	if at.Desk, err = newDesk(db.desk, deskSettings{
		Machine: machine, BaseURL: settings.BaseURL, Secret: settings.SecretKey, Before: settings.SecretKeyBefore, Mail: settings.SendsMail(), Takedown: takedown, Blobs: at.Blobs,
		Capture: settings.Captures(), Hub: settings.WebSubHub != "", Metrics: at.Metrics,
	}); err != nil {
		return err
	}
	handler, deaf, err := openSite(ctx, settings, reading, db.public, at)
	if err != nil {
		return err
	}
	defer deaf()
	listener, err := openDoor(ctx, settings, db.listener, at)
	if err != nil {
		return err
	}
	behind, err := beginWork(ctx, settings, at, backgroundSettings{LogKeys: logKeys, Witnesses: witnesses, Authority: authority})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	return errors.Join(answer(ctx, settings, listener, handler, at), behind.stop(ctx))
}

// beginWork begins to do what is done in the background, and tells how the first admin is
// made where there is none.
func beginWork(ctx context.Context, settings config.Config, at site, s backgroundSettings) (*background, error) {
	smtp, err := sender(settings, at.Logger)
	if err != nil {
		return nil, err
	}
	s.DatabaseURL, s.BaseURL, s.Sender, s.Blobs, s.Log = settings.DatabaseURL, settings.BaseURL, smtp, at.Blobs, at.Logger
	s.Capture, s.Hub, s.Exports, s.DumpDays, s.Traces = settings.Captures(), settings.WebSubHub, at.Exports, settings.DumpDays, at.Traces
	behind, err := startBackground(ctx, s)
	if err != nil {
		return nil, err
	}
	at.Metrics.WatchPool(string(store.JobsSide), behind.db)
	if err := announceSetup(ctx, at.Desk.Auth, settings.BaseURL, at.Logger); err != nil {
		return nil, errors.Join(err, behind.stop(ctx))
	}
	return behind, nil
}

// openSite makes the handler over the pool that reads what is published, from replicas
// where there are some. It hears of publications at url and keeps its pages, until it is
// told to be deaf, which is before any of its pools is closed.
func openSite(ctx context.Context, settings config.Config, url string, public *store.DB, at site) (handler *web.Site, deaf func(), err error) {
	at.Metrics.WatchPool(string(store.PublicSide), public)
	at.Metrics.WatchPool(string(store.ExportSide), at.Exports)
	if replicas := settings.Replicas(); len(replicas) > 0 && !at.DeskOnly {
		if err := public.ReadFrom(ctx, at.Logger, replicas...); err != nil {
			return nil, nil, fmt.Errorf("SIJIL_REPLICA_URLS: %w", err)
		}
	}
	if handler, err = newHandler(public, at); err != nil {
		return nil, nil, err
	}
	unheard, unkept := hear(ctx, url, public, handler, at.Logger), keep(ctx, handler)
	return handler, func() {
		unkept() // it asks the database, too
		unheard()
	}, nil
}

// openDoor listens, unless that was done while the database was away, and answers who
// asks for figures.
func openDoor(ctx context.Context, settings config.Config, waiting net.Listener, at site) (listener net.Listener, err error) {
	if listener = waiting; listener == nil {
		if listener, err = listen(ctx, settings.Addr, "SIJIL_ADDR"); err != nil {
			return nil, err
		}
	}
	if err := serveMetrics(ctx, settings.MetricsAddr, at.Metrics, at.Logger); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return listener, nil
}

// answer answers requests until ctx ends.
func answer(ctx context.Context, settings config.Config, listener net.Listener, handler *web.Site, at site) error {
	at.Logger.Info("serving", "addr", listener.Addr().String(), "base_url", settings.BaseURL)
	stop := stopping{notice: min(settings.DrainNotice, settings.DrainTimeout/2), drain: settings.DrainTimeout}
	if rest := stop.drain - stop.notice; rest < longestRequest() {
		at.Logger.Warn("a stop may cut off who is sending a form with files over a slow line",
			"SIJIL_DRAIN_TIMEOUT", stop.drain.String(), "enough", (stop.notice + longestRequest()).String())
	}
	return serveHTTP(ctx, listener, handler, at.Logger, stop)
}

// operator is who runs the installation, as its settings say.
func operator(settings config.Config) webpublic.Operator {
	return webpublic.Operator{
		Name: settings.OperatorName, Address: settings.OperatorAddress, Contact: settings.OperatorContact,
		Hosting: settings.OperatorHosting, Security: settings.SecurityContact, LogDays: settings.LogDays,
	}
}

func newLogger(w io.Writer, settings config.Config) *slog.Logger {
	options := &slog.HandlerOptions{Level: settings.LogLevel}
	if settings.LogFormat == "text" {
		return slog.New(slog.NewTextHandler(w, options))
	}
	return slog.New(slog.NewJSONHandler(w, options))
}
