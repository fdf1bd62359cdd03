package tlog

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// EntriesLevel is the level of a tile that holds the entries themselves,
// instead of hashes.
const EntriesLevel = -1

// maxLevel is the highest level of which a path may speak (c2sp.org/tlog-tiles).
const maxLevel = 63

// MaxEntry is the most bytes that an entry may have: its length is written in
// two bytes.
const MaxEntry = math.MaxUint16

// Tile names a part of the tree: the hashes (or entries) number Index·256 and
// following of a level.
type Tile struct {
	Level int
	Index int64
	Width int // 1 to 256
}

// ErrPath is returned for what is no path of a tile.
var ErrPath = errors.New("not the path of a tile")

// IsFull reports whether the tile will never change.
func (t Tile) IsFull() bool { return t.Width == TileWidth }

// IsEntries reports whether the tile is a bundle of entries.
func (t Tile) IsEntries() bool { return t.Level == EntriesLevel }

// In reports whether a log of the given size has the tile in its width.
func (t Tile) In(size int64) bool {
	have := countAt(max(t.Level, 0), size)
	return t.Index >= 0 && t.Width >= 1 && t.Width <= TileWidth &&
		t.Index <= have/TileWidth && int64(t.Width) <= have-t.Index*TileWidth
}

// countAt is how many hashes a log of the given size has at a level.
func countAt(level int, size int64) int64 {
	if level*tileHeight > 62 {
		return 0
	}
	return size >> (level * tileHeight)
}

// TilesAt returns the tiles of a level (EntriesLevel for entries) of a log of
// the given size from one index on, in order; the last may be partial.
func TilesAt(level int, from, size int64) []Tile {
	var out []Tile
	have := countAt(max(level, 0), size)
	for i := from; i*TileWidth < have; i++ {
		out = append(out, Tile{Level: level, Index: i, Width: int(min(TileWidth, have-i*TileWidth))})
	}
	return out
}

// Path is where the tile stands under the address of its log:
// "tile/0/x001/234", "tile/1/000.p/3", "tile/entries/000.p/17".
func (t Tile) Path() string {
	level := "entries"
	if !t.IsEntries() {
		level = strconv.Itoa(t.Level)
	}
	index := fmt.Sprintf("%03d", t.Index%1000)
	for n := t.Index / 1000; n > 0; n /= 1000 {
		index = fmt.Sprintf("x%03d/%s", n%1000, index)
	}
	path := "tile/" + level + "/" + index
	if !t.IsFull() {
		path += ".p/" + strconv.Itoa(t.Width)
	}
	return path
}

// ParsePath reads the path of a tile. It takes exactly what Path writes, and
// returns ErrPath for everything else.
func ParsePath(path string) (Tile, error) {
	t, ok := parsePath(path)
	// There is one way to write a tile, and so one address of it.
	if !ok || t.Path() != path {
		return Tile{}, ErrPath
	}
	return t, nil
}

// maxIndexParts limits an index to 18 digits, which fit.
const maxIndexParts = 6

func parsePath(path string) (Tile, bool) {
	parts := strings.Split(path, "/")
	if len(parts) < 3 || parts[0] != "tile" {
		return Tile{}, false
	}
	t := Tile{Level: EntriesLevel, Width: TileWidth}
	if parts[1] != "entries" {
		level, err := strconv.Atoi(parts[1])
		if err != nil || level < 0 || level > maxLevel {
			return Tile{}, false
		}
		t.Level = level
	}
	parts = parts[2:]
	if n := len(parts); n >= 2 && strings.HasSuffix(parts[n-2], ".p") {
		width, err := strconv.Atoi(parts[n-1])
		if err != nil || width < 1 || width >= TileWidth {
			return Tile{}, false
		}
		t.Width = width
		parts = append(parts[:n-2:n-2], strings.TrimSuffix(parts[n-2], ".p"))
	}
	if len(parts) > maxIndexParts {
		return Tile{}, false
	}
	for _, part := range parts {
		n, err := strconv.ParseUint(strings.TrimPrefix(part, "x"), 10, 10)
		if err != nil || n > 999 {
			return Tile{}, false
		}
		t.Index = t.Index*1000 + int64(n)
	}
	return t, true
}

// EncodeEntries writes entries as a bundle: each after its length in two bytes.
func EncodeEntries(entries [][]byte) ([]byte, error) {
	var out []byte
	for _, e := range entries {
		if len(e) > MaxEntry {
			return nil, fmt.Errorf("tlog: an entry of %d bytes is too long", len(e))
		}
		out = binary.BigEndian.AppendUint16(out, uint16(len(e))) //nolint:gosec // just compared
		out = append(out, e...)
	}
	return out, nil
}

// DecodeEntries reads a bundle of exactly width entries.
func DecodeEntries(bundle []byte, width int) ([][]byte, error) {
	out := make([][]byte, 0, min(width, TileWidth))
	for len(bundle) > 0 {
		if len(bundle) < 2 {
			return nil, broken("a bundle ends within a length")
		}
		n := int(binary.BigEndian.Uint16(bundle))
		bundle = bundle[2:]
		if len(bundle) < n {
			return nil, broken("a bundle ends within an entry")
		}
		out = append(out, bundle[:n:n])
		bundle = bundle[n:]
	}
	if len(out) != width {
		return nil, broken("a bundle of %d entries has %d", width, len(out))
	}
	return out, nil
}
