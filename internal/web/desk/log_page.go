package desk

import (
	"context"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	store "github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/web/desk/form"
	views "github.com/sijil/sijil/views/desk"
	"github.com/sijil/sijil/views/ui"
)

func logView(p views.LogPage) templ.Component { return views.Log(p) }

// logPage is the form filled with what was typed.
func (d *Desk) logPage(ctx context.Context, r Request, l *logged) (views.LogPage, error) {
	loc := d.loc(r)
	p := views.LogPage{Frame: d.frame(r, loc.T("log.heading"))}
	p.Scripts = append(p.Scripts, "desk/log.js")
	for _, problem := range l.problems {
		p.Problems = append(p.Problems, ui.Problem{ID: problem.field, Text: problem.text})
	}
	p.Asked = strings.TrimSpace(l.values.Get(fieldFind))
	p.TitleField = d.logField(r, l, fieldTitle)
	p.TitleField.Attrs = templ.Attributes{"dir": "auto"}
	p.LangField = d.logField(r, l, fieldLang)
	p.LangField.Type, p.LangField.Choices = "select", []ui.Choice{{Label: loc.T("log.lang.detect")}}
	for _, lang := range register.Langs() {
		p.LangField.Choices = append(p.LangField.Choices, ui.Choice{Value: string(lang), Label: i18n.SelfName(string(lang))})
	}
	p.KindField = d.logField(r, l, fieldKind)
	p.KindField.Type, p.KindField.Choices = "select", []ui.Choice{{Label: loc.T("log.kind.none")}}
	for _, k := range register.IncidentKinds() {
		p.KindField.Choices = append(p.KindField.Choices, ui.Choice{Value: k, Label: kindLabel(loc, k)})
	}
	p.Date = d.logDate(r, l)
	p.URLField = d.logField(r, l, fieldURL)
	p.URLField.Type, p.URLField.InputMode = "url", "url"
	p.PublisherField = d.logField(r, l, fieldPublisher)
	p.PublisherField.Attrs = templ.Attributes{"dir": "auto"}
	p.Duplicates = d.duplicatesFound(r, l.duplicates)
	if len(l.duplicates) > 0 {
		p.Another = others(l)
		p.Problems = append(p.Problems, ui.Problem{ID: "duplicates", Text: p.Duplicates.Heading})
	}
	var err error
	p.Institution, err = d.logInstitution(ctx, r, l)
	return p, err
}

// kindLabel is a class of the taxonomy, or a type below its class.
func kindLabel(loc *i18n.Localizer, kind string) string {
	class, _, below := strings.Cut(kind, "/")
	if !below {
		return loc.Label("incident-kind", kind)
	}
	return loc.T("log.kind.of", "class", loc.Label("incident-kind", class), "type", loc.Label("incident-kind", kind))
}

// logField is one line of the form. Its label is "log.field." + its name.
func (d *Desk) logField(r Request, l *logged, name string) ui.Field {
	loc := d.loc(r)
	f := ui.Field{Name: name, Label: loc.T("log.field." + name), Value: l.values.Get(name), Autocomplete: "off"}
	if hint := "log.hint." + name; loc.Has(hint) {
		f.Hint = loc.T(hint)
	}
	f.Error = l.wrongAt(name)
	return f
}

func (l *logged) wrongAt(field string) string {
	i := slices.IndexFunc(l.problems, func(p fieldProblem) bool { return p.field == field })
	if i < 0 {
		return ""
	}
	return l.problems[i].text
}

func (d *Desk) logDate(r Request, l *logged) views.DateControl {
	c := views.DateControl{Field: d.logField(r, l, fieldDate)}
	c.Field.Attrs = templ.Attributes{"dir": "auto", "data-date": "1"}
	typed := strings.TrimSpace(c.Field.Value)
	if typed == "" || c.Field.Error != "" {
		return c
	}
	if date, how, err := edtf.ParseText(typed, d.today()); err == nil {
		c.Understood = form.Understood(d.loc(r), date, how)
	}
	return c
}

