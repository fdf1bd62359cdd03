package exchange_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/register"
)

// readExample reads the example of the documentation, with a change of its mapping.
func readExample(t *testing.T, old, changed string) ([]register.Arrival, error) {
	t.Helper()
	mapping, err := os.ReadFile("testdata/csv/incidents.yaml")
	if err != nil {
		t.Fatal(err)
	}
	table, err := os.ReadFile("testdata/csv/incidents.csv")
	if err != nil {
		t.Fatal(err)
	}
	return readCSV(strings.Replace(string(mapping), old, changed, 1), string(table))
}

func readCSV(mapping, table string) ([]register.Arrival, error) {
	m, err := exchange.ReadCSVMap([]byte(mapping))
	if err != nil {
		return nil, err
	}
	today, err := edtf.ParseDay("2026-11-20")
	if err != nil {
		return nil, err
	}
	r, err := exchange.NewCSVReader(strings.NewReader(table), m, today)
	if err != nil {
		return nil, err
	}
	var out []register.Arrival
	for {
		a, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		out = append(out, a)
	}
}

func TestTheExampleOfAMappingIsRead(t *testing.T) {
	all, err := readExample(t, "", "")
	if err != nil || len(all) != 4 {
		t.Fatal(len(all), err)
	}
	first := all[0].Incident
	cells := map[string]string{}
	if err := json.Unmarshal(all[0].Origin.Raw, &cells); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ what, got, want string }{
		{"identifier", all[0].Origin.ID, "bulletin:7/2025"},
		{"line", fmt.Sprint(all[0].Origin.Line), "2"},
		{"title", first.Title["fr"] + " " + first.Title["ar"], "Fuite à l’Office تسرب بالمكتب"},
		{"summary", first.Summary["fr"], "Des fichiers; en ligne."},
		{"the month, and no day", first.Occurred().String(), "2025-04"},
		{"kinds", fmt.Sprint(first.Kinds), "[information-content-security/data-leak malicious-code/infected-system]"},
		{"figure", fmt.Sprint(first.Exposures[0].Figures[0].Value, first.Exposures[0].Figures[0].Unit), "1200people"},
		{"institution", all[0].Institutions[0].Slug + " " + string(all[0].Institutions[0].Kind), "office-des-essais-ma agency"},
		{"source", all[0].Sources[0].Publisher + " " + all[0].Sources[0].URL, "Le Journal https://journal.example/7"},
		{"what has no place", cells["Remarque interne"], "à vérifier"},
		{"problems of the first", fmt.Sprint(len(first.Validate())), "0"},
		{"a year stays a year", all[1].Incident.Occurred().String(), "2025"},
		{"a natural person", fmt.Sprint(all[1].Hold, len(all[1].Institutions)), "natural-person0"},
		{"what is not in the map", fmt.Sprint(all[1].Incident.Kinds), "[other/undetermined]"},
		{"a publisher by its address", all[1].Sources[0].Publisher, "journal.example"},
		{"no identifier", string(all[2].Skip), "no-identifier"},
		{"no date, no figure, no source made up", fmt.Sprint(len(all[3].Incident.Events), len(all[3].Incident.Exposures), len(all[3].Sources)), "0 0 0"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.what, c.got, c.want)
		}
	}
}

func TestOtherTypesOfRowsAreRead(t *testing.T) {
	all, err := readCSV(`{of: institution, prefix: x, id: n, language: en, fields: {name: {column: name}, name.ar: {column: ar}, acronym: {column: a}, kind: {value: bank}, country: {column: c}}}`,
		"\uFEFFn,name,ar,a,c\n1,Example Bank,بنك المثال,EB,ma\n2,,بنك,,\n3,John Smith,,,\n")
	if err != nil || len(all) != 3 || all[0].Institutions[0].Slug != "example-bank-ma" || len(all[0].Institutions[0].Names) != 3 ||
		!strings.HasPrefix(all[1].Institutions[0].Slug, "x-") || all[2].Skip != register.SkipNoPlace {
		t.Errorf("%+v, %v", all, err)
	}
	all, err = readCSV(`{of: statement, prefix: x, id: n, language: fr, fields: {title: {column: t}, kind: {value: communique}, official: {value: "true"},
		date: {column: d, date: month-first}, issuer: {column: i}, text: {column: text}, language: {value: fr}, source.publisher: {value: P}}}`,
		"n,t,d,i,text\na-1,Titre,4/9/2025,CNSS,Texte\n")
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	s := all[0].Statement
	if s.Slug != "x-a-1" || s.Dates.Date().String() != "2025-04-09" || s.Issuer != "cnss" || s.OriginalNotSeen || len(s.Sources) != 1 || !s.Official {
		t.Errorf("%+v", s)
	}
}

