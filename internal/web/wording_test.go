package web_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
)

const (
	originalText = "تعرض النظام المعلوماتي للصندوق لسلسلة من الهجمات.\n\nولا تتوفر لدى CNSS حصيلة نهائية."
	officialText = "Le système d’information de la Caisse a subi une série d’attaques.\n\nLa CNSS n’a pas de bilan définitif."
	changedText  = "تعرض النظام المعلوماتي للصندوق لسلسلة من الهجمات الخطيرة.\n\nولا تتوفر لدى CNSS حصيلة نهائية."
)

// withTexts is the site with the founding record, of which one statement has the
// original text and an official translation, and was put up again with another
// word; a second statement changes the first.
func withTexts(tb testing.TB) *deskSite {
	tb.Helper()
	s := newDeskSite(tb, testkit.Founding(tb))
	hash := func(content string) string { return register.HashOf([]byte(content)) }
	s.corrected(tb, register.TypeStatement, "cnss-communique-1", func(d *editorial.Draft) {
		st := d.Statement
		st.OriginalText, st.OriginalLanguage, st.OriginalNotSeen = originalText, register.Arabic, false
		st.Renderings = append(st.Renderings, register.Rendering{
			Fact: register.Fact{Key: "official-fr", Sources: st.Sources[:1]}, Language: register.French, Kind: register.RenderingOfficial,
			Publisher: "CNSS", Text: officialText, FullText: true,
		})
		st.Documents = []register.Document{
			{Fact: register.Fact{Key: "doc-1", Sources: st.Sources[:1]}, Name: "بلاغ.pdf", Type: register.TypePDF, SHA256: hash("1"), Size: 20000, Text: originalText, Language: register.Arabic},
			{Fact: register.Fact{Key: "doc-2", Sources: st.Sources[:1]}, Name: "بلاغ.pdf", Type: register.TypePDF, SHA256: hash("2"), Size: 20100, Text: changedText, Language: register.Arabic},
		}
		claim := &st.Claims[0]
		claim.Quotes = []register.Quote{
			{Language: register.Arabic, Text: "سلسلة من الهجمات", Position: "999-1015"}, // moved since
			{Language: register.French, Text: "une série d’attaques", Rendering: "official-fr", Position: "45-65"},
		}
		st.Differences = []register.Difference{{
			Fact: register.Fact{Key: "d-official", Sources: st.Sources[:1]}, Between: []string{"official-fr"}, Claims: []string{claim.Key},
			Note: everywhere("One is said otherwise"),
		}}
	})
	first := s.loaded(tb, register.TypeStatement, "cnss-communique-1")
	s.corrected(tb, register.TypeStatement, "cnss-communique-2", func(d *editorial.Draft) {
		d.Statement.OriginalText, d.Statement.OriginalLanguage, d.Statement.OriginalNotSeen = changedText, register.Arabic, false
		d.Statement.Relations = []register.StatementRelation{{Kind: "amends", Statement: register.Ref(first.ID)}}
	})
	return s
}

// TestAStatementIsReadWithItsClaims: the text stands beside its translation,
// each passage leads to its claim and back, and where the two differ it is said.
func TestAStatementIsReadWithItsClaims(t *testing.T) {
	t.Parallel()
	s := withTexts(t)
	for _, lang := range register.Langs() {
		a := testkit.Ask(t, s, "/"+string(lang)+"/statements/cnss-communique-1")
		if a.Status != http.StatusOK {
			t.Fatalf("%s: status %d", lang, a.Status)
		}
		text := a.Page().Find("#_text")
		if cells := text.Find("tbody td"); cells.Length() != 4 || !strings.Contains(cells.Eq(2).Text(), "حصيلة نهائية") || !strings.Contains(cells.Eq(3).Text(), "bilan définitif") {
			t.Errorf("%s: paragraphs are not beside each other: %s", lang, text.Find("tbody").Text())
		}
		marks := text.Find("mark")
		if marks.Length() != 2 || !strings.HasPrefix(strings.TrimSpace(marks.Eq(0).Text()), "سلسلة من الهجمات") || !strings.HasPrefix(strings.TrimSpace(marks.Eq(1).Text()), "une série d’attaques") {
			t.Errorf("%s: marked is %q", lang, marks.Text())
		}
		marks.Find("a").Each(func(_ int, number *goquery.Selection) {
			claim := a.Page().Find(number.AttrOr("href", "none"))
			back := claim.Find("a").FilterFunction(func(_ int, link *goquery.Selection) bool {
				return link.AttrOr("href", "") == "#"+number.AttrOr("id", "none")
			})
			if claim.Length() != 1 || back.Length() != 1 {
				t.Errorf("%s: passage %s and its claim do not lead to each other", lang, number.AttrOr("id", ""))
			}
		})
		if original := text.Find("td p").First(); lang != register.Arabic && (original.AttrOr("lang", "") != "ar" || original.AttrOr("dir", "") != "rtl") {
			t.Errorf("%s: the original has no language or direction", lang)
		}
		if note := text.Find(`a[href="#d-official"]`); note.Length() != 1 {
			t.Errorf("%s: the difference is told %d times", lang, note.Length())
		}
	}
}

