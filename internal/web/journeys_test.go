package web_test

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
)

// hands are how somebody works: with mouse and keyboard, by keyboard alone, or
// in a browser that runs no scripts.
type hands struct {
	*testkit.Tab
	keyboard bool
}

func (h hands) fill(selector, words string) {
	if !h.keyboard {
		h.Fill(selector, words)
		return
	}
	h.TabTo(selector)
	h.Press(words)
}

func (h hands) choose(t *testing.T, selector, value string) {
	t.Helper()
	if !h.keyboard {
		h.Choose(selector, value)
		return
	}
	h.TabTo(selector)
	h.Press(kb.Home)
	for range 80 {
		if h.Value(selector) == value {
			return
		}
		h.Press(kb.ArrowDown)
	}
	t.Fatalf("the arrow keys do not reach %s of %s", value, selector)
}

func (h hands) check(selector string) {
	if !h.keyboard {
		h.Click(selector)
		return
	}
	h.TabTo(selector)
	h.Press(" ")
}

// attach chooses a file; the window in which that is done is the system's, and
// opens at a key.
func (h hands) attach(t *testing.T, path string) {
	t.Helper()
	file, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	if !h.keyboard {
		h.Upload(`[name=file]`, file)
		return
	}
	h.TabTo(`[name=file]`)
	h.PickFiles(func() { h.Press(" ") }, file)
}

// press follows a link or sends a form.
func (h hands) press(selector string) {
	if !h.keyboard {
		h.Submit(selector)
		return
	}
	h.TabTo(selector)
	h.Follow(func() { h.Press(kb.Enter) })
}

// journey is one way of the whole work: who logs, who attaches, who publishes.
type journey struct {
	name     string
	lang     register.Lang
	title    string
	date     string
	summary  string
	keyboard bool
	script   bool
	screen   int
}

func journeys() []journey {
	fr := journey{
		lang: register.French, title: "Fuite de données à la caisse des pensions", date: "jeudi 6 novembre 2025",
		summary: "Des données de la caisse circulent, selon la presse.", script: true,
	}
	ar := journey{
		lang: register.Arabic, title: "تسريب معطيات صندوق المعاشات", date: "الخميس 6 نونبر 2025",
		summary: "تتداول معطيات الصندوق حسب الصحافة.", script: true, screen: 2,
	}
	fr.name, ar.name = "fr", "ar"
	keyboard, plain := fr, ar
	keyboard.name, keyboard.keyboard = "fr by keyboard alone", true
	plain.name, plain.script = "ar without scripts", false
	return []journey{fr, ar, keyboard, plain}
}

// TestTheJourneys goes the whole way of the desk: an analyst logs an incident
// with a date in words; an editor attaches an Arabic communiqué, marks two
// claims and makes a step of a referral of one, and sends all for review; a
// second editor reads the difference and publishes; a reader has it at once in
// three languages.
func TestTheJourneys(t *testing.T) {
	browser := testkit.Chromium(t)
	for _, j := range journeys() {
		t.Run(j.name, func(t *testing.T) {
			t.Parallel()
			s := newDeskSite(t, testkit.Founding(t))
			server := httptest.NewServer(s)
			t.Cleanup(server.Close)
			sit := func(who string) hands {
				tab := browser.Open(t, server.URL+"/healthz", screens()[j.screen])
				tab.SignIn(server.URL, who)
				if !j.script {
					tab.NoScript()
				}
				return hands{Tab: tab, keyboard: j.keyboard}
			}
			root := server.URL + "/" + string(j.lang) + "/desk"
			incident := j.log(t, sit(testkit.Analyst), root)
			j.attach(t, sit(testkit.Editor), root, incident)
			j.publish(t, sit(testkit.Editor2), root)
			s.clock.Advance(2 * time.Second) // the page cache looks once a second
			j.read(t, s)
		})
	}
}

// log is the analyst's part; it returns the identifier of the incident.
func (j journey) log(t *testing.T, h hands, root string) (id string) {
	t.Helper()
	h.Go(root)
	h.press(`a[href$="/desk/incidents/new"]`)
	h.fill(`[name=title]`, j.title)
	h.fill(`[name="institution.find"]`, "cnss")
	j.pick(h)
	h.choose(t, `[name=kind]`, "information-content-security/data-leak")
	h.fill(`[name=date]`, j.date)
	if j.script {
		h.Until(`document.querySelector("[data-understood=date]").innerText.includes("2025-11-06")`)
	}
	h.fill(`[name=url]`, "https://press.example/fuite")
	h.fill(`[name=publisher]`, "La Presse")
	h.press(`.save-bar .button--primary`)
	if h.Text("button[name=another]") != "" { // the founding record is about the same fund
		h.press("button[name=another]")
	}
	parts := strings.Split(strings.Split(h.Location(), "?")[0], "/desk/incidents/")
	if len(parts) != 2 || strings.Contains(parts[1], "new") {
		t.Fatalf("logged, and led to %s: %s", h.Location(), h.problems())
	}
	h.Go(root + "/incidents/" + parts[1] + "/basics")
	h.fill(`[name="summary.`+string(j.lang)+`"]`, j.summary)
	h.press(`.save-bar .button--primary`)
	if problems := h.problems(); problems != "" {
		t.Fatalf("the summary is not accepted: %s", problems)
	}
	return parts[1]
}

