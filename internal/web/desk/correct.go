package desk

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	storedesk "github.com/sijil/sijil/internal/store/desk"
	views "github.com/sijil/sijil/views/desk"
)

// act is a page on which something is asked for about a public record.
type act struct {
	*Desk
	r       Request
	name    string // last part of the address: merge, rename, withdraw, takedown
	head    storedesk.Record
	effects editorial.Effects
	waiting *storedesk.Decision
	values  url.Values
	wrong   fieldProblems
	// found are what was meant perhaps by what was typed to find something.
	found []choice
}

// choice is a record or a source that can be chosen.
type choice struct{ value, label string }

// openAct reads the record of the page. ErrNotFound for one of another type
// than the address says, and for one that was never public.
func (d *Desk) openAct(ctx context.Context, r Request) (*act, error) {
	parts := strings.Split(r.Path, "/") // "", desk, incidents, {id}, merge
	p := &act{Desk: d, r: r, name: parts[len(parts)-1], values: r.Form}
	var err error
	if p.head, err = d.editorial.Head(ctx, r.Who.Actor, register.Ref(r.Params["id"])); err != nil {
		return nil, err
	}
	if parts[2] != segmentOf(p.head.Type) || p.head.Reference == "" {
		return nil, register.ErrNotFound
	}
	p.effects, err = d.editorial.EffectsOf(ctx, r.Who.Actor, storedesk.Decision{Kind: p.kind(), Record: p.head})
	if err != nil {
		return nil, err
	}
	list, err := d.editorial.DecisionsOn(ctx, r.Who.Actor, p.head.ID)
	if i := slices.IndexFunc(list, func(x storedesk.Decision) bool { return x.Outcome == "" }); i >= 0 {
		p.waiting = &list[i]
	}
	return p, err
}

// kind is the decision that the page asks for.
func (p *act) kind() storedesk.DecisionKind {
	switch p.name {
	case "merge":
		return storedesk.DecideMerge
	case "takedown":
		return storedesk.DecideTakedown
	}
	return storedesk.DecideWithdrawal
}

func (p *act) get(name string) string { return strings.TrimSpace(p.values.Get(name)) }

// fill takes what was typed and not saved, or else what the form begins with.
func (p *act) fill(ctx context.Context, first url.Values) (*views.Restored, error) {
	typed, restored, err := p.typed(ctx, p.r)
	p.values = typed
	if typed == nil {
		p.values = first
	}
	return restored, err
}

// showAct answers the form.
func (d *Desk) showAct(ctx context.Context, r Request) (Answer, error) {
	p, err := d.openAct(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	restored, err := p.fill(ctx, url.Values{"first": {"1"}, "last": {strconv.Itoa(p.effects.Current)}})
	if err != nil {
		return Answer{}, err
	}
	page := p.page()
	page.Restored = restored
	return show(views.Correct(page)), nil
}

// ask hands in what the form asks for, and leads to the decision that waits.
func (p *act) ask(id string, err error, done string) (Answer, error) {
	if problems, ok := errors.AsType[register.Problems](err); ok {
		p.tell(problems)
		return refuse(views.Correct(p.page())), nil
	}
	if err != nil {
		return Answer{}, err
	}
	return goTo("/desk/decisions/"+id, done), nil
}

// tell puts problems at the fields where they can be mended.
func (p *act) tell(problems register.Problems) {
	loc := p.loc(p.r)
	for _, x := range problems {
		field := x.Field
		switch field {
		case "editions":
			field = "last"
		case "record":
			field = ""
		case "sources":
			field = "find"
		case "target":
			field = "find"
		case "names":
			field = "official.fr"
		}
		p.wrong.add(field, loc.T(x.Key))
	}
}

// AskMerge answers the form that asks to merge a record into another.
func (d *Desk) AskMerge(ctx context.Context, r Request) (Answer, error) { return d.showAct(ctx, r) }

// Merge proposes the merge.
func (d *Desk) Merge(ctx context.Context, r Request) (Answer, error) {
	p, err := d.openAct(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	target, err := p.target(ctx)
	if err != nil {
		return Answer{}, err
	}
	if len(p.found) > 0 {
		return refuse(views.Correct(p.page())), nil
	}
	id, err := d.editorial.ProposeMerge(ctx, r.Who.Actor, editorial.Merge{
		Record: p.head.ID, Target: target, Reason: textOf(p.get, "reason"),
	})
	return p.ask(id, err, "merge-proposed")
}

// target is the record that was chosen, or that what was typed names; what it
// names perhaps is offered to be chosen.
func (p *act) target(ctx context.Context) (register.Ref, error) {
	if chosen := p.get("found"); chosen != "" {
		return register.Ref(chosen), nil
	}
	typed := p.get("find")
	if typed == "" {
		return "", nil
	}
	head, err := p.editorial.FindPublished(ctx, p.r.Who.Actor, p.head.Type, typed)
	if !errors.Is(err, register.ErrNotFound) {
		return head.ID, err
	}
	picked, err := p.editorial.Pick(ctx, p.r.Who.Actor, p.head.Type, typed, 10)
	for _, x := range picked {
		if x.ID != p.head.ID && x.Reference != "" {
			p.found = append(p.found, choice{string(x.ID), said(p.loc(p.r), x.Title).S + " · " + x.Reference})
		}
	}
	if len(p.found) > 0 {
		p.wrong.add("found", p.loc(p.r).T("correct.choose-found"))
	}
	return "", err
}

// AskWithdrawal answers the form that asks to withdraw a record.
func (d *Desk) AskWithdrawal(ctx context.Context, r Request) (Answer, error) {
	return d.showAct(ctx, r)
}

// Withdraw proposes the withdrawal.
func (d *Desk) Withdraw(ctx context.Context, r Request) (Answer, error) {
	p, err := d.openAct(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	id, err := d.editorial.ProposeWithdrawal(ctx, r.Who.Actor, editorial.Withdrawal{
		Record: p.head.ID, Notice: textOf(p.get, "reason"), Note: p.get("note"),
	})
	return p.ask(id, err, "withdrawal-proposed")
}

// AskTakedown answers the form that asks to take editions down by law.
func (d *Desk) AskTakedown(ctx context.Context, r Request) (Answer, error) { return d.showAct(ctx, r) }

// TakeDown requests the takedown.
func (d *Desk) TakeDown(ctx context.Context, r Request) (Answer, error) {
	p, err := d.openAct(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	t := editorial.Takedown{
		Record: p.head.ID, First: atoi(p.get("first")), Last: atoi(p.get("last")),
		Reason: textOf(p.get, "reason"), Note: p.get("note"),
	}
	if t.Last > p.effects.Current {
		t.Last = 0 // there is no such edition, and the field says so
	}
	id, err := d.editorial.RequestTakedown(ctx, r.Who.Actor, t)
	return p.ask(id, err, "takedown-requested")
}
