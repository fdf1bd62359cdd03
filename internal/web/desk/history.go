package desk

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	store "github.com/sijil/sijil/internal/store/desk"
	views "github.com/sijil/sijil/views/desk"
	"github.com/sijil/sijil/views/ui"
)

// actsPerPage is how much of a history is shown.
const actsPerPage = 50

// History answers what happened to a record.
func (d *Desk) History(ctx context.Context, r Request) (Answer, error) {
	values, _, err := d.typed(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	return d.historyPage(ctx, r, values, &fieldProblems{}, 0)
}

func (d *Desk) historyPage(ctx context.Context, r Request, values url.Values, wrong *fieldProblems, status int) (Answer, error) {
	before, err := strconv.ParseInt("0"+r.Query.Get("before"), 10, 64)
	if err != nil {
		return Answer{}, register.ErrInvalid
	}
	head, err := d.recordAt(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	h, err := d.editorial.History(ctx, r.Who.Actor, head.ID, before, actsPerPage+1)
	if err != nil {
		return Answer{}, err
	}
	loc := d.loc(r)
	page := views.HistoryPage{
		Frame: d.frame(r, loc.T("history.title")), Name: d.titled(r, h.Title), Problems: wrong.summary,
		Line: loc.T("history.line", "type", loc.Label("record-type", string(head.Type)), "reference", head.Reference,
			"state", loc.T("record-state."+head.State), "version", head.Version),
		Comment: ui.Field{
			Name: "comment", Label: loc.T("review.comment"), Type: "textarea", Rows: 3, Value: values.Get("comment"),
			Error: wrong.at["comment"], Attrs: map[string]any{"dir": "auto"},
		},
		Assign:  ui.Field{Name: "account", Label: loc.T("history.assign-to"), Type: "select", Value: h.Assigned.ID, Error: wrong.at["account"]},
		Version: strconv.Itoa(head.Version), Links: d.historyLinks(r, h),
	}
	page.Assign.Choices = []ui.Choice{{Value: "", Label: loc.T("history.nobody")}}
	for _, p := range h.Staff {
		page.Assign.Choices = append(page.Assign.Choices, ui.Choice{Value: p.ID, Label: p.Name})
	}
	if h.Discardable {
		page.Discard = loc.T("history.discard")
	}
	if len(h.Acts) > actsPerPage {
		h.Acts = h.Acts[:actsPerPage]
		page.Next = "?before=" + strconv.FormatInt(h.Acts[actsPerPage-1].ID, 10)
	}
	if before > 0 {
		page.First = page.Action()
	}
	for _, act := range h.Acts {
		row := d.historyRow(r, act)
		if act.Action == "change" && act.Version > 1 {
			row.Differences = "/" + r.Lang + spanPath(head, act.Version-1, act.Version)
		}
		page.Acts = append(page.Acts, row)
	}
	page.Differences, err = d.differences(ctx, r, head.ID)
	return Answer{Status: status, Page: views.History(page)}, err
}

// historyLinks lead back to the record, and to its review.
func (d *Desk) historyLinks(r Request, h editorial.History) []ui.Link {
	loc := d.loc(r)
	links := reviewLinks(loc, h.Head, h.Review)
	return append([]ui.Link{{
		Href: "/" + r.Lang + "/desk/" + typePath(h.Head.Type) + "/" + string(h.Head.ID),
		Text: ui.Text{S: loc.T("history.record"), Lang: r.Lang},
	}}, links[:len(links)-1]...)
}

func (d *Desk) historyRow(r Request, act store.Act) views.HistoryRow {
	loc := d.loc(r)
	row := views.HistoryRow{At: d.dayAndTime(r, act.At), By: act.By, Act: act.Action, Text: act.Text}
	if key := "act." + act.Action; loc.Has(key) {
		row.Act = loc.T(key)
	}
	if act.Version > 0 {
		row.Act = loc.T("history.act-version", "act", row.Act, "version", act.Version)
	}
	if number, ok := act.Detail["edition"].(float64); ok {
		row.Act = loc.T("history.act-edition", "act", row.Act, "edition", int(number))
	}
	return row
}

// ChangeHistory adds to what happened to a record: a remark, somebody to work
// on it, or its end as a draft.
func (d *Desk) ChangeHistory(ctx context.Context, r Request) (Answer, error) {
	head, err := d.recordAt(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	loc, wrong, act := d.loc(r), &fieldProblems{}, r.Form.Get("act")
	switch act {
	case "comment":
		if tooLong(r.Form.Get("comment")) {
			wrong.add("comment", loc.T("problem.too-long"))
			return d.historyPage(ctx, r, r.Form, wrong, http.StatusUnprocessableEntity)
		}
		err = d.editorial.Comment(ctx, r.Who.Actor, head.ID, r.Form.Get("comment"))
	case "assign":
		err = d.editorial.Assign(ctx, r.Who.Actor, head.ID, r.Form.Get("account"))
	case "discard":
		version := editorial.Version{ID: head.ID, Version: atoi(r.Form.Get("version"))}
		err = d.editorial.Discard(ctx, r.Who.Actor, version)
	default:
		return Answer{}, register.ErrInvalid
	}
	problems, isProblem := errors.AsType[register.Problems](err)
	switch {
	case isProblem:
		for _, p := range problems {
			wrong.add(p.Field, loc.T(p.Key))
		}
		return d.historyPage(ctx, r, r.Form, wrong, http.StatusUnprocessableEntity)
	case errors.Is(err, register.ErrConflict):
		wrong.add("", loc.T("history.collided"))
		return d.historyPage(ctx, r, r.Form, wrong, http.StatusConflict)
	case err != nil:
		return Answer{}, err
	}
	return goTo(r.Path, "history-"+act), nil
}
