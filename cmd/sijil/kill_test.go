//go:build unix

package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/localpg"
	"github.com/sijil/sijil/internal/tlog"
	"github.com/sijil/sijil/internal/verify"
)

// killsVariable says how often TestKills kills; the task "kills" asks for 200.
const killsVariable = "SIJIL_TEST_KILLS"

// TestKills kills the program, PostgreSQL, or one of its processes, at random
// moments while staff publish by the forms of the desk, several at once. After
// each kill all that was acknowledged is public, once, with its leaf; what was
// not is public as a whole or not at all; and the log is verified from outside by
// the checkpoint of the time before. At last all is published that is not yet,
// and a leaf is taken away, to show that this would have been seen.
func TestKills(t *testing.T) {
	rounds := 4
	if n, err := strconv.Atoi(os.Getenv(killsVariable)); err == nil {
		rounds = n
	}
	k := newKills(t)
	for n := range rounds {
		k.round(n)
		if t.Failed() {
			break
		}
		if k.done%25 == 0 {
			t.Logf("%d kills, %d editions", k.done, len(k.seen.editions))
		}
	}
	if !t.Failed() {
		k.finish()
	}
	t.Logf("kills %d (%s), of them %d while a publication was under way, %d publications acknowledged, %d unacknowledged that were there all the same, %d that were not there",
		k.done, k.tally(), k.hits, k.acknowledged, k.found, k.absent)
	t.Logf("%d drafts by the API were asked for again, %d of them since no answer had come: each is there once", k.office.machine.again, k.office.machine.lost)
	t.Logf("%d editions with their leaves; ready again after %v at most, signed after %v at most", len(k.seen.editions), k.slowest.Round(time.Millisecond), k.unsigned.Round(time.Millisecond))
	if !t.Failed() {
		k.controls()
	}
}

