package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sijil/sijil/internal/blob"
	"github.com/sijil/sijil/internal/config"
	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/localpg"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/web/desk"
)

// demoDatabase is the name of the demonstration's database.
const demoDatabase = "sijil"

// demo shows the register with its founding record in a PostgreSQL of its own.
// It never reads DATABASE_URL: it must not touch anybody's real database.
func (p program) demo(ctx context.Context, args []string) error {
	flags := p.newFlags("demo", "[flags]", "Publishes the founding record in a private PostgreSQL and serves it. A second start uses the same data.")
	addr := flags.String("addr", "127.0.0.1:8080", "`host:port` to listen on")
	dataDir := flags.String("data-dir", "", "`folder` for the data (default: /var/lib/sijil for root, else the user's data folder)")
	veris := flags.String("veris", "", "`file` with incidents in VERIS, one JSON object a line, that are published too")
	captures := flags.Bool("capture", false, "fetch the addresses of all sources, and keep copies (some thousand requests with --veris)")
	if _, err := parse(flags, args, 0); err != nil {
		return err
	}
	settings, err := config.LoadDemo(p.getenv)
	if err != nil {
		return err
	}
	if err := forgetPostgresVariables(); err != nil {
		return err
	}
	// First, because a taken port is the likeliest fault and the quickest found.
	listener, err := listen(ctx, *addr, "--addr")
	if err != nil {
		return err
	}
	defer listener.Close() //nolint:errcheck // the server closes it, too
	server, err := localpg.Start(ctx, localpg.Options{
		BinDir: settings.PGBinDir, DataDir: *dataDir, Getenv: p.getenv, Progress: p.stdout,
	})
	if errors.Is(err, localpg.ErrInUse) {
		return fmt.Errorf("%w: a demo runs there already; stop it, or choose another folder with --data-dir", err)
	}
	if err != nil {
		return interrupted(ctx, err)
	}
	err = p.showDemo(ctx, server, listener, demoSettings{password: settings.Password, veris: *veris, captures: *captures})
	// PostgreSQL is the last to go, and even if ctx has ended it gets its time.
	return errors.Join(err, server.Stop(context.WithoutCancel(ctx)))
}

// forgetPostgresVariables drops PGSERVICE, PGOPTIONS and the like, which the
// driver reads by itself: an address cannot overrule all of them, and they are
// about a database that is not the demonstration's.
func forgetPostgresVariables() error {
	var problems []error
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "PG") {
			problems = append(problems, os.Unsetenv(name))
		}
	}
	return errors.Join(problems...)
}

// demoDumpDays is for how many days a demonstration keeps dumps.
const demoDumpDays = 2

// demoSettings is what a demonstration can be told.
type demoSettings struct {
	password string // of its accounts; "" for a random one
	veris    string // file with incidents; "" for none
	captures bool   // addresses of sources are fetched
}

