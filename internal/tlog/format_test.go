package tlog_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/tlog"
)

func TestPaths(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]tlog.Tile{
		"tile/0/000":                 {Level: 0, Index: 0, Width: 256},
		"tile/0/x001/x234/067":       {Level: 0, Index: 1234067, Width: 256},
		"tile/1/000.p/3":             {Level: 1, Index: 0, Width: 3},
		"tile/63/999.p/255":          {Level: 63, Index: 999, Width: 255},
		"tile/entries/x001/000.p/17": {Level: tlog.EntriesLevel, Index: 1000, Width: 17},
		"tile/entries/007":           {Level: tlog.EntriesLevel, Index: 7, Width: 256},
	} {
		got, err := tlog.ParsePath(path)
		if err != nil || got != want || got.Path() != path {
			t.Errorf("%s: %+v %v, %s", path, got, err, got.Path())
		}
	}
	for _, path := range []string{
		"", "tile", "tile/0", "tile/0/", "tile/00/000", "tile/-1/000", "tile/64/000", "tile/0/0", "tile/0/0000", "tile/0/x000/001",
		"tile/0/001/002", "tile/0/x001", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/000.p/", "tile/0/000.p",
		"tile/0/000.q/1", "/tile/0/000", "tile/0/000/", "tile/0/+01", "tile/entries/x001/x000", "tile/data/000", "tile/8/0/000",
		"tile/0/x999/x999/x999/x999/x999/x999/999", "tile/0/..", "tile/+0/000", "tile/0/00a",
	} {
		if got, err := tlog.ParsePath(path); !errors.Is(err, tlog.ErrPath) {
			t.Errorf("%q is taken as %+v", path, got)
		}
	}
}

func TestWhichTilesALogHas(t *testing.T) {
	t.Parallel()
	// The example of c2sp.org/tlog-tiles.
	for level, want := range [][]int64{{274, 112}, {2, 17}, {1, 1}} {
		tiles := tlog.TilesAt(level, 0, 70_000)
		if last := tiles[len(tiles)-1]; int64(len(tiles)) != want[0] || int64(last.Width) != want[1] {
			t.Errorf("level %d: %d tiles, the last of %d", level, len(tiles), last.Width)
		}
	}
	for tile, want := range map[tlog.Tile]bool{
		{Level: 0, Index: 272, Width: 256}: true, {Level: 0, Index: 273, Width: 112}: true,
		{Level: 0, Index: 273, Width: 5}: true, {Level: 0, Index: 273, Width: 113}: false,
		{Level: 0, Index: 274, Width: 1}: false, {Level: 1, Index: 1, Width: 17}: true,
		{Level: 2, Index: 0, Width: 1}: true, {Level: 3, Index: 0, Width: 1}: false,
		{Level: 63, Index: 0, Width: 1}: false, {Level: -1, Index: 273, Width: 112}: true,
		{Level: 0, Index: 1 << 59, Width: 1}: false, {Level: 0, Index: -1, Width: 1}: false,
		{Level: 0, Index: 0, Width: 0}: false, {Level: 0, Index: 0, Width: 257}: false,
	} {
		if tile.In(70_000) != want {
			t.Errorf("%+v in a log of 70,000: %t", tile, !want)
		}
	}
}

func TestBundles(t *testing.T) {
	t.Parallel()
	entries := [][]byte{[]byte("a"), {}, bytes.Repeat([]byte("x"), tlog.MaxEntry)}
	data, err := tlog.EncodeEntries(entries)
	if err != nil {
		t.Fatal(err)
	}
	got, err := tlog.DecodeEntries(data, 3)
	if err != nil || !slices.EqualFunc(got, entries, bytes.Equal) {
		t.Error(err)
	}
	for _, cut := range []int{1, 2, len(data) - 1} {
		if _, err := tlog.DecodeEntries(data[:cut], 3); !errors.Is(err, tlog.ErrBroken) {
			t.Errorf("cut at %d: %v", cut, err)
		}
	}
	if _, err := tlog.DecodeEntries(data, 4); !errors.Is(err, tlog.ErrBroken) {
		t.Errorf("one too few: %v", err)
	}
	if _, err := tlog.EncodeEntries([][]byte{make([]byte, tlog.MaxEntry+1)}); err == nil {
		t.Error("an entry that is too long is written")
	}
}

