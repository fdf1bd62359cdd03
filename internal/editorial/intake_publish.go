package editorial

import (
	"context"

	"github.com/sijil/sijil/internal/register"
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

// publish publishes what may be, by the way that two persons take.
func (t *intake) publish(ctx context.Context) error {
	if t.publisher.ID == "" || len(t.records) == 0 {
		return t.desk.AuditAll(ctx, t.audit())
	}
	chosen, err := t.choose(ctx)
	if err != nil {
		return err
	}
	if len(chosen) == 0 {
		return t.desk.AuditAll(ctx, t.audit())
	}
	p := t.e.publication(t.q, t.publisher, t.reason)
	if err := p.record.LockGeneration(ctx); err != nil {
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
	if err := t.desk.ApproveNew(ctx, ids, t.actor.ID, t.publisher.ID); err != nil {
		return err
	}
	p.audits = t.audit()
	_, err = p.make(ctx)
	return err
}

// choose returns the drafts that may be published, by identifier: those of arrivals
// against which nothing speaks, with the institutions that they name.
func (t *intake) choose(ctx context.Context) (map[register.Ref]*Draft, error) {
	wrong := map[register.Ref]register.Problems{}
	for id, d := range t.drafts {
		wrong[id] = d.validate()
	}
	for _, a := range t.fresh {
		if a.Hold != "" {
			t.hold(a, a.Hold, a.Detail)
			continue
		}
		for _, id := range t.own(a) {
			if found := wrong[id]; len(found) > 0 {
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
			if !t.held[a] && !t.standsAlone(a, public, wrong) {
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
// with them, are public. Drafts of institutions that an earlier import made are
// taken in, to be published along.
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
	for id := range references {
		out[id] = true
	}
	for _, n := range t.found {
		if out[n.Record.ID] || n.Author != t.actor.ID || n.Record.State != desk.StateDraft {
			continue
		}
		draft, err := load(ctx, t.desk, n.Record)
		if err != nil {
			return nil, err
		}
		if len(draft.validate()) == 0 {
			t.drafts[n.Record.ID] = &draft
		}
	}
	return out, nil
}

// standsAlone reports whether everything to which an arrival points is public, or
// becomes so with it.
func (t *intake) standsAlone(a *register.Arrival, public map[register.Ref]bool, wrong map[register.Ref]register.Problems) bool {
	for _, ref := range t.pointedTo(a) {
		if public[ref] {
			continue
		}
		d := t.drafts[ref]
		if d == nil {
			return false
		}
		if d.Institution == nil && t.isHeld(ref) || len(wrong[ref]) > 0 {
			return false
		}
	}
	return true
}

// isHeld reports whether the arrival that makes a record stays a draft.
func (t *intake) isHeld(id register.Ref) bool {
	for a := range t.held {
		for _, own := range t.own(a) {
			if own == id {
				return true
			}
		}
	}
	return false
}
