package desk

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	views "github.com/sijil/sijil/views/desk"
	"github.com/sijil/sijil/views/ui"
)

// valuesOf fills the form with a claim of the statement; with none, "" , it is
// the empty form. ErrNotFound for a claim that is not there.
func (p *claims) valuesOf(key string) (url.Values, error) {
	values := url.Values{"in": {p.r.Query.Get("text")}, "version": {strconv.Itoa(p.s.head.Version)}}
	if key == "" {
		values.Set("quantifier", string(register.QuantifierUnstated))
		values.Set("modality", string(register.ModalityAsserts))
		values.Set("in", p.renderingOr(p.usual(), values.Get("in")))
		return values, nil
	}
	claim := p.s.Claim(key)
	if claim == nil {
		return nil, register.ErrNotFound
	}
	maps.Copy(values, claimFields().Values(claim))
	values.Set("claim", key)
	if i := slices.IndexFunc(claim.Quotes, func(q register.Quote) bool { return !q.Translation }); i >= 0 {
		q := claim.Quotes[i]
		values.Set("in", q.Rendering)
		values.Set("passage", q.Text)
		values.Set("span", q.Position)
	}
	return values, nil
}

// usual is the text in which claims are marked when nobody chose another: the
// original, or else the first rendering whose words there are.
func (p *claims) usual() string {
	if p.s.OriginalText != "" || len(p.s.Renderings) == 0 {
		return ""
	}
	with := slices.IndexFunc(p.s.Renderings, func(r register.Rendering) bool { return r.Text != "" })
	return p.s.Renderings[max(with, 0)].Key
}

// renderingOr is the rendering that was asked for, where there is one.
func (p *claims) renderingOr(usual, asked string) string {
	if p.s.Rendering(asked) == nil {
		return usual
	}
	return asked
}

func (p *claims) page() views.ClaimsPage {
	loc := p.loc(p.r)
	page := views.ClaimsPage{
		Frame: p.frame(p.r, loc.T("attach.step.claims")), Head: p.statementHead(p.r, p.s),
		Problems: p.wrong.summary, Form: p.form(), Claims: p.list(), Texts: p.texts(),
		ToText: "/" + p.r.Lang + statementPath(p.s.head.ID, "text"),
	}
	page.Scripts = []string{"desk/marker.js"}
	text, lang := p.text()
	if text != "" {
		page.Marked = p.marked(text, lang)
		return page
	}
	why := "marker.no-text"
	if p.s.OriginalNotSeen {
		why = "marker.not-seen"
	}
	page.NoText = []ui.Text{{S: loc.T(why), Lang: p.r.Lang}}
	return page
}

// texts are the original and the renderings, where there is a choice.
func (p *claims) texts() []ui.Option {
	if len(p.s.Renderings) == 0 {
		return nil
	}
	loc := p.loc(p.r)
	at := "/" + p.r.Lang + p.r.Path
	in := p.values.Get("in")
	var out []ui.Option
	if p.s.OriginalText != "" {
		out = append(out, ui.Option{Href: at, Label: loc.T("marker.original"), Current: in == ""})
	}
	for _, r := range p.s.Renderings {
		label := loc.T("marker.rendering", "publisher", r.Publisher, "language", loc.Language(string(r.Language)))
		out = append(out, ui.Option{Href: at + "?text=" + url.QueryEscape(r.Key), Label: label, Current: in == r.Key})
	}
	return out
}

// marked is the text with the passages of its claims.
func (p *claims) marked(text string, lang register.Lang) *views.MarkedText {
	loc := p.loc(p.r)
	if lang == "" {
		lang = scriptOf(text, p.s.Language)
	}
	out := &views.MarkedText{Lang: string(lang), Dir: i18n.Dir(string(lang)), Label: loc.T("marker.text", "language", loc.Language(string(lang)))}
	var spans []register.Range
	var numbers []int
	for i := range p.s.Claims {
		if span, ok := p.span(&p.s.Claims[i], text); ok {
			spans, numbers = append(spans, span), append(numbers, i)
		}
	}
	runes := []rune(text)
	for _, stretch := range register.Stretches(text, spans) {
		piece := views.TextPiece{Text: string(runes[stretch.From:stretch.To]), Covered: len(stretch.Covering)}
		for _, n := range stretch.Covering {
			claim := &p.s.Claims[numbers[n]]
			piece.Current = piece.Current || claim.Key == p.values.Get("claim")
			if spans[n].To == stretch.To {
				number := strconv.Itoa(numbers[n] + 1)
				piece.Ends = append(piece.Ends, views.ClaimNumber{
					Number: number, Href: "#claim-" + claim.Key,
					Label: loc.T("marker.number", "n", number, "topic", loc.Label("topic", string(claim.Topic))),
				})
			}
		}
		out.Pieces = append(out.Pieces, piece)
	}
	return out
}

