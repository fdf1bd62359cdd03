package public

import (
	"net/url"

	"github.com/a-h/templ"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/views"
	"github.com/sijil/sijil/views/ui"
)

// Preview shows a record that is not published as a reader would see it. It
// knows the record only as the edition that it is handed, and where it stands:
// nothing here can reach the desk.
type Preview struct {
	Loc   *i18n.Localizer // of the reader
	Site  Site
	Place Place
	Today edtf.Day
	// Document is where a document can be had, by its hash; nil: nowhere.
	Document func(sha256 string) string
	// Banner says that this is a preview, and leads back.
	Banner views.Preview
}

// Incident is the page of an incident; the query chooses entries of the
// timeline as on the page itself. It returns ErrInvalid for another query.
func (p Preview) Incident(e *register.IncidentEdition, query url.Values) (templ.Component, error) {
	filter, err := timelineFilter(query)
	if err != nil {
		return nil, err
	}
	if filter, err = filter.In(e); err != nil {
		return nil, err
	}
	page := newIncidentPage(p.Loc, p.Site, e, filter, p.Today, p.Place)
	page.Frame, page.Seal, page.Cite, page.Share, page.AsOfForm = p.frame(page.Frame), ui.Seal{}, nil, ui.Link{}, views.DayForm{}
	return views.Incident(page), nil
}

// Statement is the page of a statement.
func (p Preview) Statement(v *register.StatementView) templ.Component {
	page := newStatementPage(p.Loc, p.Site, v, p.Place)
	page.Frame, page.Seal, page.Cite, page.Share = p.frame(page.Frame), ui.Seal{}, nil, ui.Link{}
	for i := range page.Documents {
		if d := &page.Documents[i]; p.Document != nil {
			d.Href = p.Document(d.Hash)
		}
	}
	return views.Statement(page)
}

// Institution is the page of an institution.
func (p Preview) Institution(v *register.InstitutionView) templ.Component {
	page := newInstitutionPage(p.Loc, p.Site, v, p.Today, p.Place)
	page.Frame, page.Seal, page.Cite = p.frame(page.Frame), ui.Seal{}, nil
	return views.Institution(page)
}

// frame is that of a page which nobody should find, with the banner above it.
func (p Preview) frame(f views.Frame) views.Frame {
	f = hidden(f)
	f.JSONLD, f.Card = nil, "" // a picture would be the published one's
	f.PrintFoot = ""
	f.Preview = &p.Banner
	return f
}