func TestAChangedByteOfAProofIsFound(t *testing.T) {
	t.Parallel()
	m := newMemory(t, 600)
	hashes, err := tlog.ProveInclusion(t.Context(), m, m.edge.Head(), 599)
	if err != nil {
		t.Fatal(err)
	}
	proof := tlog.Proof{Index: 599, Hashes: hashes, Checkpoint: m.signed}
	data := proof.Marshal()
	read, err := tlog.ParseProof(data)
	if err != nil {
		t.Fatal(err)
	}
	c, err := read.Check(m.verifier(t), entry(599))
	if err != nil || c.Size != 600 || c.Origin != origin {
		t.Fatal(c, err)
	}
	if _, err := read.Check(m.verifier(t), entry(598)); !errors.Is(err, tlog.ErrBroken) {
		t.Errorf("another entry: %v", err)
	}
	for at := range data {
		for _, change := range []byte{1, 2, 0x20, 0x80} {
			changed := slices.Clone(data)
			changed[at] ^= change
			p, err := tlog.ParseProof(changed)
			if err == nil {
				_, err = p.Check(m.verifier(t), entry(599))
			}
			if err == nil {
				t.Errorf("byte %d (%q) changed to %q, and nobody noticed", at, data[at], changed[at])
			}
		}
	}
	stranger := newMemory(t, 600)
	if _, err := read.Check(stranger.verifier(t), entry(599)); !errors.Is(err, tlog.ErrSignature) {
		t.Errorf("a key that did not sign: %v", err)
	}
}

func TestProofsCarryWhatIsNeeded(t *testing.T) {
	t.Parallel()
	m := newMemory(t, 1)
	salt := bytes.Repeat([]byte{7}, 32)
	data := tlog.Proof{Extra: salt, Checkpoint: m.signed}.Marshal()
	if !strings.HasPrefix(string(data), "c2sp.org/tlog-proof@v1\nextra BwcHBwcH") || !strings.Contains(string(data), "\nindex 0\n\n"+origin+"\n1\n") {
		t.Errorf("the format: %s", data)
	}
	p, err := tlog.ParseProof(data)
	if err != nil || !bytes.Equal(p.Extra, salt) || len(p.Hashes) != 0 {
		t.Errorf("%+v, %v", p, err)
	}
	for _, bad := range []string{
		"", "c2sp.org/tlog-proof@v1\n", "c2sp.org/tlog-proof@v2" + string(data[22:]),
		strings.Replace(string(data), "index 0", "index 00", 1), strings.Replace(string(data), "index 0", "index -1", 1),
		strings.Replace(string(data), "extra BwcH", "extra  BwcH", 1), strings.Replace(string(data), "\n\n", "\n\r\n", 1),
		strings.Replace(string(data), "index 0\n", "", 1), strings.Replace(string(data), "\nextra", "\nextra \nextra", 1),
		strings.Replace(string(data), "index 0\n", "index 0\nQUJD\n", 1), string(data[:len(data)-1]),
	} {
		if _, err := tlog.ParseProof([]byte(bad)); !errors.Is(err, tlog.ErrProof) {
			t.Errorf("taken as a proof: %q (%v)", bad, err)
		}
	}
}

func TestCheckpoints(t *testing.T) {
	t.Parallel()
	m := newMemory(t, 5)
	c, err := tlog.PeekCheckpoint(m.signed)
	if err != nil || c.Head != m.edge.Head() {
		t.Fatal(c, err)
	}
	for _, bad := range []string{
		"", "a\n", "a\n1\n", "\n1\n" + c.Root.String() + "\n", "a\n01\n" + c.Root.String() + "\n", "a\n-1\n" + c.Root.String() + "\n",
		"a\n1\n" + c.Root.String(), "a\n1\nAAAA\n", "a\n1\n" + c.Root.String() + "\nmore\n", "a\n1\n" + c.Root.String() + "\r\n",
		"a\n9223372036854775808\n" + c.Root.String() + "\n",
	} {
		if got, err := tlog.ParseCheckpoint(bad); err == nil {
			t.Errorf("%q is taken as %+v", bad, got)
		}
	}
	if _, err := tlog.NewVerifier(origin); err == nil {
		t.Error("without a key everything verifies")
	}
	if _, err := tlog.NewVerifier("another.example/log", m.keys.VerifierKeys()...); err == nil {
		t.Error("a key of another log is taken")
	}
	if _, err := tlog.NewVerifier(origin, "nonsense"); err == nil {
		t.Error("nonsense is taken as a key")
	}
	if got, err := tlog.OriginOf(m.keys.VerifierKeys()[0]); err != nil || got != origin {
		t.Error(got, err)
	}
}

