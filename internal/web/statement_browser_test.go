package web_test

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
)

// TestMarkByKeyboard marks a passage without a mouse, in a text that is read
// from left to right and in one that is read from right to left.
func TestMarkByKeyboard(t *testing.T) {
	browser := testkit.Chromium(t)
	for _, c := range []struct {
		lang           register.Lang
		text, forward  string
		passage, field string
	}{
		{register.French, "Les autorités judiciaires ont été saisies par la Caisse.", kb.ArrowRight, "autorités judiciaires ont", "#paraphrase\\.fr"},
		{register.Arabic, arabicText, kb.ArrowLeft, "الوكالة أن بعض", "#paraphrase\\.ar"},
	} {
		t.Run(string(c.lang), func(t *testing.T) {
			s := newDeskSite(t, testkit.Database(t))
			server := httptest.NewServer(s)
			t.Cleanup(server.Close)
			m := s.matter(t, c.lang, c.text)
			tab := browser.Open(t, server.URL+"/healthz", screens()[0])
			tab.SignIn(server.URL, testkit.Editor)
			tab.Go(server.URL + "/" + string(c.lang) + "/desk/statements/" + string(m.statement.ID) + "/claims")

			tab.TabTo("[data-marker]")
			words := strings.Fields(c.passage)
			first := strings.Fields(c.text)[:2]
			for range first {
				tab.Press(c.forward)
			}
			tab.Until(`document.getElementById("passage").value === ` + jsString(words[0]))
			for range words[1:] {
				tab.PressShift(c.forward)
			}
			tab.Until(`document.getElementById("passage").value === ` + jsString(c.passage))
			tab.Press(kb.Enter)
			tab.Until(`document.activeElement.id === "topic"`)
			tab.Choose("#topic", "authenticity") // how a select is used by keyboard is the browser's matter
			tab.Until(`document.querySelector('#earlier select')`)
			tab.TabTo(c.field)
			tab.Press("x")
			tab.TabTo("button[value=save]")
			tab.Follow(func() { tab.Press(kb.Enter) })

			saved := s.load(t, m.statement).Statement.Claims
			if len(saved) != 1 {
				t.Fatalf("%d claims are saved; at %s: %s %s", len(saved), tab.Location(), tab.Text(".error-summary"), tab.Text("#earlier"))
			}
			claim := saved[0]
			span, _ := register.ParseRange(claim.Quotes[0].Position)
			if got, _ := span.In(c.text); got != c.passage || claim.Topic != register.TopicAuthenticity {
				t.Errorf("marked %q on %s", got, claim.Topic)
			}
			if tab.Text("mark") != c.passage {
				t.Errorf("the page marks %q", tab.Text("mark"))
			}
			if complaints := tab.Complaints(); len(complaints) > 0 {
				t.Errorf("the console says: %v", complaints)
			}
		})
	}
}

func jsString(s string) string {
	return "`" + strings.NewReplacer("\\", "\\\\", "`", "\\`").Replace(s) + "`"
}

// TestMarkByMouse selects across the number of another claim, and marks a
// passage with scripts off.
func TestMarkByMouse(t *testing.T) {
	browser := testkit.Chromium(t)
	s := newDeskSite(t, testkit.Database(t))
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	m := s.matter(t, register.Arabic, arabicText)
	tab := browser.Open(t, server.URL+"/healthz", screens()[2])
	tab.SignIn(server.URL, testkit.Editor)
	tab.NoScript()
	address := server.URL + "/ar/desk/statements/" + string(m.statement.ID) + "/claims"
	tab.Go(address)
	tab.Fill("#passage", "بعض الوثائق المتداولة")
	testkit.Eval[bool](tab, `(document.getElementById("topic").value = "authenticity", true)`)
	tab.Submit("button[value=save]")
	if tab.Text("mark") != "بعض الوثائق المتداولة" {
		t.Fatalf("without scripts the page marks %q: %s", tab.Text("mark"), tab.Text(".error-summary"))
	}

	tab = browser.Open(t, server.URL+"/healthz", screens()[0])
	tab.SignIn(server.URL, testkit.Editor)
	tab.Go(address)
	testkit.Eval[bool](tab, `(() => {
		const mark = document.querySelector("mark").firstChild;
		const after = document.querySelector("[data-skip]").nextSibling;
		getSelection().setBaseAndExtent(mark, mark.data.indexOf("المتداولة"), after, " غير صحيحة".length);
		return true;
	})()`)
	tab.Until(`document.getElementById("passage").value === "المتداولة غير صحيحة"`)
	want := register.FindPassage(arabicText, "المتداولة غير صحيحة")[0]
	if got := tab.Value("#span"); got != want.String() {
		t.Errorf("the passage is at %s, want %v", got, want)
	}
	tab.Choose("#topic", "scope")
	tab.Until(`document.querySelector("#earlier h3")`) // it comes above the button
	tab.Submit("button[value=save]")
	claims := s.load(t, m.statement).Statement.Claims
	if len(claims) != 2 || claims[1].Quotes[0].Position != want.String() {
		t.Errorf("saved %+v", claims)
	}
	if n := testkit.Eval[int](tab, `document.querySelectorAll(".claim-highlight--twice").length`); n != 1 {
		t.Errorf("%d pieces are covered by both claims", n)
	}
}

