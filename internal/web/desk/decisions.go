package desk

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	storedesk "github.com/sijil/sijil/internal/store/desk"
	views "github.com/sijil/sijil/views/desk"
	"github.com/sijil/sijil/views/ui"
)

// Decisions answers the list of what waits for a second person, with a search
// for public records about which something may be asked.
func (d *Desk) Decisions(ctx context.Context, r Request) (Answer, error) {
	loc := d.loc(r)
	list, err := d.editorial.Decisions(ctx, r.Who.Actor)
	if err != nil {
		return Answer{}, err
	}
	titles, err := d.editorial.Titles(ctx, r.Who.Actor, recordsOf(list))
	if err != nil {
		return Answer{}, err
	}
	page := views.DecisionsPage{Frame: d.frame(r, loc.T("decisions.title"))}
	for _, x := range list {
		page.Waiting = append(page.Waiting, views.DecisionRow{
			Href: page.To("/desk/decisions/" + x.ID), Kind: loc.Label("decision", string(x.Kind)), Title: titleOr(loc, titles[x.Record.ID], x.Record.Reference),
			Reference: x.Record.Reference, Proposer: x.Proposer, At: d.moment(r, x.ProposedAt), Own: x.ProposedBy == r.Who.ID,
		})
	}
	return d.findPublished(ctx, r, page)
}

func recordsOf(list []storedesk.Decision) []register.Ref {
	out := make([]register.Ref, len(list))
	for i := range list {
		out[i] = list[i].Record.ID
	}
	return out
}

// titleOr is the title of a record, or its reference where the title is gone.
func titleOr(loc *i18n.Localizer, title register.Text, reference string) ui.Text {
	if t := said(loc, title); !t.IsZero() {
		return t
	}
	return ui.Text{S: reference, Lang: loc.Lang()}
}

// findPublished adds the public records that the search finds, or those that
// were worked on last.
func (d *Desk) findPublished(ctx context.Context, r Request, page views.DecisionsPage) (Answer, error) {
	loc := d.loc(r)
	typed := strings.TrimSpace(r.Query.Get("q"))
	page.Query = ui.Field{Name: "q", Label: loc.T("decisions.query"), Hint: loc.T("decisions.query-hint"), Value: typed}
	for _, t := range register.RecordTypes() {
		rows, _, err := d.editorial.List(ctx, r.Who.Actor, storedesk.ListFilter{Type: t, State: storedesk.StatePublished}, typed)
		if err != nil {
			return Answer{}, err
		}
		const most = 5
		for _, row := range rows[:min(len(rows), most)] {
			page.Rows = append(page.Rows, views.CorrectRow{
				Title: titleOr(loc, row.Title, row.Reference), Reference: row.Reference, Links: actLinks(loc, r, row.Type, row.ID),
			})
		}
	}
	if len(page.Rows) == 0 {
		page.None = loc.T("decisions.nothing-found")
	}
	return show(views.Decisions(page)), nil
}

// Decision answers one decision: what was proposed, and exactly what confirming
// it does.
func (d *Desk) Decision(ctx context.Context, r Request) (Answer, error) {
	x, effects, err := d.editorial.Decision(ctx, r.Who.Actor, r.Params["decision"])
	if err != nil {
		return Answer{}, err
	}
	return show(views.Decision(d.decisionPage(r, x, effects))), nil
}

// Decide confirms or refuses a decision.
func (d *Desk) Decide(ctx context.Context, r Request) (Answer, error) {
	id := r.Params["decision"]
	x, effects, err := d.editorial.Decision(ctx, r.Who.Actor, id)
	if err != nil {
		return Answer{}, err
	}
	done := string(x.Kind) + "-confirmed"
	switch r.Form.Get("do") {
	case "confirm":
		err = d.editorial.Confirm(ctx, r.Who.Actor, id)
	case "finish":
		err = d.editorial.FinishTakedown(ctx, id)
	case "refuse":
		done = "decision-refused"
		err = d.editorial.Refuse(ctx, r.Who.Actor, id, strings.TrimSpace(r.Form.Get("answer")))
	default:
		err = register.ErrInvalid
	}
	if err == nil {
		return goTo("/desk/decisions", done), nil
	}
	return d.undecided(r, x, effects, err)
}

