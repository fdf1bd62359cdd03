package public

import (
	"net/http"
	"strconv"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/views"
	"github.com/sijil/sijil/views/texts"
	"github.com/sijil/sijil/views/ui"
)

// newWithdrawnPage composes what stands in the place of a record that was
// withdrawn, or removed by law: that it was there, since when it is not, and why.
func newWithdrawnPage(loc *i18n.Localizer, site Site, e *register.WithdrawnError) views.ErrorPage {
	p := newErrorPage(loc, site, http.StatusGone, "", Place{Path: "/"})
	c := newComposer(loc, site, Place{Path: "/"})
	since, section := "withdrawn.since", "withdrawal"
	if e.Removed {
		since, section = "removed.since", "takedown"
		p.Title, p.Happened = loc.T("removed.title"), loc.T("removed.happened")
	}
	if e.Edition > 0 {
		p.Title = loc.T("edition.removed", "number", e.Edition)
	}
	p.Rubric = loc.T("withdrawn.rubric", "status", strconv.Itoa(http.StatusGone), "reference", e.Reference)
	p.Since = loc.T(since, "date", edtf.DayOf(e.At).Date().Text(loc.Lang(), edtf.Long))
	p.Notice = c.text(e.Notice)
	p.Links = append(p.Links, ui.Link{Href: c.textAddress(texts.Corrections, section), Text: c.plain(c.loc.T("text.corrections"))})
	return p
}

// remember keeps which records are shown no more, and lists them with why.
func (c *composer) remember(gone []register.Gone) []views.Gone {
	c.gone = make(map[register.Ref]register.Gone, len(gone))
	out := make([]views.Gone, 0, len(gone))
	for _, g := range gone {
		c.gone[register.Ref(g.Reference)] = g
		key := "gone.withdrawn."
		if g.Removed {
			key = "gone.removed."
		}
		href := institutionAddress(c.loc.Lang(), g.Slug)
		if g.Type == register.TypeStatement {
			href = statementAddress(c.loc.Lang(), g.Slug)
		}
		out = append(out, views.Gone{
			What:   ui.Link{Href: href, Text: c.plain(c.loc.T(key+string(g.Type), "reference", g.Reference))},
			Notice: c.text(g.Notice),
		})
	}
	return out
}

// goneText stands for the name of what is shown no more; empty for a record
// that is not known as such.
func (c *composer) goneText(ref register.Ref) ui.Text {
	if _, ok := c.gone[ref]; !ok {
		return ui.Text{}
	}
	return c.plain(c.loc.T("gone.name", "reference", string(ref)))
}
