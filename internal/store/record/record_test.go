package record_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/store/record"
	"github.com/sijil/sijil/internal/testkit"
)

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

func public(d *testkit.DB) *record.Store { return record.NewStore(store.Wrap(d.Public())) }

func references(list register.IncidentList) []string {
	out := make([]string, len(list.Rows))
	for i, r := range list.Rows {
		out[i] = r.Reference
	}
	return out
}

func TestFoundingRow(t *testing.T) {
	d := testkit.Founding(t)
	list, err := public(d).Incidents(t.Context(), register.IncidentFilter{})
	must(t, err)
	if len(list.Rows) != 1 || list.Total != 1 || list.Next != "" {
		t.Fatalf("%+v", list)
	}
	row := list.Rows[0]
	if row.Slug != "cnss-2025" || row.Occurred.String() != "2025-04-08" || !row.OccurredDisputed {
		t.Errorf("%s occurred %s, disputed %v", row.Slug, row.Occurred, row.OccurredDisputed)
	}
	if row.ReferralStep != "announced" || row.ReferralLevel != register.AnnouncedByParty {
		t.Errorf("referral %s, %s", row.ReferralStep, row.ReferralLevel)
	}
	if want := (edtf.Days{Known: true}); row.FirstStatement != want {
		t.Errorf("first statement after %+v", row.FirstStatement)
	}
	if len(row.Institutions) != 2 || row.Entries[register.EntryStatement] == 0 {
		t.Errorf("institutions %v, entries %v", row.Institutions, row.Entries)
	}
}

func TestSearchFindsInThreeLanguages(t *testing.T) {
	d := testkit.Founding(t)
	cases := []struct {
		query string
		found bool
	}{
		{"CNSS", true},
		{"cnss baitas", true},
		{"Baïtas", true},
		{"بايتاس", true},
		{"بيتاس", true}, // the other spelling of the Arabic document
		{"الصندوق الوطني للضمان الاجتماعي", true},
		{"الإجتماعي", true}, // hamza where the name has none
		{"SECURITE", true},
		{"sécurité sociale", true},
		{"Jabaroot", true},
		{"SJ-2025-0001", true},
		{"securi", true}, // the beginning of a word
		{"zanzibar", false},
		{"cnss zanzibar", false},
		{"' OR zanzibar=1 --", false},
		{`\':* & !()|<->`, true}, // nothing is left of it: it does not choose
	}
	for _, c := range cases {
		t.Run(c.query, func(t *testing.T) {
			list, err := public(d).Incidents(t.Context(), register.IncidentFilter{Query: c.query})
			must(t, err)
			if found := list.Total > 0; found != c.found {
				t.Errorf("found %v", found)
			}
		})
	}
}

func TestFilters(t *testing.T) {
	d := testkit.Founding(t)
	cases := []struct {
		filter register.IncidentFilter
		found  bool
	}{
		{register.IncidentFilter{Institution: "cnss"}, true},
		{register.IncidentFilter{Institution: "cndp"}, false}, // it spoke; it was not affected
		{register.IncidentFilter{Kind: "information-content-security"}, true},
		{register.IncidentFilter{Kind: "information-content-security/data-leak"}, true},
		{register.IncidentFilter{Kind: "fraud"}, false},
		{register.IncidentFilter{Year: 2025}, true},
		{register.IncidentFilter{Year: 2024}, false},
		{register.IncidentFilter{Referral: "announced"}, true},
		{register.IncidentFilter{Referral: "none"}, false},
		{register.IncidentFilter{Sector: "social-protection"}, true},
		{register.IncidentFilter{Sector: "health"}, false},
		{register.IncidentFilter{Institution: "no-such"}, false},
	}
	for _, c := range cases {
		t.Run(fmt.Sprintf("%+v", c.filter), func(t *testing.T) {
			list, err := public(d).Incidents(t.Context(), c.filter)
			must(t, err)
			if found := list.Total > 0; found != c.found {
				t.Errorf("found %v", found)
			}
		})
	}
}