func TestAMappingSaysWhatIsWrongWithIt(t *testing.T) {
	for name, c := range map[string]struct{ old, changed, want string }{
		"no YAML":             {"of: incident", "of: [", "mapping: problem.mapping-malformed"},
		"an unknown key":      {"prefix:", "prefixe:", "mapping: problem.mapping-malformed"},
		"an unknown type":     {"of: incident", "of: person", "of: problem.code-unknown"},
		"no identifier":       {"id: Ref", "", "id: problem.missing"},
		"no prefix":           {"prefix: bulletin", "prefix: A B", "prefix: problem.slug-malformed"},
		"an unknown field":    {"summary: {", "resume: {", "fields.resume: problem.key-unknown"},
		"a code unknown":      {"privé: company", "privé: firm", "fields.institution.kind: problem.code-unknown firm"},
		"a language unknown":  {"title.ar:", "title.xx:", "fields.title.xx: problem.key-unknown"},
		"a form of dates":     {"date: text}", "date: roman}", "fields.date.date: problem.code-unknown"},
		"neither column":      {"standing: {value: suspected}", "standing: {}", "fields.standing: problem.mapping-malformed"},
		"a column is missing": {"column: Titre}", "column: Titel}", "file: problem.key-unknown Titel"},
	} {
		_, err := readExample(t, c.old, c.changed)
		problems, ok := errors.AsType[register.Problems](err)
		if !ok || !strings.Contains(problems.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

// TestAMappingIsNoBomb: what takes for ever, or all memory, is refused before it is
// read as YAML.
func TestAMappingIsNoBomb(t *testing.T) {
	laughs := "of: incident\nfields:\n a0: &a0\n  map: {k: v}\n"
	for i := 1; i < 12; i++ {
		laughs += fmt.Sprintf(" a%d: &a%d {<<: [%s]}\n", i, i, strings.Join(slices.Repeat([]string{fmt.Sprintf("*a%d", i-1)}, 6), ","))
	}
	for name, c := range map[string]struct{ mapping, want string }{
		"anchors":        {laughs, "mapping: problem.mapping-malformed &"},
		"aliases":        {"id: *a", "mapping: problem.mapping-malformed *"},
		"a merge":        {"<<: {id: a}", "mapping: problem.mapping-malformed <<"},
		"a tag":          {"id: !!str a", "mapping: problem.mapping-malformed !!str"},
		"brackets":       {"of: " + strings.Repeat("[", 30_000), "mapping: problem.mapping-malformed ["},
		"braces":         {strings.Repeat("{a: ", 5), "mapping: problem.mapping-malformed {"},
		"entries":        {strings.Repeat("- ", 10_000), "mapping: problem.mapping-malformed -"},
		"keys of keys":   {strings.Repeat("? ", 10_000), "mapping: problem.mapping-malformed ?"},
		"too long":       {"of: " + strings.Repeat("a", 40_000), "mapping: problem.too-long"},
		"quoted, it may": {`{of: "*&[{<<: !!", prefix: x, id: "- a", language: en}`, "of: problem.code-unknown *&[{<<: !!"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			read := make(chan error, 1)
			go func() {
				_, err := exchange.ReadCSVMap([]byte(c.mapping))
				read <- err
			}()
			select {
			case err := <-read:
				if problems, ok := errors.AsType[register.Problems](err); !ok || strings.TrimSpace(problems.Error()) != c.want {
					t.Errorf("%v, want %s", err, c.want)
				}
			case <-time.After(10 * time.Second):
				t.Error("it is still being read")
			}
		})
	}
}

func FuzzCSV(f *testing.F) {
	const mapping = `{of: incident, prefix: x, id: a, language: en, fields: {title: {column: b}, date: {column: b, date: text}, institution: {column: c}, source.url: {column: c}, figure: {column: b}}}`
	f.Add("a,b,c\n1,2025,Bank of X\n")
	f.Add("a,b,c\n\"1,2\n3\",\"x\n")
	f.Add("a,b,c\n1,2,3,4\n\x00,\xff,\n")
	f.Fuzz(func(t *testing.T, table string) {
		all, err := readCSV(mapping, table)
		if _, ok := errors.AsType[register.Problems](err); err != nil && !ok {
			t.Fatal(err)
		}
		for i := range all {
			checkKept(t, &all[i])
		}
	})
}

// checkKept asks that what is not left out can be kept as a draft.
func checkKept(t *testing.T, a *register.Arrival) {
	t.Helper()
	if a.Skip != "" {
		return
	}
	if a.Origin.ID == "" || !json.Valid(a.Origin.Raw) || a.Origin.Line < 1 {
		t.Errorf("no origin: %+v", a.Origin)
	}
	for i := range a.Institutions {
		if problems := a.Institutions[i].Validate(); len(problems) > 0 {
			t.Errorf("invalid: %v", problems)
		}
	}
	for i := range a.Sources {
		if problems := a.Sources[i].Validate(); len(problems) > 0 {
			t.Errorf("invalid: %v", problems)
		}
	}
}
