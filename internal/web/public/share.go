package public

import (
	"context"
	"fmt"

	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/views"
	"github.com/sijil/sijil/views/ui"
)

// share leads from the page of a record to how it is shared.
func (c *composer) share(page string) ui.Link {
	return ui.Link{Href: page + "/share", Text: c.plain(c.loc.T("share.open"))}
}

// ShareParams are the parameters of the page of sharing: language and colours of
// what other sites show.
func ShareParams() []string { return []string{"in", "theme"} }

// Share answers the page on how a record is shared.
func (p *Pages) Share(ctx context.Context, r Request) (Answer, error) {
	theme, err := themeOf(r.Query)
	if err != nil {
		return Answer{}, err
	}
	in := r.Lang
	if r.Query.Has("in") {
		if in = r.Query.Get("in"); !p.catalog.Known(in) || len(r.Query["in"]) > 1 {
			return Answer{}, fmt.Errorf("%w: in", register.ErrInvalid)
		}
	}
	known, err := p.words.current(ctx)
	if err != nil {
		return Answer{}, err
	}
	t := r.recordType()
	h, err := p.records.History(ctx, t, r.Slug)
	if err == nil && h.MergedInto != "" {
		err = &register.MovedError{Slug: h.MergedInto}
	}
	if err != nil {
		return movedOr(err, func(slug string) string {
			return withQuery(recordAddress(r.Lang, t, slug)+"/share", r.Query)
		})
	}
	named, err := p.records.Names(ctx, []register.Ref{register.Ref(h.Reference)})
	if err != nil {
		return Answer{}, err
	}
	c := newComposer(known.Localizer(r.Lang), p.site, r.place(r.Query))
	return Answer{Page: views.ShareRecord(c.sharePage(h, named[register.Ref(h.Reference)].Name, in, theme))}, nil
}

func (c *composer) sharePage(h *register.History, name register.Text, in, theme string) views.SharePage {
	page := recordAddress(c.loc.Lang(), h.Type, h.Slug)
	back := ui.Link{Href: page, Text: c.plain(c.loc.T("editions.back." + string(h.Type)))}
	p := views.SharePage{
		Head:   views.RecordHead{Rubric: h.Reference, Title: c.loc.T("share.title"), Lead: c.loc.T("share.lead"), About: c.text(name), Back: back},
		Action: page + "/share",
		Parts: []views.SharePart{
			{ID: "_page", Name: c.loc.T("share.page"), Text: c.site.BaseURL + recordAddress(in, h.Type, h.Slug)},
			{ID: "_edition", Name: c.loc.T("share.edition", "number", h.Current()), Text: c.site.BaseURL + editionAddress(in, h.Type, h.Slug, h.Current())},
		},
	}
	for _, lang := range i18n.Langs() {
		p.Langs = append(p.Langs, views.Choice{Value: lang, Label: i18n.SelfName(lang), Selected: lang == in})
	}
	for i, value := range themes() {
		p.Themes = append(p.Themes, views.Choice{Value: value, Label: c.loc.T("share.theme." + value), Selected: value == theme || i == 0 && theme == ""})
	}
	parts := []embedPart{embedTimeline, embedClock}
	if h.Type == register.TypeStatement {
		parts = []embedPart{embedStatement}
	}
	title, _, _ := name.In(register.Lang(in))
	for _, part := range parts {
		width, height := embedWidth, part.height()
		address := embedAddress(in, part, h.Slug, theme)
		p.Parts = append(p.Parts, views.SharePart{
			ID: "_" + string(part), Name: c.loc.T("share.part." + string(part)),
			Text: embedCode(c.site.BaseURL, address, title, width, height),
			See:  ui.Link{Href: address, Text: c.plain(c.loc.T("share.see"))},
		})
	}
	p.Frame = hidden(c.frame(heading{
		title: p.Head.Title + " · " + h.Reference, description: p.Head.Lead, section: "/" + string(h.Type) + "s",
		crumbs: []ui.Link{{Href: page, Text: c.plain(h.Reference)}, {Text: c.plain(c.loc.T("share.heading"))}},
	}))
	return p
}
