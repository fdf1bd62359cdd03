package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/sijil/sijil/internal/outbound"
)

// healthcheck asks a running server whether it is well: for containers, which
// have no other program to ask with.
func (p program) healthcheck(ctx context.Context, args []string) error {
	flags := p.newFlags("healthcheck", "[flags]", "Asks a running server whether it is well; ends with 1 if not.")
	url := flags.String("url", "", "`address` to ask (default: /healthz at SIJIL_ADDR's port on this machine)")
	timeout := flags.Duration("timeout", 3*time.Second, "how long to wait")
	if _, err := parse(flags, args, 0); err != nil {
		return err
	}
	if *url == "" {
		*url = localHealthURL(p.getenv("SIJIL_ADDR"))
	}
	ctx, cancel := context.WithTimeout(ctx, *timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, *url, http.NoBody)
	if err != nil {
		return &usageError{fmt.Sprintf("healthcheck: %v", err)}
	}
	response, err := outbound.Client(0).Do(request)
	if err != nil {
		return fmt.Errorf("healthcheck: %w", err)
	}
	if err := response.Body.Close(); err != nil {
		return fmt.Errorf("healthcheck: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("healthcheck: %s answered %s", *url, response.Status)
	}
	return nil
}

// localHealthURL asks this machine at the port of an address to listen on.
func localHealthURL(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil || port == "" {
		port = "8080"
	}
	if ip := net.ParseIP(host); host == "" || (ip != nil && ip.IsUnspecified()) {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port) + "/healthz"
}
