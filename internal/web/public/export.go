package public

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"

	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/views"
	"github.com/sijil/sijil/views/ui"
)

// Exports is what files of any length are made of.
type Exports struct {
	// Source is the published record on connections of its own; nil: there are no
	// exports.
	Source exchange.ExportSource
	// Spool opens a place for what cannot be written yet.
	Spool func() (exchange.Spool, error)
}

// WithExports makes the pages offer exports, and returns them.
func (p *Pages) WithExports(from Exports) *Pages {
	p.exports = from
	return p
}

// ExportParams are the parameters that choose the incidents of an export: those of
// their list, without its order and its pages.
func ExportParams() []string {
	return slices.DeleteFunc(IncidentParams(), func(name string) bool { return name == "sort" || name == "after" })
}

// ExportPageParams are the parameters of an export at its address: incident, for
// one by its slug, or the filters.
func ExportPageParams() []string { return append([]string{"incident"}, ExportParams()...) }

// ExportFilter reads the filter of an export, as that of the list is read.
func ExportFilter(q url.Values, terms *register.Terms) (register.IncidentFilter, error) {
	return incidentFilter(q, terms)
}

// Export is a file that is written while it is made. Before it has written a byte,
// Write can return that there is nothing: ErrNotFound, *MovedError, ErrWithdrawn.
type Export struct {
	MediaType, Name string
	Lang            string // of its words; empty: several
	Write           func(ctx context.Context, w io.Writer) error
}

// Export makes an export ready to be written. Errors: ErrNotFound for a format
// that is none; ErrInvalid.
func (p *Pages) Export(ctx context.Context, r Request) (Export, error) {
	format, known := exchange.ExportFormatNamed(r.Params["id"])
	if !known || p.exports.Source == nil {
		return Export{}, register.ErrNotFound
	}
	words, err := p.words.current(ctx)
	if err != nil {
		return Export{}, err
	}
	scope, err := exportScope(r.Query, words.Terms)
	if err != nil {
		return Export{}, err
	}
	about := exchange.ExportAbout{
		Scope: scope, Base: p.site.BaseURL, At: p.now(), Words: words.Localizer(r.Lang), Spool: p.exports.Spool,
	}
	out := Export{MediaType: format.MediaType, Name: exportName(scope, about.At.UTC().Format("2006-01-02")) + format.Extension}
	if format.Translated {
		out.Lang = r.Lang
		out.Name = strings.TrimSuffix(out.Name, format.Extension) + "-" + r.Lang + format.Extension
	}
	out.Write = func(ctx context.Context, w io.Writer) error {
		return exchange.WriteExport(ctx, w, format, p.exports.Source, about)
	}
	return out, nil
}

// exportName is the name of the file of a scope, without its end.
func exportName(scope register.ExportScope, day string) string {
	switch {
	case scope.Incident != "":
		return "sijil-" + scope.Incident + "-" + day
	case scope.Whole:
		return "sijil-" + day
	}
	return "sijil-incidents-" + day
}

// exportScope reads what is exported: one incident, what filters choose, or all.
func exportScope(q url.Values, terms *register.Terms) (register.ExportScope, error) {
	f, err := ExportFilter(q, terms)
	if err != nil {
		return register.ExportScope{}, err
	}
	slug := q.Get("incident")
	if slug != "" && (!IsSlug(slug) || !f.IsZero()) {
		return register.ExportScope{}, fmt.Errorf("%w: incident", register.ErrInvalid)
	}
	return register.ExportScope{Incident: slug, Filter: f, Whole: slug == "" && f.IsZero()}, nil
}

// ShowExports answers in which formats something can be had.
func (p *Pages) ShowExports(ctx context.Context, r Request) (Answer, error) {
	words, err := p.words.current(ctx)
	if err != nil {
		return Answer{}, err
	}
	scope, err := exportScope(r.Query, words.Terms)
	if err != nil {
		return Answer{}, err
	}
	c := newComposer(words.Localizer(r.Lang), p.site, r.place(r.Query))
	formats := exchange.ExportFormats()
	var page views.ExportsPage
	switch {
	case scope.Incident != "":
		edition, err := p.records.Incident(ctx, scope.Incident)
		if err != nil {
			return movedOr(err, func(slug string) string { return exportsAddress(r.Lang, "", url.Values{"incident": {slug}}) })
		}
		about := exchange.ExportAbout{Scope: scope, Base: p.site.BaseURL, At: p.now(), Words: c.loc, Spool: p.exports.Spool}
		formats = slices.DeleteFunc(formats, func(f exchange.ExportFormat) bool { return !f.CanHold(edition, about) })
		page = c.exportOfOne(edition)
	case scope.Whole:
		page = c.exportOfAll()
		dumps, err := p.records.Dumps(ctx)
		if err != nil {
			return Answer{}, err
		}
		c.listDumps(&page, dumps)
	default:
		scope.Filter.Most = 1
		list, err := p.records.Incidents(ctx, scope.Filter)
		if err != nil {
			return Answer{}, err
		}
		page = c.exportOfSome(list, r.Query)
	}
	c.offer(&page, formats, r.Query)
	return Answer{Page: views.Exports(page)}, nil
}

