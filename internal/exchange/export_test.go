package exchange_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/record"
	"github.com/sijil/sijil/internal/testkit"
)

// exported is a register whose exports are tested: the founding record, incidents
// in VERIS, and a draft that nobody may see.
type exported struct {
	db      *testkit.DB
	records *record.Store
	words   *i18n.Localizer
}

// draftCanary is the name of the draft.
const draftCanary = "zzcanary"

func newExported(t *testing.T) exported {
	t.Helper()
	d := testkit.FoundingWithVERIS(t, testkit.VERIS())
	_, err := editorial.New(store.Wrap(d.Desk()), time.Now).Save(t.Context(), testkit.Staff(t, d)[testkit.Analyst], editorial.Draft{
		Institution: &register.Institution{
			Language: register.French, Slug: draftCanary, Kind: register.InstitutionCompany, Country: "MA",
			Names: []register.InstitutionName{{Key: "name", Language: register.French, Kind: register.NameOfficial, Name: draftCanary}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	correct(t, d)
	catalog, err := i18n.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	return exported{d, record.NewStore(store.Wrap(d.Public())), catalog.Localizer("fr")}
}

// scopes are the three of an export, by name.
func (exported) scopes() map[string]register.ExportScope {
	return map[string]register.ExportScope{
		"one": {Incident: "cnss-2025"}, "set": {Filter: register.IncidentFilter{Sector: "health"}}, "whole": {Whole: true},
	}
}

func (x exported) write(t *testing.T, format string, scope register.ExportScope) []byte {
	t.Helper()
	f, ok := exchange.ExportFormatNamed(format)
	if !ok {
		t.Fatalf("there is no format %s", format)
	}
	var out bytes.Buffer
	err := exchange.WriteExport(t.Context(), &out, f, x.records, exchange.ExportAbout{
		Scope: scope, Base: "https://sijil.example", At: time.Date(2026, 11, 26, 3, 0, 0, 0, time.UTC), Words: x.words,
		Spool: func() (exchange.Spool, error) { return &memorySpool{}, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// memorySpool is a spool for tests, which are short.
type memorySpool struct {
	content []byte
	at      int64
}

func (s *memorySpool) Write(b []byte) (int, error) {
	s.content = append(s.content[:s.at], b...)
	s.at += int64(len(b))
	return len(b), nil
}

func (s *memorySpool) Read(b []byte) (int, error) {
	if s.at == int64(len(s.content)) {
		return 0, io.EOF
	}
	n := copy(b, s.content[s.at:])
	s.at += int64(n)
	return n, nil
}

func (s *memorySpool) Seek(offset int64, _ int) (int64, error) {
	s.at = offset
	return s.at, nil
}

func (s *memorySpool) Close() error { return nil }

// TestExports writes every scope in every format, from one register.
func TestExports(t *testing.T) {
	t.Parallel()
	x := newExported(t)
	t.Run("no draft is in any export", x.testNoDraft)
	t.Run("JSON Lines hold every edition as it was hashed", x.testJSONLines)
	t.Run("tables are what their metadata says", x.testCSV)
	t.Run("lists hold each incident once", x.testLists)
	t.Run("timelines say their direction", x.testTexts)
	t.Run("a register is read back with the same hashes", x.testRoundTrip)
	t.Run("errors come without a byte", x.testErrors)
	t.Run("a bundle of STIX holds each object once", x.testBundles)
	t.Run("incidents in VERIS and MISP stand on lines of their own", x.testLines)
}

func (x exported) testNoDraft(t *testing.T) {
	for _, f := range exchange.ExportFormats() {
		for name, scope := range x.scopes() {
			if f.Name == "veris-1.3.4" && name == "one" {
				continue // it knows no incident of 2025
			}
			body := x.write(t, f.Name, scope)
			if len(body) == 0 || bytes.Contains(body, []byte(draftCanary)) {
				t.Errorf("%s, %s: %d bytes, with a draft: %v", f.Name, name, len(body), bytes.Contains(body, []byte(draftCanary)))
			}
		}
	}
}

func (x exported) testJSONLines(t *testing.T) {
	all, err := x.records.Editions(t.Context(), register.EditionFilter{Most: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for name, scope := range x.scopes() {
		var editions int
		var end *exchange.RegisterEnd
		sum := sha256.New()
		last := int64(-1)
		for line := range bytes.Lines(x.write(t, "jsonl", scope)) {
			var l exchange.RegisterLine
			if err := json.Unmarshal(line, &l); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if end = l.End; end != nil {
				continue
			}
			sum.Write(line)
			if l.Edition == nil {
				continue
			}
			editions++
			salt, err := base64.StdEncoding.DecodeString(l.Edition.Salt)
			if err != nil || len(salt) != register.SaltSize || register.HashOf(l.Content) != l.Edition.SHA256 {
				t.Errorf("%s: %s %d: %v, hash %s", name, l.Edition.Reference, l.Edition.Number, err, register.HashOf(l.Content))
			}
			if scope.Whole && l.Edition.Leaf <= last {
				t.Errorf("%s is before its place in the log", l.Edition.Reference)
			}
			last = l.Edition.Leaf
		}
		if end == nil || end.Editions != editions || end.SHA256 != hex.EncodeToString(sum.Sum(nil)) || editions == 0 {
			t.Errorf("%s: %d editions, the end says %+v", name, editions, end)
		}
		if whole := len(all.Rows); scope.Whole != (editions == whole) {
			t.Errorf("%s: %d editions of %d", name, editions, whole)
		}
	}
}

func (x exported) testErrors(t *testing.T) {
	for _, c := range []struct {
		format string
		scope  register.ExportScope
		want   error
	}{
		{"jsonl", register.ExportScope{Incident: "no-such"}, register.ErrNotFound},
		{"jsonl", register.ExportScope{Incident: "SJ-1999-0001"}, register.ErrNotFound},
		{"jsonl", register.ExportScope{Filter: register.IncidentFilter{Kind: "no-such"}}, register.ErrInvalid},
		{"veris-1.3.4", register.ExportScope{Incident: "cnss-2025"}, &exchange.InexpressibleError{
			Reference: "SJ-2025-0001", Format: "VERIS 1.3.4", Why: "it has no incidents of the year 2025",
		}},
	} {
		var out strings.Builder
		f, _ := exchange.ExportFormatNamed(c.format)
		err := exchange.WriteExport(t.Context(), &out, f, x.records, exchange.ExportAbout{Scope: c.scope})
		if !strings.Contains(fmt.Sprint(err), c.want.Error()) || out.Len() > 0 {
			t.Errorf("%+v: %v, %q", c.scope, err, out.String())
		}
	}
}
