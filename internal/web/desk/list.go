package desk

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
	store "github.com/sijil/sijil/internal/store/desk"
	views "github.com/sijil/sijil/views/desk"
	"github.com/sijil/sijil/views/ui"
)

// Whose records a list shows; "" is everybody's.
const (
	scopeMine     = "mine"
	scopeAssigned = "assigned"
)

// ListRecords answers the list of the records of one type: the last part of
// the address.
func (d *Desk) ListRecords(ctx context.Context, r Request) (Answer, error) {
	segment := strings.TrimPrefix(r.Path, "/desk/")
	f := store.ListFilter{Type: recordTypes()[segment], State: r.Query.Get("state"), After: r.Query.Get("after")}
	if f.State != "" && !slices.Contains(store.States(), f.State) {
		return Answer{}, register.ErrInvalid
	}
	scope := r.Query.Get("scope")
	switch scope {
	case scopeMine:
		f.Mine = r.Who.ID
	case scopeAssigned:
		f.Assigned = r.Who.ID
	case "":
	default:
		return Answer{}, register.ErrInvalid
	}
	typed, err := question(r)
	if err != nil {
		return Answer{}, err
	}
	rows, next, err := d.editorial.List(ctx, r.Who.Actor, f, typed)
	if err != nil {
		return Answer{}, err
	}
	return show(views.List(d.listPage(r, segment, rows, next))), nil
}

// question is what is looked for; ErrInvalid for more than anybody types.
func question(r Request) (string, error) {
	typed := strings.TrimSpace(r.Query.Get("q"))
	if len([]rune(typed)) > register.MaxQuery {
		return "", register.ErrInvalid
	}
	return typed, nil
}

func (d *Desk) listPage(r Request, segment string, rows []store.ListRow, next string) views.ListPage {
	loc := d.loc(r)
	p := views.ListPage{Frame: d.frame(r, loc.T("work.list."+segment)), Empty: loc.T("work.list.empty")}
	p.Filters = []ui.Field{
		{Name: "q", Label: loc.T("work.filter.q"), Value: r.Query.Get("q"), Type: "search", Autocomplete: "off", Attrs: map[string]any{"dir": "auto"}},
		d.choice(r, "state", append([]string{""}, store.States()...), func(s string) string { return "form.state." + s }),
		d.choice(r, "scope", []string{"", scopeMine, scopeAssigned}, func(s string) string { return "work.scope." + s }),
	}
	if segment == "incidents" {
		p.New = &ui.Link{Href: p.To("/desk/incidents/new"), Text: ui.Text{S: loc.T("work.new-incident"), Lang: r.Lang}}
	}
	for _, row := range rows {
		p.Rows = append(p.Rows, d.row(r, row))
	}
	p.First, p.Next = d.pages(r, next)
	return p
}

// choice is a filter: its values, of which the first is "all".
func (d *Desk) choice(r Request, name string, values []string, label func(string) string) ui.Field {
	loc := d.loc(r)
	f := ui.Field{Name: name, Label: loc.T("work.filter." + name), Value: r.Query.Get(name), Type: "select"}
	for _, v := range values {
		c := ui.Choice{Value: v, Label: loc.T("work.filter.all")}
		if v != "" {
			c.Label = loc.T(label(v))
		}
		f.Choices = append(f.Choices, c)
	}
	return f
}

// pages are the addresses of the first and the next page; "" for none.
func (d *Desk) pages(r Request, next string) (first, following string) {
	to := func(after string) string {
		q := url.Values{}
		for _, name := range []string{"q", "state", "scope", "type"} {
			if v := r.Query.Get(name); v != "" {
				q.Set(name, v)
			}
		}
		if after != "" {
			q.Set("after", after)
		}
		if len(q) == 0 {
			return "/" + r.Lang + r.Path
		}
		return "/" + r.Lang + r.Path + "?" + q.Encode()
	}
	if r.Query.Get("after") != "" {
		first = to("")
	}
	if next != "" {
		following = to(next)
	}
	return first, following
}

// row is a record as lists show it.
func (d *Desk) row(r Request, row store.ListRow) views.RecordRow {
	loc := d.loc(r)
	out := views.RecordRow{
		Link:      ui.Link{Href: "/" + r.Lang + recordPath(row.Type, row.ID), Text: d.recordName(r, row.Title, row.Short)},
		Reference: row.Reference, State: d.stateTag(r, row.State), Date: row.Occurred.Text(r.Lang, edtf.Short),
		Share: row.Share, ShareText: loc.T("form.share", "n", row.Share), By: row.Author, At: d.moment(r, row.UpdatedAt),
	}
	if row.Assigned != "" {
		out.By = loc.T("work.assigned-to", "author", row.Author, "name", row.Assigned)
	}
	return out
}

// stateTag says where a record is on its way to readers.
func (d *Desk) stateTag(r Request, state string) ui.Tag {
	shape := map[string]string{
		store.StateDraft: "plain", store.StateInReview: "claimed", store.StateApproved: "accent", store.StatePublished: "ok", store.StateDiscarded: "none",
	}[state]
	return ui.Tag{Shape: shape, Label: d.loc(r).T("form.state." + state)}
}
