// Package views draws the pages: a typed struct and a templ component for each,
// and the layout that frames them. A page struct is complete: whoever builds it
// has decided everything, and the template only shows it.
package views

import (
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/views/ui"
)

// Frame is what the layout needs to know of any page.
type Frame struct {
	Loc         *i18n.Localizer
	Title       string // without the name of the site
	Description string
	// Canonical is the absolute address that this page wants to be known by.
	Canonical string
	// Alternates are the absolute addresses of the page in each language, and
	// in none ("x-default"); none for a page that should not be found again.
	Alternates []Alternate
	// NoIndex asks search engines to leave the page out.
	NoIndex bool
	// Card is the absolute address of the picture by which links to the page are
	// shown elsewhere.
	Card string
	// Locale is the language of the page as the Open Graph protocol writes it.
	Locale string
	// JSONLD is the schema.org description of what the page is about; nil when
	// there is none.
	JSONLD any

	// Feeds are those that tell of what the page shows, and how other sites show it.
	Feeds []FeedLink

	Home string // address of the home page in the reader's language
	// Languages are the same place in each language.
	Languages []LanguageLink
	Nav       []NavLink
	// Texts are the pages about the register itself.
	Texts []NavLink
	// Breadcrumb leads from the home page to this page, which comes last.
	Breadcrumb []ui.Link
	// PrintFoot stands at the foot of each sheet of a print, by the stylesheet;
	// empty: nothing does.
	PrintFoot string
	// Scripts are modules that help on this page; none is needed.
	Scripts []string
	// Preview is set on a page that shows what is not published.
	Preview *Preview
}

// Preview says that a page is not the published one.
type Preview struct {
	Text string
	Back ui.Link
	// Languages are the same preview in each language.
	Languages []ui.Link
}

// FeedLink leads programs to a feed, or to another form of the page.
type FeedLink struct{ MediaType, Title, Href string }

// Alternate is the page in one language.
type Alternate struct {
	HrefLang string
	Address  string
}

// LanguageLink leads to the same place in another language.
type LanguageLink struct {
	Lang, Dir, Name, Href string
	Current               bool
}

// NavLink is one entry of the main navigation.
type NavLink struct {
	Href, Name string
	// Current is "page" for this very page, "true" for one below it, empty
	// otherwise.
	Current string
}
