package editorial

import (
	"context"
	"errors"
	"slices"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/store/record"
)

// Queue lists the reviews that are open, the oldest first. It returns
// ErrForbidden for who may not draft.
func (e *Editorial) Queue(ctx context.Context, actor register.Actor, f desk.QueueFilter) ([]desk.Waiting, error) {
	if !actor.Role.Can(register.MayDraft) {
		return nil, register.ErrForbidden
	}
	f.Institution = record.Fold(f.Institution)
	return desk.New(e.db.Querier()).Queue(ctx, f)
}

// Reviewing is all that a reviewer sees of what was sent together.
type Reviewing struct {
	desk.Bundle
	Members []Reviewed
	// Carried are the public records that show one of the members: they get a
	// new edition with them.
	Carried CarriedList
	Checks  []string // that are confirmed already
	// Schedule is the time that was set last; its zero value is none.
	Schedule desk.Schedule
	Comments []desk.Comment
	// OwnPart are the members that the actor changed himself.
	OwnPart []register.Ref
	// Approved means that all of it is; Stands that the approvals would be good
	// for a publication now.
	Approved, Stands bool
	// Titles are those of the records to which the members point.
	Titles map[register.Ref]register.Text
}

// Open reports whether it is still to be decided.
func (r *Reviewing) Open() bool { return r.Outcome == "" }

// Reviewed is one record of a bundle.
type Reviewed struct {
	Head    desk.Record
	Title   register.Text
	Version int
	// Edition is the number of its current edition, 0 when it has none.
	Edition int
	// Before is its last public version, empty when there is none; After is the
	// one that is reviewed.
	Before, After Draft
	// Cited are the sources of the version, and CitedBefore those of the current
	// edition, while the review is open.
	Cited, CitedBefore []register.Source
}

// Carried is a public record that gets a new edition because of what it shows.
type Carried struct {
	record.Showing
	ID    register.Ref
	Type  register.RecordType
	Title register.Text
}

// CarriedList is the public records that show another: the first of them, and
// how many more there are.
type CarriedList struct {
	Listed []Carried
	More   int
	// Most means that there are more than were counted.
	Most bool
}

// Count is how many there are at least.
func (l CarriedList) Count() int { return len(l.Listed) + l.More }

const (
	// carriedListed is how many of the records that show another are named.
	carriedListed = 100
	// carriedCounted is how many are counted: an institution may stand in any
	// number of incidents.
	carriedCounted = 1000
)

// carriedBy lists the public records that show one of the given, which are
// named by their references.
func carriedBy(ctx context.Context, q *desk.Queries, w *record.Writer, references []string) (CarriedList, error) {
	showing, err := w.Showing(ctx, references, carriedCounted+1)
	if err != nil || len(showing) == 0 {
		return CarriedList{}, err
	}
	out := CarriedList{Most: len(showing) > carriedCounted}
	showing = showing[:min(len(showing), carriedCounted)]
	listed := showing[:min(len(showing), carriedListed)]
	out.More = len(showing) - len(listed)
	names := make([]string, len(listed))
	for i, s := range listed {
		names[i] = s.Reference
	}
	heads, err := q.RecordsByReference(ctx, names)
	if err != nil {
		return CarriedList{}, err
	}
	ids := make([]register.Ref, 0, len(heads))
	for _, h := range heads {
		ids = append(ids, h.ID)
	}
	titles, err := q.Titles(ctx, ids)
	for _, s := range listed {
		head := heads[s.Reference]
		out.Listed = append(out.Listed, Carried{Showing: s, ID: head.ID, Type: head.Type, Title: titles[head.ID]})
	}
	return out, err
}

// Review returns what was sent to review together. It returns ErrForbidden for
// who may not draft, and ErrNotFound.
func (e *Editorial) Review(ctx context.Context, actor register.Actor, id string) (Reviewing, error) {
	if !actor.Role.Can(register.MayDraft) {
		return Reviewing{}, register.ErrForbidden
	}
	var r Reviewing
	err := e.db.Read(ctx, func(q store.Querier) error {
		reader := &reviewReader{desk: desk.New(q), record: record.NewWriter(q), r: &r}
		return reader.read(ctx, actor, id)
	})
	return r, err
}

// reviewReader puts a Reviewing together.
type reviewReader struct {
	desk   *desk.Queries
	record *record.Writer
	r      *Reviewing
}

