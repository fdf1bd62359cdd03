// Package dial opens connections in the ways that marked lines show; the others
// only hold what somebody else has made.
package dial

import (
	"context"
	"net"
	"net/http"
)

type held struct{ client *http.Client }

func (h held) ask(r *http.Request) (*http.Response, error) { return h.client.Do(r) }

func broken(ctx context.Context, address string) {
	_, _ = net.Dial("tcp", address)                            // want
	_, _ = (&net.Dialer{}).DialContext(ctx, "tcp", address)    // want
	_, _ = http.Get(address)                                   // want
	_, _ = http.DefaultClient.Head(address)                    // want
	_, _ = (&http.Client{}).Get(address)                       // want
	_ = held{client: new(http.Client)}                         // want
	_, _ = net.LookupHost(address)                             // want
	_, _ = net.ParseIP(address), net.JoinHostPort(address, "") // an address is no connection
}

var _ = broken
