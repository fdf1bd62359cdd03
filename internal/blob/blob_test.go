package blob_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/sijil/sijil/internal/blob"
)

// kept is a store together with a way to damage what it holds.
type kept struct {
	blob.Store
	flip func(t *testing.T, sha string)
}

// stores are all implementations: what is said of one holds for all.
func stores(t *testing.T) map[string]kept {
	t.Helper()
	root := filepath.Join(t.TempDir(), "blobs")
	folder, err := blob.New("file:"+root, blob.Credentials{})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]kept{"folder": {folder, func(t *testing.T, sha string) {
		t.Helper()
		flipBit(t, root, sha, 0)
	}}}
	for name, server := range s3Servers(t) {
		out[name] = kept{server.bucket(t), func(t *testing.T, sha string) {
			t.Helper()
			server.change(t, keyOf(sha), func(content []byte) []byte { content[0] ^= 1; return content })
		}}
	}
	return out
}

// flipBit flips one bit of a content in a folder.
func flipBit(t *testing.T, root, sha string, bit int) {
	t.Helper()
	path := filepath.Join(root, sha[:2], sha[2:4], sha)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	content[bit/8] ^= 1 << (bit % 8)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func hashOf(content string) string {
	sum := sha256.Sum256([]byte(content))
	return hex.EncodeToString(sum[:])
}

func put(t *testing.T, s blob.Store, content string) blob.Info {
	t.Helper()
	info, err := s.Put(t.Context(), strings.NewReader(content), 1000)
	if err != nil {
		t.Fatal(err)
	}
	return info
}

func TestStore(t *testing.T) {
	for name, s := range stores(t) {
		t.Run(name, func(t *testing.T) {
			want := blob.Info{SHA256: hashOf("a communiqué"), Size: 13}
			for range 2 { // the same content twice is one
				if got := put(t, s, "a communiqué"); got != want {
					t.Fatalf("put: %+v, want %+v", got, want)
				}
			}
			if got, err := s.Stat(t.Context(), want.SHA256); err != nil || got != want {
				t.Errorf("stat: %+v, %v", got, err)
			}
			if content, err := blob.Bytes(t.Context(), s, want.SHA256); err != nil || string(content) != "a communiqué" {
				t.Errorf("content %q, %v", content, err)
			}
			for range 2 { // a second time is no error
				if err := s.Delete(t.Context(), want.SHA256); err != nil {
					t.Error(err)
				}
			}
			wantError(t, s, want.SHA256, blob.ErrNotFound)
		})
	}
}

// wantError asks for a content in both ways.
func wantError(t *testing.T, s blob.Store, sha string, want error) {
	t.Helper()
	if _, err := blob.Bytes(t.Context(), s, sha); !errors.Is(err, want) {
		t.Errorf("open: %v, want %v", err, want)
	}
	if _, err := s.Stat(t.Context(), sha); !errors.Is(err, want) {
		t.Errorf("stat: %v, want %v", err, want)
	}
}

func TestLimit(t *testing.T) {
	for name, s := range stores(t) {
		t.Run(name, func(t *testing.T) {
			if _, err := s.Put(t.Context(), strings.NewReader("0123456789"), 9); !errors.Is(err, blob.ErrTooLarge) {
				t.Errorf("ten bytes where nine may be: %v", err)
			}
			wantError(t, s, hashOf("0123456789"), blob.ErrNotFound)
			if _, err := s.Put(t.Context(), strings.NewReader("0123456789"), 10); err != nil {
				t.Errorf("ten bytes where ten may be: %v", err)
			}
			if info, err := s.Put(t.Context(), strings.NewReader(""), 10); err != nil || info.Size != 0 {
				t.Errorf("nothing: %+v, %v", info, err)
			}
		})
	}
}

// TestNoLimitIsAboveTheLargest: whatever a caller allows, MaxSize is the most, since a
// content is read whole before it is handed out.
func TestNoLimitIsAboveTheLargest(t *testing.T) {
	folder, err := blob.NewFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, limit := range []int64{0, -1, blob.MaxSize + 1, math.MaxInt64 - 1} {
		zeros := io.LimitReader(zeros{}, blob.MaxSize+1)
		if _, err := folder.Put(t.Context(), zeros, limit); !errors.Is(err, blob.ErrTooLarge) {
			t.Errorf("with a limit of %d: %v", limit, err)
		}
	}
}

// zeros are zeros without an end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// TestFlippedBit: what is not what was stored is never handed out, until a good copy of
// it is stored again.
func TestFlippedBit(t *testing.T) {
	for name, s := range stores(t) {
		t.Run(name, func(t *testing.T) {
			sha := put(t, s, "who said what, when").SHA256
			s.flip(t, sha)
			content, _, err := s.Open(t.Context(), sha)
			if !errors.Is(err, blob.ErrCorrupt) || content != nil {
				t.Errorf("got %v, %v", content, err)
			}
			put(t, s, "who said what, when")
			if content, err := blob.Bytes(t.Context(), s, sha); err != nil || string(content) != "who said what, when" {
				t.Errorf("stored again: %q, %v", content, err)
			}
		})
	}
}

func TestOnlyHashesAreNames(t *testing.T) {
	for name, s := range stores(t) {
		t.Run(name, func(t *testing.T) {
			for _, sha := range []string{"", "..", "../../etc/passwd", strings.ToUpper(hashOf("x")), hashOf("x") + "0", strings.Repeat("/", 64)} {
				if !errors.Is(s.Delete(t.Context(), sha), blob.ErrHash) {
					t.Errorf("delete %q is taken", sha)
				}
				wantError(t, s, sha, blob.ErrHash)
			}
		})
	}
}

func TestEach(t *testing.T) {
	for name, s := range stores(t) {
		t.Run(name, func(t *testing.T) {
			var want []string
			for _, content := range []string{"a", "b", "c", "d", "e"} {
				want = append(want, put(t, s, content).SHA256)
			}
			slices.Sort(want)
			var got []string
			err := s.Each(t.Context(), func(i blob.Info) error {
				got = append(got, i.SHA256)
				return nil
			})
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("got %q, %v, want %q", got, err, want)
			}
			enough := errors.New("enough")
			calls := 0
			err = s.Each(t.Context(), func(blob.Info) error { calls++; return enough })
			if !errors.Is(err, enough) || calls != 1 {
				t.Errorf("%d calls, then %v", calls, err)
			}
		})
	}
}

