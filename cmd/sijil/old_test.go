//go:build unix

package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/sijil/sijil/db"
	"github.com/sijil/sijil/internal/localpg"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/testkit"
)

// oldVariable has TestOldAndNewSideBySide run: of how many of the last changes of the
// schema the program of just before is run, or revisions of git with spaces between.
const oldVariable = "SIJIL_TEST_OLD"

// TestOldAndNewSideBySide builds the program of an older revision, has it fill a database
// and serve it, and renews it as nodes are renewed: this program migrates while the old
// one is read and written, then starts beside it; both publish in turn; the old one is
// started once more on the new schema. No request of either may fail, what one publishes
// is the same from both, and the log is proved from both. At last a migration takes away
// what the old one reads, to show that this would have been seen.
func TestOldAndNewSideBySide(t *testing.T) {
	asked := os.Getenv(oldVariable)
	if asked == "" {
		t.Skipf("%s names no revision whose program is to be run (task nodes:old)", oldVariable)
	}
	for _, revision := range olderRevisions(t, asked) {
		t.Run(revision, func(t *testing.T) {
			s := newSides(t, revision)
			s.migrateUnderLoad()
			s.publishInTurn()
			s.startOldAgain()
			s.verifyBoth()
			t.Logf("the program of %s (schema %d) beside this one (schema %d):\n%s", revision, s.before, s.after, s.table.String())
			s.control()
		})
	}
}

// git is what git says, of the repository that the tests stand in.
func git(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", args...)
	cmd.Dir = "../.."
	said, err := cmd.Output()
	if err != nil {
		t.Fatalf("git %s: %v", strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(said))
}

// olderRevisions are those that were asked for, by name or by number.
func olderRevisions(t *testing.T, asked string) (out []string) {
	t.Helper()
	n, err := strconv.Atoi(asked)
	if err != nil {
		return strings.Fields(asked)
	}
	const migrations = "db/migrations/*.up.sql"
	if git(t, "status", "--porcelain", "--", migrations) != "" {
		out = append(out, git(t, "rev-parse", "--short", "HEAD")) // the newest stands nowhere yet
	}
	for commit := range strings.FieldsSeq(git(t, "log", "--diff-filter=A", "--format=%h", "-"+strconv.Itoa(n), "--", migrations)) {
		out = append(out, git(t, "rev-parse", "--short", commit+"^"))
	}
	return out[:min(n, len(out))]
}

// buildOld builds the program of a revision.
func buildOld(t *testing.T, revision string) string {
	t.Helper()
	dir := t.TempDir()
	archive := filepath.Join(dir, "source.tar")
	git(t, "archive", "--output", archive, revision)
	source := filepath.Join(dir, "source")
	if err := os.Mkdir(source, 0o700); err != nil {
		t.Fatal(err)
	}
	if said, err := exec.CommandContext(t.Context(), "tar", "-xf", archive, "-C", source).CombinedOutput(); err != nil {
		t.Fatalf("tar: %v\n%s", err, said)
	}
	file := filepath.Join(dir, "sijil")
	build := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", file, "./cmd/sijil")
	build.Dir = source
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("the program of %s cannot be built: %v\n%s", revision, err, said)
	}
	return file
}

// sides are an installation of which one node is of an older program.
type sides struct {
	*kills // the old node, and who works there

	file          string // the old program
	newer         *process
	newOffice     *killedOffice // the same staff, who ask the new node
	before, after uint          // the schema
	table         strings.Builder
	pages, alike  int // of incidents, and of them how many read alike at both
	words         int // searches that nobody has made before
}

