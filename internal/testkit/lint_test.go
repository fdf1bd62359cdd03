package testkit_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Lints that no linter at hand has: they read the types of our own packages, as
// the compiler sees them, and what they import by what it has built of that.

// source is a package of ours, read and typed.
type source struct {
	path  string
	files []*ast.File
	info  *types.Info
}

// listed is what go list tells of a package.
type listed struct {
	ImportPath, Dir, Export string
	Standard                bool
	GoFiles, Imports        []string
}

// workshop holds what all lints share.
type workshop struct {
	fset *token.FileSet
	all  map[string]listed
	mu   sync.Mutex // held while packages are read: an importer is for one at a time
	imp  types.Importer
}

var sharedWorkshop = sync.OnceValues(openWorkshop)

func openWorkshop() (*workshop, error) {
	command := exec.Command("go", "list", "-export", "-deps", "-json=ImportPath,Dir,Export,Standard,GoFiles,Imports", module+"...")
	out, err := command.Output()
	if err != nil {
		return nil, err
	}
	w := &workshop{fset: token.NewFileSet(), all: map[string]listed{}}
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		w.all[p.ImportPath] = p
	}
	w.imp = importer.ForCompiler(w.fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(w.all[path].Export) })
	return w, nil
}

func openedWorkshop(t *testing.T) *workshop {
	t.Helper()
	w, err := sharedWorkshop()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// typed reads a package.
func (w *workshop) typed(t *testing.T, path, dir string, names []string) *source {
	t.Helper()
	s := &source{path: path, info: &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{},
	}}
	for _, name := range names {
		file, err := parser.ParseFile(w.fset, filepath.Join(dir, name), nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		s.files = append(s.files, file)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	config := types.Config{Importer: w.imp}
	if _, err := config.Check(path, w.fset, s.files, s.info); err != nil {
		t.Fatal(err)
	}
	return s
}

// ours reads the packages of ours that are shipped and that one of the named ones
// is imported by.
func (w *workshop) ours(t *testing.T, importing ...string) []*source {
	t.Helper()
	var out []*source
	for _, p := range w.all {
		name, own := strings.CutPrefix(p.ImportPath, module)
		if !own || within(testRooms(), name) {
			continue
		}
		if slices.ContainsFunc(p.Imports, func(i string) bool {
			return slices.ContainsFunc(importing, func(want string) bool { return i == want || strings.HasPrefix(i, want+"/") })
		}) {
			out = append(out, w.typed(t, p.ImportPath, p.Dir, p.GoFiles))
		}
	}
	slices.SortFunc(out, func(a, b *source) int { return strings.Compare(a.path, b.path) })
	return out
}

// testRooms hold what tests and measures, and is not shipped.
func testRooms() []string {
	return []string{"internal/testkit/...", "internal/chaos/...", "internal/bench/...", "internal/scan/...", "internal/tools/..."}
}

// planted reads a package in testdata that breaks the rule, for the control.
func (w *workshop) planted(t *testing.T, name string) *source {
	t.Helper()
	dir := filepath.Join("testdata", "lint", name)
	return w.typed(t, module+"internal/planted/"+name, dir, []string{name + ".go"})
}

// place names where something stands: the file, and the line.
func (w *workshop) place(n ast.Node) string {
	at := w.fset.Position(n.Pos())
	root, err := filepath.Abs("../..")
	if err != nil {
		return at.String()
	}
	if file, err := filepath.Rel(root, at.Filename); err == nil {
		at.Filename = file
	}
	at.Column = 0
	return at.String()
}

// wanted are the lines of a planted package that the lint must name, and no other.
func (w *workshop) wanted(s *source) []string {
	var out []string
	for _, file := range s.files {
		for _, group := range file.Comments {
			for _, c := range group.List {
				if strings.HasSuffix(c.Text, "// want") {
					out = append(out, w.place(c))
				}
			}
		}
	}
	slices.Sort(out)
	return out
}
