// Package founding brings records into a register the way that staff would:
// drafted by an analyst, approved by an editor, published. These are the
// founding record, and incidents in VERIS. It is for the demonstration and for
// tests; nothing in it knows a shorter way.
package founding

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/sijil/sijil/db"
	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// Publish publishes the founding record on the desk's database, where that has
// not been done. It may be called again after it was interrupted, and goes on
// where it stopped; published reports whether it had something to do.
func Publish(ctx context.Context, database *store.DB, now func() time.Time) (published bool, err error) {
	set, err := readFounding()
	if err != nil {
		return false, err
	}
	p := newPublisher(database, now)
	if p.analyst, p.editor, err = Hire(ctx, database); err != nil {
		return false, fmt.Errorf("founding record: accounts: %w", err)
	}
	published, err = p.publish(ctx, set, register.Text{
		register.French:  "Première édition, établie d’après les sources publiques citées.",
		register.Arabic:  "الإصدار الأول، أُنجز اعتمادا على المصادر العمومية المذكورة.",
		register.English: "First edition, drawn up from the public sources cited.",
	})
	if err != nil {
		return false, fmt.Errorf("founding record: %w", err)
	}
	return published, nil
}

func readFounding() (register.Set, error) {
	folder, err := fs.Sub(db.Founding, "founding")
	if err != nil {
		return register.Set{}, err
	}
	return exchange.ReadSet(folder)
}

type publisher struct {
	queries   *desk.Queries
	editorial *editorial.Editorial
	analyst   register.Actor
	editor    register.Actor
}

func newPublisher(database *store.DB, now func() time.Time) *publisher {
	return &publisher{queries: desk.New(database.Querier()), editorial: editorial.New(database, now)}
}

// Hire makes the two persons that a publication needs, where they are not there:
// nobody approves what he wrote himself, not even here.
func Hire(ctx context.Context, database *store.DB) (analyst, editor register.Actor, err error) {
	queries := desk.New(database.Querier())
	for _, hire := range []struct {
		actor *register.Actor
		email string
		role  register.AccountRole
	}{
		{&analyst, "analyst@example.org", register.RoleAnalyst},
		{&editor, "editor@example.org", register.RoleEditor},
	} {
		account, err := queries.EnsureAccount(ctx, desk.Account{
			Email: hire.email, Name: hire.email, Role: hire.role, Language: register.French,
		})
		if err != nil {
			return analyst, editor, err
		}
		*hire.actor = register.Actor{ID: account.ID, Role: account.Role}
	}
	return analyst, editor, nil
}

// publish imports a set that is not at the desk, and publishes what is not public.
func (p *publisher) publish(ctx context.Context, set register.Set, reason register.Text) (published bool, err error) {
	heads, err := p.heads(ctx, set)
	if errors.Is(err, register.ErrNotFound) {
		if _, err = p.editorial.Import(ctx, p.analyst, set); err != nil {
			return false, err
		}
		heads, err = p.heads(ctx, set)
	}
	if err != nil {
		return false, err
	}
	var waiting []editorial.Version
	for _, head := range heads {
		if head.PublishedVersion > 0 {
			continue
		}
		v := editorial.Version{ID: head.ID, Version: head.Version}
		if err := p.review(ctx, head.State, v); err != nil {
			return false, fmt.Errorf("%s: %w", head.Slug, err)
		}
		waiting = append(waiting, v)
	}
	if len(waiting) == 0 {
		return false, nil
	}
	_, err = p.editorial.Publish(ctx, p.editor, waiting, reason)
	return err == nil, err
}

// review takes a draft to the point where it is approved.
func (p *publisher) review(ctx context.Context, state string, v editorial.Version) error {
	if state == desk.StateDraft {
		if err := p.editorial.SendForReview(ctx, p.analyst, v, ""); err != nil {
			return err
		}
		state = desk.StateInReview
	}
	if state == desk.StateInReview {
		return p.editorial.Approve(ctx, p.editor, v)
	}
	return nil
}

// heads are the heads of all records of the set at the desk; ErrNotFound when
// they were not imported yet, which is done for all of them or for none.
func (p *publisher) heads(ctx context.Context, set register.Set) ([]desk.Record, error) {
	known, err := p.known(ctx, set)
	if err == nil && len(known) < len(set.Institutions)+len(set.Statements)+len(set.Incidents) {
		err = register.ErrNotFound
	}
	return known, err
}

// known are the heads of those records of a set that the desk has.
func (p *publisher) known(ctx context.Context, set register.Set) ([]desk.Record, error) {
	slugs := map[register.RecordType][]string{}
	for _, i := range set.Institutions {
		slugs[register.TypeInstitution] = append(slugs[register.TypeInstitution], i.Slug)
	}
	for _, s := range set.Statements {
		slugs[register.TypeStatement] = append(slugs[register.TypeStatement], s.Slug)
	}
	for _, i := range set.Incidents {
		slugs[register.TypeIncident] = append(slugs[register.TypeIncident], i.Slug)
	}
	var out []desk.Record
	for _, t := range register.RecordTypes() {
		heads, err := p.queries.RecordsBySlug(ctx, t, slugs[t])
		if err != nil {
			return nil, err
		}
		out = append(out, heads...)
	}
	return out, nil
}