// TestAKillUnderUnsafeSettingsIsSeen is the control of TestKills: the same look at the
// same installation, whose database has been told, after the program's start, to
// acknowledge what it has only in memory. The end of that is gone with a kill, unless
// something was written over it at the same moment; then it is killed once more.
func TestAKillUnderUnsafeSettingsIsSeen(t *testing.T) {
	k := newKills(t)
	for _, setting := range []string{"synchronous_commit = off", "wal_writer_delay = '10s'"} {
		owner(t, k.pg, "ALTER SYSTEM SET "+setting)
	}
	owner(t, k.pg, "SELECT pg_reload_conf()")
	const kills = 5
	for n := range kills {
		k.waiting = k.office.prepare(t, n, nil)
		const way = "PostgreSQL"
		victims := k.victims(way)
		for _, p := range k.waiting {
			if status := k.office.publish(t, p); !p.acknowledged {
				t.Fatalf("%s is not published: status %d", p.incident, status)
			}
		}
		for _, pid := range victims() {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		asked := k.sortOut()
		k.restart(way)
		k.ready()
		e := k.evidence()
		if faults := e.faults(k.public, asked); len(faults) > 0 {
			t.Logf("after kill %d, of %d publications that were acknowledged: %v", n+1, k.acknowledged, faults)
			return
		}
		k.public = append(k.public, asked...)
	}
	t.Errorf("%d publications were acknowledged, and after %d kills none is missed", k.acknowledged, kills)
}

// ways are the kinds of kills.
func ways() []string {
	return []string{"the program", "PostgreSQL", "a process of PostgreSQL", "both"}
}

// kills is an installation that is killed.
type kills struct {
	t       *testing.T
	options localpg.Options
	pg      *localpg.Server
	env     map[string]string
	program *process
	site    *url.URL
	office  *killedOffice
	probe   *pgx.Conn // ends when PostgreSQL ends its processes

	// waiting are reviewed publications that are to be made yet.
	waiting []*publication
	// public are those that were seen to be public.
	public []*publication
	kept   []byte // the checkpoint that was verified last
	seen   evidence
	pace   time.Duration // how long it takes to publish what waits, by what was seen

	done, hits, acknowledged, found, absent int
	by                                      map[string]int
	slowest, unsigned                       time.Duration
}

// round publishes and kills, restarts what was killed, and looks.
func (k *kills) round(n int) {
	k.t.Helper()
	k.waiting = k.office.prepare(k.t, n, k.waiting)
	asked, way := k.publishAndKill(n)
	k.done++
	k.by[way]++
	begin := time.Now()
	k.restart(way)
	k.ready()
	k.slowest = max(k.slowest, time.Since(begin))
	k.office.machine.askAgain(k, n)
	k.look(n, way, asked)
}

// publishAndKill has all that waits published, by several at once, until the
// kill, at some moment of that. It returns what was asked for and what was killed.
func (k *kills) publishAndKill(n int) (asked []*publication, way string) {
	k.t.Helper()
	way = ways()[n%len(ways())]
	victims := k.victims(way)
	work := make(chan *publication, len(k.waiting))
	for _, p := range k.waiting {
		work <- p
	}
	close(work)
	var under, made atomic.Int64 // requests that wait for an answer, and acknowledged ones
	var killed atomic.Bool
	var staff sync.WaitGroup
	for range workers {
		staff.Go(func() {
			for p := range work {
				if killed.Load() {
					return
				}
				under.Add(1)
				status := k.office.publish(k.t, p)
				under.Add(-1)
				if p.acknowledged {
					made.Add(1)
				} else if !killed.Load() {
					k.t.Errorf("%s is not published, and nothing is killed yet: status %d", p.incident, status)
				}
			}
		})
	}
	machines := k.office.machine.begin(k, n)
	moment := time.Duration(rand.Float64() * float64(k.pace))
	time.Sleep(moment) // the moment is what is tested
	busy := under.Load()
	killed.Store(true)
	for _, pid := range victims() {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	k.aim(busy > 0, moment, int(made.Load()))
	staff.Wait()
	machines.Wait()
	return k.sortOut(), way
}

// aim counts a kill, and learns from it how long publishing takes, so that the
// moments of the next ones lie within.
func (k *kills) aim(hit bool, moment time.Duration, made int) {
	switch {
	case hit:
		k.hits++
		if made > 0 {
			k.pace = (3*k.pace + moment*time.Duration(len(k.waiting))/time.Duration(made)) / 4
		} else {
			k.pace = k.pace * 5 / 4
		}
	case made > 0: // all was done already
		k.pace = k.pace * 3 / 4
	}
}

// finish has all published that no kill let be public: none of them is stuck.
func (k *kills) finish() {
	k.t.Helper()
	k.waiting = k.office.prepare(k.t, k.done, k.waiting)
	for _, p := range k.waiting {
		if status := k.office.publish(k.t, p); !p.acknowledged {
			k.t.Errorf("%s cannot be published after the kills: status %d", p.incident, status)
		}
	}
	k.look(k.done, "nothing", k.sortOut())
}

// sortOut counts what was acknowledged, and returns all that was asked for; what
// was not asked for waits on.
func (k *kills) sortOut() (asked []*publication) {
	var waiting []*publication
	for _, p := range k.waiting {
		switch {
		case !p.asked:
			waiting = append(waiting, p)
			continue
		case p.acknowledged:
			k.acknowledged++
		}
		asked = append(asked, p)
	}
	k.waiting = waiting
	return asked
}

// look compares what is there with what must be.
func (k *kills) look(n int, way string, asked []*publication) {
	k.t.Helper()
	k.seen = k.evidence()
	for _, fault := range k.seen.faults(k.public, asked) {
		k.t.Errorf("kill %d, of %s: %s", n, way, fault)
	}
	for _, p := range asked {
		switch there := k.seen.holds(p); {
		case there && !p.acknowledged:
			k.found++
			k.public = append(k.public, p)
		case there:
			k.public = append(k.public, p)
		default:
			k.absent++
			p.asked = false
			k.waiting = append(k.waiting, p)
		}
	}
	r := k.verified()
	if r.Editions != len(k.seen.editions) {
		k.t.Errorf("kill %d, of %s: %d editions are verified, and there are %d", n, way, r.Editions, len(k.seen.editions))
	}
	k.kept = r.Signed
	k.readersSee(asked)
}

// verified verifies the log from outside, once a checkpoint is signed that holds
// all that is there.
func (k *kills) verified() *verify.Report {
	k.t.Helper()
	site, err := verify.NewSite(k.site.String(), http.DefaultTransport)
	if err != nil {
		k.t.Fatal(err)
	}
	begin := time.Now()
	for {
		signed, err := site.Fetch(k.t.Context(), "checkpoint")
		if err == nil {
			if c, err := tlog.PeekCheckpoint(signed); err == nil && c.Size >= int64(len(k.seen.leaves)) {
				break
			}
		}
		if time.Since(begin) > 20*time.Second {
			k.t.Fatalf("no checkpoint of %d leaves is signed: %v %s", len(k.seen.leaves), err, signed)
		}
		time.Sleep(20 * time.Millisecond)
	}
	k.unsigned = max(k.unsigned, time.Since(begin))
	r := verify.Log(k.t.Context(), site, verify.Options{Since: k.kept})
	if r.Verdict() != verify.Proved {
		k.t.Fatalf("%s: %+v", r.Verdict(), r.Problems)
	}
	return r
}

// tally says how often what was killed.
func (k *kills) tally() string {
	var out []string
	for _, way := range ways() {
		out = append(out, fmt.Sprintf("%s %d", way, k.by[way]))
	}
	return strings.Join(out, ", ")
}