// exportsAddress is where an export is offered, or, with a format, had.
func exportsAddress(lang, format string, query url.Values) string {
	if format == "" {
		return withQuery(address(lang, "exports"), query)
	}
	return withQuery(address(lang, "exports", format), query)
}

func (c *composer) exportOfOne(e *register.IncidentEdition) views.ExportsPage {
	title := c.text(e.Title)
	back := ui.Link{Href: incidentAddress(c.loc.Lang(), e.Slug), Text: title}
	return views.ExportsPage{
		Head: views.RecordHead{
			Rubric: e.Reference, Title: c.loc.T("exports.title-one"), Lead: c.loc.T("exports.lead-one"), About: title,
			Back: ui.Link{Href: back.Href, Text: c.plain(c.loc.T("exports.back-one"))},
		},
		Frame: hidden(c.frame(heading{
			title: c.loc.T("exports.title-one") + " · " + e.Reference, section: "/incidents",
			crumbs: []ui.Link{c.incidentsCrumb(), back, {Text: c.plain(c.loc.T("exports.crumb"))}},
		})),
	}
}

func (c *composer) exportOfSome(list register.IncidentList, query url.Values) views.ExportsPage {
	return views.ExportsPage{
		Head: views.RecordHead{
			Title: c.loc.T("exports.title-some"), Lead: c.loc.T("exports.lead-some"), Rubric: c.incidentCount(list),
			Back: ui.Link{Href: withQuery(address(c.loc.Lang(), "incidents"), query), Text: c.plain(c.loc.T("exports.back-some"))},
		},
		Frame: hidden(c.frame(heading{
			title: c.loc.T("exports.title-some"), section: "/incidents",
			crumbs: []ui.Link{c.incidentsCrumb(), {Text: c.plain(c.loc.T("exports.crumb"))}},
		})),
	}
}

func (c *composer) exportOfAll() views.ExportsPage {
	return views.ExportsPage{
		Head: views.RecordHead{
			Title: c.loc.T("exports.title-all"), Lead: c.loc.T("exports.lead-all"),
			Back: ui.Link{Href: address(c.loc.Lang(), "data"), Text: c.plain(c.loc.T("text.data"))},
		},
		Frame: c.frame(heading{
			title: c.loc.T("exports.title-all"), description: c.loc.T("exports.lead-all"), section: "/data",
			crumbs: []ui.Link{{Href: address(c.loc.Lang(), "data"), Text: c.plain(c.loc.T("text.data"))}, {Text: c.plain(c.loc.T("exports.crumb"))}},
		}),
	}
}

// offer lists the formats in which something can be had.
func (c *composer) offer(page *views.ExportsPage, formats []exchange.ExportFormat, query url.Values) {
	for _, f := range formats {
		name := c.loc.T("exports.format." + f.Name)
		page.Formats = append(page.Formats, views.ExportFormat{
			Link: ui.Link{Href: exportsAddress(c.loc.Lang(), f.Name, query), Text: c.plain(name)}, Note: c.loc.T("exports.note." + f.Name), File: f.Extension,
		})
	}
}

// ExportMoved is the address of the export of an incident whose slug has changed;
// ok is false for any other error.
func ExportMoved(err error, r Request) (target string, ok bool) {
	moved, ok := errors.AsType[*register.MovedError](err)
	if !ok {
		return "", false
	}
	return exportsAddress(r.Lang, r.Params["id"], url.Values{"incident": {moved.Slug}}), true
}

// exportLink leads from the list to all that it chooses, in other formats.
func (c *composer) exportLink(f register.IncidentFilter) ui.Link {
	f.Sort, f.After = f.Sorts()[0], ""
	return ui.Link{Href: exportsAddress(c.loc.Lang(), "", incidentQuery(f)), Text: c.plain(c.loc.T("exports.more"))}
}

// exportIncident leads from the page of an incident to its files.
func (c *composer) exportIncident(slug string) ui.Link {
	return ui.Link{Href: exportsAddress(c.loc.Lang(), "", url.Values{"incident": {slug}}), Text: c.plain(c.loc.T("exports.more-one"))}
}
