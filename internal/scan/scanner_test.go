package scan_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// finding is something that a scanner says of the site.
type finding struct {
	tool, role, where, what string
	request                 string // that it is about, as text, where the scanner says it
}

func (f finding) String() string {
	return fmt.Sprintf("%s as %s: %s: %s", f.tool, f.role, f.where, f.what)
}

// outcome is what a scanner did.
type outcome struct {
	tested   int // parameters
	findings []finding
	// unfinished is what took longer than it may, cut what a scanner left out of itself
	// to be done in time.
	unfinished, cut []string
}

func (o *outcome) add(other outcome) {
	o.tested += other.tested
	o.findings = append(o.findings, other.findings...)
	o.unfinished = append(o.unfinished, other.unfinished...)
	o.cut = append(o.cut, other.cut...)
}

var (
	isDynamic = regexp.MustCompile(`(?m)testing if (.+? parameter '.+?') is dynamic`)
	injection = regexp.MustCompile(`(?m)^Parameter: (.+)$`)
	mightBe   = regexp.MustCompile(`heuristic \((XSS|FI)\) test shows that (.+? might be .+)`)
	verdict   = regexp.MustCompile(`do not appear to be injectable|sqlmap identified the following injection|sqlmap resumed the following injection`)
	ranOut    = regexp.MustCompile(`(?m)^Max (?:scan|attack) time was reached.*$`)
	nothingTo = regexp.MustCompile(`no parameter\(s\) found for testing|no usable links found`)
)

// butMarks is what sqlmap leaves out where it is to try the marked parts of a path only:
// all that is not called "#1*", or "MULTIPART #1*" where the form has files. Else it
// would try the fields of the form once more.
const butMarks = `^(?!(\w+ )?#\d+\*$)`

// butCookies is what it leaves out where it is to try the cookies only.
const butCookies = `^(?!sijil_)`