func TestManyAtOnce(t *testing.T) {
	for name, s := range stores(t) {
		t.Run(name, func(t *testing.T) {
			var all sync.WaitGroup
			for range 8 {
				all.Go(func() {
					if _, err := s.Put(t.Context(), strings.NewReader("the same"), 100); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			if _, err := blob.Bytes(t.Context(), s, hashOf("the same")); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestCancelled: a sender who has left leaves nothing.
func TestCancelled(t *testing.T) {
	for name, s := range stores(t) {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if _, err := s.Put(ctx, strings.NewReader("half a"), 100); !errors.Is(err, context.Canceled) {
				t.Errorf("put: %v", err)
			}
			wantError(t, s, hashOf("half a"), blob.ErrNotFound)
		})
	}
}

// TestFolderIsPrivate: nobody else on the machine reads drafts' documents, and
// a failed upload leaves nothing behind.
func TestFolderIsPrivate(t *testing.T) {
	root := filepath.Join(t.TempDir(), "blobs")
	s, err := blob.New("file://"+root, blob.Credentials{})
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, "a draft's document")
	broken := io.MultiReader(strings.NewReader("half"), &failing{})
	if _, err := s.Put(t.Context(), broken, 100); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("a reader that fails: %v", err)
	}
	files := 0
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is open: %s", path, info.Mode())
		}
		if !entry.IsDir() {
			files++
		}
		return err
	})
	if err != nil || files != 1 {
		t.Errorf("%d files, %v; want 1", files, err)
	}
}

