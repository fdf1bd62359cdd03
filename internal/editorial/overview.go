package editorial

import (
	"context"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// OverviewRows is how many rows each part of an overview has at most.
const OverviewRows = 8

// Overview is what a person has in hand, and what has happened.
type Overview struct {
	InHand   []desk.ListRow
	Returned []desk.ReviewRow
	ToReview []desk.ReviewRow // empty for who does not review
	// NotPublished are the reviews that could not be published at the time that
	// was set.
	NotPublished []desk.NotPublishedRow

	Stale     []desk.StaleRow
	NotSeen   []desk.Picked
	Published []desk.PublishedRow
	Activity  []desk.ActivityRow
}

// Overview returns what the actor has in hand. A referral is stale when nothing
// has followed for so many days; with no patience, none is.
func (e *Editorial) Overview(ctx context.Context, actor register.Actor, patience int) (Overview, error) {
	if !actor.Role.Can(register.MayDraft) {
		return Overview{}, register.ErrForbidden
	}
	var o Overview
	err := e.db.Read(ctx, func(q store.Querier) error {
		d := desk.New(q)
		var err error
		if o.InHand, err = d.InHand(ctx, actor.ID, OverviewRows); err != nil {
			return err
		}
		if o.Returned, err = d.Returned(ctx, actor.ID, OverviewRows); err != nil {
			return err
		}
		if actor.Role.Can(register.MayReview) {
			if o.ToReview, err = d.Waiting(ctx, OverviewRows); err != nil {
				return err
			}
			if o.NotPublished, err = d.NotPublished(ctx, OverviewRows); err != nil {
				return err
			}
		}
		if patience > 0 {
			if o.Stale, err = d.Stale(ctx, edtf.DayOf(e.now()).AddDays(-patience), OverviewRows); err != nil {
				return err
			}
		}
		return readNews(ctx, d, &o)
	})
	return o, err
}

// readNews reads what concerns everybody.
func readNews(ctx context.Context, d *desk.Queries, o *Overview) error {
	var err error
	if o.NotSeen, err = d.OriginalsNotSeen(ctx, OverviewRows); err != nil {
		return err
	}
	if o.Published, err = d.Published(ctx, OverviewRows); err != nil {
		return err
	}
	o.Activity, err = d.Activity(ctx, OverviewRows)
	return err
}
