package desk

import (
	"context"
	"regexp"
	"strings"

	"github.com/sijil/sijil/internal/register"
	store "github.com/sijil/sijil/internal/store/desk"
	views "github.com/sijil/sijil/views/desk"
	"github.com/sijil/sijil/views/ui"
)

// recordPlace is the place of a form of a record that exists.
var recordPlace = regexp.MustCompile(`^/desk/(incidents|statements|institutions)/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:/([a-z-]+))?`)

// unsaved are the forms into which the person has typed without saving them,
// each under the name of its page.
func (d *Desk) unsaved(ctx context.Context, r Request) ([]views.NewsLine, error) {
	sheets, err := d.editorial.Worksheets(ctx, r.Who.Actor)
	if err != nil {
		return nil, err
	}
	var ids []register.Ref
	for _, s := range sheets {
		if m := recordPlace.FindStringSubmatch(s.Place); m != nil {
			ids = append(ids, register.Ref(m[2]))
		}
	}
	titles, err := d.editorial.Titles(ctx, r.Who.Actor, ids)
	if err != nil {
		return nil, err
	}
	out := make([]views.NewsLine, len(sheets))
	for i, s := range sheets {
		name, note := d.placeName(r, s.Place, titles)
		if note != "" {
			note += d.loc(r).T("list.comma")
		}
		out[i] = views.NewsLine{Link: ui.Link{Href: "/" + r.Lang + s.Place, Text: name}, Note: note + d.moment(r, s.SavedAt)}
	}
	return out, nil
}

// placeName is what the page of a form is called: the record with the part of
// it, or the page alone.
func (d *Desk) placeName(r Request, place string, titles map[register.Ref]register.Text) (name ui.Text, part string) {
	if m := recordPlace.FindStringSubmatch(place); m != nil {
		return d.titled(r, titles[register.Ref(m[2])]), d.partName(r, recordTypes()[m[1]], m[3])
	}
	loc := d.loc(r)
	var key string
	switch {
	case place == "/desk/incidents/new":
		key = "log.heading"
	case place == "/desk/statements/new":
		key = "attach.title"
	case strings.HasPrefix(place, "/desk/review/"):
		key = "review.page"
	case strings.HasPrefix(place, "/desk/sources/"):
		key = "work.list.sources"
	case strings.HasPrefix(place, "/desk/decisions/"):
		key = "decisions.title"
	default:
		return ui.Text{S: place, Lang: r.Lang}, ""
	}
	return ui.Text{S: loc.T(key), Lang: r.Lang}, ""
}

// partName is what a page of a record is called; "" where it has no name of its
// own.
func (d *Desk) partName(r Request, t register.RecordType, part string) string {
	loc := d.loc(r)
	switch part {
	case "send":
		return loc.T("send.title")
	case "history":
		return loc.T("history.title")
	case "text":
		return loc.T("attach.step.text")
	}
	e := editing{desk: d, r: r, head: store.Record{Type: t}}
	if key := "form.part." + e.partKey(part); loc.Has(key) {
		return loc.T(key)
	}
	return ""
}
