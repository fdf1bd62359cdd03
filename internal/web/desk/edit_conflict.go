package desk

import (
	"context"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/revision"
	views "github.com/sijil/sijil/views/desk"
	"github.com/sijil/sijil/views/ui"
)

// conflictPage shows what two people changed in the same places.
func (e *editing) conflictPage(ctx context.Context, s *submission, conflicts []revision.Conflict) (templ.Component, error) {
	loc := e.desk.loc(e.r)
	c, err := e.call(ctx, e.form().Mentions(s.values))
	if err != nil {
		return nil, err
	}
	p := views.ConflictPage{Frame: e.desk.frame(e.r, loc.T("form.conflict.heading")), Record: e.recordLink(), Heading: e.heading(c)}
	for name, list := range s.values {
		if strings.HasPrefix(name, takeField) || strings.HasPrefix(name, ownField) {
			continue
		}
		for _, value := range list {
			p.Fields = append(p.Fields, ui.Labelled{Label: name, Text: ui.Text{S: value}})
		}
	}
	slices.SortStableFunc(p.Fields, func(a, b ui.Labelled) int { return strings.Compare(a.Label, b.Label) })
	for _, conflict := range conflicts {
		p.Conflicts = append(p.Conflicts, e.conflictOf(s, c, conflict))
	}
	return views.MergeConflict(p), nil
}

func (e *editing) conflictOf(s *submission, c *called, x revision.Conflict) views.Conflict {
	loc := e.desk.loc(e.r)
	out := views.Conflict{
		Name: takeField + x.At.Path, Label: e.placeLabel(x.At), Lang: string(x.At.Lang),
		Mine: e.words(x.At, x.Mine, c), Theirs: e.words(x.At, x.Theirs, c),
		MineIsGone: !x.Mine.Present, TheirsIsGone: !x.Theirs.Present, Chosen: s.values.Get(takeField + x.At.Path),
	}
	if out.Label == "" {
		out.Label = loc.T("form.part." + e.partKey(e.part.Name))
	}
	if x.Writable() {
		out.MineRuns, out.TheirsRuns = wordRuns(x.Base.Value, x.Mine.Value), wordRuns(x.Base.Value, x.Theirs.Value)
		out.OwnName = ownField + x.At.Path
		if out.Own = s.values.Get(out.OwnName); out.Own == "" {
			out.Own = out.Mine
		}
	}
	return out
}

// wordRuns is what somebody made of a text, word by word.
func wordRuns(before, after string) []views.DiffRun {
	if before == "" || after == "" {
		return nil // nothing to compare with: the words stand alone
	}
	return diffRuns(revision.Words(before, after))
}

// placeLabel says what the place of a conflict is called.
func (e *editing) placeLabel(at revision.Place) string {
	loc := e.desk.loc(e.r)
	var parts []string
	for _, item := range at.Items {
		name, _, _ := item.Name.In(register.Lang(e.r.Lang))
		if name == "" {
			name = item.Key
		}
		parts = append(parts, name)
	}
	if key := "form.field." + strings.ReplaceAll(lastStep(at), "_", "-"); loc.Has(key) {
		parts = append(parts, loc.T(key))
	}
	if at.Lang != "" {
		parts = append(parts, loc.Language(string(at.Lang)))
	}
	return loc.Series(parts)
}

// lastStep is the name of the field of a place, without its language.
func lastStep(at revision.Place) string {
	field := strings.TrimSuffix(at.Field, "."+string(at.Lang))
	return field[strings.LastIndexByte(field, '.')+1:]
}

// words are what one side says, for a reader.
func (e *editing) words(at revision.Place, side revision.Side, c *called) string {
	if !side.Present || at.Kind == revision.KindItem {
		var parts []string
		for _, f := range side.Fields {
			if f.Kind == revision.KindWords && (f.Lang == "" || string(f.Lang) == e.r.Lang) {
				parts = append(parts, f.Value)
			}
		}
		return strings.Join(parts, "\n")
	}
	if name := c.names[side.Value]; name != "" {
		return name
	}
	return side.Value
}
