package register_test

import (
	"bufio"
	"encoding/json"
	"io/fs"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sijil/sijil/db"
	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/register"
)

// foundingEdition is the founding record as an edition of November 2026, with
// slugs in the place of references.
func foundingEdition(tb testing.TB) *register.IncidentEdition {
	tb.Helper()
	folder, err := fs.Sub(db.Founding, "founding")
	if err != nil {
		tb.Fatal(err)
	}
	set, err := exchange.ReadSet(folder)
	if err != nil {
		tb.Fatal(err)
	}
	e := register.Edition{Content: register.Content{
		Type: register.TypeIncident, Reference: "SJ-2025-0001", Number: 1, Incident: &set.Incidents[0], Sources: set.Sources,
		PublishedAt: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC),
	}}
	var pinned []register.Edition
	for i := range set.Statements {
		s := &set.Statements[i]
		pinned = append(pinned, register.Edition{Content: register.Content{
			Type: register.TypeStatement, Reference: s.Slug, Number: 1, Statement: s, Sources: set.Sources,
		}})
	}
	return register.NewIncidentEdition(e, pinned)
}

func day(tb testing.TB, s string) edtf.Day {
	tb.Helper()
	d, err := edtf.ParseDay(s)
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

// row is a line of testdata/asof.txt.
type row struct {
	kind, key string
	marks     []string // for 7 to 13 April 2025
}

const firstOfTable = "2025-04-07"

func readTable(t *testing.T) []row {
	t.Helper()
	f, err := os.Open("testdata/asof.txt")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	var out []row
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		line, _, _ := strings.Cut(lines.Text(), "|")
		if strings.HasPrefix(line, "#") || strings.TrimSpace(line) == "" {
			continue
		}
		fields := strings.Fields(line)
		if len(fields) != 9 {
			t.Fatalf("line %q has %d fields", line, len(fields))
		}
		out = append(out, row{fields[0], fields[1], fields[2:]})
	}
	return out
}

// mark is what the code says of a line of the table.
func mark(t *testing.T, e *register.IncidentEdition, k *register.Knowledge, r row) string {
	t.Helper()
	marks := map[edtf.KnownBy]string{edtf.NotYet: "-", edtf.Possibly: "?", edtf.Known: "+"}
	statement, part, _ := strings.Cut(r.key, "/")
	ref := register.Ref(statement)
	switch r.kind {
	case "entry", "fact":
		return marks[k.Fact(r.key)]
	case "source":
		return marks[k.Source(r.key)]
	case "claim":
		return marks[k.Claim(register.ClaimRef{Statement: ref, Claim: part})]
	case "relation":
		from, to, _ := strings.Cut(part, ">")
		for _, rel := range e.StatementOf(ref).Claim(from).Relations {
			if string(rel.To.Statement)+"/"+rel.To.Claim == to {
				return marks[k.Relation(register.ClaimRef{Statement: ref, Claim: from}, rel)]
			}
		}
	case "rendering":
		s := e.StatementOf(ref)
		return marks[k.Rendering(s, s.Rendering(part))]
	case "difference":
		s := e.StatementOf(ref)
		for i := range s.Differences {
			if s.Differences[i].Key == part {
				return marks[k.Difference(s, &s.Differences[i])]
			}
		}
	case "name":
		n, _ := strconv.Atoi(part)
		for i := range e.Systems {
			if e.Systems[i].Key == statement {
				return marks[k.SystemName(&e.Systems[i].Names[n-1])]
			}
		}
	case "clock":
		return clockMark(k, r.key)
	}
	t.Fatalf("%s %s is not in the record", r.kind, r.key)
	return ""
}

func clockMark(k *register.Knowledge, key string) string {
	certain := k.Certain()
	clock := register.NewClock(certain.Incident, certain.Statements, k.Day)
	code, who, _ := strings.Cut(key, ":")
	days := edtf.Days{}
	switch code {
	case "since-official":
		days = clock.SinceOfficial
	case "since-referral":
		days = clock.SinceReferral
	default:
		for _, s := range clock.Stages {
			if string(s.Code) == code && (who == "" || string(s.Institution) == who) {
				days = s.Delay
			}
		}
	}
	switch {
	case !days.Known:
		return "-"
	case days.Exact():
		return strconv.Itoa(days.Min)
	}
	return strconv.Itoa(days.Min) + ".." + strconv.Itoa(days.Max)
}

func TestWhatWasKnownOfTheFoundingIncident(t *testing.T) {
	t.Parallel()
	e := foundingEdition(t)
	table := readTable(t)
	first := day(t, firstOfTable)
	for i := range 7 {
		d := first.AddDays(i)
		k := register.KnownOn(e, d)
		for _, r := range table {
			if got := mark(t, e, k, r); got != r.marks[i] {
				t.Errorf("%s %s on %s: %s, the table says %s", r.kind, r.key, d, got, r.marks[i])
			}
		}
	}
}

// TestTheTableIsWhole: no entry, fact, claim or source of the record is
// missing from the table.
func TestTheTableIsWhole(t *testing.T) {
	t.Parallel()
	e := foundingEdition(t)
	has := map[string]bool{}
	for _, r := range readTable(t) {
		has[r.key] = true
	}
	want := []string{}
	register.EachFact(e.Incident, func(f *register.Fact) { want = append(want, f.Key) })
	for _, s := range e.Statements {
		want = append(want, s.Slug)
		for _, c := range s.Claims {
			want = append(want, s.Slug+"/"+c.Key)
		}
		for _, r := range s.Renderings {
			want = append(want, s.Slug+"/"+r.Key)
		}
	}
	for _, s := range e.SourceList {
		want = append(want, s.Key)
	}
	for _, key := range want {
		if !has[key] {
			t.Errorf("%s is missing", key)
		}
	}
}

