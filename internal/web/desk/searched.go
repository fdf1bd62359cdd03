package desk

import (
	"context"
	"slices"
	"strings"

	"github.com/sijil/sijil/internal/register"
	store "github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/web/desk/form"
	views "github.com/sijil/sijil/views/desk"
	"github.com/sijil/sijil/views/ui"
)

// mostFound is how many records are offered for what was typed.
const mostFound = 10

// searched is a picker of a form that is no noun's: it holds one or several
// records. What is typed into its search ("path.find") is looked for when the
// form is sent, so that it works without script.
type searched struct {
	path  string
	of    register.RecordType
	multi bool
	// chosen are the records that the form holds, found those that fit what was
	// typed where they are more than one.
	chosen, found []store.Picked
	typed         string
	problem       string // key of a message; "" when all is well
}

// look finds what the form holds and what was typed. One record that fits is
// chosen; of several one is to be chosen.
func (d *Desk) look(ctx context.Context, r Request, values map[string][]string, s searched) (*searched, error) {
	var ids []register.Ref
	have := map[string]bool{"": true}
	for _, id := range values[s.path] {
		if !have[id] {
			have[id] = true
			ids = append(ids, register.Ref(id))
		}
	}
	var err error
	if s.chosen, err = d.editorial.Entries(ctx, r.Who.Actor, ids); err != nil {
		return nil, err
	}
	s.typed = strings.TrimSpace(first(values[s.path+".find"]))
	if s.typed == "" {
		return &s, nil
	}
	exact, found, err := d.editorial.Resolve(ctx, r.Who.Actor, s.of, s.typed, mostFound)
	if err != nil {
		return nil, err
	}
	s.take(exact, found, first(values[s.path+".offered"]) == s.typed)
	return &s, nil
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// take decides on what was found; answered says that it was offered before, so
// that one of it may be chosen now.
func (s *searched) take(exact *store.Picked, found []store.Picked, answered bool) {
	holds := func(p store.Picked) bool {
		return slices.ContainsFunc(s.chosen, func(c store.Picked) bool { return c.ID == p.ID })
	}
	switch {
	case answered && slices.ContainsFunc(found, holds):
		s.typed = ""
	case exact != nil || len(found) == 1:
		if exact == nil {
			exact = &found[0]
		}
		if !s.multi {
			s.chosen = nil
		}
		if !holds(*exact) {
			s.chosen = append(s.chosen, *exact)
		}
		s.typed = ""
	case len(found) == 0:
		s.problem = form.ProblemNotFound
	default:
		s.found, s.problem = found, form.ProblemChoose
	}
}

// ids are the records that are chosen.
func (s *searched) ids() []register.Ref {
	out := make([]register.Ref, len(s.chosen))
	for i, p := range s.chosen {
		out[i] = p.ID
	}
	return out
}

// drawSearched is the picker as a page shows it.
func (d *Desk) drawSearched(r Request, s *searched, label, hint string, wrong map[string]string) views.Picker {
	loc, find := d.loc(r), s.path+".find"
	out := views.Picker{
		Type: string(s.of), Multi: s.multi, Label: label, Hint: hint, Error: wrong[s.path], Remove: loc.T("form.remove"),
		Find: ui.Field{
			Name: find, Label: loc.T("form.find." + string(s.of)), Value: s.typed, Error: wrong[find],
			Autocomplete: "off", Attrs: map[string]any{"dir": "auto"},
		},
	}
	for _, p := range s.chosen {
		out.Chosen = append(out.Chosen, ui.Choice{Value: string(p.ID), Label: d.pickedLabel(r, p), Selected: true})
	}
	for _, p := range s.found {
		out.Offered = s.typed
		if !slices.Contains(s.ids(), p.ID) {
			out.Chosen = append(out.Chosen, ui.Choice{Value: string(p.ID), Label: d.pickedLabel(r, p)})
		}
	}
	return out
}

// pickedLabel is what a record is called among others, with what tells it from
// them.
func (d *Desk) pickedLabel(r Request, p store.Picked) string {
	return strings.Join(append([]string{d.pickedName(r, p).S}, d.pickedNotes(r, p)...), " · ")
}