// publishMany publishes n small incidents, with dates from the day to the
// century and some without any.
func publishMany(t *testing.T, d *testkit.DB, n int) {
	t.Helper()
	q := desk.New(store.Wrap(d.Desk()).Querier())
	staff := map[register.AccountRole]register.Actor{}
	for _, role := range []register.AccountRole{register.RoleAnalyst, register.RoleEditor} {
		a, err := q.EnsureAccount(t.Context(), desk.Account{Email: string(role) + "@example.org", Name: "x", Role: role, Language: "fr"})
		must(t, err)
		staff[role] = register.Actor{ID: a.ID, Role: a.Role}
	}
	clock := testkit.NewClock(testkit.FoundingDay())
	e := editorial.New(store.Wrap(d.Desk()), clock.Now)
	set := register.Set{
		Sources: []register.Source{{Key: "s", Kind: register.SourcePressReport, Publisher: "P"}},
		Institutions: []register.Institution{{
			Language: "fr", Slug: "agence", Kind: register.InstitutionAgency,
			Names: []register.InstitutionName{{Key: "n", Language: "fr", Kind: register.NameOfficial, Name: "Agence"}},
		}},
	}
	dates := []string{"2024-03-01", "2024-03", "2024", "", "2023~", "2024-03-01"}
	for i := range n {
		set.Incidents = append(set.Incidents, smallIncident(t, fmt.Sprintf("petit-%03d", i), dates[i%len(dates)]))
	}
	versions, err := e.Import(t.Context(), staff[register.RoleAnalyst], set)
	must(t, err)
	for _, v := range versions {
		must(t, e.SendForReview(t.Context(), staff[register.RoleAnalyst], v, ""))
		must(t, e.Approve(t.Context(), staff[register.RoleEditor], v))
	}
	_, err = e.Publish(t.Context(), staff[register.RoleEditor], versions, register.Text{"fr": "essai"})
	must(t, err)
}

func smallIncident(t *testing.T, slug, when string) register.Incident {
	t.Helper()
	sourced := func(key string) register.Fact { return register.Fact{Key: key, Sources: []string{"s"}} }
	attack := register.Event{
		Fact: sourced("attack"), Kind: register.EventAttack, Attestation: register.Reported, Title: register.Text{"fr": "Attaque"},
	}
	if when != "" {
		day, err := edtf.Parse(when)
		must(t, err)
		attack.Dates = register.Dates{{EDTF: day, Basis: register.BasisStated}}
	}
	return register.Incident{
		Language: "fr", Slug: slug, Title: register.Text{"fr": slug}, Summary: register.Text{"fr": "Résumé"},
		Kinds: []string{"other/undetermined"}, Standing: "suspected", Events: []register.Event{attack},
		Affected: []register.AffectedInstitution{{Fact: sourced("agence"), Institution: "agence", Roles: []register.Role{register.RoleTarget}}},
	}
}

// TestPagesHoldEveryIncidentOnce walks through all pages in both orders: no
// incident is shown twice or left out, whatever its date.
func TestPagesHoldEveryIncidentOnce(t *testing.T) {
	d := testkit.Database(t)
	const n = 3*register.PageSize - 1
	publishMany(t, d, n)
	for _, sort := range register.IncidentSorts() {
		t.Run(string(sort), func(t *testing.T) {
			var got []string
			f := register.IncidentFilter{Sort: sort}
			for range 5 {
				list, err := public(d).Incidents(t.Context(), f)
				must(t, err)
				if list.Total != n {
					t.Fatalf("total %d", list.Total)
				}
				got = append(got, references(list)...)
				if f.After = list.Next; f.After == "" {
					break
				}
			}
			slices.Sort(got)
			if len(got) != n || len(slices.Compact(got)) != n {
				t.Errorf("%d rows", len(got))
			}
		})
	}
}

func TestForeignCursorIsInvalid(t *testing.T) {
	d := testkit.Database(t)
	for _, after := range []string{
		"x", "%%%", "AAAA", "MjAyNS0wNC0wOA", "LWluZmluaXR5fA", "Jz0nfCc9Jw",
		// NUL and bad UTF-8 in the reference, a year that PostgreSQL does not have
		"MjAyNS0wMS0wMXxTSgA", "MjAyNS0wMS0wMXz__g", "MDAwMC0wMS0wMXxTSi0yMDI1LTAwMDE",
	} {
		_, err := public(d).Incidents(t.Context(), register.IncidentFilter{After: after})
		if !errors.Is(err, register.ErrInvalid) {
			t.Errorf("%q: %v", after, err)
		}
	}
}

