package web_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
)

// TestEditorsInABrowser looks at the forms of the parts of the founding record,
// which hold most, in the direction of each script and on the narrowest phone.
func TestEditorsInABrowser(t *testing.T) {
	browser := testkit.Chromium(t)
	s := newDeskSite(t, testkit.Founding(t))
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	incident := s.record(t, register.TypeIncident, "cnss-2025")
	statement := s.record(t, register.TypeStatement, "briefing-2025-04-10")
	institution := s.record(t, register.TypeInstitution, "cnss")
	draft, _ := s.whole(t, incident)
	said, _ := s.whole(t, statement)
	wide, narrow := screens()[0], screens()[2]
	for i, page := range []string{
		incident.address, incident.address + "/basics", incident.address + "/exposures/" + draft.Incident.Exposures[0].Key,
		incident.address + "/referrals/" + draft.Incident.Referrals[0].Key, incident.address + "/events/new", incident.address + "/statements",
		statement.address, statement.address + "/basics", statement.address + "/claims/" + said.Statement.Claims[0].Key,
		institution.address, institution.address + "/lineage",
	} {
		for n, at := range []look{{"fr", wide}, {"ar", narrow}} {
			if n == i%2 || page == incident.address {
				t.Run(fmt.Sprintf("%s%s", at.lang, strings.ReplaceAll(page, "/", "-")), func(t *testing.T) {
					t.Parallel()
					lookAtDesk(t, browser, server, "/"+at.lang+page, at)
				})
			}
		}
	}
}

// TestEditByKeyboardAlone opens a part of a record from its overview, changes
// two fields and an item of a list, and saves, without a pointer.
func TestEditByKeyboardAlone(t *testing.T) {
	browser := testkit.Chromium(t)
	s := newDeskSite(t, testkit.Founding(t))
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	incident := s.record(t, register.TypeIncident, "cnss-2025")
	before, _ := s.whole(t, incident)
	measure := before.Incident.Measures[0].Key
	tab := browser.Open(t, server.URL+"/healthz", screens()[0])
	tab.SignIn(server.URL, testkit.Analyst)
	h := hands{Tab: tab, keyboard: true}
	root := server.URL + "/fr" + incident.address
	for _, step := range []struct{ part, field, words string }{
		{"/basics", "title.en", "By keyboard"}, {"/measures/" + measure, "title.en", "Too"},
	} {
		tab.Go(root)
		h.press(`a[href$="` + step.part + `"]`)
		h.fill(`[name="`+step.field+`"]`, step.words)
		h.press(`.save-bar .button--primary`)
		if at := tab.Location(); !strings.Contains(at, "done=saved") {
			t.Fatalf("%s: at %s: %s", step.part, at, tab.Text(".error-summary"))
		}
	}
	after, _ := s.whole(t, incident)
	if title := after.Incident.Title["en"]; !strings.Contains(title, "By keyboard") {
		t.Errorf("the title is %q", title)
	}
	if title := after.Incident.Measures[0].Title["en"]; !strings.Contains(title, "Too") {
		t.Errorf("the measure is %q", title)
	}
}
