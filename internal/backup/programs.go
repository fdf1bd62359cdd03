package backup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// programs are PostgreSQL's own, with the database that they are to work on.
type programs struct {
	dir      string
	address  string // without the password
	password string
}

// findPrograms takes the first folder whose pg_dump and pg_restore are not older
// than the server: an older pg_dump refuses, and an older pg_restore may.
func findPrograms(ctx context.Context, dirs []string, major int, databaseURL string) (*programs, error) {
	var seen []string
	for _, dir := range dirs {
		version, err := versionOf(ctx, filepath.Join(dir, "pg_dump"))
		switch {
		case err != nil:
			seen = append(seen, fmt.Sprintf("%s (%v)", dir, err))
		case version < major:
			seen = append(seen, fmt.Sprintf("%s (version %d)", dir, version))
		default:
			return newPrograms(dir, databaseURL)
		}
	}
	found := "none was found"
	if len(seen) > 0 {
		found = "found, but not usable: " + strings.Join(seen, ", ")
	}
	return nil, fmt.Errorf("pg_dump and pg_restore of PostgreSQL %d or newer are needed: %s.\n"+
		"The packages of npm hold the server only. Install the client programs with one of these:\n"+
		"  Debian, Ubuntu    apt install postgresql-client-%d\n"+
		"  Fedora, RHEL      dnf install postgresql\n"+
		"  macOS             brew install libpq\n"+
		"or name a folder that holds them in SIJIL_PG_BIN", major, found, major)
}

func versionOf(ctx context.Context, path string) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, path, "--version").Output()
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(string(regexp.MustCompile(`\d+`).Find(out)))
}

// newPrograms takes the address apart: a password on the command line would
// show in the list of processes, and libpq does not know the settings of the
// pool.
func newPrograms(dir, databaseURL string) (*programs, error) {
	u, err := url.Parse(databaseURL)
	if err != nil {
		return nil, errors.New("backup: the address of the database cannot be read") // nor repeated: it holds a password
	}
	p := &programs{dir: dir}
	if u.User != nil {
		p.password, _ = u.User.Password()
		u.User = url.User(u.User.Username())
	}
	query := u.Query()
	if password := query.Get("password"); password != "" {
		p.password = password
		query.Del("password")
	}
	for name := range query {
		if strings.HasPrefix(name, "pool_") || slices.Contains(driversOwn(), name) {
			query.Del(name)
		}
	}
	u.RawQuery = strings.ReplaceAll(query.Encode(), "+", "%20") // libpq takes a plus sign for what it is
	p.address = u.String()
	return p, nil
}

// driversOwn are settings in an address that only the driver of this program
// understands.
func driversOwn() []string {
	return []string{"default_query_exec_mode", "statement_cache_capacity", "description_cache_capacity"}
}

// run runs one of the programs. What it says on standard error is part of the
// error.
func (p *programs) run(ctx context.Context, stdout io.Writer, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, filepath.Join(p.dir, name), args...) //nolint:gosec // PostgreSQL's own
	// SIGTERM lets it end its connection, and with it the transaction.
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	cmd.Env = append(cmd.Environ(), "LC_ALL=C", "PGAPPNAME=sijil "+name)
	if p.password != "" {
		cmd.Env = append(cmd.Env, "PGPASSWORD="+p.password)
	}
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = stdout, &said
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(said.String()))
	}
	return nil
}

// dump writes the database as a snapshot sees it.
func (p *programs) dump(ctx context.Context, snapshot string, w io.Writer) error {
	return p.run(ctx, w, "pg_dump", "--format=custom", "--no-password", "--snapshot="+snapshot, "--dbname="+p.address)
}

// restore reads a dump into the database, in one transaction.
func (p *programs) restore(ctx context.Context, dump string) error {
	list, err := p.contents(ctx, dump)
	if err != nil {
		return err
	}
	defer os.Remove(list) //nolint:errcheck // a temporary file
	return p.run(ctx, io.Discard, "pg_restore", "--single-transaction", "--exit-on-error", "--no-owner", "--no-password",
		"--use-list="+list, "--dbname="+p.address, dump)
}

// contents writes the list of what is to be restored to a temporary file. What
// the owner's role gives to others by default is said for that role by its
// name, which may be another one here: the caller says it anew.
func (p *programs) contents(ctx context.Context, dump string) (path string, err error) {
	var list bytes.Buffer
	if err := p.run(ctx, &list, "pg_restore", "--list", dump); err != nil {
		return "", err
	}
	file, err := os.CreateTemp("", "sijil-restore-*")
	if err != nil {
		return "", fmt.Errorf("backup: %w", err)
	}
	defer func() {
		if err = errors.Join(err, file.Close()); err != nil {
			_ = os.Remove(file.Name())
		}
	}()
	for line := range strings.Lines(list.String()) {
		if strings.Contains(line, " DEFAULT ACL ") {
			continue
		}
		if _, err := file.WriteString(line); err != nil {
			return "", fmt.Errorf("backup: %w", err)
		}
	}
	return file.Name(), nil
}
