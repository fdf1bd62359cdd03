package public

import (
	"context"
	"errors"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/views"
)

// ShowInstitution answers an institution with what the register holds of it.
func (p *Pages) ShowInstitution(ctx context.Context, r Request) (Answer, error) {
	known, err := p.words.current(ctx)
	if err != nil {
		return Answer{}, err
	}
	view, err := p.records.Institution(ctx, r.Slug)
	if err != nil {
		return movedOr(err, func(slug string) string { return institutionAddress(r.Lang, slug) })
	}
	page := newInstitutionPage(known.Localizer(r.Lang), p.site, view, p.today(), r.place(nil))
	return Answer{Page: views.Institution(page)}, nil
}

// ShowStatement answers a statement with its renderings and claims.
func (p *Pages) ShowStatement(ctx context.Context, r Request) (Answer, error) {
	known, err := p.words.current(ctx)
	if err != nil {
		return Answer{}, err
	}
	view, err := p.records.Statement(ctx, r.Slug)
	if err != nil {
		return movedOr(err, func(slug string) string { return statementAddress(r.Lang, slug) })
	}
	loc := known.Localizer(r.Lang)
	page := newStatementPage(loc, p.site, view, r.place(nil))
	p.leadTo(ctx, loc, page.Documents)
	return Answer{Page: views.Statement(page)}, nil
}

// movedOr sends the reader to the new address of a record whose slug has
// changed; any other error stays an error.
func movedOr(err error, address func(slug string) string) (Answer, error) {
	if moved, ok := errors.AsType[*register.MovedError](err); ok {
		return Answer{MovedTo: address(moved.Slug)}, nil
	}
	return Answer{}, err
}
