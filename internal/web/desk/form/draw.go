package form

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	views "github.com/sijil/sijil/views/desk"
	"github.com/sijil/sijil/views/ui"
)

// Drawing is what drawing a form needs to know.
type Drawing struct {
	Loc    *i18n.Localizer
	Noun   any // the whole record, for fields that name other parts of it
	Values url.Values
	// Problems are those to show, at the paths of their fields.
	Problems register.Problems
	Today    edtf.Day
	// Names are what the records and sources that the values point to are
	// called, by reference and by key.
	Names map[string]string
	// Claims are the statements whose claims can be chosen.
	Claims []views.ClaimGroup
	// KeyName says what another part of the record is called.
	KeyName func(key string) string
	// Found are the records that were found for what was searched for, by the
	// path of the search, where they are more than one.
	Found map[string][]ui.Choice
	// Focus is the path of what the person has just added or moved.
	Focus string
	// Sources and Institutions may be made within the form.
	NewSource, NewInstitution bool
}

// Draw draws the form filled with values. Fields that are used rarely come
// apart; open tells whether they are to be seen, for something is entered in
// them or wrong with them.
func (f *Form) Draw(d Drawing) (controls, more []views.Control, open bool) {
	p := &painter{Drawing: d, langs: languagesIn(d.Values), errors: map[string]string{}, within: map[string]bool{}}
	for _, problem := range d.Problems {
		if p.errors[problem.Field] == "" {
			p.errors[problem.Field] = d.Loc.T(problem.Key)
			p.mark(problem.Field)
		}
	}
	return p.group(f.Fields, "")
}

type painter struct {
	Drawing
	langs  map[string][]string
	errors map[string]string
	within map[string]bool // the paths at which, or below which, there is a problem
}

// mark notes a path at which there is a problem, and all above it.
func (p *painter) mark(path string) {
	for !p.within[path] {
		p.within[path] = true
		above := strings.LastIndexByte(path, '.')
		if above < 0 {
			return
		}
		path = path[:above]
	}
}

// group draws the fields of a group, those that are used rarely apart.
func (p *painter) group(fields []Field, at string) (controls, more []views.Control, open bool) {
	r := &reader{values: p.Values, langs: p.langs}
	for i := range fields {
		f := &fields[i]
		path := join(at, f.Name)
		switch {
		case f.Kind == Key:
		case f.Folded:
			more = append(more, p.control(f, path))
			open = open || !r.blank(f, path) && f.Name != "slug" || p.wrong(path) || strings.HasPrefix(p.Focus, path)
		default:
			controls = append(controls, p.control(f, path))
		}
	}
	return controls, more, open
}

// wrong reports whether there is a problem at a path or below it.
func (p *painter) wrong(path string) bool { return p.within[path] }

func (p *painter) control(f *Field, path string) views.Control {
	c := views.Control{Path: path}
	switch f.Kind {
	case Text:
		c.Texts = p.texts(f, path)
	case Codes:
		c.Choices = p.choices(f, path)
	case Flag:
		c.Flag = &views.Flag{Label: p.label(f), Hint: p.hint(f), On: p.Values.Get(path) != ""}
	case Date:
		c.Date = p.date(f, path)
	case Ref, Refs, Sources:
		c.Picker = p.picker(f, path)
	case Claim, Claims:
		c.Claims = p.claims(f, path)
	case List:
		c.List = p.list(f, path)
	case Group:
		controls, more, _ := p.group(f.Fields, path)
		c.Group = &views.ControlGroup{Label: p.label(f), Hint: p.hint(f), Controls: append(controls, more...)}
	default:
		c.Input = p.input(f, path)
	}
	return c
}

// label is what a field is called: among the fields of its type, or else
// wherever a field has its name.
func (p *painter) label(f *Field) string {
	label := p.Loc.T("form.field." + p.message("form.field.", f))
	if f.Required && f.Kind != Text && f.Kind != List && f.Kind != Codes && f.Kind != Sources && f.Kind != Flag {
		return p.Loc.T("form.required", "label", label)
	}
	return label
}

func (p *painter) hint(f *Field) string {
	if name := p.message("form.hint.", f); p.Loc.Has("form.hint." + name) {
		return p.Loc.T("form.hint." + name)
	}
	return ""
}

// message is the end of the key of a field's message: that of the field in its
// type where there is one.
func (p *painter) message(kind string, f *Field) string {
	name := strings.ReplaceAll(f.Name, "_", "-")
	if own := f.Owner + "." + name; p.Loc.Has(kind + own) {
		return own
	}
	return name
}

func (p *painter) field(f *Field, path string) ui.Field {
	return ui.Field{Name: path, Label: p.label(f), Hint: p.hint(f), Error: p.errors[path], Value: p.Values.Get(path)}
}

func (p *painter) input(f *Field, path string) *ui.Field {
	out := p.field(f, path)
	switch f.Kind {
	case Prose, Lines:
		out.Type = "textarea"
		if f.exact {
			out.Rows = 12
		}
	case Number:
		out.InputMode = "numeric"
	case Code:
		out.Type, out.Choices = "select", p.codes(f, path)
	case Lang:
		out.Type, out.Choices = "select", p.languages(path)
	case Country:
		out.Type, out.Choices = "select", p.countries(path)
	default:
		if f.isAddress() {
			out.Type, out.InputMode = "text", "url"
		}
	}
	if f.Kind == Prose || f.Kind == Lines || f.Kind == Line {
		out.Attrs = map[string]any{"dir": "auto", "autocomplete": "off"}
	}
	return &out
}

