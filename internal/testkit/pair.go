package testkit

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/sijil/sijil/internal/localpg"
	"github.com/sijil/sijil/internal/store"
)

// Pair is a PostgreSQL with a standby that follows it, as an operator would have
// them: both keep what they confirm, and either can be ended and started again.
type Pair struct {
	// DB is the migrated database on the primary.
	DB               *DB
	Primary, Standby *localpg.Server

	tb  testing.TB
	dir string
}

// NewPair starts a pair. It skips the test where the binaries cannot make a standby,
// as those of npm.
func NewPair(tb testing.TB) *Pair {
	tb.Helper()
	p := &Pair{tb: tb, dir: folderInMemory(tb)}
	p.StartPrimary()
	tb.Cleanup(func() {
		for _, server := range []*localpg.Server{p.Standby, p.Primary} {
			if server != nil {
				p.end(server)
			}
		}
	})
	if !p.Primary.CanCopy() {
		tb.Skip("there is no pg_basebackup beside the server's binaries: no standby can be made")
	}
	s := &server{private: p.Primary, admin: "postgres"}
	p.DB = &DB{Name: "sijil", server: s, pools: map[string]*pgxpool.Pool{}, tb: tb}
	if err := store.EnsureDatabase(tb.Context(), s.url("postgres", ""), p.DB.Name); err != nil {
		tb.Fatal(err)
	}
	if err := s.migrate(tb.Context(), p.DB.OwnerURL()); err != nil {
		tb.Fatal(err)
	}
	p.StartStandby()
	return p
}

func (p *Pair) options(name string) localpg.Options {
	return localpg.Options{BinDir: environment("SIJIL_TEST_PG_BIN"), DataDir: filepath.Join(p.dir, name), Getenv: os.Getenv}
}

// StartPrimary starts the primary, at first or again.
func (p *Pair) StartPrimary() {
	p.tb.Helper()
	p.Primary = p.start(p.options("a"))
	if p.DB != nil {
		p.DB.server.private = p.Primary
	}
}

// StartStandby starts the standby, at first or again.
func (p *Pair) StartStandby() {
	p.tb.Helper()
	options := p.options("b")
	options.StandbyOf = p.Primary
	p.Standby = p.start(options)
}

func (p *Pair) start(options localpg.Options) *localpg.Server {
	p.tb.Helper()
	started, err := localpg.Start(context.WithoutCancel(p.tb.Context()), options)
	if err != nil {
		p.tb.Fatal(err)
	}
	return started
}

// StopPrimary ends the primary at once, without a checkpoint, as a kill would.
func (p *Pair) StopPrimary() { p.tb.Helper(); p.end(p.Primary) }

// StopStandby ends the standby likewise.
func (p *Pair) StopStandby() { p.tb.Helper(); p.end(p.Standby) }

func (p *Pair) end(server *localpg.Server) {
	p.tb.Helper()
	now, cancel := context.WithCancel(context.Background())
	cancel()
	if err := server.Stop(now); err != nil {
		p.tb.Error(err)
	}
}

// StandbyURL is the database's address on the standby for the public side's role.
func (p *Pair) StandbyURL() string { return p.Standby.URL(p.DB.Name, store.PublicLogin) }

// OnStandby runs a statement there as the superuser.
func (p *Pair) OnStandby(sql string) {
	p.tb.Helper()
	pool, err := pgxpool.New(p.tb.Context(), p.Standby.URL(p.DB.Name, localpg.Superuser))
	if err != nil {
		p.tb.Fatal(err)
	}
	defer pool.Close()
	if _, err := pool.Exec(p.tb.Context(), sql); err != nil {
		p.tb.Fatal(err)
	}
}

// folderInMemory is a folder in memory, where the system has such, since each start
// forces all files of a cluster to the disk.
func folderInMemory(tb testing.TB) string {
	tb.Helper()
	parent := "/dev/shm"
	if _, err := os.Stat(parent); err != nil {
		parent = "/tmp"
	}
	dir, err := os.MkdirTemp(parent, "sijil-test-") //nolint:usetesting // in memory
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			tb.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o755); err != nil {
		tb.Fatal(err)
	}
	return dir
}
