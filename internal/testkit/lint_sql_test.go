package testkit_test

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"testing"
)

// reviewed are the functions that make or send a text of SQL of something else than
// constants, each read by a person, with why nothing of a user can get in.
func reviewed() map[string]string {
	return map[string]string{
		"(github.com/jackc/pgx/v5.Identifier).Sanitize":         "it quotes a name",
		"(*" + module + "internal/store.rewriter).rewrite":      "the names of tables come from the catalog, quoted by format('%I')",
		"(" + module + "internal/store.routed).Query":           "it hands on what is asked of a Querier, and each who asks is looked at",
		"(" + module + "internal/store.routed).QueryRow":        "the same",
		"(" + module + "internal/store.routed).Exec":            "the same",
		"(" + module + "internal/store.steady).Query":           "the same",
		"(" + module + "internal/store.steady).QueryRow":        "the same",
		"(" + module + "internal/store.steady).Exec":            "the same",
		module + "internal/store.beginRows":                     "the same",
		"(*" + module + "internal/store/bulk.Loader).copyTable": "the table is matched by [a-z_.]+ in a statement of our own, whose columns are quoted",
	}
}

// sqlLint finds texts of SQL that are not composed of constants.
type sqlLint struct {
	shop    *workshop
	sources []*source
	// calls are the calls of each function, by its full name, and declared where it
	// is declared.
	calls    map[string][]site
	declared map[string]site
	// assigned are the values of fields of structs, by "package.Type.field".
	assigned map[string][]site
	busy     map[ast.Node]bool
	why      string
}

// site is a node with the function and the package in which it stands.
type site struct {
	in   *source
	fn   *ast.FuncDecl
	node ast.Node
}

func newSQLLint(shop *workshop, sources []*source) *sqlLint {
	l := &sqlLint{
		shop: shop, sources: sources, calls: map[string][]site{}, declared: map[string]site{}, assigned: map[string][]site{}, busy: map[ast.Node]bool{},
	}
	for _, s := range sources {
		for _, file := range s.files {
			for _, d := range file.Decls {
				fn, _ := d.(*ast.FuncDecl)
				if fn != nil {
					l.declared[s.info.Defs[fn.Name].(*types.Func).FullName()] = site{s, fn, fn}
				}
				ast.Inspect(d, func(n ast.Node) bool { l.index(s, fn, n); return true })
			}
		}
	}
	return l
}

// index notes calls, and values of fields.
func (l *sqlLint) index(s *source, fn *ast.FuncDecl, n ast.Node) {
	switch n := n.(type) {
	case *ast.CallExpr:
		if f := callee(s, n); f != nil {
			l.calls[f.FullName()] = append(l.calls[f.FullName()], site{s, fn, n})
		}
	case *ast.CompositeLit:
		of := s.info.Types[n].Type
		structure, ok := of.Underlying().(*types.Struct)
		if !ok {
			return
		}
		for i, e := range n.Elts {
			if pair, ok := e.(*ast.KeyValueExpr); ok {
				key := of.String() + "." + pair.Key.(*ast.Ident).Name
				l.assigned[key] = append(l.assigned[key], site{s, fn, pair.Value})
			} else {
				key := of.String() + "." + structure.Field(i).Name()
				l.assigned[key] = append(l.assigned[key], site{s, fn, e})
			}
		}
	case *ast.AssignStmt:
		for i, left := range n.Lhs {
			if key := fieldOf(s, left); key != "" && len(n.Lhs) == len(n.Rhs) {
				l.assigned[key] = append(l.assigned[key], site{s, fn, n.Rhs[i]})
			}
		}
	}
}

// fieldOf names the field that an expression selects; "" for none.
func fieldOf(s *source, e ast.Expr) string {
	selector, ok := e.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	selection := s.info.Selections[selector]
	if selection == nil || selection.Kind() != types.FieldVal {
		return ""
	}
	of := selection.Recv()
	if pointer, ok := of.(*types.Pointer); ok {
		of = pointer.Elem()
	}
	return of.String() + "." + selector.Sel.Name
}

