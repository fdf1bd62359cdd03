package desk

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
	views "github.com/sijil/sijil/views/desk"
	"github.com/sijil/sijil/views/ui"
)

// AskRename answers the form that gives an institution new names from a date on.
func (d *Desk) AskRename(ctx context.Context, r Request) (Answer, error) {
	p, err := d.openAct(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	restored, err := p.fill(ctx, url.Values{"version": {strconv.Itoa(p.head.Version)}})
	if err != nil {
		return Answer{}, err
	}
	page := p.page()
	page.Restored = restored
	return show(views.Correct(page)), nil
}

// Rename saves the names in the institution's draft, which then goes the
// ordinary way to publication.
func (d *Desk) Rename(ctx context.Context, r Request) (Answer, error) {
	p, err := d.openAct(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	from := p.date("from")
	source, err := p.source(ctx)
	if err != nil {
		return Answer{}, err
	}
	if !p.wrong.empty() {
		return refuse(views.Correct(p.page())), nil
	}
	rename := editorial.Rename{From: from, Names: map[register.NameKind]register.Text{
		register.NameOfficial: textOf(p.get, "official"), register.NameAcronym: textOf(p.get, "acronym"),
	}}
	if source != "" {
		rename.Sources = []string{source}
	}
	_, err = d.editorial.RenameInstitution(ctx, r.Who.Actor, editorial.Version{ID: p.head.ID, Version: atoi(p.get("version"))}, rename)
	var problems register.Problems
	switch {
	case errors.As(err, &problems):
		p.tell(problems)
		return refuse(views.Correct(p.page())), nil
	case errors.Is(err, register.ErrConflict):
		p.wrong.add("", p.loc(r).T("correct.changed-meanwhile"))
		p.values.Set("version", strconv.Itoa(p.head.Version))
		return Answer{Status: http.StatusConflict, Page: views.Correct(p.page())}, nil
	case err != nil:
		return Answer{}, err
	}
	return goTo(r.Path, "renamed"), nil
}

// date reads a date as people write it.
func (p *act) date(name string) edtf.Date {
	typed := p.get(name)
	if typed == "" {
		return edtf.Date{} // the use case says that it is missing
	}
	date, _, err := edtf.ParseText(typed, edtf.DayOf(p.now()))
	if err != nil {
		p.wrong.add(name, p.loc(p.r).T("correct.date-not-understood"))
	}
	return date
}

// source is the key of the source that was chosen, or that what was typed is;
// what it means perhaps is offered to be chosen.
func (p *act) source(ctx context.Context) (string, error) {
	typed := p.get("find")
	if chosen := p.get("found"); chosen != "" {
		typed = chosen
	}
	if typed == "" {
		return "", nil
	}
	source, err := p.editorial.Source(ctx, p.r.Who.Actor, typed)
	if !errors.Is(err, register.ErrNotFound) {
		return source.Key, err
	}
	rows, err := p.editorial.PickSources(ctx, p.r.Who.Actor, typed, 10)
	for _, row := range rows {
		p.found = append(p.found, choice{row.Key, row.Publisher + " · " + row.Title})
	}
	if len(p.found) > 0 {
		p.wrong.add("found", p.loc(p.r).T("correct.choose-found"))
	} else if err == nil {
		p.wrong.add("find", p.loc(p.r).T("problem.unknown-source"))
	}
	return "", err
}

// renameFields are the fields of the form of new names.
func (p *act) renameFields(page *views.CorrectPage) {
	loc := p.loc(p.r)
	official := p.texts3("official", loc.Label("name-kind", string(register.NameOfficial)), loc.T("rename.official-hint"), p.get, 1)
	for i := range official.Inputs {
		official.Inputs[i].Error = p.wrong.at[official.Inputs[i].Name]
	}
	page.Texts = []views.Texts3{official, p.texts3("acronym", loc.Label("name-kind", string(register.NameAcronym)), loc.T("rename.acronym-hint"), p.get, 1)}
	page.Fields = []ui.Field{{Name: "from", Label: loc.T("rename.from"), Hint: loc.T("rename.from-hint"), Value: p.get("from"), Error: p.wrong.at["from"]}}
	page.Hidden = []ui.Labelled{{Label: "version", Text: ui.Text{S: p.get("version")}}}
	p.find(page, loc.T("rename.source"), loc.T("rename.source-hint"))
}
