package exchange

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sijil/sijil/internal/register"
)

// ledgerFile is the claims ledger of one edition. Its codes are those of the
// register's vocabularies; dates are EDTF.
type ledgerFile struct {
	Incident   string            `json:"incident"` // reference
	Edition    int               `json:"edition"`
	SHA256     string            `json:"sha256"` // of the edition's canonical JSON
	Page       string            `json:"page"`
	Title      register.Text     `json:"title"`
	Statements []ledgerStatement `json:"statements"`
	Topics     []ledgerTopic     `json:"topics"`
}

type ledgerStatement struct {
	Reference       string                 `json:"reference"`
	Edition         int                    `json:"edition"`
	Slug            string                 `json:"slug"`
	Kind            register.StatementKind `json:"kind"`
	Official        bool                   `json:"official"`
	Issuer          register.Text          `json:"issuer,omitempty"`
	Date            string                 `json:"date,omitempty"` // missing: not stated, or in dispute
	Title           register.Text          `json:"title"`
	OriginalNotSeen bool                   `json:"original_not_seen"`
}

type ledgerTopic struct {
	Topic register.Topic `json:"topic"`
	Cells []ledgerCell   `json:"cells"` // one for each statement
}

type ledgerCell struct {
	Statement string        `json:"statement"`
	Absent    register.Mark `json:"absent,omitempty"`
	Claims    []ledgerClaim `json:"claims,omitempty"`
}

type ledgerClaim struct {
	Key          string              `json:"key"`
	Mark         register.Mark       `json:"mark"`
	Modality     register.Modality   `json:"modality"`
	Quantifier   register.Quantifier `json:"quantifier"`
	Value        *int64              `json:"value,omitempty"`
	Bound        string              `json:"bound,omitempty"`
	Unit         register.Unit       `json:"unit,omitempty"`
	Paraphrase   register.Text       `json:"paraphrase"`
	Quotes       []ledgerQuote       `json:"quotes,omitempty"`
	ReportedFrom register.Text       `json:"reported_from,omitempty"`
	Relations    []ledgerRelation    `json:"relations,omitempty"`
}

type ledgerQuote struct {
	Language    register.Lang `json:"language"`
	Text        string        `json:"text"`
	Indirect    bool          `json:"indirect,omitempty"`
	Translation bool          `json:"translation,omitempty"`
}

type ledgerRelation struct {
	Kind      register.ClaimRelationKind `json:"kind"`
	Statement string                     `json:"statement"`
	Claim     string                     `json:"claim,omitempty"`
}

// LedgerJSON writes the claims ledger of an incident's edition; page is the
// address of the incident.
func LedgerJSON(e *register.IncidentEdition, page string) ([]byte, error) {
	l := register.NewLedger(e.Statements)
	out := ledgerFile{
		Incident: e.Reference, Edition: e.Edition, SHA256: e.SHA256, Page: page, Title: e.Title,
		Statements: []ledgerStatement{}, Topics: []ledgerTopic{},
	}
	for i := range l.Statements {
		s := &l.Statements[i]
		out.Statements = append(out.Statements, ledgerStatement{
			Reference: s.Reference, Edition: s.Edition, Slug: s.Slug, Kind: s.Kind, Official: s.Official,
			Issuer: issuerOf(e, s), Date: s.Dates.Date().String(), Title: s.Title, OriginalNotSeen: s.OriginalNotSeen,
		})
	}
	for _, row := range l.Rows {
		topic := ledgerTopic{Topic: row.Topic}
		for i, cell := range row.Cells {
			topic.Cells = append(topic.Cells, cellOf(l.Statements[i].Reference, cell))
		}
		out.Topics = append(out.Topics, topic)
	}
	body, err := json.MarshalIndent(out, "", " ")
	if err != nil {
		return nil, fmt.Errorf("exchange: ledger: %w", err)
	}
	return append(body, '\n'), nil
}

// issuerOf names who issued a statement, as the edition shows it.
func issuerOf(e *register.IncidentEdition, s *register.StatementEdition) register.Text {
	if i := e.Institution(s.Issuer); i != nil && i.Institution != nil {
		return i.NameText(register.NameOfficial)
	}
	return s.IssuerName
}

func cellOf(statement string, cell register.LedgerCell) ledgerCell {
	out := ledgerCell{Statement: statement, Absent: cell.Absent}
	for _, c := range cell.Claims {
		claim := ledgerClaim{
			Key: c.Key, Mark: c.Mark, Modality: c.Modality, Quantifier: c.Quantifier,
			Value: c.Value, Bound: c.Bound, Unit: c.Unit, Paraphrase: c.Paraphrase,
		}
		if c.ReportedFrom != nil {
			claim.ReportedFrom = c.ReportedFrom.By
		}
		for _, q := range c.Quotes {
			claim.Quotes = append(claim.Quotes, ledgerQuote{q.Language, q.Text, q.Indirect, q.Translation})
		}
		for _, r := range c.Relations {
			claim.Relations = append(claim.Relations, ledgerRelation{r.Kind, string(r.To.Statement), r.To.Claim})
		}
		out.Claims = append(out.Claims, claim)
	}
	return out
}

// LedgerCSV writes the claims ledger of an incident's edition as a table: one
// line for each claim, and one for each statement that says nothing on a topic,
// with the mark that says why.
func LedgerCSV(e *register.IncidentEdition) ([]byte, error) {
	l := register.NewLedger(e.Statements)
	rows := [][]string{{
		"incident", "edition", "topic", "statement", "statement_slug", "date", "claim", "mark", "modality", "quantifier",
		"value", "bound", "unit", "paraphrase_fr", "paraphrase_ar", "paraphrase_en", "quote", "quote_language", "relations",
	}}
	for _, row := range l.Rows {
		for i, cell := range row.Cells {
			s := &l.Statements[i]
			begin := []string{
				e.Reference, strconv.Itoa(e.Edition), string(row.Topic), s.Reference, s.Slug, s.Dates.Date().String(),
			}
			if len(cell.Claims) == 0 {
				rows = append(rows, append(begin, "", string(cell.Absent), "", "", "", "", "", "", "", "", "", "", ""))
			}
			for _, c := range cell.Claims {
				rows = append(rows, append(slices.Clip(begin), claimCells(c)...))
			}
		}
	}
	return writeCSV(rows)
}

func claimCells(c register.MarkedClaim) []string {
	var value, quote, language string
	if c.Value != nil {
		value = strconv.FormatInt(*c.Value, 10)
	}
	if len(c.Quotes) > 0 {
		quote, language = c.Quotes[0].Text, string(c.Quotes[0].Language)
	}
	relations := make([]string, len(c.Relations))
	for i, r := range c.Relations {
		relations[i] = string(r.Kind) + " " + string(r.To.Statement) + "#" + r.To.Claim
	}
	return []string{
		c.Key, string(c.Mark), string(c.Modality), string(c.Quantifier), value, c.Bound, string(c.Unit),
		c.Paraphrase[register.French], c.Paraphrase[register.Arabic], c.Paraphrase[register.English],
		quote, language, strings.Join(relations, "; "),
	}
}