// callee is the function that is called; nil for a value.
func callee(s *source, call *ast.CallExpr) *types.Func {
	switch f := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		out, _ := s.info.Uses[f].(*types.Func)
		return out
	case *ast.SelectorExpr:
		out, _ := s.info.Uses[f.Sel].(*types.Func)
		return out
	case *ast.IndexExpr:
		return callee(s, &ast.CallExpr{Fun: f.X})
	}
	return nil
}

// found lists the calls that hand a text to the database which is not composed of
// constants, and how many calls there were.
func (l *sqlLint) found(s *source) (out []string, seen int) {
	for _, file := range s.files {
		for _, d := range file.Decls {
			fn, _ := d.(*ast.FuncDecl)
			ast.Inspect(d, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				f := callee(s, call)
				if f == nil || f.Pkg() == nil || !takesSQL(f) {
					return true
				}
				parameters := f.Type().(*types.Signature).Params()
				for i := range parameters.Len() {
					name := parameters.At(i).Name()
					if (name == "sql" || name == "query" || name == "commandText") && i < len(call.Args) {
						seen++
						if fn != nil && reviewed()[s.info.Defs[fn.Name].(*types.Func).FullName()] != "" {
							continue
						}
						if !l.pure(s, fn, call.Args[i]) {
							out = append(out, l.shop.place(call)+" "+l.why)
						}
					}
				}
				return true
			})
		}
	}
	return out, seen
}

// takesSQL reports whether a function is one of a driver, or of the store's view of
// it, that sends a statement.
func takesSQL(f *types.Func) bool {
	from := f.Pkg().Path()
	if !strings.HasPrefix(from, "github.com/jackc/pgx/") && from != "database/sql" && from != module+"internal/store" {
		return false
	}
	return slices.Contains([]string{
		"Exec", "ExecContext", "ExecParams", "Query", "QueryContext", "QueryRow", "QueryRowContext", "QueryFunc", "Queue", "Prepare", "PrepareContext",
		"CopyTo", "CopyFrom",
	}, f.Name())
}

// pure reports whether a text is a constant, or made of constants alone.
func (l *sqlLint) pure(s *source, fn *ast.FuncDecl, e ast.Expr) bool {
	if s.info.Types[e].Value != nil {
		return true
	}
	if l.busy[e] {
		return true // it goes round: what else it is made of decides
	}
	l.busy[e] = true
	defer delete(l.busy, e)
	switch e := e.(type) {
	case *ast.ParenExpr:
		return l.pure(s, fn, e.X)
	case *ast.BinaryExpr:
		return e.Op == token.ADD && l.pure(s, fn, e.X) && l.pure(s, fn, e.Y)
	case *ast.Ident:
		return l.pureName(s, fn, e)
	case *ast.SelectorExpr:
		return l.pureField(s, e)
	case *ast.IndexExpr:
		return l.pure(s, fn, e.X)
	case *ast.CompositeLit:
		return l.pureElements(s, fn, e)
	case *ast.CallExpr:
		return l.pureCall(s, fn, e)
	}
	return l.not(e, "no constant")
}

func (l *sqlLint) not(n ast.Node, why string) bool {
	l.why = "(" + l.shop.place(n) + ": " + why + ")"
	return false
}

func (l *sqlLint) pureElements(s *source, fn *ast.FuncDecl, e *ast.CompositeLit) bool {
	for _, element := range e.Elts {
		if pair, ok := element.(*ast.KeyValueExpr); ok {
			if _, keyed := s.info.Types[e].Type.Underlying().(*types.Map); keyed && !l.pure(s, fn, pair.Key) {
				return false
			}
			element = pair.Value
		}
		if !l.pure(s, fn, element) {
			return false
		}
	}
	return true
}

// pureField: all that is ever put into the field is.
func (l *sqlLint) pureField(s *source, e *ast.SelectorExpr) bool {
	key := fieldOf(s, e)
	sites := l.assigned[key]
	if key == "" || len(sites) == 0 {
		return l.not(e, "a field of which nothing is known")
	}
	for _, at := range sites {
		if !l.pure(at.in, at.fn, at.node.(ast.Expr)) {
			return false
		}
	}
	return true
}

