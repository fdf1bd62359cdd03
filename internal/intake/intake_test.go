package intake_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/intake"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/testkit"
)

// house is a register with an editor, into which files are brought.
type house struct {
	db        *testkit.DB
	editorial *editorial.Editorial
	service   register.Actor
	editor    *editorial.Publisher
	// refuses means that its database refuses something; refused is how many batches.
	refuses bool
	refused atomic.Int32
}

func newHouse(tb testing.TB) *house {
	tb.Helper()
	db := testkit.Database(tb)
	h := &house{db: db, editorial: editorial.New(store.Wrap(db.Desk()), testkit.NewClock(testkit.FoundingDay()).Now)}
	var err error
	h.service, err = h.editorial.Importer(tb.Context())
	must(tb, err)
	account, err := desk.New(store.Wrap(db.Desk()).Querier()).EnsureAccount(tb.Context(), desk.Account{
		Email: "editor@example.org", Name: "Editor", Role: register.RoleEditor, Language: register.French,
	})
	must(tb, err)
	h.editor = &editorial.Publisher{
		Actor: register.Actor{ID: account.ID, Role: account.Role}, Reason: intake.Reason(register.ImportVERIS),
	}
	return h
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// bring imports a file in VERIS; by nobody, as drafts.
func (h *house) bring(tb testing.TB, file string, by *editorial.Publisher) (register.ImportCounts, []register.ImportNote) {
	tb.Helper()
	i, err := h.begin(tb.Context(), file, by)
	must(tb, err)
	r, err := intake.NewReader(register.ImportVERIS, strings.NewReader(file), nil, edtf.Day{})
	must(tb, err)
	must(tb, intake.Run(tb.Context(), h.editorial, i, r, intake.Telling{Refused: func(err error) {
		h.refused.Add(1)
		tb.Log(err)
	}}))
	if h.refused.Load() > 0 && !h.refuses {
		tb.Error("a batch was refused")
	}
	var notes []register.ImportNote
	must(tb, h.editorial.EachNote(tb.Context(), i, func(n register.ImportNote) { notes = append(notes, n) }))
	return i.ImportCounts, notes
}

func (h *house) begin(ctx context.Context, file string, by *editorial.Publisher) (*editorial.Importing, error) {
	return h.editorial.BeginImport(ctx, h.service, by, register.ImportRun{
		Format: register.ImportVERIS, Name: "test", SHA256: register.HashOf([]byte(file)),
	})
}

// lines are n lines of the sample from the first on.
func lines(tb testing.TB, first, n int) string {
	tb.Helper()
	all, err := io.ReadAll(testkit.VERIS())
	must(tb, err)
	return strings.Join(strings.SplitAfter(string(all), "\n")[first-1:first-1+n], "")
}

// origins returns what comes back of what was imported, by identifier.
func (h *house) origins(tb testing.TB) map[string]any {
	tb.Helper()
	out := map[string]any{}
	must(tb, h.editorial.EachOrigin(tb.Context(), h.editor.Actor, register.ImportVERIS, func(o register.Origin) error {
		out[o.ID] = value(tb, o.Raw)
		return nil
	}))
	return out
}

// value is a JSON value, with numbers as they are written.
func value(tb testing.TB, raw []byte) any {
	tb.Helper()
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	must(tb, d.Decode(&v))
	return v
}

// TestWhatWasImportedComesBack imports records, and asks for each of them back: those of
// the sample, or of the file that SIJIL_TEST_VERIS names.
func TestWhatWasImportedComesBack(t *testing.T) {
	file := lines(t, 1, 136)
	if name := testkit.VERISFile(); name != "" {
		raw, err := os.ReadFile(name)
		must(t, err)
		file = string(raw)
	}
	h := newHouse(t)
	counts, notes := h.bring(t, file, h.editor)
	want := map[string]any{}
	for line := range strings.Lines(file) {
		if raw := []byte(line); json.Valid(raw) {
			id := value(t, raw).(map[string]any)["incident_id"].(string) //nolint:forcetypeassert // the sample is as it is
			want[strings.ToLower(id)] = value(t, raw)
		}
	}
	got := h.origins(t)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%d records came back of %d, or not as they were", len(got), len(want))
	}
	t.Logf("%+v, %d notes; %d came back equal", counts, len(notes), len(got))
	h.agrees(t)
}

