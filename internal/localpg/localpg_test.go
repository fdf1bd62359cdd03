//go:build unix

package localpg_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/localpg"
)

// roleVariable makes this test binary run a server until it is killed, as a
// program of its own that a test can do away with.
const roleVariable = "SIJIL_LOCALPG_TEST_DATA"

func TestMain(m *testing.M) {
	if dir := os.Getenv(roleVariable); dir != "" {
		os.Exit(runApp(dir))
	}
	os.Exit(m.Run())
}

func runApp(dir string) int {
	server, err := localpg.Start(context.Background(), localpg.Options{DataDir: dir, BinDir: os.Getenv("SIJIL_TEST_PG_BIN"), Getenv: os.Getenv})
	if err != nil {
		_, _ = fmt.Fprintln(os.Stdout, "failed:", err)
		return 1
	}
	_, _ = fmt.Fprintln(os.Stdout, "ready", server.URL("postgres", localpg.Superuser))
	_, _ = io.Copy(io.Discard, os.Stdin) // until the test closes it
	if err := server.Stop(context.Background()); err != nil {
		_, _ = fmt.Fprintln(os.Stdout, "failed:", err)
		return 1
	}
	return 0
}

// openDir is a temporary folder that other accounts can enter, which
// t.TempDir's cannot be.
func openDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "localpg-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func options(dir string) localpg.Options {
	return localpg.Options{
		DataDir: dir, CacheDir: filepath.Join(dir, "cache"), BinDir: os.Getenv("SIJIL_TEST_PG_BIN"),
		Getenv: os.Getenv, NoFetch: true,
	}
}

func start(t *testing.T, opts localpg.Options) *localpg.Server {
	t.Helper()
	begin := time.Now()
	server, err := localpg.Start(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("PostgreSQL %s ready after %v", server.Version(), time.Since(begin).Round(time.Millisecond))
	t.Cleanup(func() { stop(t, server) })
	return server
}

func stop(t *testing.T, server *localpg.Server) {
	t.Helper()
	if err := server.Stop(context.Background()); err != nil {
		t.Error(err)
	}
}

// ask runs one statement on a new connection and returns its single value.
func ask(t *testing.T, url, sql string) string {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx) //nolint:errcheck // a test's connection
	var answer string
	if err := conn.QueryRow(ctx, sql).Scan(&answer); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return answer
}

func superuserURL(s *localpg.Server) string { return s.URL("postgres", localpg.Superuser) }

// TestColdAndWarm starts on an empty folder, then again on the same one.
func TestColdAndWarm(t *testing.T) {
	dir := openDir(t)
	first := start(t, options(dir))
	for sql, want := range map[string]string{
		"SHOW listen_addresses":                                "",
		"SHOW fsync":                                           "on",
		"SHOW synchronous_commit":                              "on",
		"SHOW full_page_writes":                                "on",
		"SHOW data_checksums":                                  "on",
		"SHOW server_encoding":                                 "UTF8",
		"SELECT current_user::text":                            localpg.Superuser,
		"SELECT datcollate FROM pg_database LIMIT 1":           "C.UTF-8",
		"SELECT (pg_catalog.inet_server_port() IS NULL)::text": "true",
	} {
		if got := ask(t, superuserURL(first), sql); got != want {
			t.Errorf("%s = %q, want %q", sql, got, want)
		}
	}
	exec1(t, superuserURL(first), "CREATE TABLE kept (v text); INSERT INTO kept VALUES ('سجل')")
	stop(t, first)
	select {
	case <-first.Done():
	default:
		t.Error("Done is open after Stop")
	}
	second := start(t, options(dir))
	if got := ask(t, superuserURL(second), "SELECT v FROM kept"); got != "سجل" {
		t.Errorf("after a restart: %q", got)
	}
}

