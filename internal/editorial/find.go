package editorial

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/store/record"
)

// maxWords is how many words of a question are looked for.
const maxWords = 6

// words folds a question into the words that are looked for.
func words(question string) []string {
	list := strings.Fields(record.Fold(question))
	return list[:min(len(list), maxWords)]
}

// Pick offers records of a type for what was typed into a picker, whatever the
// accents, the forms of hamza and the language: acronyms first. It returns
// ErrForbidden for who may not draft.
func (e *Editorial) Pick(ctx context.Context, actor register.Actor, t register.RecordType, typed string, limit int) ([]desk.Picked, error) {
	if !actor.Role.Can(register.MayDraft) {
		return nil, register.ErrForbidden
	}
	return desk.New(e.db.Querier()).Pick(ctx, t, words(typed), limit)
}

// Resolve finds the one record of a type that is called exactly what was typed:
// by title, name or acronym, in any language and whatever the accents and forms
// of hamza, or by its reference or the end of its address; exact is nil when
// there is none, or more than one. The candidates are those that Pick offers.
func (e *Editorial) Resolve(ctx context.Context, actor register.Actor, t register.RecordType, typed string, limit int) (exact *desk.Picked, candidates []desk.Picked, err error) {
	if candidates, err = e.Pick(ctx, actor, t, typed, limit); err != nil {
		return nil, nil, err
	}
	named, err := desk.New(e.db.Querier()).Named(ctx, t, strings.TrimSpace(typed), record.Fold(typed))
	if len(named) == 1 {
		exact = &named[0]
	}
	return exact, candidates, err
}

// PickSources offers sources as Pick offers records.
func (e *Editorial) PickSources(ctx context.Context, actor register.Actor, typed string, limit int) ([]desk.SourceRow, error) {
	if !actor.Role.Can(register.MayDraft) {
		return nil, register.ErrForbidden
	}
	return desk.New(e.db.Querier()).PickSources(ctx, words(typed), limit)
}

// Entries returns what pickers show of records that are chosen already.
func (e *Editorial) Entries(ctx context.Context, actor register.Actor, ids []register.Ref) ([]desk.Picked, error) {
	if !actor.Role.Can(register.MayDraft) {
		return nil, register.ErrForbidden
	}
	return desk.New(e.db.Querier()).Entries(ctx, ids)
}

// List returns a page of the records that the filter chooses, for what was
// typed, and the cursor of the next page, "" on the last one.
func (e *Editorial) List(ctx context.Context, actor register.Actor, f desk.ListFilter, typed string) (rows []desk.ListRow, next string, err error) {
	if !actor.Role.Can(register.MayDraft) {
		return nil, "", register.ErrForbidden
	}
	f.Words, f.Limit = words(typed), register.PageSize+1
	rows, err = desk.New(e.db.Querier()).List(ctx, f)
	if err == nil && len(rows) > register.PageSize {
		rows = rows[:register.PageSize]
		next = rows[register.PageSize-1].Cursor()
	}
	return rows, next, err
}

// ListSources returns a page of the sources as List does of records.
func (e *Editorial) ListSources(ctx context.Context, actor register.Actor, typed, after string) (rows []desk.SourceRow, next string, err error) {
	if !actor.Role.Can(register.MayDraft) {
		return nil, "", register.ErrForbidden
	}
	rows, err = desk.New(e.db.Querier()).SourceList(ctx, words(typed), after, register.PageSize+1)
	if err == nil && len(rows) > register.PageSize {
		rows = rows[:register.PageSize]
		next = rows[register.PageSize-1].Cursor()
	}
	return rows, next, err
}

// Source returns a source by its key; ErrNotFound when there is none.
func (e *Editorial) Source(ctx context.Context, actor register.Actor, key string) (register.Source, error) {
	if !actor.Role.Can(register.MayDraft) {
		return register.Source{}, register.ErrForbidden
	}
	found, err := desk.New(e.db.Querier()).Sources(ctx, []string{key})
	if err == nil && len(found) == 0 {
		err = register.ErrNotFound
	}
	if err != nil {
		return register.Source{}, err
	}
	return found[0], nil
}

