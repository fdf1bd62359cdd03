package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/sijil/sijil/internal/blob"
	"github.com/sijil/sijil/internal/config"
	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/store"
	webpublic "github.com/sijil/sijil/internal/web/public"
)

// connectTimeout is how long "serve" tries its database before it gives up;
// whoever started it will start it again.
const connectTimeout = 15 * time.Second

// serve is production. It refuses to start on a missing or unsafe setting, with
// a message that names the variable.
func (p program) serve(ctx context.Context, args []string) error {
	flags := p.newFlags("serve", "", "Serves in production. All settings come from the environment; README.md lists them.")
	if _, err := parse(flags, args, 0); err != nil {
		return err
	}
	settings, err := config.Load(p.getenv)
	if err != nil {
		return err
	}
	logger := newLogger(p.stderr, settings)
	blobs, err := blob.New(settings.Blobs, blob.Credentials{AccessKey: settings.BlobsAccessKey, SecretKey: settings.BlobsSecretKey})
	if err != nil {
		return fmt.Errorf("SIJIL_BLOBS: %w", err)
	}
	logKeys, err := keyReader(settings.LogKeyFile, logger)
	if err != nil {
		return err
	}
	witnesses, authority, err := openAttestors(settings, logger)
	if err != nil {
		return err
	}
	working, public, listener, err := awaitDatabase(ctx, settings, logger)
	if err != nil {
		return interrupted(ctx, err)
	}
	defer working.Close()
	defer public.Close()
	metrics, err := newMetrics(settings, working, namesOf(witnesses), replicasOf(public))
	if err != nil {
		return err
	}
	metrics.WatchPool(string(store.DeskSide), working)
	metrics.WatchPool(string(store.PublicSide), public)
	if replicas := settings.Replicas(); len(replicas) > 0 {
		if err := public.ReadFrom(ctx, logger, replicas...); err != nil {
			return fmt.Errorf("SIJIL_REPLICA_URLS: %w", err)
		}
	}
	// Before anything is published: the order of the log is for ever.
	if err := editorial.New(working, time.Now).CatchUpLog(ctx); err != nil {
		return fmt.Errorf("giving leaves to what was published before there was a log: %w", err)
	}
	exports, err := store.Open(ctx, settings.PublicDatabaseURL, store.ExportSide)
	if err != nil {
		return err
	}
	defer exports.Close()
	metrics.WatchPool(string(store.ExportSide), exports)
	takedown, err := openTakedown(ctx, settings.TakedownDatabaseURL)
	if err != nil {
		return err
	}
	if takedown != nil {
		defer takedown.Close()
	}
	machine, err := newMachine(shownSettings(settings, namesOf(witnesses)), namesOf(witnesses), map[store.Side]*store.DB{
		store.DeskSide: working, store.PublicSide: public, store.ExportSide: exports, store.TakedownSide: takedown,
	})
	if err != nil {
		return err
	}
	deskSide, err := newDesk(working, deskSettings{
		Machine: machine, BaseURL: settings.BaseURL, Secret: settings.SecretKey, Mail: settings.SendsMail(), Takedown: takedown, Blobs: blobs,
		Capture: settings.Captures(), Hub: settings.WebSubHub != "", Metrics: metrics,
	})
	if err != nil {
		return err
	}
	handler, err := newHandler(public, site{
		BaseURL: settings.BaseURL, Operator: operator(settings), Logger: logger, Desk: deskSide, Blobs: blobs, Draining: endOf(ctx),
		APIRate: settings.APIRate, Concurrency: settings.Concurrency, Hub: settings.WebSubHub, Exports: exports, Metrics: metrics, TrustedProxies: settings.Proxies(),
		CacheFolder: settings.CacheDir,
	})
	if err != nil {
		return err
	}
	defer hear(ctx, settings.PublicDatabaseURL, public, handler, logger)()
	defer keep(ctx, handler)()
	if listener == nil {
		if listener, err = listen(ctx, settings.Addr, "SIJIL_ADDR"); err != nil {
			return err
		}
	}
	if err := serveMetrics(ctx, settings.MetricsAddr, metrics, logger); err != nil {
		return err
	}
	smtp, err := sender(settings, logger)
	if err != nil {
		return err
	}
	behind, err := startBackground(ctx, backgroundSettings{
		DatabaseURL: settings.DatabaseURL, BaseURL: settings.BaseURL, Sender: smtp, Blobs: blobs, LogKeys: logKeys, Log: logger,
		Capture: settings.Captures(), Witnesses: witnesses, Authority: authority, Hub: settings.WebSubHub,
		Exports: exports, DumpDays: settings.DumpDays,
	})
	if err != nil {
		return err
	}
	metrics.WatchPool(string(store.JobsSide), behind.db)
	if err := announceSetup(ctx, deskSide.Auth, settings.BaseURL, logger); err != nil {
		return errors.Join(err, behind.stop(ctx))
	}
	logger.Info("serving", "addr", listener.Addr().String(), "base_url", settings.BaseURL)
	drain := settings.DrainTimeout
	err = serveHTTP(ctx, listener, handler, logger, stopping{notice: drain / 5, drain: drain})
	return errors.Join(err, behind.stop(ctx))
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

// openChecked opens both sides and examines them. It returns all faults at once,
// each with the variable that leads to it.
func openChecked(ctx context.Context, settings config.Config) (desk, public *store.DB, err error) {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	desk, errDesk := openSide(ctx, "DATABASE_URL", settings.DatabaseURL, store.DeskSide, store.CheckDesk)
	public, errPublic := openSide(ctx, "SIJIL_PUBLIC_DATABASE_URL", settings.PublicDatabaseURL, store.PublicSide, store.CheckPublic)
	err = errors.Join(errDesk, errPublic, checkTakedown(ctx, settings, desk))
	if err == nil {
		if err = store.CheckSame(ctx, desk, public); err != nil {
			err = fmt.Errorf("SIJIL_PUBLIC_DATABASE_URL: %w", err)
		}
	}
	if err == nil {
		return desk, public, nil
	}
	for _, db := range []*store.DB{desk, public} {
		if db != nil {
			db.Close()
		}
	}
	return nil, nil, err
}

// openTakedown opens the pool for takedowns; nil where there is no address. Its
// role was examined by openChecked.
func openTakedown(ctx context.Context, url string) (*store.DB, error) {
	if url == "" {
		return nil, nil //nolint:nilnil // none is a setting, not a fault
	}
	return store.Open(ctx, url, store.TakedownSide)
}

// checkTakedown examines the role for takedowns, where there is one.
func checkTakedown(ctx context.Context, settings config.Config, desk *store.DB) error {
	const variable = "SIJIL_TAKEDOWN_DATABASE_URL"
	if settings.TakedownDatabaseURL == "" {
		return nil
	}
	takedown, err := openSide(ctx, variable, settings.TakedownDatabaseURL, store.TakedownSide, store.CheckTakedown)
	if err != nil {
		return err
	}
	defer takedown.Close()
	if desk == nil {
		return nil // what is wrong with it is said already
	}
	if err := store.CheckSame(ctx, desk, takedown); err != nil {
		return fmt.Errorf("%s: %w", variable, err)
	}
	return nil
}

// openSide opens one side and has it checked.
func openSide(ctx context.Context, variable, url string, side store.Side, check func(context.Context, *store.DB) error) (*store.DB, error) {
	db, err := store.Open(ctx, url, side)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", variable, err)
	}
	if err := db.Ping(ctx); err != nil {
		db.Close()
		return nil, fmt.Errorf("%s: the database cannot be reached: %w", variable, err)
	}
	if err := errors.Join(check(ctx, db), store.CheckTimes(ctx, db, side)); err != nil {
		db.Close()
		return nil, fmt.Errorf("%s: %w", variable, err)
	}
	return db, nil
}
