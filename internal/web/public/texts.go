package public

import (
	"context"
	"html"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/markup"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/views"
	"github.com/sijil/sijil/views/texts"
	"github.com/sijil/sijil/views/ui"
)

// Text answers the page of a text of the register.
func Text(name string) func(*Pages, context.Context, Request) (Answer, error) {
	return func(p *Pages, ctx context.Context, r Request) (Answer, error) {
		known, err := p.words.current(ctx)
		if err != nil {
			return Answer{}, err
		}
		page, err := newTextPage(known.Localizer(r.Lang), p.site, name, r.place(nil))
		if err != nil {
			return Answer{}, err
		}
		return Answer{Page: views.Text(page)}, nil
	}
}

// newTextPage composes a text with the values of this program and this
// installation. It fails only on a text that no test has seen.
func newTextPage(loc *i18n.Localizer, site Site, name string, place Place) (views.TextPage, error) {
	c := newComposer(loc, site, place)
	source, err := texts.Read(loc.Lang(), name)
	if err != nil {
		return views.TextPage{}, err
	}
	values := c.textValues()
	if err := c.exampleValues(values); err != nil {
		return views.TextPage{}, err
	}
	if source, err = markup.Fill(source, values); err != nil {
		return views.TextPage{}, err
	}
	doc, err := markup.Parse(source, c.inlineHTML)
	if err != nil {
		return views.TextPage{}, err
	}
	out := views.TextPage{
		Frame:   c.frame(heading{title: doc.Title, description: doc.Lead, crumbs: []ui.Link{{Text: c.plain(doc.Title)}}}),
		Heading: c.plain(doc.Title), Lead: c.plain(doc.Lead), Body: doc.Body,
	}
	for _, s := range doc.Sections {
		out.Contents = append(out.Contents, ui.Link{Href: "#" + s.ID, Text: c.plain(s.Title)})
	}
	return out, nil
}

// textAddress is the address of a section of a text.
func (c *composer) textAddress(name, section string) string {
	return address(c.loc.Lang(), name) + "#" + section
}

// how leads to the section of the method that says how something is made.
func (c *composer) how(section, key string) ui.Link {
	return ui.Link{Href: c.textAddress(texts.Method, section), Text: c.plain(c.loc.T(key))}
}

// latinName is a name in Latin letters as texts have it, with the number that
// belongs to it, "RFC 8785", or an address.
var latinName = regexp.MustCompile(`\p{Latin}[\p{Latin}\d]*(?:[ ./:@_&’-]+[\p{Latin}\d]+)*`)

// inlineHTML writes a run of text, escaped, with Latin names isolated in Arabic.
// Unlike ui.Text it takes numbers after a name for its part: in a text of our
// own they are.
func (c *composer) inlineHTML(s string) string {
	if c.loc.Dir() != "rtl" {
		return html.EscapeString(s)
	}
	var out strings.Builder
	done := 0
	for _, at := range latinName.FindAllStringIndex(s, -1) {
		out.WriteString(html.EscapeString(s[done:at[0]]) + "<bdi>" + html.EscapeString(s[at[0]:at[1]]) + "</bdi>")
		done = at[1]
	}
	out.WriteString(html.EscapeString(s[done:]))
	return out.String()
}

// textValues are the values that texts name, as Markdown.
func (c *composer) textValues() map[string]string {
	values := map[string]string{
		"lang": c.loc.Lang(), "base-url": c.site.BaseURL, "format": register.EditionFormat,
		"language-cookie": LanguageCookie, "remember-days": c.loc.Number(RememberedDays),
		"api-rate": c.loc.Number(int64(c.site.APIRate)),
		"log-v4":   strconv.Itoa(LoggedBits4), "log-v6": strconv.Itoa(LoggedBits6),

		"export-formats":  series(c, "exports.format", exchange.ExportFormatNames()),
		"statement-kinds": series(c, "statement-kind", register.StatementKinds()),
		"entry-kinds":     series(c, "entry-kind", register.EntryKinds()),
		"stages":          series(c, "stage", register.StageCodes()),
		"phases":          series(c, "phase", register.Phases()),
	}
	for place, vocabulary := range map[string]register.Vocabulary{
		"standings": register.VocabularyStanding, "topics": register.VocabularyTopic, "relations": register.VocabularyClaimRelation,
		"levels": register.VocabularyLevel, "renderings": register.VocabularyRendering, "bases": register.VocabularyDateBasis,
	} {
		codes, offered := c.loc.Codes(LabelsOf(vocabulary))
		if !offered {
			codes = (*register.Terms)(nil).Codes(vocabulary)
		}
		values[place] = series(c, LabelsOf(vocabulary), codes)
	}
	c.operatorValues(values)
	return values
}

// exampleValues are programs that read this site.
func (c *composer) exampleValues(values map[string]string) error {
	examples, err := texts.Examples()
	for _, e := range examples {
		source := strings.ReplaceAll(e.Source, texts.ExampleOrigin, c.site.BaseURL)
		values["example-"+e.Name] = "```" + e.Language + "\n" + source + "```"
	}
	return err
}

// operatorValues are what the operator of this installation says of himself, or
// that he has not.
func (c *composer) operatorValues(values map[string]string) {
	o := c.site.Operator
	given := func(value string) string {
		if value == "" {
			return markup.Escape(c.loc.T("text.not-given"))
		}
		return value
	}
	values["operator-name"] = given(markup.Escape(o.Name))
	values["operator-address"] = given(markup.Escape(o.Address))
	values["operator-hosting"] = given(markup.Escape(o.Hosting))
	values["operator-contact"] = given(mailLink(o.Contact))
	values["operator-line"] = ""
	if o.Name == "" || o.Contact == "" {
		values["operator-line"] = markup.Escape(c.loc.T("text.operator-incomplete"))
	}
	values["contact-line"] = markup.Escape(c.loc.T("text.contact-missing"))
	if o.Contact != "" {
		values["contact-line"] = markup.Escape(c.loc.T("text.contact")) + " " + mailLink(o.Contact)
	}
	values["security-line"] = markup.Escape(c.loc.T("text.security-missing"))
	if link := securityLink(o); link != "" {
		values["security-line"] = markup.Escape(c.loc.T("text.security")) + " " + link
	}
	values["log-line"] = markup.Escape(c.loc.T("text.log-days-missing"))
	if o.LogDays > 0 {
		values["log-line"] = markup.Escape(c.loc.N("text.log-days", o.LogDays))
	}
}

// mailLink is a link to a mail address; "" where there is none.
func mailLink(address string) string {
	if address == "" {
		return ""
	}
	return "[" + markup.Escape(address) + "](<mailto:" + address + ">)"
}

// securityLink leads to whom vulnerabilities are reported.
func securityLink(o Operator) string {
	to := o.security()
	if strings.HasPrefix(to, "https:") {
		return "[" + markup.Escape(to) + "](<" + to + ">)"
	}
	return mailLink(to)
}

// series lists the labels of codes, as parts of one sentence.
func series[T ~string](c *composer, vocabulary string, codes []T) string {
	labels := make([]string, len(codes))
	for i, code := range codes {
		labels[i] = lowered(c.loc.Label(vocabulary, string(code)))
	}
	return markup.Escape(c.loc.Series(labels))
}

// lowered begins a label with a small letter, unless it begins with an acronym.
func lowered(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	second, _ := utf8.DecodeRuneInString(s[size:])
	if unicode.IsUpper(second) {
		return s
	}
	return string(unicode.ToLower(first)) + s[size:]
}
