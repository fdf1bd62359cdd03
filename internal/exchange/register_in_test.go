package exchange_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/store/record"
	"github.com/sijil/sijil/internal/testkit"
)

// correct corrects an institution, so that it has a second edition, and so has
// what shows it.
func correct(t *testing.T, d *testkit.DB) {
	t.Helper()
	db := store.Wrap(d.Desk())
	staff := testkit.Staff(t, d)
	e := editorial.New(db, testkit.NewClock(testkit.FoundingDay().AddDate(0, 0, 1)).Now)
	head, err := desk.New(db.Querier()).RecordBySlug(t.Context(), register.TypeInstitution, "cnss")
	if err != nil {
		t.Fatal(err)
	}
	draft, _, err := e.Load(t.Context(), staff[testkit.Analyst], head.ID)
	if err != nil {
		t.Fatal(err)
	}
	draft.Institution.Website = "https://corrected.example/"
	v, err := e.Save(t.Context(), staff[testkit.Analyst], draft)
	if err == nil {
		err = e.SendForReview(t.Context(), staff[testkit.Analyst], v, "")
	}
	if err == nil {
		err = e.Approve(t.Context(), staff[testkit.Editor], v)
	}
	if err == nil {
		reason := register.Text{register.French: "Adresse.", register.Arabic: "عنوان.", register.English: "Address."}
		_, err = e.Publish(t.Context(), staff[testkit.Editor], []editorial.Version{v}, reason, editorial.MaterialCorrection())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// editionsOf are the editions of an export, by reference and number, with their hashes
// and salts, in its order.
func editionsOf(t *testing.T, body []byte) []string {
	t.Helper()
	r, err := exchange.NewRegisterReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for {
		x, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		if x == nil {
			return out
		}
		out = append(out, fmt.Sprintf("%s %d %s %x %s", x.Reference, x.Number, x.SHA256, x.Salt, x.Content))
	}
}

// testRoundTrip reads the export of a register into an empty one, whose export is
// the same, and which goes on from there.
func (x exported) testRoundTrip(t *testing.T) {
	body := x.write(t, "jsonl", register.ExportScope{Whole: true})
	d := testkit.Database(t)
	db := store.Wrap(d.Desk())
	staff := testkit.Staff(t, d)
	e := editorial.New(db, testkit.NewClock(testkit.FoundingDay().AddDate(0, 1, 0)).Now)
	rebuild := func(body []byte) error {
		r, err := exchange.NewRegisterReader(bytes.NewReader(body))
		if err != nil {
			return err
		}
		return editorial.Acts(r.Next, func(act []register.ExportedEdition) error {
			return e.Rebuild(t.Context(), staff[testkit.Analyst], staff[testkit.Editor], act)
		})
	}
	if err := e.CanRebuild(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := rebuild(body); err != nil {
		t.Fatal(err)
	}
	if err := e.CanRebuild(t.Context()); !errors.Is(err, editorial.ErrNotEmpty) {
		t.Errorf("what is read back is nothing: %v", err)
	}
	copied := exported{db: d, records: record.NewStore(store.Wrap(d.Public())), words: x.words}
	want, got := editionsOf(t, body), editionsOf(t, copied.write(t, "jsonl", register.ExportScope{Whole: true}))
	if len(want) < 200 || len(want) != len(got) {
		t.Fatalf("%d editions became %d", len(want), len(got))
	}
	for i := range want {
		if want[i] != got[i] {
			t.Fatalf("edition %d:\n%s\nbecame\n%s", i, want[i], got[i])
		}
	}
	for _, format := range []string{"csv", "text", "csl"} {
		if !bytes.Equal(x.write(t, format, register.ExportScope{Whole: true}), copied.write(t, format, register.ExportScope{Whole: true})) {
			t.Errorf("the copy in %s is another", format)
		}
	}
	correct(t, d) // it goes on
	list, err := copied.records.Editions(t.Context(), register.EditionFilter{Record: "IN-0001"})
	if err != nil || len(list.Rows) == 0 {
		t.Errorf("%d editions, %v", len(list.Rows), err)
	}
	if err := e.Rebuild(t.Context(), staff[testkit.Editor], staff[testkit.Editor], nil); !errors.Is(err, register.ErrForbidden) {
		t.Errorf("one person alone: %v", err)
	}
	if err := e.Rebuild(t.Context(), staff[testkit.Analyst], staff[testkit.Analyst], nil); !errors.Is(err, register.ErrForbidden) {
		t.Errorf("who may not publish: %v", err)
	}
	x.testReader(t, body)
}

// testReader wants every fault of a file to be found.
func (x exported) testReader(t *testing.T, body []byte) {
	t.Helper()
	lines := bytes.SplitAfter(bytes.TrimSuffix(body, []byte("\n")), []byte("\n"))
	last := len(lines) - 1
	join := func(parts ...[][]byte) []byte {
		var all []byte
		for _, p := range parts {
			all = append(all, bytes.Join(p, nil)...)
		}
		return append(all, '\n')
	}
	for name, c := range map[string]struct {
		body []byte
		why  string
	}{
		"empty":           {nil, "broke off"},
		"something else":  {[]byte("{\"a\":1}\n"), "no line of such an export"},
		"cut":             {body[:len(body)/2], "broke off"},
		"without its end": {bytes.Join(lines[:last], nil), "broke off"},
		"a line less":     {join(lines[:20], lines[21:]), "not as it was written"},
		"a line twice":    {join(lines[:20], lines[19:]), "not as it was written"},
		"more behind":     {append(bytes.Clone(body), body...), "behind the end"},
		"changed":         {bytes.Replace(body, []byte("CNSS"), []byte("CNSX"), 1), "hash"},
		"a choice":        {x.write(t, "jsonl", register.ExportScope{Incident: "cnss-2025"}), "whole register"},
	} {
		r, err := exchange.NewRegisterReader(bytes.NewReader(c.body))
		for err == nil {
			var e *register.ExportedEdition
			if e, err = r.Next(); e == nil && err == nil {
				break
			}
		}
		if err == nil || !strings.Contains(err.Error(), c.why) {
			t.Errorf("%s: %v, want %q", name, err, c.why)
		}
	}
}

// FuzzRegisterReader: whatever a file holds, reading it ends, with editions whose
// contents are what their hashes say.
func FuzzRegisterReader(f *testing.F) {
	f.Add([]byte(`{"register":{"format":"sijil-register/1","scope":"register"}}` + "\n" + `{"end":{"editions":0,"sha256":""}}` + "\n"))
	f.Add([]byte(`{"register":{"format":"sijil-register/1","scope":"register"}}` + "\n" + `{"edition":{"salt":"","sha256":""},"content":{}}` + "\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := exchange.NewRegisterReader(bytes.NewReader(body))
		if err != nil {
			return
		}
		for {
			x, err := r.Next()
			if err != nil || x == nil {
				return
			}
			if register.HashOf(x.Content) != x.SHA256 {
				t.Fatalf("%q", x.Content)
			}
		}
	})
}
