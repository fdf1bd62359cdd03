package form

import (
	"errors"
	"slices"
	"strings"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	views "github.com/sijil/sijil/views/desk"
	"github.com/sijil/sijil/views/ui"
)

// typeOf is what a field searches for.
func typeOf(f *Field) string {
	if f.Kind == Sources {
		return SourceType
	}
	return string(f.Record)
}

// SourceType is the name under which pickers ask for sources.
const SourceType = "source"

// SuggestionsID is the id of the list from which the pickers of a type suggest.
func SuggestionsID(of string) string { return "_suggest-" + of }

func (p *painter) picker(f *Field, path string) *views.Picker {
	of := typeOf(f)
	find := join(path, "find")
	out := &views.Picker{
		Label: p.label(f), Hint: p.hint(f), Error: p.errors[path], Type: of, Multi: f.Kind != Ref,
		Suggestions: SuggestionsID(of), Remove: p.Loc.T("form.remove"),
		Find: ui.Field{
			Name: find, Value: p.Values.Get(find), Error: p.errors[find], Autocomplete: "off",
			Label: p.Loc.T("form.find." + of), Attrs: map[string]any{"list": SuggestionsID(of), "dir": "auto"},
		},
	}
	for _, ref := range p.Values[path] {
		if ref != "" {
			out.Chosen = append(out.Chosen, ui.Choice{Value: ref, Label: p.name(ref), Selected: true})
		}
	}
	if len(p.Found[find]) > 0 && out.Find.Value != "" {
		out.Offered = out.Find.Value
	}
	for _, c := range p.Found[find] {
		c.Selected = len(p.Found[find]) == 1
		if !slices.ContainsFunc(out.Chosen, func(x ui.Choice) bool { return x.Value == c.Value }) {
			out.Chosen = append(out.Chosen, c)
		}
	}
	switch {
	case of == SourceType && p.NewSource && path == "sources":
		out.New, out.NewLabel = p.newSource(path), p.Loc.T("form.new.source")
	case of == string(register.TypeInstitution) && p.NewInstitution:
		out.New, out.NewLabel = p.newInstitution(path), p.Loc.T("form.new.institution")
	}
	out.NewOpen = slices.ContainsFunc(out.New, func(in ui.Field) bool { return in.Value != "" || in.Error != "" })
	return out
}

// name is what a record or source is called; the key itself where that is not
// known.
func (p *painter) name(ref string) string {
	if name := p.Names[ref]; name != "" {
		return name
	}
	return ref
}

func (p *painter) newInstitution(path string) []ui.Field {
	name, kind := join(path, "new.name"), join(path, "new.kind")
	choices := []ui.Choice{{Label: p.Loc.T("form.none-chosen")}}
	for _, k := range register.InstitutionKinds() {
		choices = append(choices, ui.Choice{Value: string(k), Label: p.Loc.Label("institution-kind", string(k))})
	}
	return []ui.Field{
		{
			Name: name, Label: p.Loc.T("form.new.institution.name"), Value: p.Values.Get(name), Error: p.errors[name],
			Autocomplete: "off", Attrs: map[string]any{"dir": "auto"},
		},
		{Name: kind, Label: p.Loc.T("form.new.institution.kind"), Value: p.Values.Get(kind), Error: p.errors[kind], Type: "select", Choices: choices},
	}
}

// newSource are the fields of a source that is cited here for the first time.
func (p *painter) newSource(path string) []ui.Field {
	var out []ui.Field
	source := New(register.Source{})
	for _, name := range []string{"url", "publisher", "title", "kind", "language", "published"} {
		f := source.Find(name)
		in := *p.input(f, join(path, "new."+name))
		in.Label = p.Loc.T("form.field." + p.message("form.field.", f))
		if f.Kind == Date {
			in.Hint = p.Loc.T("form.hint.date")
		}
		out = append(out, in)
	}
	return out
}