// logInstitution is the picker of the institution, with what is chosen, who may
// be meant, and the fields of a new one.
func (d *Desk) logInstitution(ctx context.Context, r Request, l *logged) (views.Picker, error) {
	loc := d.loc(r)
	find, name, kind := d.logField(r, l, fieldFind), d.logField(r, l, fieldNewName), d.logField(r, l, fieldNewKind)
	find.Attrs, name.Attrs = templ.Attributes{"dir": "auto"}, templ.Attributes{"dir": "auto"}
	kind.Type, kind.Choices = "select", []ui.Choice{{Label: loc.T("log.kind.none")}}
	for _, k := range register.InstitutionKinds() {
		kind.Choices = append(kind.Choices, ui.Choice{Value: string(k), Label: loc.Label("institution-kind", string(k))})
	}
	p := views.Picker{
		Label: loc.T("log.field." + fieldInstitution), Type: string(register.TypeInstitution), Find: find,
		Remove: loc.T("log.institution.remove"), New: []ui.Field{name, kind}, NewLabel: loc.T("log.institution.create"),
		NewOpen: name.Value != "" || kind.Value != "", Error: l.wrongAt(fieldInstitution),
	}
	chosen := register.Ref(l.values.Get(fieldInstitution))
	entries := l.candidates
	if chosen != "" {
		found, err := d.editorial.Entries(ctx, r.Who.Actor, []register.Ref{chosen})
		if err != nil {
			return p, err
		}
		entries = append(found, entries...)
	}
	for _, e := range entries {
		p.Chosen = append(p.Chosen, ui.Choice{Value: string(e.ID), Label: d.pickedName(r, e).S, Selected: e.ID == chosen})
	}
	return p, nil
}

// duplicatesFound says which incidents may be the same, and why; the page and
// the script show the same.
func (d *Desk) duplicatesFound(r Request, found []editorial.Duplicate) views.Duplicates {
	loc := d.loc(r)
	out := views.Duplicates{Items: []views.Duplicate{}}
	if len(found) == 0 {
		return out
	}
	out.Heading = loc.N("log.duplicates", len(found))
	for _, dup := range found {
		title := d.pickedName(r, dup.Picked)
		var notes []string
		for _, reason := range dup.Reasons {
			notes = append(notes, loc.T("log.reason."+string(reason)))
		}
		notes = append(notes, d.pickedNotes(r, dup.Picked)...)
		out.Items = append(out.Items, views.Duplicate{
			Href: "/" + r.Lang + recordPath(register.TypeIncident, dup.ID), Title: title.S, Lang: title.Lang, Dir: i18n.Dir(title.Lang),
			Note: loc.Series(notes),
		})
	}
	return out
}

// others are the incidents that this one is not, once the person says so.
func others(l *logged) string {
	ids := make([]string, len(l.duplicates))
	for i, dup := range l.duplicates {
		ids[i] = string(dup.ID)
	}
	return strings.Join(ids, " ")
}

// pickedName is what a record is called: an institution by its short name, too.
func (d *Desk) pickedName(r Request, p store.Picked) ui.Text {
	return d.recordName(r, p.Title, p.Short)
}

func (d *Desk) recordName(r Request, title, short register.Text) ui.Text {
	name, lang, found := title.In(register.Lang(r.Lang))
	if !found {
		return ui.Text{S: d.loc(r).T("form.untitled"), Lang: r.Lang}
	}
	if s, _, ok := short.In(register.Lang(r.Lang)); ok && s != name {
		name = d.loc(r).T("pick.name", "short", s, "name", name)
	}
	return ui.Text{S: name, Lang: string(lang), Foreign: string(lang) != r.Lang}
}

// pickedNotes tell records apart: reference, state and date.
func (d *Desk) pickedNotes(r Request, p store.Picked) []string {
	var out []string
	if p.Reference != "" {
		out = append(out, p.Reference)
	}
	if p.State != store.StatePublished {
		out = append(out, d.loc(r).T("form.state."+p.State))
	}
	if !p.Occurred.IsZero() {
		out = append(out, p.Occurred.Text(r.Lang, edtf.Short))
	}
	return out
}