// saveSource writes a source, and the words by which it is found.
func saveSource(ctx context.Context, d *desk.Queries, s register.Source, actor register.Actor) error {
	if err := d.SaveSource(ctx, s, actor.ID); err != nil {
		return fmt.Errorf("source %s: %w", s.Key, err)
	}
	if err := listSource(ctx, d, s); err != nil {
		return fmt.Errorf("list source %s: %w", s.Key, err)
	}
	return nil
}

// listSource writes the words by which a source is found.
func listSource(ctx context.Context, d *desk.Queries, s register.Source) error {
	return d.SaveSourceEntry(ctx, s.Key, sourceWords(s))
}

func sourceWords(s register.Source) string {
	return foldAll([]string{s.Publisher, s.Title, s.Key, s.Author, s.URL})
}

// catchUpSources writes the words of sources that have none.
func (e *Editorial) catchUpSources(ctx context.Context) error {
	const batch = 200
	for {
		count := 0
		err := e.db.InTx(ctx, func(q store.Querier) error {
			d := desk.New(q)
			keys, err := d.UnlistedSources(ctx, batch)
			if err != nil {
				return err
			}
			count = len(keys)
			sources, err := d.Sources(ctx, keys)
			for _, s := range sources {
				err = errors.Join(err, listSource(ctx, d, s))
			}
			return err
		})
		if err != nil || count < batch {
			return err
		}
	}
}

// Like is what may be said of an incident that is being logged, to find out
// whether the register has it already.
type Like struct {
	URL         string
	Institution register.Ref
	Date        edtf.Date
	Title       string
}

// DuplicateReason says why a record may be the same as another.
type DuplicateReason string

// The reasons, the strongest first.
const (
	SameSource  DuplicateReason = "source"
	SamePlace   DuplicateReason = "institution" // the same institution, about the same days
	SimilarName DuplicateReason = "title"
)

// nearDays is within how many days two incidents of one institution may be one.
const nearDays = 14

// Duplicate is an incident that may be the one that is being logged.
type Duplicate struct {
	desk.Picked
	Reasons []DuplicateReason
}

// Duplicates finds incidents that may be the same: drafts as well as published
// ones. It returns ErrForbidden for who may not draft.
func (e *Editorial) Duplicates(ctx context.Context, actor register.Actor, like Like) ([]Duplicate, error) {
	if !actor.Role.Can(register.MayDraft) {
		return nil, register.ErrForbidden
	}
	var out []Duplicate
	err := e.db.Read(ctx, func(q store.Querier) error {
		for _, search := range searches(desk.New(q), like) {
			found, err := search.run(ctx)
			if err != nil {
				return fmt.Errorf("duplicates by %s: %w", search.reason, err)
			}
			out = addDuplicates(out, found, search.reason)
		}
		return nil
	})
	return out, err
}

type search struct {
	reason DuplicateReason
	run    func(context.Context) ([]desk.Picked, error)
}

// searches are those for which something is known.
func searches(d *desk.Queries, like Like) []search {
	var out []search
	if like.URL != "" {
		out = append(out, search{SameSource, func(ctx context.Context) ([]desk.Picked, error) {
			return d.IncidentsCiting(ctx, like.URL)
		}})
	}
	if like.Institution != "" && !like.Date.IsZero() {
		out = append(out, search{SamePlace, func(ctx context.Context) ([]desk.Picked, error) {
			return d.IncidentsNear(ctx, like.Institution, like.Date, nearDays)
		}})
	}
	if title := record.Fold(like.Title); len([]rune(title)) >= 6 {
		out = append(out, search{SimilarName, func(ctx context.Context) ([]desk.Picked, error) {
			return similarlyTitled(ctx, d, title)
		}})
	}
	return out
}

// similarlyTitled looks for titles that are almost the same, and only where
// there are none for those that are like it.
func similarlyTitled(ctx context.Context, d *desk.Queries, title string) ([]desk.Picked, error) {
	for _, like := range []float64{0.8, 0.5} {
		found, err := d.IncidentsTitled(ctx, title, like)
		if err != nil || len(found) > 0 {
			return found, err
		}
	}
	return nil, nil
}

func addDuplicates(out []Duplicate, found []desk.Picked, reason DuplicateReason) []Duplicate {
next:
	for _, p := range found {
		for i := range out {
			if out[i].ID == p.ID {
				out[i].Reasons = append(out[i].Reasons, reason)
				continue next
			}
		}
		out = append(out, Duplicate{Picked: p, Reasons: []DuplicateReason{reason}})
	}
	return out
}
