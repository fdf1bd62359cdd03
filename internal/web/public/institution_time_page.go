package public

import (
	"slices"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/views"
	"github.com/sijil/sijil/views/ui"
)

// overTime are the incidents in which the institution has a part, each with what
// was said and what became of it.
func (c *institutionComposer) overTime() []views.IncidentLine {
	var out []views.IncidentLine
	for i := range c.view.Incidents {
		r := &c.view.Incidents[i]
		line := views.IncidentLine{
			Href: incidentAddress(c.loc.Lang(), r.Slug), Reference: r.Reference, Title: c.text(r.Title),
			Date: c.occurred(r), Part: c.part(r), Said: c.ownWords(r), Referrals: c.outcomes(r),
		}
		if r.FirstStatement.Known {
			line.Delay = c.days(r.FirstStatement)
		}
		out = append(out, line)
	}
	return out
}

// part says what part the institution has in an incident.
func (c *institutionComposer) part(r *register.IncidentRow) string {
	for _, b := range r.Institutions {
		if b.Reference == c.view.Reference && len(b.Roles) > 0 {
			return c.loc.T("institution.role", "roles", c.roles(b.Roles))
		}
	}
	return ""
}

// ownWords are the statements of the institution on an incident, with how long
// after its first trace they were made.
func (c *institutionComposer) ownWords(r *register.IncidentRow) []views.OwnWord {
	var out []views.OwnWord
	for i := range c.view.Statements {
		s := &c.view.Statements[i]
		if !slices.ContainsFunc(s.Incidents, func(x register.RecordBrief) bool { return x.Reference == r.Reference }) {
			continue
		}
		word := views.OwnWord{
			To:   ui.Link{Href: statementAddress(c.loc.Lang(), s.Slug), Text: c.text(s.Title)},
			Date: c.date(s.Said, edtf.Short),
		}
		if delay := edtf.DaysBetween(r.Occurred, s.Said); delay.Known {
			word.Delay = c.loc.T("institution.after", "delay", c.days(delay))
		}
		out = append(out, word)
	}
	return out
}

// outcomes are the institution's referrals in an incident; where it has none,
// how far that of others has come.
func (c *institutionComposer) outcomes(r *register.IncidentRow) []views.IncidentReferral {
	var out []views.IncidentReferral
	for i := range c.view.Referrals {
		if x := &c.view.Referrals[i]; x.IncidentReference == r.Reference {
			words := c.loc.T("institution.made", "step", c.loc.Label("step", x.Step))
			if x.Received {
				words = c.loc.T("institution.received-one", "step", c.loc.Label("step", x.Step))
			}
			out = append(out, views.IncidentReferral{
				To:    ui.Link{Href: incidentAddress(c.loc.Lang(), r.Slug) + "#" + x.Anchor, Text: c.plain(words)},
				Level: c.levelTag(x.Level), Date: c.date(x.Stepped, edtf.Short),
			})
		}
	}
	if len(out) == 0 && r.ReferralStep != "" {
		out = append(out, views.IncidentReferral{
			To:    ui.Link{Text: c.plain(c.loc.T("institution.by-others", "step", c.loc.Label("step", r.ReferralStep)))},
			Level: c.levelTag(r.ReferralLevel), Date: c.date(r.ReferralDate, edtf.Short),
		})
	}
	return out
}

func (c *institutionComposer) referrals() []views.ReferralLine {
	var out []views.ReferralLine
	for i := range c.view.Referrals {
		r := &c.view.Referrals[i]
		tag := c.levelTag(r.Level)
		line := views.ReferralLine{
			Href: incidentAddress(c.loc.Lang(), r.IncidentSlug) + "#" + r.Anchor, Title: c.text(r.Title),
			Incident: c.text(r.IncidentTitle), From: c.text(r.ByName), To: c.text(r.ToName),
			Step: c.loc.Label("step", r.Step), Level: tag.Label, Shape: tag.Shape, Date: c.date(r.Stepped, edtf.Long),
			Jurisdiction: c.loc.Label("referral-kind", string(r.Kind)),
		}
		if since := edtf.DaysBetween(r.Stepped, c.today.Date()); since.Known {
			line.Silence = c.loc.T("institution.silence", "days", c.days(since))
		}
		out = append(out, line)
	}
	return out
}

// steps are where the referrals stand that were brought to the institution, each
// with a link to the register of referrals.
func (c *institutionComposer) steps() []ui.Chip {
	var out []ui.Chip
	for _, f := range c.view.Steps {
		filter := register.ReferralFilter{Authority: c.view.Slug, Step: f.Value, Sort: register.ReferralSorts()[0]}
		out = append(out, ui.Chip{
			Href:  withQuery(address(c.loc.Lang(), "referrals"), referralQuery(filter)),
			Label: c.loc.Label("step", f.Value), Count: c.loc.Number(int64(f.Count)),
		})
	}
	return out
}

// topics are the claims of the institution, subject by subject in the order of
// the ledger.
func (c *institutionComposer) topics() []views.InstitutionTopic {
	var out []views.InstitutionTopic
	for _, topic := range c.topicsInOrder() {
		group := views.InstitutionTopic{Topic: c.loc.Label("topic", string(topic))}
		for i := range c.view.Claims {
			r := &c.view.Claims[i]
			if r.Topic != topic {
				continue
			}
			group.Claims = append(group.Claims, views.InstitutionClaim{
				Text: c.text(r.Paraphrase), Date: c.date(r.Said, edtf.Short),
				In: ui.Link{Href: statementAddress(c.loc.Lang(), r.StatementSlug) + "#" + r.Key, Text: c.text(r.StatementTitle)},
			})
		}
		out = append(out, group)
	}
	return out
}

// topicsInOrder are the subjects of the institution's claims: those that an
// admin added stand last.
func (c *institutionComposer) topicsInOrder() []register.Topic {
	var out []register.Topic
	there := map[register.Topic]bool{}
	for i := range c.view.Claims {
		there[c.view.Claims[i].Topic] = true
	}
	for _, t := range register.Topics() {
		if there[t] {
			out = append(out, t)
			delete(there, t)
		}
	}
	for i := range c.view.Claims {
		if t := c.view.Claims[i].Topic; there[t] {
			out = append(out, t)
			delete(there, t)
		}
	}
	return out
}

// addMore adds links to what the lists of the page leave out.
func (c *institutionComposer) addMore(p *views.InstitutionPage) {
	v, t := c.view, c.view.Totals
	lang := c.loc.Lang()
	if len(v.Incidents) < t.Concerned && t.Affected > 0 {
		p.IncidentsMore = ui.Link{
			Href: withQuery(address(lang, "incidents"), queryOf("institution", v.Slug)),
			Text: c.plain(c.loc.N("institution.all-incidents", t.Affected)),
		}
	}
	if len(v.Statements) < t.Statements {
		p.StatementsMore = ui.Link{
			Href: withQuery(address(lang, "statements"), queryOf("institution", v.Slug)),
			Text: c.plain(c.loc.N("institution.all-statements", t.Statements)),
		}
	}
	if t.Received > 0 {
		p.ReferralsMore = ui.Link{
			Href: withQuery(address(lang, "referrals"), queryOf("authority", v.Slug)),
			Text: c.plain(c.loc.N("institution.all-received", t.Received)),
		}
	}
	if len(v.Claims) < t.Claims {
		p.ClaimsNote += " " + c.loc.N("institution.latest-claims", len(v.Claims))
	}
}
