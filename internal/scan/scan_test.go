package scan_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
)

// explanation says why something that a scanner says is no fault.
type explanation struct {
	Tool, What, Where, Why string
	// Again means that it is one only of what the site answers when it is asked again.
	Again bool
}

func explanations(t *testing.T) (all []explanation) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(read(t, "testdata/explained.yaml")), &all); err != nil {
		t.Fatal(err)
	}
	for _, e := range all {
		if e.Tool == "" || e.What == "" || e.Where == "" || len(e.Why) < 20 {
			t.Errorf("an explanation explains nothing: %+v", e)
		}
	}
	return all
}

// explained returns why a finding is no fault of a site.
func explained(all []explanation, f finding, site http.Handler) (string, bool) {
	for _, e := range all {
		if e.Tool != f.tool || !regexp.MustCompile(e.What).MatchString(f.what) || !regexp.MustCompile(e.Where).MatchString(f.where) {
			continue
		}
		if !e.Again || answers(site, f.request) {
			return e.Why, true
		}
	}
	return "", false
}

// answers asks a site for what a scanner had asked it for, and reports whether it answers
// while the scanner would wait, and not that it could not.
func answers(site http.Handler, request string) bool {
	head, body, _ := strings.Cut(request, "\n\n")
	lines := strings.Split(head, "\n")
	parts := strings.Fields(lines[0]) // what is sent in an address is escaped
	if len(parts) != 3 || !strings.HasPrefix(parts[1], "/") {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), wapitiWaits)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, parts[0], "http://127.0.0.1"+parts[1], strings.NewReader(body))
	if err != nil {
		return false
	}
	r.RequestURI, r.RemoteAddr = parts[1], "127.0.0.1:1"
	for _, line := range lines[1:] {
		if name, value, ok := strings.Cut(line, ": "); ok && name != "Host" {
			r.Header.Set(name, value)
		}
	}
	w := httptest.NewRecorder()
	done := make(chan struct{})
	go func() {
		defer close(done)
		site.ServeHTTP(w, r)
	}()
	select {
	case <-done:
		return ctx.Err() == nil && w.Code < http.StatusInternalServerError
	case <-ctx.Done():
		return false
	}
}

// bodies are what a program writes of each type, by the name in its address. Each one
// is another record: a second with the slug of the first is refused for that alone.
func bodies() map[string]string {
	return map[string]string{
		"incidents":    `{"record":{"language":"fr","slug":"` + aSlug + `","title":{"fr":"Brouillon","ar":"x"},"summary":{"fr":"x"},"standing":"suspected","kinds":["fraud"]}}`,
		"institutions": `{"record":{"language":"fr","slug":"` + aSlug + `","kind":"ministry","names":[{"key":"a","kind":"official","language":"fr","name":"Brouillon"}]}}`,
		"statements":   `{"record":{"language":"fr","slug":"` + aSlug + `","kind":"communique"}}`,
	}
}

// attached is the hash of a document that is at the desk.
func attached() string { return register.HashOf([]byte(piece)) }

// drafts makes a draft of each type, and notes where it is, sends one more for review,
// and attaches a document: what the forms of staff are about.
func (r *role) drafts() {
	r.t.Helper()
	for kind := range bodies() {
		r.drafted[draftsOf+kind+"/"] = r.draft(kind)
	}
	reviewed := draftsOf + "institutions/" + r.draft("institutions") + "/review"
	if w := r.write(reviewed, `{"note":"x"}`, `"1"`); w.Code != http.StatusOK {
		r.t.Fatalf("sending a draft for review: %d %s", w.Code, w.Body)
	}
	file := register.File{Name: "piece.txt", Type: register.TypeText, SHA256: attached(), Size: int64(len(piece))}
	if _, err := r.uses.AttachFile(r.t.Context(), r.Actor, file, []byte(piece)); err != nil {
		r.t.Fatal(err)
	}
}

// draft makes a draft and returns its identifier.
func (r *role) draft(kind string) string {
	r.t.Helper()
	w := r.write(draftsOf+kind, bodies()[kind], "")
	at := w.Header().Get("Location")
	if w.Code != http.StatusCreated || at == "" {
		r.t.Fatalf("a draft of %s: %d %s", kind, w.Code, w.Body)
	}
	return at[strings.LastIndex(at, "/")+1:]
}