// undecided shows the decision again with why it could not be decided.
func (d *Desk) undecided(r Request, x storedesk.Decision, effects editorial.Effects, err error) (Answer, error) {
	page := d.decisionPage(r, x, effects)
	status := http.StatusUnprocessableEntity
	var problems register.Problems
	switch {
	case errors.As(err, &problems):
		for _, problem := range problems {
			field := problem.Field
			if field != "answer" {
				field = ""
			} else if page.Refuse != nil {
				page.Refuse.Error = d.loc(r).T(problem.Key)
			}
			page.Problems = append(page.Problems, ui.Problem{ID: field, Text: d.loc(r).T(problem.Key)})
		}
	case errors.Is(err, register.ErrConflict):
		status = http.StatusConflict
		page.Problems = []ui.Problem{{Text: d.loc(r).T("decisions.changed-meanwhile")}}
	case errors.Is(err, register.ErrNotConfigured):
		page.Problems = []ui.Problem{{Text: d.loc(r).T("correct.not-configured")}}
	default:
		return Answer{}, err
	}
	return Answer{Status: status, Page: views.Decision(page)}, nil
}

func (d *Desk) decisionPage(r Request, x storedesk.Decision, effects editorial.Effects) views.DecisionPage {
	loc := d.loc(r)
	page := views.DecisionPage{
		Frame: d.frame(r, loc.Label("decision", string(x.Kind))), Record: titleOr(loc, effects.Title, x.Record.Reference),
		Facts: d.decisionFacts(r, x, effects),
	}
	for _, lang := range register.Langs() {
		if words := x.Reason[lang]; words != "" {
			page.Reasons = append(page.Reasons, inLang(loc, lang, words))
		}
	}
	if x.Outcome != "" {
		page.Closed = loc.T("decisions."+x.Outcome, "who", x.Decider, "time", d.moment(r, x.DecidedAt))
		if len(x.PendingFiles) > 0 && d.editorial.CanTakeDown() {
			page.Finish = loc.N("decisions.finish", len(x.PendingFiles))
		}
		return page
	}
	page.Effects = effectsOf(loc, x, effects)
	confirm, may := editorial.MayDecide(r.Who.Actor, x)
	switch {
	case !confirm:
		page.Warning = loc.T("decisions.other-person")
	case x.Kind == storedesk.DecideTakedown && !d.editorial.CanTakeDown():
		page.Warning = loc.T("correct.not-configured")
	default:
		page.Confirm = loc.T("decisions.confirm." + string(x.Kind))
	}
	if may {
		page.Refuse = &ui.Field{Name: "answer", Label: loc.T("decisions.answer"), Type: "textarea", Rows: 3, Value: r.Form.Get("answer")}
	}
	return page
}

// decisionFacts are who proposed what about which record.
func (d *Desk) decisionFacts(r Request, x storedesk.Decision, effects editorial.Effects) []ui.Labelled {
	loc := d.loc(r)
	plain := func(key, words string) ui.Labelled {
		return ui.Labelled{Label: loc.T(key), Text: ui.Text{S: words, Lang: r.Lang}}
	}
	out := []ui.Labelled{
		plain("decisions.record", x.Record.Reference),
		plain("decisions.proposer", x.Proposer+" · "+d.moment(r, x.ProposedAt)),
	}
	switch x.Kind {
	case storedesk.DecideMerge:
		target := titleOr(loc, effects.Target, x.Target.Reference)
		target.S += " · " + x.Target.Reference
		out = append(out, ui.Labelled{Label: loc.T("correct.target"), Text: target})
	case storedesk.DecideTakedown:
		out = append(out, plain("decisions.editions", loc.T("decisions.editions-from-to", "first", x.First, "last", x.Last)))
	case storedesk.DecideWithdrawal:
	}
	if x.Note != "" {
		out = append(out, plain("correct.note", x.Note))
	}
	if x.Answer != "" {
		out = append(out, plain("decisions.answer", x.Answer))
	}
	return out
}
