package scan_test

import (
	"bufio"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// root is the repository.
const root = "../.."

// requirement is a line of the table of SECURITY.md.
type requirement struct{ id, level, state, evidence string }

var (
	tableLine = regexp.MustCompile(`(?m)^\| (V\d+\.\d+\.\d+) \| ([12]) \| .* \| (met|not met|n/a) \| (.+) \|$`)
	testName  = regexp.MustCompile("`((?:Test|Fuzz|Benchmark)[A-Z]\\w*)`")
	fileName  = regexp.MustCompile("`([\\w./-]+\\.(?:go|yml|yaml|txt|md))`")
	section   = regexp.MustCompile(`\]\(#([a-z0-9-]+)\)`)
	testLine  = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)[A-Z]\w*)\(`)
	heading   = regexp.MustCompile(`(?m)^#+ (.+)$`)
)

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// answered reads the table of requirements.
func answered(document string) (all []requirement) {
	for _, m := range tableLine.FindAllStringSubmatch(document, -1) {
		all = append(all, requirement{m[1], m[2], m[3], m[4]})
	}
	return all
}

// sourceFiles lists the files of the repository with an ending.
func sourceFiles(t *testing.T, ending string) (all []string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		switch name := entry.Name(); {
		case err != nil:
			return err
		case entry.IsDir() && (name == ".git" || name == "node_modules" || name == "bin"):
			return filepath.SkipDir
		case strings.HasSuffix(name, ending):
			all = append(all, path)
		}
		return nil
	})
	if err != nil || len(all) == 0 {
		t.Fatalf("%d files end in %s, %v", len(all), ending, err)
	}
	return all
}

// existing are the names of all tests of the repository.
func existing(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for _, path := range sourceFiles(t, "_test.go") {
		for _, m := range testLine.FindAllStringSubmatch(read(t, path), -1) {
			names[m[1]] = true
		}
	}
	return names
}

// anchors are what headings of a document can be reached by.
func anchors(document string) map[string]bool {
	all := map[string]bool{}
	for _, m := range heading.FindAllStringSubmatch(document, -1) {
		kept := strings.Map(func(r rune) rune {
			switch {
			case r == ' ' || r == '-':
				return '-'
			case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
				return r
			}
			return -1
		}, strings.ToLower(m[1]))
		all[kept] = true
	}
	return all
}

// faults compares the table with the requirements that there are, "id level"
// each, and its evidence with what exists.
func faults(document string, wanted []string, tests map[string]bool, isFile func(string) bool) (all []string) {
	var got []string
	sections := anchors(document)
	for _, r := range answered(document) {
		got = append(got, r.id+" "+r.level)
		evidence := 0
		for _, m := range testName.FindAllStringSubmatch(r.evidence, -1) {
			if evidence++; !tests[m[1]] {
				all = append(all, r.id+" names a test that is not there: "+m[1])
			}
		}
		for _, m := range fileName.FindAllStringSubmatch(r.evidence, -1) {
			if evidence++; !isFile(m[1]) {
				all = append(all, r.id+" names a file that is not there: "+m[1])
			}
		}
		for _, m := range section.FindAllStringSubmatch(r.evidence, -1) {
			if evidence++; !sections[m[1]] {
				all = append(all, r.id+" leads to a section that is not there: "+m[1])
			}
		}
		if r.state == "met" && evidence == 0 {
			all = append(all, r.id+" is met, it says, by nothing that can be looked at")
		}
	}
	for _, id := range wanted {
		if n := count(got, id); n != 1 {
			all = append(all, id+" stands there "+strings.Repeat("I", n)+" times")
		}
	}
	for _, id := range got {
		if count(wanted, id) == 0 {
			all = append(all, id+" is no requirement, or has another level")
		}
	}
	return all
}

func count(all []string, one string) (n int) {
	for _, x := range all {
		if x == one {
			n++
		}
	}
	return n
}

// requirements reads the list of requirements.
func requirements(t *testing.T) (all []string) {
	t.Helper()
	for lines := bufio.NewScanner(strings.NewReader(read(t, "testdata/asvs.txt"))); lines.Scan(); {
		if line := lines.Text(); line != "" && !strings.HasPrefix(line, "#") {
			all = append(all, line)
		}
	}
	return all
}

// TestEveryRequirementIsAnswered holds the table of OWASP ASVS to the list of
// its requirements and to the tests that there are.
func TestEveryRequirementIsAnswered(t *testing.T) {
	t.Parallel()
	document, wanted, tests := read(t, root+"/SECURITY.md"), requirements(t), existing(t)
	isFile := func(name string) bool {
		_, err := os.Stat(filepath.Join(root, name))
		return err == nil
	}
	for _, fault := range faults(document, wanted, tests, isFile) {
		t.Error(fault)
	}
	if len(wanted) != 188 {
		t.Errorf("%d requirements, want 188", len(wanted))
	}
	states := map[string]int{}
	for _, r := range answered(document) {
		states[r.state]++
	}
	t.Logf("%d met, %d not met, %d do not apply", states["met"], states["not met"], states["n/a"])

	line := tableLine.FindString(document)
	for name, broken := range map[string]string{
		"a line is missing":      strings.Replace(document, line+"\n", "", 1),
		"a line stands twice":    document + "\n" + line,
		"a test that is not":     document + "\n| V1.1.1 | 2 | x | met | `TestThatNobodyWrote` |",
		"a file that is not":     document + "\n| V1.1.1 | 2 | x | met | `no/such.go` |",
		"a section that is not":  document + "\n| V1.1.1 | 2 | x | met | [x](#no-such) |",
		"nothing to look at":     document + "\n| V1.1.1 | 2 | x | met | surely |",
		"another level":          document + "\n| V1.1.1 | 1 | x | n/a | no |",
		"a requirement too many": document + "\n| V99.1.1 | 1 | x | n/a | no |",
	} {
		if slices.Equal(faults(broken, wanted, tests, isFile), faults(document, wanted, tests, isFile)) {
			t.Errorf("%s: nothing was noticed", name)
		}
	}
}