// span is where a claim stands in the text that is shown: at its position, or
// where its words have moved to.
func (p *claims) span(c *register.Claim, text string) (register.Range, bool) {
	return c.PassageIn(p.values.Get("in"), text)
}

func (p *claims) list() []views.ClaimItem {
	loc := p.loc(p.r)
	text, _ := p.text()
	var out []views.ClaimItem
	for i := range p.s.Claims {
		c := &p.s.Claims[i]
		path := "/" + p.r.Lang + p.r.Path
		item := views.ClaimItem{
			Key: c.Key, Number: strconv.Itoa(i + 1), Topic: loc.Label("topic", string(c.Topic)), Mark: markOf(loc, c.Mark()),
			Paraphrase: said(loc, c.Paraphrase), Edit: path + "?claim=" + url.QueryEscape(c.Key) + "#claim",
			Step:    "/" + p.r.Lang + statementPath(p.s.head.ID, "step") + "?claim=" + url.QueryEscape(c.Key),
			Current: c.Key == p.values.Get("claim"),
		}
		if q := quoteOf(c, register.Lang(p.r.Lang)); q != nil {
			item.Words = inLang(loc, q.Language, q.Text)
		}
		item.Notes = p.notes(c, text)
		out = append(out, item)
	}
	return out
}

// quoteOf is the passage of a claim: in the reader's language where there is
// one, as it was said elsewhere.
func quoteOf(c *register.Claim, lang register.Lang) *register.Quote {
	for i := range c.Quotes {
		if c.Quotes[i].Language == lang {
			return &c.Quotes[i]
		}
	}
	if len(c.Quotes) == 0 {
		return nil
	}
	return &c.Quotes[0]
}

// notes say what is to be looked at in a claim.
func (p *claims) notes(c *register.Claim, text string) []string {
	loc := p.loc(p.r)
	var out []string
	for _, q := range c.Quotes {
		if n := register.CountWords(q.Text); n > register.QuoteWords {
			out = append(out, loc.N("marker.too-long", n))
		}
		if _, ranged := register.ParseRange(q.Position); !ranged || q.Rendering != p.values.Get("in") || text == "" {
			continue
		}
		if _, there := p.span(c, text); !there {
			out = append(out, loc.T("marker.lost"))
		}
	}
	if missing := c.Paraphrase.Missing(); len(missing) > 0 {
		names := make([]string, len(missing))
		for i, lang := range missing {
			names[i] = i18n.SelfName(string(lang))
		}
		out = append(out, loc.T("marker.paraphrase-missing", "languages", strings.Join(names, loc.T("list.comma"))))
	}
	if n := len(p.before(c.Topic)); len(c.Relations) == 0 && n > 0 {
		out = append(out, loc.N("marker.not-compared", n))
	}
	return out
}

