package capture

import (
	"context"
	"net/netip"
)

// Sniff is sniff, for its fuzz test.
var Sniff = sniff

// OnlyPublic is onlyPublic.
var OnlyPublic = onlyPublic

// FetchFrom is Fetch that may speak to other addresses, such as a test's.
func (in *Intake) FetchFrom(ctx context.Context, address string, may func(netip.AddrPort) error) (Document, error) {
	return in.fetch(ctx, address, may)
}
