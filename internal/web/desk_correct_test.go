package web_test

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
)

// inForm are the fields of a text in every language.
func inForm(name, words string) url.Values {
	out := url.Values{}
	for _, lang := range register.Langs() {
		out.Set(name+"."+string(lang), words+" "+string(lang))
	}
	return out
}

func and(forms ...url.Values) url.Values {
	out := url.Values{}
	for _, f := range forms {
		maps.Copy(out, f)
	}
	return out
}

// sent posts a form and returns where it leads to.
func (s *deskSite) sent(tb testing.TB, email, target string, form url.Values) string {
	tb.Helper()
	a := testkit.Post(tb, s, target, form, testkit.As(email))
	if a.Status != http.StatusSeeOther {
		tb.Fatalf("%s: status %d: %s", target, a.Status, a.Text("main"))
	}
	to, _, _ := strings.Cut(a.Header.Get("Location"), "?")
	return to
}

// TestAMergeOnPages proposes a merge by words of a name, and has it confirmed.
func TestAMergeOnPages(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	head, target := s.recordAt(t, register.TypeInstitution, "dgssi"), s.recordAt(t, register.TypeInstitution, "cndp")
	page := "/fr/desk/institutions/" + string(head.ID) + "/merge"
	if a := testkit.Ask(t, s, page, testkit.As(testkit.Editor)); a.Status != http.StatusOK || !strings.Contains(a.Text("#_effects + ul"), "dgssi") {
		t.Errorf("status %d: %s", a.Status, a.Text("main"))
	}
	reason := inForm("reason", "Doublon")
	a := testkit.Post(t, s, page, and(reason, url.Values{"find": {"protection des données"}}), testkit.As(testkit.Editor))
	if a.Status != http.StatusUnprocessableEntity || a.Attr(`input[name=found][value="`+string(target.ID)+`"]`, "type") != "radio" || a.Attr("[name='reason.ar']", "lang") != "ar" || !strings.Contains(a.Text("[name='reason.ar']"), "Doublon ar") {
		t.Fatalf("status %d: %s", a.Status, a.Text("main"))
	}
	decision := s.sent(t, testkit.Editor, page, and(reason, url.Values{"found": {string(target.ID)}}))
	own := testkit.Ask(t, s, decision, testkit.As(testkit.Editor))
	if own.Page().Find(`button:contains("Confirmer")`).Length() > 0 || !strings.Contains(own.Text(".notice--warn"), "autre personne") {
		t.Errorf("who proposed it reads: %s", own.Text("main"))
	}
	if a := testkit.Post(t, s, decision, url.Values{"do": {"confirm"}}, testkit.As(testkit.Editor)); a.Status != http.StatusForbidden {
		t.Errorf("confirmed alone: status %d", a.Status)
	}
	waits := testkit.Ask(t, s, page, testkit.As(testkit.Editor2))
	if waits.Attr(".notice--warn a", "href") != decision {
		t.Errorf("the form leads to %q", waits.Attr(".notice--warn a", "href"))
	}
	second := testkit.Ask(t, s, decision, testkit.As(testkit.Editor2))
	if text := second.Text("main"); !strings.Contains(text, "SJ-2025-0001") || !strings.Contains(text, target.Reference) {
		t.Errorf("the second person reads: %s", text)
	}
	s.sent(t, testkit.Editor2, decision, url.Values{"do": {"confirm"}})
	if a := testkit.Ask(t, s, "/fr/institutions/dgssi"); a.Status != http.StatusMovedPermanently {
		t.Errorf("in public: status %d", a.Status)
	}
	if a := testkit.Post(t, s, decision, url.Values{"do": {"confirm"}}, testkit.As(testkit.Editor2)); a.Status != http.StatusConflict {
		t.Errorf("confirmed twice: status %d", a.Status)
	}
}

