package public

import (
	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/views"
	"github.com/sijil/sijil/views/ui"
)

// editionBuilder composes the page of one edition of a record: as it was, with
// what it pinned then, as of the day on which it was published.
type editionBuilder struct {
	loc   *i18n.Localizer
	site  Site
	place Place
	past  *register.PastEdition
	// logged is where the edition stands in the public log; nil: nowhere.
	logged *loggedEdition
}

// day is that of the publication.
func (b editionBuilder) day() edtf.Day { return edtf.DayOf(b.past.PublishedAt) }

func (b editionBuilder) incident(f register.TimelineFilter) (views.IncidentPage, error) {
	edition := b.past.IncidentEdition()
	f, err := f.In(edition)
	if err != nil {
		return views.IncidentPage{}, err
	}
	page := newIncidentPage(b.loc, b.site, edition, f, b.day(), b.place)
	page.AsOfForm = views.DayForm{}
	page.Frame = b.frame(page.Frame)
	page.Of = b.notice()
	return page, nil
}

func (b editionBuilder) statement() views.StatementPage {
	page := newStatementPage(b.loc, b.site, b.past.StatementView(), b.place)
	page.Frame = b.frame(page.Frame)
	page.Of = b.notice()
	return page
}

func (b editionBuilder) institution() views.InstitutionPage {
	page := newInstitutionPage(b.loc, b.site, b.past.InstitutionView(), b.day(), b.place)
	page.Facts = nil // they count what other records say now
	page.Frame = b.frame(page.Frame)
	page.Of = b.notice()
	return page
}

// frame is that of a page which search engines should find under the address
// of the record.
func (b editionBuilder) frame(f views.Frame) views.Frame {
	f.NoIndex, f.JSONLD, f.Alternates = true, nil, nil
	f.Canonical = b.site.BaseURL + recordAddress(b.loc.Lang(), b.past.Type, b.past.Slug)
	f.Title = b.loc.T("edition.page-title", "title", f.Title, "number", b.past.Number)
	return f
}

func (b editionBuilder) notice() *views.EditionNotice {
	c := newComposer(b.loc, b.site, b.place)
	p := b.past
	slug := p.Slug
	if p.MergedInto != "" {
		slug = p.MergedInto
	}
	out := &views.EditionNotice{
		Title:      b.loc.T("edition.this", "number", p.Number, "date", b.day().Date().Text(b.loc.Lang(), edtf.Long)),
		Text:       b.loc.T("edition.is-current"),
		Superseded: p.Superseded(),
		Current:    ui.Link{Href: recordAddress(b.loc.Lang(), p.Type, slug), Text: c.plain(b.loc.T("edition.to-current"))},
		History:    ui.Link{Href: historyAddress(b.loc.Lang(), p.Type, p.Slug), Text: c.plain(b.loc.T("editions.title"))},
		JSON:       ui.Link{Href: jsonAddress(p.Reference, p.Number), Text: c.plain(b.loc.T("edition.canonical"))},
	}
	switch {
	case p.MergedInto != "":
		out.Text = b.loc.T("edition.merged")
	case p.Superseded():
		out.Text = b.loc.T("edition.superseded", "current", p.Current)
	}
	out.Proof = c.proof(b.logged)
	return out
}
