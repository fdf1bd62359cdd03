package web_test

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	deskstore "github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/testkit"
)

func termForm(changes url.Values) url.Values {
	form := url.Values{
		"code": {"withdrawn-claim"}, "position": {"6"}, "phase": {""},
		"label.fr": {"Revendication retirée"}, "label.ar": {"تبنٍّ مسحوب"}, "label.en": {"Claim withdrawn"},
	}
	maps.Copy(form, changes)
	return form
}

// published makes the founding incident over with a change, and publishes it.
func (s *deskSite) published(t *testing.T, change func(*register.Incident)) {
	t.Helper()
	q := deskstore.New(store.Wrap(s.db.Desk()).Querier())
	head, err := q.RecordBySlug(t.Context(), register.TypeIncident, "cnss-2025")
	if err != nil {
		t.Fatal(err)
	}
	draft, _, err := s.editorial.Load(t.Context(), s.staff[testkit.Analyst], head.ID)
	if err != nil {
		t.Fatal(err)
	}
	change(draft.Incident)
	v, err := s.editorial.Save(t.Context(), s.staff[testkit.Analyst], draft)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.editorial.SendForReview(t.Context(), s.staff[testkit.Analyst], v, ""); err != nil {
		t.Fatal(err)
	}
	if err := s.editorial.Approve(t.Context(), s.staff[testkit.Editor], v); err != nil {
		t.Fatal(err)
	}
	reason := register.Text{"fr": "Statut précisé", "ar": "توضيح الوضع", "en": "Standing made precise"}
	if _, err := s.editorial.Publish(t.Context(), s.staff[testkit.Editor], []editorial.Version{v}, reason); err != nil {
		t.Fatal(err)
	}
}

// TestAnAddedStandingIsUsedAndShown goes the whole way: an admin adds a standing
// and a step; an incident that has them is valid, is published, is named in
// three languages, and is found by them.
func TestAnAddedStandingIsUsedAndShown(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	const list = "/fr/incidents?standing=withdrawn-claim"
	if a := testkit.Ask(t, s, list); a.Status != http.StatusBadRequest {
		t.Errorf("a standing that there is not: status %d", a.Status)
	}
	a := testkit.Post(t, s, "/fr/desk/vocabularies/standing", termForm(nil), testkit.As(testkit.Admin))
	if a.Status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", a.Status, a.Text(".error-summary"))
	}
	step := termForm(url.Values{"code": {"archived-for-now"}, "phase": {"closed"}, "label.fr": {"Archivage provisoire"}, "label.en": {"Archived for now"}})
	if a := testkit.Post(t, s, "/fr/desk/vocabularies/referral-step", step, testkit.As(testkit.Admin)); a.Status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", a.Status, a.Text(".error-summary"))
	}
	s.published(t, func(i *register.Incident) {
		i.Standing = "withdrawn-claim"
		last := &i.Referrals[0].Steps[len(i.Referrals[0].Steps)-1]
		last.Step = "archived-for-now"
	})
	s.clock.Advance(2e9) // the page cache asks for the generation once a second
	for lang, name := range map[string]string{"fr": "Revendication retirée", "ar": "تبنٍّ مسحوب", "en": "Claim withdrawn"} {
		if a := testkit.Ask(t, s, "/"+lang+"/incidents/cnss-2025"); !strings.Contains(a.Text("main"), name) {
			t.Errorf("%s: the page does not say %q", lang, name)
		}
		a := testkit.Ask(t, s, "/"+lang+"/incidents?standing=withdrawn-claim")
		if a.Status != http.StatusOK || !strings.Contains(a.Body, "/"+lang+"/incidents/cnss-2025") || !strings.Contains(a.Body, name) {
			t.Errorf("%s: filtered by it: status %d", lang, a.Status)
		}
	}
	page := testkit.Ask(t, s, "/fr/incidents/cnss-2025")
	if !strings.Contains(page.Text("main"), "Archivage provisoire") {
		t.Error("the step is not named")
	}
	edition, err := s.editorial.Terms(t.Context())
	if err != nil || edition.PhaseOf("archived-for-now") != register.PhaseClosed {
		t.Errorf("phase %v", err)
	}
}

// TestAChangedLabelIsSeenAtOnce on a page that was in memory already.
func TestAChangedLabelIsSeenAtOnce(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	const page = "/en/incidents/cnss-2025"
	if a := testkit.Ask(t, s, page); !strings.Contains(a.Text("main"), "Acknowledged incident") {
		t.Fatal("the page does not name the standing")
	}
	form := termForm(url.Values{"label.en": {"Confirmed by the institution"}, "position": {"2"}, "version": {"1"}})
	a := testkit.Post(t, s, "/en/desk/vocabularies/standing/confirmed", form, testkit.As(testkit.Admin))
	if a.Status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", a.Status, a.Text(".error-summary"))
	}
	s.clock.Advance(2e9) // the page cache asks for the generation once a second
	if text := testkit.Ask(t, s, page).Text("main"); !strings.Contains(text, "Confirmed by the institution") || strings.Contains(text, "Acknowledged incident") {
		t.Error("the page names the standing as before")
	}
	if a := testkit.Ask(t, s, "/en/desk/vocabularies", testkit.As(testkit.Admin)); !strings.Contains(a.Body, "Confirmed by the institution") {
		t.Error("the desk names the standing as before")
	}
}