// agrees asks that what was published is what stands at the desk, read back.
func (h *house) agrees(t *testing.T) {
	t.Helper()
	rows, err := h.db.Owner().Query(t.Context(), `
		SELECT r.id, convert_from(e.content, 'UTF8')
		FROM desk.records AS r JOIN record.editions AS e ON e.reference = r.reference
		ORDER BY r.type, r.slug
		LIMIT 120`)
	must(t, err)
	defer rows.Close()
	type pair struct{ id, content string }
	var all []pair
	for rows.Next() {
		var p pair
		must(t, rows.Scan(&p.id, &p.content))
		all = append(all, p)
	}
	for _, p := range all {
		published, err := register.DecodeContent([]byte(p.content))
		must(t, err)
		draft, _, err := h.editorial.Load(t.Context(), h.editor.Actor, register.Ref(p.id))
		must(t, err)
		public, working := any(published.Incident), any(draft.Incident)
		if published.Institution != nil {
			public, working = published.Institution, draft.Institution
		}
		register.EachRef(public, func(ref *register.Ref) { *ref = "x" })
		register.EachRef(working, func(ref *register.Ref) { *ref = "x" })
		if a, b := asJSON(t, public), asJSON(t, working); a != b {
			t.Fatalf("published:\n%s\nat the desk:\n%s", a, b)
		}
	}
	if len(all) == 0 {
		t.Error("nothing is published")
	}
}

func asJSON(tb testing.TB, v any) string {
	tb.Helper()
	raw, err := json.Marshal(v)
	must(tb, err)
	return string(raw)
}

func TestTheSameFileMakesNothingAgain(t *testing.T) {
	h := newHouse(t)
	file := lines(t, 1, 20)
	first, _ := h.bring(t, file, nil)
	again, _ := h.bring(t, file+lines(t, 1, 3), h.editor)
	if first.Made != 20 || again.Made+again.InstitutionsMade+again.Skipped > 0 || again.Known != 23 {
		t.Errorf("first %+v, again %+v", first, again)
	}
	// Institutions that an earlier import left as drafts become public with what names them.
	more, notes := h.bring(t, strings.ReplaceAll(lines(t, 2, 1), `"incident_id": "0`, `"incident_id": "1`), h.editor)
	if more.Published != 1 || more.InstitutionsRecognised != 1 || len(notes) > 0 {
		t.Errorf("%+v %v", more, notes)
	}
}

// TestAnImportGoesOnWhereItWasStopped stops an import after its first batch, as a kill
// does, and begins again.
func TestAnImportGoesOnWhereItWasStopped(t *testing.T) {
	h := newHouse(t)
	file := lines(t, 1, 130)
	i, err := h.begin(t.Context(), file, h.editor)
	must(t, err)
	r, err := intake.NewReader(register.ImportVERIS, strings.NewReader(file), nil, edtf.Day{})
	must(t, err)
	ctx, stop := context.WithCancel(t.Context())
	err = intake.Run(ctx, h.editorial, i, r, intake.Telling{Brought: func(register.ImportCounts) { stop() }})
	if !errors.Is(err, context.Canceled) || i.Published == 0 || i.Published > 120 {
		t.Fatalf("stopped after %d were published: %v", i.Published, err)
	}
	counts, notes := h.bring(t, file, h.editor)
	if counts.Items != 130 || counts.Known != 0 || counts.Made != 130 || counts.Published != 130-len(notes) || len(h.origins(t)) != 130 {
		t.Errorf("%+v, %d notes, %d origins", counts, len(notes), len(h.origins(t)))
	}
}

// TestOnlyWhoMayPublishesImports asks for the right, and for two persons.
func TestOnlyWhoMayPublishesImports(t *testing.T) {
	h := newHouse(t)
	for _, by := range []register.Actor{h.service, {ID: h.service.ID, Role: register.RoleEditor}, {ID: h.editor.Actor.ID, Role: register.RoleAnalyst}} {
		if _, err := h.begin(t.Context(), "", &editorial.Publisher{Actor: by}); !errors.Is(err, register.ErrForbidden) {
			t.Errorf("%+v: %v", by, err)
		}
	}
	if err := h.editorial.EachOrigin(t.Context(), register.Actor{}, register.ImportVERIS, nil); !errors.Is(err, register.ErrForbidden) {
		t.Errorf("readers read origins: %v", err)
	}
}

