//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/sijil/sijil/internal/testkit"
)

const (
	// longestPage and longestDesk are how long an answer may take at most: the
	// deadlines of the program, and some time for a busy machine.
	longestPage = 8 * time.Second
	longestDesk = 32 * time.Second
	// markedAfter is from when on a page must be marked that is served while the database
	// is away: a node asks it each second, and waits two for the answer. Before that it
	// cannot know.
	markedAfter = 3*time.Second + 100*time.Millisecond
	// toldAfter is from when on it must say so to people, too.
	toldAfter = 5*time.Second + 100*time.Millisecond
)

// judge compares answers with the right ones.
type judge struct {
	c      *chaos
	mu     sync.Mutex
	warm   []string
	cold   []string
	states []map[string]string // right answers, by target: before and after
	got    []given
	// away is since when the database has been out of reach for certain; zero: it may be
	// within reach.
	away time.Time
	// refused are answers with 503 for what was in memory.
	refused []refusal

	asked, memory, marked, unavailable int
	mustMark, mustTell                 int // answers that had to be marked, and to say so to people
	slowest, slowestDesk               time.Duration
	wrong                              []string
}

// mayBeOld is the sentence by which a page from memory says since when it may be old.
var mayBeOld = regexp.MustCompile(`<p class="notice notice--warn">[^<]*</p>`)

// given is an answer with 200.
type given struct {
	target, body string
	warm         bool
	reader       int
}

// refusal is a 503 for what was in memory.
type refusal struct {
	target string
	at     time.Time
}

// newJudge chooses what readers ask for: some that is in memory by then, and some
// that is in no memory, other for each scenario.
func newJudge(c *chaos, n int) *judge {
	words := strings.Fields("cnss données attaque fuite caisse ministère communiqué sociale sécurité système nationale fichiers presse autorité plainte enquête")
	word := func(i int) string { return url.QueryEscape(words[(3*n+i)%len(words)]) }
	return &judge{
		c: c,
		warm: []string{
			"/fr/", "/ar/incidents", "/fr/incidents/cnss-2025", "/en/institutions", "/fr/search?q=cnss&type=statement",
			"/feeds/fr/all.atom", "/feeds/ar/incidents/cnss-2025.json", "/api/v1/incidents", "/api/v1/statements?limit=5",
		},
		cold: []string{
			"/fr/search?type=statement&q=" + word(0), "/ar/search?type=statement&q=" + word(1), "/en/incidents?q=" + word(2), "/api/v1/search?q=" + word(0),
			fmt.Sprintf("/api/v1/incidents?limit=%d", 10+n), fmt.Sprintf("/api/v1/statements?limit=%d", 10+n), "/en/statements?year=2025", "/feeds/en/incidents/cnss-2025.atom",
		},
	}
}

// learn has the referee make the right answers of now, while nothing is harmed,
// and the program those that are to be in its memory.
func (j *judge) learn() {
	j.c.t.Helper()
	right := map[string]string{}
	// Its connections may have been cut, too: it finds out what is public now.
	testkit.Ask(j.c.t, j.c.referee, j.warm[0])
	time.Sleep(500 * time.Millisecond)
	for _, target := range append(append([]string{}, j.warm...), j.cold...) {
		a := testkit.Ask(j.c.t, j.c.referee, target)
		if a.Status != http.StatusOK {
			j.c.t.Fatalf("%s: status %d", target, a.Status)
		}
		right[target] = a.Body
	}
	for _, target := range j.warm {
		if a := testkit.Ask(j.c.t, j.c.office.site, target); a.Body != right[target] {
			j.fault("%s: while nothing is harmed, status %d: %s", target, a.Status, difference(a.Body, right[target]))
		}
	}
	j.states = append(j.states, right)
}

func (j *judge) fault(format string, args ...any) {
	j.wrong = append(j.wrong, fmt.Sprintf(format, args...))
}

