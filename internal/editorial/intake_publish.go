package editorial

import (
	"context"
	"slices"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/store/record"
)

// recognise finds the institutions that the register has: by any of their names,
// where the country does not speak against it, or by the address.
func (t *intake) recognise(ctx context.Context) error {
	var names, slugs []string
	for _, a := range t.fresh {
		for _, i := range a.Institutions {
			slugs = append(slugs, i.Slug)
			names = append(names, nameLines(i)...)
		}
	}
	if len(slugs) == 0 {
		return nil
	}
	list, err := t.desk.InstitutionsNamed(ctx, names, slugs)
	if err != nil {
		return err
	}
	called := map[string][]desk.NamedInstitution{}
	for _, n := range list {
		called[n.Name] = append(called[n.Name], n)
	}
	for _, a := range t.fresh {
		for _, i := range a.Institutions {
			if _, ok := t.found[i.Slug]; ok {
				continue
			}
			if n, ok := recogniseOne(i, called); ok {
				t.found[i.Slug], t.ids[register.Ref(i.Slug)] = n, n.Record.ID
				t.counts.InstitutionsRecognised++
			}
		}
	}
	return nil
}

// nameLines are the names of an institution as lines of the directory.
func nameLines(i register.Institution) []string {
	var out []string
	for _, n := range i.Names {
		if folded := record.Fold(n.Name); folded != "" {
			out = append(out, " "+folded)
		}
	}
	return out
}

// recogniseOne finds an institution among those that are called as it is. One name
// in two countries is two institutions; where a country is not known, only a name
// that one alone has is enough.
func recogniseOne(i register.Institution, called map[string][]desk.NamedInstitution) (desk.NamedInstitution, bool) {
	for _, name := range append(nameLines(i), i.Slug) {
		var same, unknown []desk.NamedInstitution
		for _, n := range called[name] {
			switch {
			case n.Country == i.Country:
				same = append(same, n)
			case n.Country == "" || i.Country == "":
				unknown = append(unknown, n)
			}
		}
		if len(same) == 0 {
			same = unknown
		}
		if len(same) == 1 {
			return same[0], true
		}
	}
	if with := called[i.Slug]; len(with) > 0 { // its address is taken: there is no other of it
		return with[0], true
	}
	return desk.NamedInstitution{}, false
}

// PublishBrought publishes what was brought in and may be public, in one transaction, by the
// way that two persons take. What stays a draft is reported. On an error nothing is
// published; PublishAgain tries what it is told once more.
func (e *Editorial) PublishBrought(ctx context.Context, i *Importing, b *Brought) (published int, err error) {
	err = e.db.InTx(ctx, func(q store.Querier) error {
		b.t.q, b.t.desk = q, desk.New(q)
		if err := record.NewWriter(q).LockGeneration(ctx); err != nil {
			return err
		}
		published, err = b.t.publish(ctx)
		return err
	})
	return published, err
}

func (t *intake) publish(ctx context.Context) (int, error) {
	t.counts, t.notes = register.ImportCounts{}, nil
	chosen, err := t.choose(ctx)
	if err != nil {
		return 0, err
	}
	if len(chosen) > 0 {
		if err := t.publishChosen(ctx, chosen); err != nil {
			return 0, err
		}
	}
	return t.counts.Published, t.advance(ctx, 0)
}

func (t *intake) publishChosen(ctx context.Context, chosen map[register.Ref]*Draft) error {
	p := t.e.publication(t.q, t.publisher, t.reason)
	if err := p.count(ctx); err != nil {
		return err
	}
	ids := make([]register.Ref, 0, len(chosen))
	for id, draft := range chosen {
		ids = append(ids, id)
		head := draft.head()
		head.State = desk.StateApproved
		p.items = append(p.items, &item{
			head: head, draft: *draft, author: t.actor.ID, authorRole: t.actor.Role, reviewer: t.publisher.ID, reviewerRole: t.publisher.Role,
		})
	}
	p.approve = func(ctx context.Context) error { return t.desk.ApproveNew(ctx, ids, t.actor.ID, t.publisher.ID) }
	_, err := p.make(ctx)
	return err
}

// validate asks of each draft what the desk asks of what is published.
func (t *intake) validate() {
	t.wrong = map[register.Ref]register.Problems{}
	for id, d := range t.drafts {
		t.wrong[id] = d.validate()
	}
}

// choose returns the drafts that may be published, by identifier: those of arrivals
// against which nothing speaks, with the institutions that they name.
func (t *intake) choose(ctx context.Context) (map[register.Ref]*Draft, error) {
	for _, a := range t.fresh {
		if a.Hold != "" {
			t.hold(a, a.Hold, a.Detail)
			continue
		}
		for _, id := range t.own(a) {
			if found := t.wrong[id]; len(found) > 0 {
				t.hold(a, register.HoldInvalid, found[0].Field+": "+found[0].Key)
			}
		}
	}
	public, err := t.public(ctx)
	if err != nil {
		return nil, err
	}
	for again := true; again; {
		again = false
		for _, a := range t.fresh {
			if !t.held[a] && !t.standsAlone(a, public) {
				t.hold(a, register.HoldNotPublic, "")
				again = true
			}
		}
	}
	chosen := map[register.Ref]*Draft{}
	for _, a := range t.fresh {
		if t.held[a] {
			continue
		}
		for _, id := range append(t.own(a), t.pointedTo(a)...) {
			if d := t.drafts[id]; d != nil {
				chosen[id] = d
			}
		}
		if _, slug := subject(a); t.drafts[t.ids[register.Ref(slug)]] != nil {
			t.counts.Published++
		}
	}
	return chosen, nil
}

