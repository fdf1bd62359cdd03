package public

import (
	"time"

	"github.com/a-h/templ"

	"github.com/sijil/sijil/views"
)

// MaybeOld is the sentence on a page from memory that says since when nobody knows
// whether it is current. It needs no database.
func (p *Pages) MaybeOld(lang string, since time.Time) templ.Component {
	c := &composer{loc: p.catalog.Localizer(lang)}
	return views.MaybeOld(c.loc.T("stale.notice", "when", c.moment(since).Text))
}
