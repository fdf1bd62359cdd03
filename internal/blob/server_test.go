package blob_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/blob"
)

// serverVariable names the program of versitygw, a server of others that speaks S3, as
// the task "test:s3" builds it. With it each test of a bucket is done there, too.
const serverVariable = "SIJIL_TEST_S3"

// s3 is a server that speaks S3 and has a bucket of the name evidence.
type s3 struct {
	endpoint string
	// change changes an object behind the server's back; nil takes it away.
	change func(t *testing.T, key string, to func(content []byte) []byte)
}

const s3Region = "eu-test-1"

func s3Keys() blob.Credentials { return blob.Credentials{AccessKey: "key", SecretKey: "secret"} }

// open opens a bucket with keys.
func (s *s3) open(t *testing.T, bucket string, keys blob.Credentials) blob.Store {
	t.Helper()
	store, err := blob.New("s3://"+bucket+"/documents?endpoint="+s.endpoint+"&region="+s3Region, keys)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// bucket is the bucket that there is, with its keys.
func (s *s3) bucket(t *testing.T) blob.Store {
	t.Helper()
	return s.open(t, "evidence", s3Keys())
}

// keyOf is how the object of a content is called.
func keyOf(sha string) string { return "documents/" + sha[:2] + "/" + sha[2:4] + "/" + sha }

// s3Servers are our own fake, and the server of others where it was built.
func s3Servers(t *testing.T) map[string]*s3 {
	t.Helper()
	fake, endpoint := newFakeS3(t)
	out := map[string]*s3{"bucket": {endpoint, func(_ *testing.T, key string, to func([]byte) []byte) {
		fake.mu.Lock()
		defer fake.mu.Unlock()
		if fake.objects[key] = to(fake.objects[key]); fake.objects[key] == nil {
			delete(fake.objects, key)
		}
	}}}
	if program := os.Getenv(serverVariable); program != "" {
		out["bucket of versitygw"] = startServer(t, program)
	}
	return out
}

// startServer runs versitygw until the test ends. It checks signatures, and keeps each
// object as a file.
func startServer(t *testing.T, program string) *s3 {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, "evidence"), 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "--port", address, "--region", s3Region, "--keep-alive", "--quiet",
		// Beside the files, since not each file system has attributes.
		"posix", "--sidecar", t.TempDir(), root)
	cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY_ID="+s3Keys().AccessKey, "ROOT_SECRET_ACCESS_KEY="+s3Keys().SecretKey)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatalf("%s: %v", serverVariable, err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
		if t.Failed() {
			t.Logf("versitygw said:\n%s", said.String())
		}
	})
	for begin := time.Now(); time.Since(begin) < time.Minute; time.Sleep(5 * time.Millisecond) {
		select {
		case <-ended:
			t.Fatalf("versitygw has ended:\n%s", said.String())
		default:
		}
		if c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address); err == nil {
			_ = c.Close()
			return &s3{"http://" + address, changeFile(filepath.Join(root, "evidence"))}
		}
	}
	t.Fatal("versitygw does not listen")
	return nil
}

