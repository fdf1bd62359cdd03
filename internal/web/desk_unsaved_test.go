package web_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
)

// TestUnsavedWorkHasTheNameOfItsPage types into forms without saving them: home
// names each by its record and its part, not by its address.
func TestUnsavedWorkHasTheNameOfItsPage(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	said := s.record(t, register.TypeStatement, "cnss-communique-1")
	for place, want := range map[string]string{
		"/desk/incidents/new":                       "Nouvel incident",
		said.address + "/basics":                    "Premier communiqué de la CNSS Qui parle, quand, à quelle occasion, ",
		said.address + "/claims":                    "Premier communiqué de la CNSS Affirmations, ",
		said.address + "/send":                      "Premier communiqué de la CNSS Envoyer en relecture, ",
		"/desk/review/" + string(said.ID):           "Relire et publier",
		"/desk/incidents/no-identifier-at-all/send": "/desk/incidents/no-identifier-at-all/send",
	} {
		testkit.Post(t, s, "/fr/desk/autosave", url.Values{"place": {place}, "note": {"x"}}, testkit.As(testkit.Analyst))
		home := testkit.Ask(t, s, "/fr/desk", testkit.As(testkit.Analyst))
		line := home.Page().Find(`[aria-labelledby="unsaved"] li:has(a[href="/fr` + place + `"])`)
		if got := strings.Join(strings.Fields(line.Text()), " "); !strings.HasPrefix(got+" ", strings.TrimSuffix(want, " ")) {
			t.Errorf("%s is called %q, want %q", place, got, want)
		}
	}
}

// TestAReviewNamesItsSources shows what a source says of itself in the words of
// the desk, and names it where it is cited.
func TestAReviewNamesItsSources(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	fund := s.record(t, register.TypeInstitution, "cnss")
	logged, err := s.editorial.Log(t.Context(), s.staff[testkit.Analyst], editorial.NewIncident{
		Title: "Panne", Lang: "fr", Institution: fund.ID, Kind: "availability/dos", URL: "https://press.example/panne", Publisher: "Le Soir d’essai",
	})
	if err != nil {
		t.Fatal(err)
	}
	draft, _, err := s.editorial.Load(t.Context(), s.staff[testkit.Analyst], logged.ID)
	if err != nil {
		t.Fatal(err)
	}
	draft.Incident.Summary = register.Text{"fr": "Une panne."}
	bundle, err := s.editorial.SendBundle(t.Context(), s.staff[testkit.Analyst], s.saved(t, draft), nil, "")
	if err != nil {
		t.Fatal(err)
	}
	diff := testkit.Ask(t, s, "/fr/desk/review/"+bundle, testkit.As(testkit.Editor)).Text("main")
	for _, want := range []string{"Sources Le Soir d’essai", "Type compte rendu de presse", "Institutions touchées, Caisse nationale de sécurité sociale"} {
		if !strings.Contains(diff, want) && !strings.Contains(strings.ReplaceAll(diff, " ", ""), strings.ReplaceAll(want, " ", "")) {
			t.Errorf("the review does not say %q: %s", want, diff)
		}
	}
	for _, raw := range []string{draft.Incident.Sources[0], "press-report", "http status"} {
		if strings.Contains(diff, raw) {
			t.Errorf("the review says %q", raw)
		}
	}
}
