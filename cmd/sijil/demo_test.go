//go:build unix

package main

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/testkit"
)

// programVariable makes this test binary be the program.
const programVariable = "SIJIL_TEST_BE_PROGRAM"

func TestMain(m *testing.M) {
	testkit.ServeWorker() // it has no environment
	if os.Getenv(programVariable) != "" {
		main()
	}
	os.Exit(m.Run())
}

// demoProcess is a demonstration in a process of its own.
type demoProcess struct {
	cmd     *exec.Cmd
	address string
	took    time.Duration
}

// demoCommand is the program as a demonstration, with flags.
func demoCommand(dataDir string, flags ...string) *exec.Cmd {
	args := append([]string{"demo", "--addr", "127.0.0.1:0", "--data-dir", dataDir}, flags...)
	cmd := exec.Command(os.Args[0], args...) // whoever starts it kills it
	// A database that must not be touched, and cannot be reached.
	cmd.Env = append(os.Environ(), programVariable+"=1", "SIJIL_PG_BIN="+os.Getenv("SIJIL_TEST_PG_BIN"),
		"DATABASE_URL=postgres://nobody@/real?host=/nowhere", "DATABASE_URL_FILE=/nowhere/url",
		"PGSERVICE=real", "PGSERVICEFILE=/nowhere/services", "PGOPTIONS=-c role=nobody", "PGHOST=/nowhere",
		"PGTZ=Nowhere", "PGCONNECT_TIMEOUT=soon", "PGSSLCERTMODE=nonsense", "PGREQUIREAUTH=nonsense")
	return cmd
}

func startDemo(t *testing.T, dataDir string) *demoProcess {
	t.Helper()
	return startDemoBy(t, demoCommand(dataDir))
}

// startDemoBy starts a demonstration by a command.
func startDemoBy(t *testing.T, cmd *exec.Cmd) *demoProcess {
	t.Helper()
	begin := time.Now()
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		if _, address, ok := strings.Cut(lines.Text(), "Sijil is ready: "); ok {
			go func() { _, _ = io.Copy(io.Discard, stdout) }()
			return &demoProcess{cmd: cmd, address: address, took: time.Since(begin)}
		}
	}
	t.Fatal("the demo ended before it was ready")
	return nil
}

// end sends a signal and waits; it fails the test if the program fails.
func (d *demoProcess) end(t *testing.T, signal os.Signal) {
	t.Helper()
	if err := d.cmd.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	if err := d.cmd.Wait(); err != nil && signal != syscall.SIGKILL {
		t.Errorf("after %v: %v", signal, err)
	}
}

// noServerLeft fails if PostgreSQL's pid file stays: a clean stop removes it.
func noServerLeft(t *testing.T, dataDir string) {
	t.Helper()
	for range 100 {
		left, _ := filepath.Glob(filepath.Join(dataDir, "postgresql-*", "data", "postmaster.pid"))
		if len(left) == 0 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Error("PostgreSQL still runs")
}

// TestDemo starts cold, stops with Ctrl-C, starts warm, is killed, and recovers.
func TestDemo(t *testing.T) {
	dir := serverDir(t)
	for _, life := range []struct {
		name   string
		signal os.Signal
	}{{"cold", syscall.SIGINT}, {"warm", syscall.SIGTERM}, {"to be killed", syscall.SIGKILL}, {"after the kill", syscall.SIGINT}} {
		demo := startDemo(t, dir)
		t.Logf("%s: ready after %v", life.name, demo.took.Round(time.Millisecond))
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, demo.address+"fr/incidents/cnss-2025", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != http.StatusOK {
			t.Errorf("%s: the founding record answers %s", life.name, response.Status)
		}
		demo.end(t, life.signal)
		noServerLeft(t, dir)
	}
}

// TestSecondDemoIsRefused: two programs on the same data would be a mess.
func TestSecondDemoIsRefused(t *testing.T) {
	dir := serverDir(t)
	first := startDemo(t, dir)
	code, _, stderr := call(t, map[string]string{"SIJIL_PG_BIN": os.Getenv("SIJIL_TEST_PG_BIN"), "PATH": os.Getenv("PATH")},
		"demo", "--addr", "127.0.0.1:0", "--data-dir", dir)
	if code != 1 || !strings.Contains(stderr, "--data-dir") || !strings.Contains(stderr, dir) {
		t.Errorf("code %d: %s", code, stderr)
	}
	first.end(t, syscall.SIGINT)
}
