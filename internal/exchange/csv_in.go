package exchange

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
)

var slugForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// CSVReader reads a table in UTF-8 whose first row names its columns, by a mapping. It
// keeps one row in memory, of bounded length.
type CSVReader struct {
	m       *CSVMap
	rules   *verisRules
	today   edtf.Day
	in      *boundedReader
	rows    *csv.Reader
	columns []string
	ended   bool
}

// NewCSVReader returns a reader of a table. Dates such as "yesterday" are counted from
// today. It returns register.Problems when the table lacks a column that the mapping
// names.
func NewCSVReader(r io.Reader, m *CSVMap, today edtf.Day) (*CSVReader, error) {
	rules, err := readVERISRules()
	if err != nil {
		return nil, err
	}
	in := &boundedReader{in: bufio.NewReader(r), left: longestValue}
	if mark, err := in.in.Peek(3); err == nil && string(mark) == "\uFEFF" {
		_, _ = in.in.Discard(3) // just looked at
	}
	out := &CSVReader{m: m, rules: rules, today: today, in: in, rows: csv.NewReader(in)}
	out.rows.FieldsPerRecord = -1
	if m.Separator != "" {
		out.rows.Comma = []rune(m.Separator)[0]
	}
	if out.columns, err = out.rows.Read(); err != nil {
		return nil, register.Problems{{Field: "file", Key: "problem.missing"}}
	}
	for i, c := range out.columns {
		out.columns[i] = strings.TrimSpace(c)
	}
	return out, out.missing().OrNil()
}

// missing are the columns that the mapping names and the table does not have.
func (r *CSVReader) missing() register.Problems {
	var out register.Problems
	need := func(column string) {
		known := func(p register.Problem) bool { return p.Value == column }
		if column != "" && !slices.Contains(r.columns, column) && !slices.ContainsFunc(out, known) {
			out = append(out, register.Problem{Field: "file", Key: "problem.key-unknown", Value: column})
		}
	}
	need(r.m.ID)
	for _, rule := range r.m.Fields {
		need(rule.Column)
	}
	slices.SortFunc(out, func(a, b register.Problem) int { return strings.Compare(a.Value, b.Value) })
	return out
}

// boundedReader fails where more is read for one row than a row may be long.
type boundedReader struct {
	in   *bufio.Reader
	left int
}

var errTooLong = errors.New("a row is too long")

// Read implements io.Reader.
func (b *boundedReader) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooLong
	}
	n, err := b.in.Read(p)
	b.left -= n
	return n, err
}

// Next returns what the next row becomes; io.EOF behind the last. Behind a row without
// an end nothing can be read any more.
func (r *CSVReader) Next() (register.Arrival, error) {
	if r.ended {
		return register.Arrival{}, io.EOF
	}
	r.in.left = longestValue
	cells, err := r.rows.Read()
	var bad *csv.ParseError
	switch {
	case errors.As(err, &bad):
		return register.Arrival{Origin: register.Origin{Line: bad.StartLine}, Skip: register.SkipUnreadable, Detail: bad.Err.Error()}, nil
	case errors.Is(err, errTooLong):
		r.ended = true
		line, _ := r.rows.FieldPos(0)
		return register.Arrival{Origin: register.Origin{Line: max(line, 1)}, Skip: register.SkipUnreadable, Detail: err.Error()}, nil
	case err != nil:
		return register.Arrival{}, err
	}
	line, _ := r.rows.FieldPos(0)
	if len(cells) > len(r.columns) || slices.ContainsFunc(cells, func(c string) bool { return !utf8.ValidString(c) || strings.ContainsRune(c, 0) }) {
		return register.Arrival{Origin: register.Origin{Line: line}, Skip: register.SkipUnreadable}, nil
	}
	raw, err := r.verbatim(cells)
	if err != nil {
		return register.Arrival{}, err
	}
	return r.Again(register.Origin{Format: register.ImportCSV, Line: line, Raw: raw}), nil
}

