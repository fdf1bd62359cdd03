package editorial

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store/desk"
)

// showing are the identifiers of the published records that show some records. Who is to
// publish these locks them together: what is found and locked after them, by lockShownBy,
// would be out of the order in which everybody locks, and people would wait in a circle.
// Since this publication has been counted, there come no others.
func (p *publication) showing(ctx context.Context, ids []register.Ref) ([]register.Ref, error) {
	heads, err := p.desk.Heads(ctx, ids)
	if err != nil {
		return nil, err
	}
	var changed []string
	for _, head := range heads {
		if head.Reference != "" {
			changed = append(changed, head.Reference)
		}
	}
	if len(changed) == 0 {
		return nil, nil
	}
	showing, err := p.record.ShownBy(ctx, changed)
	if err != nil {
		return nil, err
	}
	named := make([]register.Ref, len(showing))
	for i, reference := range showing {
		named[i] = register.Ref(reference)
	}
	known, err := p.desk.Identified(ctx, named)
	return slices.Collect(maps.Values(known)), err
}

// lockShownBy finds the published records that show what is to be published, which are
// locked by now, unless nothing is published of which there was an edition before.
func (p *publication) lockShownBy(ctx context.Context) error {
	var changed []string
	for _, it := range p.items {
		if it.head.Reference != "" {
			changed = append(changed, it.head.Reference)
		}
	}
	references, err := p.record.ShownBy(ctx, changed)
	if err != nil {
		return err
	}
	for _, reference := range references {
		if !slices.Contains(changed, reference) {
			p.shownBy = append(p.shownBy, reference)
		}
	}
	return p.desk.LockReferences(ctx, p.shownBy)
}

// carrier is whose act carries others along.
type carrier struct {
	author, reviewer         string
	authorRole, reviewerRole register.AccountRole
	// moved are the references in whose place others stand, after a merge.
	moved map[register.Ref]register.Ref
}

// carry makes new editions of the published records that show what was
// published now, with their content as it was last published: a draft that is
// under way stays a draft.
func (p *publication) carry(ctx context.Context) error {
	first := p.items[0]
	return p.carryAll(ctx, carrier{
		author: first.author, reviewer: first.reviewer,
		authorRole: first.authorRole, reviewerRole: first.reviewerRole,
	})
}

func (p *publication) carryAll(ctx context.Context, by carrier) error {
	for _, reference := range p.shownBy {
		if err := p.carryOne(ctx, reference, by); err != nil {
			return fmt.Errorf("carry %s: %w", reference, err)
		}
	}
	return p.write(ctx)
}

func (p *publication) carryOne(ctx context.Context, reference string, by carrier) error {
	last, _, err := p.record.Current(ctx, reference)
	if err != nil {
		return err
	}
	head, err := p.desk.RecordByReference(ctx, reference)
	if err != nil {
		return err
	}
	content := last.Content
	content.Number, content.PublishedAt, content.Reason = last.Number+1, p.at, p.reason
	content.AuthorRole, content.ReviewerRole, content.Correction = by.authorRole, by.reviewerRole, ""
	register.EachRef(&content, func(ref *register.Ref) {
		if to, ok := by.moved[*ref]; ok {
			*ref = to
		}
	})
	if err := p.pin(ctx, &content); err != nil {
		return err
	}
	act := desk.Publication{
		Record: head.ID, Version: head.PublishedVersion, Carried: true, Merged: len(by.moved) > 0,
		Author: by.author, Reviewer: by.reviewer,
	}
	if err := p.add(ctx, content, act); err != nil {
		return err
	}
	p.audit("carry", head.ID, head.PublishedVersion, reference, content.Number)
	return nil
}