// pureName: all that is ever put into the variable is; and of a parameter, what all
// callers hand over.
func (l *sqlLint) pureName(s *source, fn *ast.FuncDecl, e *ast.Ident) bool {
	object := s.info.Uses[e]
	if object == nil {
		object = s.info.Defs[e]
	}
	if object == nil || fn == nil {
		return l.not(e, "a name of which nothing is known")
	}
	if object.Name() == "nil" {
		return true
	}
	if object.Parent() == object.Pkg().Scope() {
		return l.pureVariable(s, e, object)
	}
	known, ok := false, true
	ast.Inspect(fn, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, left := range n.Lhs {
				if indexed, is := left.(*ast.IndexExpr); is {
					left = indexed.X // an element of it
				}
				name, is := left.(*ast.Ident)
				if !is || s.info.Defs[name] != object && s.info.Uses[name] != object {
					continue
				}
				known = true
				if len(n.Lhs) == len(n.Rhs) {
					ok = ok && l.pure(s, fn, n.Rhs[i])
				} else {
					ok = ok && l.pureResult(s, n.Rhs[0], i)
				}
			}
		case *ast.ValueSpec:
			for i, name := range n.Names {
				if s.info.Defs[name] == object {
					known = true
					ok = ok && (i >= len(n.Values) || l.pure(s, fn, n.Values[i]))
				}
			}
		case *ast.RangeStmt:
			for _, each := range []ast.Expr{n.Key, n.Value} {
				if name, is := each.(*ast.Ident); is && s.info.Defs[name] == object {
					known = true
					ok = ok && l.pure(s, fn, n.X)
				}
			}
		}
		return ok
	})
	if known {
		return ok
	}
	return l.pureParameter(s, fn, e, object)
}

// pureVariable: what a variable of a package begins with is, and nothing else is
// ever put into it.
func (l *sqlLint) pureVariable(s *source, e ast.Node, object types.Object) bool {
	var value ast.Expr
	changed := false
	for _, file := range s.files {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ValueSpec:
				for i, name := range n.Names {
					if s.info.Defs[name] == object && i < len(n.Values) {
						value = n.Values[i]
					}
				}
			case *ast.AssignStmt:
				for _, left := range n.Lhs {
					if name, is := left.(*ast.Ident); is && s.info.Uses[name] == object {
						changed = true
					}
				}
			}
			return true
		})
	}
	if value == nil || changed {
		return l.not(e, "a variable of which nothing is known, or that changes")
	}
	return l.pure(s, nil, value)
}

// position of a parameter in a list; -1 where it is none.
func position(s *source, list *ast.FieldList, object types.Object) int {
	at := 0
	for _, field := range list.List {
		for _, name := range field.Names {
			if s.info.Defs[name] == object {
				return at
			}
			at++
		}
	}
	return -1
}

func (l *sqlLint) pureParameter(s *source, fn *ast.FuncDecl, e ast.Node, object types.Object) bool {
	if at := position(s, fn.Type.Params, object); at >= 0 {
		full := s.info.Defs[fn.Name].(*types.Func)
		sites := l.calls[full.FullName()]
		if len(sites) == 0 {
			return l.not(e, "a parameter, of a function that is called by nobody who is known")
		}
		variadic := full.Type().(*types.Signature).Variadic() && at == full.Type().(*types.Signature).Params().Len()-1
		for _, c := range sites {
			args := c.node.(*ast.CallExpr).Args
			last := at + 1
			if variadic {
				last = len(args)
			}
			for i := at; i < last && i < len(args); i++ {
				if !l.pure(c.in, c.fn, args[i]) {
					return false
				}
			}
		}
		return true
	}
	return l.pureInner(s, fn, e, object)
}

// pureInner is pureParameter for a function without a name, by the name of the
// variable in which it stands.
func (l *sqlLint) pureInner(s *source, fn *ast.FuncDecl, e ast.Node, object types.Object) bool {
	found, ok := false, true
	ast.Inspect(fn, func(n ast.Node) bool {
		assign, is := n.(*ast.AssignStmt)
		if !is || len(assign.Lhs) != 1 || len(assign.Rhs) != 1 {
			return true
		}
		inner, is := assign.Rhs[0].(*ast.FuncLit)
		name, isName := assign.Lhs[0].(*ast.Ident)
		if !is || !isName {
			return true
		}
		at := position(s, inner.Type.Params, object)
		if at < 0 {
			return true
		}
		ast.Inspect(fn, func(n ast.Node) bool {
			if call, is := n.(*ast.CallExpr); is {
				if to, is := call.Fun.(*ast.Ident); is && s.info.Uses[to] != nil && s.info.Uses[to] == s.info.Defs[name] && at < len(call.Args) {
					found = true
					ok = ok && l.pure(s, fn, call.Args[at])
				}
			}
			return true
		})
		return true
	})
	if !found {
		return l.not(e, "a name of which nothing is known")
	}
	return ok
}

