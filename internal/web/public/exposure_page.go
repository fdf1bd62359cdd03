package public

import (
	"slices"
	"strings"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/views"
	"github.com/sijil/sijil/views/ui"
)

// exposure returns the exposure with a key, nil when there is none.
func (c *incidentComposer) exposure(key string) *register.Exposure {
	for i := range c.edition.Exposures {
		if c.edition.Exposures[i].Key == key {
			return &c.edition.Exposures[i]
		}
	}
	return nil
}

// figures sets the figures of an exposure apart by unit and claimant; they are
// never added up. The column of the institution stands even when it is empty:
// that no official figure exists is a finding.
func (c *incidentComposer) figures(x *register.Exposure) *ui.Figures {
	if x == nil || len(x.Figures) == 0 {
		return nil
	}
	var claimants []register.Claimant
	for _, who := range register.Claimants() {
		has := slices.ContainsFunc(x.Figures, func(f register.Figure) bool { return f.Claimant == who })
		if has || who == register.ClaimantInstitution {
			claimants = append(claimants, who)
		}
	}
	out := &ui.Figures{}
	for _, who := range claimants {
		out.Claimants = append(out.Claimants, c.loc.Label("claimant", string(who)))
	}
	for _, unit := range register.Units() {
		if row, any := c.figureRow(x, unit, claimants); any {
			out.Rows = append(out.Rows, row)
		}
	}
	return out
}

func (c *incidentComposer) figureRow(x *register.Exposure, unit register.Unit, claimants []register.Claimant) (row ui.FigureRow, any bool) {
	row.Unit = c.loc.Label("unit", string(unit))
	for _, who := range claimants {
		cell := ui.FigureCell{Claimant: c.loc.Label("claimant", string(who))}
		for i := range x.Figures {
			if f := &x.Figures[i]; f.Unit == unit && f.Claimant == who {
				cell.Figures = append(cell.Figures, ui.Figure{Text: c.figure(f), Cites: c.cites(f.Sources)})
				any = true
			}
		}
		row.Cells = append(row.Cells, cell)
	}
	return row, any
}

// figure writes a number with its bound and what it is said to count.
func (c *incidentComposer) figure(f *register.Figure) ui.Text {
	s := c.loc.Number(f.Value)
	if f.Unit == register.UnitMegabytes {
		s = c.loc.T("figure-bound.megabytes", "value", s)
	}
	if what := c.text(f.What); !what.IsZero() {
		s += "\u00a0" + what.S
	}
	return c.plain(strings.Join(nonEmpty(c.bounded(s, f.Bound), parenthesis(c.perhaps(f.Key))), " "))
}

func (c *incidentComposer) exposures() []views.Exposure {
	var out []views.Exposure
	for i := range c.edition.Exposures {
		x := &c.edition.Exposures[i]
		e := views.Exposure{Anchor: x.Key, Title: c.text(x.Title), Facts: c.exposureFacts(x)}
		if anchor := c.entryOfExposure(x.Key); c.shown[anchor] && !c.compact {
			e.FiguresAt = ui.Link{Href: "#" + anchor, Text: c.plain(c.loc.T("exposure.figures-at", "number", c.number[anchor]))}
		} else {
			e.Figures = c.figures(x)
		}
		for j := range x.Authenticity {
			e.Positions = append(e.Positions, c.position(&x.Authenticity[j]))
		}
		out = append(out, e)
	}
	return out
}

// entryOfExposure is the anchor of the event that shows the figures of an
// exposure; "" when there is none.
func (c *incidentComposer) entryOfExposure(key string) string {
	for i := range c.edition.Events {
		if c.edition.Events[i].Exposure == key {
			return c.edition.Events[i].Key
		}
	}
	return ""
}

func (c *incidentComposer) exposureFacts(x *register.Exposure) []ui.Labelled {
	var classes []string
	for _, class := range x.DataClasses {
		classes = append(classes, c.loc.Label("data-class", class))
	}
	place := x.Place
	if place == "not-stated" {
		place = ""
	}
	facts := c.stated(
		labelled{"exposure.whose", c.institutionText(x.Institution)},
		labelled{"exposure.classes", c.plain(c.loc.List(classes))},
		labelled{"exposure.place", c.plain(c.loc.Label("exposure-place", place))},
		labelled{"exposure.period", c.text(x.Period)},
	)
	facts[0].Cites = c.cites(x.Sources)
	return facts
}

