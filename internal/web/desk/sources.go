package desk

import (
	"context"
	"errors"
	"net/url"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
	store "github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/web/desk/form"
	views "github.com/sijil/sijil/views/desk"
	"github.com/sijil/sijil/views/ui"
)

// ListSources answers the list of the sources.
func (d *Desk) ListSources(ctx context.Context, r Request) (Answer, error) {
	typed, err := question(r)
	if err != nil {
		return Answer{}, err
	}
	rows, next, err := d.editorial.ListSources(ctx, r.Who.Actor, typed, r.Query.Get("after"))
	if err != nil {
		return Answer{}, err
	}
	counts, err := d.editorial.CaptureCounts(ctx, r.Who.Actor)
	if err != nil {
		return Answer{}, err
	}
	loc := d.loc(r)
	p := views.SourcesPage{
		Frame: d.frame(r, loc.T("work.list.sources")), Empty: loc.T("work.list.empty"), Progress: d.captureProgress(r, counts),
	}
	p.Filters = []ui.Field{{
		Name: "q", Label: loc.T("work.filter.q"), Value: r.Query.Get("q"), Type: "search", Autocomplete: "off", Attrs: map[string]any{"dir": "auto"},
	}}
	for _, row := range rows {
		p.Rows = append(p.Rows, d.sourceRow(r, row))
	}
	p.First, p.Next = d.pages(r, next)
	return show(views.Sources(p)), nil
}

func (d *Desk) sourceRow(r Request, row store.SourceRow) views.SourceRow {
	title := row.Title
	if title == "" {
		title = row.URL
	}
	if title == "" {
		title = row.Key
	}
	return views.SourceRow{
		Href: "/" + r.Lang + "/desk/sources/" + url.PathEscape(row.Key), Title: title, Publisher: row.Publisher,
		Published: row.Published.Text(r.Lang, edtf.Short), Records: d.loc(r).N("work.cited", row.Records),
		Capture: captureTag(d.loc(r), row.Capture),
	}
}

// EditSource answers the form of a source.
func (d *Desk) EditSource(ctx context.Context, r Request) (Answer, error) {
	source, err := d.editorial.Source(ctx, r.Who.Actor, r.Params["key"])
	if err != nil {
		return Answer{}, err
	}
	f := form.New(source)
	values, restored, err := d.typed(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	if values == nil {
		values = f.Values(&source)
	}
	page, err := d.sourcePage(ctx, r, source, f, values, nil)
	page.Restored = restored
	return show(views.EditSource(page)), err
}

// SaveSource changes a source. While a record that cites it is in review or
// approved it stays as it is.
func (d *Desk) SaveSource(ctx context.Context, r Request) (Answer, error) {
	source, err := d.editorial.Source(ctx, r.Who.Actor, r.Params["key"])
	if err != nil {
		return Answer{}, err
	}
	f := form.New(source)
	problems := f.Read(&source, r.Form, form.Reading{Today: d.today()})
	if len(problems) == 0 {
		err = d.editorial.SaveSources(ctx, r.Who.Actor, []register.Source{source})
		found, wrong := errors.AsType[register.Problems](err)
		switch {
		case err == nil:
			return goTo("/desk/sources", "source-saved"), nil
		case errors.Is(err, register.ErrConflict):
			found = register.Problems{{Key: "work.source-in-review"}}
		case !wrong:
			return Answer{}, err
		}
		problems = atSource(found, source.Key)
	}
	page, err := d.sourcePage(ctx, r, source, f, r.Form, problems)
	return refuse(views.EditSource(page)), err
}

// atSource moves the problems of a source to the fields of its form.
func atSource(problems register.Problems, key string) register.Problems {
	prefix := "sources[" + key + "]."
	for i, p := range problems {
		if len(p.Field) > len(prefix) && p.Field[:len(prefix)] == prefix {
			problems[i].Field = p.Field[len(prefix):]
		}
	}
	return problems
}

func (d *Desk) sourcePage(
	ctx context.Context, r Request, source register.Source, f *form.Form, values url.Values, problems register.Problems,
) (p views.SourcePage, err error) {
	loc := d.loc(r)
	p = views.SourcePage{
		Frame: d.frame(r, sourceTitle(source)), Heading: loc.T("work.source"), Key: source.Key, Href: source.URL, Back: "/" + r.Lang + "/desk/sources",
	}
	for _, problem := range problems {
		text := loc.T(problem.Key)
		if problem.Field != "" && f.Find(problem.Field) != nil {
			text = loc.T("work.problem-at", "label", f.Label(loc, values, problem.Field), "text", text)
		}
		p.Problems = append(p.Problems, ui.Problem{ID: problem.Field, Text: text})
	}
	p.Controls, p.More, p.MoreOpen = f.Draw(form.Drawing{Loc: loc, Noun: &source, Values: values, Problems: problems, Today: d.today()})
	p.Lookalikes = d.sourceLookalikes(r, []register.Source{source})
	_, _, p.Capture, err = d.captureOf(ctx, r, &source)
	return p, err
}