func (p *claims) form() views.ClaimForm {
	loc := p.loc(p.r)
	get := p.values.Get
	words := register.CountWords(get("passage"))
	out := views.ClaimForm{
		Title: loc.T("marker.new"), Claim: get("claim"), Version: get("version"), In: get("in"), Span: get("span"),
		WordsOf: loc.T("marker.words", "n", "{n}", "most", register.QuoteWords),
		Words:   loc.T("marker.words", "n", words, "most", register.QuoteWords), TooLong: words > register.QuoteWords,
		Paraphrase: p.texts3("paraphrase", loc.T("marker.paraphrase"), loc.T("marker.paraphrase-hint"), get, 2),
		Second:     p.texts3("reported_from.by", loc.T("marker.second-hand-by"), loc.T("marker.second-hand-hint"), get, 1),
		OnTimeline: get("on_timeline") != "", Earlier: p.earlier(), Places: p.choosePlace(),
	}
	if out.Claim != "" {
		out.Title = loc.T("marker.edit-title")
	}
	for _, in := range out.Second.Inputs {
		out.SecondOpen = out.SecondOpen || in.Value != ""
	}
	out.Passage = p.passage()
	out.Topic = p.choose("topic", loc.T("marker.topic"), append([]ui.Choice{{Label: loc.T("marker.choose")}}, codeChoices(loc, "topic", register.Topics())...))
	out.Force = []ui.Field{
		p.choose("quantifier", loc.T("marker.quantifier"), codeChoices(loc, "quantifier", register.Quantifiers())),
		p.choose("modality", loc.T("marker.modality"), codeChoices(loc, "modality", register.Modalities())),
	}
	bounds := []ui.Choice{
		{Label: loc.T("marker.bound.exact")},
		{Value: "about", Label: loc.T("marker.bound.about")},
		{Value: "over", Label: loc.T("marker.bound.over")},
		{Value: "under", Label: loc.T("marker.bound.under")},
	}
	out.Numbers = []ui.Field{
		{Name: "value", Label: loc.T("marker.value"), Value: get("value"), InputMode: "numeric", Autocomplete: "off", Error: p.wrong.at["value"]},
		p.choose("bound", loc.T("marker.bound"), bounds),
		p.choose("unit", loc.T("marker.unit"), append([]ui.Choice{{Label: loc.T("marker.no-unit")}}, codeChoices(loc, "unit", register.Units())...)),
	}
	p.errorsAt(out.Paraphrase.Inputs, out.Second.Inputs)
	return out
}

func (p *claims) errorsAt(lists ...[]ui.Field) {
	for _, list := range lists {
		for i := range list {
			list[i].Error = p.wrong.at[list[i].Name]
		}
	}
}

func (p *claims) passage() ui.Field {
	loc := p.loc(p.r)
	f := ui.Field{
		Name: "passage", Label: loc.T("marker.passage"), Hint: loc.T("marker.passage-hint"), Type: "textarea", Rows: 3,
		Value: p.values.Get("passage"), Error: p.wrong.at["passage"], Attrs: map[string]any{"dir": "auto"},
	}
	if text, _ := p.text(); text == "" {
		f.Hint = loc.T("marker.passage-typed")
	}
	return f
}

func (p *claims) choose(name, label string, list []ui.Choice) ui.Field {
	return ui.Field{
		Name: name, Label: label, Type: "select", Value: p.values.Get(name), Choices: list, Error: p.wrong.at[name],
		Attrs: map[string]any{"data-compares": ""},
	}
}

// choosePlace asks in which of several places the passage is meant.
func (p *claims) choosePlace() *ui.Field {
	if len(p.places) == 0 {
		return nil
	}
	loc := p.loc(p.r)
	text, _ := p.text()
	f := &ui.Field{Name: "place", Label: loc.T("marker.which"), Error: p.wrong.at["place"]}
	for _, at := range p.places {
		f.Choices = append(f.Choices, ui.Choice{Value: at.String(), Label: around(text, at)})
	}
	return f
}

// around is a passage with some words before and after it.
func around(text string, at register.Range) string {
	const some = 40
	runes := []rune(text)
	from, to := max(0, at.From-some), min(len(runes), at.To+some)
	return "…" + strings.Join(strings.Fields(string(runes[from:to])), " ") + "…"
}

// earlier are the earlier claims on the topic of the form, with what is
// proposed for each, or what was decided.
func (p *claims) earlier() views.EarlierClaims {
	loc := p.loc(p.r)
	topic := register.Topic(p.values.Get("topic"))
	out := views.EarlierClaims{Frame: views.Frame{Loc: loc}}
	if !slices.Contains(register.Topics(), topic) {
		return out
	}
	out.Topic = loc.Label("topic", string(topic))
	later := p.asTyped(topic)
	for n, b := range p.before(topic) {
		out.List = append(out.List, p.earlierClaim(n, later, b))
	}
	return out
}

// asTyped is the claim as the form has it now, right or wrong, for comparison.
func (p *claims) asTyped(topic register.Topic) register.Spoken {
	claim := &register.Claim{
		Topic: topic, Paraphrase: textOf(p.get, "paraphrase"), Bound: p.get("bound"), Unit: register.Unit(p.get("unit")),
		Quantifier: register.Quantifier(p.get("quantifier")), Modality: register.Modality(p.get("modality")),
	}
	if value, err := strconv.ParseInt(p.get("value"), 10, 64); err == nil {
		claim.Value = &value
	}
	if by := textOf(p.get, "reported_from.by"); len(by) > 0 {
		claim.ReportedFrom = &register.SecondHand{By: by}
	}
	if passage := p.get("passage"); passage != "" {
		_, lang := p.text()
		if lang == "" {
			lang = scriptOf(passage, p.s.Language)
		}
		claim.Quotes = []register.Quote{{Language: lang, Text: passage}}
	}
	return register.Spoken{Claim: claim, Issuer: p.s.Issuer}
}

