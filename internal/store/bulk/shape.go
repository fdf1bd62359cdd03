package bulk

import (
	"bytes"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/sijil/sijil/internal/store"
)

// shape is what a statement does: which columns of which table it fills with
// what.
type shape struct {
	key     string // table and columns
	table   string
	columns []string
	values  []value
	returns bool // the identifier, which is the last column
	removes bool // nothing is inserted
}

// value is what stands in a column: an argument, each element of one, or a
// constant.
type value struct {
	argument string
	each     bool
	constant string
	oid      uint32
}

var (
	// A statement of a house that writes its SQL for people: explicit columns,
	// named arguments.
	insertForm = regexp.MustCompile(`(?s)^INSERT INTO ([a-z_.]+) \(([^)]*)\) (?:VALUES \((.*?)\)|SELECT (.*?))( WHERE NOT EXISTS .*?| ON CONFLICT .*?)?( RETURNING id)?$`)
	spaces     = regexp.MustCompile(`\s+`)
	argForm    = regexp.MustCompile(`^@([a-z0-9_]+)(?:::[a-z0-9_\[\]]+)*$`)
	eachForm   = regexp.MustCompile(`^unnest\(@([a-z0-9_]+)(?:::[a-z0-9_\[\]]+)*\)$`)
	stringForm = regexp.MustCompile(`^'([^'\\]*)'$`)
)

func normal(sql string) string { return strings.TrimSpace(spaces.ReplaceAllString(sql, " ")) }

func isInsert(sql string) bool { return strings.HasPrefix(strings.TrimSpace(sql), "INSERT INTO ") }

// parse reads a statement. What it does not understand it refuses: a row that is
// not as the database would have made it is worse than none.
func parse(sql string, types map[string]uint32) (*shape, error) {
	text := normal(sql)
	if strings.HasPrefix(text, "DELETE FROM ") {
		return &shape{removes: true}, nil
	}
	m := insertForm.FindStringSubmatch(text)
	if m == nil {
		return nil, fmt.Errorf("bulk: not an insertion that can be copied: %s", text)
	}
	s := &shape{table: m[1], returns: m[6] != ""}
	s.columns = strings.Split(m[2], ", ")
	if s.returns {
		s.columns = append(slices.Clone(s.columns), "id")
	}
	for i, expression := range strings.Split(m[3]+m[4], ", ") {
		v, err := parseValue(expression)
		if err != nil || i >= len(s.columns) {
			return nil, fmt.Errorf("bulk: %q in %s", expression, text)
		}
		s.values = append(s.values, v)
	}
	if want := len(s.values); s.returns && want != len(s.columns)-1 || !s.returns && want != len(s.columns) {
		return nil, fmt.Errorf("bulk: %d values for %d columns: %s", want, len(s.columns), text)
	}
	for i, column := range s.columns {
		name := strings.Trim(column, `"`)
		oid, ok := types[s.table+"."+name]
		if !ok {
			return nil, fmt.Errorf("bulk: no column %s in %s", name, s.table)
		}
		if i < len(s.values) {
			s.values[i].oid = oid
		}
	}
	s.key = s.table + "(" + strings.Join(s.columns, ",") + ")"
	return s, nil
}

func parseValue(expression string) (value, error) {
	if m := argForm.FindStringSubmatch(expression); m != nil {
		return value{argument: m[1]}, nil
	}
	if m := eachForm.FindStringSubmatch(expression); m != nil {
		return value{argument: m[1], each: true}, nil
	}
	if m := stringForm.FindStringSubmatch(expression); m != nil {
		return value{constant: m[1]}, nil
	}
	switch expression {
	case "true", "false", "0", "1":
		return value{constant: expression}, nil
	case "NULL":
		return value{constant: null}, nil
	}
	return value{}, fmt.Errorf("bulk: %q is neither argument nor constant", expression)
}

// null is NULL in the text format of COPY.
const null = `\N`

// write adds the rows of a statement with its arguments: one, or one for each
// element of an argument.
func (s *shape) write(to *bytes.Buffer, types *pgtype.Map, args map[string]any) (id string, err error) {
	rows, each := 1, reflect.Value{}
	for _, v := range s.values {
		if v.each {
			each = reflect.ValueOf(args[v.argument])
			rows = each.Len()
		}
	}
	for n := range rows {
		for i, v := range s.values {
			if i > 0 {
				to.WriteByte('\t')
			}
			argument, ok := args[v.argument]
			switch {
			case v.argument == "":
				to.WriteString(v.constant)
				continue
			case !ok:
				return "", fmt.Errorf("no argument %s", v.argument)
			case v.each:
				argument = each.Index(n).Interface()
			}
			if err := encode(to, types, v.oid, argument); err != nil {
				return "", fmt.Errorf("%s: %w", s.columns[i], err)
			}
		}
		if s.returns {
			id = string(store.NewID())
			to.WriteByte('\t')
			to.WriteString(id)
		}
		to.WriteByte('\n')
	}
	return id, nil
}

// encode writes a value as the driver would send it, in the text format of COPY.
func encode(to *bytes.Buffer, types *pgtype.Map, oid uint32, v any) error {
	switch v := v.(type) { // what is frequent, without the detour
	case string:
		escape(to, v)
		return nil
	case bool:
		if v {
			to.WriteByte('t')
		} else {
			to.WriteByte('f')
		}
		return nil
	}
	// NULL is nil; an empty text is not, since it is appended to something.
	text, err := types.Encode(oid, pgtype.TextFormatCode, v, make([]byte, 0, 64))
	if err != nil {
		return err
	}
	if text == nil {
		to.WriteString(null)
		return nil
	}
	escape(to, text)
	return nil
}

// escape writes a text; what has a meaning in the format is written otherwise.
func escape[T string | []byte](to *bytes.Buffer, text T) {
	start := 0
	for i := range len(text) {
		if text[i] > '\r' && text[i] != '\\' {
			continue
		}
		var escaped byte
		switch text[i] {
		case '\\':
			escaped = '\\'
		case '\t':
			escaped = 't'
		case '\n':
			escaped = 'n'
		case '\r':
			escaped = 'r'
		default:
			continue
		}
		to.Write(append(to.AvailableBuffer(), text[start:i]...))
		to.WriteByte('\\')
		to.WriteByte(escaped)
		start = i + 1
	}
	to.Write(append(to.AvailableBuffer(), text[start:]...))
}

func quoted(columns []string) string {
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = pgx.Identifier{strings.Trim(c, `"`)}.Sanitize()
	}
	return strings.Join(out, ", ")
}