// TestARetiredTermStaysWithWhatHasIt, is offered no longer, and comes back.
func TestARetiredTermStaysWithWhatHasIt(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	const path = "/fr/desk/vocabularies/standing/confirmed"
	change := func(version string, retired ...string) {
		t.Helper()
		form := termForm(url.Values{"version": {version}, "retired": retired, "label.fr": {"Incident reconnu"}})
		if a := testkit.Post(t, s, path, form, testkit.As(testkit.Admin)); a.Status != http.StatusSeeOther {
			t.Fatalf("status %d: %s", a.Status, a.Text(".error-summary"))
		}
	}
	retired := func() bool {
		t.Helper()
		terms, err := s.editorial.Terms(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return terms.Retired(register.VocabularyStanding, "confirmed")
	}
	change("1", "yes")
	if !retired() {
		t.Error("not retired")
	}
	if a := testkit.Ask(t, s, path, testkit.As(testkit.Admin)); a.Page().Find(`[name="retired"][checked]`).Length() != 1 {
		t.Error("the form does not say that it is retired")
	}
	s.published(t, func(i *register.Incident) { i.Title["en"] = "Leak at CNSS, again" }) // still valid
	s.clock.Advance(2e9)
	if text := testkit.Ask(t, s, "/fr/incidents/cnss-2025").Text("main"); !strings.Contains(text, "Incident reconnu") {
		t.Error("the public page does not name a retired standing")
	}
	change("2")
	if retired() {
		t.Error("still retired")
	}
	if _, err := s.db.Desk().Exec(t.Context(), `DELETE FROM desk.vocabulary_terms WHERE code = 'disputed'`); err == nil {
		t.Error("a term was deleted")
	}
}

func TestAFormOfATermThatIsWrong(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Database(t))
	for _, c := range []struct {
		name, vocabulary string
		change           url.Values
		field            string
	}{
		{"no code", "standing", url.Values{"code": {""}}, "code"},
		{"a malformed code", "standing", url.Values{"code": {"Near Miss"}}, "code"},
		{"a code that is taken", "standing", url.Values{"code": {"confirmed"}}, "code"},
		{"no Arabic label", "standing", url.Values{"label.ar": {" "}}, "label.ar"},
		{"a label that is too long", "standing", url.Values{"label.en": {strings.Repeat("x", 61)}}, "label.en"},
		{"no place", "standing", url.Values{"position": {"first"}}, "position"},
		{"a place beyond all", "standing", url.Values{"position": {"1000"}}, "position"},
		{"a step without a phase", "referral-step", nil, "phase"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			target := "/fr/desk/vocabularies/" + c.vocabulary
			a := testkit.Post(t, s, target, termForm(c.change), testkit.As(testkit.Admin))
			if a.Status != http.StatusUnprocessableEntity {
				t.Fatalf("status %d", a.Status)
			}
			if a.Attr(`.error-summary a`, "href") != "#"+c.field || a.Page().Find(`[id="`+c.field+`"][aria-invalid]`).Length() != 1 {
				t.Errorf("the problem is told at %s", a.Attr(`.error-summary a`, "href"))
			}
			if c.field != "label.fr" && a.Attr(`[id="label.fr"]`, "value") != "Revendication retirée" {
				t.Error("what was typed is gone")
			}
		})
	}
}

// TestTwoAdminsChangeATerm: the second sees what the first saved, keeps what he
// typed, and may then save.
func TestTwoAdminsChangeATerm(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Database(t))
	const path = "/fr/desk/vocabularies/level/press-only"
	first := termForm(url.Values{"version": {"1"}, "label.fr": {"presse"}})
	if a := testkit.Post(t, s, path, first, testkit.As(testkit.Admin)); a.Status != http.StatusSeeOther {
		t.Fatalf("status %d", a.Status)
	}
	second := termForm(url.Values{"version": {"1"}, "label.fr": {"journaux seuls"}})
	a := testkit.Post(t, s, path, second, testkit.As(testkit.Admin))
	if a.Status != http.StatusConflict || !strings.Contains(a.Text("dl"), "presse") || a.Attr(`[id="label.fr"]`, "value") != "journaux seuls" {
		t.Fatalf("status %d: %s", a.Status, a.Text("dl"))
	}
	second.Set("version", a.Attr(`[name="version"]`, "value"))
	if a := testkit.Post(t, s, path, second, testkit.As(testkit.Admin)); a.Status != http.StatusSeeOther {
		t.Errorf("status %d", a.Status)
	}
	for _, path := range []string{"/fr/desk/vocabularies/colours", "/fr/desk/vocabularies/level/hearsay"} {
		if a := testkit.Ask(t, s, path, testkit.As(testkit.Admin)); a.Status != http.StatusNotFound {
			t.Errorf("%s: status %d", path, a.Status)
		}
	}
}
