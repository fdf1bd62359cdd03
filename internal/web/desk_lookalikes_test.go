package web_test

import (
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/idna"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/testkit"
)

// The names of the Cyrillic script, and of characters that are not seen.
var (
	cyrillic = map[string]string{"fr": "cyrillique", "ar": "سيريلي", "en": "Cyrillic"}
	notSeen  = map[string]string{"fr": "ne se voient pas", "ar": "لا تُرى", "en": "not seen"}
)

// warned asks that a page warns, in its language, of a word with its odd letter.
func warned(t *testing.T, a *testkit.Answer, at string, want ...string) {
	t.Helper()
	text := strings.Join(strings.Fields(a.Text(at)), " ")
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("%s: %s says %q, without %q", a.Target, at, text, w)
		}
	}
}

// TestLookalikesAreShownWhereTheyAreSaved: a name with a Cyrillic letter is saved
// all the same, and said to be odd on the page of the record, in its form, to who
// reviews it.
func TestLookalikesAreShownWhereTheyAreSaved(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	r := s.record(t, register.TypeInstitution, "cnss")
	draft, _ := s.whole(t, r)
	form := r.address + "/names/" + draft.Institution.Names[0].Key
	was := testkit.Ask(t, s, "/fr"+form, testkit.As(testkit.Analyst))
	if n := was.Page().Find("#lookalikes").Length(); n > 0 {
		t.Fatalf("what is right is said to be odd: %q", was.Text("#lookalikes"))
	}
	values := filled(t, was)
	const word = "C\u0430isse"
	values.Set("name", word+" nationale de sécurité so\u200bciale")
	saved := testkit.Post(t, s, "/fr"+form, values, testkit.As(testkit.Analyst))
	if saved.Status != http.StatusSeeOther {
		t.Fatalf("status %d: what is odd was not saved: %s", saved.Status, saved.Text(".error-summary"))
	}
	for _, lang := range []string{"fr", "ar", "en"} {
		for _, page := range []string{r.address, form} {
			a := testkit.Ask(t, s, "/"+lang+page, testkit.As(testkit.Analyst))
			warned(t, a, "#lookalikes", word, "\u0430 U+0430 "+cyrillic[lang], "so[U+200B]ciale", "U+200B", notSeen[lang])
			if dir, _ := a.Page().Find("html").Attr("dir"); (dir == "rtl") != (lang == "ar") {
				t.Errorf("%s: dir %q", a.Target, dir)
			}
			if n := a.Page().Find("#lookalikes strong bdi").Length(); n != 2 {
				t.Errorf("%s: %d words stand alone", a.Target, n)
			}
		}
		a := testkit.Ask(t, s, "/"+lang+r.address, testkit.As(testkit.Analyst))
		if href := a.Attr("#lookalikes a", "href"); href != "/"+lang+form+"#name" {
			t.Errorf("%s leads to %q", a.Target, href)
		}
	}
	odd, _ := s.whole(t, r)
	bundle, err := s.editorial.SendBundle(t.Context(), s.staff[testkit.Analyst], editorial.Version{ID: r.ID, Version: odd.Version}, nil, "")
	if err != nil {
		t.Fatalf("what is odd cannot be sent: %v", err)
	}
	for _, lang := range []string{"fr", "ar", "en"} {
		warned(t, testkit.Ask(t, s, "/"+lang+"/desk/review/"+bundle, testkit.As(testkit.Editor)), "#record-1-lookalikes", word, "U+0430 "+cyrillic[lang], notSeen[lang])
	}
	if a := testkit.Post(t, s, "/fr/desk/review/"+bundle, confirmed(nil), testkit.As(testkit.Editor)); a.Status != http.StatusSeeOther {
		t.Errorf("what is odd cannot be published: status %d: %s", a.Status, a.Text(".error-summary"))
	}
}

// TestLookalikesOfASourceAreShown: of its publisher and of its host, whose
// decoded form holds markup; in its own form, and where a record that cites it
// is reviewed.
func TestLookalikesOfASourceAreShown(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	i := s.loaded(t, register.TypeIncident, "cnss-2025")
	key := register.CitedSources(i.Incident)[0]
	source, err := s.editorial.Source(t.Context(), s.staff[testkit.Analyst], key)
	if err != nil {
		t.Fatal(err)
	}
	host, err := idna.Punycode.ToASCII("<b>p\u0430ypal<b>")
	if err != nil {
		t.Fatal(err)
	}
	source.Publisher, source.URL = "\u0421\u041e\u0420", "https://"+host+".example/page"
	if err := s.editorial.SaveSources(t.Context(), s.staff[testkit.Analyst], []register.Source{source}); err != nil {
		t.Fatalf("what is odd cannot be saved: %v", err)
	}
	i.Incident.Title["fr"] += " (corrigé)"
	bundle, err := s.editorial.SendBundle(t.Context(), s.staff[testkit.Analyst], s.saved(t, i), nil, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range []string{"fr", "ar", "en"} {
		for page, at := range map[string]string{"/desk/sources/" + key: "#lookalikes", "/desk/review/" + bundle: "#record-1-lookalikes"} {
			a := testkit.Ask(t, s, "/"+lang+page, testkit.As(testkit.Editor))
			warned(t, a, at, "<b>p\u0430ypal<b>", "U+0430 "+cyrillic[lang], "\u0421\u041e\u0420", "COP")
			if n := a.Page().Find(at + " b").Length(); n > 0 || !strings.Contains(a.Body, "&lt;b&gt;p\u0430ypal") {
				t.Errorf("%s: what stands in a host is drawn as markup", a.Target)
			}
		}
	}
}

// TestLookalikesOfFilesAndOfUsersAreShown by their names.
func TestLookalikesOfFilesAndOfUsersAreShown(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Database(t))
	form := fields(testkit.Ask(t, s, attachPath, testkit.As(testkit.Editor)), "#attach", map[string]string{"title": "Communiqué", "date": "32 avril 2025"})
	a := s.postFile(t, form, "\u0421NSS.pdf", arabicPDF(t))
	warned(t, a, "#lookalikes", "\u0421NSS", "U+0421 "+cyrillic["fr"])
	if _, err := desk.New(store.Wrap(s.db.Desk()).Querier()).EnsureAccount(t.Context(), desk.Account{
		Email: "nadia@example.org", Name: "N\u0430dia", Role: register.RoleEditor, Language: register.French,
	}); err != nil {
		t.Fatal(err)
	}
	for _, lang := range []string{"fr", "ar", "en"} {
		list := testkit.Ask(t, s, "/"+lang+"/desk/accounts", testkit.As(testkit.Admin))
		warned(t, list, "#lookalikes", "N\u0430dia", "U+0430 "+cyrillic[lang])
		if n := list.Page().Find("#lookalikes li").Length(); n != 1 {
			t.Errorf("%s: %d names are odd", list.Target, n)
		}
		warned(t, testkit.Ask(t, s, list.Attr("#lookalikes a", "href"), testkit.As(testkit.Admin)), "#lookalikes", "N\u0430dia")
	}
}
