package desk

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
	store "github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/web/desk/form"
	views "github.com/sijil/sijil/views/desk"
)

// claims is the page on which claims are marked, while it is made.
type claims struct {
	*Desk
	r      Request
	s      *openStatement
	beside []store.StatementAt // the other statements of its incidents
	values url.Values
	wrong  fieldProblems
	places []register.Range // where an ambiguous passage stands
	// relay is the text of a press version, which is kept at the desk only.
	relay string
}

// claimFields are those fields of a claim that the page's form has.
func claimFields() *form.Form {
	return form.New(&register.Claim{}, "topic", "paraphrase", "value", "bound", "unit", "quantifier", "modality", "reported_from", "on_timeline")
}

func (d *Desk) openClaims(ctx context.Context, r Request) (*claims, error) {
	s, err := d.openStatement(ctx, r)
	if err != nil {
		return nil, err
	}
	beside, err := d.editorial.StatementsBeside(ctx, r.Who.Actor, s.head.ID)
	return &claims{Desk: d, r: r, s: s, beside: beside}, err
}

// Claims answers the page on which claims are marked in a statement: with an
// empty form, with one of its claims ("claim"), or with what was typed and not
// saved.
func (d *Desk) Claims(ctx context.Context, r Request) (Answer, error) {
	p, err := d.openClaims(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	typed, restored, err := d.typed(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	asked := r.Query.Get("claim")
	if restored != nil && (asked == "" || asked == typed.Get("claim")) {
		p.values = typed
	} else {
		restored = nil
		if p.values, err = p.valuesOf(asked); err != nil {
			return Answer{}, err
		}
	}
	if err := p.readRelay(ctx); err != nil {
		return Answer{}, err
	}
	page := p.page()
	page.Restored = restored
	page.Meanwhile, err = d.meanwhile(ctx, r)
	return show(views.Claims(page)), err
}

// MarkClaim does what the form of a claim asks for: compare it with earlier
// ones, save it, or remove it.
func (d *Desk) MarkClaim(ctx context.Context, r Request) (Answer, error) {
	p, err := d.openClaims(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	p.values = maps.Clone(r.Form)
	p.values.Set("in", p.renderingOr("", r.Form.Get("in")))
	if err := p.readRelay(ctx); err != nil {
		return Answer{}, err
	}
	switch r.Form.Get("do") {
	case "compare":
		if r.Script {
			return show(views.Earlier(p.earlier())), nil
		}
		return show(views.Claims(p.page())), nil
	case "remove":
		return p.remove(ctx)
	}
	return p.save(ctx)
}

func (p *claims) get(name string) string { return strings.TrimSpace(p.values.Get(name)) }

// seen is the version of the statement that the form was made of.
func (p *claims) seen() editorial.Version {
	return editorial.Version{ID: p.s.head.ID, Version: atoi(p.values.Get("version"))}
}

func (p *claims) save(ctx context.Context) (Answer, error) {
	claim := p.read()
	quote, quoted := p.quote()
	if !p.wrong.empty() {
		return refuse(views.Claims(p.page())), nil
	}
	key := p.values.Get("claim")
	made, err := p.editorial.ChangeStatement(ctx, p.r.Who.Actor, p.seen(), answers(p.values), func(s *register.Statement) error {
		at := s.Claim(key)
		if at == nil {
			if key != "" {
				return register.ErrConflict // a version that did not have it
			}
			s.Claims = append(s.Claims, register.Claim{Fact: register.Fact{Key: freeKey(s, claim)}})
			at = &s.Claims[len(s.Claims)-1]
		}
		at.Topic, at.Paraphrase, at.Value, at.Bound, at.Unit = claim.Topic, claim.Paraphrase, claim.Value, claim.Bound, claim.Unit
		at.Quantifier, at.Modality, at.ReportedFrom, at.OnTimeline = claim.Quantifier, claim.Modality, claim.ReportedFrom, claim.OnTimeline
		if quoted {
			at.Quotes = withQuote(at.Quotes, quote)
		}
		at.Relations = p.relations(at.Relations)
		if len(at.Sources) == 0 && len(at.SaidIn) == 0 {
			at.Sources = carriers(s, quote.Rendering)
		}
		return nil
	})
	if err == nil {
		return savedTo(p.r.Path, "claim-saved", p.seen(), made), nil
	}
	return p.refused(ctx, err)
}

func (p *claims) remove(ctx context.Context) (Answer, error) {
	key := p.values.Get("claim")
	chosen := answers(p.values)
	made, err := p.editorial.ChangeStatement(ctx, p.r.Who.Actor, p.seen(), chosen, func(s *register.Statement) error {
		if s.Claim(key) == nil {
			return register.ErrNotFound // no claim of the version that was seen
		}
		s.Claims = slices.DeleteFunc(s.Claims, func(c register.Claim) bool { return c.Key == key })
		for i := range s.Differences {
			d := &s.Differences[i]
			d.Claims = slices.DeleteFunc(d.Claims, func(k string) bool { return k == key })
		}
		return nil
	})
	if err == nil {
		done := "claim-removed"
		if gaveWay(chosen) {
			done = "gave-way"
		}
		return savedTo(p.r.Path, done, p.seen(), made), nil
	}
	if _, collided := errors.AsType[*editorial.CollisionError](err); !collided {
		if values, e := p.valuesOf(key); e == nil {
			p.values = values
		}
	}
	return p.refused(ctx, err)
}

// refused shows the form again where a person can mend what is wrong, and both
// versions where somebody else changed the same.
func (p *claims) refused(ctx context.Context, err error) (Answer, error) {
	if problems, ok := errors.AsType[register.Problems](err); ok {
		for _, x := range problems {
			p.wrong.add("topic", p.loc(p.r).T(x.Key))
		}
		return refuse(views.Claims(p.page())), nil
	}
	if x, ok := errors.AsType[*editorial.CollisionError](err); ok {
		loc := p.loc(p.r)
		return p.collided(ctx, p.r, collision{
			record: p.s.link(p.r, loc), typ: register.TypeStatement, heading: loc.T("attach.step.claims"), part: loc.T("form.part.claims"),
			values: p.values, conflicts: x.Conflicts,
		})
	}
	return Answer{}, err
}

// read reads the claim from the form, and notes what is wrong with it.
func (p *claims) read() *register.Claim {
	loc := p.loc(p.r)
	claim := &register.Claim{}
	problems := claimFields().Read(claim, p.values, form.Reading{Noun: p.s.Statement})
	for _, x := range problems {
		words := loc.T(x.Key)
		if x.Field == "topic" {
			words = loc.T("marker.topic-missing")
		}
		p.wrong.add(x.Field, words)
	}
	if claim.Quantifier == "" {
		claim.Quantifier = register.QuantifierUnstated
	}
	if claim.Modality == "" {
		claim.Modality = register.ModalityAsserts
	}
	if claim.Value != nil && claim.Unit == "" {
		p.wrong.add("unit", loc.T("marker.unit-missing"))
	}
	return claim
}

// quote finds the passage in the text. quoted is false when none was given:
// then the quotes stay as they are.
func (p *claims) quote() (q register.Quote, quoted bool) {
	loc := p.loc(p.r)
	passage := p.get("passage")
	text, lang := p.text()
	q = register.Quote{Language: lang, Text: passage, Rendering: p.values.Get("in")}
	if passage == "" {
		if text != "" && p.values.Get("claim") == "" {
			p.wrong.add("passage", loc.T("marker.passage-missing"))
		}
		return q, false
	}
	if lang == "" {
		q.Language = scriptOf(passage, p.s.Language)
	}
	if text == "" {
		return q, true
	}
	at, ok := p.place(text, passage)
	if !ok {
		return q, false
	}
	q.Text, _ = at.In(text)
	q.Position = at.String()
	return q, true
}

// place is where the passage stands: where the script or the person said, or
// else at the one place where it is found.
func (p *claims) place(text, passage string) (register.Range, bool) {
	loc := p.loc(p.r)
	found := register.FindPassage(text, passage)
	for _, name := range []string{"place", "span"} {
		if at, ok := register.ParseRange(p.values.Get(name)); ok {
			words, _ := at.In(text)
			if slices.Contains(found, at) || strings.TrimSpace(words) == passage {
				return at, true
			}
		}
	}
	switch len(found) {
	case 0:
		p.wrong.add("passage", loc.T("marker.passage-not-found"))
	case 1:
		return found[0], true
	default:
		p.places = found
		p.wrong.add("place", loc.N("marker.passage-ambiguous", len(found)))
	}
	return register.Range{}, false
}

// text is the text in which claims are marked: the original, or the rendering
// that the form names. lang is empty where the language is not stated.
func (p *claims) text() (text string, lang register.Lang) {
	if in := p.s.Rendering(p.values.Get("in")); in != nil {
		return cmp.Or(in.Text, p.relay), in.Language
	}
	return p.s.OriginalText, p.s.OriginalLanguage
}

// readRelay reads the text of a press version, whose words stay at the desk.
func (p *claims) readRelay(ctx context.Context) error {
	in := p.s.Rendering(p.values.Get("in"))
	if in == nil || in.Text != "" || len(in.Sources) == 0 {
		return nil
	}
	text, err := p.editorial.RelayText(ctx, p.r.Who.Actor, in.Sources)
	if text.Language == in.Language {
		p.relay = text.Text
	}
	return ignoreNotFound(err)
}

// withQuote puts the passage of one rendering in the place of the one before.
func withQuote(quotes []register.Quote, q register.Quote) []register.Quote {
	for i := range quotes {
		if quotes[i].Rendering == q.Rendering && !quotes[i].Translation {
			q.Indirect = quotes[i].Indirect
			quotes[i] = q
			return quotes
		}
	}
	return append(quotes, q)
}

// carriers are the sources of a claim: those of the rendering that has its
// words, or of the statement.
func carriers(s *register.Statement, rendering string) []string {
	if r := s.Rendering(rendering); r != nil && len(r.Sources) > 0 {
		return slices.Clone(r.Sources)
	}
	return slices.Clone(s.Sources)
}

// freeKey is a key that no part of the statement has: of the register's words,
// or else of the topic.
func freeKey(s *register.Statement, c *register.Claim) string {
	taken := map[string]bool{"record": true}
	register.EachFact(s, func(f *register.Fact) { taken[f.Key] = true })
	if s.Speaker != nil {
		taken[s.Speaker.Key] = true
	}
	base := form.Slug(c.Paraphrase[register.English], 40)
	if base == "" {
		base = form.Slug(c.Paraphrase[register.French], 40)
	}
	if base == "" {
		base = string(c.Topic)
	}
	key := base
	for n := 2; taken[key]; n++ {
		key = base + "-" + strconv.Itoa(n)
	}
	return key
}

// relations are those that the form decided on, and those to claims that it
// did not show.
func (p *claims) relations(old []register.ClaimRelation) []register.ClaimRelation {
	shown := map[register.ClaimRef]register.ClaimRelationKind{}
	var order []register.ClaimRef
	for n := range mostEarlier {
		name := relationName(n)
		statement, claim, ok := strings.Cut(p.values.Get(name+".to"), "#")
		if !ok {
			break
		}
		to := register.ClaimRef{Statement: register.Ref(statement), Claim: claim}
		kind := register.ClaimRelationKind(p.values.Get(name))
		if p.isEarlier(to) && (kind == "" || slices.Contains(register.ClaimRelationKinds(), kind)) {
			shown[to] = kind
			order = append(order, to)
		}
	}
	var out []register.ClaimRelation
	for _, r := range old {
		kind, decided := shown[r.To]
		if decided && kind == "" {
			continue
		}
		if decided {
			r.Kind = kind
			delete(shown, r.To)
		}
		out = append(out, r)
	}
	for _, to := range order {
		if kind := shown[to]; kind != "" {
			out = append(out, register.ClaimRelation{Kind: kind, To: to})
		}
	}
	return out
}

func (p *claims) isEarlier(to register.ClaimRef) bool {
	for _, s := range p.beside {
		if s.ID == to.Statement {
			return s.Claim(to.Claim) != nil
		}
	}
	return false
}

// mostEarlier bounds the earlier claims on one topic that are shown.
const mostEarlier = 40

func relationName(n int) string { return "relation." + strconv.Itoa(n) }

// saidBefore is an earlier claim with its statement.
type saidBefore struct {
	statement *store.StatementAt
	claim     *register.Claim
}

// before are the claims on a topic that were made before this statement, or on
// the same day, in the order in which they were made; those of statements
// without a date go last.
func (p *claims) before(topic register.Topic) []saidBefore {
	sorted := slices.Clone(p.beside)
	slices.SortStableFunc(sorted, func(a, b store.StatementAt) int { return edtf.Compare(a.Dates.Date(), b.Dates.Date()) })
	own := p.s.Dates.Date()
	var out []saidBefore
	for i := range sorted {
		s := &sorted[i]
		if date := s.Dates.Date(); !own.IsZero() && !date.IsZero() && edtf.Compare(date, own) > 0 {
			continue
		}
		for j := range s.Claims {
			if s.Claims[j].Topic == topic {
				out = append(out, saidBefore{s, &s.Claims[j]})
			}
		}
	}
	if len(out) > mostEarlier {
		out = out[len(out)-mostEarlier:]
	}
	return out
}
