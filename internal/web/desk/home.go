package desk

import (
	"context"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
	store "github.com/sijil/sijil/internal/store/desk"
	views "github.com/sijil/sijil/views/desk"
	"github.com/sijil/sijil/views/ui"
)

// Home answers the front page of the desk: what the person has in hand, and
// what has happened.
func (d *Desk) Home(ctx context.Context, r Request) (Answer, error) {
	loc := d.loc(r)
	page := views.HomePage{Frame: d.frame(r, loc.T("work.hello", "name", r.Who.Name))}
	var err error
	if page.Unsaved, err = d.unsaved(ctx, r); err != nil {
		return Answer{}, err
	}
	patience, err := d.patience(ctx)
	if err != nil {
		return Answer{}, err
	}
	o, err := d.editorial.Overview(ctx, r.Who.Actor, patience)
	if err != nil {
		return Answer{}, err
	}
	d.inHand(r, &page, o)
	d.news(r, &page, o, patience)
	return show(views.Home(page)), nil
}

// patience is after how many days a referral that nobody confirmed is stale.
func (d *Desk) patience(ctx context.Context) (int, error) {
	settings, err := d.editorial.Settings(ctx)
	return settings.StaleReferralDays, err
}

// inHand is what waits for the person.
func (d *Desk) inHand(r Request, page *views.HomePage, o editorial.Overview) {
	loc := d.loc(r)
	page.Drafts = views.HomeTable{ID: "drafts", Heading: loc.T("work.drafts"), Empty: loc.T("work.drafts.none"), More: page.To("/desk/incidents?scope=mine")}
	for _, row := range o.InHand {
		page.Drafts.Rows = append(page.Drafts.Rows, d.row(r, row))
	}
	if len(o.Returned) > 0 {
		page.Returned = &views.HomeTable{ID: "returned", Heading: loc.N("work.returned", len(o.Returned)), Notes: true}
		page.Returned.Rows = d.reviewRows(r, o.Returned)
	}
	page.NotPublished = d.notPublished(r, o)
	if r.Who.Role.Can(register.MayReview) {
		page.ToReview = &views.HomeTable{
			ID: "to-review", Heading: loc.T("work.to-review"), Empty: loc.T("work.to-review.none"), Notes: true,
			More: page.To("/desk/incidents?state=in-review"),
		}
		page.ToReview.Rows = d.reviewRows(r, o.ToReview)
	}
}

// notPublished are the reviews that were to be public by now and are not.
func (d *Desk) notPublished(r Request, o editorial.Overview) []views.NewsLine {
	loc := d.loc(r)
	var out []views.NewsLine
	for _, n := range o.NotPublished {
		out = append(out, views.NewsLine{
			Link: ui.Link{Href: "/" + r.Lang + "/desk/review/" + n.Bundle, Text: d.titled(r, n.Title)},
			Note: loc.T("work.not-published.line", "time", d.dayAndTime(r, n.At), "name", n.By),
		})
	}
	return out
}

func (d *Desk) reviewRows(r Request, list []store.ReviewRow) []views.RecordRow {
	var out []views.RecordRow
	for _, v := range list {
		row := d.row(r, v.ListRow)
		row.By, row.At, row.Note = v.By, d.moment(r, v.At), v.Note
		out = append(out, row)
	}
	return out
}

// news is what concerns everybody.
func (d *Desk) news(r Request, page *views.HomePage, o editorial.Overview, patience int) {
	loc := d.loc(r)
	for _, s := range o.Stale {
		days := edtf.DayOf(d.now()).DaysSince(s.Since)
		page.Stale = append(page.Stale, views.NewsLine{Link: d.recordLink(r, register.TypeIncident, s.Picked), Note: loc.N("work.silent", days)})
	}
	page.StaleLead = loc.N("work.stale.lead", patience)
	for _, s := range o.NotSeen {
		page.NotSeen = append(page.NotSeen, views.NewsLine{
			Link: d.recordLink(r, register.TypeStatement, s), Note: loc.Series(d.pickedNotes(r, s)),
		})
	}
	for _, p := range o.Published {
		page.Published = append(page.Published, views.NewsLine{
			Link: d.recordLink(r, p.Type, p.Picked),
			Note: loc.T("work.published.line", "reference", p.Reference, "number", p.Number, "name", p.By, "time", d.moment(r, p.At)),
		})
	}
	for _, a := range o.Activity {
		page.Activity = append(page.Activity, views.NewsLine{
			Link: d.recordLink(r, a.Type, store.Picked{ID: a.Record, Title: a.Title, Short: a.Short}),
			Note: loc.T("work.activity.line", "action", d.action(r, a.Action), "name", a.By, "time", d.moment(r, a.At)),
		})
	}
}

// action says what was done, by the code under which it was noted.
func (d *Desk) action(r Request, code string) string {
	if key := "work.action." + code; d.loc(r).Has(key) {
		return d.loc(r).T(key)
	}
	return code
}

func (d *Desk) recordLink(r Request, t register.RecordType, p store.Picked) ui.Link {
	return ui.Link{Href: "/" + r.Lang + recordPath(t, p.ID), Text: d.pickedName(r, p)}
}