// write sends what a program writes about the version that it saw.
func (r *role) write(path, body, seen string) *httptest.ResponseRecorder {
	r.t.Helper()
	request := httptest.NewRequest(http.MethodPost, here(path), strings.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", aKey)
	if seen != "" {
		request.Header.Set("If-Match", seen)
	}
	w := httptest.NewRecorder()
	r.through(w, request)
	return w
}

// job is one thing for a scanner to do.
type job struct {
	role   *role
	target *target // nil: wapiti, over all
	ofPath bool
}

// jobs are what is to be done: wapiti as a reader, an analyst and an editor;
// sqlmap on the parameters of each address and, apart, on the parts of its path,
// as the role with the least rights that may: a refusal comes before any of them.
func jobs(roles []*role, targets map[string][]*target) (all []job) {
	for _, r := range roles {
		if r.email != testkit.Admin {
			all = append(all, job{role: r})
		}
	}
	for _, r := range roles {
		known := map[string]bool{}
		for _, t := range targets[r.name] {
			if t.least != r.name {
				continue
			}
			if len(t.query) > 0 || len(t.form) > 0 || t.body != "" || t.cookies != "" {
				all = append(all, job{role: r, target: t})
			}
			if strings.Contains(t.marked, "*") && !known[t.route] {
				known[t.route] = true
				all = append(all, job{role: r, target: t, ofPath: true})
			}
		}
	}
	return all
}

// part reads "2/10" of SIJIL_TEST_SCAN_PART: the second of ten parts of the jobs, in
// their order, so that what a scan had no time for can be asked for by itself.
func part(t *testing.T, all []job) []job {
	t.Helper()
	k, n := 1, 1
	if s := os.Getenv("SIJIL_TEST_SCAN_PART"); s != "" {
		if _, err := fmt.Sscanf(s, "%d/%d", &k, &n); err != nil || k < 1 || k > n {
			t.Fatalf("SIJIL_TEST_SCAN_PART is %q, want a part such as 2/10", s)
		}
	}
	t.Logf("part %d of %d of %d jobs", k, n, len(all))
	return all[(k-1)*len(all)/n : k*len(all)/n]
}

// TestScan is the whole scan (task scan). SIJIL_TEST_SCAN is how long it may take.
func TestScan(t *testing.T) {
	length, err := time.ParseDuration(os.Getenv("SIJIL_TEST_SCAN"))
	if err != nil {
		t.Skip("SIJIL_TEST_SCAN is not set to how long the scan may take (task scan)")
	}
	installed(t)
	deadline := time.Now().Add(length)
	s := newSite(t)
	analyst := s.role("an analyst", testkit.Analyst)
	roles := []*role{s.role("a reader", ""), analyst, s.role("an editor", testkit.Editor), s.role("an admin", testkit.Admin)}
	analyst.drafts()
	targets := map[string][]*target{}
	for _, r := range roles {
		targets[r.name] = r.collect(roles)
	}
	hosts := map[*role]string{}
	for _, r := range roles {
		hosts[r] = listen(t, http.HandlerFunc(r.through))
		r.asked, r.statuses = 0, map[int]int{}
	}
	coverage(t, roles, targets)
	planted := controls(t, s, deadline)
	s.gardener = newGardener(t, s, analyst.Actor)
	results, late := scan(t, part(t, jobs(roles, targets)), hosts, targets, deadline, length/4)
	report(t, roles, results, late)
	t.Logf("control, a server with two faults: %s", planted)
}

// atOnce is how many scanners run at the same time.
func atOnce() int {
	if n, err := strconv.Atoi(os.Getenv("SIJIL_TEST_SCAN_AT_ONCE")); err == nil && n > 0 {
		return n
	}
	return runtime.NumCPU()
}

// scan does all jobs for which there is time, some at once, none for longer than the
// limit: there are forms that would take it all.
func scan(t *testing.T, all []job, hosts map[*role]string, targets map[string][]*target, deadline time.Time, limit time.Duration) (results map[*role]*outcome, late []string) {
	t.Helper()
	results = map[*role]*outcome{}
	var mu sync.Mutex
	var group sync.WaitGroup
	places := make(chan struct{}, atOnce())
	for _, j := range all {
		places <- struct{}{}
		group.Go(func() {
			defer func() { <-places }()
			done, began := j.run(t, hosts[j.role], targets[j.role.name], min(time.Until(deadline), limit))
			mu.Lock()
			defer mu.Unlock()
			if results[j.role] == nil {
				results[j.role] = &outcome{}
			}
			results[j.role].add(done)
			if !began {
				late = append(late, j.String())
			}
		})
	}
	group.Wait()
	return results, late
}

func (j job) String() string {
	switch {
	case j.target == nil:
		return "wapiti as " + j.role.name
	case j.ofPath:
		return j.role.name + " " + j.target.route + " (path)"
	}
	return j.role.name + " " + j.target.route
}

// run does a job in the time that it may take; began is false where there is none.
func (j job) run(t *testing.T, host string, all []*target, limit time.Duration) (o outcome, began bool) {
	t.Helper()
	if limit < 10*time.Second {
		return outcome{}, false
	}
	if j.target == nil {
		var starts []string
		for _, one := range all {
			if one.method == http.MethodGet && !one.example {
				starts = append(starts, one.address())
			}
		}
		return runWapiti(t.Context(), t, host, starts, offline(), limit, j.role.name), true
	}
	where, but := strings.TrimPrefix(j.String(), j.role.name+" "), ""
	switch {
	case j.ofPath:
		but = butMarks
	case j.target.cookies != "":
		but = butCookies
	}
	return runSqlmap(t.Context(), t, j.target.request(host, j.ofPath), but, "3", limit, j.role.name, where), true
}

// coverage fails where a route of the site is in nobody's list.
func coverage(t *testing.T, roles []*role, targets map[string][]*target) {
	t.Helper()
	covered := map[string]bool{}
	for _, r := range roles {
		mine, made, params := 0, 0, 0
		for _, one := range targets[r.name] {
			if one.least != r.name {
				continue
			}
			covered[one.route] = true
			mine++
			params += one.params()
			if one.example {
				made++
			}
		}
		t.Logf("%-12s %4d addresses and forms, %d of them made up, with %d parameters", r.name, mine, made, params)
	}
	for _, r := range routes() {
		if at := r.Method + " " + r.Pattern; !covered[at] {
			t.Errorf("nothing is scanned of %s", at)
		}
	}
}

// report prints what was done and found, and fails on what nobody explained.
func report(t *testing.T, roles []*role, results map[*role]*outcome, late []string) {
	t.Helper()
	all := explanations(t)
	for _, r := range roles {
		o := results[r]
		if o == nil {
			continue
		}
		t.Logf("%-12s sqlmap tested %d parameters; %d requests, by status %v", r.name, o.tested, r.asked, r.statuses)
		for _, u := range o.unfinished {
			t.Logf("%-12s not finished: %s", r.name, u)
		}
		for _, what := range o.cut {
			t.Logf("%-12s cut short: %s", r.name, what)
		}
		reasons := map[string]int{}
		for _, f := range o.findings {
			if why, ok := explained(all, f, http.HandlerFunc(r.through)); ok {
				reasons[fmt.Sprintf("%s: %s (%s)", f.tool, f.what, why)]++
				continue
			}
			t.Errorf("not explained: %s", f)
		}
		for _, why := range slices.Sorted(maps.Keys(reasons)) {
			t.Logf("%-12s explained, %d times: %s", r.name, reasons[why], why)
		}
		for _, where := range slices.Sorted(maps.Keys(r.broken)) {
			t.Errorf("%s: %s was answered by 500 %d times", r.name, where, r.broken[where])
		}
		for _, line := range r.log.lines {
			t.Errorf("the site logs a fault: %s", line)
		}
		r.log.lines = nil
	}
	if len(late) > 0 {
		t.Logf("no time was left for %d: %s", len(late), strings.Join(late, ", "))
	}
}

// controls has both scanners attack the server with two faults, and fails where
// they do not find them.
func controls(t *testing.T, s *site, deadline time.Time) string {
	t.Helper()
	host := listen(t, planted(t, s))
	ctx, cancel := context.WithDeadline(t.Context(), deadline)
	defer cancel()
	one := &target{method: http.MethodGet, path: "/item?id=1"}
	byMap := runSqlmap(ctx, t, one.request(host, false), "", "1", 2*time.Minute, "a reader", "/item")
	byWapiti := runWapiti(ctx, t, host, nil, []string{"sql", "xss"}, 2*time.Minute, "a reader")
	found := map[string]bool{}
	for _, f := range append(byMap.findings, byWapiti.findings...) {
		switch {
		case f.tool == "sqlmap" && strings.HasPrefix(f.what, "SQL injection in id"):
			found["sqlmap: SQL"] = true
		case f.tool == "wapiti" && strings.HasPrefix(f.what, "SQL Injection"):
			found["wapiti: SQL"] = true
		case f.tool == "wapiti" && strings.HasPrefix(f.what, "Cross Site Scripting"):
			found["wapiti: XSS"] = true
		}
	}
	if len(found) != 3 {
		t.Errorf("of the faults that were planted the scanners found %v only: %v %v", found, byMap, byWapiti)
	}
	return strings.Join(slices.Sorted(maps.Keys(found)), ", ")
}

// TestOneThingIsExplainedAndNotAnother: of what a scanner waited for in vain that alone
// which is answered when it is asked for again, and nothing else at that address.
func TestOneThingIsExplainedAndNotAnother(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		site := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.FormValue("q") == "hang":
				<-r.Context().Done()
			case r.FormValue("q") == "long":
				time.Sleep(wapitiWaits + time.Second) // of a time of its own
			case r.FormValue("q") == "fault":
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		})
		all := explanations(t)
		const waited = "Resource consumption: The request timed out while attempting to inject a payload in the parameter q"
		get := func(query string) string { return "GET /fr/search?q=" + query + " HTTP/1.1\nHost: 127.0.0.1" }
		post := func(query string) string {
			return "POST /fr/desk/statements/new HTTP/1.1\nHost: 127.0.0.1\nReferer: http://127.0.0.1/\nContent-Type: application/x-www-form-urlencoded\n\nq=" + query
		}
		for _, c := range []struct {
			where, what, request string
			want                 bool
		}{
			{"GET /fr/search", waited, get("x"), true},
			{"GET /fr/search", "Resource consumption: Timeout (q)", get("x"), true},
			{"GET /fr/search", waited, get("hang"), false},
			{"GET /fr/search", waited, get("long"), false},
			{"GET /fr/search", waited, get("fault"), false},
			{"POST /fr/desk/statements/new", waited, post("x"), true},
			{"POST /fr/desk/statements/new", waited, post("hang"), false},
			{"GET /fr/search", waited, "", false},
			{"GET /fr/search", waited, "GET", false},
			{"GET /fr/search", "Resource consumption: something else", get("x"), false},
			{"GET /fr/search", "Internal Server Error: The server responded with a 500 HTTP error code", get("x"), false},
			{"GET /fr/search", "SQL Injection: SQL Injection via injection in the parameter q", get("x"), false},
			{"GET /fr/search", "CSRF token 'csrf' is not properly checked", get("x"), false},
		} {
			if _, got := explained(all, finding{tool: "wapiti", where: c.where, what: c.what, request: c.request}, site); got != c.want {
				t.Errorf("%s: %s, by %q: explained: %t", c.where, c.what, c.request, got)
			}
		}
		if _, ok := explained(all, finding{tool: "sqlmap", where: "GET /fr/search", what: waited, request: get("x")}, site); ok {
			t.Error("what the other tool says is explained, too")
		}
	})
}

// TestScanFindsWhatIsPlanted is the short scan: both scanners find the faults
// that are planted, and nothing at some addresses of the site.
func TestScanFindsWhatIsPlanted(t *testing.T) {
	installed(t)
	s := newSite(t)
	reader := s.role("a reader", "")
	host := listen(t, http.HandlerFunc(reader.through))
	deadline := time.Now().Add(5 * time.Minute)
	t.Logf("control, a server with two faults: %s", controls(t, s, deadline))
	o := &outcome{}
	for _, path := range []string{"/fr/incidents?q=cnss", "/fr/search?type=claim"} {
		one := &target{method: http.MethodGet, path: path}
		o.add(runSqlmap(t.Context(), t, one.request(host, false), "", "1", 2*time.Minute, reader.name, path))
	}
	o.add(runWapiti(t.Context(), t, host, []string{"/fr/incidents?q=cnss", "/fr/search?q=x"}, []string{"sql", "xss"}, 15*time.Second, reader.name))
	if o.tested != 2 || len(o.unfinished) > 0 || reader.asked < 50 {
		t.Errorf("%d parameters were tested with %d requests: %v", o.tested, reader.asked, o.unfinished)
	}
	report(t, []*role{reader}, map[*role]*outcome{reader: o}, nil)
}
