package desk

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
	store "github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/web/desk/form"
	views "github.com/sijil/sijil/views/desk"
	"github.com/sijil/sijil/views/ui"
)

// today is the civil day in Morocco, from which dates in words are counted.
func (d *Desk) today() edtf.Day { return edtf.DayOf(d.now()) }

// called is what the records and sources on a page are called, in the reader's
// language.
type called struct {
	names   map[string]string // by reference, and by key of the source
	records []store.Title
	sources []register.Source
}

// call asks what everything is called to which a record and the values of a
// form point.
func (e *editing) call(ctx context.Context, mentions []form.Mention) (*called, error) {
	noun := nounOf(e.draft)
	var refs []register.Ref
	register.EachRef(noun, func(ref *register.Ref) { refs = append(refs, *ref) })
	keys := register.CitedSources(noun)
	for _, m := range mentions {
		if m.Type == form.SourceType {
			keys = append(keys, m.Value)
		} else {
			refs = append(refs, register.Ref(m.Value))
		}
	}
	slices.Sort(refs)
	names, err := e.desk.editorial.Call(ctx, e.r.Who.Actor, slices.Compact(refs), keys)
	if err != nil {
		return nil, err
	}
	c := &called{names: map[string]string{}}
	for _, ref := range slices.Compact(refs) {
		if t, ok := names.Records[ref]; ok {
			c.names[string(ref)] = e.desk.titleOf(e.r, t)
			c.records = append(c.records, t)
		}
	}
	for _, key := range keys {
		if s, ok := names.Sources[key]; ok && c.names[key] == "" {
			c.names[key] = sourceTitle(s)
			c.sources = append(c.sources, s)
		}
	}
	return c, nil
}

// titleOf is what a record is called in the reader's language.
func (d *Desk) titleOf(r Request, t store.Title) string {
	title, _, found := t.Title.In(register.Lang(r.Lang))
	if !found {
		return d.loc(r).T("form.untitled")
	}
	return title
}

// sourceTitle is what a source is called: who published what.
func sourceTitle(s register.Source) string {
	const enough = 70
	title := []rune(s.Title)
	if len(title) > enough {
		title = append(title[:enough], '…')
	}
	return strings.TrimSuffix(s.Publisher+" · "+string(title), " · ")
}

// page is the form of a part, filled with values.
func (e *editing) page(ctx context.Context, s *submission, focus string) (views.EditPage, error) {
	loc := e.desk.loc(e.r)
	c, err := e.call(ctx, e.form().Mentions(s.values))
	if err != nil {
		return views.EditPage{}, err
	}
	claims, err := e.claims(ctx, s, c)
	if err != nil {
		return views.EditPage{}, err
	}
	d := form.Drawing{
		Loc: loc, Noun: nounOf(e.draft), Values: s.values, Problems: s.problems, Today: e.desk.today(),
		Names: c.names, Claims: claims, KeyName: func(key string) string { return e.keyName(key, c) },
		Found: e.found(s), Focus: focus, NewSource: true, NewInstitution: true,
	}
	p := views.EditPage{
		Frame: e.desk.frame(e.r, e.heading(c)), Record: e.recordLink(), Heading: e.heading(c), Version: e.version(s),
		Problems: e.summary(s), Suggestions: e.suggestions(c), Parts: e.otherParts(),
	}
	if name := "form.lead." + e.part.Name; loc.Has(name) {
		p.Lead = loc.T(name)
	}
	p.Controls, p.More, p.MoreOpen = e.form().Draw(d)
	if e.part.Item != nil && e.key != newItem {
		p.Remove = p.To(e.r.Path + "/remove")
	}
	return p, nil
}

func (e *editing) view(p views.EditPage) templ.Component { return views.Edit(p) }

// version is the one that the author of the form saw.
func (e *editing) version(s *submission) string {
	if v := seen(s.values); v > 0 {
		return strconv.Itoa(v)
	}
	return strconv.Itoa(e.draft.Version)
}

