//go:build unix

package main

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/localpg"
)

func newKills(t *testing.T) *kills {
	t.Helper()
	return newKillsOn(t, swiftDir(t), func(*kills) {})
}

// newKillsOn is newKills with the cluster in a folder; change is done to it before
// the program starts.
func newKillsOn(t *testing.T, dir string, change func(*kills)) *kills {
	t.Helper()
	options := localpg.Options{DataDir: dir, BinDir: os.Getenv("SIJIL_TEST_PG_BIN"), Getenv: os.Getenv}
	server, env := productionOn(t, options)
	k := &kills{t: t, pg: server, env: env, pace: 400 * time.Millisecond, by: map[string]int{}, options: options}
	address := freeAddress(t)
	k.site = &url.URL{Scheme: "http", Host: "localhost" + address[strings.LastIndex(address, ":"):]}
	env["SIJIL_ADDR"], env["SIJIL_BASE_URL"] = address, k.site.String()
	env["SIJIL_LOG_LEVEL"], env["SIJIL_CAPTURE"] = "warn", "off"
	env["SIJIL_LOG_KEY_FILE"] = filepath.Join(t.TempDir(), "log-key")
	if code, _, stderr := call(t, env, "log", "init"); code != 0 {
		t.Fatal(stderr)
	}
	k.office = hireForKills(t, k.site, server, env)
	change(k)
	k.program = startProcess(t, "the program", env, k.site)
	t.Cleanup(func() {
		k.program.kill()
		if err := k.pg.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	k.ready()
	return k
}

// swiftDir is a folder in memory where there is room: to recover, PostgreSQL
// forces each of its files to the disk, which takes seconds, and a killed process
// does not make a machine forget.
func swiftDir(t *testing.T) string {
	t.Helper()
	const memory, room = "/dev/shm", 2 << 30
	var there syscall.Statfs_t
	if err := syscall.Statfs(memory, &there); err != nil || there.Bavail*uint64(there.Bsize) < room {
		return serverDir(t)
	}
	return serverDirIn(t, memory)
}

// freeAddress is one on which nobody listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close() //nolint:errcheck // it is to be free
	return listener.Addr().String()
}

// ready waits until the program says that it works.
func (k *kills) ready() {
	k.t.Helper()
	begin := time.Now()
	for time.Since(begin) < 30*time.Second {
		if k.program.says("/readyz") == http.StatusOK {
			return
		}
		select {
		case <-k.program.ended:
			k.t.Fatal("the program has ended by itself")
		case <-time.After(10 * time.Millisecond):
		}
	}
	k.t.Fatal("the program is not ready again")
}

// victims are the processes that are killed: those of the moment in which the
// function is called.
func (k *kills) victims(way string) func() []int {
	k.t.Helper()
	pid := k.program.cmd.Process.Pid
	switch way {
	case "the program":
		return func() []int { return []int{pid} }
	case "PostgreSQL":
		return func() []int { return []int{postmaster(k.pg)} }
	case "both":
		return func() []int { return []int{postmaster(k.pg), pid} }
	}
	// The connection is made before, so that the moment is not lost.
	k.probe = k.connect()
	return func() []int {
		var one int
		err := k.probe.QueryRow(context.Background(), `
			SELECT pid FROM pg_catalog.pg_stat_activity
			WHERE datname = 'sijil' AND pid <> pg_backend_pid() AND backend_type = 'client backend'
			ORDER BY state IS NOT DISTINCT FROM 'idle', random() LIMIT 1`).Scan(&one)
		if err != nil {
			k.t.Error(err)
			return nil
		}
		return []int{one}
	}
}

// postmaster is the first process of a PostgreSQL.
func postmaster(server *localpg.Server) int {
	content, _ := os.ReadFile(filepath.Join(server.DataDir(), "data", "postmaster.pid"))
	first, _, _ := strings.Cut(string(content), "\n")
	pid, _ := strconv.Atoi(strings.TrimSpace(first))
	return pid
}

// connect opens a connection as the superuser.
func (k *kills) connect() *pgx.Conn {
	k.t.Helper()
	connection, err := pgx.Connect(k.t.Context(), k.pg.URL("sijil", localpg.Superuser))
	if err != nil {
		k.t.Fatal(err)
	}
	return connection
}

// awaitServer waits until PostgreSQL lets somebody in.
func (k *kills) awaitServer() {
	k.t.Helper()
	var err error
	for begin := time.Now(); time.Since(begin) < 30*time.Second; time.Sleep(5 * time.Millisecond) {
		var c *pgx.Conn
		if c, err = pgx.Connect(k.t.Context(), k.pg.URL("sijil", localpg.Superuser)); err == nil {
			_ = c.Close(k.t.Context())
			return
		}
	}
	k.t.Fatal(err)
}

// restart starts anew what was killed, and only that: a program whose PostgreSQL
// went away is to go on by itself when it is back.
func (k *kills) restart(way string) {
	k.t.Helper()
	if way == "PostgreSQL" || way == "both" {
		<-k.pg.Done()
		if err := k.pg.Stop(k.t.Context()); err != nil {
			k.t.Fatal(err)
		}
		var err error
		if k.pg, err = localpg.Start(k.t.Context(), k.options); err != nil {
			k.t.Fatal(err)
		}
	}
	if way == "a process of PostgreSQL" {
		// All others end with it; that takes a moment. From the first that ends until the
		// last has, and the log is replayed, nobody is let in: who is let in afterwards
		// shows that no connection from before is left, which might answer once more.
		for k.probe.Ping(k.t.Context()) == nil {
			time.Sleep(5 * time.Millisecond)
		}
		_ = k.probe.Close(k.t.Context())
		k.awaitServer()
	}
	if way == "the program" || way == "both" {
		<-k.program.ended
		k.program.start()
	}
}
