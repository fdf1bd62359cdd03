package tlog_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	sumdb "golang.org/x/mod/sumdb/tlog"

	"github.com/sijil/sijil/internal/tlog"
)

const origin = "sijil.example/log"

// memory is a log in memory, which serves what a server would.
type memory struct {
	entries [][]byte
	tiles   map[[2]int64][]byte // level, index
	edge    *tlog.Edge
	keys    *tlog.Keys
	signed  []byte
}

func entry(i int) []byte { return fmt.Appendf(nil, `{"entry":%d}`, i) }

func newMemory(tb testing.TB, size int) *memory {
	tb.Helper()
	keys, err := tlog.GenerateKeys(rand.Reader, origin)
	if err != nil {
		tb.Fatal(err)
	}
	m := &memory{tiles: map[[2]int64][]byte{}, edge: &tlog.Edge{}, keys: keys}
	m.append(tb, size)
	return m
}

// append adds entries, all at once, and signs.
func (m *memory) append(tb testing.TB, n int) {
	tb.Helper()
	leaves := make([]tlog.Hash, n)
	for i := range leaves {
		m.entries = append(m.entries, entry(len(m.entries)))
		leaves[i] = tlog.HashLeaf(m.entries[len(m.entries)-1])
	}
	for _, g := range m.edge.Append(leaves...) {
		at := [2]int64{int64(g.Level), g.Index}
		if len(m.tiles[at]) != g.From*tlog.HashSize {
			tb.Fatalf("tile %s grows from %d, and is %d bytes", g.Path(), g.From, len(m.tiles[at]))
		}
		m.tiles[at] = append(m.tiles[at], g.Hashes...)
	}
	var err error
	if m.signed, err = m.keys.Sign(m.edge.Head()); err != nil {
		tb.Fatal(err)
	}
}

func (m *memory) ReadTile(_ context.Context, tile tlog.Tile) ([]byte, error) {
	data := m.tiles[[2]int64{int64(tile.Level), tile.Index}]
	if len(data) < tile.Width*tlog.HashSize {
		return nil, tlog.ErrNotServed
	}
	return slices.Clone(data[:tile.Width*tlog.HashSize]), nil
}

func (m *memory) Fetch(ctx context.Context, path string) ([]byte, error) {
	if path == tlog.CheckpointPath {
		return slices.Clone(m.signed), nil
	}
	tile, err := tlog.ParsePath(path)
	if err != nil {
		return nil, err
	}
	if !tile.IsEntries() {
		return m.ReadTile(ctx, tile)
	}
	from := int(tile.Index) * tlog.TileWidth
	if from+tile.Width > len(m.entries) {
		return nil, tlog.ErrNotServed
	}
	return tlog.EncodeEntries(m.entries[from : from+tile.Width])
}

func (m *memory) verifier(tb testing.TB) *tlog.Verifier {
	tb.Helper()
	v, err := m.keys.Verifier()
	if err != nil {
		tb.Fatal(err)
	}
	return v
}

// storage keeps hashes as x/mod does, as the other opinion.
type storage []sumdb.Hash

func (s storage) ReadHashes(indexes []int64) ([]sumdb.Hash, error) {
	out := make([]sumdb.Hash, len(indexes))
	for i, n := range indexes {
		out[i] = s[n]
	}
	return out, nil
}

func TestTheTreeIsTheOneOfGo(t *testing.T) {
	t.Parallel()
	const last = 2000
	m := newMemory(t, 0)
	var other storage
	for size := range int64(last + 1) {
		if size > 0 {
			more, err := sumdb.StoredHashes(size-1, entry(int(size-1)), other)
			if err != nil {
				t.Fatal(err)
			}
			other = append(other, more...)
			m.append(t, 1)
		}
		want, err := sumdb.TreeHash(size, other)
		if err != nil {
			t.Fatal(err)
		}
		if got := m.edge.Head(); got.Size != size || got.Root != want {
			t.Fatalf("size %d: root %s, want %s", size, got.Root, want)
		}
		compareProofs(t, m, other, size)
	}
	compareTiles(t, m, other, last)
}