func TestAWithdrawalAndATakedownOnPages(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	base := "/ar/desk/statements/" + string(s.recordAt(t, register.TypeStatement, "cnss-communique-1").ID)
	a := testkit.Post(t, s, base+"/withdraw", url.Values{"reason.fr": {"Erreur"}, "note": {"note gardée"}}, testkit.As(testkit.Editor))
	if a.Status != http.StatusUnprocessableEntity || a.Page().Find("[aria-invalid=true]").Length() != 2 || !strings.Contains(a.Text("[name=note]"), "note gardée") {
		t.Errorf("without two languages: status %d, %d fields", a.Status, a.Page().Find("[aria-invalid=true]").Length())
	}
	decision := s.sent(t, testkit.Editor, base+"/withdraw", inForm("reason", "Retrait"))
	a = testkit.Post(t, s, decision, url.Values{"do": {"refuse"}}, testkit.As(testkit.Editor2))
	if a.Status != http.StatusUnprocessableEntity || a.Attr("[name=answer]", "aria-invalid") != "true" {
		t.Errorf("refused without a word: status %d", a.Status)
	}
	s.sent(t, testkit.Editor2, decision, url.Values{"do": {"refuse"}, "answer": {"Non"}})
	decision = s.sent(t, testkit.Editor, base+"/withdraw", inForm("reason", "Retrait"))
	s.sent(t, testkit.Editor2, decision, url.Values{"do": {"confirm"}})
	if a := testkit.Ask(t, s, "/ar/statements/cnss-communique-1"); a.Status != http.StatusGone {
		t.Errorf("in public: status %d", a.Status)
	}

	a = testkit.Post(t, s, base+"/takedown", and(inForm("reason", "Loi"), url.Values{"first": {"1"}, "last": {"7"}}), testkit.As(testkit.Admin))
	if a.Status != http.StatusUnprocessableEntity || a.Attr("[name=last]", "aria-invalid") != "true" {
		t.Errorf("an edition that is not there: status %d", a.Status)
	}
	decision = s.sent(t, testkit.Admin, base+"/takedown", and(inForm("reason", "Loi"), url.Values{"first": {"1"}, "last": {"1"}}))
	s.sent(t, testkit.Editor, decision, url.Values{"do": {"confirm"}})
	if a := testkit.Ask(t, s, "/fr/statements/cnss-communique-1"); a.Status != http.StatusGone || !strings.Contains(a.Text("main"), "Loi fr") {
		t.Errorf("in public: status %d: %s", a.Status, a.Text("main"))
	}
	if a := testkit.Ask(t, s, decision, testkit.As(testkit.Editor2)); a.Status != http.StatusOK {
		t.Errorf("the decision on what is gone: status %d", a.Status)
	}
}

func TestARenameOnPages(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	page := "/fr/desk/institutions/" + string(s.recordAt(t, register.TypeInstitution, "cndp").ID) + "/rename"
	a := testkit.Ask(t, s, page, testkit.As(testkit.Analyst))
	form := and(inForm("official", "Autorité"), url.Values{"version": {a.Attr("[name=version]", "value")}})
	for name, bad := range map[string]url.Values{
		"no date":       {"find": {"src-023"}},
		"no such date":  {"find": {"src-023"}, "from": {"le jour de la Saint-Glinglin"}},
		"no source":     {"from": {"1er mars 2026"}},
		"no such thing": {"from": {"1er mars 2026"}, "find": {"qqqqqqqq"}},
	} {
		a := testkit.Post(t, s, page, and(form, bad), testkit.As(testkit.Analyst))
		if a.Status != http.StatusUnprocessableEntity || a.Page().Find("[aria-invalid=true]").Length() == 0 || a.Attr("[name='official.ar']", "value") != "Autorité ar" {
			t.Errorf("%s: status %d: %s", name, a.Status, a.Text("main"))
		}
	}
	s.sent(t, testkit.Analyst, page, and(form, url.Values{"from": {"1er mars 2026"}, "find": {"src-023"}}))
	a = testkit.Post(t, s, page, and(form, url.Values{"from": {"2027"}, "find": {"src-023"}}), testkit.As(testkit.Analyst))
	if a.Status != http.StatusConflict {
		t.Errorf("the form of an older version: status %d", a.Status)
	}
}

// proposedSomething lets a decision wait for a second person.
func proposedSomething(t *testing.T, s *deskSite) {
	t.Helper()
	_, err := s.editorial.ProposeMerge(t.Context(), s.staff[testkit.Editor], editorial.Merge{
		Record: s.recordAt(t, register.TypeInstitution, "dgssi").ID, Target: s.recordAt(t, register.TypeInstitution, "cndp").ID,
		Reason: inWords("Doublon", "مكرر", "Duplicate"),
	})
	if err != nil {
		t.Fatal(err)
	}
}