// TestNothingOfLaterIsShown looks for what was not known in everything that is
// shown, whatever carries it there.
func TestNothingOfLaterIsShown(t *testing.T) {
	t.Parallel()
	e := foundingEdition(t)
	before := encode(t, e)
	table := readTable(t)
	for i := range 7 {
		d := day(t, firstOfTable).AddDays(i)
		k := register.KnownOn(e, d)
		shown := k.Shown()
		parts := map[string]bool{}
		register.EachFact(shown.Incident, func(f *register.Fact) { parts[f.Key] = true })
		for _, s := range shown.Statements {
			parts[s.Slug] = true
		}
		cited := register.CitedSources(shown.Incident)
		for _, s := range shown.Statements {
			cited = append(cited, register.CitedSources(s.Statement)...)
		}
		for _, r := range table {
			late := r.marks[i] == "-"
			switch r.kind {
			case "entry", "fact":
				if parts[r.key] == late {
					t.Errorf("%s on %s: shown %t", r.key, d, !late)
				}
			case "source":
				if late && slices.Contains(cited, r.key) {
					t.Errorf("%s is cited on %s", r.key, d)
				}
			}
		}
		entries := register.NewTimeline(shown.Incident, shown.Statements).Total
		if total := register.NewTimeline(e.Incident, e.Statements).Total; entries+k.LeftOut() != total {
			t.Errorf("%s: %d shown and %d left out of %d", d, entries, k.LeftOut(), total)
		}
		for _, s := range shown.SourceList {
			if k.Source(s.Key) == edtf.NotYet {
				t.Errorf("source %s is listed on %s", s.Key, d)
			}
		}
	}
	if encode(t, e) != before {
		t.Error("the edition itself was changed")
	}
}

func encode(t *testing.T, e *register.IncidentEdition) string {
	t.Helper()
	raw, err := json.Marshal([]any{e.Incident, e.Statements, e.SourceList})
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// TestLaterWordsAreLeftOut: the register's own words of a thing go with all on
// which they rest.
func TestLaterWordsAreLeftOut(t *testing.T) {
	t.Parallel()
	e := foundingEdition(t)
	eve := register.KnownOn(e, day(t, "2025-04-09")).Shown()
	if !eve.Summary.IsZero() {
		t.Error("the summary tells of the 10th on the 9th")
	}
	for _, ev := range eve.Events {
		if ev.Key == "verification" && !ev.Body.IsZero() {
			t.Error("the verification's text speaks of the spokesperson on the 9th")
		}
	}
	claim := eve.StatementOf("cnss-communique-1").Claim("authenticity")
	for _, q := range claim.Quotes {
		if q.Rendering == "telquel-fr" {
			t.Error("a quotation of TelQuel of the 10th on the 9th")
		}
	}
	if len(claim.Quotes) == 0 {
		t.Error("no quotation is left of those that may have been there")
	}
}

// TestWhatTheRegisterPublishedWasKnown: from its own day on an edition is
// shown whole.
func TestWhatTheRegisterPublishedWasKnown(t *testing.T) {
	t.Parallel()
	e := foundingEdition(t)
	k := register.KnownOn(e, day(t, "2026-11-20"))
	if k.LeftOut() != 0 || k.Possible() != 0 || !reflect.DeepEqual(k.Shown(), e) {
		t.Errorf("%d left out, %d possible", k.LeftOut(), k.Possible())
	}
	if k := register.KnownOn(e, day(t, "2026-11-19")); k.Possible() != 0 {
		t.Errorf("%d entries are possible in 2026", k.Possible())
	}
}

// TestWhatHasNoDateIsPossible: it is marked, not left out.
func TestWhatHasNoDateIsPossible(t *testing.T) {
	t.Parallel()
	inc := &register.Incident{
		Events: []register.Event{
			{Fact: fact("sourced", "", "undated"), Kind: register.EventOther},
			{Fact: fact("bare", ""), Kind: register.EventOther},
			{Fact: fact("begun", "2025-04-08", "first"), Kind: register.EventAttack},
			{Fact: fact("read", "", "accessed"), Kind: register.EventOther},
		},
	}
	e := register.NewIncidentEdition(register.Edition{Content: register.Content{
		Type: register.TypeIncident, Incident: inc,
		Sources: []register.Source{
			{Key: "undated"},
			{Key: "first", Published: date(t, "2025-04-09")},
			{Key: "accessed", Accessed: date(t, "2025-04-10")},
		},
	}}, nil)
	for _, c := range []struct {
		day  string
		want map[string]edtf.KnownBy
	}{
		{"2025-04-07", map[string]edtf.KnownBy{"sourced": edtf.NotYet, "bare": edtf.NotYet, "begun": edtf.NotYet, "read": edtf.NotYet}},
		{"2025-04-08", map[string]edtf.KnownBy{"sourced": edtf.Possibly, "bare": edtf.Possibly, "begun": edtf.NotYet, "read": edtf.Possibly}},
		{"2025-04-10", map[string]edtf.KnownBy{"sourced": edtf.Possibly, "bare": edtf.Possibly, "begun": edtf.Known, "read": edtf.Known}},
	} {
		k := register.KnownOn(e, day(t, c.day))
		for key, want := range c.want {
			if got := k.Fact(key); got != want {
				t.Errorf("%s on %s: %s, want %s", key, c.day, got, want)
			}
		}
	}
}

func fact(key, on string, sources ...string) register.Fact {
	f := register.Fact{Key: key, Sources: sources}
	if d, err := edtf.Parse(on); err == nil {
		f.Dates = register.Dates{{EDTF: d, Basis: register.BasisStated, Sources: sources}}
	}
	return f
}
