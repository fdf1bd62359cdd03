package scan_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// dangerous is what a script must not do, with the one place where one may,
// and why.
var dangerous = []struct {
	pattern *regexp.Regexp
	but     map[string]int // how often, by the end of the file's name
}{
	{regexp.MustCompile(`\beval\s*\(|new Function\b|set(?:Timeout|Interval)\s*\(\s*["'\x60]|document\.write|srcdoc|\.constructor\s*\(`), nil},
	// The fragment comes from our own server, whose templates escaped it.
	{regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|createContextualFragment`), map[string]int{"desk/marker.js": 1}},
	{regexp.MustCompile(`postMessage|onmessage|["']message["']`), nil},
	// The theme, and whether there are shortcuts.
	{regexp.MustCompile(`localStorage|sessionStorage|indexedDB|caches\.open`), map[string]int{"head/theme.js": 1, "public/site.js": 3}},
	// Named fields of a link.
	{regexp.MustCompile(`Object\.assign|__proto__|\.prototype\b|structuredClone`), map[string]int{"desk/log.js": 1}},
}

// scriptFaults returns what a script does that it must not.
func scriptFaults(path, source string) (all []string) {
	for _, d := range dangerous {
		allowed := 0
		for name, n := range d.but {
			if strings.HasSuffix(path, name) {
				allowed = n
			}
		}
		if found := d.pattern.FindAllString(source, -1); len(found) > allowed {
			all = append(all, path+": "+strings.Join(found, ", "))
		}
	}
	return all
}

// TestScriptsEvaluateNothing reads all scripts for what makes code of text, or
// keeps or shares what is shown.
func TestScriptsEvaluateNothing(t *testing.T) {
	t.Parallel()
	for _, path := range sourceFiles(t, ".js") {
		if !strings.Contains(path, "views/assets") {
			continue
		}
		for _, fault := range scriptFaults(path, read(t, path)) {
			t.Error(fault)
		}
	}
	for _, bad := range []string{"eval(x)", "box.innerHTML = x", "addEventListener('message', f)", "localStorage.x = 1", "Object.assign(a, b)", "setTimeout('x()', 1)"} {
		if len(scriptFaults("other.js", bad)) != 1 {
			t.Errorf("%q is not noticed", bad)
		}
	}
}

// apart are rooms of which nothing is built into the program: for tests, and programs
// of their own, which nobody can import.
var apart = []string{"internal/testkit", "internal/tools", "internal/bench"}

// parsed calls do with each file of the program that is no test.
func parsed(t *testing.T, do func(path string, file *ast.File)) {
	t.Helper()
	for _, path := range sourceFiles(t, ".go") {
		if strings.HasSuffix(path, "_test.go") || slices.ContainsFunc(apart, func(room string) bool { return strings.Contains(path, room) }) {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		do(path, file)
	}
}

// madePatterns returns how often a file makes a regular expression of anything
// but a constant.
func madePatterns(file *ast.File) (n int) {
	ast.Inspect(file, func(node ast.Node) bool {
		call, ok := node.(*ast.CallExpr)
		if !ok || len(call.Args) == 0 {
			return true
		}
		of, ok := call.Fun.(*ast.SelectorExpr)
		if name, isName := qualifier(of, ok); isName && name == "regexp" && strings.HasPrefix(strings.TrimPrefix(of.Sel.Name, "Must"), "Compile") {
			if _, constant := call.Args[0].(*ast.BasicLit); !constant {
				n++
			}
		}
		return true
	})
	return n
}

// qualifier is the name of the package that something is selected of.
func qualifier(of *ast.SelectorExpr, ok bool) (string, bool) {
	if !ok {
		return "", false
	}
	name, ok := of.X.(*ast.Ident)
	if !ok {
		return "", false
	}
	return name.Name, true
}

// TestPatternsAreConstants: no regular expression is made of what somebody
// typed.
func TestPatternsAreConstants(t *testing.T) {
	t.Parallel()
	parsed(t, func(path string, file *ast.File) {
		if n := madePatterns(file); n > 0 {
			t.Errorf("%s: %d patterns are made of something else than a constant", path, n)
		}
	})
	bad, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\nvar p = regexp.MustCompile(\"a\" + typed)", 0)
	if err != nil || madePatterns(bad) != 1 {
		t.Errorf("a pattern of something typed is not noticed: %v", err)
	}
}

// TestDebuggingIsNotBuiltIn: what shows the inside of the program to whoever
// asks is in none of its packages.
func TestDebuggingIsNotBuiltIn(t *testing.T) {
	t.Parallel()
	debugging := func(file *ast.File) (found string) {
		for _, s := range file.Imports {
			switch path, _ := strconv.Unquote(s.Path.Value); path {
			case "net/http/pprof", "expvar", "golang.org/x/net/trace", "testing", "net/http/httptest":
				found = path
			}
		}
		return found
	}
	parsed(t, func(path string, file *ast.File) {
		if found := debugging(file); found != "" {
			t.Errorf("%s imports %s", path, found)
		}
	})
	bad, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\nimport _ \"expvar\"", 0)
	if err != nil || debugging(bad) != "expvar" {
		t.Errorf("expvar is not noticed: %v", err)
	}
}
