package exchange_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/register"
)

// csvwTable is what the metadata says of a table, as far as it is tested.
type csvwTable struct {
	URL         string `json:"url"`
	Description string `json:"dc:description"`
	Schema      struct {
		Columns []struct {
			Name, Titles, Datatype, Lang, Separator string
			Description                             string `json:"dc:description"`
			Required                                bool
		}
		PrimaryKey  []string
		ForeignKeys []struct {
			ColumnReference string
			Reference       struct{ Resource, ColumnReference string }
		}
	} `json:"tableSchema"`
}

// unzip reads an archive and its metadata.
func unzip(t *testing.T, archive []byte) (files map[string][]byte, tables []csvwTable) {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	files = map[string][]byte{}
	for _, f := range r.File {
		content, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if files[f.Name], err = io.ReadAll(content); err != nil { // checks the sum, too
			t.Fatalf("%s: %v", f.Name, err)
		}
	}
	var metadata struct {
		Context []any `json:"@context"`
		Tables  []csvwTable
	}
	if err := json.Unmarshal(files["csv-metadata.json"], &metadata); err != nil {
		t.Fatal(err)
	}
	if len(metadata.Context) != 2 || metadata.Context[0] != "http://www.w3.org/ns/csvw" {
		t.Errorf("the context is %v", metadata.Context)
	}
	return files, metadata.Tables
}

func readTable(t *testing.T, content []byte) [][]string {
	t.Helper()
	text, marked := strings.CutPrefix(string(content), "\ufeff")
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || !marked || len(rows) == 0 {
		t.Fatalf("%v, %d lines, with a mark: %v", err, len(rows), marked)
	}
	return rows
}

