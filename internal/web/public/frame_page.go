package public

import (
	"cmp"
	"strings"
	"unicode/utf8"

	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/views"
	"github.com/sijil/sijil/views/texts"
	"github.com/sijil/sijil/views/ui"
)

// composer turns values of the register into what pages show, in one language.
// It holds what nearly every part of a page needs.
type composer struct {
	loc   *i18n.Localizer
	lang  register.Lang
	site  Site
	place Place

	sources []register.Source
	numbers map[string]int // of the sources of this page, from 1, by key

	institution func(register.Ref) *register.InstitutionEdition
	statement   func(register.Ref) *register.StatementEdition
	// past is what was known on the day that the page shows; nil: now.
	past *register.Knowledge
	// gone are the records that the edition pins and that are shown no more.
	gone map[register.Ref]register.Gone
}

func newComposer(loc *i18n.Localizer, site Site, place Place) *composer {
	if place.Path == "" {
		place.Path = "/"
	}
	return &composer{
		loc: loc, lang: register.Lang(loc.Lang()), site: site, place: place,
		institution: func(register.Ref) *register.InstitutionEdition { return nil },
		statement:   func(register.Ref) *register.StatementEdition { return nil },
	}
}

// cite numbers the sources of the page in their order.
func (c *composer) cite(sources []register.Source) {
	c.sources = sources
	c.numbers = make(map[string]int, len(sources))
	for i := range sources {
		c.numbers[sources[i].Key] = i + 1
	}
}

// heading is what a page says of itself in its head.
type heading struct {
	title       string
	description string    // the register's own words when the record has none
	crumbs      []ui.Link // after the home page
	section     string    // path of the part of the site: "/", "/incidents"
	card        string    // path of a picture of its own, after the origin
}

// descriptionLength is how much of a description search engines show.
const descriptionLength = 160

func (c *composer) frame(h heading) views.Frame {
	f := views.Frame{
		Loc: c.loc, Title: h.title, Description: shorten(cmp.Or(h.description, c.loc.T("site.tagline")), descriptionLength),
		Canonical: c.site.BaseURL + c.place.bare(c.loc.Lang()),
		Home:      address(c.loc.Lang()),
		Card:      c.site.BaseURL + cmp.Or(h.card, address(c.loc.Lang(), cardName)),
		Locale:    openGraphLocale(c.loc.Lang()),
		Nav:       c.nav(h.section),
		Texts:     c.texts(),
		Feeds:     c.feeds(exchange.FeedAll, "", c.loc.T("feed.title.all")),
	}
	for _, lang := range i18n.Langs() {
		f.Languages = append(f.Languages, views.LanguageLink{
			Lang: lang, Dir: i18n.Dir(lang), Name: i18n.SelfName(lang),
			Href: c.place.Switch(lang), Current: lang == c.loc.Lang(),
		})
		f.Alternates = append(f.Alternates, views.Alternate{HrefLang: lang, Address: c.site.BaseURL + c.place.bare(lang)})
	}
	f.Alternates = append(f.Alternates, views.Alternate{HrefLang: "x-default", Address: c.site.BaseURL + c.anyLanguage()})
	if len(h.crumbs) > 0 {
		f.Breadcrumb = append([]ui.Link{{Href: f.Home, Text: c.plain(c.loc.T("nav.home"))}}, h.crumbs...)
	}
	return f
}

// anyLanguage is the address for readers of no language of ours: the root
// negotiates; elsewhere it is the page in the default language.
func (c *composer) anyLanguage() string {
	if c.place.Path == "/" {
		return "/"
	}
	return c.place.bare(i18n.Default)
}

// nav is the main navigation: only pages that exist.
func (c *composer) nav(section string) []views.NavLink {
	lang := c.loc.Lang()
	links := []struct{ path, key string }{
		{"/", "nav.home"},
		{"/incidents", "nav.incidents"},
		{"/institutions", "nav.institutions"},
		{"/statements", "nav.statements"},
		{"/referrals", "nav.referrals"},
		{"/statistics", "statistics.heading"},
		{"/search", "search.heading"},
	}
	out := make([]views.NavLink, len(links))
	for i, l := range links {
		out[i] = views.NavLink{Href: "/" + lang + l.path, Name: c.loc.T(l.key)}
		switch {
		case section == l.path && c.place.Path == l.path:
			out[i].Current = "page"
		case section == l.path:
			out[i].Current = "true"
		}
	}
	return out
}

// texts are the pages about the register itself, which the footer leads to.
func (c *composer) texts() []views.NavLink {
	out := make([]views.NavLink, 0, len(texts.Names())+1)
	for _, name := range texts.Names() {
		out = append(out, views.NavLink{Href: address(c.loc.Lang(), name), Name: c.loc.T("text." + name)})
		if name == texts.Verification {
			out = append(out, views.NavLink{Href: address(c.loc.Lang(), "log"), Name: c.loc.T("public-log.heading")})
		}
	}
	return append(out, views.NavLink{Href: exchange.FeedPath(c.loc.Lang(), exchange.FeedAll, "", exchange.FeedAtom), Name: c.loc.T("feed.name")})
}

// feeds leads to a feed in its formats.
func (c *composer) feeds(about exchange.FeedAbout, slug, title string) []views.FeedLink {
	var out []views.FeedLink
	for _, format := range exchange.FeedFormats() {
		out = append(out, views.FeedLink{
			MediaType: format.MediaType(), Title: title, Href: exchange.FeedPath(c.loc.Lang(), about, slug, format),
		})
	}
	return out
}

// follow leads a reader to a feed.
func (c *composer) follow(about exchange.FeedAbout, slug, key string) ui.Link {
	return ui.Link{Href: exchange.FeedPath(c.loc.Lang(), about, slug, exchange.FeedAtom), Text: c.plain(c.loc.T(key))}
}

// hidden makes a page one that should not be found again.
func hidden(f views.Frame) views.Frame {
	f.NoIndex, f.Canonical, f.Alternates, f.Feeds = true, "", nil, nil
	return f
}

// incidentsCrumb leads to the list of incidents.
func (c *composer) incidentsCrumb() ui.Link {
	return ui.Link{Href: address(c.loc.Lang(), "incidents"), Text: c.plain(c.loc.T("nav.incidents"))}
}

// shorten cuts a text at a word so that it has at most n characters.
func shorten(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	cut := string([]rune(s)[:n-1])
	if i := strings.LastIndexByte(cut, ' '); i > 0 {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " ,;:،؛") + "…"
}
