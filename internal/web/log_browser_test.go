package web_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	desktables "github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/testkit"
)

// logger opens the form on which an incident is logged, as an analyst.
func logger(t *testing.T, lang string, screen testkit.Screen, change func(*testkit.Tab)) (*testkit.Tab, *deskSite, *httptest.Server) {
	t.Helper()
	browser := testkit.Chromium(t)
	s := newDeskSite(t, testkit.Database(t))
	s.save(t, editorial.Draft{Institution: namedInstitution("cnss", "Caisse nationale de sécurité sociale", "CNSS")})
	s.save(t, editorial.Draft{Institution: namedInstitution("cnops", "Caisse nationale des organismes de prévoyance sociale", "CNOPS")})
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	tab := browser.Open(t, server.URL+"/healthz", screen)
	tab.SignIn(server.URL, testkit.Analyst)
	change(tab)
	tab.Go(server.URL + "/" + lang + "/desk/incidents/new")
	return tab, s, server
}

// wantLogged asks that the tab shows the record of the incident that was logged.
func wantLogged(t *testing.T, tab *testkit.Tab, lang, title string) {
	t.Helper()
	if at := tab.Location(); !strings.Contains(at, "/"+lang+"/desk/incidents/") || !strings.Contains(at, "done=logged") {
		t.Fatalf("it led to %s: %s", at, tab.Text(".error-summary"))
	}
	if got := tab.Text("h1"); got != title {
		t.Errorf("the record is called %q", got)
	}
}

// TestLogByKeyboardAlone fills the form in French without a pointer: the date
// in words, the institution by its acronym with the arrow keys.
func TestLogByKeyboardAlone(t *testing.T) {
	tab, _, server := logger(t, "fr", screens()[0], func(*testkit.Tab) {})
	const title = "Panne du portail de la caisse"
	testkit.Eval[bool](tab, `(document.querySelector("[name=title]").focus(), true)`)
	tab.Press(title + kb.Tab + kb.Tab)
	if at := testkit.Eval[string](tab, `document.activeElement.name`); at != "institution.find" {
		t.Fatalf("the keyboard is at %q", at)
	}
	tab.Press("caisse")
	tab.Until(`document.querySelectorAll("[role=option]").length === 2`)
	if said := tab.Text("[data-picker] [role=status]"); said != "2 résultats" {
		t.Errorf("who hears the page hears %q", said)
	}
	tab.Press(kb.ArrowDown + kb.End + kb.Home + kb.ArrowDown + kb.ArrowUp)
	active := testkit.Eval[string](tab, `document.getElementById(document.activeElement.getAttribute("aria-activedescendant"))?.innerText ?? ""`)
	if !strings.HasPrefix(active, "CNSS") && !strings.HasPrefix(active, "CNOPS") {
		t.Errorf("the arrow keys are at %q", active)
	}
	for _, v := range tab.Axe() {
		t.Errorf("with the list open: %v", v)
	}
	tab.Press(kb.Escape)
	if open := testkit.Eval[string](tab, `document.activeElement.getAttribute("aria-expanded")`); open != "false" {
		t.Errorf("after Escape the list is expanded: %s", open)
	}
	tab.Fill(`[name="institution.find"]`, "cnss")
	tab.Until(`document.querySelectorAll("[role=option]").length === 1`)
	tab.Press(kb.ArrowDown + kb.Enter)
	if chosen := tab.Text("[data-chosen]"); !strings.HasPrefix(chosen, "CNSS") {
		t.Errorf("chosen is %q", chosen)
	}
	tab.Choose(`[name=kind]`, "availability/outage")
	tab.Fill(`[name=date]`, "mercredi 10 avril 2025")
	tab.Until(`document.querySelector("[data-understood=date]").classList.contains("understood--bad")`)
	tab.Fill(`[name=date]`, "jeudi 10 avril 2025")
	tab.Until(`document.querySelector("[data-understood=date]").innerText.includes("2025-04-10")`)
	tab.Press(kb.Tab + "https://press.example/panne" + kb.Tab + "La Presse")
	for _, v := range tab.Axe() {
		t.Errorf("%v", v)
	}
	if wide := tab.Overflow(); wide != "" {
		t.Errorf("scrolls sideways: %s", wide)
	}
	tab.Follow(func() { tab.Press(kb.Enter) })
	wantLogged(t, tab, "fr", title)
	if strangers := tab.Strangers(server.URL); len(strangers) > 0 {
		t.Errorf("asks other hosts: %v", strangers)
	}
	if complaints := tab.Complaints(); len(complaints) > 0 {
		t.Errorf("the console says %v", complaints)
	}
}

