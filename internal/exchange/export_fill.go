package exchange

import (
	"github.com/sijil/sijil/internal/register"
)

// How records become lines of the tables.

// incident writes an incident with what it shows; a statement or an institution
// that another has shown before stands there already.
func (e *tablesEncoder) incident(x *register.ExportedIncident) error {
	of := x.Reference
	e.add(incidentRow{
		of, x.Slug, e.page(register.TypeIncident, x.Slug), x.Title, x.Summary, x.Language, x.Kinds, x.Standing, x.Country,
		x.Occurred(), x.FirstTrace().Disputed(), x.Edition, x.SHA256, x.FirstPublishedAt, x.PublishedAt,
	})
	for _, a := range x.Affected {
		e.add(affectedRow{of, a.Key, string(a.Institution), a.Roles, a.DataExposed, a.Note})
	}
	for _, s := range x.Systems {
		for i, n := range s.Names {
			e.add(systemRow{of, s.Key, i + 1, string(s.Institution), n.Kind, n.Name, n.By, claimID(n.SaidIn), n.Sources})
		}
	}
	for _, m := range x.Measures {
		e.add(measureRow{of, m.Key, m.Title, m.Body, m.Institutions, m.ReportedBy, m.DatesTaken})
	}
	for i := range x.Exposures {
		e.exposure(of, &x.Exposures[i])
	}
	for i := range x.Events {
		v := &x.Events[i]
		e.add(eventRow{of, v.Key, v.Kind, v.Attestation, v.Title, v.Body, v.Institutions})
	}
	for i := range x.Referrals {
		e.referral(of, &x.Referrals[i])
	}
	for _, r := range x.Relations {
		e.add(kinRow{of, r.Kind, string(r.Incident), r.Note})
	}
	e.facts(of, x.Incident, x.Sources)
	for i := range x.Institutions {
		e.institution(&x.Institutions[i])
	}
	own := map[string]bool{}
	for _, key := range register.CitedSources(x.Incident) {
		own[key] = true
	}
	for i := range x.SourceList {
		if own[x.SourceList[i].Key] {
			e.source(of, &x.SourceList[i])
		}
	}
	for i := range x.Statements {
		s := &x.Statements[i]
		e.add(concernRow{of, s.Reference, s.Edition})
		e.statement(s)
	}
	return e.err
}

// record writes what no incident shows.
func (e *tablesEncoder) record(p *register.Published) error {
	switch p.Type {
	case register.TypeInstitution:
		i := register.NewInstitutionEdition(p.Edition)
		e.institution(&i)
	case register.TypeStatement:
		s := register.NewStatementEdition(p.Edition)
		e.statement(&s)
	case register.TypeIncident: // incidents come by themselves
	}
	return e.err
}

func (e *tablesEncoder) page(t register.RecordType, slug string) string {
	return pageOf(e.about, t, slug)
}

func (e *tablesEncoder) exposure(of string, x *register.Exposure) {
	e.add(exposureRow{of, x.Key, x.Title, string(x.Institution), x.DataClasses, x.Place, x.Period})
	for _, f := range x.Figures {
		e.add(figureRow{of, x.Key, f.Key, f.Value, f.Bound, f.Unit, f.Claimant, f.What})
	}
	for _, a := range x.Authenticity {
		e.add(positionRow{of, x.Key, a.Key, a.Party, string(a.Institution), a.Findings, a.Note})
	}
}

func (e *tablesEncoder) referral(of string, r *register.Referral) {
	e.add(referralRow{of, r.Key, r.Kind, r.Title, r.By, r.ByName, string(r.To), r.ToName, r.LegalBasis, r.CaseNumber, r.Against, r.Note})
	for i := range r.Steps {
		s := &r.Steps[i]
		e.add(stepRow{of, r.Key, s.Key, s.Step, s.InPhase(), s.Level, s.Title, s.Body})
	}
}

func (e *tablesEncoder) institution(i *register.InstitutionEdition) {
	if !e.seen.Add(i.Reference) {
		return
	}
	of := i.Reference
	e.add(institutionRow{
		of, i.Slug, e.page(register.TypeInstitution, i.Slug), i.NameText(register.NameOfficial), i.Kind, i.Sector, i.Country, i.Website,
		string(i.Parent), i.Description, i.Edition, i.SHA256,
	})
	for _, n := range i.Names {
		e.add(nameRow{of, n.Key, n.Language, n.Script, n.Kind, n.Name, n.From, n.Until})
	}
	for _, p := range i.Predecessors {
		e.add(successionRow{of, "predecessor", string(p.Institution), p.On, p.Note})
	}
	for _, p := range i.Successors {
		e.add(successionRow{of, "successor", string(p.Institution), p.On, p.Note})
	}
	e.facts(of, i.Institution, i.Sources)
	for j := range i.SourceList {
		e.source(of, &i.SourceList[j])
	}
}

