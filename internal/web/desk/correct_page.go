package desk

import (
	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	storedesk "github.com/sijil/sijil/internal/store/desk"
	views "github.com/sijil/sijil/views/desk"
	"github.com/sijil/sijil/views/ui"
)

// page composes the form of the act.
func (p *act) page() views.CorrectPage {
	loc := p.loc(p.r)
	page := views.CorrectPage{
		Frame: p.frame(p.r, loc.T("correct.title."+p.name)), Head: p.correctHead(),
		Problems: p.wrong.summary, Intro: loc.T("correct.intro." + p.name), Submit: loc.T("correct.submit." + p.name),
	}
	if p.waiting != nil {
		page.Waiting = &ui.Link{Text: ui.Text{S: loc.T("correct.waiting"), Lang: p.r.Lang}}
		if p.r.Who.Role.Can(register.MayMerge) {
			page.Waiting.Href = page.To("/desk/decisions/" + p.waiting.ID)
		}
	}
	if p.name == "rename" {
		p.renameFields(&page)
		return page
	}
	x := storedesk.Decision{Kind: p.kind(), Record: p.head}
	x.First, x.Last = atoi(p.get("first")), atoi(p.get("last"))
	page.Effects = effectsOf(loc, x, p.effects)
	reasons := p.texts3("reason", loc.T("correct.reason."+p.name), loc.T("correct.reason-hint"), p.get, 3)
	for i := range reasons.Inputs {
		reasons.Inputs[i].Error = p.wrong.at[reasons.Inputs[i].Name]
	}
	page.Texts = []views.Texts3{reasons}
	p.ownFields(&page)
	return page
}

// ownFields are the fields that one act alone has.
func (p *act) ownFields(page *views.CorrectPage) {
	loc := p.loc(p.r)
	note := ui.Field{Name: "note", Label: loc.T("correct.note"), Hint: loc.T("correct.note-hint"), Type: "textarea", Rows: 3, Value: p.get("note")}
	number := func(name string) ui.Field {
		return ui.Field{
			Name: name, Label: loc.T("correct." + name), Type: "number", Value: p.get(name), InputMode: "numeric", Error: p.wrong.at[name],
			Attrs: map[string]any{"min": "1"},
		}
	}
	switch p.name {
	case "merge":
		p.find(page, loc.T("correct.target"), loc.T("correct.target-hint"))
	case "withdraw":
		page.Fields = []ui.Field{note}
	case "takedown":
		page.Fields = []ui.Field{number("first"), number("last"), note}
		if !p.editorial.CanTakeDown() {
			page.Warning = loc.T("correct.not-configured")
		}
	}
}

// find is a field that names something, with what was meant perhaps.
func (p *act) find(page *views.CorrectPage, label, hint string) {
	page.Find = &ui.Field{Name: "find", Label: label, Hint: hint, Value: p.get("find"), Error: p.wrong.at["find"]}
	if len(p.found) == 0 {
		return
	}
	page.Found = &ui.Field{Name: "found", Label: p.loc(p.r).T("correct.found"), Error: p.wrong.at["found"]}
	for _, c := range p.found {
		page.Found.Choices = append(page.Found.Choices, ui.Choice{Value: c.value, Label: c.label})
	}
}

func (p *act) correctHead() views.CorrectHead {
	loc := p.loc(p.r)
	h := views.CorrectHead{
		Title: said(loc, p.effects.Title), Reference: p.head.Reference,
		Links: actLinks(loc, p.r, p.head.Type, p.head.ID),
	}
	if p.effects.Public {
		h.Public = "/" + p.r.Lang + "/" + segmentOf(p.head.Type) + "/" + p.head.Slug
	}
	return h
}

// actLinks lead to what the person may ask about a public record.
func actLinks(loc *i18n.Localizer, r Request, t register.RecordType, id register.Ref) []views.NavLink {
	var out []views.NavLink
	add := func(page string, may bool) {
		if !may {
			return
		}
		path := recordPath(t, id) + "/" + page
		n := views.NavLink{Href: "/" + r.Lang + path, Name: loc.T("correct.title." + page)}
		if path == r.Path {
			n.Current = "page"
		}
		out = append(out, n)
	}
	role := r.Who.Role
	add("rename", t == register.TypeInstitution && role.Can(register.MayDraft))
	add("merge", t != register.TypeStatement && role.Can(register.MayMerge))
	add("withdraw", role.Can(register.MayWithdraw))
	add("takedown", role.Can(register.MayTakeDown))
	return out
}

// effectsOf says in words what confirming a decision does.
func effectsOf(loc *i18n.Localizer, x storedesk.Decision, e editorial.Effects) []views.Effect {
	showing := make([]ui.Link, 0, len(e.Showing.Listed))
	for _, s := range e.Showing.Listed {
		title := said(loc, s.Title)
		title.S += " · " + s.Reference
		showing = append(showing, ui.Link{Text: title})
	}
	if more := moreCarried(loc, e.Showing); more != "" {
		showing = append(showing, ui.Link{Text: ui.Text{S: more}})
	}
	var out []views.Effect
	add := func(key string, records []ui.Link, args ...any) {
		out = append(out, views.Effect{Text: loc.T(key, args...), Records: records})
	}
	whole := x.Kind == storedesk.DecideTakedown && x.First <= e.Current && e.Current <= x.Last
	switch x.Kind {
	case storedesk.DecideMerge:
		add("effect.redirects", nil, "slug", x.Record.Slug)
		add("effect.unlisted", nil)
		add("effect.frozen", nil)
		if e.Draft {
			add("effect.draft-discarded", nil)
		}
	case storedesk.DecideWithdrawal:
		add("effect.notice", nil, "slug", x.Record.Slug)
		add("effect.unlisted", nil)
	case storedesk.DecideTakedown:
		add("effect.erased", nil, "first", x.First, "last", x.Last)
		add("effect.desk-erased", nil)
		add("effect.files", nil)
		add("effect.tombstone", nil)
		if whole {
			add("effect.notice", nil, "slug", x.Record.Slug)
		}
	}
	switch {
	case len(showing) == 0:
	case x.Kind == storedesk.DecideMerge:
		add("effect.carried", showing)
	case x.Kind == storedesk.DecideWithdrawal || whole:
		add("effect.said-gone", showing)
	}
	return out
}