// compareProofs compares proofs at some places of a tree of the size.
func compareProofs(t *testing.T, m *memory, other storage, size int64) {
	t.Helper()
	head := m.edge.Head()
	for _, index := range []int64{0, size / 3, size - 1} {
		if size == 0 || size > 40 && size%37 != 0 && size%256 > 1 {
			return
		}
		got, err := tlog.ProveInclusion(t.Context(), m, head, index)
		want, errOther := sumdb.ProveRecord(size, index, other)
		if err != nil || errOther != nil || !slices.Equal(got, want) {
			t.Fatalf("inclusion of %d in %d: %v, %v; %v, %v", index, size, got, err, want, errOther)
		}
		if err := tlog.CheckInclusion(got, head, index, tlog.HashLeaf(entry(int(index)))); err != nil {
			t.Fatal(err)
		}
		if index == 0 {
			continue
		}
		grown, err := tlog.ProveConsistency(t.Context(), m, head, index)
		if err != nil {
			t.Fatal(err)
		}
		root, err := sumdb.TreeHash(index, other)
		if err != nil {
			t.Fatal(err)
		}
		if err := tlog.CheckConsistency(grown, tlog.Head{Size: index, Root: root}, head); err != nil {
			t.Fatalf("from %d to %d: %v", index, size, err)
		}
	}
}

func compareTiles(t *testing.T, m *memory, other storage, size int64) {
	t.Helper()
	for _, tile := range sumdb.NewTiles(8, 0, size) {
		want, err := sumdb.ReadTileData(tile, other)
		if err != nil {
			t.Fatal(err)
		}
		got, err := m.ReadTile(t.Context(), tlog.Tile{Level: tile.L, Index: tile.N, Width: tile.W})
		if err != nil || string(got) != string(want) {
			t.Errorf("tile %s differs: %v", tile.Path(), err)
		}
	}
}

func TestManyAtOnceIsOneByOne(t *testing.T) {
	t.Parallel()
	for _, steps := range [][]int{{1}, {255, 1}, {256}, {257, 300, 1}, {1, 600, 3}, {1024, 512, 7}, {70_000}} {
		all := newMemory(t, 0)
		total := 0
		for _, n := range steps {
			all.append(t, n)
			total += n
		}
		one := newMemory(t, 0)
		for range total {
			one.edge.Append(tlog.HashLeaf(entry(int(one.edge.Head().Size))))
		}
		if all.edge.Head() != one.edge.Head() {
			t.Errorf("%v: %v, one by one %v", steps, all.edge.Head(), one.edge.Head())
		}
	}
}

func TestAnEdgeIsReadFromItsTiles(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, 255, 256, 257, 1000, 65536, 70_000} {
		m := newMemory(t, size)
		edge, err := tlog.NewEdge(int64(size), func(tile tlog.Tile) ([]byte, error) { return m.ReadTile(t.Context(), tile) })
		if err != nil {
			t.Fatal(err)
		}
		if edge.Head() != m.edge.Head() {
			t.Errorf("size %d: %v, want %v", size, edge.Head(), m.edge.Head())
		}
		touched := edge.Append(tlog.HashLeaf([]byte("x")))
		m.edge.Append(tlog.HashLeaf([]byte("x")))
		if edge.Head() != m.edge.Head() || len(touched) > 3 {
			t.Errorf("size %d: one leaf touches %d tiles, %v, want %v", size, len(touched), edge.Head(), m.edge.Head())
		}
	}
	_, err := tlog.NewEdge(3, func(tlog.Tile) ([]byte, error) { return make([]byte, 64), nil })
	if !errors.Is(err, tlog.ErrBroken) {
		t.Errorf("a tile that is too short: %v", err)
	}
}

func TestALogGrows(t *testing.T) {
	t.Parallel()
	m := newMemory(t, 300)
	client := tlog.NewClient(m, m.verifier(t))
	before, _, err := client.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	m.append(t, 1000)
	now, _, err := client.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Consistent(t.Context(), before.Head, now.Head); err != nil {
		t.Error(err)
	}
	if err := client.Consistent(t.Context(), tlog.Head{}, now.Head); err != nil {
		t.Error(err)
	}
	var seen int64
	err = client.Check(t.Context(), now.Head, func(i int64, e []byte) error {
		if i != seen || string(e) != string(entry(int(i))) {
			t.Errorf("entry %d: %d %s", seen, i, e)
		}
		seen++
		return nil
	})
	if err != nil || seen != 1300 {
		t.Errorf("check: %v, after %d", err, seen)
	}
	wrong := errors.New("not mine")
	if err := client.Check(t.Context(), now.Head, func(int64, []byte) error { return wrong }); !errors.Is(err, wrong) {
		t.Errorf("an entry that is refused: %v", err)
	}
}