// runSqlmap has sqlmap attack what a request file holds, but for the parameters that a
// regular expression names, if there is one.
func runSqlmap(ctx context.Context, t *testing.T, request, but, level string, limit time.Duration, who, where string) outcome {
	t.Helper()
	folder := t.TempDir()
	file := filepath.Join(folder, "request.txt")
	if err := os.WriteFile(file, []byte(request), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	command := exec.CommandContext(ctx, "sqlmap", "-r", file, "--ignore-stdin", "--batch", "--flush-session", "--disable-coloring", "--dbms=PostgreSQL",
		"--level="+level, "--risk=2", "--output-dir="+filepath.Join(folder, "out"), "--skip=csrf,user-agent,referer,host", "--ignore-redirects",
		"--ignore-code=400,401,403,404,405,409,410,413,415,422,429,503", "--timeout=20", "--retries=1", "--time-sec=2", "--param-exclude="+but)
	command.Env = append(os.Environ(), "HOME="+folder, "XDG_DATA_HOME="+folder)
	command.WaitDelay = 2 * time.Second
	out, err := command.CombinedOutput()
	return readSqlmap(string(out), err, who, where)
}

// readSqlmap reads what sqlmap said.
func readSqlmap(out string, err error, who, where string) outcome {
	o := outcome{tested: len(isDynamic.FindAllString(out, -1))}
	for _, m := range injection.FindAllStringSubmatch(out, -1) {
		o.findings = append(o.findings, finding{tool: "sqlmap", role: who, where: where, what: "SQL injection in " + m[1]})
	}
	for _, m := range mightBe.FindAllStringSubmatch(out, -1) {
		o.findings = append(o.findings, finding{tool: "sqlmap", role: who, where: where, what: m[2]})
	}
	last := strings.ReplaceAll(out[max(0, len(out)-300):], "\n", " ")
	switch {
	case nothingTo.MatchString(out):
	case !verdict.MatchString(out):
		o.unfinished = append(o.unfinished, fmt.Sprintf("%s as %s (%v): …%s", where, who, err, last))
	case o.tested == 0:
		o.findings = append(o.findings, finding{tool: "sqlmap", role: who, where: where, what: "tried nothing: …" + last})
	}
	return o
}

// offline are the modules of wapiti that need nothing from elsewhere; wapp and
// nikto want lists that are downloaded, ssrf and xxe a server of its makers.
func offline() []string {
	return []string{
		"backup", "blindsql", "brute_login_form", "buster", "cookieflags", "crlf", "csp", "csrf", "exec", "file", "htaccess", "http_headers",
		"methods", "permanentxss", "redirect", "shellshock", "sql", "xss",
	}
}

// wapitiWaits is how long wapiti waits for an answer.
const wapitiWaits = 10 * time.Second

// runWapiti has wapiti attack a host from some addresses on.
func runWapiti(ctx context.Context, t *testing.T, host string, starts, modules []string, limit time.Duration, who string) outcome {
	t.Helper()
	folder := t.TempDir()
	report := filepath.Join(folder, "report.json")
	each := max(5, int(limit.Seconds())*2/3/len(modules))
	args := []string{
		"-u", "http://" + host + "/", "--scope", "domain", "-m", strings.Join(modules, ","), "-f", "json", "-o", report, "--flush-session",
		"--no-bugreport", "--store-session", folder, "--store-config", folder, "-d", "1", "--max-links-per-page", "20", "--max-files-per-dir", "20",
		"--max-scan-time", fmt.Sprint(int(limit.Seconds()) / 3), "--max-attack-time", fmt.Sprint(each), "-t", fmt.Sprint(wapitiWaits.Seconds()), "-v", "0", "--max-parameters", "80",
	}
	for _, start := range starts {
		args = append(args, "-s", "http://"+host+start)
	}
	ctx, cancel := context.WithTimeout(ctx, limit+time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, "wapiti", args...)
	command.Env = append(os.Environ(), "HOME="+folder)
	command.WaitDelay = 2 * time.Second
	out, err := command.CombinedOutput()
	content, readErr := os.ReadFile(report)
	if readErr != nil {
		return outcome{unfinished: []string{fmt.Sprintf("wapiti as %s (%v): %s", who, err, out[max(0, len(out)-300):])}}
	}
	o := readWapiti(t, content, who)
	for _, what := range ranOut.FindAllString(string(out), -1) {
		o.cut = append(o.cut, "wapiti: "+what)
	}
	return o
}

// readWapiti reads wapiti's report.
func readWapiti(t *testing.T, content []byte, who string) (o outcome) {
	t.Helper()
	type said struct {
		Method, Path, Info string
		Request            string `json:"http_request"`
	}
	var report struct {
		Vulnerabilities, Anomalies map[string][]said
		Infos                      map[string]any
	}
	if err := json.Unmarshal(content, &report); err != nil {
		t.Fatal(err)
	}
	for _, group := range []map[string][]said{report.Vulnerabilities, report.Anomalies} {
		for kind, all := range group {
			for _, s := range all {
				o.findings = append(o.findings, finding{"wapiti", who, s.Method + " " + s.Path, kind + ": " + s.Info, s.Request})
			}
		}
	}
	slices.SortFunc(o.findings, func(a, b finding) int { return strings.Compare(a.String(), b.String()) })
	return o
}

// installed skips, and says so, where the scanners are not there.
func installed(t *testing.T) {
	t.Helper()
	for _, name := range []string{"sqlmap", "wapiti"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("%s is not installed (Debian: apt install sqlmap wapiti): nothing is scanned", name)
		}
	}
}

// planted is a server with the two faults that the scanners must find: SQL made
// of what is asked, and a word that comes back as HTML.
func planted(t *testing.T, s *site) http.Handler {
	t.Helper()
	pool := s.db.Public()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprint(w, `<html><body><a href="/item?id=1">item</a> <a href="/hello?name=you">hello</a></body></html>`)
	})
	mux.HandleFunc("GET /item", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		var n int
		err := pool.QueryRow(r.Context(), "SELECT count(*) FROM record.heads WHERE number = "+r.URL.Query().Get("id")).Scan(&n)
		if err != nil {
			http.Error(w, "PostgreSQL query failed: "+err.Error(), http.StatusOK)
			return
		}
		_, _ = fmt.Fprintf(w, "<html><body>%d records</body></html>", n)
	})
	mux.HandleFunc("GET /hello", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprintf(w, "<html><body>Hello %s</body></html>", r.URL.Query().Get("name"))
	})
	return mux
}
