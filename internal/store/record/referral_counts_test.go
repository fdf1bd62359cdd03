package record_test

import (
	"slices"
	"strconv"
	"testing"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/record"
	"github.com/sijil/sijil/internal/synthetic"
	"github.com/sijil/sijil/internal/testkit"
)

// TestCountsOfReferralsAreThoseOfTheList: whatever is chosen, the total is how many the
// list has, and what stands beside a value is the total of who follows it.
func TestCountsOfReferralsAreThoseOfTheList(t *testing.T) {
	t.Parallel()
	d := testkit.Database(t)
	now := testkit.NewClock(testkit.FoundingDay()).Now
	if _, err := synthetic.Fill(t.Context(), store.Wrap(d.Desk()), d.OwnerURL(), 600, 3, now, func(synthetic.Stage, int, int) {}); err != nil {
		t.Fatal(err)
	}
	s := record.NewStore(store.Wrap(d.Public()))
	authority := scatterReferrals(t, d)
	count := func(f register.ReferralFilter) int {
		t.Helper()
		f.Today = edtf.DayOf(now())
		list, err := s.Referrals(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		f.Most, f.Uncounted = 1000, true
		rows, err := s.Referrals(t.Context(), f)
		if err != nil || len(rows.Rows) != list.Total || rows.Next != "" {
			t.Errorf("%+v: %d of them, the list has %d, %v", f, list.Total, len(rows.Rows), err)
		}
		return list.Total
	}
	set := map[string]func(*register.ReferralFilter, string){
		"kind":  func(f *register.ReferralFilter, v string) { f.Kind = register.ReferralKind(v) },
		"step":  func(f *register.ReferralFilter, v string) { f.Step = v },
		"level": func(f *register.ReferralFilter, v string) { f.Level = register.Level(v) },
		"silent": func(f *register.ReferralFilter, v string) {
			f.Silent, _ = strconv.Atoi(v) // the list wrote it
		},
	}
	followed := 0
	for _, f := range []register.ReferralFilter{
		{},
		{Kind: register.ReferralRegulatory},
		{Step: "judge-seized"},
		{Level: register.AnnouncedByParty},
		{Silent: 90},
		{Silent: 90, Level: register.AnnouncedByParty},
		{Silent: 365, Step: "announced"},
		{Authority: authority},
		{Authority: register.AuthorityNotNamed},
		{Authority: authority, Silent: 30},
		{Authority: "is-not-there"},
		{Incident: "SJ-9999-9999"},
	} {
		f.Today = edtf.DayOf(now())
		list, err := s.Referrals(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		if n := count(f); n != list.Total {
			t.Errorf("%+v: %d, and then %d", f, list.Total, n)
		}
		for field, values := range list.Facets {
			for _, v := range values {
				of := f
				set[field](&of, v.Value)
				if n := count(of); n != v.Count || n == 0 {
					t.Errorf("%+v: %d beside %s %s, where there are %d", f, v.Count, field, v.Value, n)
				}
				followed++
			}
			if field != "silent" && !slices.IsSortedFunc(values, func(a, b register.Facet) int { return b.Count - a.Count }) {
				t.Errorf("%+v: %s is not in order: %v", f, field, values)
			}
		}
		for _, a := range list.Authorities {
			of := f
			of.Authority = register.AuthorityNotNamed
			if a.Institution != nil {
				of.Authority = a.Institution.Slug
			}
			if n := count(of); n != a.Referrals || a.Confirmed > n {
				t.Errorf("%+v: %d (%d confirmed) to %s, where there are %d", f, a.Referrals, a.Confirmed, of.Authority, n)
			}
			followed++
		}
	}
	if followed < 60 {
		t.Errorf("only %d values were followed", followed)
	}
	t.Logf("%d values, %d referrals", followed, count(register.ReferralFilter{}))
}

// scatterReferrals has referrals differ in all by which they can be chosen, and returns
// the slug of an authority to which some were brought.
func scatterReferrals(t *testing.T, d *testkit.DB) (slug string) {
	t.Helper()
	err := d.Owner().QueryRow(t.Context(), `
		WITH authorities AS (
		    SELECT array_agg(reference ORDER BY reference) AS list FROM record.institutions
		), numbered AS (
		    SELECT incident_reference, key, row_number() OVER (ORDER BY incident_reference, key)::integer AS n FROM record.referrals
		), changed AS (
		    UPDATE record.referrals AS r
		    SET authority_reference = CASE WHEN n % 3 > 0 THEN a.list[1 + n % least(cardinality(a.list), 15)] END,
		        kind = CASE WHEN n % 7 < 2 THEN 'regulatory' ELSE 'judicial' END,
		        step = (ARRAY['announced', 'judge-seized', 'inquiry-opened'])[1 + n % 5 % 3],
		        level = (ARRAY['announced-by-party', 'press-only', 'confirmed-by-authority'])[1 + n % 11 % 3],
		        is_confirmed = n % 11 % 3 = 2,
		        stepped_order = CASE WHEN n % 13 = 0 THEN '-infinity'::date ELSE r.stepped_order + n % 4 * 100 END
		    FROM numbered AS x, authorities AS a
		    WHERE (x.incident_reference, x.key) = (r.incident_reference, r.key)
		    RETURNING r.authority_reference
		)
		SELECT i.slug FROM changed AS c JOIN record.institutions AS i ON i.reference = c.authority_reference ORDER BY i.slug LIMIT 1`).Scan(&slug)
	if err != nil {
		t.Fatal(err)
	}
	return slug
}
