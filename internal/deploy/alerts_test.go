package deploy_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/sijil/sijil/internal/observe"
)

const alertFile = "alerts.yml"

// rules is a file of rules as Prometheus reads it.
type rules struct {
	Groups []struct {
		Name  string
		Rules []struct {
			Alert       string
			Expr        string
			For         string
			Labels      map[string]string
			Annotations map[string]string
		}
	}
}

// figure is the name of a figure in an expression: of ours, of others, or "up",
// which Prometheus itself makes.
var figure = regexp.MustCompile(`\b(?:sijil|node|probe)_[a-z0-9_]+\b|\bup\b`)

// strangers are the figures of others that rules may name.
func strangers() []string {
	return []string{"up", "node_filesystem_avail_bytes", "node_filesystem_size_bytes", "probe_ssl_earliest_cert_expiry"}
}

// faultsIn returns what is wrong with a file of rules: what it names that nobody
// tells, and what it leaves unsaid.
func faultsIn(t *testing.T, raw []byte) []string {
	t.Helper()
	var file rules
	if err := yaml.UnmarshalWithOptions(raw, &file, yaml.Strict()); err != nil {
		return []string{err.Error()}
	}
	known := append(observe.Names(), strangers()...)
	seen := map[string]bool{}
	var faults []string
	for _, group := range file.Groups {
		for _, r := range group.Rules {
			say := func(what string) { faults = append(faults, group.Name+"/"+r.Alert+": "+what) }
			named := figure.FindAllString(r.Expr, -1)
			if len(named) == 0 {
				say("names no figure")
			}
			for _, name := range named {
				if !slices.Contains(known, name) {
					say(name + " is told by nobody")
				}
			}
			if seen[r.Alert] || !regexp.MustCompile(`^Sijil[A-Z][A-Za-z]+$`).MatchString(r.Alert) {
				say("its name is taken, or is none")
			}
			seen[r.Alert] = true
			if !strings.HasSuffix(r.Annotations["summary"], ".") || len(r.Annotations["action"]) < 20 {
				say("says not what has happened, or not what to do")
			}
			if !slices.Contains([]string{"critical", "warning", "info"}, r.Labels["severity"]) {
				say("has no severity")
			}
		}
	}
	return faults
}

func TestAlertsNameFiguresThatAreTold(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(alertFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range faultsIn(t, raw) {
		t.Error(fault)
	}
	for _, wanted := range []string{
		"SijilDatabaseUnreachable", "SijilStalePages", "SijilPublicationOverdue", "SijilLogUnsigned", "SijilBackupOld", "SijilQueueOld", "SijilReplicaBehind", "SijilErrors",
		"SijilRefusing", "SijilProbing", "SijilSignInFailures", "SijilDiskFull", "SijilCertificateEnds", "SijilTracesLost",
	} {
		if !strings.Contains(string(raw), "alert: "+wanted+"\n") {
			t.Errorf("no alert %s", wanted)
		}
	}
	// What is wrong is found.
	for from, to := range map[string]string{
		"sijil_database_up": "sijil_database_is_up", "summary: The database": "remark: The database", "severity: critical": "severity: loud",
		"alert: SijilStalePages": "alert: SijilDown", "    rules:": "    ruler:", "node_filesystem_size": "node_filesystem_sizes",
	} {
		broken := strings.Replace(string(raw), from, to, 1)
		if broken == string(raw) || len(faultsIn(t, []byte(broken))) == 0 {
			t.Errorf("%q instead of %q is not noticed", to, from)
		}
	}
}

// TestPromtoolReadsTheAlerts, where it is installed (Debian: prometheus).
func TestPromtoolReadsTheAlerts(t *testing.T) {
	t.Parallel()
	tool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool is not installed: the expressions of the alerts are not parsed")
	}
	check := func(file string) ([]byte, error) {
		return exec.CommandContext(t.Context(), tool, "check", "rules", file).CombinedOutput()
	}
	if out, err := check(alertFile); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	raw, err := os.ReadFile(alertFile)
	if err != nil {
		t.Fatal(err)
	}
	broken := filepath.Join(t.TempDir(), "broken.yml")
	if err := os.WriteFile(broken, []byte(strings.Replace(string(raw), "sijil_database_up == 0", "sijil_database_up == (0", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := check(broken); err == nil {
		t.Errorf("a broken expression passes: %s", out)
	}
}

// TestThePublicationThatIsOverdueIsAlertedOf, five minutes after its time, and no more
// once something has become of it: promtool runs the rule over figures of an hour.
func TestThePublicationThatIsOverdueIsAlertedOf(t *testing.T) {
	t.Parallel()
	tool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool is not installed: the rules are not run")
	}
	const cases = "testdata/overdue.yml"
	if out, err := exec.CommandContext(t.Context(), tool, "test", "rules", cases).CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	// The cases notice a rule that says something else.
	raw, err := os.ReadFile(alertFile)
	if err != nil {
		t.Fatal(err)
	}
	wanted, err := os.ReadFile(cases)
	if err != nil {
		t.Fatal(err)
	}
	const rule = "time() - sijil_publication_overdue_since_timestamp_seconds > 300"
	for _, other := range []string{strings.Replace(rule, "> 300", "> 30", 1), strings.Replace(rule, "> 300", "> 3000", 1), strings.Replace(rule, "overdue_since", "due_since", 1)} {
		folder := t.TempDir()
		broken := strings.Replace(string(raw), rule, other, 1)
		if broken == string(raw) {
			t.Fatal("there is no such rule")
		}
		for name, content := range map[string]string{alertFile: broken, "cases.yml": strings.Replace(string(wanted), "../"+alertFile, alertFile, 1)} {
			if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if out, err := exec.CommandContext(t.Context(), tool, "test", "rules", filepath.Join(folder, "cases.yml")).CombinedOutput(); err == nil {
			t.Errorf("%q passes: %s", other, out)
		}
	}
}
