package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/golang-migrate/migrate/v4"
	migratepgx "github.com/golang-migrate/migrate/v4/database/pgx/v5"
	"github.com/golang-migrate/migrate/v4/source"
	"github.com/golang-migrate/migrate/v4/source/iofs"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/sijil/sijil/db"
)

// Migrator changes a database's schema by the numbered files in db/migrations.
// Several may run at the same time: they wait for each other.
type Migrator struct {
	// URL names the database and the role that owns it.
	URL string
	// Files holds a folder "migrations"; nil: those built into this program.
	Files fs.FS
}

// SchemaStatus tells where a database is and where this program wants it.
type SchemaStatus struct {
	Version uint // the last migration that was applied; 0: none
	Wanted  uint // the last one that this program has
	Dirty   bool // the migration Version failed half-way
	// Floor is the schema that the oldest program knows which can work with the
	// database; 0 where the database does not say, and none but its own can.
	Floor uint
}

// Current tells whether the database is just where this program wants it.
func (s SchemaStatus) Current() bool { return !s.Dirty && s.Version == s.Wanted }

// Problem says in words what is wrong and what to do; empty if nothing is.
func (s SchemaStatus) Problem() string {
	switch {
	case s.Dirty:
		return (&DirtySchemaError{Version: s.Version}).Error()
	case s.Version < s.Wanted:
		return fmt.Sprintf("the database schema is at version %d and this program needs %d: run \"sijil migrate up\"", s.Version, s.Wanted)
	case s.Version > s.Wanted && (s.Floor == 0 || s.Floor > s.Wanted):
		return newerSchema(s.Version, s.Wanted)
	}
	return ""
}

// DirtySchemaError is returned when an earlier migration failed and nobody has
// looked after it yet.
type DirtySchemaError struct {
	Version uint
}

// Error says how to repair the schema. PostgreSQL undoes a failed file as a
// whole, as one transaction; only files with statements that cannot be in one
// (CREATE INDEX CONCURRENTLY) leave a part.
func (e *DirtySchemaError) Error() string {
	repair := fmt.Sprintf("UPDATE public.schema_migrations SET version = %d, dirty = false", e.Version-1)
	if e.Version <= 1 {
		repair = "TRUNCATE public.schema_migrations"
	}
	return fmt.Sprintf("migration %d failed earlier, and the database is marked as dirty. "+
		"Look at what that migration (db/migrations/%06d_…) was to do, undo by hand what is left of it "+
		"(usually nothing: a failed file is rolled back as a whole), then run this as the owner: %s; "+
		"and \"sijil migrate up\" again", e.Version, e.Version, repair)
}

func newerSchema(have, want uint) string {
	return fmt.Sprintf("the database schema is at version %d, newer than the %d that this program knows: "+
		"use the newer program, or go back with its \"sijil migrate down\"", have, want)
}

// SchemaVersion is the schema that this program needs: the highest number among
// its migrations.
func SchemaVersion() (uint, error) { return latest(db.Migrations) }

// Up applies all migrations that are missing; none missing is no error. It
// returns a *DirtySchemaError if an earlier one failed.
func (m Migrator) Up(ctx context.Context) error {
	return m.run(ctx, func(mg *migrate.Migrate) error { return mg.Up() })
}

// Down undoes the last migration; none left is no error.
func (m Migrator) Down(ctx context.Context) error {
	return m.run(ctx, func(mg *migrate.Migrate) error {
		err := mg.Steps(-1)
		if errors.Is(err, fs.ErrNotExist) { // so the library says that none is left
			return nil
		}
		return err
	})
}

// DownAll undoes all migrations: the data is lost.
func (m Migrator) DownAll(ctx context.Context) error {
	return m.run(ctx, func(mg *migrate.Migrate) error { return mg.Down() })
}

// Status asks the database where it is. It changes nothing: a database without
// the table of migrations is at version 0.
func (m Migrator) Status(ctx context.Context) (SchemaStatus, error) {
	wanted, err := latest(m.files())
	if err != nil {
		return SchemaStatus{}, err
	}
	conn, err := pgx.Connect(ctx, m.URL)
	if err != nil {
		return SchemaStatus{}, fmt.Errorf("store: %w", err)
	}
	defer conn.Close(ctx) //nolint:errcheck // it was read from only
	status, err := schemaStatus(ctx, conn)
	status.Wanted = wanted
	return status, err
}

// rowQuerier is a connection or a pool.
type rowQuerier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// schemaStatus reads the applied version.
func schemaStatus(ctx context.Context, q rowQuerier) (SchemaStatus, error) {
	var status SchemaStatus
	var known bool
	err := q.QueryRow(ctx, `SELECT to_regclass('public.schema_migrations') IS NOT NULL`).Scan(&known)
	if err != nil || !known {
		return status, wrap(err)
	}
	var version int64
	err = q.QueryRow(ctx, `SELECT version, dirty FROM public.schema_migrations`).Scan(&version, &status.Dirty)
	if errors.Is(err, pgx.ErrNoRows) {
		return status, nil
	}
	if err != nil {
		return status, wrap(err)
	}
	status.Version = uint(max(version, 0))
	if status.Floor, err = schemaFloor(ctx, q); err != nil {
		return status, err
	}
	return status, nil
}