// TestASilentEditIsShown: a document with other words than the one before it,
// and a statement that changes another, are compared word by word.
func TestASilentEditIsShown(t *testing.T) {
	t.Parallel()
	s := withTexts(t)
	a := testkit.Ask(t, s, "/fr/statements/cnss-communique-1")
	changes := a.Page().Find("#_changes .diff")
	if changes.Length() != 2 {
		t.Fatalf("%d changes", changes.Length())
	}
	for i, links := range [][]string{{"#doc-1", "#doc-2"}, {"/fr/statements/cnss-communique-2"}} {
		one := changes.Eq(i)
		if ins := strings.TrimSpace(one.Find("ins").Contents().Last().Text()); ins != "الخطيرة" || one.Find("del").Length() != 0 {
			t.Errorf("change %d: came %q, went %q", i, ins, one.Find("del").Text())
		}
		if got := one.Find(`dl a:not([href^="#_n"])`).Map(func(_ int, l *goquery.Selection) string { return l.AttrOr("href", "") }); !slices.Equal(got, links) {
			t.Errorf("change %d is between %v", i, got)
		}
		if line := one.Find(".diff-line"); line.AttrOr("dir", "") != "rtl" || !strings.Contains(one.Text(), "1 mot ajouté") {
			t.Errorf("change %d: %s", i, one.Text())
		}
	}
	relations := a.Page().Find("section[aria-labelledby=_relations]").Text()
	if !strings.Contains(relations, "Modifiée par") {
		t.Errorf("the first statement does not say what changed it: %s", relations)
	}
	later := testkit.Ask(t, s, "/fr/statements/cnss-communique-2")
	if got := later.Text("#_changes"); !strings.Contains(got, "cette déclaration") || !strings.Contains(got, "الخطيرة") {
		t.Errorf("the second statement says %s", got)
	}
	if text := later.Page().Find("#_text .extracted-text p"); text.Length() != 2 {
		t.Errorf("a text alone has %d paragraphs", text.Length())
	}
}

// TestPassagesOfThePressStandByParagraph: of a text that belongs to its
// publisher, only what claims quote is shown, in the order of its paragraphs.
func TestPassagesOfThePressStandByParagraph(t *testing.T) {
	t.Parallel()
	s := newRealSite(t)
	a := testkit.Ask(t, s.handler, "/ar/statements/briefing-2025-04-10")
	rows := a.Page().Find("#_text tbody tr")
	labels := rows.Map(func(_ int, row *goquery.Selection) string {
		return strings.Join(row.Find("p > small bdi").Map(func(_ int, l *goquery.Selection) string { return l.Text() }), " ")
	})
	if want := []string{"F1 A1", "F2 A2", "F3 F4 A3 A4", "F5 A5", "F6 A6", "F7 A7"}; !slices.Equal(labels, want) {
		t.Errorf("rows %q, want %q", labels, want)
	}
	if !strings.Contains(a.Text("#_text .section__note"), "ملك لناشريها") {
		t.Errorf("the note says %s", a.Text("#_text .section__note"))
	}
}

// TestTheTextOfAStatementInABrowser looks at texts beside each other and at what
// changed in them on wide and narrow screens.
func TestTheTextOfAStatementInABrowser(t *testing.T) {
	browser := testkit.Chromium(t)
	server := httptest.NewServer(withTexts(t))
	t.Cleanup(server.Close)
	for _, lang := range []string{"ar", "en"} {
		lookAt(t, browser, server, "/"+lang+"/statements/cnss-communique-1", lang+"-statement-text")
	}
	tab := browser.Open(t, server.URL+"/en/statements/cnss-communique-1#_t0-"+firstClaim(t, browser, server), testkit.Screen{Width: 1280, Height: 900})
	if got := testkit.Eval[string](tab, `document.querySelector(":target").closest("mark").innerText`); !strings.Contains(got, "سلسلة") {
		t.Errorf("the fragment of a passage leads to %q", got)
	}
}

// firstClaim is the fragment of the first claim that has a passage.
func firstClaim(t *testing.T, browser *testkit.Browser, server *httptest.Server) string {
	t.Helper()
	tab := browser.Open(t, server.URL+"/en/statements/cnss-communique-1", testkit.Screen{Width: 1280, Height: 900})
	return testkit.Eval[string](tab, `document.querySelector("mark a").getAttribute("href").slice(1)`)
}
