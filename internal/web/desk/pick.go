package desk

import (
	"context"

	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	store "github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/web/desk/form"
	views "github.com/sijil/sijil/views/desk"
	"github.com/sijil/sijil/views/ui"
)

// picksShown is how many records a picker offers.
const picksShown = 12

// Pick answers what a picker offers for what was typed: as JSON to the script,
// and as a page of links where there is none.
func (d *Desk) Pick(ctx context.Context, r Request) (Answer, error) {
	typed, err := question(r)
	if err != nil {
		return Answer{}, err
	}
	of := r.Query.Get("type")
	if of == "" {
		of = string(register.TypeIncident)
	}
	options, err := d.options(ctx, r, of, typed)
	if err != nil {
		return Answer{}, err
	}
	status := d.loc(r).N("pick.results", len(options))
	if r.Script {
		return Answer{JSON: map[string]any{"options": options, "status": status}}, nil
	}
	return show(views.Pick(d.pickPage(r, of, options, status))), nil
}

// options are the records or sources that are offered.
func (d *Desk) options(ctx context.Context, r Request, of, typed string) ([]views.Option, error) {
	out := []views.Option{}
	if of == form.SourceType {
		rows, err := d.editorial.PickSources(ctx, r.Who.Actor, typed, picksShown)
		for _, row := range rows {
			s := d.sourceRow(r, row)
			out = append(out, views.Option{Value: row.Key, Label: s.Publisher + " · " + s.Title, Note: s.Published, Lang: "und", Dir: "auto", Href: s.Href})
		}
		return out, err
	}
	t := register.RecordType(of)
	if recordTypes()[segmentOf(t)] == "" {
		return nil, register.ErrInvalid
	}
	found, err := d.editorial.Pick(ctx, r.Who.Actor, t, typed, picksShown)
	for _, p := range found {
		out = append(out, d.option(r, t, p))
	}
	return out, err
}

func (d *Desk) option(r Request, t register.RecordType, p store.Picked) views.Option {
	name := d.pickedName(r, p)
	return views.Option{
		Value: string(p.ID), Label: name.S, Lang: name.Lang, Dir: i18n.Dir(name.Lang), Note: d.loc(r).Series(d.pickedNotes(r, p)),
		Href: "/" + r.Lang + recordPath(t, p.ID),
	}
}

func (d *Desk) pickPage(r Request, of string, options []views.Option, status string) views.PickPage {
	loc := d.loc(r)
	p := views.PickPage{Frame: d.frame(r, loc.T("pick.heading")), Options: options, Status: status}
	kinds := ui.Field{Name: "type", Label: loc.T("pick.type"), Value: of, Type: "select"}
	for _, t := range []string{"incident", "statement", "institution", form.SourceType} {
		kinds.Choices = append(kinds.Choices, ui.Choice{Value: t, Label: loc.T("pick.type." + t)})
	}
	p.Filters = []ui.Field{
		{Name: "q", Label: loc.T("work.filter.q"), Value: r.Query.Get("q"), Type: "search", Autocomplete: "off", Attrs: map[string]any{"dir": "auto"}},
		kinds,
	}
	return p
}