func exec1(t *testing.T, url, sql string) {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background()) //nolint:errcheck // a test's connection
	if _, err := conn.Exec(context.Background(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func TestVolatile(t *testing.T) {
	t.Parallel()
	opts := options(openDir(t))
	opts.Volatile = true
	server := start(t, opts)
	for _, name := range []string{"fsync", "synchronous_commit", "full_page_writes"} {
		if got := ask(t, superuserURL(server), "SHOW "+name); got != "off" {
			t.Errorf("%s = %s, want off", name, got)
		}
	}
}

// TestFillingIsUntilStop: what was filled in a hurry is served with all safety.
func TestFillingIsUntilStop(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	opts := options(dir)
	opts.Filling = true
	filled := start(t, opts)
	settings := map[string]string{"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "autovacuum": "on", "wal_level": "replica"}
	for name, safe := range settings {
		if got := ask(t, superuserURL(filled), "SHOW "+name); got == safe {
			t.Errorf("filling: %s = %s", name, got)
		}
	}
	exec1(t, superuserURL(filled), "CREATE TABLE kept (v text); INSERT INTO kept VALUES ('سجل')")
	stop(t, filled)
	served := start(t, options(dir))
	for name, safe := range settings {
		if got := ask(t, superuserURL(served), "SHOW "+name); got != safe {
			t.Errorf("served: %s = %s, want %s", name, got, safe)
		}
	}
	if got := ask(t, superuserURL(served), "SELECT v FROM kept"); got != "سجل" {
		t.Errorf("what was filled: %q", got)
	}
}

// TestDamagedVolatileClusterIsMadeAnew: it holds nothing that anybody wants.
func TestDamagedVolatileClusterIsMadeAnew(t *testing.T) {
	t.Parallel()
	opts := options(openDir(t))
	opts.Volatile = true
	for _, damaged := range []string{"data/global/pg_control", "boot"} {
		server := start(t, opts)
		exec1(t, superuserURL(server), "CREATE TABLE lost (v text)")
		stop(t, server)
		if err := os.Truncate(filepath.Join(server.DataDir(), damaged), 1); err != nil {
			t.Fatal(err)
		}
		again := start(t, opts)
		if got := ask(t, superuserURL(again), "SELECT count(*)::text FROM pg_tables WHERE tablename = 'lost'"); got != "0" {
			t.Errorf("%s: the old cluster is still there", damaged)
		}
		stop(t, again)
	}
}

func TestSecondInstanceIsRefused(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	start(t, options(dir))
	_, err := localpg.Start(t.Context(), options(dir))
	if !errors.Is(err, localpg.ErrInUse) {
		t.Fatalf("got %v, want ErrInUse", err)
	}
	for _, part := range []string{dir, strconv.Itoa(os.Getpid())} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not name %q", err, part)
		}
	}
}

// TestAwkwardFolders has names that a socket's path or PostgreSQL's list of
// folders would not take as they are.
func TestAwkwardFolders(t *testing.T) {
	t.Parallel()
	for name, sub := range map[string]string{
		"blanks, Arabic":   "my data/سجل",
		"comma":            "a,b",
		"quote":            `it"s`,
		"too long":         strings.Repeat("long-", 25),
		"percent and plus": "100%+x",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opts := options(openDir(t))
			opts.DataDir = filepath.Join(opts.DataDir, sub)
			opts.Volatile = true
			server := start(t, opts)
			socketDir := ask(t, superuserURL(server), "SELECT current_setting('unix_socket_directories')")
			stop(t, server)
			if strings.HasPrefix(socketDir, `"/tmp/sijil-`) && pathExists(strings.Trim(socketDir, `"`)) {
				t.Errorf("%s is left behind", socketDir)
			}
		})
	}
}

func pathExists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// app is this binary as a program of its own, with a server.
type app struct {
	cmd   *exec.Cmd
	stdin io.Closer
	url   string
	pid   int // PostgreSQL's
}

func startApp(t *testing.T, dir string) *app {
	t.Helper()
	cmd := exec.Command(os.Args[0]) // killed below
	cmd.Env = append(os.Environ(), roleVariable+"="+dir)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "ready ")
	if err != nil || !ok {
		t.Fatalf("the program said %q (%v)", line, err)
	}
	return &app{cmd: cmd, stdin: stdin, url: url, pid: postmaster(t, dir)}
}

