package testkit

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Schema returns the definitions of schemas as pg_dump writes them, without
// what differs from one version of PostgreSQL to the next. The test is skipped,
// and says so, where there is no pg_dump of the wanted major version; zero
// means any that can read the server.
func (d *DB) Schema(major int, schemas ...string) string {
	d.tb.Helper()
	path, have := d.server.pgDump(d)
	if path == "" {
		d.tb.Skip("no pg_dump beside the server's binaries or in the PATH: the schema cannot be dumped")
	}
	if major != 0 && have != major {
		d.tb.Skipf("the committed dump is by pg_dump %d, and this is %d", major, have)
	}
	args := []string{"--schema-only", "--no-owner", "--no-tablespaces", "--dbname=" + d.OwnerURL()}
	for _, schema := range schemas {
		args = append(args, "--schema="+schema)
	}
	cmd := exec.CommandContext(d.tb.Context(), path, args...)
	cmd.Env = []string{"PATH=" + environment("PATH"), "LC_ALL=C", "PGTZ=UTC"}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		d.tb.Fatalf("testkit: pg_dump: %v\n%s", err, stderr.String())
	}
	return normaliseDump(string(out))
}

// pgDump finds the pg_dump that reads the server.
func (s *server) pgDump(d *DB) (path string, major int) {
	dir := ""
	if s.local() {
		dir = s.private.BinDir()
	}
	var version int
	err := d.Owner().QueryRow(d.tb.Context(), "SELECT current_setting('server_version_num')::int / 10000").Scan(&version)
	if err != nil {
		d.tb.Fatalf("testkit: %v", err)
	}
	return PGDump(d.tb, dir, version)
}

// PGDump finds the pg_dump of a folder, else one in the PATH, and its major
// version; empty if there is none, or if it is older than the server that it is
// to read, which it refuses.
func PGDump(tb testing.TB, dir string, server int) (path string, major int) {
	tb.Helper()
	path = filepath.Join(dir, "pg_dump")
	if _, err := os.Stat(path); dir == "" || err != nil {
		if path, err = exec.LookPath("pg_dump"); err != nil {
			return "", 0
		}
	}
	out, err := exec.CommandContext(tb.Context(), path, "--version").Output()
	match := regexp.MustCompile(`\(PostgreSQL\) (\d+)`).FindSubmatch(out)
	if err != nil || match == nil {
		return "", 0
	}
	if major, err = strconv.Atoi(string(match[1])); err != nil || major < server {
		return "", 0
	}
	return path, major
}

// normaliseDump drops comments, settings, the random words with which newer
// versions guard against psql commands, and blank lines in rows.
func normaliseDump(dump string) string {
	var lines []string
	for line := range strings.Lines(dump) {
		line = strings.TrimRight(line, " \n")
		blank := line == "" && (len(lines) == 0 || lines[len(lines)-1] == "")
		if blank || strings.HasPrefix(line, "--") || strings.HasPrefix(line, `\`) ||
			strings.HasPrefix(line, "SET ") || strings.HasPrefix(line, "SELECT pg_catalog.set_config(") {
			continue
		}
		lines = append(lines, line)
	}
	return strings.TrimSpace(strings.Join(lines, "\n")) + "\n"
}