// datatypes are those of the metadata, as XML Schema writes their values.
var datatypes = map[string]*regexp.Regexp{
	"string": regexp.MustCompile(`(?s)^.*$`), "integer": regexp.MustCompile(`^-?[0-9]+$`),
	"boolean": regexp.MustCompile(`^(true|false)$`), "dateTimeStamp": regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`),
}

// testCSV holds the tables of every scope to what their metadata says.
func (x exported) testCSV(t *testing.T) {
	totals, err := x.records.Totals(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for name, scope := range x.scopes() {
		files, tables := unzip(t, x.write(t, "csv", scope))
		if len(files) != len(tables)+2 {
			t.Errorf("%s: %d files for %d tables", name, len(files), len(tables))
		}
		keys := map[string]map[string]bool{}
		for _, table := range tables {
			keys[table.URL] = checkTable(t, name+": "+table.URL, table, readTable(t, files[table.URL]))
		}
		for _, table := range tables {
			rows := readTable(t, files[table.URL])
			for _, key := range table.Schema.ForeignKeys {
				at := slices.Index(rows[0], key.ColumnReference)
				for _, row := range rows[1:] {
					if !keys[key.Reference.Resource][row[at]] {
						t.Errorf("%s: %s: nothing in %s is %q", name, table.URL, key.Reference.Resource, row[at])
					}
				}
			}
		}
		checkDictionary(t, readTable(t, files["dictionary.csv"]), tables)
		if n := len(keys["incidents.csv"]); name == "whole" && n != totals.Incidents || name == "one" && n != 1 || n == 0 {
			t.Errorf("%s: %d incidents", name, n)
		}
		if name == "one" {
			for _, file := range []string{"claims", "quotes", "steps", "figures", "dates", "sources", "institution_names", "renderings", "backings"} {
				if len(keys[file+".csv"]) == 0 {
					t.Errorf("the founding record has no %s", file)
				}
			}
		}
	}
}

// checkTable checks the lines of a table, and returns their keys.
func checkTable(t *testing.T, name string, table csvwTable, rows [][]string) map[string]bool {
	t.Helper()
	keys := map[string]bool{}
	for i, c := range table.Schema.Columns {
		if rows[0][i] != c.Name || c.Titles != c.Name || c.Description == "" || datatypes[c.Datatype] == nil || table.Description == "" {
			t.Errorf("%s: column %d is %q, %+v", name, i, rows[0][i], c)
		}
	}
	for _, row := range rows[1:] {
		var key []string
		for i, c := range table.Schema.Columns {
			if slices.Contains(table.Schema.PrimaryKey, c.Name) {
				key = append(key, row[i])
			}
			if row[i] != "" && (!datatypes[c.Datatype].MatchString(row[i]) || beginsFormula(row[i])) {
				t.Errorf("%s: %s is %q", name, c.Name, row[i])
			}
		}
		whole := strings.Join(key, "\x1f")
		if len(row) != len(table.Schema.Columns) || whole == "" || keys[whole] {
			t.Errorf("%s: %d cells, key %q, for a second time: %v", name, len(row), key, keys[whole])
		}
		keys[whole] = true
	}
	return keys
}

func checkDictionary(t *testing.T, rows [][]string, tables []csvwTable) {
	t.Helper()
	n := 0
	for _, table := range tables {
		for _, c := range table.Schema.Columns {
			n++
			if row := rows[n]; row[0]+".csv" != table.URL || row[1] != c.Name || row[6] != c.Description {
				t.Errorf("line %d of the dictionary is %q", n, row)
			}
		}
	}
	if len(rows) != n+1 {
		t.Errorf("the dictionary has %d lines for %d columns", len(rows)-1, n)
	}
}

// beginsFormula reports whether a spreadsheet may take a text for a formula.
func beginsFormula(s string) bool {
	return strings.IndexAny(s, "=+-@\t\r\n＝＋－＠") == 0
}

// TestCSVDefusesFormulas: no text becomes a formula in a spreadsheet, however it is
// written.
func TestCSVDefusesFormulas(t *testing.T) {
	t.Parallel()
	for _, evil := range []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠SUM(A1)", `=HYPERLINK("https://evil.example","x")`} {
		incident := synthetic(1)
		incident.Title = register.Text{register.French: evil, register.Arabic: evil, register.English: evil}
		incident.Kinds = []string{evil}
		files, _ := unzip(t, writeAll(t, "csv", incident))
		row := readTable(t, files["incidents.csv"])[1]
		defused := 0
		for _, cell := range row {
			if strings.HasPrefix(cell, "'") {
				defused++
			}
			if cell != "" && beginsFormula(cell) {
				t.Errorf("%q stands as %q", evil, cell)
			}
		}
		if defused < 4 {
			t.Errorf("%q was written into %d cells", evil, defused)
		}
	}
}

// synthetic is the nth of many small incidents.
func synthetic(n int) *register.ExportedIncident {
	number := strconv.Itoa(n)
	text := func(s string) register.Text {
		return register.Text{register.French: s + number, register.Arabic: s + number, register.English: s + number}
	}
	institution := register.InstitutionEdition{
		Reference: "IN-" + number, Edition: 1, SHA256: register.HashOf([]byte(number)),
		Institution: &register.Institution{
			Language: register.French, Slug: "in-" + number, Kind: register.InstitutionCompany, Country: "MA",
			Names: []register.InstitutionName{{Key: "name", Language: register.French, Kind: register.NameOfficial, Name: "Institution " + number}},
		},
	}
	return &register.ExportedIncident{IncidentEdition: &register.IncidentEdition{
		Reference: "SJ-2025-" + number, Edition: 1, SHA256: register.HashOf([]byte(number)), PublishedAt: time.Date(2025, 4, 9, 0, 0, 0, 0, time.UTC),
		Institutions: []register.InstitutionEdition{institution},
		Incident: &register.Incident{
			Language: register.French, Slug: "incident-" + number, Title: text("Incident "), Summary: text(strings.Repeat("What is told of it. ", 20)),
			Standing: "confirmed", Country: "MA", Kinds: []string{"information-content-security/data-leak"},
			Affected: []register.AffectedInstitution{{
				Fact: register.Fact{Key: "affected"}, Institution: register.Ref(institution.Reference), Roles: []register.Role{register.RoleTarget},
			}},
		},
	}}
}

// writeAll writes incidents that are in no register.
func writeAll(t *testing.T, format string, incidents ...*register.ExportedIncident) []byte {
	t.Helper()
	f, _ := exchange.ExportFormatNamed(format)
	var out bytes.Buffer
	encoder, err := f.Begin(&out, exchange.ExportAbout{Base: "https://sijil.example", Words: catalog(t).Localizer("fr"), Spool: func() (exchange.Spool, error) { return &memorySpool{}, nil }})
	if err != nil {
		t.Fatal(err)
	}
	for _, incident := range incidents {
		if err := encoder.Sink().Incident(incident); err != nil {
			t.Fatal(err)
		}
	}
	if err := encoder.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