func TestWhatIsNotThere(t *testing.T) {
	d := testkit.Founding(t)
	for _, slug := range []string{"no-such", "", "cnss", "SJ-2025-0001", "' OR true --"} {
		if _, err := public(d).Incident(t.Context(), slug); !errors.Is(err, register.ErrNotFound) {
			t.Errorf("incident %q: %v", slug, err)
		}
	}
	if _, err := public(d).Institution(t.Context(), "cnss-2025"); !errors.Is(err, register.ErrNotFound) {
		t.Errorf("an incident as an institution: %v", err)
	}
	if _, err := public(d).Statement(t.Context(), "cnss"); !errors.Is(err, register.ErrNotFound) {
		t.Errorf("an institution as a statement: %v", err)
	}
}

// TestTakedownErasesContentOnly erases an edition the way its own role may: in
// the transaction of a decision of two persons, with a tombstone, and nothing
// but content, salt and reason.
func TestTakedownErasesContentOnly(t *testing.T) {
	d := testkit.Founding(t)
	_, err := d.Owner().Exec(t.Context(), `
		WITH admin AS (
		    INSERT INTO desk.accounts (email, name, role, language) VALUES ('admin@example.org', 'A', 'admin', 'fr') RETURNING id
		), editor AS (
		    INSERT INTO desk.accounts (email, name, role, language) VALUES ('second@example.org', 'E', 'editor', 'fr')
		)
		SELECT id FROM admin`)
	must(t, err)
	_, err = d.Desk().Exec(t.Context(), `
		INSERT INTO desk.decisions (kind, record_id, first_edition, last_edition, reason, proposed_by)
		SELECT 'takedown', r.id, 1, 1, '{"fr": "décision"}', a.id
		FROM desk.records AS r, desk.accounts AS a
		WHERE r.reference = 'SJ-2025-0001' AND a.email = 'admin@example.org'`)
	must(t, err)
	const (
		confirm = `
			UPDATE desk.decisions SET outcome = 'confirmed', decided_at = now(),
			       decided_by = (SELECT id FROM desk.accounts WHERE role = 'editor' AND name = 'E')`
		bury  = `INSERT INTO record.tombstones VALUES ('SJ-2025-0001', 1, '{"fr": "décision"}', date_trunc('second', now()))`
		erase = `UPDATE record.editions SET content = NULL, salt = NULL, reason = '{}' WHERE reference = 'SJ-2025-0001'`
		log   = `WITH notice AS (
			    SELECT l.size, n.content, sha256(decode(repeat('00', 32), 'hex') || n.content) AS commitment
			    FROM (SELECT count(*) AS size FROM record.log_leaves) AS l,
			         (SELECT convert_to('{"edition":1,"reason":{"fr":"décision"}}', 'UTF8') AS content) AS n
			), leaf AS (
			    INSERT INTO record.log_leaves
			    SELECT size, 'takedown', 'SJ-2025-0001', 1, date_trunc('second', now()), encode(commitment, 'hex'),
			           record.log_entry('takedown', 'SJ-2025-0001', 1, now(), encode(commitment, 'hex'))
			    FROM notice)
			SELECT`
		open = `INSERT INTO record.log_openings
			SELECT max(position), decode(repeat('00', 32), 'hex'), convert_to('{"edition":1,"reason":{"fr":"décision"}}', 'UTF8')
			FROM record.log_leaves`
	)
	takedown := func(statements ...string) error {
		tx, err := d.Takedown().Begin(t.Context())
		must(t, err)
		defer func() { _ = tx.Rollback(t.Context()) }()
		for _, sql := range statements {
			if _, err = tx.Exec(t.Context(), sql); err != nil {
				return err
			}
		}
		return tx.Commit(t.Context())
	}
	for name, attempt := range map[string][]string{
		"without a tombstone":        {confirm, erase},
		"without a decision":         {bury, erase},
		"a tombstone of another":     {confirm, `INSERT INTO record.tombstones VALUES ('IN-0001', 1, '{"fr": "décision"}', now())`},
		"a tombstone in other words": {confirm, `INSERT INTO record.tombstones VALUES ('SJ-2025-0001', 1, '{"fr": "rien"}', now())`},
		"the hash with the content":  {confirm, bury, `UPDATE record.editions SET sha256 = repeat('0', 64), content = NULL, salt = NULL, reason = '{}'`},
		"an edition of another":      {confirm, bury, `UPDATE record.editions SET content = NULL, salt = NULL, reason = '{}' WHERE reference = 'IN-0001'`},
	} {
		if err := takedown(attempt...); err == nil || strings.Contains(err.Error(), "is not in the log") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := takedown(confirm, bury, erase); err == nil || !strings.Contains(err.Error(), "is not in the log") {
		t.Errorf("without a leaf in the log: %v", err)
	}
	must(t, takedown(confirm, bury, erase, log, open))
	var withdrawn *register.WithdrawnError
	if _, err := public(d).Incident(t.Context(), "cnss-2025"); !errors.As(err, &withdrawn) || !withdrawn.Removed {
		t.Errorf("got %v", err)
	}
}

func TestGenerationGrowsWithEachPublication(t *testing.T) {
	d := testkit.Database(t)
	before, err := public(d).Generation(t.Context())
	must(t, err)
	publishMany(t, d, 1)
	after, err := public(d).Generation(t.Context())
	must(t, err)
	if after.Record != before.Record+1 {
		t.Errorf("%d after %d", after.Record, before.Record)
	}
}

func TestHome(t *testing.T) {
	d := testkit.Founding(t)
	s := public(d)
	totals, err := s.Totals(t.Context())
	must(t, err)
	rows, err := s.Newest(t.Context())
	must(t, err)
	if totals.Incidents != 1 || totals.Sources != 44 || totals.Referrals != 2 || totals.Confirmed != 0 || len(rows) != 1 {
		t.Errorf("%+v, %d rows", totals, len(rows))
	}
	if !totals.Updated.Equal(testkit.FoundingDay()) {
		t.Errorf("updated %s", totals.Updated)
	}
}

// TestHomeOpensWithWhatSomebodySpokeOf: among thousands that were imported since.
func TestHomeOpensWithWhatSomebodySpokeOf(t *testing.T) {
	d := testkit.FoundingWithVERIS(t, testkit.VERIS())
	rows, err := public(d).Newest(t.Context())
	must(t, err)
	if len(rows) != 5 || rows[0].Reference != "SJ-2025-0001" {
		t.Fatalf("%d rows, the first %s", len(rows), rows[0].Reference)
	}
	for _, r := range rows[1:] {
		if r.Reference == rows[0].Reference || r.PublishedAt.Before(rows[0].PublishedAt) {
			t.Errorf("%s, published %s, is not newer", r.Reference, r.PublishedAt)
		}
	}
}

func TestInstitutionAndStatementViews(t *testing.T) {
	d := testkit.Founding(t)
	cnss, err := public(d).Institution(t.Context(), "cnss")
	must(t, err)
	if len(cnss.Incidents) != 1 || len(cnss.Statements) != 2 || len(cnss.Referrals) != 1 {
		t.Errorf("%d incidents, %d statements, %d referrals", len(cnss.Incidents), len(cnss.Statements), len(cnss.Referrals))
	}
	briefing, err := public(d).Statement(t.Context(), "briefing-2025-04-10")
	must(t, err)
	if len(briefing.Incidents) != 1 || len(briefing.Related) == 0 || briefing.Institution(briefing.Issuer) == nil {
		t.Errorf("%d incidents, %d related, issuer %v", len(briefing.Incidents), len(briefing.Related), briefing.Issuer)
	}
}

// TestADatabaseThatIsDownIsUnavailable names a server that nobody runs.
func TestADatabaseThatIsDownIsUnavailable(t *testing.T) {
	db, err := store.Open(t.Context(), "postgres://nobody@127.0.0.1:1/none?connect_timeout=1", store.PublicSide)
	must(t, err)
	defer db.Close()
	start := time.Now()
	_, err = record.NewStore(db).Incident(t.Context(), "cnss-2025")
	if !errors.Is(err, register.ErrUnavailable) {
		t.Errorf("got %v after %s", err, time.Since(start))
	}
}
