//go:build unix

package main

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/verify"
)

// killsVariable says how often TestKills kills; the task "kills" asks for 200.
const killsVariable = "SIJIL_TEST_KILLS"

// TestKills kills the program, or its PostgreSQL, at random moments while it
// publishes incidents, each time some new ones. At the next start all that was
// public before is public still, what was under way is public as a whole or not
// at all, and the log holds each of them once and is verified from outside by
// the checkpoint of the time before.
func TestKills(t *testing.T) {
	kills := 3
	if n, err := strconv.Atoi(os.Getenv(killsVariable)); err == nil {
		kills = n
	}
	dir := serverDir(t)
	file := filepath.Join(t.TempDir(), "incidents.jsonl")
	var kept []byte
	editions := 0
	for round := range kills + 1 {
		addIncident(t, file, round)
		if round > 0 {
			killWhilePublishing(t, dir, file)
		}
		demo := startDemo(t, dir, "--veris", file)
		r := checkedDemo(t, demo.address, kept)
		if logged := r.Leaves[register.LeafEdition] + r.Leaves[register.LeafCorrection]; r.Editions != logged || logged <= editions {
			t.Errorf("round %d: %d editions, %d leaves, %d before", round, r.Editions, logged, editions)
		}
		for n := range round + 1 {
			if found := incidents(t, demo.address, incidentName(n)); found != 1 {
				t.Errorf("round %d: the incident of round %d is there %d times", round, n, found)
			}
		}
		kept, editions = r.Signed, r.Editions
		demo.end(t, syscall.SIGKILL)
		noServerLeft(t, dir)
	}
}

// incidentName is the victim of the incident of a round.
func incidentName(round int) string { return fmt.Sprintf("Bureau Number %04d", round) }

// addIncident adds one incident to a file in VERIS.
func addIncident(t *testing.T, file string, round int) {
	t.Helper()
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	_, err = fmt.Fprintf(f, `{"action": {"error": {"variety": ["Misdelivery"]}}, "attribute": {"confidentiality": {"data": [{"variety": "Personal"}], `+
		`"data_disclosure": "Yes"}}, "incident_id": "00000000-0000-4000-8000-%012d", "security_incident": "Confirmed", `+
		`"timeline": {"incident": {"year": 2018}}, "victim": {"country": ["GB"], "industry": "9211", "victim_id": "%s"}}`+"\n", round, incidentName(round))
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}

// checkedDemo verifies a demonstration from outside, once all that is public is
// signed, and returns what was found.
func checkedDemo(t *testing.T, address string, kept []byte) *verify.Report {
	t.Helper()
	site, err := verify.NewSite(address, http.DefaultTransport)
	if err != nil {
		t.Fatal(err)
	}
	var r *verify.Report
	for range 60 {
		r = verify.Log(t.Context(), site, verify.Options{Since: kept})
		if r.Verdict() == verify.Proved && (r.Kept == nil || r.Checkpoint.Size > r.Kept.Size) {
			return r
		}
		if r.Verdict() == verify.Broken {
			break
		}
		time.Sleep(500 * time.Millisecond) // a checkpoint is signed in the background
	}
	t.Fatalf("%s: %+v", r.Verdict(), r.Problems)
	return nil
}

// incidents counts the rows of the list of incidents that name a victim.
func incidents(t *testing.T, address, name string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+"en/incidents.csv", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close() //nolint:errcheck // it was only read
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(body)) {
		if strings.Contains(line, name) {
			n++
		}
	}
	return n
}

// killWhilePublishing starts the program and kills it, or its PostgreSQL, at some
// moment of its start, when it publishes.
func killWhilePublishing(t *testing.T, dir, file string) {
	t.Helper()
	cmd := demoCommand(dir, "--veris", file)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Duration(rand.IntN(3000)) * time.Millisecond) // the moment is what is tested
	if pid := postmaster(dir); pid > 0 && rand.IntN(2) == 0 {
		_ = syscall.Kill(pid, syscall.SIGKILL)
		time.Sleep(50 * time.Millisecond)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}

// postmaster is the process of the PostgreSQL in a folder; 0 where none runs.
func postmaster(dir string) int {
	files, _ := filepath.Glob(filepath.Join(dir, "postgresql-*", "data", "postmaster.pid"))
	if len(files) == 0 {
		return 0
	}
	content, _ := os.ReadFile(files[0])
	first, _, _ := strings.Cut(string(content), "\n")
	pid, _ := strconv.Atoi(strings.TrimSpace(first))
	return pid
}