// TestNoLineStopsTheRest brings in what cannot be, between what can.
func TestNoLineStopsTheRest(t *testing.T) {
	h := newHouse(t)
	good := strings.SplitAfter(lines(t, 1, 3), "\n")
	file := good[0] + "{broken\n" + `{"incident_id": 7}` + "\n" + `{"incident_id":"x"}` + "\n" + good[1] +
		strings.Repeat("x", 2<<20) + "\n" + `{"incident_id":"ffa2d140-e1da-11e7-8553-197c24c367d2","victim":{"victim_id":"Dr. Jane Roe"},"timeline":{"incident":{"year":99999}}}` +
		"\n" + good[2]
	counts, notes := h.bring(t, file, h.editor)
	var got []string
	for _, n := range notes {
		got = append(got, fmt.Sprintf("%d %s %t", n.Line, n.Reason, n.Draft))
	}
	want := "2 unreadable false, 3 unreadable false, 4 no-identifier false, 6 unreadable false, 7 natural-person true"
	if counts.Made != 4 || counts.Published != 3 || strings.Join(got, ", ") != want {
		t.Errorf("%+v\n%v, want\n%s", counts, got, want)
	}
}

// TestARefusedBatchIsTold imports records into a database that takes one of them at the
// desk but not in public: it stays a draft, the others are public, and it is told why.
func TestARefusedBatchIsTold(t *testing.T) {
	h := newHouse(t)
	h.refuses = true
	_, err := h.db.Owner().Exec(t.Context(), `
		ALTER TABLE record.incidents ADD CONSTRAINT refused CHECK (occurred_year <> 2018)`)
	must(t, err)
	counts, notes := h.bring(t, lines(t, 1, 3), h.editor)
	if counts.Made != 3 || counts.Published != 2 || len(notes) != 1 {
		t.Errorf("%+v, %v", counts, notes)
	}
	if h.refused.Load() == 0 {
		t.Error("nobody was told")
	}
}

// TestPrivatePersonsAreNotPublished imports a record that names persons in every text,
// and looks for them in everything that the public role can read.
func TestPrivatePersonsAreNotPublished(t *testing.T) {
	h := newHouse(t)
	record := `{"incident_id":"%s","summary":"Zebulon Quux, a nurse, told Ermintrude Vole.","notes":"Zebulon Quux","victim":{"victim_id":"%s","notes":"Ermintrude Vole"},
		"reference":"https://press.example/zebulon-quux-charged https://press.example/a","analyst":"Ermintrude Vole","plus":{"x":["Zebulon Quux"]},"action":{"hacking":{"notes":"Zebulon Quux"}}}`
	var file string
	for id, victim := range map[string]string{
		"00a2d140-e1da-11e7-8553-197c24c367d2": "Some Hospital", "00a2d141-e1da-11e7-8553-197c24c367d2": "Zebulon Quux, MD",
	} {
		file += strings.ReplaceAll(fmt.Sprintf(record, id, victim), "\n", "") + "\n"
	}
	counts, _ := h.bring(t, file, h.editor)
	if counts.Published != 1 || counts.Made != 2 {
		t.Fatalf("%+v", counts)
	}
	rows, err := h.db.Public().Query(t.Context(), `
		SELECT format('%I.%I', table_schema, table_name) FROM information_schema.tables WHERE table_schema = 'record'`)
	must(t, err)
	defer rows.Close()
	var tables []string
	for rows.Next() {
		var name string
		must(t, rows.Scan(&name))
		tables = append(tables, name)
	}
	for _, table := range tables {
		var found bool
		must(t, h.db.Owner().QueryRow(t.Context(), fmt.Sprintf(`
			SELECT EXISTS (SELECT FROM %s AS t WHERE t::text ~* ('zebulon|quux|ermintrude|vole|'
			                                          || encode('ebulon', 'hex') || '|' || encode('rmintrude', 'hex')))`, table)).Scan(&found))
		if found {
			t.Errorf("a private person stands in %s", table)
		}
	}
	if len(tables) < 10 {
		t.Errorf("looked in %v only", tables)
	}
	if got := fmt.Sprint(h.origins(t)); strings.Count(got, "Zebulon") < 2 {
		t.Error("the origins do not keep them")
	}
}