func newSides(t *testing.T, revision string) *sides {
	t.Helper()
	s := &sides{file: buildOld(t, revision)}
	dir := swiftDir(t)
	demo := demoCommand(dir)
	demo.Path = s.file
	startDemoBy(t, demo).end(t, os.Interrupt)

	options := localpg.Options{DataDir: dir, BinDir: os.Getenv("SIJIL_TEST_PG_BIN"), Getenv: os.Getenv}
	server, err := localpg.Start(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Stop(context.Background()) })
	env := environment(t, server)
	address := freeAddress(t)
	site := &url.URL{Scheme: "http", Host: "localhost" + address[strings.LastIndex(address, ":"):]}
	maps.Copy(env, map[string]string{
		"SIJIL_ADDR": address, "SIJIL_BASE_URL": site.String(), "SIJIL_LOG_LEVEL": "warn", "SIJIL_CAPTURE": "off", "SIJIL_API_RATE": "1000000",
		// As the demonstration has filled them.
		"SIJIL_BLOBS": "file:" + filepath.Join(server.DataDir(), "blobs"), "SIJIL_LOG_KEY_FILE": filepath.Join(server.DataDir(), "log-key"),
	})
	s.kills = &kills{t: t, pg: server, env: env, site: site, options: options}
	s.before = s.status().Version
	s.office = hireForKills(t, site, server, env)
	s.program = startProcessOf(t, "the old program", s.file, env, site)
	s.ready()
	return s
}

