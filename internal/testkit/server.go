package testkit

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/sijil/sijil/internal/localpg"
)

// Names that tell our databases from others on a shared server.
const (
	prefix         = "sijil_test_"
	templatePrefix = "sijil_template_"
)

// server is the PostgreSQL that the tests of this process use.
type server struct {
	private *localpg.Server // nil: one that was named in the environment
	address string          // of the named one
	admin   string          // a database to be connected to for CREATE DATABASE
	pool    *pgxpool.Pool

	makeTemplate sync.Once
	templateName string
	templateErr  error
}

// sharedServer starts or finds the server at the first call and returns the
// same one later. Each test process has its own, on one of a few kept clusters,
// so that packages do not wait for each other; it ends with the process, even a
// killed one.
var sharedServer = sync.OnceValues(findServer)

func findServer() (*server, error) {
	ctx := context.Background()
	s := &server{admin: "postgres", address: environment("SIJIL_TEST_DATABASE_URL")}
	if s.address == "" {
		private, err := startPrivate(ctx)
		if err != nil {
			return nil, err
		}
		s.private = private
	} else if _, err := withDatabase(s.address, s.admin, ""); err != nil {
		return nil, err
	}
	config, err := pgxpool.ParseConfig(s.url(s.admin, ""))
	if err != nil {
		return nil, err
	}
	config.MaxConns = 4
	if s.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return nil, err
	}
	if err := s.pool.Ping(ctx); err != nil {
		return nil, err
	}
	if s.local() {
		return s, s.sweep(ctx)
	}
	return s, nil
}

// startPrivate takes the first cluster that no other test process uses. The
// clusters stay for later runs, with their templates; they are small and few,
// as many as packages were ever tested at the same time. SIJIL_TEST_CLUSTERS names
// another folder for them, as one in memory: each test's database is a thousand files.
func startPrivate(ctx context.Context) (*localpg.Server, error) {
	base := environment("SIJIL_TEST_CLUSTERS")
	if base == "" {
		cache, err := localpg.DefaultCacheDir(os.Getenv)
		if err != nil {
			cache = filepath.Join(os.TempDir(), "sijil-"+strconv.Itoa(os.Geteuid()))
		}
		base = filepath.Join(cache, "tests")
	}
	const most = 64
	for n := range most {
		opts := localpg.Options{
			BinDir:   environment("SIJIL_TEST_PG_BIN"),
			DataDir:  filepath.Join(base, strconv.Itoa(n)),
			Getenv:   os.Getenv,
			Volatile: true,
		}
		if n == 0 {
			opts.Progress = os.Stderr
		}
		started, err := localpg.Start(ctx, opts)
		if !errors.Is(err, localpg.ErrInUse) {
			return started, err
		}
	}
	return nil, fmt.Errorf("all %d test clusters in %s are in use", most, base)
}

// local tells whether the server is ours alone.
func (s *server) local() bool { return s.private != nil }

// url is the address of a database for a role; an empty one is the superuser.
func (s *server) url(database, role string) string {
	if s.local() {
		if role == "" {
			role = localpg.Superuser
		}
		return s.private.URL(database, role)
	}
	address, _ := withDatabase(s.address, database, role) // checked by findServer
	return address
}

// exec runs a statement that cannot be in a transaction.
func (s *server) exec(ctx context.Context, sql string) error {
	_, err := s.pool.Exec(ctx, sql)
	return err
}

// drop removes a test's database.
func (s *server) drop(ctx context.Context, name string) error {
	return s.exec(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
}

// sweep removes what earlier processes left on a private server: databases of
// killed tests, and templates of other migrations.
func (s *server) sweep(ctx context.Context) error {
	hash, err := migrationsHash()
	if err != nil {
		return err
	}
	rows, err := s.pool.Query(ctx, "SELECT datname FROM pg_database")
	if err != nil {
		return err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, name := range names {
		ours := strings.HasPrefix(name, prefix) || strings.HasPrefix(name, templatePrefix)
		if !ours || name == templatePrefix+hash {
			continue
		}
		if err := s.drop(ctx, name); err != nil {
			return err
		}
	}
	return nil
}
