package public

import (
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/views"
	"github.com/sijil/sijil/views/texts"
)

func given() Operator {
	return Operator{
		Name: "Une *association*", Address: "1, rue [d’ici]\nRabat", Contact: "contact@sijil.example",
		Hosting: "Un hébergeur", Security: "https://sijil.example/report", LogDays: 14,
	}
}

func textPage(t *testing.T, lang, name string, o Operator) (views.TextPage, *goquery.Document) {
	t.Helper()
	catalog, err := i18n.Load(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	loc := NewWords(catalog, nil).Localizer(lang)
	page, err := newTextPage(loc, Site{BaseURL: "https://sijil.example", Operator: o, APIRate: 600}, name, Place{Path: "/" + name})
	if err != nil {
		t.Fatal(err)
	}
	body, err := goquery.NewDocumentFromReader(strings.NewReader(string(page.Body)))
	if err != nil {
		t.Fatal(err)
	}
	return page, body
}

// leastWords is how much a text says at least, in every language.
const leastWords = 400

func TestTextsSaySomething(t *testing.T) {
	t.Parallel()
	left := regexp.MustCompile(`\{[^}]*\}`)
	for _, name := range texts.Names() {
		for _, lang := range i18n.Langs() {
			for _, o := range []Operator{{}, given()} {
				page, body := textPage(t, lang, name, o)
				body.Find("pre").Remove() // programs have braces
				said := page.Lead.S + " " + body.Text()
				if n := len(strings.Fields(said)); n < leastWords {
					t.Errorf("%s/%s has %d words, fewer than %d", lang, name, n, leastWords)
				}
				if found := left.FindString(said); found != "" {
					t.Errorf("%s/%s: %s was not filled in", lang, name, found)
				}
				if page.Title == "" || len(page.Contents) < 4 || len(page.Lead.S) < 40 {
					t.Errorf("%s/%s: title %q, opening %q, %d sections", lang, name, page.Title, page.Lead.S, len(page.Contents))
				}
			}
		}
	}
}

// outline is what a text must have in common with its translations: sections,
// lists, links, code, and the values that it names.
func outline(t *testing.T, lang, name string) []string {
	t.Helper()
	_, body := textPage(t, lang, name, given())
	var out []string
	body.Find("h2, h3, p, li, code, a, strong, em").Each(func(_ int, s *goquery.Selection) {
		switch goquery.NodeName(s) {
		case "h2":
			out = append(out, "h2#"+s.AttrOr("id", ""))
		case "code":
			out = append(out, "code "+strings.NewReplacer("/"+lang+"/", "/{lang}/", "--lang "+lang, "--lang {lang}").Replace(s.Text()))
		case "a":
			href := strings.Replace(s.AttrOr("href", ""), "/"+lang+"/", "/{lang}/", 1)
			out = append(out, "a "+strings.TrimSuffix(strings.TrimSuffix(href, "deed.fr"), "deed.ar"))
		default:
			out = append(out, goquery.NodeName(s))
		}
	})
	source, err := texts.Read(lang, name)
	if err != nil {
		t.Fatal(err)
	}
	return append(out, regexp.MustCompile(`\{[a-z0-9-]+\}`).FindAllString(source, -1)...)
}

func TestTextsSayTheSameInEveryLanguage(t *testing.T) {
	t.Parallel()
	for _, name := range texts.Names() {
		want := outline(t, i18n.Default, name)
		for _, lang := range i18n.Langs() {
			got := outline(t, lang, name)
			for i := range max(len(got), len(want)) {
				if i >= len(got) || i >= len(want) || got[i] != want[i] {
					t.Errorf("%s/%s differs from %s at %d: %q, want %q", lang, name, i18n.Default, i,
						got[min(i, len(got)):min(i+3, len(got))], want[min(i, len(want)):min(i+3, len(want))])
					break
				}
			}
		}
	}
}

func TestFrenchTypographyOfTexts(t *testing.T) {
	t.Parallel()
	bad := regexp.MustCompile(`[^\x{00a0}\x{202f}][:;!?»]( |$)|« |'`)
	for _, name := range texts.Names() {
		page, body := textPage(t, "fr", name, given())
		body.Find("code, a[href^=mailto]").Remove()
		if found := bad.FindString(page.Lead.S + " " + body.Text()); found != "" {
			t.Errorf("fr/%s: %+q", name, found)
		}
	}
}

// TestTextsNameWhatTheProgramHas: a kind, a level or a stage that is added is
// in the method by itself, and so is a limit that is changed.
func TestTextsNameWhatTheProgramHas(t *testing.T) {
	t.Parallel()
	_, method := textPage(t, "en", texts.Method, Operator{})
	for _, part := range []string{"repeats, confirms, rewords, narrows, widens, contradicts", "announced by a party, confirmed by the authority", "first official word"} {
		if !strings.Contains(method.Text(), part) {
			t.Errorf("the method does not say %q", part)
		}
	}
	_, verification := textPage(t, "fr", texts.Verification, Operator{})
	if !strings.Contains(verification.Text(), register.EditionFormat) {
		t.Error("the page of verification does not name the format")
	}
	_, privacy := textPage(t, "ar", texts.Privacy, given())
	for _, part := range []string{LanguageCookie, "365", "24", "48", "14 يوما"} {
		if !strings.Contains(privacy.Text(), part) {
			t.Errorf("the page of privacy does not say %q", part)
		}
	}
}

func TestLatinNamesStayWholeInArabic(t *testing.T) {
	t.Parallel()
	var names []string
	for _, name := range []string{texts.Method, texts.Imprint} {
		_, body := textPage(t, "ar", name, given())
		body.Find("bdi").Each(func(_ int, s *goquery.Selection) { names = append(names, s.Text()) })
	}
	for _, want := range []string{"RSIT", "NIS 2", "ISO 8601-2", "Africa/Casablanca", "https://sijil.example", "contact@sijil.example"} {
		if !slices.Contains(names, want) {
			t.Errorf("%q is not isolated as a whole: %q", want, names)
		}
	}
}

func TestTheOperatorIsNamedOrSaidToBeMissing(t *testing.T) {
	t.Parallel()
	_, missing := textPage(t, "en", texts.Imprint, Operator{})
	if n := strings.Count(missing.Text(), "not given by the operator"); n != 4 || missing.Find("a[href^=mailto]").Length() > 0 {
		t.Errorf("%d of 4 details are said to be missing", n)
	}
	_, there := textPage(t, "en", texts.Imprint, given())
	list := there.Find("ul").First().Text()
	for _, part := range []string{"Une *association*", "1, rue [d’ici] Rabat", "contact@sijil.example", "Un hébergeur"} {
		if !strings.Contains(list, part) {
			t.Errorf("%q is not in %q", part, list)
		}
	}
	links := there.Find("a").Map(func(_ int, s *goquery.Selection) string { return s.AttrOr("href", "") })
	for _, want := range []string{"mailto:contact@sijil.example", "https://sijil.example/report"} {
		if !slices.Contains(links, want) {
			t.Errorf("no link to %s in %v", want, links)
		}
	}
}