// own are the records that an arrival makes, or shares with others that arrived
// with it.
func (t *intake) own(a *register.Arrival) []register.Ref {
	var out []register.Ref
	add := func(slug string) {
		if id := t.ids[register.Ref(slug)]; t.drafts[id] != nil {
			out = append(out, id)
		}
	}
	for _, i := range a.Institutions {
		add(i.Slug)
	}
	if a.Statement != nil {
		add(a.Statement.Slug)
	}
	if a.Incident != nil {
		add(a.Incident.Slug)
	}
	return out
}

// pointedTo are the records to which those of an arrival point.
func (t *intake) pointedTo(a *register.Arrival) []register.Ref {
	var out []register.Ref
	for _, id := range t.own(a) {
		register.EachRef(t.drafts[id].noun(), func(ref *register.Ref) { out = append(out, *ref) })
	}
	return out
}

// public tells which of the records to which drafts point, and which are not made
// with them, are public. Drafts of institutions that an import made are taken in, to
// be published along.
func (t *intake) public(ctx context.Context) (map[register.Ref]bool, error) {
	var others []register.Ref
	for _, a := range t.fresh {
		for _, ref := range t.pointedTo(a) {
			if t.drafts[ref] == nil {
				others = append(others, ref)
			}
		}
	}
	references, err := t.desk.PublicReferences(ctx, others)
	if err != nil {
		return nil, err
	}
	out := map[register.Ref]bool{}
	others = slices.DeleteFunc(others, func(id register.Ref) bool {
		_, is := references[id]
		out[id] = is
		return is
	})
	return out, t.takeIn(ctx, others)
}

// takeIn reads the institutions among records that an import made and nobody changed
// since.
func (t *intake) takeIn(ctx context.Context, records []register.Ref) error {
	if len(records) == 0 {
		return nil
	}
	heads, err := t.desk.LockRecords(ctx, records)
	if err != nil {
		return err
	}
	for _, head := range heads {
		author, _, err := t.desk.LastAuthor(ctx, head.ID)
		if err != nil {
			return err
		}
		if head.Type != register.TypeInstitution || head.State != desk.StateDraft || author != t.actor.ID {
			continue
		}
		draft, err := load(ctx, t.desk, head)
		if err != nil {
			return err
		}
		if len(draft.validate()) == 0 {
			t.drafts[head.ID] = &draft
		}
	}
	return nil
}

// PublishAgain publishes what was brought in before and is a draft yet, as it stands at
// the desk: after a kill, and where others failed what may be public. The arrivals are
// what their origins become.
func (e *Editorial) PublishAgain(ctx context.Context, i *Importing, arrivals []register.Arrival) (published int, err error) {
	err = e.db.InTx(ctx, func(q store.Querier) error {
		t := e.intake(q, i)
		// Before any record is locked, as whoever publishes one of them by hand does.
		if err := record.NewWriter(q).LockGeneration(ctx); err != nil {
			return err
		}
		if err := t.begin(ctx); err != nil {
			return err
		}
		if err := t.readAgain(ctx, arrivals); err != nil {
			return err
		}
		t.validate()
		published, err = t.publish(ctx)
		return err
	})
	return published, err
}

// readAgain puts the drafts in the place of what arrived.
func (t *intake) readAgain(ctx context.Context, arrivals []register.Arrival) error {
	ids := make([]string, len(arrivals))
	for i := range arrivals {
		ids[i] = arrivals[i].Origin.ID
	}
	records, err := t.desk.RecordsOfOrigins(ctx, t.Format, ids)
	if err != nil {
		return err
	}
	for i := range arrivals {
		heads, err := t.desk.LockRecords(ctx, []register.Ref{records[arrivals[i].Origin.ID]})
		if err != nil {
			return err
		}
		if len(heads) == 0 || heads[0].State != desk.StateDraft {
			continue
		}
		draft, err := load(ctx, t.desk, heads[0])
		if err != nil {
			return err
		}
		a := &register.Arrival{Origin: arrivals[i].Origin, Hold: arrivals[i].Hold, Detail: arrivals[i].Detail, Incident: draft.Incident, Statement: draft.Statement}
		if draft.Institution != nil {
			a.Institutions = []register.Institution{*draft.Institution}
		}
		t.ids[register.Ref(draft.head().Slug)], t.drafts[draft.ID] = draft.ID, &draft
		t.fresh = append(t.fresh, a)
	}
	return nil
}

// Unpublished returns origins of what an import brought in and neither published nor
// reported.
func (e *Editorial) Unpublished(ctx context.Context, i *Importing, limit int) ([]register.Origin, error) {
	return desk.New(e.db.Querier()).UnpublishedOrigins(ctx, i.ID, limit)
}

// standsAlone reports whether everything to which an arrival points is public, or
// becomes so with it.
func (t *intake) standsAlone(a *register.Arrival, public map[register.Ref]bool) bool {
	for _, ref := range t.pointedTo(a) {
		if public[ref] {
			continue
		}
		d := t.drafts[ref]
		if d == nil {
			return false
		}
		if d.Institution == nil && t.isHeld(ref) || len(t.wrong[ref]) > 0 {
			return false
		}
	}
	return true
}

// isHeld reports whether the arrival that makes a record stays a draft.
func (t *intake) isHeld(id register.Ref) bool {
	for a := range t.held {
		if slices.Contains(t.own(a), id) {
			return true
		}
	}
	return false
}
