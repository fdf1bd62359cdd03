package public

import (
	"context"

	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/views"
)

// ShowLedger answers the claims ledger of an incident: topics × statements.
func (p *Pages) ShowLedger(ctx context.Context, r Request) (Answer, error) {
	known, err := p.words.current(ctx)
	if err != nil {
		return Answer{}, err
	}
	edition, err := p.records.Incident(ctx, r.Slug)
	if err != nil {
		return movedOr(err, func(slug string) string { return ledgerAddress(r.Lang, slug) })
	}
	page := newLedgerPage(known.Localizer(r.Lang), p.site, edition, r.place(nil))
	return Answer{Page: views.Ledger(page)}, nil
}

// LedgerTable answers the ledger as a table for spreadsheets.
func (p *Pages) LedgerTable(ctx context.Context, r Request) (Answer, error) {
	edition, err := p.records.Incident(ctx, r.Slug)
	if err != nil {
		return movedOr(err, func(slug string) string { return ledgerAddress(r.Lang, slug) + ".csv" })
	}
	body, err := exchange.LedgerCSV(edition)
	return Answer{File: &File{
		MediaType: "text/csv; charset=utf-8; header=present", Name: ledgerFile(edition, "csv"), Body: body,
	}}, err
}

// LedgerData answers the ledger as JSON.
func (p *Pages) LedgerData(ctx context.Context, r Request) (Answer, error) {
	edition, err := p.records.Incident(ctx, r.Slug)
	if err != nil {
		return movedOr(err, func(slug string) string { return ledgerAddress(r.Lang, slug) + ".json" })
	}
	body, err := exchange.LedgerJSON(edition, p.site.BaseURL+incidentAddress(r.Lang, edition.Slug))
	return Answer{File: &File{MediaType: "application/json", Name: ledgerFile(edition, "json"), Body: body}}, err
}

func ledgerAddress(lang, slug string) string { return address(lang, "incidents", slug, "claims") }

// ledgerFile is the name under which a ledger is saved: it tells the edition.
func ledgerFile(e *register.IncidentEdition, extension string) string {
	return e.Reference + "-" + numbered(e.Edition) + "-claims." + extension
}