func changeFile(root string) func(t *testing.T, key string, to func([]byte) []byte) {
	return func(t *testing.T, key string, to func([]byte) []byte) {
		t.Helper()
		path := filepath.Join(root, filepath.FromSlash(key))
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if content = to(content); content == nil {
			err = os.Remove(path)
		} else {
			err = os.WriteFile(path, content, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestAServerOfOthers says whether buckets were tested at more than our own fake.
func TestAServerOfOthers(t *testing.T) {
	if os.Getenv(serverVariable) == "" {
		t.Skipf("%s does not name the program of versitygw: buckets are tested at our own fake alone (task test:s3 builds it)", serverVariable)
	}
	if n := len(s3Servers(t)); n != 2 {
		t.Errorf("%d servers", n)
	}
}

// TestAKeyThatIsNotTheRightOne is refused whatever is asked for, as is a bucket that is
// not there: neither is taken for a bucket that has nothing. The control is the right
// key, with which nothing is refused. Our own fake looks at no signature, and so at no
// secret.
func TestAKeyThatIsNotTheRightOne(t *testing.T) {
	for name, server := range s3Servers(t) {
		t.Run(name, func(t *testing.T) {
			good := server.bucket(t)
			kept := put(t, good, "who said what, when").SHA256
			if err := good.Note(t.Context(), "a-1", []byte("a note")); err != nil {
				t.Fatal(err)
			}
			bad := map[string]blob.Store{
				"another key":    server.open(t, "evidence", blob.Credentials{AccessKey: "another", SecretKey: "secret"}),
				"another bucket": server.open(t, "none-such", s3Keys()),
			}
			if name != "bucket" {
				bad["another secret"] = server.open(t, "evidence", blob.Credentials{AccessKey: "key", SecretKey: "terces"})
			}
			for what, err := range asked(t, good, kept) {
				if err != nil {
					t.Errorf("the right key: %s: %v", what, err)
				}
			}
			put(t, good, "who said what, when") // it was deleted
			for who, s := range bad {
				for what, err := range asked(t, s, kept) {
					if err == nil || errors.Is(err, blob.ErrNotFound) {
						t.Errorf("%s: %s: %v", who, what, err)
					}
				}
			}
			if content, err := blob.Bytes(t.Context(), good, kept); err != nil || string(content) != "who said what, when" {
				t.Errorf("afterwards: %q, %v", content, err)
			}
		})
	}
}

// asked does with a store all that can be done, and returns what came of each.
func asked(t *testing.T, s blob.Store, sha string) map[string]error {
	t.Helper()
	_, errPut := s.Put(t.Context(), strings.NewReader("another content"), 100)
	_, errOpen := blob.Bytes(t.Context(), s, sha)
	_, errStat := s.Stat(t.Context(), sha)
	return map[string]error{
		"put": errPut, "open": errOpen, "stat": errStat, "delete": s.Delete(t.Context(), sha),
		"each":  s.Each(t.Context(), func(blob.Info) error { return nil }),
		"note":  s.Note(t.Context(), "b-2", []byte("another note")),
		"notes": s.Notes(t.Context(), func(string, []byte) error { return nil }),
	}
}

// TestThousandsInABucket: what does not fit into one answer of a listing is in the next,
// in order.
func TestThousandsInABucket(t *testing.T) {
	t.Parallel()
	for name, server := range s3Servers(t) {
		t.Run(name, func(t *testing.T) {
			s := server.bucket(t)
			const atOnce = 8
			each := 126 // a listing has a thousand
			if name == "bucket" {
				each = 3 // and that of our own fake has two
			}
			hashes := make([][]string, atOnce)
			var all sync.WaitGroup
			for i := range atOnce {
				all.Go(func() {
					for j := range each {
						info, err := s.Put(context.Background(), strings.NewReader(fmt.Sprintf("%d of %d", j, i)), 100)
						if err != nil {
							t.Error(err)
							return
						}
						hashes[i] = append(hashes[i], info.SHA256)
					}
				})
			}
			all.Wait()
			want := slices.Sorted(slices.Values(slices.Concat(hashes...)))
			var got []string
			if err := s.Each(t.Context(), func(i blob.Info) error { got = append(got, i.SHA256); return nil }); err != nil || !slices.Equal(got, want) {
				t.Errorf("%d contents, %v; want %d", len(got), err, len(want))
			}
		})
	}
}

// TestTheLargestInABucket that a store takes, and what is one byte larger, which somebody
// else brought there.
func TestTheLargestInABucket(t *testing.T) {
	t.Parallel()
	for name, server := range s3Servers(t) {
		t.Run(name, func(t *testing.T) {
			s := server.bucket(t)
			content := noise(blob.MaxSize)
			sha := putBytes(t, s, content)
			got, err := blob.Bytes(t.Context(), s, sha)
			if err != nil || !bytes.Equal(got, content) {
				t.Fatalf("%d bytes, %v", len(got), err)
			}
			server.change(t, keyOf(sha), func(content []byte) []byte { return append(content, 0) })
			if _, _, err := s.Open(t.Context(), sha); !errors.Is(err, blob.ErrCorrupt) {
				t.Errorf("one byte more: %v", err)
			}
		})
	}
}