func (p *painter) claims(f *Field, path string) *views.ClaimPicker {
	out := &views.ClaimPicker{Field: p.field(f, path), Multi: f.Kind == Claims}
	labels := map[string]string{}
	for _, g := range p.Claims {
		for _, c := range g.Choices {
			labels[c.Value] = c.Label
			if statement, claim, ok := strings.Cut(c.Value, "#"); ok && claim != "" {
				labels[c.Value] = p.name(statement) + p.Loc.T("punctuation.colon") + c.Label
			}
		}
	}
	for _, value := range p.Values[path] {
		if value == "" {
			continue
		}
		label := labels[value]
		if label == "" {
			statement, claim, _ := strings.Cut(value, "#")
			label = strings.TrimSpace(p.name(statement) + " " + claim)
		}
		out.Chosen = append(out.Chosen, ui.Choice{Value: value, Label: label, Selected: true})
	}
	out.Groups = p.Claims
	if !out.Multi {
		out.Groups, out.Chosen = chosenIn(p.Claims, out.Chosen), nil
	}
	find := join(path, "find")
	out.Find = &ui.Field{
		Name: find, Value: p.Values.Get(find), Error: p.errors[find], Autocomplete: "off", Label: p.Loc.T("form.find.statement"),
		Attrs: map[string]any{"list": SuggestionsID(string(register.TypeStatement)), "dir": "auto"},
	}
	if len(p.Found[find]) > 0 && out.Find.Value != "" {
		out.Offered = out.Find.Value
		out.Groups = append(slices.Clone(out.Groups), views.ClaimGroup{Label: p.Loc.T("form.found"), Choices: p.Found[find]})
	}
	return out
}

// chosenIn marks what is chosen among the groups, and adds it where it is in
// none.
func chosenIn(groups []views.ClaimGroup, chosen []ui.Choice) []views.ClaimGroup {
	out := make([]views.ClaimGroup, 0, len(groups)+1)
	if len(chosen) > 0 {
		out = append(out, views.ClaimGroup{Label: chosen[0].Label, Choices: chosen[:1]})
	}
	for _, g := range groups {
		var choices []ui.Choice
		for _, c := range g.Choices {
			if len(chosen) == 0 || c.Value != chosen[0].Value {
				choices = append(choices, c)
			}
		}
		out = append(out, views.ClaimGroup{Label: g.Label, Choices: choices})
	}
	return out
}

func (p *painter) date(f *Field, path string) *views.DateControl {
	out := &views.DateControl{Field: p.field(f, path)}
	out.Field.Autocomplete = "off"
	out.Field.Attrs = map[string]any{"dir": "auto", "data-date": "1"}
	if typed := strings.TrimSpace(out.Field.Value); typed != "" {
		d, u, err := edtf.ParseText(typed, p.Today)
		if err != nil {
			out.Field.Error = WhyNot(p.Loc, err)
		} else {
			out.Understood = Understood(p.Loc, d, u)
		}
	}
	return out
}

// Understood says how a date was understood, in the reader's language first.
func Understood(loc *i18n.Localizer, d edtf.Date, u edtf.Understanding) *views.Understood {
	if d.IsZero() {
		return &views.Understood{Text: loc.T("date.not-stated")}
	}
	out := &views.Understood{
		Text: d.Text(loc.Lang(), edtf.Full), EDTF: d.String(), Precision: loc.T("form.precision", "precision", loc.T("form.precision."+d.Precision().String())),
	}
	for _, lang := range i18n.Langs() {
		if lang != loc.Lang() {
			out.Others = append(out.Others, ui.Text{S: d.Text(lang, edtf.Long), Lang: lang, Foreign: true})
		}
	}
	var assumed []string
	for _, a := range u.Assumed {
		assumed = append(assumed, loc.T("form.assumed."+string(a)))
	}
	out.Assumed = strings.Join(assumed, " ")
	return out
}

// WhyNot says why a date was not understood, and what to write instead.
func WhyNot(loc *i18n.Localizer, err error) string {
	why, ok := errors.AsType[*edtf.TextError](err)
	if !ok {
		return loc.T(ProblemNotADate)
	}
	out := loc.T("form.date."+string(why.Reason), "word", why.Word)
	if !why.Suggestion.IsZero() {
		out += " " + loc.T("form.date.suggestion", "date", why.Suggestion.Text(loc.Lang(), edtf.Long), "edtf", why.Suggestion.String())
	}
	return out
}
