package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sijil/sijil/internal/config"
	"github.com/sijil/sijil/internal/localpg"
	"github.com/sijil/sijil/internal/memory"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/synthetic"
)

// gen makes up a register for measurements, in a private PostgreSQL; a
// demonstration on the same folder then shows it. It never reads DATABASE_URL.
func (p program) gen(ctx context.Context, args []string) error {
	flags := p.newFlags("gen", "--incidents N --data-dir FOLDER [flags]",
		"Makes up a register of any size in a private PostgreSQL, for measurements; every record says that it is invented.\n"+
			"\"sijil demo --data-dir FOLDER\" shows it.")
	incidents := flags.Int("incidents", 0, "`number` of incidents; each has three statements at the mean")
	seed := flags.Uint64("seed", 1, "`number`; the same seed makes the same register")
	dataDir := flags.String("data-dir", "", "`folder` for the data, which must be new or have no record in it")
	if _, err := parse(flags, args, 0); err != nil {
		return err
	}
	if *incidents < 1 || *dataDir == "" {
		return &usageError{"gen needs --incidents, at least 1, and --data-dir"}
	}
	settings, err := config.LoadDemo(p.getenv)
	if err != nil {
		return err
	}
	if err := forgetPostgresVariables(); err != nil {
		return err
	}
	server, err := localpg.Start(ctx, localpg.Options{BinDir: settings.PGBinDir, DataDir: *dataDir, Getenv: p.getenv, Progress: p.stdout, Filling: true})
	if err != nil {
		return interrupted(ctx, err)
	}
	err = p.fill(ctx, server, *incidents, *seed)
	return errors.Join(err, server.Stop(context.WithoutCancel(ctx)))
}

// fill makes the database and fills it, and says how long that took and how large
// it is.
func (p program) fill(ctx context.Context, server *localpg.Server, incidents int, seed uint64) error {
	if err := store.EnsureDatabase(ctx, server.URL("postgres", localpg.Superuser), demoDatabase); err != nil {
		return err
	}
	if err := migrateDemo(ctx, server); err != nil {
		return err
	}
	owner := server.URL(demoDatabase, localpg.Superuser)
	if err := store.EnsureLogins(ctx, owner); err != nil {
		return err
	}
	working, err := store.Open(ctx, server.URL(demoDatabase, store.DeskLogin), store.DeskSide)
	if err != nil {
		return err
	}
	defer working.Close()
	memory.Spend(p.getenv) // most of what is made up is let go of at once
	begun, told := time.Now(), time.Time{}
	made, err := synthetic.Fill(ctx, working, owner, incidents, seed, time.Now, func(stage synthetic.Stage, done, all int) {
		if done < all && time.Since(told) < 5*time.Second {
			return
		}
		told = time.Now()
		say(p.stdout, "%6.0f s  %s: %d of %d", time.Since(begun).Seconds(), stage, done, all)
	})
	if errors.Is(err, context.Canceled) {
		return fmt.Errorf("stopped; the database in %s is half filled and of no use: %w", server.DataDir(), err)
	}
	if err != nil {
		return err
	}
	say(p.stdout, "Made up %d incidents, %d statements, %d institutions (seed %d) in %.0f s; the database has %.2f GB.",
		incidents, made.Statements, made.Institutions, seed, time.Since(begun).Seconds(), float64(made.Bytes)/1e9)
	return nil
}