// heading says what is edited.
func (e *editing) heading(c *called) string {
	loc := e.desk.loc(e.r)
	part := loc.T("form.part." + e.partKey(e.part.Name))
	if e.part.Item == nil {
		return part
	}
	if e.key == newItem {
		return loc.T("form.add." + e.part.Name)
	}
	item := e.part.Get(nounOf(e.draft), e.key)
	if item == nil {
		return part
	}
	words, _ := e.part.Called(loc, item, c.names)
	return loc.T("form.heading", "part", part, "item", words)
}

// partKey is the end of the key of a part's messages.
func (e *editing) partKey(name string) string {
	if own := string(e.head.Type) + "." + name; e.desk.loc(e.r).Has("form.part." + own) {
		return own
	}
	return name
}

// recordLink leads to the record.
func (e *editing) recordLink() ui.Link {
	text := e.title()
	return ui.Link{Href: "/" + e.r.Lang + e.path(), Text: text}
}

// title is what the record is called, in the reader's language where that is
// possible.
func (e *editing) title() ui.Text {
	var t register.Text
	switch e.head.Type {
	case register.TypeIncident:
		t = e.draft.Incident.Title
	case register.TypeStatement:
		t = e.draft.Statement.Title
	case register.TypeInstitution:
		t = e.draft.Institution.NameText(register.NameOfficial)
	}
	words, lang, found := t.In(register.Lang(e.r.Lang))
	if !found {
		return ui.Text{S: e.desk.loc(e.r).T("form.untitled"), Lang: e.r.Lang}
	}
	return ui.Text{S: words, Lang: string(lang), Foreign: string(lang) != e.r.Lang}
}

// keyName says what another part of the record is called.
func (e *editing) keyName(key string, c *called) string {
	parts := e.parts()
	for i := range parts {
		if parts[i].Item == nil {
			continue
		}
		if item := parts[i].Get(nounOf(e.draft), key); item != nil {
			words, _ := parts[i].Called(e.desk.loc(e.r), item, c.names)
			return words
		}
	}
	return key
}

// found are the records and sources to choose from where a search found more
// than one.
func (e *editing) found(s *submission) map[string][]ui.Choice {
	out := map[string][]ui.Choice{}
	for at, list := range s.found {
		for _, p := range list {
			out[at] = append(out[at], ui.Choice{Value: string(p.ID), Label: e.desk.pickedLabel(e.r, p)})
		}
	}
	for at, list := range s.foundIn {
		for _, source := range list {
			out[at] = append(out[at], ui.Choice{Value: source.Key, Label: sourceTitle(source)})
		}
	}
	return out
}

// suggestions are what the record points to already, for browsers without
// script.
func (e *editing) suggestions(c *called) []views.Suggestions {
	var out []views.Suggestions
	for _, t := range []register.RecordType{register.TypeIncident, register.TypeStatement, register.TypeInstitution} {
		list := views.Suggestions{ID: form.SuggestionsID(string(t))}
		for _, record := range c.records {
			if record.Type == t {
				list.Choices = append(list.Choices, ui.Choice{Value: c.names[string(record.ID)], Label: record.Reference})
			}
		}
		out = append(out, list)
	}
	list := views.Suggestions{ID: form.SuggestionsID(form.SourceType)}
	for _, s := range c.sources {
		list.Choices = append(list.Choices, ui.Choice{Value: s.Key, Label: c.names[s.Key]})
	}
	return append(out, list)
}

// claims are the statements and claims that can be chosen: those of the
// incident, or of the incidents in which the statement stands, and those that
// the form points to already.
func (e *editing) claims(ctx context.Context, s *submission, c *called) ([]views.ClaimGroup, error) {
	if !e.form().Has(form.Claim, form.Claims) {
		return nil, nil
	}
	var statements []register.Ref
	switch e.head.Type {
	case register.TypeIncident:
		statements = slices.Clone(e.draft.Incident.Statements)
	case register.TypeStatement:
		beside, err := e.desk.editorial.StatementsBeside(ctx, e.r.Who.Actor, e.head.ID)
		if err != nil {
			return nil, err
		}
		for _, other := range beside {
			statements = append(statements, other.ID)
		}
		statements = append(statements, e.head.ID)
	case register.TypeInstitution:
	}
	there := map[register.Ref]bool{}
	for _, ref := range statements {
		there[ref] = true
	}
	for _, m := range e.form().Mentions(s.values) {
		if ref := register.Ref(m.Value); m.Type == string(register.TypeStatement) && !there[ref] {
			there[ref] = true
			statements = append(statements, ref)
		}
	}
	return e.claimGroups(ctx, statements, c)
}