// TestTablesAndBundlesBecomeDrafts imports the example of a table and a bundle, twice
// each; nothing of them is published.
func TestTablesAndBundlesBecomeDrafts(t *testing.T) {
	h := newHouse(t)
	read := func(name string) []byte {
		raw, err := os.ReadFile("../exchange/testdata/csv/" + name)
		must(t, err)
		return raw
	}
	today, err := edtf.ParseDay("2026-11-20")
	must(t, err)
	bundle := `{"type":"bundle","objects":[{"type":"identity","id":"identity--1","name":"Office des essais"},
		{"type":"report","id":"report--1","name":"Said","created_by_ref":"identity--1"},{"type":"incident","id":"incident--1","name":"Leak"}]}`
	for _, c := range []struct {
		format               register.ImportFormat
		file, mapping        []byte
		made, known, skipped int
	}{
		{register.ImportCSV, read("incidents.csv"), read("incidents.yaml"), 3, 0, 1},
		{register.ImportSTIX, []byte(bundle), nil, 2, 1, 0}, // the office is of the table
	} {
		for run := range 2 {
			r, err := intake.NewReader(c.format, bytes.NewReader(c.file), c.mapping, today)
			must(t, err)
			i, err := h.editorial.BeginImport(t.Context(), h.service, nil, register.ImportRun{Format: c.format, Name: "test"})
			must(t, err)
			must(t, intake.Run(t.Context(), h.editorial, i, r, intake.Telling{}))
			want := c.made * (1 - run)
			if i.Made != want || i.Known != c.made-want+c.known || i.Skipped != c.skipped || i.Published != 0 {
				t.Errorf("%s, run %d: %+v", c.format, run+1, i.ImportCounts)
			}
		}
		kept := 0
		must(t, h.editorial.EachOrigin(t.Context(), h.editor.Actor, c.format, func(register.Origin) error { kept++; return nil }))
		if kept != c.made+c.known {
			t.Errorf("%s: %d origins", c.format, kept)
		}
	}
}

// TestHostsInLettersAreTaken imports sources whose host is written in Arabic letters, in
// each format: they are kept as they are asked for on the network.
func TestHostsInLettersAreTaken(t *testing.T) {
	const typed, kept = "https://مثال.المغرب/خبر", "https://xn--mgbh0fb.xn--mgbc0a9azcg/خبر"
	table, err := os.ReadFile("../exchange/testdata/csv/incidents.csv")
	must(t, err)
	mapping, err := os.ReadFile("../exchange/testdata/csv/incidents.yaml")
	must(t, err)
	for _, c := range []struct {
		format        register.ImportFormat
		file, mapping string
	}{
		{register.ImportVERIS, `{"incident_id":"00a2d140-e1da-11e7-8553-197c24c367d2","summary":"A leak.","reference":"` + typed + `",` +
			`"victim":{"victim_id":"Some Hospital","country":["MA"]},"timeline":{"incident":{"year":2020}}}`, ""},
		{register.ImportCSV, strings.Replace(string(table), "https://journal.example/7", typed, 1), string(mapping)},
		{register.ImportSTIX, `{"type":"bundle","objects":[{"type":"report","id":"report--1","name":"Said",` +
			`"external_references":[{"source_name":"Journal","url":"` + typed + `"}]}]}`, ""},
	} {
		t.Run(string(c.format), func(t *testing.T) {
			h := newHouse(t)
			r, err := intake.NewReader(c.format, strings.NewReader(c.file), []byte(c.mapping), edtf.Day{Year: 2026, Month: 11, Day: 20})
			must(t, err)
			i, err := h.editorial.BeginImport(t.Context(), h.service, nil, register.ImportRun{Format: c.format, Name: "test"})
			must(t, err)
			must(t, intake.Run(t.Context(), h.editorial, i, r, intake.Telling{}))
			var as, other int
			must(t, h.db.Owner().QueryRow(t.Context(), `
				SELECT count(*) FILTER (WHERE url = $1), count(*) FILTER (WHERE url ~ '^https://[^/]*[^ -~]') FROM desk.sources`, kept).Scan(&as, &other))
			if as != 1 || other != 0 {
				t.Errorf("%d sources with the address as the network has it, %d in letters; %+v", as, other, i.ImportCounts)
			}
		})
	}
}

// TestAnUploadOfEmptyObjects: a file of nothing that says anything is looked at without the
// database, and one of more lines than anybody's has is refused. One of 1.7 million empty
// objects was nine thousand transactions, and the answer that the time was over.
func TestAnUploadOfEmptyObjects(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	foresee := func(n int) (intake.Preview, error) {
		u := editorial.Upload{ImportRun: register.ImportRun{Format: register.ImportVERIS}, Content: bytes.Repeat([]byte("{}\n"), n)}
		return intake.Foresee(t.Context(), h.editorial, h.editor.Actor, u, edtf.Day{})
	}
	before := h.db.Desk().Stat().AcquireCount()
	p, err := foresee(100_000)
	if err != nil || p.ImportCounts.Items != 100_000 || p.Skipped != 100_000 {
		t.Errorf("%+v, %v", p.ImportCounts, err)
	}
	if asked := h.db.Desk().Stat().AcquireCount() - before; asked > 0 {
		t.Errorf("the database was asked %d times", asked)
	}
	problems, ok := errors.AsType[register.Problems](func() error { _, err := foresee(100_001); return err }())
	if !ok || problems[0] != (register.Problem{Field: "file", Key: "problem.import-items"}) {
		t.Errorf("one line more: %v", problems)
	}
}