// status is where the database is.
func (s *sides) status() store.SchemaStatus {
	s.t.Helper()
	status, err := store.Migrator{URL: s.pg.URL("sijil", localpg.Superuser)}.Status(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return status
}

// sideSeen is what was asked of a node.
type sideSeen struct {
	mu     sync.Mutex
	asked  int
	failed []string
}

// during has readers and an analyst ask nodes for as long as something takes, and until
// each was asked often enough to show something. It returns what came of that for each.
func (s *sides) during(nodes map[string]*killedOffice, do func()) map[string]*sideSeen {
	s.t.Helper()
	seen := map[string]*sideSeen{}
	const enough = 50
	stop := make(chan struct{})
	var reading sync.WaitGroup
	defer reading.Wait()
	defer close(stop)
	for name, node := range nodes {
		seen[name] = &sideSeen{}
		for range 3 {
			s.words++
			word := fmt.Sprintf("mot%d", s.words)
			reading.Go(func() {
				for i := 0; ; i++ {
					select {
					case <-stop:
						return
					case <-time.After(10 * time.Millisecond):
					}
					seen[name].ask(s.t, node, fmt.Sprintf("%s-%d", word, i), i)
				}
			})
		}
	}
	do()
	for name, w := range seen {
		s.awaitThat("the "+name+" program was asked often enough", func() bool {
			w.mu.Lock()
			defer w.mu.Unlock()
			return w.asked >= enough
		})
	}
	return seen
}

func (s *sides) awaitThat(what string, is func() bool) {
	s.t.Helper()
	for begin := time.Now(); time.Since(begin) < patient; time.Sleep(20 * time.Millisecond) {
		if is() {
			return
		}
	}
	s.t.Fatalf("%s: not in %v", what, patient)
}

// ask asks once: for what is in memory, for what nobody has asked for, or for what staff
// see.
func (w *sideSeen) ask(t *testing.T, node *killedOffice, word string, i int) {
	t.Helper()
	public := []string{
		"/fr/", "/ar/incidents", "/fr/incidents/cnss-2025", "/en/institutions", "/fr/statistics", "/en/referrals", "/feeds/fr/all.atom", "/api/v1/incidents",
		"/sitemap.xml", "/en/log", "/fr/incidents/cnss-2025/history", "/taxii2/", "/en/statements?year=2025",
		"/fr/search?type=statement&q=" + word, "/en/incidents?q=" + word, "/api/v1/search?q=" + word, "/ar/search?type=institution&q=" + word,
	}
	desk := []string{"/en/desk", "/en/desk/incidents", "/en/desk/incidents/new", "/en/desk/review", "/fr/desk/statements/new"}
	var a *testkit.Answer
	if i%4 == 3 {
		a = testkit.Ask(t, node.site, desk[i/4%len(desk)], node.as(testkit.Analyst))
	} else {
		a = testkit.Ask(t, node.site, public[i%len(public)])
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked++
	if a.Status != http.StatusOK {
		w.failed = append(w.failed, fmt.Sprintf("%s: status %d: %.200s", a.Target, a.Status, a.Body))
	}
}

// none holds that nothing failed, and writes a line of the table.
func (s *sides) none(while string, seen map[string]*sideSeen, published int) {
	s.t.Helper()
	for _, node := range slices.Sorted(maps.Keys(seen)) {
		w := seen[node]
		fmt.Fprintf(&s.table, "%-42s %-4s %6d requests, %d failed; %d publications\n", while, node, w.asked, len(w.failed), published)
		if len(w.failed) > 0 {
			s.t.Errorf("while %s, %d of %d requests of the %s program failed, such as: %s", while, len(w.failed), w.asked, node, w.failed[0])
		}
	}
}

// both are the nodes.
func (s *sides) both() map[string]*killedOffice {
	return map[string]*killedOffice{"old": s.office, "new": s.newOffice}
}

// publishBy publishes what waits at a node.
func (s *sides) publishBy(office *killedOffice, name string, p *publication) {
	s.t.Helper()
	if status := office.publish(s.t, p); !p.acknowledged {
		s.t.Errorf("the %s program does not publish %s: status %d", name, p.incident, status)
	}
}

// migrateUnderLoad has this program migrate while the old one is read, and staff and a
// program publish and draft there.
func (s *sides) migrateUnderLoad() {
	s.t.Helper()
	waiting := s.office.prepare(s.t, 0, nil)
	s.publishBy(s.office, "old", waiting[0]) // on its own schema
	published := 0
	seen := s.during(map[string]*killedOffice{"old": s.office}, func() {
		migrated := make(chan struct{})
		var writing sync.WaitGroup
		drafting := s.office.machine.begin(s.kills, 0)
		writing.Go(func() {
			for _, p := range waiting[1 : len(waiting)/2] {
				s.publishBy(s.office, "old", p)
				published++
			}
			<-migrated
			for _, p := range waiting[len(waiting)/2:] {
				s.publishBy(s.office, "old", p)
				published++
			}
		})
		cmd := exec.Command(os.Args[0], "migrate", "up") // it ends by itself
		cmd.Env = append(os.Environ(), programVariable+"=1", "DATABASE_URL="+s.pg.URL("sijil", localpg.Superuser))
		if said, err := cmd.CombinedOutput(); err != nil {
			s.t.Errorf("migrate up: %v\n%s", err, said)
		}
		close(migrated)
		drafting.Wait()
		s.office.machine.askAgain(s.kills, 0)
		writing.Wait()
	})
	s.none("this program migrates", seen, published)
	if s.after = s.status().Version; s.after <= s.before {
		s.t.Errorf("the schema was %d, and is %d: nothing was migrated", s.before, s.after)
	}
	s.startNew()
	for _, p := range waiting {
		s.sameFromBoth(p)
	}
}

// startNew starts this program beside the old one.
func (s *sides) startNew() {
	s.t.Helper()
	s.newer = newProcess(s.t, "the new program", s.env)
	office := *s.office
	office.site = &httputil.ReverseProxy{
		Rewrite:      func(r *httputil.ProxyRequest) { r.SetURL(s.newer.site) },
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	s.newOffice = &office
}

// publishInTurn publishes at each what was prepared there, and at the other.
func (s *sides) publishInTurn() {
	s.t.Helper()
	for round, c := range []struct {
		prepares, publishes string
	}{{"old", "old"}, {"new", "new"}, {"old", "new"}, {"new", "old"}} {
		published, nodes := 0, s.both()
		seen := s.during(nodes, func() {
			for _, p := range nodes[c.prepares].prepare(s.t, round+1, nil) {
				s.publishBy(nodes[c.publishes], c.publishes, p)
				s.sameFromBoth(p)
				published++
			}
			drafts := s.office.machine
			s.office = nodes[c.publishes]
			drafts.begin(s.kills, round+1).Wait()
			s.office = nodes[c.prepares] // what one has made, the other knows
			drafts.askAgain(s.kills, round+1)
			s.office = nodes["old"]
		})
		s.none(fmt.Sprintf("prepared at the %s, published at the %s", c.prepares, c.publishes), seen, published)
	}
}

// startOldAgain starts the old program anew, as whatever supervises it may at any time,
// unless the new schema says that it does not fit.
func (s *sides) startOldAgain() {
	s.t.Helper()
	if floor := s.status().Floor; floor > s.before {
		fmt.Fprintf(&s.table, "the old one is not started again: the schema is for programs from %d on\n", floor)
		return
	}
	seen := s.during(map[string]*killedOffice{"new": s.newOffice}, func() {
		s.program.signal(syscall.SIGTERM)
		<-s.program.ended
		s.program.start()
		s.ready()
	})
	s.none("the old one starts again", seen, 0)
	p := s.office.prepare(s.t, 9, nil)[0]
	s.publishBy(s.office, "old", p)
	s.sameFromBoth(p)
}

// sameFromBoth holds that a publication is public at both, and that both say the same of
// it. What only the new program says, and how a page looks, may differ.
func (s *sides) sameFromBoth(p *publication) {
	s.t.Helper()
	var rows [2]map[string]string
	nodes := []*killedOffice{s.office, s.newOffice}
	for i, node := range nodes {
		for begin := time.Now(); rows[i] == nil && time.Since(begin) < patient; time.Sleep(50 * time.Millisecond) {
			rows[i] = listed(s.t, node, p.incident)
		}
		if rows[i] == nil {
			s.t.Errorf("%s is not public at %s", p.incident, []string{"the old program", "the new program"}[i])
			return
		}
	}
	for column, old := range rows[0] {
		if is, has := rows[1][column]; !has || is != old {
			s.t.Errorf("%s: %s is %q at the old program, and %q at the new one", p.incident, column, old, is)
		}
	}
	page, err := url.Parse(rows[0]["page"])
	if err != nil {
		s.t.Fatal(err)
	}
	reference := rows[0]["reference"]
	for _, target := range []string{"/editions/" + strings.ToLower(reference) + "/1.json", "/api/v1/incidents/" + reference} {
		old, is := testkit.Ask(s.t, s.office.site, target), testkit.Ask(s.t, s.newOffice.site, target)
		if old.Status != http.StatusOK || is.Status != http.StatusOK || !says(is.Body, old.Body) {
			s.t.Errorf("%s: the old program: status %d: %s\nthe new one: status %d: %s", target, old.Status, old.Body, is.Status, is.Body)
		}
	}
	var texts [2]string
	for i, node := range nodes {
		a := testkit.Ask(s.t, node.site, page.Path)
		texts[i] = a.Text("main")
		if text := texts[i]; a.Status != http.StatusOK || a.Text("h1") != p.incident || !strings.Contains(text, p.institution) || !strings.Contains(text, "Nothing worked on day") {
			s.t.Errorf("%s: status %d: %s", page.Path, a.Status, text)
		}
	}
	s.foundAtBoth(p)
	if s.pages++; texts[0] == texts[1] {
		s.alike++
	}
}

// foundAtBoth holds that searches and feeds of both find what either published: what they
// read is written by whoever publishes, and what one does not know, it does not write.
func (s *sides) foundAtBoth(p *publication) {
	s.t.Helper()
	word, _, _ := strings.Cut(p.incident, " ")
	body, _, _ := strings.Cut(p.institution, " ")
	for target, want := range map[string]string{
		"/en/incidents?q=" + word: p.incident, "/en/search?type=institution&q=" + body: p.institution, "/feeds/en/all.atom": p.incident,
	} {
		for name, node := range s.both() {
			// In a page what is found is marked.
			a := testkit.Ask(s.t, node.site, target)
			if has := strings.Contains(a.Body, want) || strings.Contains(a.Text("main"), want); a.Status != http.StatusOK || !has {
				s.t.Errorf("%s at the %s program does not have %s: status %d: %s", target, name, want, a.Status, a.Text("main"))
			}
		}
	}
}

// listed is the row of an incident in the list; nil where it is not there once.
func listed(t *testing.T, node *killedOffice, title string) (row map[string]string) {
	t.Helper()
	a := testkit.Ask(t, node.site, "/en/incidents.csv")
	table, err := csv.NewReader(strings.NewReader(a.Body)).ReadAll()
	if a.Status != http.StatusOK || err != nil {
		t.Errorf("/en/incidents.csv: status %d, %v", a.Status, err)
		return nil
	}
	for _, cells := range table[1:] {
		if !slices.Contains(cells, title) {
			continue
		}
		if row != nil {
			t.Errorf("%s is in the list twice", title)
		}
		row = map[string]string{}
		for i, column := range table[0] {
			row[strings.TrimPrefix(column, "\ufeff")] = cells[i]
		}
	}
	return row
}

// says reports whether one JSON says all that another one does; it may say more.
func says(more, all string) bool {
	var one, other any
	return json.Unmarshal([]byte(more), &one) == nil && json.Unmarshal([]byte(all), &other) == nil && holdsAll(one, other)
}

func holdsAll(more, all any) bool {
	switch all := all.(type) {
	case map[string]any:
		has, ok := more.(map[string]any)
		for name, value := range all {
			ok = ok && holdsAll(has[name], value)
		}
		return ok
	case []any:
		has, ok := more.([]any)
		ok = ok && len(has) == len(all)
		for i := range all {
			ok = ok && holdsAll(has[i], all[i])
		}
		return ok
	}
	return reflect.DeepEqual(more, all)
}

// verifyBoth has "sijil verify" check the log from outside, as each node gives it, once
// it is signed to its end.
func (s *sides) verifyBoth() {
	s.t.Helper()
	s.seen = s.evidence()
	r := s.verified()
	for name, site := range map[string]*url.URL{"old": s.site, "new": s.newer.site} {
		code, stdout, stderr := call(s.t, nil, "verify", site.String())
		if code != 0 {
			s.t.Errorf("verify, at the %s program: code %d\n%s%s", name, code, stdout, stderr)
		}
	}
	fmt.Fprintf(&s.table, "verified at both: %d editions; %d pages of incidents, %d of them read alike at both\n", r.Editions, s.pages, s.alike)
}

// control takes away by a migration what the old program reads, under the same readers.
func (s *sides) control() {
	s.t.Helper()
	files := fstest.MapFS{}
	err := fs.WalkDir(db.Migrations, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(db.Migrations, path)
		files[path] = &fstest.MapFile{Data: content}
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	files["migrations/999999_rename_state.up.sql"] = &fstest.MapFile{Data: []byte("ALTER TABLE record.heads RENAME COLUMN state TO condition;")}
	files["migrations/999999_rename_state.down.sql"] = &fstest.MapFile{Data: []byte("ALTER TABLE record.heads RENAME COLUMN condition TO state;")}
	waiting := s.office.prepare(s.t, 10, nil)
	published := 0
	seen := s.during(map[string]*killedOffice{"old": s.office}, func() {
		if err := (store.Migrator{URL: s.pg.URL("sijil", localpg.Superuser), Files: files}).Up(s.t.Context()); err != nil {
			s.t.Fatal(err)
		}
		for _, p := range waiting {
			if s.office.publish(s.t, p); p.acknowledged {
				published++
			}
		}
	})
	if w := seen["old"]; len(w.failed) == 0 || published > 0 {
		s.t.Errorf("control: a column that the old program reads is renamed, and %d of %d requests fail, %d of %d publications are made: this test shows nothing",
			len(w.failed), w.asked, published, len(waiting))
	} else {
		s.t.Logf("control: a column is renamed: %d of %d requests failed, such as %.200s; none of %d publications was made", len(w.failed), w.asked, w.failed[0], len(waiting))
	}
}

// TestOneSideSaysAllThatTheOtherDoes holds the comparison of both to what it is for.
func TestOneSideSaysAllThatTheOtherDoes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		more, all string
		want      bool
	}{
		{`{"a":1,"b":[{"c":"x","d":2}]}`, `{"a":1,"b":[{"c":"x"}]}`, true},
		{`{"a":1}`, `{"a":1,"b":null}`, true},
		{`{"a":1}`, `{"a":1,"b":0}`, false},
		{`{"a":1}`, `{"a":2}`, false},
		{`{"b":[1]}`, `{"b":[1,2]}`, false},
		{`{"b":[1,2]}`, `{"b":[1]}`, false},
		{`{"b":[2,1]}`, `{"b":[1,2]}`, false},
		{`{"b":{}}`, `{"b":[]}`, false},
		{`nonsense`, `{}`, false},
	} {
		if got := says(c.more, c.all); got != c.want {
			t.Errorf("%s says all of %s: %t", c.more, c.all, got)
		}
	}
}
