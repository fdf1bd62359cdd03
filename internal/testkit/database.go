package testkit

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/sijil/sijil/db"
	"github.com/sijil/sijil/internal/store"
)

// loginPassword is for servers that ask for one; the private server does not.
const loginPassword = "sijil-test"

// DB is a database of one test's own.
type DB struct {
	Name   string
	server *server
	mu     sync.Mutex
	pools  map[string]*pgxpool.Pool
	tb     testing.TB
}

// Database returns a fresh, migrated database, a copy of a template that is
// made once for each state of the migrations. Without PostgreSQL the test fails
// and says what to do. The copy and its pools go when the test ends.
func Database(tb testing.TB) *DB {
	tb.Helper()
	s := running(tb)
	template, err := s.template(context.Background())
	if err != nil {
		tb.Fatalf("testkit: migrating the template database: %v", err)
	}
	return s.database(tb, "TEMPLATE "+template+" STRATEGY = FILE_COPY")
}

// EmptyDatabase returns a fresh database without any migration.
func EmptyDatabase(tb testing.TB) *DB {
	tb.Helper()
	return running(tb).database(tb, "TEMPLATE template0")
}

// running is the server of this test process, started by the first who asks.
func running(tb testing.TB) *server {
	tb.Helper()
	s, err := sharedServer()
	if err != nil {
		tb.Fatalf("testkit: this test needs PostgreSQL (15 to 18): %v\n"+
			"The tests start a private server by themselves from installed binaries. To use other binaries set\n"+
			"SIJIL_TEST_PG_BIN to their folder; to use a running server (one for tests: roles are created in it)\n"+
			"set SIJIL_TEST_DATABASE_URL to postgres://superuser:password@host:5432/postgres.", err)
	}
	return s
}

// OwnerURL is the database's address for the role that owns everything.
func (d *DB) OwnerURL() string { return d.server.url(d.Name, "") }

// DeskURL is the database's address for the desk's login role.
func (d *DB) DeskURL() string { return d.server.url(d.Name, store.DeskLogin) }

// PublicURL is the database's address for the public side's login role.
func (d *DB) PublicURL() string { return d.server.url(d.Name, store.PublicLogin) }

// TakedownURL is the database's address for the login role of takedowns.
func (d *DB) TakedownURL() string { return d.server.url(d.Name, store.TakedownLogin) }

// Owner is a pool of connections of the owner.
func (d *DB) Owner() *pgxpool.Pool { d.tb.Helper(); return d.pool(d.OwnerURL()) }

// Desk is a pool of connections of the desk's login role.
func (d *DB) Desk() *pgxpool.Pool { d.tb.Helper(); return d.pool(d.DeskURL()) }

// Public is a pool of connections of the public side's login role.
func (d *DB) Public() *pgxpool.Pool { d.tb.Helper(); return d.pool(d.PublicURL()) }

// Takedown is a pool of connections of the login role of takedowns.
func (d *DB) Takedown() *pgxpool.Pool { d.tb.Helper(); return d.pool(d.TakedownURL()) }

// pool opens a pool at its first use, and closes it with the test.
func (d *DB) pool(url string) *pgxpool.Pool {
	d.tb.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	if pool := d.pools[url]; pool != nil {
		return pool
	}
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		d.tb.Fatalf("testkit: %v", err)
	}
	config.MaxConns = 8
	config.ConnConfig.RuntimeParams["timezone"] = "UTC"
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		d.tb.Fatalf("testkit: %v", err)
	}
	d.tb.Cleanup(pool.Close)
	d.pools[url] = pool
	return pool
}

// database creates a database under a name of its own.
func (s *server) database(tb testing.TB, options string) *DB {
	tb.Helper()
	name := prefix + strings.ToLower(rand.Text())
	if err := s.exec(context.Background(), "CREATE DATABASE "+name+" "+options); err != nil {
		tb.Fatalf("testkit: %v", err)
	}
	tb.Cleanup(func() {
		if err := s.drop(context.Background(), name); err != nil {
			tb.Errorf("testkit: %v", err)
		}
	})
	return &DB{Name: name, server: s, pools: map[string]*pgxpool.Pool{}, tb: tb}
}

// template returns the name of a migrated database to copy, which is made at
// the first request. Its name carries a hash of the migrations, so that it
// serves later runs as long as they stay the same.
func (s *server) template(ctx context.Context) (string, error) {
	s.makeTemplate.Do(func() {
		s.templateName, s.templateErr = s.findOrMakeTemplate(ctx)
	})
	return s.templateName, s.templateErr
}

func (s *server) findOrMakeTemplate(ctx context.Context) (name string, err error) {
	hash, err := migrationsHash()
	if err != nil {
		return "", err
	}
	name = templatePrefix + hash
	// Other processes may share the server. The lock goes with the connection.
	conn, err := pgx.Connect(ctx, s.url(s.admin, ""))
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock(hashtext('sijil test template'))"); err != nil {
		return "", err
	}
	var found bool
	err = conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&found)
	if err != nil || found {
		return name, err
	}
	return name, s.makeTemplateDatabase(ctx, conn, name)
}

// makeTemplateDatabase migrates under another name first, so that an
// interrupted run leaves no half a template.
func (s *server) makeTemplateDatabase(ctx context.Context, conn *pgx.Conn, name string) error {
	draft := name + "_draft"
	for _, sql := range []string{
		"DROP DATABASE IF EXISTS " + draft + " WITH (FORCE)",
		"CREATE DATABASE " + draft + " TEMPLATE template0",
	} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return err
		}
	}
	if err := s.migrate(ctx, s.url(draft, "")); err != nil {
		return err
	}
	_, err := conn.Exec(ctx, "ALTER DATABASE "+draft+" RENAME TO "+name)
	return err
}

func (s *server) migrate(ctx context.Context, url string) error {
	if err := (store.Migrator{URL: url}).Up(ctx); err != nil {
		return err
	}
	if err := store.EnsureLogins(ctx, url); err != nil || s.local() {
		return err
	}
	for _, login := range []string{store.DeskLogin, store.PublicLogin, store.TakedownLogin} {
		if err := s.exec(ctx, "ALTER ROLE "+login+" PASSWORD '"+loginPassword+"'"); err != nil {
			return err
		}
	}
	return nil
}

// migrationsHash changes with any migration's name or content.
func migrationsHash() (string, error) {
	sum := sha256.New()
	err := fs.WalkDir(db.Migrations, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(db.Migrations, path)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(sum, "%s %d\n%s", path, len(content), content)
		return err
	})
	return hex.EncodeToString(sum.Sum(nil))[:16], err
}

// withDatabase puts a database and a role into a server's address; an empty
// role keeps the address's own.
func withDatabase(server, database, role string) (string, error) {
	u, err := url.Parse(server)
	if err != nil || u.Scheme == "" {
		return "", errors.New("SIJIL_TEST_DATABASE_URL must begin with postgres://")
	}
	u.Path = "/" + database
	if role != "" {
		u.User = url.UserPassword(role, loginPassword)
		query := u.Query() // where it would win
		query.Del("user")
		query.Del("password")
		u.RawQuery = query.Encode()
	}
	return u.String(), nil
}

// environment reads a variable. Tests are the only ones besides main who do.
func environment(name string) string { return os.Getenv(name) }