func TestARewrittenLogIsFound(t *testing.T) {
	t.Parallel()
	m := newMemory(t, 700)
	kept := m.edge.Head()
	other := newMemory(t, 0)
	for i := range 900 {
		text := entry(i)
		if i == 650 {
			text = []byte("rewritten")
		}
		leaf := tlog.HashLeaf(text)
		other.entries = append(other.entries, text)
		for _, g := range other.edge.Append(leaf) {
			at := [2]int64{int64(g.Level), g.Index}
			other.tiles[at] = append(other.tiles[at], g.Hashes...)
		}
	}
	client := tlog.NewClient(other, other.verifier(t))
	if err := client.Check(t.Context(), other.edge.Head(), nil); err != nil {
		t.Fatalf("it is a log by itself: %v", err)
	}
	if err := client.Consistent(t.Context(), kept, other.edge.Head()); !errors.Is(err, tlog.ErrBroken) {
		t.Errorf("rewritten: %v", err)
	}
	shorter := newMemory(t, 600)
	if err := client.Consistent(t.Context(), kept, shorter.edge.Head()); !errors.Is(err, tlog.ErrBroken) || !strings.Contains(err.Error(), "600") {
		t.Errorf("rolled back: %v", err)
	}
	if err := client.Consistent(t.Context(), kept, tlog.Head{Size: kept.Size}); !errors.Is(err, tlog.ErrBroken) {
		t.Errorf("as long, and different: %v", err)
	}
}

// flipped gives a file of a log with one byte changed.
type flipped struct {
	memory *memory
	path   string
	at     int
	to     byte
}

func (f flipped) Fetch(ctx context.Context, path string) ([]byte, error) {
	data, err := f.memory.Fetch(ctx, path)
	if err == nil && path == f.path {
		data[f.at] ^= f.to
	}
	return data, err
}

func TestAChangedByteIsFound(t *testing.T) {
	t.Parallel()
	m := newMemory(t, 600)
	head := m.edge.Head()
	for _, path := range []string{
		"checkpoint", "tile/entries/000", "tile/entries/002.p/88", "tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2",
	} {
		whole, err := m.Fetch(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		step := max(1, len(whole)/97)
		if path == "checkpoint" {
			step = 1
		}
		for at := 0; at < len(whole); at += step {
			for _, to := range []byte{1, 0x80, 0xff} {
				client := tlog.NewClient(flipped{m, path, at, to}, m.verifier(t))
				_, _, err := client.Checkpoint(t.Context())
				if err == nil {
					err = client.Check(t.Context(), head, nil)
				}
				if err == nil {
					t.Errorf("%s: byte %d changed by %#x, and nobody noticed", path, at, to)
				}
			}
		}
	}
}

func TestAWrongProofIsNotMade(t *testing.T) {
	t.Parallel()
	m := newMemory(t, 600)
	m.tiles[[2]int64{0, 1}][40] ^= 1
	if _, err := tlog.ProveInclusion(t.Context(), m, m.edge.Head(), 300); err == nil {
		t.Error("a proof from a tile that was changed")
	}
	for _, index := range []int64{-1, 600, 1 << 40} {
		if _, err := tlog.ProveInclusion(t.Context(), m, m.edge.Head(), index); err == nil {
			t.Errorf("a proof of leaf %d of 600", index)
		}
		if err := tlog.CheckInclusion(nil, m.edge.Head(), index, tlog.Hash{}); !errors.Is(err, tlog.ErrBroken) {
			t.Errorf("leaf %d of 600: %v", index, err)
		}
	}
	for _, size := range []int64{0, -1, 601} {
		if _, err := tlog.ProveConsistency(t.Context(), m, m.edge.Head(), size); err == nil {
			t.Errorf("a proof of growth from %d to 600", size)
		}
	}
	if err := tlog.CheckConsistency(make([]tlog.Hash, 1), m.edge.Head(), m.edge.Head()); !errors.Is(err, tlog.ErrBroken) {
		t.Errorf("a proof of nothing: %v", err)
	}
}
