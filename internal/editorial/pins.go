package editorial

import (
	"context"
	"fmt"
	"slices"

	"github.com/sijil/sijil/internal/register"
)

// readShown reads the editions that the items show, all at once; those that are not
// among them are read when they are wanted.
func (p *publication) readShown(ctx context.Context) error {
	var wanted []string
	for _, it := range p.items {
		wanted = append(wanted, shownReferences(&register.Content{
			Type: it.head.Type, Incident: it.draft.Incident, Statement: it.draft.Statement, Institution: it.draft.Institution,
		})...)
	}
	slices.Sort(wanted)
	wanted = slices.Compact(wanted)
	for _, it := range p.items { // these are made now
		if n, found := slices.BinarySearch(wanted, it.head.Reference); found {
			wanted = slices.Delete(wanted, n, n+1)
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	shown, err := p.record.CurrentEditions(ctx, wanted)
	for _, c := range shown {
		if _, ok := p.editions[c.Reference]; !ok {
			p.editions[c.Reference], p.gone[c.Reference] = c.Edition, !c.Shown
		}
	}
	return err
}

// pin names the editions that a content shows: those to which it points, and
// for an incident those that its statements show.
func (p *publication) pin(ctx context.Context, c *register.Content) error {
	c.Pins = nil
	for _, reference := range shownReferences(c) {
		if err := p.pinOne(ctx, c, reference); err != nil {
			return err
		}
	}
	for i := 0; i < len(c.Pins); i++ {
		for _, indirect := range p.editions[c.Pins[i].Reference].Pins {
			if err := p.pinOne(ctx, c, indirect.Reference); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *publication) pinOne(ctx context.Context, c *register.Content, reference string) error {
	if slices.ContainsFunc(c.Pins, func(x register.Pin) bool { return x.Reference == reference }) {
		return nil
	}
	edition, err := p.edition(ctx, reference)
	if err != nil {
		return fmt.Errorf("pin %s: %w", reference, err)
	}
	c.Pins = append(c.Pins, register.Pin{
		Type: edition.Type, Reference: reference, Number: edition.Number, SHA256: edition.SHA256,
	})
	return nil
}

// edition is the current edition of a record, in this publication or before.
func (p *publication) edition(ctx context.Context, reference string) (register.Edition, error) {
	if e, ok := p.editions[reference]; ok {
		return e, nil
	}
	if err := p.settle(); err != nil {
		return register.Edition{}, err
	}
	e, shown, err := p.record.Current(ctx, reference)
	if err == nil {
		p.editions[reference], p.gone[reference] = e, !shown
	}
	return e, err
}

// pinned are the editions that a content shows: what it pins without what is
// shown no more.
func (p *publication) pinned(c register.Content) []register.Edition {
	out := make([]register.Edition, 0, len(c.Pins))
	for _, pin := range c.Pins {
		if !p.gone[pin.Reference] {
			out = append(out, p.editions[pin.Reference])
		}
	}
	return out
}

// shownReferences are the references of the records that a content shows. A
// statement shows the institutions that speak; an incident its statements and
// institutions. Statements point to each other, and incidents to each other,
// without showing each other: else one correction would carry half the
// register along.
func shownReferences(c *register.Content) []string {
	var out []string
	switch c.Type {
	case register.TypeInstitution:
	case register.TypeStatement:
		for _, ref := range append([]register.Ref{c.Statement.Issuer}, c.Statement.OnBehalfOf...) {
			if ref != "" {
				out = append(out, string(ref))
			}
		}
	case register.TypeIncident:
		related := map[register.Ref]bool{}
		for _, r := range c.Incident.Relations {
			related[r.Incident] = true
		}
		register.EachRef(c.Incident, func(ref *register.Ref) {
			if !related[*ref] {
				out = append(out, string(*ref))
			}
		})
	}
	return out
}
