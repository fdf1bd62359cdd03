package form

import (
	"slices"
	"strings"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/views/ui"
)

// Summary says what the fields of a form hold, one line for each that holds
// something or cannot be left empty.
func (f *Form) Summary(d Drawing) []ui.Labelled {
	p := &painter{Drawing: d, langs: languagesIn(d.Values), errors: map[string]string{}}
	var out []ui.Labelled
	for i := range f.Fields {
		field := &f.Fields[i]
		text, foreign := p.summary(field, field.Name)
		if text == "" && !field.Required {
			continue
		}
		line := ui.Labelled{Label: d.Loc.T("form.field." + p.message("form.field.", field)), Text: foreign}
		line.Text.S = text
		if text == "" {
			line.NotStated, line.Text.S = true, d.Loc.T("label.not-stated")
		}
		out = append(out, line)
	}
	return out
}

// summary is what a field holds, in words; with the language of a text that is
// not the reader's.
func (p *painter) summary(f *Field, path string) (words string, in ui.Text) {
	var list []string
	switch f.Kind {
	case Text:
		return p.textIn(path)
	case Group:
		for i := range f.Fields {
			if s, _ := p.summary(&f.Fields[i], join(path, f.Fields[i].Name)); s != "" && f.Fields[i].Kind != Key {
				list = append(list, s)
			}
		}
	case List:
		ids, _ := itemIDs(p.Values, path)
		for _, id := range ids {
			if s := p.itemSummary(f, join(path, id)); s != "" {
				list = append(list, s)
			}
		}
	case Key:
	default:
		for _, value := range p.Values[path] {
			if value != "" {
				list = append(list, p.value(f, value))
			}
		}
	}
	return p.Loc.Series(list), ui.Text{}
}

func (p *painter) itemSummary(f *Field, at string) string {
	var list []string
	for i := range f.Fields {
		kind := f.Fields[i].Kind
		if f.Fields[i].Folded || kind == Key || kind == Sources || kind == Claims {
			continue
		}
		if s, _ := p.summary(&f.Fields[i], join(at, f.Fields[i].Name)); s != "" {
			list = append(list, s)
		}
	}
	return strings.Join(list, " ")
}

// brief is what the first fields of an item say.
func (p *painter) brief(f *Field, at string) string {
	const enough = 3
	var list []string
	for i := range f.Fields {
		switch x := &f.Fields[i]; x.Kind {
		case Text, Code, Codes, Number, Line:
			if s, _ := p.summary(x, join(at, x.Name)); s != "" && len(list) < enough {
				list = append(list, s)
			}
		default: // lists and references make it longer, not clearer
		}
	}
	return p.Loc.Series(list)
}

// textIn is a text in the reader's language, or else in the first in which it
// is there.
func (p *painter) textIn(path string) (string, ui.Text) {
	t := register.Text{}
	for _, lang := range p.langs[path] {
		t[register.Lang(lang)] = p.Values.Get(join(path, lang))
	}
	words, lang, _ := t.In(register.Lang(p.Loc.Lang()))
	return words, ui.Text{Lang: string(lang), Foreign: string(lang) != p.Loc.Lang()}
}

// value is one value in words.
func (p *painter) value(f *Field, value string) string {
	switch f.Kind {
	case Code, Codes:
		return p.codeName(f, value)
	case Lang:
		return p.Loc.Language(value)
	case Country:
		return p.Loc.Country(value)
	case Ref, Refs, Sources:
		return p.name(value)
	case Claim, Claims:
		statement, _, _ := strings.Cut(value, "#")
		return p.name(statement)
	case Flag:
		return p.Loc.T("form.yes")
	case Date:
		if d, err := edtf.Parse(value); err == nil {
			return d.Text(p.Loc.Lang(), edtf.Long)
		}
	case Prose:
		const enough = 200
		if short := []rune(value); len(short) > enough {
			return strings.TrimSpace(string(short[:enough])) + "…"
		}
	default:
	}
	return value
}

// Called says what an item of a list of a record is called: what its first
// texts, codes and records say, until there is a name.
func (p *Part) Called(loc *i18n.Localizer, item any, names map[string]string) (words string, in ui.Text) {
	values := p.Item.Values(item)
	d := &painter{Drawing: Drawing{Loc: loc, Values: values, Names: names}, langs: languagesIn(values)}
	for _, name := range called(p.Name) {
		if name == "names" {
			if words = d.namesIn(name); words != "" {
				return words, ui.Text{}
			}
		} else if f := p.Item.Find(name); f != nil {
			if words, in = d.summary(f, name); words != "" {
				return words, in
			}
		}
	}
	return p.KeyOf(item), ui.Text{}
}

// namesIn are the names in a list of names, each once.
func (p *painter) namesIn(path string) string {
	var list []string
	ids, _ := itemIDs(p.Values, path)
	for _, id := range ids {
		if name, _ := p.textIn(join(path, id) + ".name"); name != "" && !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return p.Loc.Series(list)
}

// called are the fields by which the items of a list are called.
func called(part string) []string {
	switch part {
	case "answers":
		return []string{"question"}
	case "affected":
		return []string{"institution"}
	case "systems":
		return []string{"names", "institution"}
	case "claims":
		return []string{"paraphrase", "quotes"}
	case "renderings":
		return []string{"publisher"}
	case "differences":
		return []string{"note"}
	}
	return []string{"title", "name"}
}

// KindOf says what kind of thing an item of a list is.
func (p *Part) KindOf(loc *i18n.Localizer, item any) string {
	values := p.Item.Values(item)
	d := &painter{Drawing: Drawing{Loc: loc, Values: values}, langs: languagesIn(values)}
	for _, name := range []string{"kind", "topic", "roles", "language", "office", "answer"} {
		if f := p.Item.Find(name); f != nil && (name != "kind" || values.Get(name) != "") {
			words, _ := d.summary(f, name)
			return words
		}
	}
	return ""
}

// DateOf says when an item of a list was, as far as it is a fact.
func (p *Part) DateOf(loc *i18n.Localizer, item any) string {
	date := ""
	register.EachFact(item, func(f *register.Fact) {
		if f.Key == p.KeyOf(item) {
			date = f.Dates.Date().Text(loc.Lang(), edtf.Short)
		}
	})
	return date
}
