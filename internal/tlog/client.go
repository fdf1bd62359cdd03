package tlog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
)

// CheckpointPath is where the current checkpoint stands under the address of a
// log (c2sp.org/tlog-tiles).
const CheckpointPath = "checkpoint"

// ErrNotServed is wrapped by a Fetcher when a log does not have what is asked for.
var ErrNotServed = errors.New("the log does not serve this")

// Fetcher gets what a log serves, by its path under the log's address: over
// HTTP, from a folder, from a mirror. It wraps ErrNotServed for what is not
// there.
type Fetcher interface {
	Fetch(ctx context.Context, path string) ([]byte, error)
}

// FetcherFunc is a function as a Fetcher.
type FetcherFunc func(ctx context.Context, path string) ([]byte, error)

// Fetch implements Fetcher.
func (f FetcherFunc) Fetch(ctx context.Context, path string) ([]byte, error) { return f(ctx, path) }

// Client reads a log that somebody else serves, and believes nothing of it that
// its checkpoint does not prove.
type Client struct {
	fetcher  Fetcher
	verifier *Verifier
}

// NewClient returns a client of the log whose checkpoints the verifier opens.
func NewClient(fetcher Fetcher, verifier *Verifier) *Client {
	return &Client{fetcher: fetcher, verifier: verifier}
}

// Checkpoint returns the current checkpoint, as it is signed too, for whoever
// wants to keep it.
func (c *Client) Checkpoint(ctx context.Context) (Checkpoint, []byte, error) {
	signed, err := c.fetcher.Fetch(ctx, CheckpointPath)
	if err != nil {
		return Checkpoint{}, nil, err
	}
	checkpoint, err := c.verifier.Open(signed)
	return checkpoint, signed, err
}

// ReadTile implements TileReader.
func (c *Client) ReadTile(ctx context.Context, tile Tile) ([]byte, error) {
	data, err := c.fetcher.Fetch(ctx, tile.Path())
	if err != nil {
		return nil, fmt.Errorf("tile %s: %w", tile.Path(), err)
	}
	if len(data) != tile.Width*HashSize {
		return nil, broken("tile %s has %d bytes", tile.Path(), len(data))
	}
	return data, nil
}

// Consistent reports whether the log grew from one head to the other: nothing
// that was in it was changed or taken out. The error wraps ErrBroken if it did
// not.
func (c *Client) Consistent(ctx context.Context, from, to Head) error {
	if from.Size == 0 || from.Size >= to.Size {
		return CheckConsistency(nil, from, to)
	}
	// The tiles are held against the root, and so is the proof made of them.
	proof, err := ProveConsistency(ctx, c, to, from.Size)
	if err != nil {
		return err
	}
	return CheckConsistency(proof, from, to)
}

// Include returns a proof that the leaf at an index is below the head.
func (c *Client) Include(ctx context.Context, head Head, index int64) ([]Hash, error) {
	return ProveInclusion(ctx, c, head, index)
}

// Check reads the whole log below a head: every entry is hashed, every tile of
// every level must be what the entries hash to, and all of it must lead to the
// root. Entries are given to each, in order; they are proved only when Check
// returns nil. The error wraps ErrBroken where the log is not what it says, or
// is that of each.
func (c *Client) Check(ctx context.Context, head Head, each func(index int64, entry []byte) error) error {
	edge := &Edge{}
	for _, bundle := range TilesAt(EntriesLevel, 0, head.Size) {
		leaves, err := c.bundle(ctx, bundle, each)
		if err != nil {
			return err
		}
		if err := c.checkGrowth(ctx, edge.Append(leaves...), head.Size); err != nil {
			return err
		}
	}
	if got := edge.Head(); got != head {
		return broken("%d entries lead to the root %s, not to %s", got.Size, got.Root, head.Root)
	}
	return nil
}

// bundle reads a bundle of entries and hashes them.
func (c *Client) bundle(ctx context.Context, tile Tile, each func(int64, []byte) error) ([]Hash, error) {
	data, err := c.fetcher.Fetch(ctx, tile.Path())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", tile.Path(), err)
	}
	entries, err := DecodeEntries(data, tile.Width)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", tile.Path(), err)
	}
	leaves := make([]Hash, len(entries))
	for i, entry := range entries {
		leaves[i] = HashLeaf(entry)
		if each == nil {
			continue
		}
		if err := each(tile.Index*TileWidth+int64(i), entry); err != nil {
			return nil, err
		}
	}
	return leaves, nil
}

// checkGrowth compares the tiles that entries make with those that are served,
// each once: when it is as wide as it will be in a log of the given size.
func (c *Client) checkGrowth(ctx context.Context, grown []Growth, size int64) error {
	for _, g := range grown {
		have := countAt(g.Level, size) - g.Index*TileWidth
		if int64(g.Width) < min(have, TileWidth) {
			continue // it grows on
		}
		served, err := c.ReadTile(ctx, g.Tile)
		if err != nil {
			return err
		}
		if !bytes.Equal(served, g.Whole()) {
			return broken("tile %s is not what the entries hash to", g.Path())
		}
	}
	return nil
}
