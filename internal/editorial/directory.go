package editorial

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/store/record"
)

// keep writes what follows from the content of a version: the version itself,
// as it was saved, and the record's entry in the directory.
func keep(ctx context.Context, d *desk.Queries, draft Draft) error {
	if err := d.InsertRevision(ctx, draft.ID, draft.Version, draft.noun()); err != nil {
		return fmt.Errorf("keep revision: %w", err)
	}
	if err := d.SaveEntry(ctx, entryOf(draft)); err != nil {
		return fmt.Errorf("list in directory: %w", err)
	}
	return nil
}

// entryOf is what lists and pickers know of a draft.
func entryOf(draft Draft) desk.Entry {
	e := desk.Entry{Record: draft.ID, Type: draft.Type(), Share: draft.Completeness(register.Gauge{}).Share}
	var words []string
	switch e.Type {
	case register.TypeIncident:
		e.Title, e.Occurred = draft.Incident.Title, draft.Incident.Occurred()
		e.WaitsSince, _ = draft.Incident.UnconfirmedSince()
		for _, a := range draft.Incident.Affected {
			e.Institutions = append(e.Institutions, a.Institution)
		}
	case register.TypeStatement:
		e.Title, e.Occurred = draft.Statement.Title, draft.Statement.Dates.Date()
		e.OriginalNotSeen = draft.Statement.OriginalNotSeen
		if draft.Statement.Issuer != "" {
			e.Institutions = []register.Ref{draft.Statement.Issuer}
		}
		words = append(words, texts(draft.Statement.IssuerName)...)
	case register.TypeInstitution:
		e.Title = draft.Institution.NameText(register.NameOfficial)
		e.Short = draft.Institution.ShortName()
		// A name whose language is not stated yet is found, and shown in no language.
		delete(e.Title, "")
		delete(e.Short, "")
		for _, n := range draft.Institution.Names {
			words = append(words, n.Name)
			if n.Kind == register.NameAcronym {
				e.Acronyms = append(e.Acronyms, record.Fold(n.Name))
			}
		}
	}
	words = append(texts(e.Title), words...)
	e.Folded = foldAll(words)
	return e
}

// texts are the texts of all languages, in the order of the languages' codes.
func texts(t register.Text) []string {
	var out []string
	for _, lang := range slices.Sorted(maps.Keys(t)) {
		out = append(out, t[lang])
	}
	return out
}

// foldAll folds words for search; each name is a line of its own, so that no
// search finds the end of one with the beginning of the next. A line begins
// with a space, as every word then does.
func foldAll(words []string) string {
	var lines []string
	for _, w := range words {
		if folded := " " + record.Fold(w); folded != " " && !slices.Contains(lines, folded) {
			lines = append(lines, folded)
		}
	}
	return strings.Join(lines, "\n")
}

// Completeness says what is missing of the draft. In the directory it stands
// without what depends on the day: a referral that grows stale.
func (d *Draft) Completeness(by register.Gauge) register.Completeness {
	switch d.Type() {
	case register.TypeIncident:
		return d.Incident.Completeness(by)
	case register.TypeStatement:
		return d.Statement.Completeness(by)
	case register.TypeInstitution:
	}
	return d.Institution.Completeness()
}

// CatchUp writes what is kept of records beside their content where it is
// missing: for records from before it was kept. It also notes the takedowns that
// are not noted. It may run at every start.
func (e *Editorial) CatchUp(ctx context.Context) error {
	if e.blobs != nil {
		if err := NoteRemovals(ctx, e.db, e.blobs); err != nil {
			return err
		}
	}
	if err := e.catchUpSources(ctx); err != nil {
		return err
	}
	if err := e.catchUpSearch(ctx); err != nil {
		return err
	}
	const batch = 200
	for {
		count := 0
		err := e.db.InTx(ctx, func(q store.Querier) error {
			d := desk.New(q)
			heads, err := d.Unlisted(ctx, batch)
			count = len(heads)
			if err != nil {
				return err
			}
			return catchUp(ctx, d, heads)
		})
		if err != nil || count < batch {
			return err
		}
	}
}

// catchUpSearch makes findable what was published before it could be found.
func (e *Editorial) catchUpSearch(ctx context.Context) error {
	const batch = 50
	for {
		count := 0
		err := e.db.InTx(ctx, func(q store.Querier) error {
			w := record.NewWriter(q)
			err := w.LockGeneration(ctx) // the words of incidents are counted
			if err == nil {
				count, err = w.MakeFindable(ctx, batch)
			}
			if err == nil && count > 0 {
				err = w.BumpGeneration(ctx) // pages that did not find them are old
			}
			return err
		})
		if err != nil || count < batch {
			return err
		}
	}
}

func catchUp(ctx context.Context, d *desk.Queries, heads []desk.Record) error {
	for _, head := range heads {
		draft, err := load(ctx, d, head)
		if err != nil {
			return fmt.Errorf("catch up with %s: %w", head.Slug, err)
		}
		kept, err := d.HasRevision(ctx, head.ID, head.Version)
		if err != nil {
			return err
		}
		if kept {
			err = d.SaveEntry(ctx, entryOf(draft))
		} else {
			err = keep(ctx, d, draft)
		}
		if err != nil {
			return fmt.Errorf("catch up with %s: %w", head.Slug, err)
		}
	}
	return nil
}