func (c *incidentComposer) position(p *register.Position) views.Position {
	var findings []string
	for _, f := range p.Findings {
		findings = append(findings, c.loc.Label("finding", string(f)))
	}
	return views.Position{
		Party: c.text(p.Party), Note: c.text(p.Note),
		Findings: strings.Join(nonEmpty(capitalized(c.loc.List(findings)), parenthesis(c.perhaps(p.Key))), " "),
		Date:     c.dates(p.Dates, edtf.Long), Said: c.said(p.SaidIn), Cites: c.cites(p.Sources),
	}
}

// affected are the institutions that have a part in the incident.
func (c *incidentComposer) affected(clock register.Clock) []views.AffectedInstitution {
	var out []views.AffectedInstitution
	for i := range c.edition.Affected {
		a := &c.edition.Affected[i]
		view := views.AffectedInstitution{
			Anchor: a.Key, Facts: c.affectedFacts(a, clock),
			Systems: c.systems(a.Institution), Measures: c.measuresOf(a.Institution),
		}
		if inst := c.institution(a.Institution); inst != nil {
			official := inst.NameText(register.NameOfficial)
			view.Name, view.AltName = c.text(official), c.other(official)
			view.Href = institutionAddress(c.loc.Lang(), inst.Slug)
		} else {
			view.Name = c.goneText(a.Institution)
		}
		out = append(out, view)
	}
	return out
}

func (c *incidentComposer) affectedFacts(a *register.AffectedInstitution, clock register.Clock) []ui.Labelled {
	roles := ui.Labelled{Label: c.loc.N("affected.roles", len(a.Roles)), Text: c.plain(c.roles(a.Roles)), Cites: c.cites(a.Sources)}
	facts := append([]ui.Labelled{roles}, c.stated(labelled{"affected.data", c.text(a.DataExposed)})...)
	for i := range facts {
		if !facts[i].NotStated {
			facts[i].Said = c.said(a.SaidIn)
		}
	}
	for _, s := range clock.Stages {
		if s.Code == register.StageOwnStatement && s.Institution == a.Institution && s.Delay.Known {
			facts = append(facts, ui.Labelled{
				Label: c.loc.T("affected.first-word"), Link: c.entryAddress(s.Anchor),
				Text: c.plain(strings.Join(nonEmpty(c.days(s.Delay), parenthesis(c.doubt(s.Dates))), " ")),
			})
		}
	}
	if note := c.text(a.Note); !note.IsZero() {
		facts = append(facts, ui.Labelled{Label: c.loc.T("label.note"), Text: note})
	}
	return facts
}

func (c *composer) roles(roles []register.Role) string {
	var names []string
	for _, r := range roles {
		names = append(names, c.loc.Label("role", string(r)))
	}
	return c.loc.List(names)
}

// systems are the systems of an institution that were targeted, each with all
// names that parties give it.
func (c *incidentComposer) systems(of register.Ref) []views.System {
	var out []views.System
	for i := range c.edition.Systems {
		s := &c.edition.Systems[i]
		if s.Institution != of {
			continue
		}
		view := views.System{Heading: c.loc.N("system.names", len(s.Names))}
		for _, n := range s.Names {
			view.Names = append(view.Names, views.SystemName{
				Name: c.text(n.Name), Kind: c.unlessSaid(c.loc.Label("system-kind", string(n.Kind)), n.Name), By: c.text(n.By),
				Said: c.claimLink(n.SaidIn), Cites: c.cites(n.Sources),
			})
		}
		out = append(out, view)
	}
	return out
}

// unlessSaid is a label, or nothing where the name beside it says the same.
func (c *composer) unlessSaid(label string, name register.Text) string {
	if strings.Contains(strings.ToLower(c.text(name).S), strings.ToLower(label)) {
		return ""
	}
	return label
}

// doubt says what makes a date uncertain: that sources disagree, or that none
// states it.
func (c *composer) doubt(ds register.Dates) string {
	d, _ := ds.Preferred()
	d.Wording = nil
	return c.dateNote(d, ds.Disputed())
}

// parenthesis puts a note in brackets; nothing stays nothing.
func parenthesis(note string) string {
	if note == "" {
		return ""
	}
	return "(" + note + ")"
}

// measuresOf are the measures that an institution is said to have taken.
func (c *incidentComposer) measuresOf(ref register.Ref) []ui.Labelled {
	var out []ui.Labelled
	for i := range c.edition.Measures {
		m := &c.edition.Measures[i]
		if slices.Contains(m.Institutions, ref) {
			out = append(out, ui.Labelled{
				Label: c.loc.T("measure.according-to", "who", c.text(m.ReportedBy).S),
				Text:  c.text(m.Title), Link: c.entryAddress(m.Key),
			})
		}
	}
	return out
}
