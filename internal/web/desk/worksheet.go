package desk

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
	views "github.com/sijil/sijil/views/desk"
)

// csrfField is the name of the field that proves that a form is ours.
const csrfField = "csrf"

// typed returns what a person last typed into the form of this page and has
// not saved, with the notice that says so; nil, nil when there is nothing.
func (d *Desk) typed(ctx context.Context, r Request) (url.Values, *views.Restored, error) {
	sheet, err := d.editorial.Worksheet(ctx, r.Who.Actor, r.Path)
	if errors.Is(err, register.ErrNotFound) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	return sheet.Form, &views.Restored{
		At: d.moment(r, sheet.SavedAt), Place: r.Path,
	}, nil
}

// moment writes a moment of the desk in the reader's language: the time, with
// the day unless it is today.
func (d *Desk) moment(r Request, at time.Time) string {
	local := at.In(edtf.Location())
	clock := local.Format("15:04")
	if edtf.DayOf(at) == edtf.DayOf(d.now()) {
		return clock
	}
	return d.loc(r).T("desk.day-and-time", "day", edtf.DayOf(at).Date().Text(r.Lang, edtf.Short), "time", clock)
}

// Keep does for the form of a page what is the same everywhere: what was saved
// is forgotten as unsaved work, and what was refused is kept as such.
func (d *Desk) Keep(ctx context.Context, r Request, a Answer) error {
	switch {
	case a.RedirectTo != "":
		return d.editorial.DropWorksheet(ctx, r.Who.Actor, r.Path)
	case a.Status == http.StatusUnprocessableEntity || a.Status == http.StatusConflict:
		_, err := d.editorial.KeepWorksheet(ctx, r.Who.Actor, r.Path, worth(r.Form))
		return err
	}
	return nil
}

// worth leaves out of a form what is not the person's own words.
func worth(form url.Values) url.Values {
	out := maps.Clone(form)
	delete(out, csrfField)
	delete(out, OnceField)
	delete(out, "place")
	return out
}

// OnceField is the name of the field with a form's random word.
const OnceField = "once"

// Once does the work of a form that is sent twice once; see editorial.
func (d *Desk) Once(
	ctx context.Context, r Request, sent url.Values, do func(context.Context) (string, error),
) (target string, again bool, err error) {
	return d.editorial.Once(ctx, r.Who.Actor, r.Form.Get(OnceField), sent, do)
}

// DoneBefore leads to where somebody sees what came of a form that was done when it was
// sent before, where nobody knows any more to which page that had led.
func DoneBefore(path string) Answer { return goTo(path, "sent-before") }

// Autosave keeps what is being typed. The script calls it with the fields of
// the form and its place.
func (d *Desk) Autosave(ctx context.Context, r Request) (Answer, error) {
	place := r.Form.Get("place")
	if !strings.HasPrefix(place, "/desk/") || len(place) > 300 {
		return Answer{}, register.ErrInvalid
	}
	sheet, err := d.editorial.KeepWorksheet(ctx, r.Who.Actor, place, worth(r.Form))
	if err != nil {
		return Answer{}, err
	}
	return Answer{JSON: map[string]string{
		"saved": d.loc(r).T("desk.autosaved", "time", d.moment(r, sheet.SavedAt)),
	}}, nil
}

// DiscardTyped forgets unsaved work at a person's word, and shows the page as
// it is saved.
func (d *Desk) DiscardTyped(ctx context.Context, r Request) (Answer, error) {
	place := r.Form.Get("place")
	if !strings.HasPrefix(place, "/desk/") || strings.ContainsAny(place, "?#\\") {
		return Answer{}, register.ErrInvalid
	}
	if err := d.editorial.DiscardWorksheet(ctx, r.Who.Actor, place); err != nil {
		return Answer{}, err
	}
	return goTo(place, "typed-discarded"), nil
}

func ignoreNotFound(err error) error {
	if errors.Is(err, register.ErrNotFound) {
		return nil
	}
	return err
}
