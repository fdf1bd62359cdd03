package main

import (
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

// target is a server under load.
type target struct {
	name        string
	url         string
	headers     []string
	connections int
	script      string // of wrk, where its readers ask for more than one address
	// roots are the processes whose CPU time, with that of their children, it costs.
	roots []int
}

// coldReaders is how many read cold pages at once.
const coldReaders = 8

// eachScript has wrk ask for all of so many pages in turn, the addresses of which end in
// their numbers.
const eachScript = `
local n, stem = 0, nil
request = function()
  stem = stem or wrk.path:sub(1, -2)
  n = n %% %d + 1
  return wrk.format("GET", stem .. n)
end
`

// sample is what one window of load gave.
type sample struct {
	requests float64
	cpu      float64 // seconds
	wall     float64 // seconds
	p99      string
}

// perRequest is the CPU time of one request in microseconds.
func (s sample) perRequest() float64 { return s.cpu / s.requests * 1e6 }

var (
	wrkRequests = regexp.MustCompile(`(\d+) requests in ([\d.]+)s`)
	wrkP99      = regexp.MustCompile(`(?m)^ +99% +(\S+)`)
	wrkErrors   = regexp.MustCompile(`Non-2xx or 3xx responses: (\d+)`)
)

// load asks a target as often as it can for a while.
func load(ctx context.Context, t target, window time.Duration) (sample, error) {
	arguments := []string{"-c", "1", "wrk", "-t1", "-c" + strconv.Itoa(t.connections), "-d" + strconv.Itoa(int(window.Seconds())) + "s", "--latency"}
	for _, h := range t.headers {
		arguments = append(arguments, "-H", h)
	}
	if t.script != "" {
		arguments = append(arguments, "-s", t.script)
	}
	before, err := cpuOf(t.roots)
	if err != nil {
		return sample{}, err
	}
	out, err := exec.CommandContext(ctx, "taskset", append(arguments, t.url)...).CombinedOutput() //nolint:gosec // our own words
	if err != nil {
		return sample{}, fmt.Errorf("wrk on %s: %w\n%s", t.name, err, out)
	}
	after, err := cpuOf(t.roots)
	if err != nil {
		return sample{}, err
	}
	if bad := wrkErrors.FindSubmatch(out); bad != nil {
		return sample{}, fmt.Errorf("%s answered %s requests with an error", t.name, bad[1])
	}
	found := wrkRequests.FindSubmatch(out)
	if found == nil {
		return sample{}, fmt.Errorf("wrk on %s says: %s", t.name, out)
	}
	s := sample{cpu: after - before}
	s.requests, _ = strconv.ParseFloat(string(found[1]), 64) // digits
	s.wall, _ = strconv.ParseFloat(string(found[2]), 64)
	if p99 := wrkP99.FindSubmatch(out); p99 != nil {
		s.p99 = string(p99[1])
	}
	if s.requests < 2 || s.cpu <= 0 {
		return sample{}, fmt.Errorf("%s: %v requests for %v s of CPU are no measurement", t.name, s.requests, s.cpu)
	}
	return s, nil
}

// process is what /proc says of one.
type process struct {
	parent int
	ticks  float64 // with those of children that have ended
}

const ticksPerSecond = 100 // USER_HZ, which Linux has fixed for all that read /proc

// cpuOf is the CPU time of processes with all their children, in seconds.
func cpuOf(roots []int) (float64, error) {
	all, err := processes()
	if err != nil {
		return 0, err
	}
	var ticks float64
	found := false // what has just begun may have used nothing that is counted
	for pid := range all {
		for at, steps := pid, 0; at > 1 && steps < 64; at, steps = all[at].parent, steps+1 {
			if slices.Contains(roots, at) {
				ticks, found = ticks+all[pid].ticks, true
				break
			}
		}
	}
	if !found {
		return 0, errors.New("the processes of a target are gone")
	}
	return ticks / ticksPerSecond, nil
}

func processes() (map[int]process, error) {
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}
	all := map[int]process{}
	for _, name := range files {
		content, err := os.ReadFile(name) //nolint:gosec // of the kernel
		if err != nil {
			continue // it has ended
		}
		_, rest, _ := strings.Cut(string(content), ") ")
		fields := strings.Fields(rest) // from the third field on
		if len(fields) < 15 {
			continue
		}
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(name)))
		parent, _ := strconv.Atoi(fields[1])
		p := process{parent: parent}
		for _, field := range fields[11:15] { // utime, stime, and those of children that were waited for
			n, _ := strconv.ParseFloat(field, 64)
			p.ticks += n
		}
		all[pid] = p
	}
	return all, nil
}

// median of what there is; 0 of nothing.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	if n := len(sorted); n%2 == 0 {
		return (sorted[n/2-1] + sorted[n/2]) / 2
	}
	return sorted[len(sorted)/2]
}
