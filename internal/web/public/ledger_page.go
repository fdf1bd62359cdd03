package public

import (
	"strconv"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/views"
	"github.com/sijil/sijil/views/ui"
)

// ledgerComposer composes the claims ledger of an incident.
type ledgerComposer struct {
	*incidentComposer
	ledger register.Ledger
}

func newLedgerPage(loc *i18n.Localizer, site Site, e *register.IncidentEdition, place Place) views.LedgerPage {
	c := &ledgerComposer{newIncidentComposer(newComposer(loc, site, place), e, edtf.Day{}), register.NewLedger(e.Statements)}
	p := views.LedgerPage{
		Incident: ui.Link{Href: incidentAddress(loc.Lang(), e.Slug), Text: c.text(e.Title)}, Reference: e.Reference,
		Gone: c.remember(e.Gone), Caption: loc.N("ledger.caption", len(c.ledger.Statements), "topics", loc.N("ledger.topics", len(c.ledger.Rows))),
		Legend: c.legend(), Contradictions: c.contradictions(),
		Seal: c.seal(register.TypeIncident, e.Slug, e.Edition, e.PublishedAt, e.Reason, e.Correction, e.SHA256),
	}
	for i := range c.ledger.Statements {
		p.Statements = append(p.Statements, c.column(&c.ledger.Statements[i]))
	}
	for _, row := range c.ledger.Rows {
		p.Topics = append(p.Topics, c.topic(row))
	}
	here := ledgerAddress(loc.Lang(), e.Slug)
	p.Exports = []ui.Link{{Href: here + ".csv", Text: ui.Text{S: "CSV"}}, {Href: here + ".json", Text: ui.Text{S: "JSON"}}}
	p.Frame = c.frame(heading{
		title: loc.T("ledger.title", "reference", e.Reference), description: loc.T("ledger.intro"),
		crumbs: []ui.Link{
			c.incidentsCrumb(),
			{Href: p.Incident.Href, Text: ui.Text{S: e.Reference}},
			{Text: c.plain(loc.T("ledger.heading"))},
		},
		section: "/incidents",
	})
	return p
}

// column is what stands above the claims of one statement.
func (c *ledgerComposer) column(s *register.StatementEdition) views.LedgerStatement {
	out := views.LedgerStatement{
		Who: c.voice(s), Kind: c.loc.Label("statement-kind", string(s.Kind)), Title: c.text(s.Title),
		Href: statementAddress(c.loc.Lang(), s.Slug), Date: c.dates(s.Dates, edtf.Short),
	}
	if s.OriginalNotSeen {
		out.Tags = append(out.Tags, c.notSeenTag())
	}
	return out
}

func (c *ledgerComposer) topic(row register.LedgerRow) views.LedgerTopic {
	out := views.LedgerTopic{Anchor: "topic-" + string(row.Topic), Label: c.loc.Label("topic", string(row.Topic))}
	for i, cell := range row.Cells {
		s := &c.ledger.Statements[i]
		var shown views.LedgerCell
		if len(cell.Claims) == 0 {
			shown.Absent = c.claimMark(cell.Absent)
		}
		for _, claim := range cell.Claims {
			shown.Claims = append(shown.Claims, c.claim(s, claim))
		}
		out.Cells = append(out.Cells, shown)
	}
	return out
}

// claim is one claim: its mark, what it says, the passage when it is short, and
// the earlier claims against which it is marked.
func (c *ledgerComposer) claim(s *register.StatementEdition, claim register.MarkedClaim) views.LedgerClaim {
	out := views.LedgerClaim{
		Anchor: s.Slug + "." + claim.Key, Mark: c.claimMark(claim.Mark), Said: c.text(claim.Paraphrase),
		Href: statementAddress(c.loc.Lang(), s.Slug) + "#" + claim.Key,
	}
	if q := c.shortQuote(claim.Claim); q != nil {
		out.Quote = c.quoted(q.Language, q.Text, q.Indirect)
	}
	if claim.ReportedFrom != nil {
		out.From = c.text(claim.ReportedFrom.By)
	}
	for _, r := range claim.Relations {
		to := c.claimLink(r.To)
		if to.Href != "" && c.inLedger(r.To) {
			to.Href = "#" + c.statement(r.To.Statement).Slug + "." + r.To.Claim
		}
		if to.Href != "" {
			out.Relations = append(out.Relations, views.LedgerRelation{Kind: c.loc.Label("claim-relation", string(r.Kind)), To: to})
		}
	}
	return out
}

// longestQuote is how long a passage may be, in characters, to stand in a cell.
const longestQuote = 120

// shortQuote is a passage in the reader's language, or else the first, that is
// short enough for a cell; nil when there is none.
func (c *ledgerComposer) shortQuote(claim *register.Claim) *register.Quote {
	var found *register.Quote
	for i := range claim.Quotes {
		q := &claim.Quotes[i]
		if q.Translation || len([]rune(q.Text)) > longestQuote {
			continue
		}
		if q.Language == c.lang {
			return q
		}
		if found == nil {
			found = q
		}
	}
	return found
}

func (c *ledgerComposer) inLedger(to register.ClaimRef) bool {
	for _, s := range c.ledger.Statements {
		if register.Ref(s.Reference) == to.Statement {
			return s.Claim(to.Claim) != nil
		}
	}
	return false
}

// legend is what the marks mean, each with how often it stands in the ledger.
func (c *ledgerComposer) legend() []views.LedgerMark {
	counts := map[register.Mark]int{}
	for _, row := range c.ledger.Rows {
		for _, cell := range row.Cells {
			if len(cell.Claims) == 0 {
				counts[cell.Absent]++
			}
			for _, claim := range cell.Claims {
				counts[claim.Mark]++
			}
		}
	}
	var out []views.LedgerMark
	for _, m := range register.Marks() {
		if counts[m] > 0 {
			out = append(out, views.LedgerMark{Mark: c.claimMark(m), Count: strconv.Itoa(counts[m]), Means: c.loc.T("ledger.means." + string(m))})
		}
	}
	return out
}

// contradictions says in words how many claims contradict another one.
func (c *ledgerComposer) contradictions() string {
	n := 0
	for _, row := range c.ledger.Rows {
		for _, cell := range row.Cells {
			for _, claim := range cell.Claims {
				if claim.Mark == register.MarkContradicted {
					n++
				}
			}
		}
	}
	if n == 0 {
		return c.loc.T("ledger.no-contradiction")
	}
	return c.loc.N("ledger.contradictions", n)
}

func numbered(n int) string { return strconv.Itoa(n) }
