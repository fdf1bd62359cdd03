package desk

import (
	"context"
	"slices"
	"strings"

	"github.com/sijil/sijil/internal/register"
	store "github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/web/desk/form"
	"github.com/sijil/sijil/views/ui"
)

// draftProblems say what is wrong in drafts, each with a link to the field
// where it is mended. A problem is of the first record, or of the one whose slug
// stands before its path, or alone.
func (d *Desk) draftProblems(ctx context.Context, r Request, heads []store.Record, problems register.Problems) ([]ui.Problem, error) {
	drafts := map[string]*drafted{}
	out := make([]ui.Problem, 0, len(problems))
	for _, p := range problems {
		head := heads[0]
		slug, path, _ := strings.Cut(p.Field, ": ")
		if i := slices.IndexFunc(heads, func(h store.Record) bool { return h.Slug == slug }); i >= 0 {
			head, p.Field = heads[i], path
		}
		if drafts[head.Slug] == nil {
			opened, err := d.drafted(ctx, r, head)
			if err != nil {
				return nil, err
			}
			drafts[head.Slug] = opened
		}
		line := drafts[head.Slug].problem(p)
		if head.ID != heads[0].ID {
			line.Text = drafts[head.Slug].title().S + " · " + line.Text
		}
		out = append(out, line)
	}
	return out, nil
}

// drafted is a draft of which it is said what is wrong.
type drafted struct {
	*editing
	index *form.Index
	names *called
}

func (d *Desk) drafted(ctx context.Context, r Request, head store.Record) (*drafted, error) {
	draft, head, err := d.editorial.Load(ctx, r.Who.Actor, head.ID)
	if err != nil {
		return nil, err
	}
	e := &editing{desk: d, r: r, draft: draft, head: head}
	names, err := e.call(ctx, nil)
	return &drafted{editing: e, index: form.NewIndex(e.parts(), nounOf(draft)), names: names}, err
}

// problem is a problem with the part, the item and the field in which it is.
func (x *drafted) problem(p register.Problem) ui.Problem {
	loc := x.desk.loc(x.r)
	if p.Key == "problem.code-unknown" && p.Value == "" {
		p.Key = "problem.missing" // no code at all
	}
	words := loc.T(p.Key)
	if p.Value != "" && p.Key == "problem.language-missing" {
		words += " (" + loc.Language(p.Value) + ")"
	}
	at := x.index.Locate(p)
	if x.find(at.Part) == nil { // of the record as a whole
		return ui.Problem{Href: "/" + x.r.Lang + x.path(), Text: words}
	}
	return ui.Problem{Href: x.address(at), Text: loc.Series(x.where(at, x.names)) + loc.T("punctuation.colon") + words}
}
