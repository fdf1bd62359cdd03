package exchange

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"time"

	"github.com/sijil/sijil/internal/register"
)

// The files of the archive besides its tables.
const (
	csvwName       = "csv-metadata.json"
	dictionaryName = "dictionary.csv"
)

func csvFormat() ExportFormat {
	return ExportFormat{
		Name: "csv", MediaType: "application/zip", Extension: ".csv.zip", Dumped: true,
		Begin: func(w io.Writer, about ExportAbout) (Encoder, error) { return beginTables(w, about) },
	}
}

// tablesEncoder writes an archive of tables. The first is written as it comes; an
// archive holds its files one behind the other, so the others wait in spools.
type tablesEncoder struct {
	about  ExportAbout
	zip    *zip.Writer
	tables map[reflect.Type]*tableWriter
	files  map[reflect.Type]*spooled
	seen   register.ReferenceSet
	err    error
}

func beginTables(w io.Writer, about ExportAbout) (*tablesEncoder, error) {
	e := &tablesEncoder{
		about: about, zip: zip.NewWriter(w), tables: map[reflect.Type]*tableWriter{}, files: map[reflect.Type]*spooled{},
	}
	metadata, err := csvw(about)
	if err == nil {
		err = e.file(csvwName, metadata)
	}
	if err == nil {
		err = e.dictionary()
	}
	for i, s := range tableSpecs() {
		if err != nil {
			e.abort()
			return nil, err
		}
		var to io.Writer
		if i == 0 {
			to, err = e.zip.CreateHeader(e.header(s.name + ".csv"))
		} else {
			e.files[s.row], err = newSpooled(about.Spool)
			to = e.files[s.row]
		}
		if err == nil {
			e.tables[s.row], err = newTableWriter(to, s)
		}
	}
	return e, err
}

func (e *tablesEncoder) header(name string) *zip.FileHeader {
	return &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: e.about.At.UTC()}
}

func (e *tablesEncoder) file(name string, content []byte) error {
	w, err := e.zip.CreateHeader(e.header(name))
	if err != nil {
		return err
	}
	_, err = w.Write(content)
	return err
}

// dictionaryRow is a column of a table, as the dictionary has it.
type dictionaryRow struct {
	Table    string        `csv:"table" doc:"Name of the table, and of its file." key:"1"`
	Column   string        `csv:"column" doc:"Name of the column." key:"1"`
	Datatype string        `csv:"datatype" doc:"Datatype of CSV on the Web."`
	List     bool          `csv:"list" doc:"Whether there are several values, with semicolons between."`
	Language register.Lang `csv:"language" doc:"Language of its words, where it has one."`
	Key      bool          `csv:"key" doc:"Whether it is part of what names a line."`
	Meaning  string        `csv:"meaning" doc:"What it means."`
}

func (e *tablesEncoder) dictionary() error {
	w, err := e.zip.CreateHeader(e.header(dictionaryName))
	if err != nil {
		return err
	}
	t, err := newTableWriter(w, tableSpec{row: reflect.TypeFor[dictionaryRow]()})
	if err != nil {
		return err
	}
	for _, s := range tableSpecs() {
		for _, c := range s.columns() {
			if err := t.add(dictionaryRow{s.name, c.name, c.datatype, c.list, c.lang, c.key, c.doc}); err != nil {
				return err
			}
		}
	}
	return t.flush()
}

// Sink implements Encoder.
func (e *tablesEncoder) Sink() register.ExportSink {
	return register.ExportSink{Incident: e.incident, Record: e.record}
}

// add writes a line into its table; after an error nothing more is written.
func (e *tablesEncoder) add(row any) {
	if e.err == nil {
		e.err = e.tables[reflect.TypeOf(row)].add(row)
	}
}

// Close implements Encoder.
func (e *tablesEncoder) Close() error {
	defer e.abort()
	for i, s := range tableSpecs() {
		if err := e.tables[s.row].flush(); err != nil {
			return err
		}
		if i == 0 {
			continue
		}
		if err := e.place(s.name+".csv", e.files[s.row]); err != nil {
			return fmt.Errorf("exchange: table %s: %w", s.name, err)
		}
	}
	return e.zip.Close()
}

// place puts a file that waited into the archive.
func (e *tablesEncoder) place(name string, f *spooled) error {
	if err := f.zip.Close(); err != nil {
		return err
	}
	h := e.header(name)
	h.CRC32, h.UncompressedSize64, h.CompressedSize64 = f.sum, f.size, f.kept
	w, err := e.zip.CreateRaw(h)
	if err != nil {
		return err
	}
	return f.copyTo(w)
}

// abort lets the spools go.
func (e *tablesEncoder) abort() {
	for _, f := range e.files {
		if f != nil {
			f.close()
		}
	}
}

// csvwObject is an object of the metadata.
type csvwObject map[string]any

// csvw describes the tables as CSV on the Web has it (W3C Recommendation "Metadata
// Vocabulary for Tabular Data").
func csvw(about ExportAbout) ([]byte, error) {
	var tables []csvwObject
	for _, s := range tableSpecs() {
		columns, keys := []csvwObject{}, []string{}
		for _, c := range s.columns() {
			columns = append(columns, c.csvw())
			if c.key {
				keys = append(keys, c.name)
			}
		}
		schema := csvwObject{"columns": columns, "primaryKey": keys}
		if s.parent != "" {
			schema["foreignKeys"] = []csvwObject{{
				"columnReference": s.columns()[0].name,
				"reference":       csvwObject{"resource": s.parent + ".csv", "columnReference": "reference"},
			}}
		}
		tables = append(tables, csvwObject{"url": s.name + ".csv", "dc:description": s.doc, "tableSchema": schema})
	}
	body, err := json.MarshalIndent(csvwObject{
		"@context": []any{"http://www.w3.org/ns/csvw", csvwObject{"@language": "en"}},
		"dc:title": "Sijil", "dc:source": about.Base, "dc:created": about.At.UTC().Format(time.RFC3339),
		"dc:license": csvwObject{"@id": "https://creativecommons.org/licenses/by/4.0/"},
		"dialect":    csvwObject{"encoding": "utf-8", "lineTerminators": []string{"\r\n"}},
		"tables":     tables,
	}, "", " ")
	return append(body, '\n'), err
}

func (c column) csvw() csvwObject {
	out := csvwObject{"name": c.name, "titles": c.name, "datatype": c.datatype, "dc:description": c.doc}
	if c.lang != "" {
		out["lang"] = c.lang
	}
	if c.list {
		out["separator"] = ";"
	}
	if c.key {
		out["required"] = true
	}
	return out
}
