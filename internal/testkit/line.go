package testkit

import (
	"io"
	"net"
	"net/url"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Line is a connection to the database server that a test can cut: what comes
// after finds nobody who listens, as with a server that has stopped.
type Line struct {
	URL string // of the database, over the line

	listener net.Listener
	mu       sync.Mutex
	open     []net.Conn
}

// NewLine returns a line to the database at a URL.
func NewLine(tb testing.TB, database string) *Line {
	tb.Helper()
	config, err := pgx.ParseConfig(database)
	if err != nil {
		tb.Fatal(err)
	}
	network, address := pgconn.NetworkAddress(config.Host, config.Port)
	listener, err := new(net.ListenConfig).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	l := &Line{listener: listener}
	l.URL = (&url.URL{
		Scheme: "postgres", User: url.UserPassword(config.User, config.Password), Host: listener.Addr().String(),
		Path: "/" + config.Database, RawQuery: "sslmode=disable",
	}).String()
	go func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := (&net.Dialer{}).DialContext(tb.Context(), network, address)
			if err != nil {
				_ = near.Close()
				continue
			}
			l.join(near, far)
		}
	}()
	tb.Cleanup(l.Cut)
	return l
}

func (l *Line) join(near, far net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open = append(l.open, near, far)
	go func() { _, _ = io.Copy(near, far); _ = near.Close() }()
	go func() { _, _ = io.Copy(far, near); _ = far.Close() }()
}

// Cut ends the line and all connections over it.
func (l *Line) Cut() {
	_ = l.listener.Close()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.open {
		_ = c.Close()
	}
}
