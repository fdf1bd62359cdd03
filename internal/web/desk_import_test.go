package web_test

import (
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/intake"
	"github.com/sijil/sijil/internal/testkit"
)

const importPath = "/fr/desk/import"

// tableExample is a file of the example of a table.
func tableExample(tb testing.TB, name string) string {
	tb.Helper()
	raw, err := os.ReadFile("../exchange/testdata/csv/" + name)
	if err != nil {
		tb.Fatal(err)
	}
	return string(raw)
}

func csvForm(t *testing.T) url.Values {
	t.Helper()
	return url.Values{"csrf": {testkit.CSRF}, "format": {"csv"}, "mapping": {tableExample(t, "incidents.yaml")}}
}

// importedSomething imports the example of a table.
func importedSomething(t *testing.T, s *deskSite) {
	t.Helper()
	a := s.postFileTo(t, importPath, csvForm(t), "incidents.csv", []byte(tableExample(t, "incidents.csv")))
	at, _, _ := strings.Cut(a.Header.Get("Location"), "?")
	if a := testkit.Post(t, s, at, nil, testkit.As(testkit.Editor)); a.Status != http.StatusSeeOther {
		t.Fatalf("import: status %d", a.Status)
	}
}

// drafts is how many records the desk has.
func (s *deskSite) drafts(t *testing.T) (n int) {
	t.Helper()
	if err := s.db.Owner().QueryRow(t.Context(), `SELECT count(*) FROM desk.records`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestAnUploadIsSeenBeforeItIsImported uploads the example of a table, looks at what it
// would make, confirms, and reads the report; in each language.
func TestAnUploadIsSeenBeforeItIsImported(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Database(t))
	a := s.postFileTo(t, importPath, csvForm(t), "incidents.csv", []byte(tableExample(t, "incidents.csv")))
	at := a.Header.Get("Location")
	if a.Status != http.StatusSeeOther || !strings.HasPrefix(at, importPath+"/") {
		t.Fatalf("status %d to %q: %s", a.Status, at, a.Text("main"))
	}
	at, _, _ = strings.Cut(at, "?")
	for _, lang := range []string{"fr", "ar", "en"} {
		page := testkit.Ask(t, s, "/"+lang+strings.TrimPrefix(at, "/fr"), testkit.As(testkit.Editor))
		if page.Status != http.StatusOK || page.Count("tbody tr") != 4 || page.Count(`form.inline-form button`) == 0 {
			t.Errorf("%s: status %d: %s", lang, page.Status, page.Text("main"))
		}
	}
	preview := testkit.Ask(t, s, at, testkit.As(testkit.Editor)).Text("main")
	for _, want := range []string{"Fuite à l’Office", "Office des essais", "nouvelle", "sans identifiant", "personne privée"} {
		if !strings.Contains(preview, want) {
			t.Errorf("the preview does not say %q: %s", want, preview)
		}
	}
	if other := testkit.Ask(t, s, at, testkit.As(testkit.Analyst)); other.Status != http.StatusNotFound || s.drafts(t) > 0 {
		t.Errorf("before it is confirmed: somebody else gets %d, and there are %d records", other.Status, s.drafts(t))
	}
	for range 2 { // twice, as by two clicks
		if a := testkit.Post(t, s, at, nil, testkit.As(testkit.Editor)); a.Status != http.StatusSeeOther {
			t.Errorf("confirmed: status %d: %s", a.Status, a.Text("main"))
		}
	}
	report := testkit.Ask(t, s, at, testkit.As(testkit.Analyst))
	if s.drafts(t) != 5 || !strings.Contains(report.Text("main"), "sans identifiant") || report.Count("tbody tr") != 1 {
		t.Errorf("%d records: %s", s.drafts(t), report.Text("main"))
	}
	list := testkit.Ask(t, s, importPath, testkit.As(testkit.Analyst)).Text("main")
	if !strings.Contains(list, "incidents.csv") || !strings.Contains(list, "Terminé") {
		t.Errorf("the list: %s", list)
	}
}

func TestAnUploadThatCannotBeReadSaysWhy(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Database(t))
	for name, c := range map[string]struct {
		field, value, file string
		id                 string // of the field with the problem
	}{
		"no format":         {"format", "xml", "x", "format"},
		"no mapping":        {"mapping", "", "x", "mapping"},
		"a wrong mapping":   {"mapping", "of: [", "x", "mapping"},
		"a column is gone":  {"mapping", tableExample(t, "incidents.yaml"), "a;b\n", "file"},
		"no bundle":         {"format", "stix", "{}", "file"},
		"a file too large":  {"format", "veris", strings.Repeat("x", editorial.MaxImport+1), "file"},
		"too many lines":    {"format", "veris", strings.Repeat("{}\n", 100_001), "file"},
		"a file of nothing": {"mapping", tableExample(t, "incidents.yaml"), "", "file"},
	} {
		form := csvForm(t)
		form.Set(c.field, c.value)
		a := s.postFileTo(t, importPath, form, "f", []byte(c.file))
		if a.Status != http.StatusUnprocessableEntity || a.Count(`#`+c.id+`[aria-invalid="true"]`) != 1 {
			t.Errorf("%s: status %d: %s", name, a.Status, a.Text("main"))
		}
		if c.field == "mapping" && a.Text("#mapping") != strings.Join(strings.Fields(c.value), " ") {
			t.Errorf("%s: what was typed is lost: %q", name, a.Text("#mapping"))
		}
	}
	var kept int
	if err := s.db.Owner().QueryRow(t.Context(), `SELECT count(*) FROM desk.import_files`).Scan(&kept); err != nil || kept > 0 {
		t.Errorf("%d files are kept, %v", kept, err)
	}
}

// TestALargeUploadIsAJob confirms more than is imported at once, and does what the job
// does.
func TestALargeUploadIsAJob(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Database(t))
	table := "n;t\n"
	for i := range 60 {
		table += "r" + strings.Repeat("x", i) + ";T\n"
	}
	form := csvForm(t)
	form.Set("mapping", `{of: incident, prefix: big, id: n, language: fr, separator: ";", fields: {title: {column: t}}}`)
	at, _, _ := strings.Cut(s.postFileTo(t, importPath, form, "big.csv", []byte(table)).Header.Get("Location"), "?")
	testkit.Post(t, s, at, nil, testkit.As(testkit.Editor))
	id := strings.TrimPrefix(at, importPath+"/")
	var asked int
	err := s.db.Owner().QueryRow(t.Context(), `SELECT count(*) FROM jobs.river_job WHERE kind = 'run-import' AND args ->> 'run' = $1`, id).Scan(&asked)
	if err != nil || asked != 1 || s.drafts(t) > 0 {
		t.Fatalf("%d jobs, %d records, %v", asked, s.drafts(t), err)
	}
	for range 2 {
		if err := intake.RunUpload(t.Context(), s.editorial, id, edtf.DayOf(s.clock.Now()), intake.Telling{}); err != nil {
			t.Fatal(err)
		}
	}
	if s.drafts(t) != 60 {
		t.Errorf("%d records", s.drafts(t))
	}
}
