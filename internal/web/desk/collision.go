package desk

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/revision"
	"github.com/sijil/sijil/internal/web/public"
	views "github.com/sijil/sijil/views/desk"
	"github.com/sijil/sijil/views/ui"
)

// The names of the fields by which a conflict is decided.
const (
	takeField = "take."
	ownField  = "own."
)

// answers are the answers to conflicts in a form.
func answers(values url.Values) map[string]revision.Choice {
	out := map[string]revision.Choice{}
	for name := range values {
		if path, ok := strings.CutPrefix(name, takeField); ok {
			out[path] = revision.Choice{Take: revision.Take(values.Get(name)), Words: values.Get(ownField + path)}
		}
	}
	return out
}

// gaveWay reports whether what somebody else had made was chosen somewhere.
func gaveWay(chosen map[string]revision.Choice) bool {
	for _, c := range chosen {
		if c.Take == revision.TakeTheirs {
			return true
		}
	}
	return false
}

// collision is a form that cannot be saved as it is, because somebody else
// changed the same places meanwhile.
type collision struct {
	record    ui.Link
	typ       register.RecordType // of the record
	heading   string              // of the form
	part      string              // what a place is called that has no name of its own
	values    url.Values          // the form, sent again with the answers
	conflicts []revision.Conflict
}

// collided answers with the page that shows, place by place, what was typed
// beside what somebody else made of it, and asks what is to stand there.
func (d *Desk) collided(ctx context.Context, r Request, x collision) (Answer, error) {
	f, err := d.namesAtStake(ctx, r, x)
	if err != nil {
		return Answer{}, err
	}
	p := views.ConflictPage{Frame: d.frame(r, f.Loc.T("form.conflict.heading")), Record: x.record, Heading: x.heading}
	for name, list := range worth(x.values) {
		if strings.HasPrefix(name, takeField) || strings.HasPrefix(name, ownField) {
			continue
		}
		for _, value := range list {
			p.Fields = append(p.Fields, ui.Labelled{Label: name, Text: ui.Text{S: value}})
		}
	}
	slices.SortStableFunc(p.Fields, func(a, b ui.Labelled) int { return strings.Compare(a.Label, b.Label) })
	for _, c := range x.conflicts {
		p.Conflicts = append(p.Conflicts, f.conflict(x, c))
	}
	return Answer{Status: http.StatusConflict, Page: views.MergeConflict(p)}, nil
}

// namesAtStake finds out what the records and sources are called between which
// is to be chosen.
func (d *Desk) namesAtStake(ctx context.Context, r Request, x collision) (*differ, error) {
	var refs []register.Ref
	var keys []string
	for _, c := range x.conflicts {
		for _, side := range []revision.Side{c.Mine, c.Theirs} {
			fields := append(slices.Clone(side.Fields), revision.Field{Place: c.At, Value: side.Value})
			for _, field := range fields {
				switch ref, _, _ := strings.Cut(field.Value, "#"); field.Kind {
				case revision.KindRecord, revision.KindClaim:
					refs = append(refs, register.Ref(ref))
				case revision.KindSource:
					keys = append(keys, field.Value)
				default:
				}
			}
		}
	}
	names, err := d.editorial.Call(ctx, r.Who.Actor, refs, keys)
	f := &differ{Differ: public.Differ{Loc: d.loc(r), Titles: map[register.Ref]register.Text{}, Named: map[string]string{}, Type: x.typ}}
	for ref, t := range names.Records {
		f.Titles[ref] = t.Title
	}
	for key, source := range names.Sources {
		f.Named[key] = sourceTitle(source)
	}
	return f, err
}

// conflict is one place as the page shows it.
func (f *differ) conflict(of collision, x revision.Conflict) views.Conflict {
	out := views.Conflict{
		Name: takeField + x.At.Path, Label: f.placeLabel(x.At), Lang: string(x.At.Lang),
		Mine: f.side(x.At, x.Mine), Theirs: f.side(x.At, x.Theirs),
		MineIsGone: !x.Mine.Present, TheirsIsGone: !x.Theirs.Present, Chosen: of.values.Get(takeField + x.At.Path),
	}
	if out.Label == "" {
		out.Label = of.part
	}
	if x.Writable() {
		out.MineRuns, out.TheirsRuns = f.wordRuns(x.Base.Value, x.Mine.Value), f.wordRuns(x.Base.Value, x.Theirs.Value)
		out.OwnName = ownField + x.At.Path
		if out.Own = of.values.Get(out.OwnName); out.Own == "" {
			out.Own = out.Mine
		}
	}
	return out
}

// wordRuns is what somebody made of a text, word by word.
func (f *differ) wordRuns(before, after string) []views.DiffRun {
	if before == "" || after == "" {
		return nil // nothing to compare with: the words stand alone
	}
	return public.DiffRuns(f.budget.Words(before, after))
}

// placeLabel says what a place in a record is called.
func (f *differ) placeLabel(at revision.Place) string {
	var parts []string
	for _, item := range at.Items {
		name, _, _ := item.Name.In(register.Lang(f.Loc.Lang()))
		if name == "" {
			name = item.Key
		}
		parts = append(parts, name)
	}
	field := strings.TrimSuffix(at.Field, "."+string(at.Lang))
	last := strings.ReplaceAll(field[strings.LastIndexByte(field, '.')+1:], "_", "-")
	if key := "form.field." + last; f.Loc.Has(key) {
		parts = append(parts, f.Loc.T(key))
	}
	if at.Lang != "" {
		parts = append(parts, f.Loc.Language(string(at.Lang)))
	}
	return f.Loc.Series(parts)
}

// side is what one of two people says at a place, for a reader.
func (f *differ) side(at revision.Place, side revision.Side) string {
	switch {
	case !side.Present || at.Kind == revision.KindItem:
		return f.wordsOf(side.Fields)
	case side.Value == "":
		return ""
	case at.Kind == revision.KindSource && f.Named[side.Value] != "":
		return f.Named[side.Value]
	}
	return f.Value(at, side.Value).S
}

// wordsOf are the words of an item: those in the reader's language, or all
// where it has none in that.
func (f *differ) wordsOf(fields []revision.Field) string {
	var own, all []string
	for _, field := range fields {
		if field.Kind != revision.KindWords {
			continue
		}
		all = append(all, field.Value)
		if field.Lang == "" || string(field.Lang) == f.Loc.Lang() {
			own = append(own, field.Value)
		}
	}
	if len(own) == 0 {
		own = all
	}
	return strings.Join(own, "\n")
}
