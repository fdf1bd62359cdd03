// Package founding brings the founding record into a register the way that
// staff would: drafted by an analyst, approved by an editor, published. It is
// for the demonstration and for tests; nothing in it knows a shorter way.
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
	p := &publisher{
		queries: desk.New(database.Querier()), editorial: editorial.New(database, now), set: set,
	}
	if err := p.hire(ctx); err != nil {
		return false, fmt.Errorf("founding record: accounts: %w", err)
	}
	published, err = p.publish(ctx)
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
	set       register.Set
	analyst   register.Actor
	editor    register.Actor
}

// hire makes the two persons that a publication needs: nobody approves what he
// wrote himself, not even here.
func (p *publisher) hire(ctx context.Context) error {
	for _, hire := range []struct {
		actor *register.Actor
		email string
		role  register.AccountRole
	}{
		{&p.analyst, "analyst@example.org", register.RoleAnalyst},
		{&p.editor, "editor@example.org", register.RoleEditor},
	} {
		account, err := p.queries.EnsureAccount(ctx, desk.Account{
			Email: hire.email, Name: hire.email, Role: hire.role, Language: register.French,
		})
		if err != nil {
			return err
		}
		*hire.actor = register.Actor{ID: account.ID, Role: account.Role}
	}
	return nil
}

func (p *publisher) publish(ctx context.Context) (published bool, err error) {
	heads, err := p.heads(ctx)
	if errors.Is(err, register.ErrNotFound) {
		if _, err = p.editorial.Import(ctx, p.analyst, p.set); err != nil {
			return false, err
		}
		heads, err = p.heads(ctx)
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
	_, err = p.editorial.Publish(ctx, p.editor, waiting, register.Text{
		register.French:  "Première édition, établie d’après les sources publiques citées.",
		register.Arabic:  "الإصدار الأول، أُنجز اعتمادا على المصادر العمومية المذكورة.",
		register.English: "First edition, drawn up from the public sources cited.",
	})
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
func (p *publisher) heads(ctx context.Context) ([]desk.Record, error) {
	var out []desk.Record
	add := func(t register.RecordType, slug string) error {
		head, err := p.queries.RecordBySlug(ctx, t, slug)
		out = append(out, head)
		return err
	}
	var errs []error
	for _, i := range p.set.Institutions {
		errs = append(errs, add(register.TypeInstitution, i.Slug))
	}
	for _, s := range p.set.Statements {
		errs = append(errs, add(register.TypeStatement, s.Slug))
	}
	for _, i := range p.set.Incidents {
		errs = append(errs, add(register.TypeIncident, i.Slug))
	}
	return out, errors.Join(errs...)
}