func TestARotatedKeyVerifiesBothWays(t *testing.T) {
	t.Parallel()
	m := newMemory(t, 5)
	old := m.verifier(t)
	keys, err := m.keys.Rotate(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := keys.Sign(m.edge.Head())
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := tlog.NewVerifier(origin, keys.VerifierKeys()[0])
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range map[string]*tlog.Verifier{"who knows the old key": old, "who knows the new key": fresh} {
		if _, err := v.Open(signed); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	alone, err := keys.DropOld().Sign(m.edge.Head())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := old.Open(alone); !errors.Is(err, tlog.ErrSignature) {
		t.Errorf("after the old key is dropped: %v", err)
	}
	if _, err := fresh.Open(alone); err != nil {
		t.Error(err)
	}
	if all := keys.VerifierKeys(); len(all) != 2 || all[1] != m.keys.VerifierKeys()[0] {
		t.Errorf("keys: %v", all)
	}
}

func TestTheFileOfKeysIsItsOwnersAlone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log.key")
	if _, err := tlog.ReadKeys(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	keys, err := tlog.GenerateKeys(rand.Reader, origin)
	if err != nil {
		t.Fatal(err)
	}
	if err := keys.Write(path, false); err != nil {
		t.Fatal(err)
	}
	if err := keys.Write(path, false); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a second time: %v", err)
	}
	rotated, err := keys.Rotate(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if err := rotated.Write(path, true); err != nil {
		t.Fatal(err)
	}
	read, err := tlog.ReadKeys(path)
	if err != nil || !slices.Equal(read.VerifierKeys(), rotated.VerifierKeys()) || read.Origin() != origin {
		t.Errorf("%v, %v", read, err)
	}
	for _, mode := range []fs.FileMode{0o640, 0o604, 0o620, 0o601, 0o644} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := tlog.ReadKeys(path); !errors.Is(err, tlog.ErrKeyFile) || !strings.Contains(err.Error(), "chmod 600") {
			t.Errorf("mode %s: %v", mode, err)
		}
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left beside it: %v %v", left, err)
	}
}

func TestWrongKeysAreRefusedWithoutShowingThem(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "log.key")
	keys, err := tlog.GenerateKeys(rand.Reader, origin)
	if err != nil {
		t.Fatal(err)
	}
	if err := keys.Write(path, false); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	secret := lines[len(lines)-1]
	other, err := tlog.GenerateKeys(rand.Reader, "other.example/log")
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := filepath.Join(t.TempDir(), "log.key")
	if err := other.Write(elsewhere, false); err != nil {
		t.Fatal(err)
	}
	foreign, err := os.ReadFile(elsewhere)
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]string{
		"nothing": "# only words\n", "cut": secret[:len(secret)-5], "twice": secret + "\n" + secret, "of two logs": secret + "\n" + string(foreign),
		"public": keys.VerifierKeys()[0],
	} {
		_, err := tlog.ParseKeys(bad)
		if !errors.Is(err, tlog.ErrKeyFile) || strings.Contains(err.Error(), secret[len(secret)-20:]) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParsePath(f *testing.F) {
	for _, path := range []string{"tile/0/000", "tile/entries/x001/234.p/9", "tile/63/x999/x999/999"} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		tile, err := tlog.ParsePath(path)
		if err == nil && (tile.Path() != path || tile.Index < 0 || tile.Width < 1 || tile.Width > 256) {
			t.Errorf("%q: %+v", path, tile)
		}
	})
}

func FuzzDecodeEntries(f *testing.F) {
	f.Add([]byte{0, 1, 'a', 0, 0}, 2)
	f.Fuzz(func(t *testing.T, data []byte, width int) {
		entries, err := tlog.DecodeEntries(data, max(width, 0))
		if err != nil {
			return
		}
		again, err := tlog.EncodeEntries(entries)
		if err != nil || !bytes.Equal(again, data) {
			t.Errorf("%x: %v", data, err)
		}
	})
}

func FuzzParseProof(f *testing.F) {
	m := newMemory(f, 5)
	hashes, err := tlog.ProveInclusion(f.Context(), m, m.edge.Head(), 2)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(tlog.Proof{Extra: []byte("x"), Index: 2, Hashes: hashes, Checkpoint: m.signed}.Marshal())
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := tlog.ParseProof(data)
		if err == nil && !bytes.Equal(p.Marshal(), data) {
			t.Errorf("%q", data)
		}
	})
}

func FuzzOpenCheckpoint(f *testing.F) {
	m := newMemory(f, 5)
	v := m.verifier(f)
	f.Add(m.signed)
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := v.Open(data)
		if err == nil && c.Head != m.edge.Head() {
			t.Errorf("signed by nobody: %q", data)
		}
	})
}

func FuzzParseKeys(f *testing.F) {
	f.Add("PRIVATE+KEY+sijil.example/log+00000000+AAAA")
	f.Fuzz(func(t *testing.T, text string) {
		if keys, err := tlog.ParseKeys(text); err == nil && len(keys.VerifierKeys()) == 0 {
			t.Errorf("no key in %q", text)
		}
	})
}
