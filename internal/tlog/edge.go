package tlog

import (
	"crypto/sha256"

	sumdb "golang.org/x/mod/sumdb/tlog"
)

// Edge is the right edge of a tree: the unfinished tile of each level. It is
// all that is needed to make the tree grow and to know its root, so that to
// append costs as much as what is new, however long the log is.
type Edge struct {
	size   int64
	levels [][]Hash // fewer than TileWidth hashes each
}

// Growth is what an append adds to one tile: hashes at its end.
type Growth struct {
	Tile          // as wide as it is now
	From   int    // how wide it was
	Hashes []byte // the new ones
	whole  []Hash
}

// Whole is the tile with what it had before.
func (g Growth) Whole() []byte { return joinHashes(g.whole) }

// EdgeTiles names the unfinished tiles of a log of the given size.
func EdgeTiles(size int64) []Tile {
	var out []Tile
	for level := 0; countAt(level, size) > 0; level++ {
		n := countAt(level, size)
		if n%TileWidth > 0 {
			out = append(out, Tile{Level: level, Index: n / TileWidth, Width: int(n % TileWidth)})
		}
	}
	return out
}

// NewEdge reads the edge of a log of the given size; read is asked for the
// tiles that EdgeTiles names.
func NewEdge(size int64, read func(Tile) ([]byte, error)) (*Edge, error) {
	e := &Edge{size: size}
	for _, t := range EdgeTiles(size) {
		data, err := read(t)
		if err != nil {
			return nil, err
		}
		if len(data) != t.Width*HashSize {
			return nil, broken("tile %s has %d bytes", t.Path(), len(data))
		}
		*e.level(t.Level) = splitHashes(data)
	}
	return e, nil
}

// level is the unfinished tile of a level, made when it is first asked for.
func (e *Edge) level(n int) *[]Hash {
	for len(e.levels) <= n {
		e.levels = append(e.levels, nil)
	}
	return &e.levels[n]
}

// Head is the state of the tree.
func (e *Edge) Head() Head { return Head{Size: e.size, Root: e.root()} }

// Append adds leaves by their hashes, and returns what it adds to which tiles:
// level by level from the leaves up, each level from left to right.
func (e *Edge) Append(leaves ...Hash) []Growth {
	var grown []Growth
	before := e.size
	e.size += int64(len(leaves))
	for level := 0; len(leaves) > 0; level++ {
		var more []Growth
		more, leaves = e.appendAt(level, countAt(level, before)/TileWidth, leaves)
		grown = append(grown, more...)
	}
	return grown
}

// appendAt adds hashes to a level, whose unfinished tile has the index, and
// returns the hashes of the tiles that became full by it.
func (e *Edge) appendAt(level int, index int64, hashes []Hash) (grown []Growth, full []Hash) {
	tile := e.level(level)
	for len(hashes) > 0 {
		from := len(*tile)
		n := min(TileWidth-from, len(hashes))
		*tile = append(*tile, hashes[:n]...)
		grown = append(grown, Growth{
			Tile: Tile{Level: level, Index: index, Width: from + n}, From: from,
			Hashes: joinHashes(hashes[:n]), whole: *tile,
		})
		hashes = hashes[n:]
		if len(*tile) == TileWidth {
			full = append(full, subtree(*tile))
			*tile, index = nil, index+1
		}
	}
	return grown, full
}

// root is the hash above all leaves (RFC 6962, 2.1): the full subtrees, from
// the smallest on the right to the largest on the left.
func (e *Edge) root() Hash {
	if e.size == 0 {
		return sha256.Sum256(nil)
	}
	var root Hash
	var any bool
	for _, tile := range e.levels {
		for width := 1; len(tile) > 0; width *= 2 {
			if len(tile)&width == 0 {
				continue
			}
			left := subtree(tile[len(tile)-width:])
			tile = tile[:len(tile)-width]
			if any {
				left = sumdb.NodeHash(left, root)
			}
			root, any = left, true
		}
	}
	return root
}

// subtree is the hash above as many hashes as a power of two.
func subtree(hashes []Hash) Hash {
	if len(hashes) == 1 {
		return hashes[0]
	}
	half := len(hashes) / 2
	return sumdb.NodeHash(subtree(hashes[:half]), subtree(hashes[half:]))
}

func joinHashes(hashes []Hash) []byte {
	out := make([]byte, 0, len(hashes)*HashSize)
	for _, h := range hashes {
		out = append(out, h[:]...)
	}
	return out
}

func splitHashes(data []byte) []Hash {
	out := make([]Hash, len(data)/HashSize)
	for i := range out {
		copy(out[i][:], data[i*HashSize:])
	}
	return out
}
