package exchange_test

import (
	"encoding/csv"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/register"
)

func at(slug string) string { return "https://sijil.test/fr/x/" + slug }

func date(t *testing.T, s string) edtf.Date {
	t.Helper()
	d, err := edtf.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// listOfIncidents has a row with everything and one of which little is stated.
func listOfIncidents(t *testing.T) exchange.List {
	t.Helper()
	return exchange.Incidents(register.IncidentList{Total: 7, Rows: []register.IncidentRow{
		{
			Reference: "SJ-2025-0001", Slug: "cnss", Title: register.Text{"fr": "=1+1", "ar": "تسريب", "en": "Leak, \"large\""}, Country: "MA",
			Kinds: []string{"a/b", "c"}, Occurred: date(t, "2025-04-08"), OccurredDisputed: true,
			Institutions:   []register.InstitutionBrief{{Reference: "IN-0001"}, {Reference: "IN-0002"}},
			FirstStatement: edtf.Days{Known: true, Min: 1, Max: 4}, Edition: 2, PublishedAt: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		},
		{Reference: "SJ-2014-0002", Slug: "x", Occurred: date(t, "2014"), FirstStatement: edtf.Days{Known: true, Min: 3, MaxOpen: true}},
	}}, at)
}

func TestListCSV(t *testing.T) {
	t.Parallel()
	body, err := listOfIncidents(t).CSV()
	if err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(body), "\ufeff"))).ReadAll()
	if err != nil || len(lines) != 3 {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	get := func(line int, column string) string {
		i := slices.Index(lines[0], column)
		if i < 0 {
			t.Fatalf("no column %s in %v", column, lines[0])
		}
		return lines[line][i]
	}
	for _, c := range []struct {
		line         int
		column, want string
	}{
		{1, "reference", "SJ-2025-0001"},
		{1, "page", "https://sijil.test/fr/x/cnss"},
		{1, "title_fr", "'=1+1"},
		{1, "title_ar", "تسريب"},
		{1, "title_en", `Leak, "large"`},
		{1, "kinds", "a/b;c"},
		{1, "occurred", "2025-04-08"},
		{1, "occurred_disputed", "true"},
		{1, "institutions", "IN-0001;IN-0002"},
		{1, "first_official_statement_days_min", "1"},
		{1, "first_official_statement_days_max", "4"},
		{1, "published_at", "2026-01-02T03:04:05Z"},
		{2, "occurred", "2014"},
		{2, "title_fr", ""},
		{2, "first_official_statement_days_min", "3"},
		{2, "first_official_statement_days_max", ""},
	} {
		if got := get(c.line, c.column); got != c.want {
			t.Errorf("line %d, %s: %q, want %q", c.line, c.column, got, c.want)
		}
	}
}

func TestListJSON(t *testing.T) {
	t.Parallel()
	body, err := listOfIncidents(t).JSON()
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		List         string
		Total, Shown int
		Rows         []map[string]any
	}
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatal(err)
	}
	if got.List != "incidents" || got.Total != 7 || got.Shown != 2 || len(got.Rows) != 2 {
		t.Fatalf("%+v", got)
	}
	first, second := got.Rows[0], got.Rows[1]
	if title, _ := first["title"].(map[string]any); title["fr"] != "=1+1" || first["occurred"] != "2025-04-08" || first["first_official_statement_days_max"] != 4.0 {
		t.Errorf("first row: %v", first)
	}
	if _, stated := second["standing"]; stated || second["first_official_statement_days_max"] != nil || second["occurred"] != "2014" {
		t.Errorf("second row: %v", second)
	}
}

// TestListsNameTheirRows: every list says what each of its rows is and where.
func TestListsNameTheirRows(t *testing.T) {
	t.Parallel()
	brief := &register.InstitutionBrief{Reference: "IN-0001", Name: register.Text{"fr": "Caisse"}}
	for _, c := range []struct {
		list exchange.List
		want []string
	}{
		{
			exchange.Statements(register.StatementList{Rows: []register.StatementRow{{
				Reference: "ST-0001", Slug: "a", Issuer: brief, Languages: []register.Lang{"fr", "ar"}, Incidents: []register.RecordBrief{{Reference: "SJ-1"}},
			}}}, at),
			[]string{"ST-0001", at("a"), "IN-0001", "Caisse", "fr;ar", "SJ-1"},
		},
		{
			exchange.Institutions(register.InstitutionList{Rows: []register.InstitutionRow{{
				InstitutionBrief: register.InstitutionBrief{Reference: "IN-0002", Slug: "b"}, Incidents: 1, Statements: 22, Made: 333, Received: 4444,
			}}}, at),
			[]string{"IN-0002", at("b"), "1", "22", "333", "4444"},
		},
		{
			exchange.Referrals(register.ReferralList{Rows: []register.ReferralRow{{
				IncidentReference: "SJ-1", IncidentSlug: "c", Key: "k", Anchor: "step", Authority: brief, Step: "announced", Stepped: date(t, "2025-04"),
			}}}, at),
			[]string{"SJ-1", "k", at("c") + "#step", "IN-0001", "announced", "2025-04"},
		},
		{exchange.Referrals(register.ReferralList{}, at), nil},
	} {
		body, err := c.list.CSV()
		if err != nil {
			t.Fatal(err)
		}
		lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(body), "\ufeff"))).ReadAll()
		if err != nil || c.want != nil && len(lines) != 2 {
			t.Fatalf("%s: %d lines, %v", c.list.Name, len(lines), err)
		}
		for _, want := range c.want {
			if !slices.Contains(lines[1], want) {
				t.Errorf("%s: no cell has %q: %q", c.list.Name, want, lines[1])
			}
		}
	}
}
