package desk

import (
	"context"

	views "github.com/sijil/sijil/views/desk"
)

// Home answers the front page of the desk: what the person has in hand.
func (d *Desk) Home(ctx context.Context, r Request) (Answer, error) {
	sheets, err := d.editorial.Worksheets(ctx, r.Who.Actor)
	if err != nil {
		return Answer{}, err
	}
	page := views.HomePage{Frame: d.frame(r, d.loc(r).T("desk.home.title"))}
	for _, s := range sheets {
		page.Unsaved = append(page.Unsaved, views.Unsaved{Href: "/" + r.Lang + s.Place, Place: s.Place, At: d.moment(r, s.SavedAt)})
	}
	return show(views.Home(page)), nil
}
