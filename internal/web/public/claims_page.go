package public

import (
	"strconv"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/views"
	"github.com/sijil/sijil/views/ui"
)

// claims are the assertions of the statement, in its order.
func (c *statementComposer) claims() []views.Claim {
	var out []views.Claim
	for i := range c.view.Claims {
		claim := &c.view.Claims[i]
		v := views.Claim{
			Anchor: claim.Key, Number: strconv.Itoa(i + 1), Topic: c.loc.Label("topic", string(claim.Topic)),
			Mark: c.claimMark(claim.Mark()), Paraphrase: c.text(claim.Paraphrase),
			Quotes: c.claimQuotes(claim), Facts: c.claimFacts(claim), Cites: c.cites(claim.Sources),
			Passages: c.passages(i),
		}
		for _, r := range claim.Relations {
			v.Relations = append(v.Relations, c.claimRelation(r))
		}
		out = append(out, v)
	}
	return out
}

// claimQuotes are the passages alone: the paraphrase stands above them.
func (c *statementComposer) claimQuotes(claim *register.Claim) []ui.Quote {
	bare := *claim
	bare.Paraphrase = nil
	return c.quotes(&c.view.StatementEdition, &bare)
}

// claimFacts are the force of a claim, how much it covers, the number in it,
// and from whom it is, when it is second-hand.
func (c *statementComposer) claimFacts(claim *register.Claim) []ui.Labelled {
	facts := []ui.Labelled{
		{Label: c.loc.T("claim.modality"), Text: c.plain(c.loc.Label("modality", string(claim.Modality)))},
	}
	if claim.Quantifier != register.QuantifierUnstated && claim.Quantifier != "" {
		facts = append(facts, ui.Labelled{Label: c.loc.T("claim.quantifier"), Text: c.plain(c.loc.Label("quantifier", string(claim.Quantifier)))})
	}
	if claim.Value != nil {
		value := c.loc.T("claim.number", "value", c.bounded(c.loc.Number(*claim.Value), claim.Bound), "unit", c.loc.Label("unit", string(claim.Unit)))
		facts = append(facts, ui.Labelled{Label: c.loc.T("claim.value"), Text: c.plain(value)})
	}
	if from := claim.ReportedFrom; from != nil {
		facts = append(facts, ui.Labelled{Label: c.loc.T("claim.reported-from"), Text: c.text(from.By), Link: c.claimLink(from.SaidIn).Href})
	}
	return facts
}

func (c *statementComposer) claimRelation(r register.ClaimRelation) views.ClaimRelation {
	out := views.ClaimRelation{
		Kind: c.loc.Label("claim-relation", string(r.Kind)), To: c.claimLink(r.To), Note: c.text(r.Note),
	}
	if s := c.statement(r.To.Statement); s != nil && s.Statement != nil {
		out.To.Text = c.text(s.Title)
		if claim := s.Claim(r.To.Claim); claim != nil {
			out.Said = c.text(claim.Paraphrase)
		}
	}
	return out
}
