package editorial

import (
	"context"
	"fmt"
	"slices"

	"github.com/sijil/sijil/internal/store/desk"
)

// carry makes new editions of the published records that show what was
// published now, with their content as it was last published: a draft that is
// under way stays a draft.
func (p *publication) carry(ctx context.Context) error {
	var changed []string
	for _, m := range p.made {
		changed = append(changed, m.Reference)
	}
	references, err := p.record.ShownBy(ctx, changed)
	if err != nil {
		return err
	}
	for _, reference := range references {
		if _, done := p.editions[reference]; done && slices.Contains(changed, reference) {
			continue
		}
		if err := p.carryOne(ctx, reference); err != nil {
			return fmt.Errorf("carry %s: %w", reference, err)
		}
	}
	return nil
}

func (p *publication) carryOne(ctx context.Context, reference string) error {
	last, err := p.record.Current(ctx, reference)
	if err != nil {
		return err
	}
	head, err := p.desk.RecordByReference(ctx, reference)
	if err != nil {
		return err
	}
	by := p.items[0] // the first record of the publication that carries it
	content := last.Content
	content.Number, content.PublishedAt, content.Reason = last.Number+1, p.at, p.reason
	content.AuthorRole, content.ReviewerRole = by.authorRole, by.reviewerRole
	if err := p.pin(ctx, &content); err != nil {
		return err
	}
	act := desk.Publication{
		Record: head.ID, Version: head.PublishedVersion, Carried: true, Author: by.author, Reviewer: by.reviewer,
	}
	if err := p.insert(ctx, content, act); err != nil {
		return err
	}
	return p.desk.Audit(ctx, p.actor.ID, "carry", head.ID, head.PublishedVersion,
		map[string]any{"reference": reference, "edition": content.Number})
}
