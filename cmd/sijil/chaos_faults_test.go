//go:build linux

package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/jackc/pgx/v5"
	"github.com/rs/zerolog"

	"github.com/sijil/sijil/internal/localpg"
	"github.com/sijil/sijil/internal/store"
)

// fault is what happens to a database, and how it ends.
type fault struct {
	name       string
	begin, end func(c *chaos)
	// isSlow means that right answers may come late, and none needs to fail; readable
	// that only writing fails.
	isSlow, readable bool
}

// faults are the scenarios; the short test takes the first of them.
func faults() []fault {
	toxic := func(kind, stream, attributes string) func(c *chaos) {
		return func(c *chaos) { c.poison(kind, stream, attributes) }
	}
	healed := func(c *chaos) { c.heal() }
	return []fault{
		{name: "half-open", begin: func(c *chaos) {
			c.poison("timeout", "downstream", `{"timeout": 0}`)
			c.poison("timeout", "upstream", `{"timeout": 0}`)
		}, end: healed},
		{name: "stopped", begin: (*chaos).stopServer, end: (*chaos).startServer},
		{name: "restarted", begin: func(c *chaos) { c.stopServer(); c.startServer() }, end: func(*chaos) {}, isSlow: true},
		{name: "slow", begin: toxic("latency", "downstream", `{"latency": 700, "jitter": 200}`), end: healed, isSlow: true},
		{name: "reset", begin: toxic("reset_peer", "downstream", `{"timeout": 0}`), end: healed},
		{name: "refused", begin: func(c *chaos) { c.proxy.Stop() }, end: func(c *chaos) { c.must(c.proxy.Start()) }},
		{name: "no connections left", begin: (*chaos).takeConnections, end: (*chaos).giveConnections},
		{name: "disk full", begin: (*chaos).fillDisk, end: (*chaos).emptyDisk, readable: true},
	}
}

// route leads the program to PostgreSQL by way of a proxy that does harm.
func (c *chaos) route() {
	c.t.Helper()
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	c.proxy = toxiproxy.NewProxy(server, "postgresql", "127.0.0.1:0", c.bridge())
	c.must(c.proxy.Start())
	c.t.Cleanup(c.proxy.Stop)
	for name, role := range map[string]string{"DATABASE_URL": store.DeskLogin, "SIJIL_PUBLIC_DATABASE_URL": store.PublicLogin} {
		c.env[name] = "postgres://" + role + "@" + c.proxy.Listen + "/sijil?sslmode=disable"
	}
}

// bridge leads from an address, which the proxy can reach, to PostgreSQL's socket.
func (c *chaos) bridge() string {
	c.t.Helper()
	at, err := url.Parse(c.pg.URL("sijil", localpg.Superuser))
	c.must(err)
	socket := filepath.Join(at.Query().Get("host"), ".s.PGSQL."+at.Query().Get("port"))
	listener, err := (&net.ListenConfig{}).Listen(c.t.Context(), "tcp", "127.0.0.1:0")
	c.must(err)
	c.t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := (&net.Dialer{}).DialContext(context.Background(), "unix", socket)
			if err != nil {
				_ = near.Close()
				continue
			}
			join := func(to, from net.Conn) {
				_, _ = io.Copy(to, from)
				_ = to.Close()
				_ = from.Close()
			}
			go join(near, far)
			go join(far, near)
		}
	}()
	return listener.Addr().String()
}

func (c *chaos) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c *chaos) poison(kind, stream, attributes string) {
	c.t.Helper()
	name := kind + "-" + stream
	_, err := c.proxy.Toxics.AddToxicJson(strings.NewReader(fmt.Sprintf(`{"name": %q, "type": %q, "stream": %q, "attributes": %s}`, name, kind, stream, attributes)))
	c.must(err)
	c.toxics = append(c.toxics, name)
}

func (c *chaos) heal() {
	c.t.Helper()
	for _, name := range c.toxics {
		c.must(c.proxy.Toxics.RemoveToxic(context.Background(), name))
	}
	c.toxics = nil
}

func (c *chaos) stopServer() {
	c.t.Helper()
	c.must(c.pg.Stop(context.Background()))
}

func (c *chaos) startServer() {
	c.t.Helper()
	server, err := localpg.Start(context.Background(), c.options)
	c.must(err)
	c.pg = server
}

// takeConnections leaves none to the program: what it has is ended, and what
// becomes free is taken before it.
func (c *chaos) takeConnections() {
	c.t.Helper()
	ctx := context.Background()
	boss := c.connect()
	defer boss.Close(ctx) //nolint:errcheck // at the end of what it was for
	take := func() {
		for {
			one, err := pgx.Connect(ctx, c.pg.URL("sijil", store.PublicLogin))
			if err != nil {
				return
			}
			c.taken = append(c.taken, one)
		}
	}
	take()
	const ours = `FROM pg_stat_activity WHERE application_name LIKE 'sijil %'`
	for range 50 {
		if _, err := boss.Exec(ctx, `SELECT pg_terminate_backend(pid) `+ours); err != nil {
			c.t.Error(err)
		}
		take()
		var left int
		if err := boss.QueryRow(ctx, `SELECT count(*) `+ours).Scan(&left); err != nil {
			c.t.Error(err)
		}
		if left == 0 {
			return
		}
	}
	c.t.Error("the program keeps a connection")
}

func (c *chaos) giveConnections() {
	for _, one := range c.taken {
		_ = one.Close(context.Background())
	}
	c.taken = nil
}

// smallDisk mounts a small file system in memory; it says why where that is not allowed.
func smallDisk(t *testing.T) (dir string, err error) {
	t.Helper()
	dir = serverDir(t)
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=640m,mode=755"); err != nil {
		return "", err
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir, nil
}

func (c *chaos) ballast() string { return filepath.Join(c.disk, "ballast") }

// fillDisk leaves not a block.
func (c *chaos) fillDisk() {
	c.t.Helper()
	file, err := os.Create(c.ballast())
	c.must(err)
	defer file.Close() //nolint:errcheck // it is full anyway
	for _, block := range [][]byte{make([]byte, 1<<20), make([]byte, 4096)} {
		for err = nil; err == nil; {
			_, err = file.Write(block)
		}
	}
	// What PostgreSQL has in reserve is written full.
	boss := c.connect()
	defer boss.Close(context.Background()) //nolint:errcheck // it may have ended
	for range 40 {
		if _, err := boss.Exec(context.Background(), `CREATE TABLE IF NOT EXISTS public.ballast (x text); INSERT INTO public.ballast SELECT repeat(md5(random()::text), 200) FROM generate_series(1, 500)`); err != nil {
			c.t.Logf("PostgreSQL says: %v", err)
			return
		}
	}
	c.t.Error("the disk does not get full")
}

// emptyDisk makes room; where PostgreSQL has ended meanwhile, it is started, as
// whoever looks after it would.
func (c *chaos) emptyDisk() {
	c.t.Helper()
	c.must(os.Remove(c.ballast()))
	select {
	case <-c.pg.Done():
		c.t.Log("PostgreSQL had ended, and is started again")
		_ = c.pg.Stop(context.Background())
		c.startServer()
	case <-time.After(time.Second):
	}
	boss := c.connect()
	defer boss.Close(context.Background()) //nolint:errcheck // at the end of what it was for
	_, err := boss.Exec(context.Background(), "DROP TABLE IF EXISTS public.ballast")
	c.must(err)
}

// group runs until it is stopped.
type group struct {
	sync.WaitGroup
	stop chan struct{}
}
