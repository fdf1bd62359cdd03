package desk

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/lookalike"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/web/desk/form"
	views "github.com/sijil/sijil/views/desk"
)

const (
	// shownLookalikes is how many odd words are listed, and shownLetters how many
	// letters of each.
	shownLookalikes = 12
	shownLetters    = 6
)

// oddWord is an odd word with the place where it is entered.
type oddWord struct {
	lookalike.Finding
	at form.Place
}

// oddIn finds the odd words in what was entered in a form.
func oddIn(f *form.Form, noun any, at form.Place) []oddWord {
	var out []oddWord
	values := f.Values(noun)
	for _, path := range slices.Sorted(maps.Keys(values)) {
		for _, text := range values[path] {
			for _, found := range judged(text) {
				at.Path = path
				out = append(out, oddWord{found, at})
			}
		}
	}
	return out
}

// judged finds the odd words in a text, or in an address.
func judged(text string) []lookalike.Finding {
	if strings.HasPrefix(text, "https://") || strings.HasPrefix(text, "http://") {
		return lookalike.Address(text)
	}
	return lookalike.Text(text)
}

// odd finds the odd words in the record, part by part.
func (e *editing) odd() []oddWord {
	var out []oddWord
	noun := nounOf(e.draft)
	parts := e.parts()
	for i := range parts {
		out = append(out, e.oddOf(&parts[i], noun)...)
	}
	return out
}

func (e *editing) oddOf(p *form.Part, noun any) []oddWord {
	if p.Form != nil {
		return oddIn(p.Form, noun, form.Place{Part: p.Name})
	}
	var out []oddWord
	for _, key := range p.Keys(noun) {
		out = append(out, oddIn(p.Item, p.Get(noun, key), form.Place{Part: p.Name, Item: key})...)
	}
	return out
}

// lookalikes show the odd words of the record, with a link to the field of each.
func (e *editing) lookalikes(words []oddWord, c *called) views.Lookalikes {
	return shownOf(e.desk.loc(e.r), words, func(at form.Place) (string, string) {
		return e.desk.loc(e.r).Series(e.where(at, c)), e.address(at)
	})
}

// lookalikesHere are those of the part, or of the item, that is edited.
func (e *editing) lookalikesHere() views.Lookalikes {
	item := e.item(nounOf(e.draft))
	if item == nil || e.key == newItem {
		return views.Lookalikes{}
	}
	values := e.form().Values(item)
	return shownOf(e.desk.loc(e.r), oddIn(e.form(), item, form.Place{}), func(at form.Place) (string, string) {
		return e.form().Label(e.desk.loc(e.r), values, at.Path), "#" + at.Path
	})
}

// where names the part, the item and the field of a place.
func (e *editing) where(at form.Place, c *called) []string {
	loc := e.desk.loc(e.r)
	part := e.find(at.Part)
	where := []string{loc.T("form.part." + e.partKey(part.Name))}
	fields, noun := part.Form, nounOf(e.draft)
	if part.Item != nil {
		fields = part.Item
		if item := part.Get(noun, at.Item); at.Item != "" && item != nil {
			name, _ := part.Called(loc, item, c.names)
			where, noun = append(where, name), item
		} else {
			fields = nil
		}
	}
	if fields != nil {
		if label := fields.Label(loc, fields.Values(noun), at.Path); label != "" {
			where = append(where, label)
		}
	}
	return where
}

// reviewLookalikes are those of what is reviewed, and of the sources that it
// cites.
func (d *Desk) reviewLookalikes(ctx context.Context, r Request, m *editorial.Reviewed) (views.Lookalikes, error) {
	e := &editing{desk: d, r: r, draft: m.After, head: m.Head}
	out := d.sourceLookalikes(r, m.Cited)
	words := e.odd()
	if len(words) == 0 {
		return out, nil
	}
	c, err := e.call(ctx, nil)
	if err != nil {
		return out, err
	}
	own := e.lookalikes(words, c)
	own.Rows = append(own.Rows, out.Rows...)
	own.More = strings.TrimSpace(own.More + " " + out.More)
	return own, nil
}

// sourceLookalikes are those of sources, each with a link to its form.
func (d *Desk) sourceLookalikes(r Request, sources []register.Source) views.Lookalikes {
	loc := d.loc(r)
	var words []oddWord
	labels := map[form.Place]string{}
	for i := range sources {
		s := &sources[i]
		for _, w := range oddIn(d.source, s, form.Place{Item: s.Key}) {
			words = append(words, w)
			labels[w.at] = loc.Series([]string{loc.T("work.source"), sourceTitle(*s), d.source.Label(loc, d.source.Values(s), w.at.Path)})
		}
	}
	return shownOf(loc, words, func(at form.Place) (string, string) {
		return labels[at], "/" + r.Lang + "/desk/sources/" + at.Item + "#" + at.Path
	})
}

// lineLookalikes are those of one text that is no field of a record.
func lineLookalikes(loc *i18n.Localizer, where, text string) views.Lookalikes {
	var words []oddWord
	for _, found := range judged(text) {
		words = append(words, oddWord{Finding: found})
	}
	return shownOf(loc, words, func(form.Place) (string, string) { return where, "" })
}

// shownOf are odd words as they are listed.
func shownOf(loc *i18n.Localizer, words []oddWord, place func(form.Place) (where, href string)) views.Lookalikes {
	var out views.Lookalikes
	for _, w := range words[:min(len(words), shownLookalikes)] {
		row := views.Lookalike{Word: w.Word, What: loc.T("lookalike."+string(w.Kind), "reads", w.Reads)}
		row.Where, row.Href = place(w.at)
		for _, l := range w.Letters[:min(len(w.Letters), shownLetters)] {
			row.Letters = append(row.Letters, oddLetter(loc, l))
		}
		row.MoreLetters = len(w.Letters) > shownLetters
		out.Rows = append(out.Rows, row)
	}
	if more := len(words) - shownLookalikes; more > 0 {
		out.More = loc.N("lookalike.more", more)
	}
	return out
}

func oddLetter(loc *i18n.Localizer, l lookalike.Letter) views.OddLetter {
	out := views.OddLetter{Code: fmt.Sprintf("%U", l.Rune)}
	if l.Script == "" { // it would be seen no better here
		return out
	}
	out.Letter, out.Script = string(l.Rune), strings.ReplaceAll(l.Script, "_", " ")
	if key := "script." + strings.ToLower(l.Script); loc.Has(key) {
		out.Script = loc.T(key)
	}
	return out
}