func (e *editing) claimGroups(ctx context.Context, statements []register.Ref, c *called) ([]views.ClaimGroup, error) {
	claims, err := e.desk.editorial.Claims(ctx, e.r.Who.Actor, statements)
	if err != nil {
		return nil, err
	}
	names, err := e.desk.editorial.Call(ctx, e.r.Who.Actor, statements, nil)
	if err != nil {
		return nil, err
	}
	loc := e.desk.loc(e.r)
	of := map[register.Ref][]ui.Choice{}
	for _, claim := range claims {
		words, _, _ := claim.Paraphrase.In(register.Lang(e.r.Lang))
		of[claim.Statement] = append(of[claim.Statement], ui.Choice{
			Value: string(claim.Statement) + "#" + claim.Key,
			Label: loc.T("form.claim.label", "topic", loc.Label("topic", string(claim.Topic)), "claim", words),
		})
	}
	var out []views.ClaimGroup
	for _, ref := range statements {
		t, ok := names.Records[ref]
		if !ok {
			continue
		}
		c.names[string(ref)] = e.desk.titleOf(e.r, t)
		whole := ui.Choice{Value: string(ref), Label: loc.T("form.claim.whole")}
		out = append(out, views.ClaimGroup{Label: c.names[string(ref)], Choices: append([]ui.Choice{whole}, of[ref]...)})
	}
	return out, nil
}

// summary lists the problems of a form with what each is about.
func (e *editing) summary(s *submission) []ui.Problem {
	loc := e.desk.loc(e.r)
	var out []ui.Problem
	said := map[ui.Problem]bool{}
	for _, p := range s.problems {
		text := loc.T(p.Key)
		if p.Key == form.ProblemNotADate {
			_, _, err := edtf.ParseText(p.Value, e.desk.today())
			text = form.WhyNot(loc, err)
		}
		line := ui.Problem{ID: p.Field, Text: text}
		if label := e.form().Label(loc, s.values, p.Field); label != "" {
			line.Text = loc.T("form.problem", "field", label, "problem", text)
		}
		if !said[line] {
			said[line] = true
			out = append(out, line)
		}
	}
	return out
}

// otherParts lead to the other parts of the record.
func (e *editing) otherParts() []ui.Option {
	loc := e.desk.loc(e.r)
	var out []ui.Option
	for _, p := range e.parts() {
		o := ui.Option{Href: "/" + e.r.Lang + e.path() + "#" + p.Name, Label: loc.T("form.part." + e.partKey(p.Name)), Current: p.Name == e.part.Name}
		if p.Form != nil {
			o.Href = "/" + e.r.Lang + e.path() + "/" + p.Name
		}
		out = append(out, o)
	}
	return out
}

// removal asks whether the item is really to be removed.
func (e *editing) removal(ctx context.Context, problems register.Problems) (templ.Component, error) {
	c, err := e.call(ctx, nil)
	if err != nil {
		return nil, err
	}
	loc := e.desk.loc(e.r)
	words, _ := e.part.Called(loc, e.part.Get(nounOf(e.draft), e.key), c.names)
	p := views.RemovalPage{
		Frame: e.desk.frame(e.r, loc.T("form.removal.heading")), Record: e.recordLink(), Item: words,
		Version: strconv.Itoa(e.draft.Version),
	}
	p.Back = p.To(e.path() + "/" + e.part.Name + "/" + e.key)
	for _, problem := range problems {
		p.Problems = append(p.Problems, ui.Problem{Text: loc.T(problem.Key)})
	}
	return views.Removal(p), nil
}
