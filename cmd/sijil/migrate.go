package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/sijil/sijil/internal/config"
	"github.com/sijil/sijil/internal/store"
)

// migrate changes or shows the schema of the database in DATABASE_URL, as the
// role that owns it.
func (p program) migrate(ctx context.Context, args []string) error {
	flags := p.newFlags("migrate", "up | down | status | version",
		"up       apply the migrations that are missing\n"+
			"down     undo the last migration (with --all: every one, and lose all data)\n"+
			"status   tell where the database is; ends with 1 if this program cannot work with it\n"+
			"version  print the schema version that this program needs\n\n"+
			"DATABASE_URL (or DATABASE_URL_FILE) names the database and the role that owns it.")
	all := flags.Bool("all", false, "with \"down\": undo every migration")
	words, err := parse(flags, args, 2)
	if err != nil {
		return err
	}
	if len(words) == 0 {
		return &usageError{"migrate: up, down, status or version is missing"}
	}
	// The flag may also follow the word, as people write it.
	if rest, err := parse(flags, words[1:], 0); err != nil || len(rest) > 0 {
		return err
	}
	if *all && words[0] != "down" {
		return &usageError{"migrate: --all goes with \"down\" only"}
	}
	if words[0] == "version" {
		return p.migrateVersion()
	}
	step, ok := map[string]func(context.Context, store.Migrator) error{
		"up":     func(ctx context.Context, m store.Migrator) error { return m.Up(ctx) },
		"down":   func(ctx context.Context, m store.Migrator) error { return down(ctx, m, *all) },
		"status": func(context.Context, store.Migrator) error { return nil },
	}[words[0]]
	if !ok {
		return &usageError{fmt.Sprintf("migrate: there is no %q", words[0])}
	}
	return p.migrateStep(ctx, step, words[0] == "down")
}

func down(ctx context.Context, m store.Migrator, all bool) error {
	if all {
		return m.DownAll(ctx)
	}
	return m.Down(ctx)
}

// migrateStep does one thing and tells where the database then is. Only after
// "down" is it fine that the schema is not the one that is needed.
func (p program) migrateStep(ctx context.Context, step func(context.Context, store.Migrator) error, olderIsFine bool) error {
	url, err := config.DatabaseURL(p.getenv)
	if err != nil {
		return err
	}
	m := store.Migrator{URL: url}
	if err := step(ctx, m); err != nil {
		return fmt.Errorf("DATABASE_URL: %w", err)
	}
	status, err := m.Status(ctx)
	if err != nil {
		return fmt.Errorf("DATABASE_URL: %w", err)
	}
	say(p.stdout, "The database schema is at version %d of %d.", status.Version, status.Wanted)
	if problem := status.Problem(); problem != "" && !olderIsFine {
		return errors.New(problem)
	}
	return nil
}

func (p program) migrateVersion() error {
	version, err := store.SchemaVersion()
	if err != nil {
		return err
	}
	say(p.stdout, "%d", version)
	return nil
}