// verbatim is a row as a JSON object, in the order of its columns.
func (r *CSVReader) verbatim(cells []string) ([]byte, error) {
	var out bytes.Buffer
	for i, cell := range cells {
		pair, err := json.Marshal(map[string]string{r.columns[i]: cell})
		if err != nil {
			return nil, err
		}
		sep := byte(',')
		if i == 0 {
			sep = '{'
		}
		out.WriteByte(sep)
		out.Write(pair[1 : len(pair)-1])
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// Again returns what a row becomes that was read before.
func (r *CSVReader) Again(o register.Origin) register.Arrival {
	cells := map[string]string{}
	if err := json.Unmarshal(o.Raw, &cells); err != nil {
		return register.Arrival{Origin: register.Origin{Line: o.Line}, Skip: register.SkipUnreadable}
	}
	id := strings.TrimSpace(cells[r.m.ID])
	if id == "" {
		return register.Arrival{Origin: register.Origin{Line: o.Line}, Skip: register.SkipNoIdentifier}
	}
	o.ID = r.m.Prefix + ":" + id
	row := &csvRow{CSVReader: r, cells: cells, slug: r.m.Prefix + "-" + lastSlug(id), out: register.Arrival{Origin: o}}
	switch r.m.Of {
	case register.TypeIncident:
		row.incident()
	case register.TypeStatement:
		row.statement()
	case register.TypeInstitution:
		row.institution()
	}
	return row.out
}

// lastSlug is an identifier as the end of an address: itself where it can be, else with
// a hash of it.
func lastSlug(id string) string {
	const longest = 40
	slug := strings.Join(nameWords(id), "-")
	if slug == id && len(slug) <= longest {
		return slug
	}
	sum := sha256.Sum256([]byte(id))
	return strings.Trim(slug[:min(len(slug), longest)]+"-"+hex.EncodeToString(sum[:4]), "-")
}

// csvRow is a row while it becomes a record.
type csvRow struct {
	*CSVReader
	cells map[string]string
	slug  string
	out   register.Arrival
}

// all are the values of a field in the row.
func (r *csvRow) all(field string) []string {
	rule, ok := r.m.Fields[field]
	if !ok {
		return nil
	}
	if rule.Value != "" {
		return []string{rule.Value}
	}
	parts := []string{r.cells[rule.Column]}
	if rule.Split != "" {
		parts = strings.Split(parts[0], rule.Split)
	}
	var out []string
	for _, part := range parts {
		part = strings.TrimSpace(part)
		if rule.Map != nil || rule.Else != "" {
			code, ok := rule.Map[part]
			if !ok {
				code = rule.Else
			}
			part = code
		}
		if part != "" && !slices.Contains(out, part) {
			out = append(out, part)
		}
	}
	return out
}

// one is the first value of a field; "" for none.
func (r *csvRow) one(field string) string {
	if all := r.all(field); len(all) > 0 {
		return all[0]
	}
	return ""
}

// code is the value of a field that has codes; "" where it is none of them.
func (r *csvRow) code(field string) string {
	c := r.one(field)
	if !slices.Contains(csvCodes(r.m.Of, field), c) {
		return ""
	}
	return c
}

// text is a field in the languages in which the row has it.
func (r *csvRow) text(field string) register.Text {
	out := register.Text{}
	if s := r.one(field); s != "" {
		out[r.m.Language] = s
	}
	for _, lang := range register.Langs() {
		if s := r.one(field + "." + string(lang)); s != "" {
			out[lang] = s
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

var monthFirst = regexp.MustCompile(`^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$`)

// date is a field as a date, as precise as it is written; zero where it is none.
func (r *csvRow) date(field string) edtf.Date {
	typed := r.one(field)
	switch r.m.Fields[field].Date {
	case "text":
		d, _, err := edtf.ParseText(typed, r.today)
		if err != nil {
			return edtf.Date{}
		}
		return d
	case "month-first":
		if m := monthFirst.FindStringSubmatch(typed); m != nil {
			month, _ := strconv.Atoi(m[1]) // figures, as the form says
			day, _ := strconv.Atoi(m[2])
			typed = fmt.Sprintf("%s-%02d-%02d", m[3], month, day)
		}
	}
	d, err := edtf.Parse(typed)
	if err != nil {
		return edtf.Date{}
	}
	return d
}
