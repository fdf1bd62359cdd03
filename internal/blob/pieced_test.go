package blob_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"runtime"
	"testing"
	"testing/iotest"

	"github.com/sijil/sijil/internal/blob"
)

const pieceOfBucket = 256 << 10

// noise are bytes that are the same each time.
func noise(n int) []byte {
	out, random := make([]byte, n), rand.NewChaCha8([32]byte{1})
	_, _ = random.Read(out)
	return out
}

func putBytes(t *testing.T, s blob.Store, content []byte) string {
	t.Helper()
	info, err := s.Put(t.Context(), bytes.NewReader(content), 0)
	if err != nil {
		t.Fatal(err)
	}
	return info.SHA256
}

// TestABucketIsReadInPieces, whatever their number, and goes on to be when the context
// has ended under which it was opened.
func TestABucketIsReadInPieces(t *testing.T) {
	t.Parallel()
	for name, server := range s3Servers(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			readInPieces(t, server.bucket(t))
		})
	}
}

func readInPieces(t *testing.T, s blob.Store) {
	t.Helper()
	for _, size := range []int{0, 1, pieceOfBucket - 1, pieceOfBucket, pieceOfBucket + 1, 2 * pieceOfBucket, 5*pieceOfBucket + 7} {
		content := noise(size)
		ctx, cancel := context.WithCancel(t.Context())
		r, info, err := s.Open(ctx, putBytes(t, s, content))
		if err != nil || info.Size != int64(size) {
			t.Fatalf("%d bytes: %+v, %v", size, info, err)
		}
		cancel()
		if err := iotest.TestReader(r, content); err != nil {
			t.Errorf("%d bytes: %v", size, err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		if n, err := r.Read(make([]byte, 1)); n > 0 || err == nil || errors.Is(err, io.EOF) {
			t.Errorf("%d bytes, closed: %d read, %v", size, n, err)
		}
	}
}

// TestAPieceThatChangesIsNotHandedOut: it was good when the whole was verified.
func TestAPieceThatChangesIsNotHandedOut(t *testing.T) {
	t.Parallel()
	for name, server := range s3Servers(t) {
		for what, change := range map[string]func(content []byte) []byte{
			"a bit":    func(content []byte) []byte { content[2*pieceOfBucket+5] ^= 1; return content },
			"its end":  func(content []byte) []byte { return content[:2*pieceOfBucket+5] },
			"the rest": func(content []byte) []byte { return content[:pieceOfBucket] },
			"all":      func([]byte) []byte { return nil },
		} {
			t.Run(name+"/"+what, func(t *testing.T) {
				t.Parallel()
				pieceChanges(t, server, what, change)
			})
		}
	}
}

func pieceChanges(t *testing.T, server *s3, what string, change func([]byte) []byte) {
	t.Helper()
	s, content := server.bucket(t), noise(3*pieceOfBucket)
	copy(content, what) // another object each
	sha := putBytes(t, s, content)
	r, _, err := s.Open(t.Context(), sha)
	if err != nil {
		t.Fatal(err)
	}
	server.change(t, keyOf(sha), change)
	got, err := io.ReadAll(r)
	if err == nil || len(got) > 2*pieceOfBucket || !bytes.HasPrefix(content, got) {
		t.Errorf("%d bytes read, all as stored: %t, %v", len(got), bytes.HasPrefix(content, got), err)
	}
	if what == "a bit" && !errors.Is(err, blob.ErrCorrupt) || what == "all" && !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("%v", err)
	}
	if _, again := r.Read(make([]byte, 1)); !errors.Is(again, err) {
		t.Errorf("read on: %v", again)
	}
}

// TestSlowReadersHoldLittle: many have opened a large object, and read no more than its
// beginning.
func TestSlowReadersHoldLittle(t *testing.T) { //nolint:paralleltest // memory is counted
	_, endpoint := newFakeS3(t)
	s := (&s3{endpoint: endpoint}).bucket(t)
	const size, readers = 8 << 20, 24
	sha := putBytes(t, s, noise(size))
	inUse := func() int64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before := inUse()
	open := make([]io.ReadCloser, readers)
	for i := range open {
		var err error
		if open[i], _, err = s.Open(t.Context(), sha); err != nil {
			t.Fatal(err)
		}
		if _, err := io.CopyN(io.Discard, open[i], pieceOfBucket+1); err != nil {
			t.Fatal(err)
		}
	}
	held := inUse() - before
	if held > readers*2*pieceOfBucket {
		t.Errorf("%d readers of %d MB hold %d MB", readers, size>>20, held>>20)
	}
	// The control: what is held is seen.
	whole := make([][]byte, 2)
	for i := range whole {
		var err error
		if whole[i], err = io.ReadAll(open[i]); err != nil {
			t.Fatal(err)
		}
	}
	if more := inUse() - before - held; more < size {
		t.Errorf("the control: two who keep it hold %d MB", more>>20)
	}
	for i := range open {
		_ = open[i].Close()
	}
	runtime.KeepAlive(whole)
}
