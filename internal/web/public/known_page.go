package public

import (
	"fmt"
	"slices"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/views"
	"github.com/sijil/sijil/views/ui"
)

// tellingTopics are shown at once; the others are folded.
func tellingTopics() []register.Topic {
	return []register.Topic{
		register.TopicScope, register.TopicAuthenticity, register.TopicAttribution,
		register.TopicSystems, register.TopicReferral,
	}
}

// known says on whose word the dated facts stand, and what each party claims by
// topic. It says who says what, and never what is true.
func (c *incidentComposer) known() views.Known {
	out := views.Known{}
	c.tally(&out)
	ledger := register.NewLedger(c.edition.Statements)
	for _, topic := range tellingTopics() {
		out.First = append(out.First, c.topics(ledger, func(t register.Topic) bool { return t == topic })...)
	}
	out.Rest = c.topics(ledger, func(t register.Topic) bool { return !slices.Contains(tellingTopics(), t) })
	if len(out.First) == 0 {
		out.First, out.Rest = out.Rest, nil
	}
	out.More = c.loc.N("known.more", len(out.Rest))
	out.Ledger = ui.Link{Href: ledgerAddress(c.loc.Lang(), c.edition.Slug), Text: c.plain(c.loc.T("ledger.open"))}
	return out
}

// tally counts the entries other than statements by attestation.
func (c *incidentComposer) tally(out *views.Known) {
	counts := map[register.Attestation]int{}
	total := 0
	for i := range c.whole.Entries {
		if e := &c.whole.Entries[i]; e.Statement == nil {
			counts[attestation(e)]++
			total++
		}
	}
	if total == 0 {
		return
	}
	var words []string
	before := 0
	for _, a := range register.Attestations() {
		n := counts[a]
		if n == 0 {
			continue
		}
		tag := c.attestationTag(a)
		tag.Label = c.loc.T("known.tally", "count", n, "label", tag.Label)
		out.Tally = append(out.Tally, tag)
		words = append(words, tag.Label)
		out.Bar = append(out.Bar, views.BarPart{Shape: tag.Shape, X: percent(before, total), Width: percent(n, total)})
		before += n
	}
	out.BarLabel = c.loc.N("known.bar", total, "list", c.loc.List(words))
}

func percent(part, whole int) string {
	return fmt.Sprintf("%.2f%%", 100*float64(part)/float64(whole))
}

func (c *incidentComposer) topics(ledger register.Ledger, want func(register.Topic) bool) []views.Topic {
	var out []views.Topic
	for _, row := range ledger.Rows {
		if !want(row.Topic) {
			continue
		}
		topic := views.Topic{Label: c.loc.Label("topic", string(row.Topic))}
		for i, cell := range row.Cells {
			for _, claim := range cell.Claims {
				said := c.topicClaim(&ledger.Statements[i], claim)
				if claim.Mark == register.MarkRepeated {
					topic.Repeats = append(topic.Repeats, ui.Link{Href: said.Where.Href, Text: said.Who})
					continue
				}
				topic.Claims = append(topic.Claims, said)
			}
		}
		out = append(out, topic)
	}
	return out
}

func (c *incidentComposer) topicClaim(s *register.StatementEdition, claim register.MarkedClaim) views.TopicClaim {
	out := views.TopicClaim{
		Who: c.voice(s), Said: c.text(claim.Paraphrase),
		Where: ui.Link{Href: statementAddress(c.loc.Lang(), s.Slug) + "#" + claim.Key},
	}
	if c.past != nil {
		out.Doubt = c.perhaps(s.Slug)
	}
	if claim.Mark != register.MarkNew {
		out.Mark = c.claimMark(claim.Mark)
	}
	return out
}

// chain follows one wording from hand to hand.
func (c *incidentComposer) chain(first register.ClaimRef) []ui.Hand {
	var out []ui.Hand
	for _, h := range register.Chain(first, c.edition.Statements) {
		hand := ui.Hand{Who: c.voice(h.Statement), Mark: c.claimMark(h.Mark)}
		hand.Link.Href = statementAddress(c.loc.Lang(), h.Statement.Slug) + "#" + h.Claim.Key
		if h.Reading != nil {
			hand.Who = ui.Text{S: h.Rendering.Publisher, Lang: c.loc.Lang()}
			hand.Words, hand.Quoted = c.quoted(h.Reading.Language, h.Reading.Words, h.Reading.Indirect), true
			hand.Link.Href = statementAddress(c.loc.Lang(), h.Statement.Slug) + "#" + h.Difference.Key
			hand.Cites = c.cites(h.Rendering.Sources)
		} else {
			c.addWords(&hand, h)
		}
		out = append(out, hand)
	}
	return out
}

// addWords gives a hand the words of its claim: the passage in the reader's
// language, or the first there is, or else the paraphrase.
func (c *incidentComposer) addWords(hand *ui.Hand, h register.Hand) {
	if len(h.Claim.Quotes) == 0 {
		hand.Words = c.text(h.Claim.Paraphrase)
		hand.Cites = c.cites(h.Claim.Sources)
		return
	}
	q := h.Claim.Quotes[0]
	for _, other := range h.Claim.Quotes {
		if other.Language == c.lang && !other.Translation {
			q = other
			break
		}
	}
	quote := c.quote(h.Statement, q)
	hand.Words, hand.Quoted, hand.Cites = quote.Text, true, quote.Cites
	if len(hand.Cites) == 0 {
		hand.Cites = c.cites(h.Claim.Sources)
	}
}