func (p *claims) earlierClaim(n int, later register.Spoken, b saidBefore) views.EarlierClaim {
	loc := p.loc(p.r)
	name := relationName(n)
	to := string(b.statement.ID) + "#" + b.claim.Key
	by := said(loc, b.statement.Title)
	out := views.EarlierClaim{
		Said: ui.Text{S: loc.T("marker.said", "statement", by.S, "date", when(loc, b.statement.Dates)), Lang: p.r.Lang},
		Name: name, To: to, Means: said(loc, b.claim.Paraphrase), Facts: claimFacts(loc, b.claim),
	}
	if q := quoteOf(b.claim, register.Lang(p.r.Lang)); q != nil {
		out.Words = inLang(loc, q.Language, q.Text)
	}
	proposal, proposed := register.ProposeRelation(later, register.Spoken{Claim: b.claim, Issuer: b.statement.Issuer})
	if proposed {
		out.Was = string(proposal.Kind)
		out.Why = loc.T("marker.proposed", "relation", loc.Label("claim-relation", string(proposal.Kind)), "why", loc.T("marker.why."+string(proposal.Why)))
	}
	out.Relation = ui.Field{
		Name: name, Label: loc.T("marker.relation"), Type: "select", Value: p.decided(name, to, out.Was, b),
		Choices: append([]ui.Choice{{Label: loc.T("marker.relation-none")}}, codeChoices(loc, "claim-relation", register.ClaimRelationKinds())...),
	}
	return out
}

// decided is the relation that the form shows: what the person chose, what is
// saved, or else what is proposed. A choice that is only the proposal of before
// gives way to that of now.
func (p *claims) decided(name, to, proposal string, b saidBefore) string {
	if p.values.Get(name+".to") == to {
		if chosen := p.values.Get(name); chosen != p.values.Get(name+".was") {
			return chosen
		}
		return proposal
	}
	if saved := p.s.Claim(p.values.Get("claim")); saved != nil {
		ref := register.ClaimRef{Statement: b.statement.ID, Claim: b.claim.Key}
		for _, r := range saved.Relations {
			if r.To == ref {
				return string(r.Kind)
			}
		}
		return ""
	}
	return proposal
}

// claimFacts are the force of a claim, how much it covers, and the number in it.
func claimFacts(loc *i18n.Localizer, c *register.Claim) []string {
	facts := []string{loc.Label("modality", string(c.Modality))}
	if c.Quantifier != register.QuantifierUnstated {
		facts = append(facts, loc.Label("quantifier", string(c.Quantifier)))
	}
	if c.Value != nil {
		value := loc.Number(*c.Value)
		if c.Bound != "" {
			value = loc.T("figure-bound."+c.Bound, "value", value)
		}
		facts = append(facts, loc.T("claim.number", "value", value, "unit", loc.Label("unit", string(c.Unit))))
	}
	return []string{strings.Join(facts, loc.T("list.comma"))}
}

// markOf is how a mark is drawn.
func markOf(loc *i18n.Localizer, m register.Mark) ui.Mark {
	class, icon := "new", "m-new"
	switch m {
	case register.MarkRepeated:
		class, icon = "same", "m-same"
	case register.MarkConfirmed:
		class, icon = "confirm", "m-confirm"
	case register.MarkReworded:
		class, icon = "changed", "m-changed"
	case register.MarkNarrowed:
		class, icon = "narrow", "m-narrow"
	case register.MarkWidened:
		class, icon = "narrow", "m-widen"
	case register.MarkContradicted:
		class, icon = "contra", "m-contra"
	case register.MarkRetracted:
		class, icon = "contra", "m-retract"
	case register.MarkNew, register.MarkNotAddressed, register.MarkTextNotKnown:
	default: // nothing else is meant here
	}
	return ui.Mark{Class: class, Icon: icon, Label: loc.Label("mark", string(m))}
}
