package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	storedesk "github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/testkit"
)

// inWords is a public reason in every language.
func inWords(fr, ar, en string) register.Text { return register.Text{"fr": fr, "ar": ar, "en": en} }

// recordAt finds a record at the desk by its slug.
func (s *deskSite) recordAt(tb testing.TB, t register.RecordType, slug string) storedesk.Record {
	tb.Helper()
	head, err := storedesk.New(store.Wrap(s.db.Desk()).Querier()).RecordBySlug(tb.Context(), t, slug)
	if err != nil {
		tb.Fatal(err)
	}
	return head
}

// confirmed fails the test when the proposal or its confirmation fails.
func (s *deskSite) confirmed(tb testing.TB, id string, err error) {
	tb.Helper()
	if err == nil {
		err = s.editorial.Confirm(tb.Context(), s.staff[testkit.Editor2], id)
	}
	if err != nil {
		tb.Fatal(err)
	}
}

// TestAWithdrawnRecordSaysSo reads, in each language, the page in the place of
// a withdrawn statement, and what the incident says of it.
func TestAWithdrawnRecordSaysSo(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	notice := inWords("Publié par erreur", "نُشر عن طريق الخطأ", "Published by mistake")
	for _, r := range []storedesk.Record{
		s.recordAt(t, register.TypeStatement, "cnss-communique-1"), s.recordAt(t, register.TypeInstitution, "cnss"),
	} {
		id, err := s.editorial.ProposeWithdrawal(t.Context(), s.staff[testkit.Editor], editorial.Withdrawal{Record: r.ID, Notice: notice})
		s.confirmed(t, id, err)
	}
	for lang, words := range notice {
		for _, path := range []string{"/statements/cnss-communique-1", "/institutions/cnss"} {
			a := testkit.Ask(t, s, "/"+string(lang)+path)
			if a.Status != http.StatusGone || !strings.Contains(a.Text("main"), words) || a.Header.Get("Cache-Control") != pageCaching {
				t.Errorf("%s%s: status %d: %s", lang, path, a.Status, a.Text("main"))
			}
		}
		for _, path := range []string{"/incidents/cnss-2025", "/statements/cnss-communique-2"} {
			a := testkit.Ask(t, s, "/"+string(lang)+path)
			if got := a.Text(".notice--warn"); a.Status != http.StatusOK || !strings.Contains(got, words) {
				t.Errorf("%s%s: status %d says %q", lang, path, a.Status, got)
			}
		}
		a := testkit.Ask(t, s, "/"+string(lang)+"/incidents/cnss-2025")
		if strings.Contains(a.Text("#_institutions"), "CNSS (") || !strings.Contains(a.Text("#_institutions"), "IN-") {
			t.Errorf("%s: the institutions are %s", lang, a.Text("#_institutions"))
		}
	}
}

// TestWhatIsRemovedByLawSaysSo takes an incident down.
func TestWhatIsRemovedByLawSaysSo(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	reason := inWords("Ordonnance du tribunal", "أمر من المحكمة", "Order of the court")
	id, err := s.editorial.RequestTakedown(t.Context(), s.staff[testkit.Admin], editorial.Takedown{
		Record: s.recordAt(t, register.TypeStatement, "cnss-communique-1").ID, First: 1, Last: 1, Reason: reason,
	})
	s.confirmed(t, id, err)
	for lang, title := range map[string]string{"fr": "supprimé", "ar": "حُذف", "en": "removed"} {
		a := testkit.Ask(t, s, "/"+lang+"/statements/cnss-communique-1")
		if a.Status != http.StatusGone || !strings.Contains(a.Text("h1"), title) || !strings.Contains(a.Text("main"), reason[register.Lang(lang)]) {
			t.Errorf("%s: status %d: %s", lang, a.Status, a.Text("main"))
		}
		a = testkit.Ask(t, s, "/"+lang+"/incidents/cnss-2025")
		if got := a.Text(".notice--warn"); !strings.Contains(got, reason[register.Lang(lang)]) {
			t.Errorf("%s: the incident says %q", lang, got)
		}
	}
}

// TestAMergedRecordRedirects asks for the old address of a merged institution.
func TestAMergedRecordRedirects(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	id, err := s.editorial.ProposeMerge(t.Context(), s.staff[testkit.Editor], editorial.Merge{
		Record: s.recordAt(t, register.TypeInstitution, "dgssi").ID, Target: s.recordAt(t, register.TypeInstitution, "cndp").ID,
		Reason: inWords("Doublon", "مكرر", "Duplicate"),
	})
	s.confirmed(t, id, err)
	a := testkit.Ask(t, s, "/ar/institutions/dgssi")
	if to := a.Header.Get("Location"); a.Status != http.StatusMovedPermanently || to != "/ar/institutions/cndp" {
		t.Errorf("status %d to %q", a.Status, to)
	}
	if a := testkit.Ask(t, s, "/fr/incidents/cnss-2025"); a.Status != http.StatusOK {
		t.Errorf("the incident: status %d", a.Status)
	}
}

// TestARenamedInstitutionIsCalledByItsNameOfTheDay publishes a rename as a
// material correction, and reads the page before and after its day.
func TestARenamedInstitutionIsCalledByItsNameOfTheDay(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	head := s.recordAt(t, register.TypeInstitution, "cndp")
	from, err := edtf.Parse("2026-12-01")
	if err != nil {
		t.Fatal(err)
	}
	v, err := s.editorial.RenameInstitution(t.Context(), s.staff[testkit.Analyst], editorial.Version{ID: head.ID, Version: head.Version}, editorial.Rename{
		Names: map[register.NameKind]register.Text{register.NameOfficial: inWords("Autorité des données", "هيئة المعطيات", "Data Authority")},
		From:  from, Sources: []string{"src-023"},
	})
	for _, step := range []func() error{
		func() error { return err },
		func() error { return s.editorial.SendForReview(t.Context(), s.staff[testkit.Analyst], v, "") },
		func() error { return s.editorial.Approve(t.Context(), s.staff[testkit.Editor], v) },
		func() error {
			_, err := s.editorial.Publish(t.Context(), s.staff[testkit.Editor], []editorial.Version{v},
				inWords("Nouveau nom", "اسم جديد", "New name"), editorial.MaterialCorrection())
			return err
		},
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	before := testkit.Ask(t, s, "/fr/institutions/cndp")
	s.clock.Advance(30 * 24 * time.Hour)
	after := testkit.Ask(t, s, "/ar/institutions/cndp")
	if strings.Contains(before.Text("h1"), "Autorité") || !strings.Contains(after.Text("h1"), "هيئة المعطيات") {
		t.Errorf("named %q before, %q after", before.Text("h1"), after.Text("h1"))
	}
	if sheet := after.Text("aside"); !strings.Contains(sheet, "الاسم السابق") || !strings.Contains(sheet, "دجنبر 2026") {
		t.Errorf("former names: %s", sheet)
	}
	if seal := before.Text(".edition-seal"); !strings.Contains(seal, "Correction de fond") || !strings.Contains(seal, "Nouveau nom") {
		t.Errorf("the seal says %s", seal)
	}
}
