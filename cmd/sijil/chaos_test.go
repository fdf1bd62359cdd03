//go:build linux

package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/founding"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/testkit"
)

// chaosVariable has TestChaos go through all faults, as the task "chaos" does.
const chaosVariable = "SIJIL_TEST_CHAOS"

// chaos is an installation whose database is harmed.
type chaos struct {
	*kills
	proxy  *toxiproxy.Proxy
	toxics []string
	taken  []*pgx.Conn
	tries  int    // after a fault
	disk   string // small; "" where there is none, for a reason
	noDisk error
	judge  *judge
	typing typing
	// referee makes the right answers, in another process than the program and past
	// what is harmed.
	referee http.Handler
	table   strings.Builder
}

// TestChaos harms the database of the program in many ways, while readers ask for
// pages in memory and others, and staff sign in, type, save and publish. Each answer
// is compared with the right ones; what was in memory is never refused, and is marked
// while the database is away; nothing acknowledged is lost or doubled; all works
// again by itself; the log is verified each time. At last answers are spoilt on
// purpose, to show that this would have been seen.
func TestChaos(t *testing.T) {
	whole := os.Getenv(chaosVariable) != ""
	c := newChaos(t, whole)
	chosen := faults()
	if !whole {
		chosen = chosen[:1]
	}
	fmt.Fprintf(&c.table, "%-20s %8s %11s %6s %6s %5s %8s %8s %6s %10s\n", "fault", "requests", "from memory", "marked", "needed", "503", "slowest", "desk", "wrong", "recovered")
	for n, f := range chosen {
		if f.name == "disk full" && c.disk == "" {
			t.Run(f.name, func(t *testing.T) {
				if os.Geteuid() == 0 {
					t.Fatalf("no small disk can be mounted, so none is filled: %v", c.noDisk)
				}
				t.Skipf("no disk is filled here, since only root may mount one: %v", c.noDisk)
			})
			continue
		}
		c.scenario(n, f, whole)
	}
	t.Logf("\n%s", c.table.String())
	if !t.Failed() {
		c.spoil(whole)
	}
}

func newChaos(t *testing.T, whole bool) *chaos {
	t.Helper()
	c := &chaos{}
	dir := ""
	if whole {
		c.disk, c.noDisk = smallDisk(t)
		dir = c.disk
	}
	if dir == "" {
		dir = swiftDir(t)
	}
	c.kills = newKillsOn(t, dir, func(k *kills) {
		c.kills = k
		k.env["SIJIL_API_RATE"] = "1000000"
		db, err := store.Open(t.Context(), k.env["DATABASE_URL"], store.DeskSide)
		c.must(err)
		defer db.Close()
		_, err = founding.Publish(t.Context(), db, time.Now)
		c.must(err)
		c.route()
	})
	c.office.signIn(t)
	c.typing = c.newTyping()
	public, err := store.Open(t.Context(), c.pg.URL("sijil", store.PublicLogin), store.PublicSide)
	c.must(err)
	t.Cleanup(public.Close)
	c.referee, err = newHandler(public, site{
		BaseURL: c.site.String(), Logger: slog.New(slog.DiscardHandler), Exports: public, APIRate: 1_000_000,
	})
	c.must(err)
	return c
}

// scenario harms the database once.
func (c *chaos) scenario(n int, f fault, whole bool) {
	c.t.Helper()
	p, err := c.office.log(c.t, fmt.Sprintf("chaos-%d", n))
	c.must(err)
	c.must(c.office.open(c.t, n, p))
	c.typing.open(c, n)
	c.settle()
	c.judge = newJudge(c, n)
	c.judge.learn() // the right answers, and all pages are in memory

	stop, begin := c.judge.readers(4), time.Now()
	f.begin(c)
	// A database that is slow, back within moments, or can be read is not one that a node
	// must know to be away: then a page may go without a mark, and is not refused either.
	if !f.isSlow && !f.readable {
		c.judge.is(time.Now())
	}
	length := 6500 * time.Millisecond
	if whole {
		length = 8 * time.Second
	}
	work := c.staff(p, length)
	time.Sleep(length) // the trouble lasts
	c.judge.is(time.Time{})
	f.end(c)
	healed := time.Now()
	c.recover()
	recovered := time.Since(healed)
	work.Wait()
	c.finishWork(p)
	close(stop.stop)
	stop.Wait()

	c.settle()
	c.judge.learn()
	c.judge.decide(c.published(begin))
	c.verifyChaos(p)
	c.report(f, recovered)
}

// published is when something was published first since a moment.
func (c *chaos) published(since time.Time) (at time.Time) {
	c.t.Helper()
	boss := c.connect()
	defer boss.Close(context.Background()) //nolint:errcheck // it was only read
	c.must(boss.QueryRow(c.t.Context(), `SELECT min(recorded_at) FROM desk.publications WHERE recorded_at >= $1`, since).Scan(&at))
	return at
}

