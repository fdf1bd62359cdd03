package desk

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/revision"
	store "github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/web/public"
	views "github.com/sijil/sijil/views/desk"
)

// meanwhileParam is the query parameter of the page that follows after a change
// was put together with those of others: the record, the version that the
// person had seen and the one that he made, with dots between.
const meanwhileParam = "meanwhile"

// mostPlaces bounds the places that are named on a page.
const mostPlaces = 8

// savedTo sends the person on after a change was saved. Where others had saved
// the record since the version that he saw, the next page says what they
// changed.
func savedTo(path, done string, saw, made editorial.Version) Answer {
	a := goTo(path, done)
	if made.Version > saw.Version+1 {
		a.RedirectTo += "&" + meanwhileParam + "=" + string(made.ID) + "." + strconv.Itoa(saw.Version) + "." + strconv.Itoa(made.Version)
	}
	return a
}

// meanwhile is what others changed of a record while the person worked on it,
// and what his own change left as it was; nil where the address does not ask
// for it, or there is nothing of that kind.
func (d *Desk) meanwhile(ctx context.Context, r Request) (*views.Meanwhile, error) {
	asked := strings.Split(r.Query.Get(meanwhileParam), ".")
	if len(asked) != 3 {
		return nil, nil
	}
	id, from, made := register.Ref(asked[0]), atoi(asked[1]), atoi(asked[2])
	theirs, err := d.editorial.Span(ctx, r.Who.Actor, id, from, made-1)
	if err != nil {
		return nil, ignoreNotFound(err)
	}
	own, err := d.editorial.Span(ctx, r.Who.Actor, id, made-1, made)
	if err != nil {
		return nil, ignoreNotFound(err)
	}
	loc := d.loc(r)
	f := &differ{Differ: public.Differ{Loc: loc, Titles: theirs.Titles, Type: theirs.Head.Type}}
	out := &views.Meanwhile{Places: f.kept(spanChanges(theirs), spanChanges(own))}
	if len(out.Places) == 0 {
		return nil, nil
	}
	title := d.titled(r, theirs.Titles[id]).S
	out.Text = loc.T("meanwhile.own", "title", title)
	if names := namesBut(theirs.By, r.Who.ID); len(names) > 0 {
		out.Text = loc.N("meanwhile.others", len(names), "names", loc.Series(names), "title", title)
	}
	out.Href = "/" + r.Lang + spanPath(theirs.Head, from, made-1)
	return out, nil
}

// namesBut are the names of people without the person himself.
func namesBut(people []store.Person, self string) []string {
	var out []string
	for _, p := range people {
		if p.ID != self {
			out = append(out, p.Name)
		}
	}
	return out
}

// kept says where others changed something that the person's own change left
// as they had made it.
func (f *differ) kept(theirs, own []revision.Change) []string {
	var out []string
	for _, c := range theirs {
		if slices.ContainsFunc(own, func(x revision.Change) bool { return x.At.Path == c.At.Path }) {
			continue
		}
		words := f.placeLabel(c.At)
		if part := f.Part(c.At.Part()); len(c.At.Items) > 0 || words == "" {
			words = strings.TrimSuffix(part+f.Loc.T("punctuation.colon")+words, f.Loc.T("punctuation.colon"))
		}
		if !slices.Contains(out, words) {
			out = append(out, words)
		}
	}
	if more := len(out) - mostPlaces; more > 0 {
		out = append(out[:mostPlaces], f.Loc.N("meanwhile.more", more))
	}
	return out
}

// spanPath is the address, after /{lang}, of the differences between two
// versions of a record.
func spanPath(head store.Record, from, to int) string {
	return recordPath(head.Type, head.ID) + "/history?from=" + strconv.Itoa(from) + "&to=" + strconv.Itoa(to) + "#differences"
}

// spanChanges are the differences between the two versions of a span.
func spanChanges(s editorial.Span) []revision.Change {
	return changes(editorial.Reviewed{Head: s.Head, Before: s.Before, After: s.After})
}

// differences are what was made of the record of a history between the two
// versions that its address names; nil where it names none.
func (d *Desk) differences(ctx context.Context, r Request, id register.Ref) (*views.Differences, error) {
	from, to := atoi(r.Query.Get("from")), atoi(r.Query.Get("to"))
	if from < 1 || to <= from {
		return nil, nil
	}
	loc := d.loc(r)
	out := &views.Differences{Heading: loc.T("history.differences", "from", from, "to", to)}
	span, err := d.editorial.Span(ctx, r.Who.Actor, id, from, to)
	if errors.Is(err, register.ErrNotFound) {
		out.None = loc.T("history.not-kept")
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	f := &differ{Differ: public.Differ{Loc: loc, Titles: span.Titles, Type: span.Head.Type}}
	if out.Groups = f.Groups(spanChanges(span)); len(out.Groups) == 0 {
		out.None = loc.T("history.no-differences")
	}
	if names := namesBut(span.By, ""); len(names) > 0 {
		out.By = loc.T("history.differences-by", "names", loc.Series(names))
	}
	return out, nil
}