// showDemo prepares the database and serves until ctx ends or PostgreSQL does.
func (p program) showDemo(ctx context.Context, server *localpg.Server, listener net.Listener, settings demoSettings) error {
	working, public, err := p.prepareDemo(ctx, server, settings.veris)
	if err != nil {
		return interrupted(ctx, err)
	}
	defer working.Close()
	defer public.Close()
	logger := slog.New(slog.NewTextHandler(p.stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	address := readyURL(listener)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	exports, err := store.Open(ctx, server.URL(demoDatabase, store.PublicLogin), store.ExportSide)
	if err != nil {
		return err
	}
	defer exports.Close()
	takedown, err := openTakedown(ctx, server.URL(demoDatabase, store.TakedownLogin))
	if err != nil {
		return err
	}
	defer takedown.Close()
	blobs, err := blob.NewFolder(filepath.Join(server.DataDir(), "blobs"))
	if err != nil {
		return err
	}
	logKeys, err := demoLogKeys(server.DataDir(), address)
	if err != nil {
		return err
	}
	machine, err := newMachine(demoSettingsShown(settings), nil, map[store.Side]*store.DB{
		store.DeskSide: working, store.PublicSide: public, store.ExportSide: exports, store.TakedownSide: takedown,
	})
	if err != nil {
		return err
	}
	deskSide, password, err := demoDesk(ctx, server, working, deskSettings{
		Machine: machine, BaseURL: strings.TrimSuffix(address, "/"), Mail: true, Demo: true, Takedown: takedown, Blobs: blobs,
		Capture: settings.captures,
	}, settings.password)
	if err != nil {
		return interrupted(ctx, err)
	}
	handler, err := newHandler(public, site{
		BaseURL: strings.TrimSuffix(address, "/"), Logger: logger, Desk: deskSide, Blobs: blobs, Draining: endOf(ctx), Exports: exports,
	})
	if err != nil {
		return err
	}
	defer hear(ctx, server.URL(demoDatabase, store.PublicLogin), public, handler, logger)()
	defer keep(ctx, handler)()
	go func() {
		select {
		case <-server.Done():
			cancel(errors.New("PostgreSQL has ended unexpectedly; see " + server.DataDir() + "/server.log"))
		case <-ctx.Done():
		}
	}()
	behind, err := startBackground(ctx, backgroundSettings{
		DatabaseURL: server.URL(demoDatabase, store.DeskLogin), BaseURL: strings.TrimSuffix(address, "/"), Blobs: blobs, LogKeys: logKeys, Demo: true, Log: logger,
		Capture: settings.captures, Exports: exports, DumpDays: demoDumpDays,
	})
	if err != nil {
		return err
	}
	sayWhoWorks(p.stdout, address, password)
	say(p.stdout, "Sijil is ready: %s\n(PostgreSQL %s, data in %s. Ctrl-C stops both.)", address, server.Version(), server.DataDir())
	err = errors.Join(serveHTTP(ctx, listener, handler, logger, stopping{drain: 5 * time.Second}), behind.stop(ctx))
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		err = errors.Join(cause, err)
	}
	return err
}

// demoDesk makes the working side of the demonstration, with its staff.
func demoDesk(ctx context.Context, server *localpg.Server, db *store.DB, settings deskSettings, password string) (*desk.Config, string, error) {
	secret, err := demoSecret(server.DataDir())
	if err != nil {
		return nil, "", err
	}
	settings.Secret = secret
	side, err := newDesk(db, settings)
	if err != nil {
		return nil, "", err
	}
	password, err = hireDemoStaff(ctx, side.Auth, password)
	return side, password, err
}

// sayWhoWorks tells how to sign in at the desk.
func sayWhoWorks(w io.Writer, address, password string) {
	var who []string
	for _, i := range demoStaff() {
		who = append(who, i.Email)
	}
	say(w, "The desk is at %sfr/desk. Sign in as %s\nwith the password: %s", address, strings.Join(who, ", "), password)
}

// interrupted tells a stop that was asked for from a failure.
func interrupted(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return nil
	}
	return err
}

// prepareDemo migrates, publishes, and returns the pools of both sides. The
// roles are the very ones of production.
func (p program) prepareDemo(ctx context.Context, server *localpg.Server, veris string) (desk, public *store.DB, err error) {
	if err := store.EnsureDatabase(ctx, server.URL("postgres", localpg.Superuser), demoDatabase); err != nil {
		return nil, nil, err
	}
	owner := server.URL(demoDatabase, localpg.Superuser)
	if err := migrateDemo(ctx, server); err != nil {
		return nil, nil, err
	}
	if err := store.EnsureLogins(ctx, owner); err != nil {
		return nil, nil, err
	}
	if desk, err = store.Open(ctx, server.URL(demoDatabase, store.DeskLogin), store.DeskSide); err != nil {
		return nil, nil, err
	}
	if err := editorial.New(desk, time.Now).CatchUpLog(ctx); err != nil {
		desk.Close()
		return nil, nil, fmt.Errorf("giving leaves to what was published before there was a log: %w", err)
	}
	if err := publishFoundingRecord(ctx, desk); err != nil {
		desk.Close()
		return nil, nil, fmt.Errorf("publishing the founding record: %w", err)
	}
	if err := p.publishVERIS(ctx, desk, veris); err != nil {
		desk.Close()
		return nil, nil, err
	}
	if public, err = store.Open(ctx, server.URL(demoDatabase, store.PublicLogin), store.PublicSide); err != nil {
		desk.Close()
		return nil, nil, err
	}
	return desk, public, nil
}