// pick takes the first of what a picker has found; without scripts what is
// typed is looked for when the form is sent.
func (j journey) pick(h hands) {
	if !j.script {
		return
	}
	h.Until(`document.querySelectorAll("[role=option]").length > 0`)
	const box = `document.activeElement.closest("[data-picker]").querySelector("[data-chosen] input:checked")`
	h.Press(kb.ArrowDown)
	h.Until(`document.activeElement.getAttribute("aria-activedescendant")`)
	h.Press(kb.Enter)
	h.Until(box)
}

// problems is what the page says is wrong, with the fields.
func (h hands) problems() string {
	return testkit.Eval[string](h.Tab, `[...document.querySelectorAll(".error-summary li")].map(li => li.innerHTML).join("; ")`)
}

// attach is the editor's part: the communiqué, two claims, a step, the review.
func (j journey) attach(t *testing.T, h hands, root, incident string) {
	t.Helper()
	h.Go(root + "/incidents/" + incident)
	h.press(`a[href*="/desk/statements/new"]`)
	h.attach(t, "../capture/testdata/communique-ar.pdf")
	h.fill(`[name="issuer.find"]`, "cnss")
	j.pick(h)
	h.fill(`[name=date]`, j.date)
	h.fill(`[name=title]`, "بلاغ الصندوق")
	h.press(`.save-bar .button--primary`)
	if problems := h.problems(); problems != "" {
		t.Fatalf("the communiqué is not accepted: %s", problems)
	}
	statement, _, _ := strings.Cut(strings.Split(h.Location(), "/desk/statements/")[1], "/")
	statement, _, _ = strings.Cut(statement, "?")
	j.mark(t, h, root+"/statements/"+statement)
	h.Go(root + "/statements/" + statement + "/basics")
	h.fill(`[name="summary.ar"]`, "بلاغ عن تسريب المعطيات.")
	h.press(`.save-bar .button--primary`)
	h.Go(root + "/incidents/" + incident + "/send")
	h.fill(`[name=note]`, "Merci de relire.")
	h.press(`form.panel .button--primary`)
	if problems := h.problems(); problems != "" {
		t.Fatalf("not sent for review: %s", problems)
	}
}

// mark confirms the text, marks two claims in it and makes a step of one.
func (j journey) mark(t *testing.T, h hands, at string) {
	t.Helper()
	h.Go(at + "/text")
	h.press(`#text-form .button--primary`)
	for i, topic := range []string{"authenticity", "referral"} {
		h.Go(at + "/claims")
		words := testkit.Eval[[]string](h.Tab, `[...document.querySelectorAll("[data-marker] p, [data-marker]")].at(-1).innerText.split(/\s+/).filter(Boolean)`)
		if len(words) < 8 {
			t.Fatalf("the text has %d words", len(words))
		}
		h.fill(`[name=passage]`, strings.Join(words[4*i:4*i+4], " "))
		h.choose(t, `[name=topic]`, topic)
		h.fill(`[name="paraphrase.ar"]`, "ما يقوله الصندوق")
		if j.lang == register.French {
			h.fill(`[name="paraphrase.fr"]`, "Ce que dit la caisse")
		}
		h.press(`button[value=save]`)
		if problems := h.problems(); problems != "" {
			t.Fatalf("the claim on %s is not accepted: %s", topic, problems)
		}
	}
	if n := testkit.Eval[int](h.Tab, `document.querySelectorAll("mark").length`); n < 2 {
		t.Errorf("%d passages are marked", n)
	}
	h.press(`.claims-form li:last-child a[href*="/step"]`)
	h.press(`form.panel .button--primary`)
	if problems := h.problems(); problems != "" {
		t.Fatalf("the step is not accepted: %s", problems)
	}
}

// publish is the second editor's part.
func (j journey) publish(t *testing.T, h hands, root string) {
	t.Helper()
	h.Go(root + "/review")
	h.press(`.queue h2 a`)
	if refusal := h.Text("#refusal"); refusal != "" {
		t.Fatalf("the second editor may not review: %s", refusal)
	}
	for _, words := range []string{j.title, j.summary, "بلاغ الصندوق", "2025"} {
		if !strings.Contains(h.Text("main"), words) {
			t.Errorf("the difference does not show %q", words)
		}
	}
	for _, item := range register.ReviewChecks() {
		h.check(`[name="checks.` + item + `"]`)
	}
	h.fill(`[name="reason.`+string(j.lang)+`"]`, j.summary)
	h.press(`button[value=publish]`)
	if problems := h.problems(); problems != "" {
		t.Fatalf("not published: %s", problems)
	}
}

// read is the reader's part.
func (j journey) read(t *testing.T, s *deskSite) {
	t.Helper()
	for _, lang := range register.Langs() {
		list := testkit.Ask(t, s, "/"+string(lang)+"/incidents")
		var href string
		for _, link := range list.Page().Find(`main a[href*="/incidents/"]`).EachIter() {
			if strings.Contains(link.Text(), j.title) {
				href = link.AttrOr("href", "")
			}
		}
		if href == "" {
			t.Errorf("%s: the list does not show it", lang)
			continue
		}
		page := testkit.Ask(t, s, href)
		if page.Status != http.StatusOK || !strings.Contains(page.Body, "بلاغ الصندوق") || page.Page().Find("li.entry").Length() < 3 {
			t.Errorf("%s: status %d, %d entries", href, page.Status, page.Page().Find("li.entry").Length())
		}
	}
}
