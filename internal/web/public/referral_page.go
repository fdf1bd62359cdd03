package public

import (
	"strings"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/views"
	"github.com/sijil/sijil/views/ui"
)

// addStep adds what a step of a referral has: how well it is established, and
// on the latest step the card with the whole chain.
func (c *incidentComposer) addStep(out *views.Entry, e *register.Entry) {
	out.SaidIn = c.said(e.Step.SaidIn)
	latest, _ := e.Referral.Latest()
	if latest.Key == e.Step.Key {
		out.Card = c.referralCard(e.Referral)
	}
	out.Tags = append(out.Tags, c.levelTag(e.Step.Level))
}

func (c *incidentComposer) referralCard(r *register.Referral) *ui.Referral {
	card := &ui.Referral{
		From: c.referrer(r), To: c.authority(r),
		Phases: c.phases(r), Links: c.possiblySame(r),
	}
	if card.From.IsZero() {
		card.FromNote = c.loc.T("referral.not-stated")
	}
	if card.To.IsZero() {
		card.ToNote = c.loc.T("referral.not-stated")
	}
	latest, _ := r.Latest()
	for _, l := range register.Levels() {
		card.Levels = append(card.Levels, ui.LevelMark{Label: c.loc.Label("level", string(l)), Current: l == latest.Level})
	}
	if latest.InPhase() != register.PhaseClosed {
		card.Notes = append(card.Notes, ui.Labelled{
			Label: c.loc.T("referral.next"), NotStated: true,
			Text: c.plain(c.loc.T("referral.next-none", "date", c.today.Date().Text(c.loc.Lang(), edtf.Long))),
		})
	}
	return card
}

// referrer is who referred: the institutions, or the words of the record where
// they are not named.
func (c *composer) referrer(r *register.Referral) ui.Text {
	if names := c.institutionTexts(r.By); !names.IsZero() {
		return names
	}
	return c.text(r.ByName)
}

// authority is to whom a matter was referred.
func (c *composer) authority(r *register.Referral) ui.Text {
	if name := c.institutionText(r.To); !name.IsZero() {
		return name
	}
	return c.text(r.ToName)
}

// phases are all phases in order, each with the last step that was taken in it.
func (c *incidentComposer) phases(r *register.Referral) []ui.Phase {
	latest, _ := r.Latest()
	var out []ui.Phase
	for _, phase := range register.Phases() {
		p := ui.Phase{Label: c.loc.Label("phase", string(phase)), Current: latest.InPhase() == phase}
		for i := range r.Steps {
			if s := &r.Steps[i]; s.InPhase() == phase {
				c.reach(&p, s)
			}
		}
		out = append(out, p)
	}
	return out
}

// reach notes that a step of the phase was taken. A confirmed step is not
// undone by a later one that is only announced.
func (c *incidentComposer) reach(p *ui.Phase, s *register.Step) {
	if label := c.loc.Label("step", s.Step); label != p.Label {
		p.Step = label
	}
	p.Date = c.dates(s.Dates, edtf.Long)
	switch {
	case s.Level == register.ConfirmedByAuthority || s.Level == register.DocumentSeen:
		p.State = "done"
	case p.State == "":
		p.State = "claimed"
	}
}

// possiblySame leads to the other referrals of the incident that may be the
// same matter.
func (c *incidentComposer) possiblySame(r *register.Referral) []ui.Link {
	var out []ui.Link
	for _, key := range r.PossiblySame {
		for i := range c.edition.Referrals {
			if same := &c.edition.Referrals[i]; same.Key == key {
				out = append(out, ui.Link{Href: "#" + same.Key, Text: c.text(same.Title)})
			}
		}
	}
	return out
}

// referrals are the files of all referrals.
func (c *incidentComposer) referrals() []views.ReferralFile {
	var out []views.ReferralFile
	for i := range c.edition.Referrals {
		r := &c.edition.Referrals[i]
		file := views.ReferralFile{
			Anchor: r.Key, Title: c.text(r.Title), Kind: c.loc.Series(nonEmpty(c.loc.Label("referral-kind", string(r.Kind)), c.perhaps(r.Key))),
			Facts: c.referralFacts(r), Same: c.possiblySame(r),
		}
		for j := range r.Steps {
			file.Steps = append(file.Steps, c.referralStep(&r.Steps[j]))
		}
		out = append(out, file)
	}
	return out
}

func (c *incidentComposer) referralStep(s *register.Step) views.ReferralStep {
	tag := c.levelTag(s.Level)
	return views.ReferralStep{
		Step: c.loc.Label("step", s.Step), Level: tag.Label, Shape: tag.Shape,
		Date: c.dates(s.Dates, edtf.Long), Said: c.said(s.SaidIn), Cites: c.cites(s.Sources),
		Href: c.entryAddress(s.Key),
	}
}

func (c *incidentComposer) referralFacts(r *register.Referral) []ui.Labelled {
	var parties []labelled
	if latest, _ := r.Latest(); !c.shown[latest.Key] || c.compact { // else its card says who and to whom
		parties = []labelled{{"referral.from", c.referrer(r)}, {"referral.to", c.authority(r)}}
	}
	facts := c.stated(append(parties,
		labelled{"referral.against", c.text(r.Against)},
		labelled{"referral.legal-basis", c.text(r.LegalBasis)},
		labelled{"referral.case-number", c.plain(r.CaseNumber)},
	)...)
	if note := c.text(r.Note); !note.IsZero() {
		facts = append(facts, ui.Labelled{Label: c.loc.T("label.note"), Text: note})
	}
	return facts
}

// labelled is the key of a term and what is said of it.
type labelled struct {
	key  string
	text ui.Text
}

// stated lists what is stated, and last, in one line, the terms of which the
// sources say nothing: their silence is shown too.
func (c *composer) stated(list ...labelled) []ui.Labelled {
	var out []ui.Labelled
	var silent []string
	for _, l := range list {
		if l.text.IsZero() {
			silent = append(silent, strings.ToLower(c.loc.T(l.key)))
			continue
		}
		out = append(out, ui.Labelled{Label: c.loc.T(l.key), Text: l.text})
	}
	if len(silent) > 0 {
		out = append(out, ui.Labelled{
			Label: capitalized(c.loc.T("label.not-stated")), Text: c.plain(c.loc.Series(silent)), NotStated: true,
		})
	}
	return out
}
