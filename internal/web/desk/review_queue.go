package desk

import (
	"context"
	"net/url"
	"slices"
	"time"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
	store "github.com/sijil/sijil/internal/store/desk"
	views "github.com/sijil/sijil/views/desk"
	"github.com/sijil/sijil/views/ui"
)

// reviewsPerPage is how many reviews the queue shows.
const reviewsPerPage = 30

// Queue answers the list of the reviews that are open.
func (d *Desk) Queue(ctx context.Context, r Request) (Answer, error) {
	loc := d.loc(r)
	filter, err := queueFilter(r)
	if err != nil {
		return Answer{}, err
	}
	rows, err := d.editorial.Queue(ctx, r.Who.Actor, filter)
	if err != nil {
		return Answer{}, err
	}
	page := views.QueuePage{Frame: d.frame(r, loc.T("review.title")), Filters: d.queueFilters(r), Empty: loc.T("review.empty")}
	if len(r.Query) > 0 {
		page.Empty = loc.T("review.empty-filtered")
	}
	if len(rows) > reviewsPerPage {
		rows = rows[:reviewsPerPage]
		last := rows[len(rows)-1]
		query := url.Values{}
		for _, name := range []string{"type", "show", "institution"} {
			if v := r.Query.Get(name); v != "" {
				query.Set(name, v)
			}
		}
		query.Set("after", last.RequestedAt.UTC().Format(time.RFC3339Nano)+"_"+last.Bundle)
		page.Next = "?" + query.Encode()
	}
	if r.Query.Has("after") {
		page.First = page.Action()
	}
	for _, row := range rows {
		page.Rows = append(page.Rows, d.queueRow(r, row))
	}
	return show(views.Queue(page)), nil
}

// queueFilter reads the query. What no form of ours sends is invalid.
func queueFilter(r Request) (store.QueueFilter, error) {
	f := store.QueueFilter{
		Type: register.RecordType(r.Query.Get("type")), Institution: r.Query.Get("institution"), Limit: reviewsPerPage + 1,
	}
	if f.Type != "" && !slices.Contains(register.RecordTypes(), f.Type) || len(f.Institution) > 200 {
		return f, register.ErrInvalid
	}
	switch r.Query.Get("show") {
	case "mine":
		f.ClaimedBy = r.Who.ID
	case "unclaimed":
		f.Unclaimed = true
	case "":
	default:
		return f, register.ErrInvalid
	}
	var err error
	f.AfterAt, f.AfterID, err = mailCursor(r.Query.Get("after"))
	return f, err
}

func (d *Desk) queueFilters(r Request) []ui.Field {
	loc := d.loc(r)
	types := []ui.Choice{{Value: "", Label: loc.T("review.any-type")}}
	for _, t := range []register.RecordType{register.TypeIncident, register.TypeStatement, register.TypeInstitution} {
		types = append(types, ui.Choice{Value: string(t), Label: loc.Label("record-type", string(t))})
	}
	return []ui.Field{
		{Name: "show", Label: loc.T("review.show"), Type: "select", Value: r.Query.Get("show"), Choices: []ui.Choice{
			{Value: "", Label: loc.T("review.show.all")},
			{Value: "unclaimed", Label: loc.T("review.show.unclaimed")},
			{Value: "mine", Label: loc.T("review.show.mine")},
		}},
		{Name: "type", Label: loc.T("review.type"), Type: "select", Value: r.Query.Get("type"), Choices: types},
		{Name: "institution", Label: loc.T("review.institution"), Value: r.Query.Get("institution"), Attrs: map[string]any{"dir": "auto"}},
	}
}

func (d *Desk) queueRow(r Request, w store.Waiting) views.QueueRow {
	loc := d.loc(r)
	path := "/desk/review/" + w.Bundle
	row := views.QueueRow{
		Href: "/" + r.Lang + path, Path: path, Title: d.titled(r, w.Title), Kind: loc.Label("record-type", string(w.Type)),
		Reference: w.Reference, By: loc.T("review.by", "name", w.RequestedBy), Age: d.age(r, w.RequestedAt),
	}
	if w.Records > 1 {
		row.With = loc.N("review.with", w.Records-1)
	}
	switch {
	case !w.PublishAt.IsZero():
		row.State = loc.T("review.state.scheduled", "time", d.dayAndTime(r, w.PublishAt))
	case w.Approved:
		row.State = loc.T("review.state.approved")
	case w.ClaimedBy.ID == r.Who.ID:
		row.State = loc.T("review.state.mine")
	case w.ClaimedBy.ID != "":
		row.State = loc.T("review.state.claimed", "name", w.ClaimedBy.Name)
	default:
		row.State = loc.T("review.state.waits")
		if r.Who.Role.Can(register.MayReview) {
			row.Claim = loc.T("review.claim")
		}
	}
	return row
}

// titled is the title of a record, or words for one that has none.
func (d *Desk) titled(r Request, t register.Text) ui.Text {
	if t.IsZero() {
		return ui.Text{S: d.loc(r).T("review.untitled"), Lang: r.Lang}
	}
	return said(d.loc(r), t)
}

// age says since how many days something waits.
func (d *Desk) age(r Request, at time.Time) string {
	days := edtf.DayOf(d.now()).DaysSince(edtf.DayOf(at))
	if days <= 0 {
		return d.loc(r).T("review.today")
	}
	return d.loc(r).N("review.days", days)
}

// dayAndTime writes a moment with its day.
func (d *Desk) dayAndTime(r Request, at time.Time) string {
	return d.loc(r).T("desk.day-and-time", "day", edtf.DayOf(at).Date().Text(r.Lang, edtf.Long), "time", at.In(edtf.Location()).Format("15:04"))
}