type failing struct{}

func (*failing) Read([]byte) (int, error) { return 0, fs.ErrClosed }

// TestBucketThatRefuses is not taken for one that has nothing.
func TestBucketThatRefuses(t *testing.T) {
	fake, endpoint := newFakeS3(t)
	fake.broken = true
	for _, name := range []string{"evidence", "none-such"} {
		s, err := blob.New("s3://"+name+"?endpoint="+endpoint+"&region=eu-test-1", blob.Credentials{AccessKey: "key", SecretKey: "secret"})
		if err != nil {
			t.Fatal(err)
		}
		fake.broken = name == "evidence"
		if _, _, err := s.Open(t.Context(), hashOf("x")); err == nil || errors.Is(err, blob.ErrNotFound) {
			t.Errorf("%s: open: %v", name, err)
		}
		if _, err := s.Put(t.Context(), bytes.NewReader([]byte("x")), 10); err == nil {
			t.Errorf("%s: put: no error", name)
		}
		if err := s.Each(t.Context(), func(blob.Info) error { return nil }); err == nil {
			t.Errorf("%s: each: no error", name)
		}
	}
}

func TestAddresses(t *testing.T) {
	full := blob.Credentials{AccessKey: "key", SecretKey: "hidden-word"}
	for _, test := range []struct {
		address     string
		credentials blob.Credentials
		want        string // in the error; empty: accepted
	}{
		{"file:" + filepath.Join(t.TempDir(), "x"), blob.Credentials{}, ""},
		{"file:relative", blob.Credentials{}, "absolute"},
		{"file://host/path", blob.Credentials{}, "file:/folder"},
		{"file:", blob.Credentials{}, "absolute"},
		{"file:/dev/null/x", blob.Credentials{}, "not a directory"},
		{"", full, "file: or s3:"},
		{"ftp://x", full, "file: or s3:"},
		{"s3://b?endpoint=https://s3.example&region=r", full, ""},
		{"s3://b/deep/er?endpoint=https://s3.example", full, ""},
		{"s3://b?endpoint=http://localhost:9000", full, ""},
		{"s3://b?endpoint=http://s3.example", full, "https://"},
		{"s3://b?endpoint=https://s3.example/path", full, "without a path"},
		{"s3://b?region=r", full, "endpoint"},
		{"s3://b?endpoint=https://s3.example&acl=public", full, "acl"},
		{"s3://b?endpoint=https://s3.example", blob.Credentials{AccessKey: "key"}, "secret key"},
		{"s3://user@b?endpoint=https://s3.example", full, "s3://bucket"},
		{"s3:", full, "s3://bucket"},
	} {
		_, err := blob.New(test.address, test.credentials)
		if (err != nil) != (test.want != "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", test.address, err, test.want)
		}
		if err != nil && strings.Contains(err.Error(), "hidden-word") {
			t.Errorf("%s: %q shows the secret", test.address, err)
		}
	}
}

// TestOnlyTheFolderItselfIsClosed: others may enter what it stands in, as any folder.
func TestOnlyTheFolderItselfIsClosed(t *testing.T) {
	at := t.TempDir()
	if _, err := blob.NewFolder(filepath.Join(at, "sijil", "blobs")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(at, "any"), 0o755); err != nil {
		t.Fatal(err)
	}
	mode := func(folder string) fs.FileMode {
		info, err := os.Stat(filepath.Join(at, folder))
		if err != nil {
			t.Fatal(err)
		}
		return info.Mode().Perm()
	}
	if got, usual := mode("sijil"), mode("any"); got != usual {
		t.Errorf("what it stands in has %v, and another folder %v", got, usual)
	}
	if got := mode("sijil/blobs"); got != 0o700 {
		t.Errorf("the folder has %v", got)
	}
}
