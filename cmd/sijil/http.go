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

// serveHTTP answers requests until ctx ends, then lets those in progress finish.
// The limits keep slow and large senders from holding connections.
func serveHTTP(ctx context.Context, listener net.Listener, handler http.Handler, logger *slog.Logger, stop stopping) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       120 * time.Second,
		MaxHeaderBytes:    16 << 10,
		// "OPTIONS *" is the handler's to refuse, with its headers.
		DisableGeneralOptionsHandler: true,
		ErrorLog:                     slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
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