func (rr *reviewReader) read(ctx context.Context, actor register.Actor, id string) error {
	bundle, members, err := rr.desk.Bundle(ctx, id)
	if err != nil {
		return err
	}
	rr.r.Bundle = bundle
	ids := make([]register.Ref, len(members))
	for i, m := range members {
		ids[i] = m.Record
	}
	for _, step := range []func() error{
		func() error { return rr.members(ctx, members, ids) },
		func() error { return rr.carried(ctx) },
		func() error { rr.r.Checks, err = rr.desk.Checks(ctx, id); return err },
		func() error { rr.r.Comments, err = rr.desk.Comments(ctx, ids); return err },
		func() error { rr.r.OwnPart, err = rr.desk.Parts(ctx, actor.ID, ids); return err },
		func() error { return rr.schedule(ctx, id) },
		func() error { return rr.titles(ctx) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (rr *reviewReader) schedule(ctx context.Context, id string) error {
	s, err := rr.desk.LastSchedule(ctx, id)
	if errors.Is(err, register.ErrNotFound) {
		return nil
	}
	rr.r.Schedule = s
	return err
}

func (rr *reviewReader) members(ctx context.Context, members []desk.Member, ids []register.Ref) error {
	heads, err := rr.desk.Heads(ctx, ids)
	if err != nil {
		return err
	}
	rr.r.Approved, rr.r.Stands = true, true
	for _, m := range members {
		at := slices.IndexFunc(heads, func(h desk.Record) bool { return h.ID == m.Record })
		if at < 0 {
			continue
		}
		reviewed, err := rr.member(ctx, heads[at], m)
		if err != nil {
			return err
		}
		rr.r.Members = append(rr.r.Members, reviewed)
		if heads[at].State != desk.StateApproved {
			rr.r.Approved, rr.r.Stands = false, false
			continue
		}
		stands, err := rr.desk.ApprovalStands(ctx, m)
		if err != nil {
			return err
		}
		rr.r.Stands = rr.r.Stands && stands
	}
	return nil
}

func (rr *reviewReader) member(ctx context.Context, head desk.Record, m desk.Member) (Reviewed, error) {
	out := Reviewed{Head: head, Version: m.Version, Before: emptyDraft(head.Type)}
	before, err := rr.desk.PublishedBefore(ctx, m)
	if err != nil {
		return out, err
	}
	if out.After, err = rr.revision(ctx, head, m.Version); err != nil {
		return out, err
	}
	if before > 0 {
		if out.Before, err = rr.revision(ctx, head, before); err != nil {
			return out, err
		}
	}
	if head.Reference != "" {
		if out.Edition, err = rr.record.LastNumber(ctx, head.Reference); err != nil {
			return out, err
		}
	}
	if !rr.r.Open() {
		return out, nil
	}
	if out.Cited, err = rr.desk.Sources(ctx, register.CitedSources(out.After.noun())); err != nil {
		return out, err
	}
	out.Cited = register.PublicSources(out.Cited)
	out.CitedBefore, err = rr.record.CitedNow(ctx, head.Reference)
	return out, err
}

// revision is a version as it was kept; one that was not kept, because its
// content was taken down, is empty.
func (rr *reviewReader) revision(ctx context.Context, head desk.Record, version int) (Draft, error) {
	draft := emptyDraft(head.Type)
	draft.ID, draft.Version = head.ID, version
	err := rr.desk.Revision(ctx, head.ID, version, draft.noun())
	if errors.Is(err, register.ErrNotFound) {
		return draft, nil
	}
	return draft, err
}

func (rr *reviewReader) carried(ctx context.Context) error {
	if !rr.r.Open() {
		return nil
	}
	var references []string
	for _, m := range rr.r.Members {
		if m.Head.Reference != "" {
			references = append(references, m.Head.Reference)
		}
	}
	var err error
	rr.r.Carried, err = carriedBy(ctx, rr.desk, rr.record, references)
	return err
}

// titles looks up how to call whatever is pointed to.
func (rr *reviewReader) titles(ctx context.Context) error {
	var ids []register.Ref
	for _, m := range rr.r.Members {
		ids = append(ids, m.Head.ID)
		for _, draft := range []Draft{m.Before, m.After} {
			register.EachRef(draft.noun(), func(ref *register.Ref) { ids = append(ids, *ref) })
		}
	}
	titles, err := rr.desk.Titles(ctx, ids)
	rr.r.Titles = titles
	for i := range rr.r.Members {
		rr.r.Members[i].Title = titles[rr.r.Members[i].Head.ID]
	}
	return err
}

// Titles returns how records are called at the desk. It returns ErrForbidden
// for who may not draft.
func (e *Editorial) Titles(ctx context.Context, actor register.Actor, ids []register.Ref) (map[register.Ref]register.Text, error) {
	if !actor.Role.Can(register.MayDraft) {
		return nil, register.ErrForbidden
	}
	return desk.New(e.db.Querier()).Titles(ctx, ids)
}