// postmaster reads the number of the server that runs in a data folder.
func postmaster(t *testing.T, dir string) int {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(dir, "postgresql-*", "data", "postmaster.pid"))
	if len(files) != 1 {
		t.Fatalf("%d pid files in %s", len(files), dir)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// waitForEnd fails the test if a process still runs after ten seconds. A zombie
// counts as ended: who collects it is not our matter.
func waitForEnd(t *testing.T, pid int) {
	t.Helper()
	for range 500 {
		line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		if syscall.Kill(pid, 0) != nil || (err == nil && len(line) == 0) {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("process %d still runs", pid)
}

func TestKilledProgramLeavesNoServer(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	a := startApp(t, dir)
	exec1(t, a.url, "CREATE TABLE kept (v text); INSERT INTO kept VALUES ('here')")
	if err := a.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = a.cmd.Wait()
	// At once, while the orphan may still be shutting down.
	server := start(t, options(dir))
	if got := ask(t, superuserURL(server), "SELECT v FROM kept"); got != "here" {
		t.Errorf("after the kill: %q", got)
	}
	waitForEnd(t, a.pid)
}

func TestKilledProgramLeavesNoServerWithoutRestart(t *testing.T) {
	t.Parallel()
	a := startApp(t, openDir(t))
	if err := a.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = a.cmd.Wait()
	waitForEnd(t, a.pid)
}

func TestEndedProgramLeavesNoServer(t *testing.T) {
	t.Parallel()
	a := startApp(t, openDir(t))
	if err := a.stdin.Close(); err != nil {
		t.Fatal(err)
	}
	if err := a.cmd.Wait(); err != nil {
		t.Errorf("the program ended with %v", err)
	}
	waitForEnd(t, a.pid)
}

func TestKilledServerRecovers(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	first := start(t, options(dir))
	exec1(t, superuserURL(first), "CREATE TABLE kept (v text); INSERT INTO kept VALUES ('here')")
	if err := syscall.Kill(postmaster(t, dir), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-first.Done() // the program learns of it
	stop(t, first)
	second := start(t, options(dir))
	if got := ask(t, superuserURL(second), "SELECT v FROM kept"); got != "here" {
		t.Errorf("after the kill: %q", got)
	}
}

// TestStalePidFile puts the number of a living process of another kind into
// the pid file, as happens in containers, where numbers are used again.
func TestStalePidFile(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	first := start(t, options(dir))
	pid := postmaster(t, dir)
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-first.Done()
	stop(t, first)
	sleeper := exec.CommandContext(t.Context(), "sleep", "60")
	if err := sleeper.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sleeper.Wait() })
	files, _ := filepath.Glob(filepath.Join(dir, "postgresql-*", "data", "postmaster.pid"))
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(text), strconv.Itoa(pid), strconv.Itoa(sleeper.Process.Pid), 1)
	if err := os.WriteFile(files[0], []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	start(t, options(dir))
}

func TestInterruptedCreationIsRepeated(t *testing.T) {
	t.Parallel()
	opts := options(openDir(t))
	opts.Volatile = true
	server := start(t, opts)
	stop(t, server)
	// As if initdb had been cut off: a draft, and no cluster.
	data := filepath.Join(server.DataDir(), "data")
	if err := os.Rename(data, data+".new"); err != nil {
		t.Fatal(err)
	}
	start(t, opts)
}

func TestUnusableBinaries(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	for name, script := range map[string]string{
		"old": "#!/bin/sh\necho 'postgres (PostgreSQL) 13.2'\n", "fails": "#!/bin/sh\nexit 3\n", "other": "#!/bin/sh\necho hello\n",
	} {
		t.Run(name, func(t *testing.T) {
			bin := filepath.Join(dir, name)
			for _, file := range []string{"initdb", "postgres"} {
				writeFile(t, filepath.Join(bin, file), script, 0o755)
			}
			opts := options(dir)
			opts.BinDir = bin
			_, err := localpg.Start(t.Context(), opts)
			if err == nil || !strings.Contains(err.Error(), bin) {
				t.Errorf("got %v, want an error that names %s", err, bin)
			}
		})
	}
}

func writeFile(t *testing.T, path, content string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

// TestRootNeedsAReachableFolder: PostgreSQL's account cannot enter root's home.
func TestRootNeedsAReachableFolder(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root changes accounts")
	}
	opts := options(openDir(t))
	closed := filepath.Join(opts.DataDir, "closed")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	opts.DataDir = filepath.Join(closed, "data")
	_, err := localpg.Start(t.Context(), opts)
	if err == nil || !strings.Contains(err.Error(), "cannot enter "+closed) {
		t.Errorf("got %v", err)
	}
}

func TestDefaultFolders(t *testing.T) {
	t.Parallel()
	env := func(set map[string]string) func(string) string { return func(name string) string { return set[name] } }
	if os.Geteuid() == 0 {
		if dir, err := localpg.DefaultDataDir(env(nil)); dir != "/var/lib/sijil" || err != nil {
			t.Errorf("root: %q, %v", dir, err)
		}
		return
	}
	for _, test := range []struct {
		set        map[string]string
		data       string
		wantErrFor string
	}{
		{map[string]string{"HOME": "/h"}, "/h/.local/share/sijil", ""},
		{map[string]string{"HOME": "/h", "XDG_DATA_HOME": "/x"}, "/x/sijil", ""},
		{map[string]string{"HOME": "/h", "XDG_DATA_HOME": "x"}, "/h/.local/share/sijil", ""},
		{nil, "", "HOME"},
	} {
		dir, err := localpg.DefaultDataDir(env(test.set))
		if dir != test.data || (err != nil) != (test.wantErrFor != "") {
			t.Errorf("%v: %q, %v", test.set, dir, err)
		}
	}
}

// TestAsOrdinaryUser runs this package's main tests again without root's rights.
func TestAsOrdinaryUser(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("this is an ordinary user")
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		t.Fatal(err)
	}
	uid, errUID := strconv.ParseUint(nobody.Uid, 10, 32)
	gid, errGID := strconv.ParseUint(nobody.Gid, 10, 32)
	if err := errors.Join(errUID, errGID); err != nil {
		t.Fatal(err)
	}
	dir := openDir(t)
	binary := filepath.Join(dir, "localpg.test")
	content, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, binary, string(content), 0o755)
	home := filepath.Join(dir, "home")
	if err := errors.Join(os.Mkdir(home, 0o700), os.Chown(home, int(uid), int(gid))); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), binary, "-test.v", "-test.run=^Test(ColdAndWarm|Second|Killed|Ended|DefaultFolders|AwkwardFolders/too)")
	cmd.Dir = home
	cmd.Env = []string{"HOME=" + home, "PATH=" + os.Getenv("PATH"), "SIJIL_TEST_PG_BIN=" + os.Getenv("SIJIL_TEST_PG_BIN")}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Error(err)
	}
}
