package editorial

import (
	"context"
	"fmt"
	"slices"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// Rename gives an institution new names from a date on.
type Rename struct {
	// Names are the new ones, by kind and language; a language without one
	// keeps its name.
	Names map[register.NameKind]register.Text
	From  edtf.Date
	// Sources are the keys of those that carry it.
	Sources []string
}

// RenameInstitution closes the periods of an institution's present names and
// adds the new ones, as a draft that takes the ordinary way to publication. It
// returns ErrForbidden, ErrNotFound, ErrConflict when the record has moved on,
// and Problems when no name, no date or no source is given.
func (e *Editorial) RenameInstitution(ctx context.Context, actor register.Actor, v Version, r Rename) (Version, error) {
	if !actor.Role.Can(register.MayDraft) {
		return Version{}, register.ErrForbidden
	}
	if err := r.problems().OrNil(); err != nil {
		return Version{}, err
	}
	var saved Version
	err := e.db.InTx(ctx, func(q store.Querier) error {
		d := desk.New(q)
		head, err := lockVersion(ctx, d, v)
		if err != nil {
			return err
		}
		if head.Type != register.TypeInstitution {
			return register.ErrNotFound
		}
		draft, err := load(ctx, d, head)
		if err != nil {
			return err
		}
		r.apply(draft.Institution)
		saved, err = save(ctx, d, actor, draft)
		return err
	})
	return saved, err
}

func (r *Rename) problems() register.Problems {
	var out register.Problems
	if r.Names[register.NameOfficial].IsZero() {
		out = append(out, register.Problem{Field: "names", Key: "problem.missing"})
	}
	if r.From.IsZero() {
		out = append(out, register.Problem{Field: "from", Key: "problem.missing"})
	}
	if len(r.Sources) == 0 {
		out = append(out, register.Problem{Field: "sources", Key: "problem.unsourced"})
	}
	return out
}

// apply writes the names into an institution. The old names end when the new
// ones begin; aliases, which are only other spellings, stay as they are.
func (r *Rename) apply(i *register.Institution) {
	taken := map[string]bool{}
	for _, n := range i.Names {
		taken[n.Key] = true
	}
	for _, o := range i.Officials {
		taken[o.Key] = true
	}
	var added []register.InstitutionName
	for _, kind := range register.NameKinds() {
		for _, lang := range register.Langs() {
			name := r.Names[kind][lang]
			if name == "" {
				continue
			}
			closeNames(i.Names, kind, lang, r.From)
			added = append(added, register.InstitutionName{
				Key: freeKey(taken, fmt.Sprintf("name-%s-%s", kind, lang)), Language: lang, Kind: kind, Name: name,
				From: r.From, Sources: slices.Clone(r.Sources),
			})
		}
	}
	i.Names = append(added, i.Names...)
}

// closeNames ends the open names of a kind in a language.
func closeNames(names []register.InstitutionName, kind register.NameKind, lang register.Lang, until edtf.Date) {
	for n := range names {
		if names[n].Kind == kind && names[n].Language == lang && names[n].Until.IsZero() {
			names[n].Until = until
		}
	}
}

// freeKey is the key, with a number where it is taken.
func freeKey(taken map[string]bool, key string) string {
	free := key
	for n := 2; taken[free]; n++ {
		free = fmt.Sprintf("%s-%d", key, n)
	}
	taken[free] = true
	return free
}
