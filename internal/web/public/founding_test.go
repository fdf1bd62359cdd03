package public

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
)

// founding is the founding record as an edition: what the pages are made for.
// References are slugs, and the editions are not numbered by the register.
func founding(tb testing.TB) *register.IncidentEdition {
	tb.Helper()
	var files struct {
		Sources      []register.Source
		Institutions []register.Institution
		Statements   []register.Statement
		Incident     register.Incident
	}
	for _, name := range []string{"sources", "institutions", "statements", "incident"} {
		decodeYAML(tb, filepath.Join("..", "..", "..", "db", "founding", name+".yaml"), &files)
	}
	e := &register.IncidentEdition{
		Reference: "SJ-2025-0001", Edition: 1, SHA256: strings.Repeat("5fc2c9cc", 8),
		PublishedAt: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC),
		Reason:      register.Text{"fr": "Première publication", "ar": "النشر الأول", "en": "First publication"},
		Incident:    &files.Incident,
	}
	for i := range files.Statements {
		s := &files.Statements[i]
		if slices.Contains(e.Incident.Statements, register.Ref(s.Slug)) {
			e.Statements = append(e.Statements, register.StatementEdition{
				Reference: s.Slug, Edition: 1, SHA256: e.SHA256, Statement: s, SourceList: cited(files.Sources, s),
			})
		}
	}
	for i := range files.Institutions {
		inst := &files.Institutions[i]
		e.Institutions = append(e.Institutions, register.InstitutionEdition{
			Reference: inst.Slug, Edition: 1, SHA256: e.SHA256, Institution: inst, SourceList: cited(files.Sources, inst),
		})
	}
	e.SourceList = cited(files.Sources, register.NewTimeline(e.Incident, e.Statements).Entries, e.Incident, e.Statements)
	return e
}

func decodeYAML(tb testing.TB, path string, into any) {
	tb.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	asJSON, err := yaml.YAMLToJSON(raw)
	if err != nil {
		tb.Fatalf("%s: %v", path, err)
	}
	dec := json.NewDecoder(bytes.NewReader(asJSON))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		tb.Fatalf("%s: %v", path, err)
	}
}

// cited are the sources whose keys stand in the values, in the order in which
// they first do.
func cited(sources []register.Source, values ...any) []register.Source {
	raw, err := json.Marshal(values)
	if err != nil {
		panic(err)
	}
	at := func(s register.Source) int { return bytes.Index(raw, []byte(`"`+s.Key+`"`)) }
	var out []register.Source
	for _, s := range sources {
		if at(s) >= 0 {
			out = append(out, s)
		}
	}
	slices.SortStableFunc(out, func(a, b register.Source) int { return at(a) - at(b) })
	return out
}

func localizer(tb testing.TB, lang string) *i18n.Localizer {
	tb.Helper()
	catalog, err := i18n.Load(slog.New(slog.NewTextHandler(failing{tb}, nil)))
	if err != nil {
		tb.Fatal(err)
	}
	return catalog.Localizer(lang)
}

// failing fails the test that a log line comes from: pages log only what is
// wrong with their messages.
type failing struct{ testing.TB }

func (f failing) Write(line []byte) (int, error) {
	f.Helper()
	f.Errorf("logged: %s", line)
	return len(line), nil
}