// schemaFloor reads which programs fit the schema; 0: it does not say.
func schemaFloor(ctx context.Context, q rowQuerier) (uint, error) {
	var known bool
	err := q.QueryRow(ctx, `SELECT to_regclass('desk.schema_floor') IS NOT NULL`).Scan(&known)
	if err != nil || !known {
		return 0, wrap(err)
	}
	var floor int64
	err = q.QueryRow(ctx, `SELECT version FROM desk.schema_floor`).Scan(&floor)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	return uint(max(floor, 0)), wrap(err)
}

func wrap(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("store: %w", err)
}

func (m Migrator) files() fs.FS {
	if m.Files == nil {
		return db.Migrations
	}
	return m.Files
}

// run opens the migrations and the database, and does one step in words.
func (m Migrator) run(ctx context.Context, step func(*migrate.Migrate) error) (err error) {
	status, err := m.Status(ctx)
	switch {
	case err != nil:
		return err
	case status.Version > status.Wanted:
		return errors.New(newerSchema(status.Version, status.Wanted))
	}
	leave, err := m.waitForTurn(ctx)
	if err != nil {
		return err
	}
	defer leave()
	mg, err := m.open()
	if err != nil {
		return fmt.Errorf("store: migrations: %w", err)
	}
	defer func() {
		errSource, errDatabase := mg.Close()
		err = errors.Join(err, errSource, errDatabase)
	}()
	// The library knows no context: it stops after the migration at hand.
	stop := context.AfterFunc(ctx, func() { mg.GracefulStop <- true })
	defer stop()
	err = step(mg)
	// Only the library may judge whether the schema is dirty: it looks under its
	// lock, and while another program migrates the mark is set for a moment.
	if dirty, ok := errors.AsType[migrate.ErrDirty](err); ok {
		return &DirtySchemaError{Version: uint(max(dirty.Version, 0))}
	}
	switch {
	case errors.Is(err, migrate.ErrNoChange):
		return nil
	case err != nil:
		return fmt.Errorf("store: migration failed: %w", err)
	}
	return m.openVersionTable(ctx)
}

const (
	// migratorsLock is the advisory lock of who migrates; any number will do.
	migratorsLock = 0x53_4a_4c // "SJL"
	// turnPoll is how often a migrator asks whether it is its turn.
	turnPoll = 100 * time.Millisecond
)

// waitForTurn waits until no other program migrates, and returns how to let the
// next one in. The library has a lock as well, but whoever waits for that one
// does so inside of a statement, for which CREATE INDEX CONCURRENTLY waits in
// turn: a deadlock. So we ask again and again, and wait outside of the database.
func (m Migrator) waitForTurn(ctx context.Context) (leave func(), err error) {
	conn, err := pgx.Connect(ctx, m.URL)
	if err != nil {
		return nil, wrap(err)
	}
	// The lock goes with the connection, whatever becomes of the context.
	leave = func() { _ = conn.Close(context.WithoutCancel(ctx)) }
	for {
		var mine bool
		if err := conn.QueryRow(ctx, `SELECT pg_try_advisory_lock($1)`, migratorsLock).Scan(&mine); err != nil {
			leave()
			return nil, wrap(err)
		}
		if mine {
			return leave, nil
		}
		select {
		case <-ctx.Done():
			leave()
			return nil, wrap(ctx.Err())
		case <-time.After(turnPoll):
		}
	}
}

// openVersionTable lets the desk's role read which version the schema has: a
// server checks it before it starts. The table is the library's, made before
// the first migration, and so no migration's business.
func (m Migrator) openVersionTable(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, m.URL)
	if err != nil {
		return wrap(err)
	}
	defer conn.Close(ctx) //nolint:errcheck // nothing is pending
	_, err = conn.Exec(ctx, `DO $$ BEGIN
		IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'sijil_desk') THEN
			GRANT USAGE ON SCHEMA public TO sijil_desk;
			GRANT SELECT ON public.schema_migrations TO sijil_desk;
		END IF;
	END $$`)
	return wrap(err)
}

// open connects the library to the files and to the database. Closing the
// result closes both.
func (m Migrator) open() (*migrate.Migrate, error) {
	files, err := iofs.New(m.files(), "migrations")
	if err != nil {
		return nil, err
	}
	config, err := pgx.ParseConfig(m.URL)
	if err != nil {
		return nil, errors.Join(err, files.Close())
	}
	config.RuntimeParams["application_name"] = "sijil migrate"
	conns := stdlib.OpenDB(*config)
	driver, err := migratepgx.WithInstance(conns, &migratepgx.Config{SchemaName: "public"})
	if err != nil {
		return nil, errors.Join(err, files.Close(), conns.Close())
	}
	mg, err := migrate.NewWithInstance("db/migrations", files, "postgres", driver)
	if err != nil {
		return nil, errors.Join(err, files.Close(), driver.Close())
	}
	return mg, nil
}

// latest is the highest number among the files.
func latest(files fs.FS) (uint, error) {
	entries, err := fs.ReadDir(files, "migrations")
	if err != nil {
		return 0, fmt.Errorf("store: migrations: %w", err)
	}
	var highest uint
	for _, entry := range entries {
		m, err := source.Parse(entry.Name())
		if err != nil {
			return 0, fmt.Errorf("store: migrations: %s: %w", entry.Name(), err)
		}
		highest = max(highest, m.Version)
	}
	return highest, nil
}