// readers ask until they are stopped, every second one only for what is in memory: who
// asks for what is not waits seconds for each refusal.
func (j *judge) readers(n int) *group {
	g := &group{stop: make(chan struct{})}
	for reader := range n {
		g.Go(func() {
			for i := reader; ; i++ {
				select {
				case <-g.stop:
					return
				case <-time.After(25 * time.Millisecond):
				}
				if reader%2 == 1 && i%4 == 3 {
					j.ask(j.cold[(i/4)%len(j.cold)], false, reader)
				} else {
					j.ask(j.warm[i%len(j.warm)], true, reader)
				}
			}
		})
	}
	return g
}

// ask asks once, and judges what can be judged at once.
func (j *judge) ask(target string, warm bool, reader int) {
	begin := time.Now()
	a := testkit.Ask(j.c.t, j.c.office.site, target)
	took := time.Since(begin)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.asked++
	j.slowest = max(j.slowest, took)
	if took > longestPage {
		j.fault("%s took %v", target, took)
	}
	switch a.Status {
	case http.StatusOK:
		marked := a.Header.Get("Age") != "" || strings.Contains(a.Header.Get("Cache-Status"), "database-unreachable")
		body := mayBeOld.ReplaceAllLiteralString(a.Body, "")
		if body != a.Body && !marked {
			j.fault("%s says to people that it may be old, and to nobody else", target)
		}
		if !j.away.IsZero() {
			j.marks(target, a, begin.Sub(j.away), body != a.Body)
		}
		j.got = append(j.got, given{target, body, warm, reader})
		if warm {
			j.memory++
		}
		if marked {
			j.marked++
		}
	case http.StatusServiceUnavailable:
		j.unavailable++
		j.refusal(target, a)
		if warm {
			j.refused = append(j.refused, refusal{target, time.Now()})
		}
	default:
		j.fault("%s: status %d: %.200s", target, a.Status, a.Body)
	}
}

// marks judges a page that was served while the database was away from before it was
// asked for until it was there: it comes from memory, and has to say so.
func (j *judge) marks(target string, a *testkit.Answer, after time.Duration, told bool) {
	if after > markedAfter {
		j.mustMark++
		if a.Header.Get("Age") == "" || !strings.Contains(a.Header.Get("Cache-Status"), "database-unreachable") {
			j.fault("%s is not marked %v after the database went away: Age %q, Cache-Status %q", target, after, a.Header.Get("Age"), a.Header.Get("Cache-Status"))
		}
	}
	if after > toldAfter && strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") {
		j.mustTell++
		if !told {
			j.fault("%s does not tell people that it may be old %v after the database went away", target, after)
		}
	}
}

// is says since when the database is out of reach for certain; zero: it may not be.
func (j *judge) is(away time.Time) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.away = away
}

// refusal judges a 503: it says in the language of the page what happened, when to
// come again, and nothing of what is inside.
func (j *judge) refusal(target string, a *testkit.Answer) {
	if a.Header.Get("Retry-After") == "" {
		j.fault("%s: 503 without Retry-After", target)
	}
	for _, inside := range []string{"SQLSTATE", "pgconn", "dial tcp", "127.0.0.1:", "goroutine", "context deadline"} {
		if strings.Contains(a.Body, inside) {
			j.fault("%s: 503 says %q", target, inside)
		}
	}
	said := map[string]string{
		"/fr/": "Le registre", "/ar/": "السجل", "/en/": "The register is unavailable", "/api": "cannot be read right now", "/fee": "",
	}
	for prefix, want := range said {
		if strings.HasPrefix(target, prefix) && !strings.Contains(a.Body, want) {
			j.fault("%s: 503 does not say what happened: %.300s", target, a.Body)
		}
	}
}

// decide judges what was answered by the right answers of before and after: one of
// the two, and to each reader never the older one after the newer. What was in memory is
// never refused, whatever happens to the database, until something was published, which
// ends all pages: that moment, or zero.
func (j *judge) decide(published time.Time) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, r := range j.refused {
		if published.IsZero() || r.at.Before(published) {
			j.fault("%s was in memory, and is refused", r.target)
		}
	}
	before, after := j.states[0], j.states[len(j.states)-1]
	newer := map[string]bool{}
	for _, g := range j.got {
		seen := fmt.Sprint(g.reader, g.target)
		old, right := before[g.target], after[g.target]
		switch {
		case g.body == right:
			newer[seen] = newer[seen] || right != old
		case g.body == old && newer[seen]:
			j.fault("%s goes back to what it was before", g.target)
		case g.body != old:
			j.fault("%s is neither of before nor of after: %s", g.target, difference(g.body, right))
		}
	}
}

