// Package tlog is the public append-only log as bytes: leaves are hashed into
// one Merkle tree (RFC 6962), kept and handed out in tiles (c2sp.org/tlog-tiles),
// whose head is signed as a checkpoint (c2sp.org/tlog-checkpoint). It makes and
// checks proofs, keeps the signing keys, and reads and checks a whole log that
// somebody else serves. What a leaf says is not its business.
package tlog

import (
	"context"
	"errors"
	"fmt"

	sumdb "golang.org/x/mod/sumdb/tlog"
)

// Hash is a SHA-256 of the tree: of a leaf, or of two hashes below it.
type Hash = sumdb.Hash

const (
	// HashSize is the size of a hash in bytes.
	HashSize = sumdb.HashSize
	// TileWidth is how many hashes or entries a full tile holds.
	TileWidth = 1 << tileHeight
	// tileHeight is the height of the part of the tree that a tile covers.
	tileHeight = 8
	// maxProof is the most hashes that a proof of either kind can hold: two for
	// each level of a tree whose size fits in 63 bits.
	maxProof = 126
)

// ErrBroken is wrapped by every error that says that a log, or a part of it, is
// not what its checkpoint says.
var ErrBroken = errors.New("the log does not fit together")

// broken is an error of that kind, in words.
func broken(format string, args ...any) error {
	return fmt.Errorf("%w: %w", ErrBroken, fmt.Errorf(format, args...))
}

// Head is the state of a log: how many leaves it has, and the hash above all
// of them.
type Head struct {
	Size int64
	Root Hash
}

// HashLeaf returns the hash of an entry as a leaf of the tree (RFC 6962, 2.1).
func HashLeaf(entry []byte) Hash { return sumdb.RecordHash(entry) }

// TileReader hands out tiles of hashes: exactly Width hashes of each.
type TileReader interface {
	ReadTile(ctx context.Context, tile Tile) ([]byte, error)
}

// ProveInclusion returns the proof that the leaf at an index is in the tree:
// the hashes beside its way up to the root. Tiles that do not lead to the root
// of the head are an error that wraps ErrBroken: no wrong proof is made.
func ProveInclusion(ctx context.Context, tiles TileReader, head Head, index int64) ([]Hash, error) {
	if index < 0 || index >= head.Size {
		return nil, fmt.Errorf("tlog: there is no leaf %d in a log of %d", index, head.Size)
	}
	return sumdb.ProveRecord(head.Size, index, hashReader(ctx, tiles, head))
}

// CheckInclusion reports whether a proof shows that the leaf with the hash
// stands at the index below the head: nil, or an error that wraps ErrBroken.
func CheckInclusion(proof []Hash, head Head, index int64, leaf Hash) error {
	if index < 0 || index >= head.Size {
		return broken("there is no leaf %d in a log of %d", index, head.Size)
	}
	if err := sumdb.CheckRecord(proof, head.Size, head.Root, index, leaf); err != nil {
		return broken("leaf %d is not proved by these hashes: %w", index, err)
	}
	return nil
}

// ProveConsistency returns the proof that the first size leaves of the head's
// tree are those that a log of that size had.
func ProveConsistency(ctx context.Context, tiles TileReader, head Head, size int64) ([]Hash, error) {
	if size < 1 || size > head.Size {
		return nil, fmt.Errorf("tlog: from %d to %d is no growth", size, head.Size)
	}
	if size == head.Size {
		return nil, nil
	}
	return sumdb.ProveTree(head.Size, size, hashReader(ctx, tiles, head))
}

// CheckConsistency reports whether a proof shows that a log grew from one head
// to the other: nil, or an error that wraps ErrBroken. Everything grew from
// the empty log.
func CheckConsistency(proof []Hash, from, to Head) error {
	switch {
	case from.Size > to.Size:
		return broken("the log has %d leaves and had %d", to.Size, from.Size)
	case from.Size == to.Size && from.Root != to.Root:
		return broken("two logs of %d leaves that differ", from.Size)
	case from.Size == to.Size || from.Size == 0:
		if len(proof) > 0 {
			return broken("a proof where nothing is to be proved")
		}
		return nil
	}
	if err := sumdb.CheckTree(proof, to.Size, to.Root, from.Size, from.Root); err != nil {
		return broken("the %d leaves of before are not the first of the %d of now: %w", from.Size, to.Size, err)
	}
	return nil
}

// hashReader reads hashes of the tree from tiles that it holds against the root.
func hashReader(ctx context.Context, tiles TileReader, head Head) sumdb.HashReader {
	return sumdb.TileHashReader(sumdb.Tree{N: head.Size, Hash: head.Root}, sumdbTiles{ctx, tiles})
}

// sumdbTiles are tiles as x/mod asks for them.
type sumdbTiles struct {
	ctx   context.Context //nolint:containedctx // the interface has none, and the value lives as long as one call
	tiles TileReader
}

// Height implements sumdb.TileReader.
func (s sumdbTiles) Height() int { return tileHeight }

// ReadTiles implements sumdb.TileReader.
func (s sumdbTiles) ReadTiles(wanted []sumdb.Tile) ([][]byte, error) {
	out := make([][]byte, len(wanted))
	for i, w := range wanted {
		data, err := s.tiles.ReadTile(s.ctx, Tile{Level: w.L, Index: w.N, Width: w.W})
		if err != nil {
			return nil, err
		}
		if len(data) != w.W*HashSize {
			return nil, broken("tile %s has %d bytes", Tile{Level: w.L, Index: w.N, Width: w.W}.Path(), len(data))
		}
		out[i] = data
	}
	return out, nil
}

// SaveTiles implements sumdb.TileReader: nothing is kept.
func (s sumdbTiles) SaveTiles([]sumdb.Tile, [][]byte) {}
