package exchange

import (
	"bytes"
	"compress/flate"
	"encoding/csv"
	"fmt"
	"hash/crc32"
	"io"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
)

// tableSpec is one table of the CSV export: a notion of the register, with a line
// for each that there is.
type tableSpec struct {
	name string
	doc  string
	// row is the type of its lines: each exported field is a column, or, of a text,
	// one for each language. The tag csv names it, doc says what it means, and key
	// marks what together names a line.
	row reflect.Type
	// parent is the table of the record to which a line belongs, by its first column.
	parent string
}

// column is a column of a table.
type column struct {
	name, doc string
	datatype  string // of CSVW
	lang      register.Lang
	list      bool // several values, with semicolons between
	key       bool
}

// columns are the columns of a table, in their order.
func (s tableSpec) columns() []column {
	var out []column
	for field := range s.row.Fields() {
		c := column{name: field.Tag.Get("csv"), doc: field.Tag.Get("doc"), key: field.Tag.Get("key") != ""}
		if field.Type == reflect.TypeFor[register.Text]() {
			for _, lang := range register.Langs() {
				out = append(out, column{name: c.name + "_" + string(lang), doc: c.doc, datatype: "string", lang: lang})
			}
			continue
		}
		c.datatype, c.list = datatypeOf(field.Type)
		out = append(out, c)
	}
	return out
}

// datatypeOf is the datatype of CSVW for a type of Go. A date is a string: EDTF has
// no datatype there.
func datatypeOf(t reflect.Type) (name string, list bool) {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return "dateTimeStamp", false
	case t.Kind() == reflect.Pointer:
		return datatypeOf(t.Elem())
	case t.Kind() == reflect.Int, t.Kind() == reflect.Int64:
		return "integer", false
	case t.Kind() == reflect.Bool:
		return "boolean", false
	}
	return "string", t.Kind() == reflect.Slice
}

// cellsOf writes the cells of a line.
func cellsOf(row reflect.Value) []string {
	var out []string
	for _, field := range row.Fields() {
		switch v := field.Interface().(type) {
		case register.Text:
			for _, lang := range register.Langs() {
				out = append(out, plainCell(v[lang]))
			}
		default:
			out = append(out, plainCell(cellOfValue(v, field)))
		}
	}
	return out
}

// cellOfValue writes one value; what is not stated is empty.
func cellOfValue(v any, field reflect.Value) string {
	switch v := v.(type) {
	case edtf.Date:
		return v.String()
	case time.Time:
		return v.UTC().Format(time.RFC3339)
	case *int64:
		if v == nil {
			return ""
		}
		return strconv.FormatInt(*v, 10)
	}
	switch field.Kind() {
	case reflect.Int, reflect.Int64:
		return strconv.FormatInt(field.Int(), 10)
	case reflect.Bool:
		return strconv.FormatBool(field.Bool())
	case reflect.Slice:
		parts := make([]string, field.Len())
		for i := range parts {
			parts[i] = strings.ReplaceAll(field.Index(i).String(), ";", ",") // which is between them
		}
		return strings.Join(parts, ";")
	default:
		return field.String()
	}
}

// tableWriter writes a table as CSV, as RFC 4180 has it.
type tableWriter struct {
	csv *csv.Writer
	row reflect.Type
}

func newTableWriter(w io.Writer, s tableSpec) (*tableWriter, error) {
	if _, err := io.WriteString(w, byteOrderMark); err != nil {
		return nil, err
	}
	t := &tableWriter{csv: csv.NewWriter(w), row: s.row}
	t.csv.UseCRLF = true
	var head []string
	for _, c := range s.columns() {
		head = append(head, c.name)
	}
	return t, t.csv.Write(head)
}

// add writes a line, which is a value of the table's type.
func (t *tableWriter) add(row any) error {
	v := reflect.ValueOf(row)
	if v.Type() != t.row {
		return fmt.Errorf("exchange: a line of %s in a table of %s", v.Type(), t.row)
	}
	return t.csv.Write(cellsOf(v))
}

// flush writes what is left.
func (t *tableWriter) flush() error {
	t.csv.Flush()
	return t.csv.Error()
}

// spooled is a compressed file that waits for its place in an archive. What is short
// waits in memory.
type spooled struct {
	open  func() (Spool, error)
	spool Spool // nil while it is short
	short bytes.Buffer
	zip   *flate.Writer
	sum   uint32
	size  uint64 // before compression
	kept  uint64 // compressed
}

// spoolShort is up to how many bytes a file waits in memory.
const spoolShort = 32 << 10

func newSpooled(open func() (Spool, error)) (*spooled, error) {
	s := &spooled{open: open}
	var err error
	s.zip, err = flate.NewWriter(writerFunc(s.keep), flate.DefaultCompression)
	return s, err
}

type writerFunc func([]byte) (int, error)

// Write implements io.Writer.
func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

// Write implements io.Writer.
func (s *spooled) Write(b []byte) (int, error) {
	s.sum = crc32.Update(s.sum, crc32.IEEETable, b)
	s.size += uint64(len(b))
	return s.zip.Write(b)
}

// keep takes what is compressed.
func (s *spooled) keep(b []byte) (int, error) {
	s.kept += uint64(len(b))
	if s.spool == nil && s.short.Len()+len(b) <= spoolShort {
		return s.short.Write(b)
	}
	if s.spool == nil {
		var err error
		if s.spool, err = s.open(); err != nil {
			return 0, err
		}
		if _, err := s.spool.Write(s.short.Bytes()); err != nil {
			return 0, err
		}
		s.short = bytes.Buffer{}
	}
	return s.spool.Write(b)
}

// copyTo writes what was compressed.
func (s *spooled) copyTo(w io.Writer) error {
	if s.spool == nil {
		_, err := w.Write(s.short.Bytes())
		return err
	}
	if _, err := s.spool.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err := io.Copy(w, s.spool)
	return err
}

// close lets the file go.
func (s *spooled) close() {
	if s.spool != nil {
		_ = s.spool.Close() // it was for these minutes only
	}
}
