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

// aBucket is a bucket, and what gives access to what it holds.
func aBucket(t *testing.T) (blob.Store, *fakeS3) {
	t.Helper()
	fake, endpoint := newFakeS3(t)
	s, err := blob.New("s3://evidence/documents?endpoint="+endpoint+"&region=eu-test-1", blob.Credentials{AccessKey: "key", SecretKey: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	return s, fake
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
	s, _ := aBucket(t)
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
	for name, change := range map[string]func(objects map[string][]byte, key string){
		"a bit":    func(objects map[string][]byte, key string) { objects[key][2*pieceOfBucket+5] ^= 1 },
		"its end":  func(objects map[string][]byte, key string) { objects[key] = objects[key][:2*pieceOfBucket+5] },
		"the rest": func(objects map[string][]byte, key string) { objects[key] = objects[key][:pieceOfBucket] },
		"all":      func(objects map[string][]byte, key string) { delete(objects, key) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, fake := aBucket(t)
			content := noise(3 * pieceOfBucket)
			sha := putBytes(t, s, content)
			r, _, err := s.Open(t.Context(), sha)
			if err != nil {
				t.Fatal(err)
			}
			fake.mu.Lock()
			change(fake.objects, "documents/"+sha[:2]+"/"+sha[2:4]+"/"+sha)
			fake.mu.Unlock()
			got, err := io.ReadAll(r)
			if err == nil || len(got) > 2*pieceOfBucket || !bytes.HasPrefix(content, got) {
				t.Errorf("%d bytes read, all as stored: %t, %v", len(got), bytes.HasPrefix(content, got), err)
			}
			if name == "a bit" && !errors.Is(err, blob.ErrCorrupt) || name == "all" && !errors.Is(err, blob.ErrNotFound) {
				t.Errorf("%v", err)
			}
			if _, again := r.Read(make([]byte, 1)); !errors.Is(again, err) {
				t.Errorf("read on: %v", again)
			}
		})
	}
}

// TestSlowReadersHoldLittle: many have opened a large object, and read no more than its
// beginning.
func TestSlowReadersHoldLittle(t *testing.T) { //nolint:paralleltest // memory is counted
	s, _ := aBucket(t)
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
