package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// listen opens the address. It returns an error in words if it is taken.
func listen(ctx context.Context, addr, setting string) (net.Listener, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s; choose another address with %s: %w", addr, setting, err)
	}
	return listener, nil
}

// readyURL is where a person on this machine finds what listens there.
func readyURL(listener net.Listener) string {
	addr, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		return listener.Addr().String()
	}
	host := "localhost"
	if !addr.IP.IsLoopback() && !addr.IP.IsUnspecified() {
		host = addr.IP.String()
	}
	return "http://" + net.JoinHostPort(host, fmt.Sprint(addr.Port)) + "/"
}

// stopping is how long the end of a server may take.
type stopping struct {
	// notice is how long it still takes new requests, so that a load balancer
	// can see that it is ready no more; a part of drain.
	notice time.Duration
	// drain is how long requests in progress may take.
	drain time.Duration
}

// limits are what a client may take of a server: time for each step, and bytes.
type limits struct {
	header, read, write, idle time.Duration
	headers                   int // bytes of the request's line and header fields
}

// serverLimits are those of production. What may be sent in a body is said
// where it is read: a form, a file, what a program sends.
func serverLimits() limits {
	return limits{
		header: 5 * time.Second, read: 30 * time.Second, write: 60 * time.Second, idle: 120 * time.Second, headers: 16 << 10,
	}
}

// longestRequest is how long a request that was taken may last at most: its header fields
// are read, and from their end on its answer has so long as a write may take, within
// which its body is read and its work done. A form with files that somebody sends over
// a slow line comes near it, and is to be lost by no restart. Only what is streamed
// (exports, dumps) may last longer; who is cut off there asks again.
func longestRequest() time.Duration {
	l := serverLimits()
	return l.header + l.write
}

// newServer makes a server whose limits keep slow and large senders, and those
// who do not read, from holding connections.
func newServer(handler http.Handler, logger *slog.Logger, l limits) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: l.header,
		ReadTimeout:       l.read,
		WriteTimeout:      l.write,
		IdleTimeout:       l.idle,
		MaxHeaderBytes:    l.headers,
		// "OPTIONS *" is the handler's to refuse, with its headers.
		DisableGeneralOptionsHandler: true,
		ErrorLog:                     slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
}

// parting asks whoever keeps a connection to open another one, elsewhere, from the
// moment that the server is about to stop: a connection that is closed between two
// requests takes the second along.
func parting(ctx context.Context, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if ctx.Err() != nil {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}

// serveHTTP answers requests until ctx ends, then lets those in progress finish.
func serveHTTP(ctx context.Context, listener net.Listener, handler http.Handler, logger *slog.Logger, stop stopping) error {
	door := &leaving{Listener: listener}
	defer listener.Close() //nolint:errcheck // it is closed already, unless serving has failed
	server := newServer(parting(ctx, handler), logger, serverLimits())
	var open connections
	server.ConnState = open.follow
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(gathering{door}) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	logger.Info("stopping", "drain", stop.drain.String())
	drained := time.After(stop.drain)
	select {
	case err := <-ended:
		return fmt.Errorf("serving: %w", err)
	case <-time.After(stop.notice):
	}
	err := door.Close()
	if served := <-ended; !errors.Is(served, net.ErrClosed) {
		err = errors.Join(err, served)
	}
	server.SetKeepAlivesEnabled(false)
	for look := time.NewTicker(lookEvery); open.any(); {
		select {
		case <-look.C:
			continue
		case <-drained:
			logger.Warn("some requests were cut off")
		}
		break
	}
	// Where all have left, there is nothing that it could cut off.
	if err = errors.Join(err, server.Close()); err != nil {
		return fmt.Errorf("stopping: %w", err)
	}
	return nil
}

// lookEvery is how often a stop looks whether all have left.
const lookEvery = 5 * time.Millisecond

// connections counts those of a server. [http.Server.Shutdown] would wait for them, too,
// but from its first moment on the server drops each request that it has read and not
// begun to answer: a form that came in that moment would be lost, without a word.
type connections struct{ n atomic.Int64 }

// follow is told of each change.
func (c *connections) follow(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		c.n.Add(1)
	case http.StateClosed, http.StateHijacked:
		c.n.Add(-1)
	case http.StateActive, http.StateIdle:
	}
}

func (c *connections) any() bool { return c.n.Load() > 0 }
