package desk

import (
	"context"
	"slices"
	"strings"

	"github.com/sijil/sijil/internal/register"
	store "github.com/sijil/sijil/internal/store/desk"
	views "github.com/sijil/sijil/views/desk"
	"github.com/sijil/sijil/views/ui"
)

// lookup is a field of a form that holds one or several records. What is typed
// into its search ("name.find") is looked for when the form is sent, so that
// it works without script.
type lookup struct {
	name  string
	of    register.RecordType
	multi bool
	// chosen are the records that the form holds, found those that fit what was
	// typed where they are more than one.
	chosen, found []store.Picked
	typed         string
	problem       string // key of a message; "" when all is well
}

// mostFound is how many records are offered for what was typed.
const mostFound = 8

// resolve finds what the form holds and what was typed. One record that fits is
// chosen; of several one is to be chosen.
func (d *Desk) resolve(ctx context.Context, r Request, values map[string][]string, l lookup) (*lookup, error) {
	var ids []register.Ref
	for _, id := range values[l.name] {
		if id != "" && !slices.Contains(ids, register.Ref(id)) {
			ids = append(ids, register.Ref(id))
		}
	}
	var err error
	if l.chosen, err = d.editorial.Entries(ctx, r.Who.Actor, ids); err != nil {
		return nil, err
	}
	if list := values[l.name+".find"]; len(list) > 0 {
		l.typed = strings.TrimSpace(list[0])
	}
	if l.typed == "" {
		return &l, nil
	}
	found, err := d.editorial.Pick(ctx, r.Who.Actor, l.of, l.typed, mostFound)
	if err != nil {
		return nil, err
	}
	l.take(found)
	return &l, nil
}

func (l *lookup) take(found []store.Picked) {
	same := func(p store.Picked) bool { return isCalled(p, l.typed) }
	switch exact := slices.IndexFunc(found, same); {
	case len(found) == 0:
		l.problem = "lookup.nothing"
	case len(found) == 1 || exact >= 0:
		picked := found[max(exact, 0)]
		if !l.multi {
			l.chosen = nil
		}
		if !slices.ContainsFunc(l.chosen, func(p store.Picked) bool { return p.ID == picked.ID }) {
			l.chosen = append(l.chosen, picked)
		}
		l.typed = ""
	default:
		l.found, l.problem = found, "lookup.several"
	}
}

// isCalled reports whether a record is called exactly what was typed.
func isCalled(p store.Picked, typed string) bool {
	for _, t := range []register.Text{p.Title, p.Short} {
		for _, name := range t {
			if strings.EqualFold(name, typed) {
				return true
			}
		}
	}
	return strings.EqualFold(p.Reference, typed)
}

// ids are the records that are chosen.
func (l *lookup) ids() []register.Ref {
	out := make([]register.Ref, len(l.chosen))
	for i, p := range l.chosen {
		out[i] = p.ID
	}
	return out
}

// draw is the field as a page shows it.
func (d *Desk) drawLookup(r Request, l *lookup, label, hint, problem string) views.Lookup {
	loc := d.loc(r)
	out := views.Lookup{
		Name: l.name, Type: string(l.of), Multi: l.multi, Label: label, Hint: hint, Error: problem, Remove: loc.T("lookup.remove"),
		Find: ui.Field{Name: l.name + ".find", Label: loc.T("lookup.find." + string(l.of)), Value: l.typed, Autocomplete: "off", Attrs: map[string]any{"dir": "auto"}},
	}
	if l.problem != "" {
		out.Find.Error = loc.T(l.problem)
	}
	for _, p := range l.chosen {
		out.Choices = append(out.Choices, ui.Choice{Value: string(p.ID), Label: pickedName(r, p), Selected: true})
	}
	for _, p := range l.found {
		if !slices.Contains(l.ids(), p.ID) {
			out.Choices = append(out.Choices, ui.Choice{Value: string(p.ID), Label: pickedName(r, p)})
		}
	}
	return out
}

// pickedName is what a record is called in a list: its title with the
// reference, or the date, that tells it from others.
func pickedName(r Request, p store.Picked) string {
	name, _, _ := p.Title.In(register.Lang(r.Lang))
	if short, _, ok := p.Short.In(register.Lang(r.Lang)); ok && short != name {
		name += " (" + short + ")"
	}
	switch {
	case p.Reference != "":
		name += " · " + p.Reference
	case !p.Occurred.IsZero():
		name += " · " + p.Occurred.String()
	}
	return name
}
