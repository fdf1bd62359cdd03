package desk

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	store "github.com/sijil/sijil/internal/store/desk"
	views "github.com/sijil/sijil/views/desk"
	"github.com/sijil/sijil/views/ui"
)

// recordAt loads the head of the record that the address names, of the type that it names.
func (d *Desk) recordAt(ctx context.Context, r Request) (store.Record, error) {
	_, head, err := d.editorial.Load(ctx, r.Who.Actor, register.Ref(r.Params["id"]))
	if err == nil && !strings.HasPrefix(r.Path, "/desk/"+typePath(head.Type)+"/") {
		err = register.ErrNotFound
	}
	return head, err
}

// SendPage answers the form that asks for a review of a record.
func (d *Desk) SendPage(ctx context.Context, r Request) (Answer, error) {
	values, _, err := d.typed(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	return d.sendPage(ctx, r, values, nil, 0)
}

func (d *Desk) sendPage(ctx context.Context, r Request, values url.Values, problems []ui.Problem, status int) (Answer, error) {
	head, err := d.recordAt(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	companions, err := d.editorial.Companions(ctx, r.Who.Actor, head.ID)
	if err != nil {
		return Answer{}, err
	}
	titles, err := d.editorial.Titles(ctx, r.Who.Actor, []register.Ref{head.ID})
	if err != nil {
		return Answer{}, err
	}
	loc := d.loc(r)
	page := views.SendPage{
		Frame: d.frame(r, loc.T("send.title")), Name: d.titled(r, titles[head.ID]), Problems: problems,
		Note: ui.Field{
			Name: "note", Label: loc.T("send.note"), Hint: loc.T("send.note.hint"), Type: "textarea", Value: values.Get("note"),
			Attrs: map[string]any{"dir": "auto"},
		},
	}
	switch head.State {
	case store.StateInReview, store.StateApproved:
		page.Blocked = loc.T("send.blocked." + head.State)
		review, err := d.editorial.ReviewOf(ctx, r.Who.Actor, head.ID)
		if err != nil {
			return Answer{}, err
		}
		if review != "" {
			page.BlockedHref = "/" + r.Lang + "/desk/review/" + review
		}
	case store.StatePublished, store.StateDiscarded:
		page.Blocked = loc.T("send.blocked." + head.State)
	}
	for _, c := range companions {
		d.addCompanion(r, &page, c, values)
	}
	return Answer{Status: status, Page: views.Send(page)}, nil
}

func (d *Desk) addCompanion(r Request, page *views.SendPage, c editorial.Companion, values url.Values) {
	row := views.SendRow{
		ID: string(c.Head.ID), Title: d.titled(r, c.Title), Kind: d.loc(r).Label("record-type", string(c.Head.Type)),
		Href: "/" + r.Lang + "/desk/" + typePath(c.Head.Type) + "/" + string(c.Head.ID) + "/history",
		On:   values == nil || slices.Contains(values["along"], string(c.Head.ID)),
	}
	switch {
	case c.Elsewhere != "":
		row.Href = "/" + r.Lang + "/desk/review/" + c.Elsewhere
		page.Elsewhere = append(page.Elsewhere, row)
	case c.Needed:
		page.Needed = append(page.Needed, row)
	default:
		page.Optional = append(page.Optional, row)
	}
}

// Send asks for a review.
func (d *Desk) Send(ctx context.Context, r Request) (Answer, error) {
	head, err := d.recordAt(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	loc := d.loc(r)
	if tooLong(r.Form.Get("note")) {
		return d.sendPage(ctx, r, r.Form, []ui.Problem{{ID: "note", Text: loc.T("problem.too-long")}}, http.StatusUnprocessableEntity)
	}
	var along []register.Ref
	for _, id := range r.Form["along"] {
		along = append(along, register.Ref(id))
	}
	version := editorial.Version{ID: head.ID, Version: head.Version}
	bundle, err := d.editorial.SendBundle(ctx, r.Who.Actor, version, along, r.Form.Get("note"))
	problems, wrong := errors.AsType[register.Problems](err)
	switch {
	case wrong:
		return d.refuseSending(ctx, r, head, problems)
	case errors.Is(err, register.ErrConflict):
		return d.sendPage(ctx, r, r.Form, []ui.Problem{{Text: loc.T("send.collided")}}, http.StatusConflict)
	case err != nil:
		return Answer{}, err
	}
	return goTo("/desk/review/"+bundle, "review-sent"), nil
}

// refuseSending shows the form again with what is wrong in the record, and in
// the drafts that would go along.
func (d *Desk) refuseSending(ctx context.Context, r Request, head store.Record, problems register.Problems) (Answer, error) {
	companions, err := d.editorial.Companions(ctx, r.Who.Actor, head.ID)
	if err != nil {
		return Answer{}, err
	}
	heads := []store.Record{head}
	for _, c := range companions {
		heads = append(heads, c.Head)
	}
	lines, err := d.draftProblems(ctx, r, heads, problems)
	if err != nil {
		return Answer{}, err
	}
	return d.sendPage(ctx, r, r.Form, lines, http.StatusUnprocessableEntity)
}

// reviewLinks lead from a record to its review, and to its history.
func reviewLinks(loc *i18n.Localizer, head store.Record, review string) []ui.Link {
	path := "/" + loc.Lang() + "/desk/" + typePath(head.Type) + "/" + string(head.ID)
	link := func(href, key string) ui.Link {
		return ui.Link{Href: href, Text: ui.Text{S: loc.T(key), Lang: loc.Lang()}}
	}
	var out []ui.Link
	switch {
	case review != "":
		out = append(out, link("/"+loc.Lang()+"/desk/review/"+review, "history.review"))
	case head.State == store.StateDraft:
		out = append(out, link(path+"/send", "send.title"))
	}
	return append(out, link(path+"/history", "history.title"))
}
