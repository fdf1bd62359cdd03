package desk

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/web/desk/form"
	views "github.com/sijil/sijil/views/desk"
	"github.com/sijil/sijil/views/ui"
)

// step is the page that makes a step of a referral out of a claim, while it is
// made.
type step struct {
	*Desk
	r      Request
	s      *openStatement
	claim  *register.Claim
	values url.Values
	wrong  fieldProblems
	drafts map[register.Ref]editorial.Draft // of the incidents
}

func (d *Desk) openStep(ctx context.Context, r Request, claim string) (*step, error) {
	s, err := d.openStatement(ctx, r)
	if err != nil {
		return nil, err
	}
	p := &step{Desk: d, r: r, s: s, claim: s.Claim(claim), drafts: map[register.Ref]editorial.Draft{}}
	if p.claim == nil {
		return nil, register.ErrNotFound
	}
	for _, i := range s.incidents {
		if p.drafts[i.ID], _, err = d.editorial.Load(ctx, r.Who.Actor, i.ID); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// NewStep answers the form of a step that a claim announces, filled with what
// the claim says: to send it is to confirm it.
func (d *Desk) NewStep(ctx context.Context, r Request) (Answer, error) {
	if r.Query.Get("claim") == "" { // the claims are where one is chosen
		if _, err := d.openStatement(ctx, r); err != nil {
			return Answer{}, err
		}
		return goTo("/desk/statements/"+r.Params["id"]+"/claims", ""), nil
	}
	p, err := d.openStep(ctx, r, r.Query.Get("claim"))
	if err != nil {
		return Answer{}, err
	}
	p.values = p.proposed()
	return show(views.Step(p.page())), nil
}

// MakeStep adds the step to a referral of an incident's draft, or a referral
// with it.
func (d *Desk) MakeStep(ctx context.Context, r Request) (Answer, error) {
	p, err := d.openStep(ctx, r, r.Form.Get("claim"))
	if err != nil {
		return Answer{}, err
	}
	p.values = r.Form
	incident, referral, _ := strings.Cut(p.get("where"), "#")
	draft, ok := p.drafts[register.Ref(incident)]
	if !ok {
		p.wrong.add("where", p.loc(r).T("make-step.where-missing"))
	}
	made := p.read()
	if ok && made.Title[draft.Incident.Language] == "" {
		lang := string(draft.Incident.Language)
		p.wrong.add("title."+lang, p.loc(r).T("make-step.title-missing", "language", p.loc(r).Language(lang)))
	}
	if !p.wrong.empty() {
		return refuse(views.Step(p.page())), nil
	}
	seen := editorial.Version{ID: draft.ID, Version: atoi(p.values.Get("version." + incident))}
	chosen := answers(r.Form)
	saved, err := d.editorial.ChangeIncident(ctx, r.Who.Actor, seen, chosen, func(i *register.Incident) error {
		return p.add(i, referral, made)
	})
	if x, ok := errors.AsType[*editorial.CollisionError](err); ok {
		loc := p.loc(r)
		return d.collided(ctx, r, collision{
			record: ui.Link{Href: "/" + r.Lang + recordPath(register.TypeIncident, draft.ID), Text: said(loc, draft.Incident.Title)},
			typ:    register.TypeIncident, heading: loc.T("make-step.title"), part: loc.T("form.part.referrals"),
			values: r.Form, conflicts: x.Conflicts,
		})
	}
	if err != nil {
		return Answer{}, err
	}
	done := "step-made"
	if gaveWay(chosen) {
		done = "gave-way"
	}
	return savedTo(statementPath(p.s.head.ID, "claims"), done, seen, saved), nil
}

func (p *step) get(name string) string { return strings.TrimSpace(p.values.Get(name)) }

// proposed is the form as it is filled at first. "We have seized the courts" is
// announced by a party, not an inquiry opened.
func (p *step) proposed() url.Values {
	out := url.Values{"step": {"announced"}, "level": {string(register.AnnouncedByParty)}, "kind": {string(register.ReferralJudicial)}}
	for lang, words := range p.claim.Paraphrase {
		out.Set("title."+string(lang), words)
	}
	for _, lang := range register.Langs() {
		out.Set("to."+string(lang), p.catalog.Localizer(string(lang)).T("make-step.to-unnamed"))
	}
	for id, draft := range p.drafts {
		out.Set("version."+string(id), strconv.Itoa(draft.Version))
	}
	for _, i := range p.s.incidents {
		if out.Get("where") == "" || string(i.ID) == p.r.Query.Get("incident") {
			out.Set("where", string(i.ID)+"#")
		}
	}
	return out
}

// read reads the step; it has the date and the backing of its statement.
func (p *step) read() register.Step {
	loc := p.loc(p.r)
	made := register.Step{Step: p.get("step"), Level: register.Level(p.get("level")), Title: textOf(p.get, "title")}
	if !slices.Contains(register.Steps(), made.Step) {
		p.wrong.add("step", loc.T("make-step.choose"))
	}
	if !slices.Contains(register.Levels(), made.Level) {
		p.wrong.add("level", loc.T("make-step.choose"))
	}
	if !slices.Contains(register.ReferralKinds(), register.ReferralKind(p.get("kind"))) {
		p.wrong.add("kind", loc.T("make-step.choose"))
	}
	if date, ok := p.s.Dates.Preferred(); ok {
		date.Preferred, date.Reason = false, nil
		made.Dates = register.Dates{date}
	}
	made.SaidIn = []register.ClaimRef{{Statement: p.s.head.ID, Claim: p.claim.Key}}
	made.Sources = slices.Clone(p.claim.Sources)
	return made
}

// add adds the step to a referral of the incident, or to a new one.
func (p *step) add(i *register.Incident, referral string, made register.Step) error {
	made.Key = freeFactKey(i, "step-"+made.Step)
	if !slices.Contains(i.Statements, p.s.head.ID) {
		i.Statements = append(i.Statements, p.s.head.ID)
	}
	if referral != "" {
		at := slices.IndexFunc(i.Referrals, func(r register.Referral) bool { return r.Key == referral })
		if at < 0 {
			return register.ErrConflict // somebody else removed it
		}
		i.Referrals[at].Steps = append(i.Referrals[at].Steps, made)
		return nil
	}
	matter := register.Referral{
		Fact: register.Fact{SaidIn: slices.Clone(made.SaidIn), Sources: slices.Clone(made.Sources)},
		Kind: register.ReferralKind(p.get("kind")), Title: made.Title, ToName: textOf(p.get, "to"), Steps: []register.Step{made},
	}
	base := form.Slug(made.Title[register.English], 40)
	if base == "" {
		base = "referral"
	}
	matter.Key = freeFactKey(i, base, made.Key)
	switch {
	case p.s.Issuer != "":
		matter.By = []register.Ref{p.s.Issuer}
	default:
		matter.ByName = p.s.IssuerName
	}
	i.Referrals = append(i.Referrals, matter)
	return nil
}

// freeFactKey is a key that no fact of the incident has, and none of the others.
func freeFactKey(i *register.Incident, base string, others ...string) string {
	taken := map[string]bool{"record": true}
	for _, key := range others {
		taken[key] = true
	}
	register.EachFact(i, func(f *register.Fact) { taken[f.Key] = true })
	key := base
	for n := 2; taken[key]; n++ {
		key = fmt.Sprintf("%s-%d", base, n)
	}
	return key
}

func (p *step) page() views.StepPage {
	loc := p.loc(p.r)
	page := views.StepPage{
		Frame: p.frame(p.r, loc.T("make-step.title")), Head: p.statementHead(p.r, p.s), Problems: p.wrong.summary,
		Claim: p.claim.Key, Topic: loc.Label("topic", string(p.claim.Topic)), Means: said(loc, p.claim.Paraphrase),
		Date: ui.Text{S: when(loc, p.s.Dates), Lang: p.r.Lang},
	}
	if q := quoteOf(p.claim, register.Lang(p.r.Lang)); q != nil {
		page.Words = inLang(loc, q.Language, q.Text)
	}
	if len(p.s.incidents) == 0 {
		page.None = loc.T("make-step.no-incident")
		return page
	}
	page.Where = ui.Field{Label: loc.T("make-step.where"), Hint: loc.T("make-step.where-hint"), Value: p.get("where"), Error: p.wrong.at["where"]}
	for _, i := range p.s.incidents {
		page.Groups = append(page.Groups, p.places(string(i.ID), said(loc, i.Title).S))
		version := "version." + string(i.ID)
		page.Versions = append(page.Versions, ui.Labelled{Label: version, Text: ui.Text{S: p.get(version)}})
	}
	page.Fields = []ui.Field{
		p.choose("step", loc.T("make-step.step"), codeChoices(loc, "step", register.Steps())),
		p.choose("level", loc.T("make-step.level"), codeChoices(loc, "level", register.Levels())),
		p.choose("kind", loc.T("make-step.kind"), codeChoices(loc, "referral-kind", register.ReferralKinds())),
	}
	page.Titles = p.texts3("title", loc.T("make-step.titles"), "", p.get, 2)
	page.To = p.texts3("to", loc.T("make-step.to"), loc.T("make-step.to-hint"), p.get, 2)
	for i := range page.Titles.Inputs {
		page.Titles.Inputs[i].Error = p.wrong.at[page.Titles.Inputs[i].Name]
	}
	return page
}

func (p *step) choose(name, label string, list []ui.Choice) ui.Field {
	return ui.Field{Name: name, Label: label, Type: "select", Value: p.get(name), Choices: list, Error: p.wrong.at[name]}
}

// places are where the step can go in an incident: a new referral, or one that
// is there.
func (p *step) places(incident, title string) views.ChoiceGroup {
	loc := p.loc(p.r)
	out := views.ChoiceGroup{Label: title, Choices: []ui.Choice{{Value: incident + "#", Label: loc.T("make-step.new-referral")}}}
	for _, r := range p.drafts[register.Ref(incident)].Incident.Referrals {
		out.Choices = append(out.Choices, ui.Choice{Value: incident + "#" + r.Key, Label: said(loc, r.Title).S})
	}
	return out
}