// difference is where two answers part.
func difference(a, b string) string {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	cut := func(s string) string { return s[max(0, min(i-20, len(s))):min(len(s), i+60)] }
	return fmt.Sprintf("%q, not %q", cut(a), cut(b))
}

// staff work while there is trouble: one types and saves, one publishes, one signs
// in, as often as they are let.
func (c *chaos) staff(p *publication, length time.Duration) *sync.WaitGroup {
	var g sync.WaitGroup
	until := time.Now().Add(length)
	g.Go(func() {
		for time.Now().Before(until) && !c.typing.saved {
			c.autosave()
			c.save()
			time.Sleep(200 * time.Millisecond)
		}
	})
	g.Go(func() {
		for time.Now().Before(until) && !p.acknowledged {
			c.publishOnce(p)
			time.Sleep(200 * time.Millisecond)
		}
	})
	g.Go(func() {
		for time.Now().Before(until) {
			c.timed("sign-in", func() *testkit.Answer {
				return testkit.Post(c.t, c.office.site, "/en/desk/login", url.Values{"email": {testkit.Admin}, "password": {staffPassword}})
			}, http.StatusOK)
			time.Sleep(300 * time.Millisecond)
		}
	})
	return &g
}

// timed has something of the desk done; it answers as it must, or 503.
func (c *chaos) timed(what string, do func() *testkit.Answer, want int) *testkit.Answer {
	begin := time.Now()
	a := do()
	took := time.Since(begin)
	j := c.judge
	j.mu.Lock()
	defer j.mu.Unlock()
	j.asked++
	j.slowestDesk = max(j.slowestDesk, took)
	if took > longestDesk {
		j.fault("%s took %v", what, took)
	}
	switch a.Status {
	case want:
	case http.StatusServiceUnavailable:
		j.unavailable++
		if a.Header.Get("Retry-After") == "" {
			j.fault("%s: 503 without Retry-After", what)
		}
	default:
		j.fault("%s: status %d: %.300s", what, a.Status, a.Body)
	}
	return a
}

// autosave is what the script of the form does; it is told in words.
func (c *chaos) autosave() {
	form := url.Values{"place": {strings.TrimPrefix(c.typing.address, "/en")}}
	maps.Copy(form, c.typing.form)
	script := func(r *http.Request) { r.Header.Set("X-Requested-With", "sijil") }
	a := c.timed("autosave", func() *testkit.Answer {
		return testkit.Post(c.t, c.office.site, "/en/desk/autosave", form, c.office.as(testkit.Analyst), script)
	}, http.StatusOK)
	var said struct{ Saved, Error string }
	if err := json.Unmarshal([]byte(a.Body), &said); err != nil || said.Saved == "" && said.Error == "" {
		c.judge.say("autosave says nothing: %d %.200s", a.Status, a.Body)
	}
}

func (j *judge) say(format string, args ...any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.fault(format, args...)
}

// save sends the form; where that cannot be saved, what comes back holds all that
// was typed, and is what is sent the next time.
func (c *chaos) save() {
	a := c.timed("save", func() *testkit.Answer {
		return testkit.Post(c.t, c.office.site, c.typing.address, c.typing.form, c.office.as(testkit.Analyst))
	}, http.StatusSeeOther)
	c.typing.saved = a.Status == http.StatusSeeOther
	if a.Status != http.StatusServiceUnavailable {
		return
	}
	back := a.Fields("main form")
	if back.Encode() != c.typing.form.Encode() {
		c.judge.say("what was typed does not come back: %s, not %s", back.Encode(), c.typing.form.Encode())
	}
	if !strings.Contains(a.Text("main"), "All that you typed is in this page") {
		c.judge.say("the desk does not say what happened: %s", a.Text("main"))
	}
}

func (c *chaos) publishOnce(p *publication) {
	c.timed("publish", func() *testkit.Answer {
		a := testkit.Post(c.t, c.office.site, p.review, p.form, c.office.as(p.editor))
		p.acknowledged = a.Status == http.StatusSeeOther && a.Header.Get("Location") == p.review+"?done=review-published"
		return a
	}, http.StatusSeeOther)
}