// recover waits until all works again, by itself.
func (c *chaos) recover() {
	c.t.Helper()
	begin := time.Now()
	for time.Since(begin) < 45*time.Second {
		desk := testkit.Ask(c.t, c.office.site, "/en/desk", c.office.as(testkit.Analyst))
		cold := testkit.Ask(c.t, c.office.site, fmt.Sprintf("/api/v1/incidents?limit=%d", 50+c.tries))
		c.tries = (c.tries + 1) % 100
		if c.program.says("/readyz") == http.StatusOK && cold.Status == http.StatusOK && desk.Status == http.StatusOK {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	c.t.Error("the program does not work again by itself")
}

// settle waits until the log is signed up to its end, and the pages of now are made.
func (c *chaos) settle() {
	c.t.Helper()
	c.seen = c.evidence()
	r := c.verified()
	c.kept = r.Signed
	time.Sleep(1200 * time.Millisecond) // a page in memory may be a second old
}

// verifyChaos looks whether what was acknowledged is there, once, and verifies the
// log by the checkpoint of the time before.
func (c *chaos) verifyChaos(p *publication) {
	c.t.Helper()
	if incident, institution := c.seen.named(p.incident), c.seen.named(p.institution); incident != 1 || institution != 1 {
		c.t.Errorf("%s is there %d times, its institution %d times", p.incident, incident, institution)
	}
	if faults := times(c.seen.acts); len(faults) != len(c.seen.acts) {
		c.t.Error("something was published twice")
	}
}

// report adds a line to the table.
func (c *chaos) report(f fault, recovered time.Duration) {
	j := c.judge
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, w := range j.wrong {
		c.t.Errorf("%s: %s", f.name, w)
	}
	if !f.isSlow && j.unavailable == 0 {
		c.t.Errorf("%s: nothing was unavailable: there was no fault", f.name)
	}
	if !f.isSlow && !f.readable && (j.mustMark == 0 || j.mustTell == 0) {
		c.t.Errorf("%s: %d pages had to be marked, %d to tell people: this shows nothing", f.name, j.mustMark, j.mustTell)
	}
	fmt.Fprintf(&c.table, "%-20s %8d %11d %6d %6d %5d %8s %8s %6d %10s\n", f.name, j.asked, j.memory, j.marked, j.mustMark, j.unavailable,
		j.slowest.Round(time.Millisecond), j.slowestDesk.Round(time.Millisecond), len(j.wrong), recovered.Round(10*time.Millisecond))
}

// spoil shows that the judge sees what is wrong: the same readers ask a site whose
// answers are spoilt in one way each.
func (c *chaos) spoil(whole bool) {
	c.t.Helper()
	for name, how := range spoilers() {
		if name == "no deadline" && !whole {
			continue // it takes its time
		}
		c.judge = newJudge(c, 20)
		c.judge.learn()
		c.spoilt(name, how)
	}
	c.judge = newJudge(c, 20)
	c.judge.learn()
	learned := c.judge.states
	c.proxy.Stop()
	away := time.Now()
	time.Sleep(toldAfter)
	for name, how := range spoilersAway() {
		c.judge = newJudge(c, 20)
		c.judge.states, c.judge.away = learned, away
		c.spoilt(name, how)
	}
	c.must(c.proxy.Start())
	c.recover()
}

// spoilt has readers ask for what is spoilt in one way; without a name in none.
func (c *chaos) spoilt(name string, how func(http.Handler) http.Handler) {
	c.t.Helper()
	honest := c.office.site
	defer func() { c.office.site = honest }()
	c.office.site = how(honest)
	stop := c.judge.readers(2)
	time.Sleep(600 * time.Millisecond) // some answers
	close(stop.stop)
	stop.Wait()
	c.judge.decide(time.Time{})
	switch wrong := c.judge.wrong; {
	case name == "" && len(wrong) > 0:
		c.t.Errorf("control: nothing is spoilt, and %d are wrong, such as: %s", len(wrong), wrong[0])
	case name != "" && len(wrong) == 0:
		c.t.Errorf("control: %s is not seen", name)
	case name != "":
		c.t.Logf("control: %s: %d wrong, such as: %s", name, len(wrong), wrong[0])
	}
}

// typing is a form that somebody has open.
type typing struct {
	address string
	form    url.Values
	saved   bool
}

func (c *chaos) newTyping() typing {
	c.t.Helper()
	to, err := c.office.fill(c.t, "/en/desk/incidents/new", "form.desk-form", url.Values{
		"title": {"What is typed"}, "lang": {"en"}, "institution.new.name": {"Whose it is"}, "institution.new.kind": {"agency"},
		"kind": {"information-content-security/data-leak"}, "date": {"10 April 2025"}, "url": {"https://press.example/typed"}, "publisher": {"The Press"},
	})
	c.must(err)
	return typing{address: to + "/basics"}
}

// open opens the form and types into it.
func (y *typing) open(c *chaos, n int) {
	c.t.Helper()
	page := testkit.Ask(c.t, c.office.site, y.address, c.office.as(testkit.Analyst))
	y.form, y.saved = page.Fields("form.desk-form"), false
	y.form.Set("summary.en", fmt.Sprintf("Typed in trouble %d: “quotes”, <signs> & a\nsecond line.", n))
}
