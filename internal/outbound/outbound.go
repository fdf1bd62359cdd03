// Package outbound is how the program reaches those whom its operator names: mail
// servers, buckets, witnesses, authorities that stamp times, hubs. They may be in a
// private network. What readers, staff or pages give as an address is fetched by
// package capture and by nothing else; a test holds all other packages to that.
package outbound

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"
)

// ErrOtherProtocol means that who was asked goes on in another protocol than HTTP.
var ErrOtherProtocol = errors.New("outbound: the answer goes on in another protocol")

const (
	// patience is how long it may take until a connection stands.
	patience = 10 * time.Second
	// maxHeaders bounds the headers of an answer, in bytes.
	maxHeaders = 64 << 10
)

// Dial connects to an address that the operator has named.
func Dial(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := net.Dialer{Timeout: patience, KeepAlive: 30 * time.Second}
	return dialer.DialContext(ctx, network, address)
}

// Transport returns what carries requests there: a hostile answer can take few
// connections, short headers and no time without end. The caller may change it
// before it is used.
func Transport() *http.Transport {
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            Dial,
		TLSHandshakeTimeout:    patience,
		ResponseHeaderTimeout:  time.Minute,
		MaxResponseHeaderBytes: maxHeaders,
		MaxConnsPerHost:        8,
		MaxIdleConnsPerHost:    8,
		IdleConnTimeout:        time.Minute,
		ForceAttemptHTTP2:      true,
	}
}

// Client returns a client that takes no longer than timeout for an answer, 0 for no
// bound but the context's, and follows no redirect: somebody is asked where the
// operator says that he is.
func Client(timeout time.Duration) *http.Client {
	return Over(Transport(), timeout, func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse })
}

// Over returns a client over a transport, which follows the redirects that follow
// lets pass.
func Over(transport http.RoundTripper, timeout time.Duration, follow func(next *http.Request, via []*http.Request) error) *http.Client {
	return &http.Client{Transport: steady{transport}, Timeout: timeout, CheckRedirect: follow}
}

// steady refuses what takes the connection over (101), for which nothing of ours asks:
// such a connection is no longer the client's, which closes it neither when its time is
// over nor with the context, so that who reads it waits for as long as the other likes.
type steady struct{ http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (s steady) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := s.RoundTripper.RoundTrip(r)
	if err == nil && answer.StatusCode == http.StatusSwitchingProtocols {
		return nil, errors.Join(ErrOtherProtocol, answer.Body.Close())
	}
	return answer, err
}

// CloseIdleConnections has http.Client.CloseIdleConnections reach what is below.
func (s steady) CloseIdleConnections() {
	if idle, ok := s.RoundTripper.(interface{ CloseIdleConnections() }); ok {
		idle.CloseIdleConnections()
	}
}
