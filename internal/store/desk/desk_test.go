package desk_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"testing"

	"github.com/sijil/sijil/db"
	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/testkit"
)

// canonical is the canonical JSON of a noun, by which two are compared.
func canonical(t *testing.T, noun any) string {
	t.Helper()
	raw, err := json.Marshal(noun)
	if err != nil {
		t.Fatal(err)
	}
	out, err := register.CanonicalJSON(raw)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func founding(t *testing.T) register.Set {
	t.Helper()
	folder, err := fs.Sub(db.Founding, "founding")
	if err != nil {
		t.Fatal(err)
	}
	set, err := exchange.ReadSet(folder)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// TestDraftsComeBackAsTheyWereWritten compares every draft of the published
// founding record with its file: nothing that the record can say is lost
// between the tables.
func TestDraftsComeBackAsTheyWereWritten(t *testing.T) {
	d := testkit.Founding(t)
	q := desk.New(store.Wrap(d.Desk()).Querier())
	set := founding(t)
	slugs := map[register.Ref]register.Ref{}
	head := func(kind register.RecordType, slug string) desk.Record {
		h, err := q.RecordBySlug(t.Context(), kind, slug)
		if err != nil {
			t.Fatal(err)
		}
		slugs[h.ID] = register.Ref(slug)
		return h
	}
	var heads []desk.Record
	for _, i := range set.Institutions {
		heads = append(heads, head(register.TypeInstitution, i.Slug))
	}
	for _, s := range set.Statements {
		heads = append(heads, head(register.TypeStatement, s.Slug))
	}
	for _, i := range set.Incidents {
		heads = append(heads, head(register.TypeIncident, i.Slug))
	}
	for _, h := range heads {
		got, want := loaded(t, q, h), wanted(set, h)
		register.EachRef(got, func(ref *register.Ref) { *ref = slugs[*ref] })
		if g, w := canonical(t, got), canonical(t, want); g != w {
			t.Errorf("%s %s came back changed\n got %s\nwant %s", h.Type, h.Slug, g, w)
		}
	}
}

func loaded(t *testing.T, q *desk.Queries, h desk.Record) any {
	t.Helper()
	var noun any
	var err error
	switch h.Type {
	case register.TypeInstitution:
		noun, err = q.Institution(t.Context(), h)
	case register.TypeStatement:
		noun, err = q.Statement(t.Context(), h)
	case register.TypeIncident:
		noun, err = q.Incident(t.Context(), h)
	}
	if err != nil {
		t.Fatal(err)
	}
	return noun
}

func wanted(set register.Set, h desk.Record) any {
	for i := range set.Institutions {
		if h.Type == register.TypeInstitution && set.Institutions[i].Slug == h.Slug {
			return &set.Institutions[i]
		}
	}
	for i := range set.Statements {
		if h.Type == register.TypeStatement && set.Statements[i].Slug == h.Slug {
			return &set.Statements[i]
		}
	}
	return &set.Incidents[0]
}

func TestSourcesComeBackInTheOrderAsked(t *testing.T) {
	d := testkit.Founding(t)
	q := desk.New(store.Wrap(d.Desk()).Querier())
	got, err := q.Sources(t.Context(), []string{"src-002", "no-such", "src-001"})
	if err != nil || len(got) != 2 {
		t.Fatalf("%d sources, %v", len(got), err)
	}
	set := founding(t)
	for i, want := range []register.Source{set.Sources[1], set.Sources[0]} {
		if g, w := canonical(t, got[i]), canonical(t, want); g != w {
			t.Errorf("source %d\n got %s\nwant %s", i, g, w)
		}
	}
}

func TestUnknownSourceIsAProblem(t *testing.T) {
	d := testkit.Founding(t)
	q := desk.New(store.Wrap(d.Desk()).Querier())
	h, err := q.RecordBySlug(t.Context(), register.TypeInstitution, "cnss")
	if err != nil {
		t.Fatal(err)
	}
	i, err := q.Institution(t.Context(), h)
	if err != nil {
		t.Fatal(err)
	}
	i.Sources = append(i.Sources, "src-999")
	var problems register.Problems
	if err := q.SaveInstitution(t.Context(), h.ID, i); !errors.As(err, &problems) || problems[0].Value != "src-999" {
		t.Errorf("got %v", err)
	}
}

// TestASharedClaimKeepsItsPlace changes a statement to which other records
// point: what points to it must survive, and a claim that is pointed to cannot
// be taken out.
func TestASharedClaimKeepsItsPlace(t *testing.T) {
	d := testkit.Founding(t)
	database := store.Wrap(d.Desk())
	q := desk.New(database.Querier())
	h, err := q.RecordBySlug(t.Context(), register.TypeStatement, "cnss-communique-1")
	if err != nil {
		t.Fatal(err)
	}
	s, err := q.Statement(t.Context(), h)
	if err != nil {
		t.Fatal(err)
	}
	var author string
	if err := d.Owner().QueryRow(t.Context(), `SELECT id FROM desk.accounts LIMIT 1`).Scan(&author); err != nil {
		t.Fatal(err)
	}
	save := func() error {
		return database.InTx(t.Context(), func(tx store.Querier) error {
			q := desk.New(tx)
			version, err := q.ChangeRecord(t.Context(), h, author)
			if err != nil {
				return err
			}
			h.Version = version
			return q.SaveStatement(t.Context(), h.ID, s)
		})
	}
	if err := save(); err != nil {
		t.Fatalf("saving it unchanged: %v", err)
	}
	var pointing int
	const count = `SELECT count(*) FROM desk.backings WHERE statement_id = $1`
	if err := d.Owner().QueryRow(t.Context(), count, string(h.ID)).Scan(&pointing); err != nil || pointing == 0 {
		t.Fatalf("%d facts rest on the statement, %v", pointing, err)
	}
	s.Claims = nil
	s.Differences = nil
	if err := save(); err == nil {
		t.Error("claims to which other records point were taken out")
	}
}
