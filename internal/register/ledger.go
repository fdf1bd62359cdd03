package register

import (
	"slices"

	"github.com/sijil/sijil/internal/edtf"
)

// Mark is what the ledger shows of a claim or of its absence.
type Mark string

// The marks.
const (
	MarkNew          Mark = "new"
	MarkRepeated     Mark = "repeated"
	MarkConfirmed    Mark = "confirmed"
	MarkReworded     Mark = "reworded"
	MarkNarrowed     Mark = "narrowed"
	MarkWidened      Mark = "widened"
	MarkContradicted Mark = "contradicted"
	MarkRetracted    Mark = "retracted"
	MarkRelated      Mark = "related"       // by a relation that an admin added
	MarkNotAddressed Mark = "not-addressed" // the text was read in full
	MarkTextNotKnown Mark = "text-not-known"
)

// Marks lists all marks.
func Marks() []Mark {
	return []Mark{
		MarkNew, MarkRepeated, MarkConfirmed, MarkReworded, MarkNarrowed, MarkWidened,
		MarkContradicted, MarkRetracted, MarkRelated, MarkNotAddressed, MarkTextNotKnown,
	}
}

// MarkOf returns the mark of a relation; no relation is new.
func MarkOf(k ClaimRelationKind) Mark {
	switch k {
	case Repeats:
		return MarkRepeated
	case Confirms:
		return MarkConfirmed
	case Rewords:
		return MarkReworded
	case Narrows:
		return MarkNarrowed
	case Widens:
		return MarkWidened
	case Contradicts:
		return MarkContradicted
	case Retracts:
		return MarkRetracted
	case "":
		return MarkNew
	}
	return MarkRelated
}

// Ledger is the claims ledger of an incident: topics × statements in time
// order.
type Ledger struct {
	Statements []StatementEdition
	Rows       []LedgerRow
}

// LedgerRow is one topic.
type LedgerRow struct {
	Topic Topic
	Cells []LedgerCell // one for each statement
}

// LedgerCell is what one statement says on one topic. When Claims is empty,
// Absent says why: not addressed, or text not known.
type LedgerCell struct {
	Claims []MarkedClaim
	Absent Mark
}

// MarkedClaim is a claim with its mark against the earlier claims.
type MarkedClaim struct {
	*Claim
	Statement string // reference
	Mark      Mark
}

// NewLedger puts together the claims ledger; topics that no statement
// addresses are left out.
func NewLedger(statements []StatementEdition) Ledger {
	sorted := slices.Clone(statements)
	slices.SortStableFunc(sorted, func(a, b StatementEdition) int {
		return edtf.Compare(a.Dates.Date(), b.Dates.Date())
	})
	l := Ledger{Statements: sorted}
	for _, topic := range topicsOf(sorted) {
		row, addressed := ledgerRow(topic, sorted)
		if addressed {
			l.Rows = append(l.Rows, row)
		}
	}
	return l
}

// topicsOf are the topics that came with the register, then those that were
// added, in the order in which they come up.
func topicsOf(statements []StatementEdition) []Topic {
	out := Topics()
	for i := range statements {
		for _, c := range statements[i].Claims {
			if !slices.Contains(out, c.Topic) {
				out = append(out, c.Topic)
			}
		}
	}
	return out
}

func ledgerRow(topic Topic, statements []StatementEdition) (row LedgerRow, addressed bool) {
	row.Topic = topic
	for i := range statements {
		cell := LedgerCell{Claims: claimsOn(topic, &statements[i])}
		switch {
		case len(cell.Claims) > 0:
			addressed = true
		case statements[i].ReadInFull():
			cell.Absent = MarkNotAddressed
		default:
			cell.Absent = MarkTextNotKnown
		}
		row.Cells = append(row.Cells, cell)
	}
	return row, addressed
}

func claimsOn(topic Topic, s *StatementEdition) []MarkedClaim {
	var out []MarkedClaim
	for i := range s.Claims {
		if c := &s.Claims[i]; c.Topic == topic {
			out = append(out, MarkedClaim{Claim: c, Statement: s.Reference, Mark: c.Mark()})
		}
	}
	return out
}

// Mark is the mark of the claim: that of the relation that says most against
// an earlier claim, or new. A claim that repeats one and contradicts another is
// marked contradicted.
func (c *Claim) Mark() Mark {
	for _, kind := range []ClaimRelationKind{Contradicts, Retracts, Narrows, Widens, Rewords, Confirms, Repeats} {
		if slices.ContainsFunc(c.Relations, func(r ClaimRelation) bool { return r.Kind == kind }) {
			return MarkOf(kind)
		}
	}
	if len(c.Relations) > 0 {
		return MarkRelated
	}
	return MarkNew
}

// Hand is one hand through which a wording passed: a claim, or a press
// rendering that changes its words.
type Hand struct {
	Statement  *StatementEdition
	Claim      *Claim
	Mark       Mark
	Difference *Difference // set when the hand is a rendering
	Reading    *Reading
	Rendering  *Rendering
}

// Chain follows one claim from hand to hand: the claim itself, the press
// renderings of its statement that change its words, and every claim that
// relates to it, in time order.
func Chain(first ClaimRef, statements []StatementEdition) []Hand {
	l := NewLedger(statements)
	reached := map[ClaimRef]bool{first: true}
	var hands []Hand
	for i := range l.Statements {
		s := &l.Statements[i]
		for j := range s.Claims {
			c := &s.Claims[j]
			self := ClaimRef{Statement: Ref(s.Reference), Claim: c.Key}
			if !reached[self] && !relatesTo(c, reached) {
				continue
			}
			reached[self] = true
			mark := c.Mark()
			if self == first {
				mark = MarkNew
			}
			hands = append(hands, Hand{Statement: s, Claim: c, Mark: mark})
			if self == first {
				hands = append(hands, renderingHands(s, c)...)
			}
		}
	}
	return hands
}

func relatesTo(c *Claim, reached map[ClaimRef]bool) bool {
	return slices.ContainsFunc(c.Relations, func(r ClaimRelation) bool { return reached[r.To] })
}

// renderingHands are the press renderings that give other words for a claim in
// the language in which it is first quoted; a translation is another matter.
func renderingHands(s *StatementEdition, c *Claim) []Hand {
	if len(c.Quotes) == 0 {
		return nil
	}
	first := c.Quotes[0]
	shown := map[string]bool{first.Rendering: true}
	var out []Hand
	for i := range s.Differences {
		d := &s.Differences[i]
		if !slices.Contains(d.Claims, c.Key) {
			continue
		}
		for j := range d.Readings {
			words := &d.Readings[j]
			r := s.Rendering(words.Rendering)
			if r == nil || shown[r.Key] || words.Language != first.Language {
				continue
			}
			shown[r.Key] = true
			out = append(out, Hand{Statement: s, Claim: c, Mark: MarkReworded, Difference: d, Reading: words, Rendering: r})
		}
	}
	return out
}