// finishWork sends again what could not be saved and published, and looks whether
// it is as it was typed.
func (c *chaos) finishWork(p *publication) {
	c.t.Helper()
	for range 20 {
		if !c.typing.saved {
			c.save()
		}
		if !p.acknowledged {
			c.publishOnce(p)
		}
		if c.typing.saved && p.acknowledged {
			break
		}
		time.Sleep(200 * time.Millisecond)
	}
	if !c.typing.saved || !p.acknowledged {
		c.t.Errorf("after the trouble: saved %t, published %t", c.typing.saved, p.acknowledged)
	}
	page := testkit.Ask(c.t, c.office.site, c.typing.address, c.office.as(testkit.Analyst))
	if got, want := page.Fields("form.desk-form").Get("summary.en"), c.typing.form.Get("summary.en"); got != want {
		c.t.Errorf("saved is %q, want %q", got, want)
	}
}

// change makes the answers of a site other than they are.
func change(f func(r *http.Request, w *httptest.ResponseRecorder)) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			made := httptest.NewRecorder()
			next.ServeHTTP(made, r)
			f(r, made)
			maps.Copy(w.Header(), made.Header())
			w.WriteHeader(made.Code)
			_, _ = w.Write(made.Body.Bytes())
		})
	}
}

// spoilersAway make answers wrong as only a judge sees who knows that the database is
// away. The first changes nothing: of that, nothing is wrong.
func spoilersAway() map[string]func(http.Handler) http.Handler {
	return map[string]func(http.Handler) http.Handler{
		"": change(func(*http.Request, *httptest.ResponseRecorder) {}),
		"an old page without its mark": change(func(_ *http.Request, w *httptest.ResponseRecorder) {
			w.Header().Del("Age")
			w.Header().Del("Cache-Status")
			w.Body = bytes.NewBuffer(mayBeOld.ReplaceAllLiteral(w.Body.Bytes(), nil))
		}),
		"an old page that tells nobody": change(func(_ *http.Request, w *httptest.ResponseRecorder) {
			w.Body = bytes.NewBuffer(mayBeOld.ReplaceAllLiteral(w.Body.Bytes(), nil))
		}),
	}
}

// spoilers each make the answers of a site wrong in one way.
func spoilers() map[string]func(http.Handler) http.Handler {
	return map[string]func(http.Handler) http.Handler{
		"a page of another generation": change(func(_ *http.Request, w *httptest.ResponseRecorder) {
			w.Body = bytes.NewBuffer(bytes.Replace(w.Body.Bytes(), []byte("2025"), []byte("2024"), 1))
		}),
		"a page of another reader's language": func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				r.URL.Path = strings.Replace(r.URL.Path, "/fr/", "/ar/", 1)
				next.ServeHTTP(w, r)
			})
		},
		"innards": change(func(_ *http.Request, w *httptest.ResponseRecorder) {
			w.Code, w.Body = http.StatusInternalServerError, bytes.NewBufferString("pgconn: SQLSTATE 57P01")
		}),
		"a refusal without a word": change(func(_ *http.Request, w *httptest.ResponseRecorder) {
			w.Code, w.Body = http.StatusServiceUnavailable, bytes.NewBufferString("dial tcp 127.0.0.1:5432")
		}),
		// Each refusal is as it must be, and what it refuses is in memory.
		"a page in memory that is refused": change(func(r *http.Request, w *httptest.ResponseRecorder) {
			said := "cannot be read right now"
			for prefix, words := range map[string]string{"/fr/": "Le registre", "/ar/": "السجل", "/en/": "The register is unavailable"} {
				if strings.HasPrefix(r.URL.Path, prefix) {
					said = words
				}
			}
			w.Code, w.Body = http.StatusServiceUnavailable, bytes.NewBufferString(said)
			w.Header().Set("Retry-After", "5")
		}),
		"no deadline": change(func(*http.Request, *httptest.ResponseRecorder) { time.Sleep(longestPage + time.Second) }),
	}
}