// TestStatementPagesInABrowser looks at each page of a statement, wide and
// narrow, in both directions.
func TestStatementPagesInABrowser(t *testing.T) {
	browser := testkit.Chromium(t)
	s := newDeskSite(t, testkit.Database(t))
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	m := s.matter(t, register.Arabic, arabicText)
	_, err := s.editorial.ChangeStatement(t.Context(), s.staff[testkit.Editor], m.statement, nil, func(st *register.Statement) error {
		for i, passage := range []string{"بعض الوثائق المتداولة", "الوثائق المتداولة غير صحيحة", "إشعار السلطات القضائية"} {
			at := register.FindPassage(arabicText, passage)[0]
			st.Claims = append(st.Claims, register.Claim{
				Fact: register.Fact{Key: "c" + string(rune('1'+i))}, Topic: register.TopicAuthenticity, Quantifier: "some", Modality: "asserts",
				Paraphrase: register.Text{"ar": "بعض الوثائق غير صحيحة", "fr": "Certains documents sont faux"},
				Quotes:     []register.Quote{{Language: "ar", Text: passage, Position: at.String()}},
			})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	at := "/desk/statements/" + string(m.statement.ID)
	for i, path := range []string{"/desk/statements/new?incident=" + string(m.incident.ID), at + "/text", at + "/claims?claim=c2", at + "/step?claim=c3"} {
		for _, look := range looks(i) {
			t.Run(look.lang+path, func(t *testing.T) { lookAtDesk(t, browser, server, "/"+look.lang+path, look) })
		}
	}
}

// TestAnArabicCommuniqueWithoutScript attaches a PDF with scripts off and reads
// its text: every step of it works without them.
func TestAnArabicCommuniqueWithoutScript(t *testing.T) {
	browser := testkit.Chromium(t)
	s := newDeskSite(t, testkit.Database(t))
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.institution(t, "caisse", "Caisse nationale")
	incident := s.incident(t, "un", "Attaque de la caisse")
	file := filepath.Join(t.TempDir(), "بلاغ.pdf")
	if err := os.WriteFile(file, arabicPDF(t), 0o600); err != nil {
		t.Fatal(err)
	}
	tab := browser.Open(t, server.URL+"/healthz", screens()[0])
	tab.SignIn(server.URL, testkit.Editor)
	tab.NoScript()
	tab.Go(server.URL + "/ar/desk/statements/new?incident=" + string(incident.ID))
	tab.Upload("#file", file)
	tab.Fill("#issuer\\.find", "caisse")
	tab.Fill("#date", "10 أبريل 2025")
	tab.Fill("#title", "بلاغ الصندوق")
	tab.Submit("#attach .save-bar button")
	if !strings.HasSuffix(strings.Split(tab.Location(), "?")[0], "/text") || !strings.Contains(tab.Value("[name='page.1']"), "الصندوق") {
		t.Fatalf("at %s: %s", tab.Location(), tab.Text(".error-summary"))
	}
	tab.Submit("#text-form .save-bar button")
	shown := s.load(t, incident).Incident.Statements
	if len(shown) != 1 {
		t.Fatalf("the incident shows %v", shown)
	}
	made := s.load(t, editorial.Version{ID: shown[0]}).Statement
	if made.OriginalText == "" || !strings.HasPrefix(tab.Text("[data-marker]"), strings.Fields(made.OriginalText)[0]) {
		t.Errorf("confirmed %q, and marking in %q", made.OriginalText, tab.Text("[data-marker]"))
	}
}