func (p *painter) texts(f *Field, path string) *views.Texts {
	out := &views.Texts{Label: p.label(f), Hint: p.hint(f), Error: p.errors[path]}
	ours := i18n.Langs()
	langs := slices.Clone(ours)
	for _, lang := range slices.Sorted(slices.Values(p.langs[path])) { // each is there once
		if !slices.Contains(ours, lang) {
			langs = append(langs, lang)
		}
	}
	for _, lang := range langs {
		in := ui.Field{
			Name: join(path, lang), Label: i18n.SelfName(lang), Lang: lang, Value: p.Values.Get(join(path, lang)),
			Error: p.errors[join(path, lang)], Type: "textarea", Rows: 2,
		}
		if f.Long {
			in.Rows = 6
		}
		out.Inputs = append(out.Inputs, in)
	}
	return out
}

func (p *painter) codeName(f *Field, code string) string {
	if f.NamesKeys() && p.KeyName != nil {
		return p.KeyName(code)
	}
	return p.Loc.T(f.Vocabulary + code)
}

// offered are the codes to choose from: those that are in use now, where an
// admin edits the vocabulary.
func (p *painter) offered(f *Field) []string {
	if codes, ok := p.Loc.Codes(strings.TrimSuffix(f.Vocabulary, ".")); ok && !f.NamesKeys() {
		return codes
	}
	return f.Codes(p.Noun)
}

// codes are the choices of one code; what the record holds is among them even
// where it is no longer in use.
func (p *painter) codes(f *Field, path string) []ui.Choice {
	out := []ui.Choice{{Label: p.Loc.T("form.none-chosen")}}
	if f.Vocabulary == "form.bound." {
		out[0].Label = p.Loc.T("form.bound.exact")
	}
	for _, code := range p.offered(f) {
		out = append(out, ui.Choice{Value: code, Label: p.codeName(f, code)})
	}
	chosen := p.Values.Get(path)
	label := chosen
	if !f.NamesKeys() && p.Loc.Has(f.Vocabulary+chosen) { // one that was retired
		label = p.codeName(f, chosen)
	}
	return p.keepChosen(out, chosen, label)
}

// keepChosen adds what is chosen to the choices where it is not among them.
func (p *painter) keepChosen(choices []ui.Choice, value, label string) []ui.Choice {
	if !slices.ContainsFunc(choices, func(c ui.Choice) bool { return c.Value == value }) {
		choices = append(choices, ui.Choice{Value: value, Label: label})
	}
	return choices
}

func (p *painter) choices(f *Field, path string) *ui.Field {
	out := p.field(f, path)
	there := map[string]bool{}
	for _, code := range p.offered(f) {
		there[code] = true
		out.Choices = append(out.Choices, ui.Choice{Value: code, Label: p.codeName(f, code), Selected: slices.Contains(p.Values[path], code)})
	}
	for _, code := range p.Values[path] {
		if !there[code] {
			there[code] = true
			out.Choices = append(out.Choices, ui.Choice{Value: code, Label: code, Selected: true})
		}
	}
	return &out
}

// languages are those of the interface first, then those in which public words
// on Morocco are often found.
func (p *painter) languages(path string) []ui.Choice {
	out := []ui.Choice{{Label: p.Loc.T("form.language.not-stated")}}
	for _, code := range append(i18n.Langs(), "zgh", "es", "de", "it", "nl", "pt", "ru", "tr", "zh") {
		out = append(out, ui.Choice{Value: code, Label: p.Loc.Language(code)})
	}
	return p.keepChosen(out, p.Values.Get(path), p.Values.Get(path))
}

func (p *painter) countries(path string) []ui.Choice {
	out := []ui.Choice{{Label: p.Loc.T("form.none-chosen")}}
	for _, code := range p.Loc.Countries() {
		out = append(out, ui.Choice{Value: code, Label: p.Loc.Country(code)})
	}
	return p.keepChosen(out, p.Values.Get(path), p.Values.Get(path))
}

func (p *painter) list(f *Field, path string) *views.ControlList {
	name := strings.ReplaceAll(f.Name, "_", "-")
	out := &views.ControlList{Label: p.label(f), Hint: p.hint(f), Error: p.errors[path], Add: p.Loc.T("form.add." + name)}
	ids, _ := itemIDs(p.Values, path)
	for i, id := range ids {
		at := join(path, id)
		item := views.ControlItem{
			Path: at, Number: id, Key: p.Values.Get(join(at, "key")), Up: i > 0, Down: i < len(ids)-1,
			Label: p.Loc.T("form.item."+name, "n", strconv.Itoa(i+1)),
		}
		item.Controls, item.More, item.MoreOpen = p.group(f.Fields, at)
		if at == p.Focus {
			focus(item.Controls)
		}
		if f.Keyed() && item.Key != "" {
			item.Brief = p.Loc.T("form.problem", "field", item.Label, "problem", p.brief(f, at))
			item.Open = p.wrong(at) || strings.HasPrefix(p.Focus+".", at+".")
		}
		out.Items = append(out.Items, item)
	}
	return out
}

// focus gives the first input of a group the focus when the page is loaded.
func focus(controls []views.Control) {
	for i := range controls {
		var in *ui.Field
		switch c := &controls[i]; {
		case c.Input != nil:
			in = c.Input
		case c.Texts != nil:
			in = &c.Texts.Inputs[0]
		case c.Date != nil:
			in = &c.Date.Field
		case c.Picker != nil:
			in = &c.Picker.Find
		default:
			continue
		}
		if in.Attrs == nil {
			in.Attrs = map[string]any{}
		}
		in.Attrs["autofocus"] = true
		return
	}
}