// pureCall: of a call that puts texts together, what it puts together is; of one of
// our own functions, what it returns.
func (l *sqlLint) pureCall(s *source, fn *ast.FuncDecl, call *ast.CallExpr) bool {
	if kind := s.info.Types[call.Fun]; kind.IsType() && len(call.Args) == 1 {
		return l.pure(s, fn, call.Args[0])
	}
	if name, ok := call.Fun.(*ast.Ident); ok {
		switch name.Name {
		case "append":
			return l.pureAll(s, fn, call.Args)
		case "make":
			return true // what is put into it decides
		}
	}
	f := callee(s, call)
	if f == nil {
		return l.not(call, "a call of what is not known")
	}
	if _, ok := reviewed()[f.FullName()]; ok {
		return true
	}
	switch f.FullName() {
	case "strconv.Itoa", "strconv.FormatInt":
		return true // digits
	case "strings.Join", "strings.ReplaceAll", "strings.Replace", "strings.TrimSpace", "strings.Repeat", "strings.TrimSuffix", "strings.TrimPrefix",
		"fmt.Sprintf", "slices.Concat", "strings.NewReplacer":
		return l.pureAll(s, fn, call.Args)
	case "(*strings.Replacer).Replace":
		return l.pure(s, fn, call.Fun.(*ast.SelectorExpr).X) && l.pureAll(s, fn, call.Args)
	}
	return l.pureResult(s, call, 0)
}

// pureAll: all are texts that are, or numbers.
func (l *sqlLint) pureAll(s *source, fn *ast.FuncDecl, all []ast.Expr) bool {
	for _, e := range all {
		if basic, ok := s.info.Types[e].Type.Underlying().(*types.Basic); ok && basic.Info()&types.IsNumeric != 0 {
			continue
		}
		if !l.pure(s, fn, e) {
			return false
		}
	}
	return true
}

// pureResult: all that one of our functions returns at a place is.
func (l *sqlLint) pureResult(s *source, e ast.Expr, at int) bool {
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return l.not(e, "no constant")
	}
	f := callee(s, call)
	if f == nil {
		return l.not(e, "a call of what is not known")
	}
	to, ok := l.declared[f.FullName()]
	if !ok {
		return l.not(e, f.FullName()+" is not reviewed")
	}
	if l.busy[to.fn] {
		return true
	}
	l.busy[to.fn] = true
	defer delete(l.busy, to.fn)
	pure, returns := true, 0
	ast.Inspect(to.fn.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			returns++
			switch {
			case at < len(n.Results) && (len(n.Results) > 1 || at == 0):
				pure = pure && l.pure(to.in, to.fn, n.Results[at])
			default:
				pure = l.not(n, "a result without a value")
			}
		}
		return pure
	})
	return pure && returns > 0
}

// TestStatementsAreConstants: what is sent to the database is a constant, or
// composed of constants; what comes from outside goes as an argument.
func TestStatementsAreConstants(t *testing.T) {
	t.Parallel()
	shop := openedWorkshop(t)
	sources := shop.ours(t, "github.com/jackc/pgx", "database/sql", module+"internal/store", module+"internal/edtf")
	lint, all := newSQLLint(shop, sources), 0
	for _, s := range sources {
		found, seen := lint.found(s)
		all += seen
		for _, f := range found {
			t.Errorf("%s: a statement that is no constant", f)
		}
	}
	if all < 200 {
		t.Errorf("only %d statements were seen", all)
	}
	t.Logf("%d statements in %d packages", all, len(sources))
	planted := shop.planted(t, "sql")
	found, _ := newSQLLint(shop, []*source{planted}).found(planted)
	for i := range found {
		found[i], _, _ = strings.Cut(found[i], " ")
	}
	slices.Sort(found)
	if want := shop.wanted(planted); !slices.Equal(found, want) || len(want) == 0 {
		t.Errorf("control: found %q, want %q", found, want)
	}
}
