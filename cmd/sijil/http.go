package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
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
	server := newServer(parting(ctx, handler), logger, serverLimits())
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(gathering{listener}) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	logger.Info("stopping", "drain", stop.drain.String())
	// ctx has ended, but the requests in progress have not.
	drainCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stop.drain)
	defer cancel()
	select {
	case err := <-ended:
		return fmt.Errorf("serving: %w", err)
	case <-time.After(stop.notice):
	}
	err := server.Shutdown(drainCtx)
	if errors.Is(err, context.DeadlineExceeded) {
		logger.Warn("some requests were cut off")
		err = server.Close()
	}
	if err != nil {
		return fmt.Errorf("stopping: %w", err)
	}
	return nil
}