// TestLogInArabic makes a new institution within the form, on a narrow screen,
// and is told of the incident that the register has already.
func TestLogInArabic(t *testing.T) {
	tab, s, server := logger(t, "ar", screens()[2], func(*testkit.Tab) {})
	fill := func(title string) {
		tab.Fill(`[name=title]`, title)
		tab.Fill(`[name="institution.find"]`, "وكالة الحوض")
		tab.Choose(`[name=kind]`, "information-content-security/data-leak")
		tab.Fill(`[name=date]`, "الخميس 10 أبريل 2025")
		tab.Fill(`[name=url]`, "https://press.example/tasrib")
		tab.Fill(`[name=publisher]`, "الجريدة")
	}
	fill("تسريب معطيات وكالة الحوض")
	tab.Until(`document.querySelector("[data-understood=date]").innerText.includes("الخميس 10 أبريل 2025")`)
	tab.Submit(`.save-bar .button--primary`)
	if got := tab.Value(`[name="institution.new.name"]`); got != "وكالة الحوض" || tab.Value(`[name=publisher]`) != "الجريدة" {
		t.Fatalf("nothing is lost, but the new institution is %q", got)
	}
	tab.Choose(`[name="institution.new.kind"]`, "agency")
	for _, v := range tab.Axe() {
		t.Errorf("%v", v)
	}
	if wide := tab.Overflow(); wide != "" {
		t.Errorf("scrolls sideways: %s", wide)
	}
	tab.Submit(`.save-bar .button--primary`)
	wantLogged(t, tab, "ar", "تسريب معطيات وكالة الحوض")

	tab.Go(server.URL + "/ar/desk/incidents/new")
	fill("تسريب معطيات وكالة الحوض المائي")
	tab.Until(`document.querySelectorAll("[data-duplicates] li").length === 1`)
	tab.Submit(`.save-bar .button--primary`)
	tab.Submit(`button[name=another]`)
	wantLogged(t, tab, "ar", "تسريب معطيات وكالة الحوض المائي")
	rows, _, err := s.editorial.List(t.Context(), s.staff[testkit.Analyst], desktables.ListFilter{Type: register.TypeIncident}, "")
	if err != nil || len(rows) != 2 {
		t.Errorf("%d incidents, %v", len(rows), err)
	}
}

// TestLogWithoutScript does the same with scripts off: the page says how it
// understood what was typed once it is sent.
func TestLogWithoutScript(t *testing.T) {
	tab, _, server := logger(t, "fr", screens()[0], (*testkit.Tab).NoScript)
	fill := func() {
		tab.Fill(`[name=title]`, "Panne du portail")
		tab.Fill(`[name="institution.find"]`, "caisse nationale")
		tab.Choose(`[name=kind]`, "availability/outage")
		tab.Fill(`[name=date]`, "vers le 10 avril 2025")
		tab.Fill(`[name=url]`, "https://press.example/panne")
		tab.Fill(`[name=publisher]`, "La Presse")
		tab.Submit(`.save-bar .button--primary`)
		if said := tab.Text("[data-understood=date]"); !strings.Contains(said, "vers le jeudi 10 avril 2025") || !strings.Contains(said, "2025-04-10~") {
			t.Errorf("understood as %q", said)
		}
		tab.Click(`[data-chosen] label:first-of-type input`)
		tab.Submit(`.save-bar .button--primary`)
	}
	fill()
	wantLogged(t, tab, "fr", "Panne du portail")
	first := tab.Location()
	// The same once more: the page asks whether it is another, and takes the answer.
	tab.Go(server.URL + "/fr/desk/incidents/new")
	fill()
	if same := tab.Text("#duplicates"); !strings.Contains(same, "Panne du portail") {
		t.Fatalf("at %s nothing warns of the first: %q", tab.Location(), same)
	}
	tab.Submit(`button[name=another]`)
	wantLogged(t, tab, "fr", "Panne du portail")
	if tab.Location() == first {
		t.Error("the second is the first")
	}
}
