package editorial

import (
	"context"
	"fmt"
	"slices"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store/desk"
)

// lockShownBy finds the published records that show what is to be published,
// and locks them before anything is written, in one order for everybody.
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