func (e *tablesEncoder) statement(s *register.StatementEdition) {
	if !e.seen.Add(s.Reference) {
		return
	}
	of := s.Reference
	row := statementRow{
		Reference: of, Slug: s.Slug, Page: e.page(register.TypeStatement, s.Slug), Title: s.Title, Summary: s.Summary, Kind: s.Kind,
		Official: s.Official, Issuer: string(s.Issuer), IssuerName: s.IssuerName, OnBehalfOf: s.OnBehalfOf, Occasion: s.Occasion, Channel: s.Channel,
		Said: s.Dates.Date(), SaidDisputed: s.Dates.Disputed(), OriginalLanguage: s.OriginalLanguage, OriginalNotSeen: s.OriginalNotSeen,
		OriginalText: s.OriginalText, Edition: s.Edition, SHA256: s.SHA256,
	}
	if s.Speaker != nil {
		row.Speaker, row.Office = s.Speaker.Name, s.Speaker.Office
	}
	e.add(row)
	for i := range s.Renderings {
		r := &s.Renderings[i]
		e.add(renderingRow{of, r.Key, r.Language, r.Kind, r.Publisher, r.FullText, r.Text, r.Note})
	}
	for i := range s.Documents {
		d := &s.Documents[i]
		e.add(documentRow{of, d.Key, d.Name, d.Type, d.SHA256, d.Size, d.Language})
	}
	for _, r := range s.Relations {
		e.add(responseRow{of, r.Kind, string(r.Statement), r.Note})
	}
	for i := range s.Claims {
		e.claim(of, &s.Claims[i])
	}
	e.dates(of, "", s.Dates)
	e.facts(of, s.Statement, s.Sources)
	for i := range s.SourceList {
		e.source(of, &s.SourceList[i])
	}
}

func (e *tablesEncoder) claim(of string, c *register.Claim) {
	row := claimRow{of, c.Key, c.Topic, c.Modality, c.Quantifier, c.Paraphrase, c.Value, c.Bound, c.Unit, nil}
	if c.ReportedFrom != nil {
		row.ReportedFrom = c.ReportedFrom.By
	}
	e.add(row)
	for i, q := range c.Quotes {
		e.add(quoteRow{of, c.Key, i + 1, q.Language, q.Text, q.Rendering, q.Position, q.Indirect, q.Translation})
	}
	for _, r := range c.Relations {
		e.add(claimRelationRow{of, c.Key, r.Kind, claimID(r.To), r.Note})
	}
}

// facts writes when and on what word the parts of a record stand; sources are those
// of the record as a whole.
func (e *tablesEncoder) facts(of string, noun any, sources []string) {
	for _, s := range sources {
		e.add(backingRow{of, "", "source", s})
	}
	register.EachFact(noun, func(f *register.Fact) {
		e.dates(of, f.Key, f.Dates)
		for _, s := range f.Sources {
			e.add(backingRow{of, f.Key, "source", s})
		}
		for _, ref := range f.SaidIn {
			e.add(backingRow{of, f.Key, "statement", claimID(ref)})
		}
	})
}

func (e *tablesEncoder) dates(of, key string, ds register.Dates) {
	for i, d := range ds {
		e.add(dateRow{of, key, i + 1, d.EDTF, d.Wording, d.Basis, d.Preferred, d.Reason, d.Sources})
	}
}

func (e *tablesEncoder) source(of string, s *register.Source) {
	row := sourceRow{
		Record: of, Key: s.Key, Kind: s.Kind, Publisher: s.Publisher, Title: s.Title, Author: s.Author, URL: s.URL, URLWithheld: s.URLWithheld,
		Language: s.Language, Published: s.Published, Accessed: s.Accessed, Gist: s.Gist,
	}
	if s.Capture != nil {
		row.Capture, row.CapturedAt = s.Capture.SHA256, s.Capture.CapturedAt
	}
	e.add(row)
}
