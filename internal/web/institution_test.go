package web_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
)

// withAuthority is the site with the founding record, in which the first
// referral was brought to the CNDP.
func withAuthority(tb testing.TB) *deskSite {
	tb.Helper()
	s := newDeskSite(tb, testkit.Founding(tb))
	authority := s.recordAt(tb, register.TypeInstitution, "cndp")
	s.corrected(tb, register.TypeIncident, "cnss-2025", func(d *editorial.Draft) {
		d.Incident.Referrals[0].To, d.Incident.Referrals[0].ToName = register.Ref(authority.ID), nil
	})
	return s
}

// TestAnInstitutionOverTime: beside an incident stand the delay to the first
// official word, the institution's own words with theirs, and the referrals.
func TestAnInstitutionOverTime(t *testing.T) {
	t.Parallel()
	s := withAuthority(t)
	for lang, want := range map[string][4]string{
		"fr": {"cible", "0 jour", "Délai : 1 jour", "Annoncée"},
		"ar": {"جهة مستهدفة", "0 يوم", "المدة: يوم واحد", "معلنة"},
		"en": {"target", "0 days", "Delay: 1 day", "Announced"},
	} {
		a := testkit.Ask(t, s, "/"+lang+"/institutions/cnss")
		row := a.Page().Find("section[aria-labelledby=_incidents] tbody tr")
		if a.Status != http.StatusOK || row.Length() != 1 {
			t.Fatalf("%s: status %d, %d rows", lang, a.Status, row.Length())
		}
		cells := row.Find("th,td")
		for i, words := range want {
			if got := strings.ReplaceAll(cells.Eq(i).Text(), "\u00a0", " "); !strings.Contains(got, words) {
				t.Errorf("%s: cell %d does not say %q: %s", lang, i, words, got)
			}
		}
		statements := cells.Eq(2).Find("a").Map(func(_ int, l *goquery.Selection) string { return l.AttrOr("href", "") })
		if want := []string{"/" + lang + "/statements/cnss-communique-1", "/" + lang + "/statements/cnss-communique-2"}; !slices.Equal(statements, want) {
			t.Errorf("%s: it said %v", lang, statements)
		}
		if got := a.Page().Find(`section[aria-labelledby=_claims] a[href*="/cnss-communique-1#"]`).Length(); got != 7 {
			t.Errorf("%s: %d claims of the first statement, want 7", lang, got)
		}
	}
}

// TestAnAuthorityShowsWhatWasBroughtToIt: by state, and for how long nothing has
// become public.
func TestAnAuthorityShowsWhatWasBroughtToIt(t *testing.T) {
	t.Parallel()
	s := withAuthority(t)
	a := testkit.Ask(t, s, "/fr/institutions/cndp")
	referrals := a.Page().Find("section[aria-labelledby=_referrals]")
	if rows := referrals.Find("tbody tr"); rows.Length() != 1 || !strings.Contains(rows.Text(), "Sans suite publique depuis 5") {
		t.Errorf("%d referrals: %s", rows.Length(), rows.Text())
	}
	chip := referrals.Find("a.chip")
	if to := chip.AttrOr("href", ""); to != "/fr/referrals?authority=cndp&step=announced" || !strings.Contains(chip.Text(), "1") {
		t.Errorf("the states are %q to %s", chip.Text(), to)
	}
	list := testkit.Ask(t, s, chip.AttrOr("href", ""))
	if list.Status != http.StatusOK || list.Page().Find(`tbody a[href*="/incidents/cnss-2025#"]`).Length() == 0 {
		t.Errorf("status %d: the register of referrals does not have it", list.Status)
	}
	if facts := a.Text(".fact-strip"); !strings.Contains(facts, "Saisines reçues") {
		t.Errorf("the facts are %s", facts)
	}
	if row := a.Text("section[aria-labelledby=_incidents] tbody tr"); !strings.Contains(row, "Reçue") {
		t.Errorf("over time: %s", row)
	}
}
