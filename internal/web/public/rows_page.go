package public

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/views"
	"github.com/sijil/sijil/views/ui"
)

func (c *composer) rows(list []register.IncidentRow) []ui.Row {
	out := make([]ui.Row, len(list))
	for i := range list {
		out[i] = c.row(&list[i])
	}
	return out
}

func (c *composer) row(r *register.IncidentRow) ui.Row {
	out := ui.Row{
		Href: incidentAddress(c.loc.Lang(), r.Slug), Title: c.text(r.Title), Reference: r.Reference,
		Date: c.occurred(r), Institutions: c.briefs(r.Institutions), Referral: c.referralTag(r),
	}
	out.Delay = c.loc.T("row.first-statement", "delay", c.days(r.FirstStatement))
	if !r.FirstStatement.Known {
		out.Delay = c.loc.T("row.no-statement")
	}
	for _, k := range register.EntryKinds() {
		if r.Entries[k] > 0 {
			out.Kinds = append(out.Kinds, c.entryKind(k))
		}
	}
	return out
}

// occurred is the date of the attack, or else of the first public trace.
func (c *composer) occurred(r *register.IncidentRow) ui.Date {
	d := c.date(r.Occurred, edtf.Short)
	if r.OccurredDisputed && d.Mark == markExact {
		d.Mark = markKept
	}
	d.Note = c.loc.Label("precision", d.Mark)
	if r.OccurredDisputed {
		d.Note = c.loc.Series([]string{d.Note, c.loc.T("date.disputed")})
	}
	return d
}

func (c *composer) briefs(list []register.InstitutionBrief) string {
	var names []string
	for _, b := range list {
		name := c.text(b.Short)
		if name.IsZero() {
			name = c.text(b.Name)
		}
		names = append(names, name.S)
	}
	return c.loc.Series(names)
}

// referralTag says how far the furthest referral has come, and on whose word.
func (c *composer) referralTag(r *register.IncidentRow) ui.Tag {
	if r.ReferralStep == "" {
		return ui.Tag{Shape: shapeNone, Label: c.loc.T("row.no-referral")}
	}
	return ui.Tag{
		Shape: c.levelTag(r.ReferralLevel).Shape,
		Label: c.referralWords(r.ReferralStep),
	}
}

// referralWords says how far a referral has come: "Saisine : annoncée".
func (c *composer) referralWords(step string) string {
	return c.loc.T("row.referral", "step", strings.ToLower(c.loc.Label("step", step)))
}

// newHomePage composes the front of the register; the first of the rows is the
// record that it opens with.
func newHomePage(c *charts, rows []register.IncidentRow) views.HomePage {
	loc := c.loc
	list := address(loc.Lang(), "incidents")
	p := views.HomePage{
		Frame:  c.frame(heading{title: loc.T("home.heading"), description: loc.T("home.standfirst"), section: "/"}),
		Search: list, All: ui.Link{Href: list, Text: c.plain(loc.T("nav.all-incidents"))},
	}
	if len(rows) > 0 {
		p.Lead = c.lead(&rows[0])
		p.Rows = c.rows(rows[1:])
		p.Examples = c.searchExamples(&rows[0])
	}
	return p
}

// figures adds the key figures and the charts.
func (c *charts) figures(p *views.HomePage, totals register.Totals) {
	p.Figures = c.keyFigures(totals)
	p.All.Text = c.plain(c.loc.N("home.all", totals.Incidents))
	if !totals.Updated.IsZero() {
		p.Updated = c.date(edtf.DayOf(totals.Updated).Date(), edtf.Long)
	}
	for _, one := range []chart{c.years(), c.delays(), c.referrals()} {
		p.Charts = append(p.Charts, one.Chart)
	}
	p.AllCharts = ui.Link{Href: address(c.loc.Lang(), "statistics"), Text: c.plain(c.loc.T("home.all-charts"))}
}

// countedAt says when figures were counted that are not current; "" of those that are.
func (c *composer) countedAt(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return c.loc.T("home.counted", "when", c.moment(at).Text)
}

// silencesShown is how many unanswered referrals the front shows.
const silencesShown = 4

// unanswered adds the referrals on which nothing has become public for longest.
func (c *charts) unanswered(p *views.HomePage, list register.ReferralList, f register.ReferralFilter) {
	rows := list.Rows[:min(len(list.Rows), silencesShown)]
	for i := range rows {
		p.Silences = append(p.Silences, c.referralItem(&rows[i], f.Today))
	}
	p.AllSilences = ui.Link{
		Href: withQuery(address(c.loc.Lang(), "referrals"), referralQuery(f)), Text: c.plain(c.loc.N("home.all-silences", list.Total)),
	}
}

func (c *composer) lead(r *register.IncidentRow) *views.LeadRecord {
	out := &views.LeadRecord{
		Href: incidentAddress(c.loc.Lang(), r.Slug), Reference: r.Reference,
		Date: c.occurred(r), Title: c.text(r.Title), Summary: c.text(r.Summary),
	}
	if r.Country != "" {
		out.Country = c.loc.Country(r.Country)
	}
	total := 0
	for _, n := range r.Entries {
		total += n
	}
	referral := ui.Fact{Question: c.plain(c.loc.T("home.referral")), Answer: c.plain(c.loc.T("row.no-referral"))}
	if r.ReferralStep != "" {
		referral.Answer = c.plain(c.referralWords(r.ReferralStep))
		referral.Note = c.plain(capitalized(c.levelTag(r.ReferralLevel).Label))
	}
	out.Facts = []ui.Fact{
		{Question: c.plain(c.loc.T("home.first-statement")), Answer: c.plain(c.days(r.FirstStatement)), Note: c.plain(c.loc.T("home.first-statement-note"))},
		referral,
		{
			Question: c.plain(c.loc.T("home.timeline")), Answer: c.plain(c.loc.N("timeline.entries", total)),
			Note: c.plain(c.loc.N("home.statements", r.Entries[register.EntryStatement])),
		},
	}
	return out
}

// searchExamples are searches that find something.
func (c *composer) searchExamples(r *register.IncidentRow) []ui.Link {
	var out []ui.Link
	add := func(f register.IncidentFilter, text ui.Text) {
		href := withQuery(address(c.loc.Lang(), "incidents"), incidentQuery(f))
		out = append(out, ui.Link{Href: href, Text: text})
	}
	for _, b := range r.Institutions {
		if short := c.text(b.Short); !short.IsZero() && len(out) < 2 {
			add(register.IncidentFilter{Query: short.S}, short)
		}
	}
	if r.ReferralStep != "" {
		add(register.IncidentFilter{Referral: r.ReferralStep}, c.plain(c.referralWords(r.ReferralStep)))
	}
	return out
}

func (c *composer) keyFigures(t register.Totals) []views.KeyFigure {
	var out []views.KeyFigure
	for _, f := range []struct {
		key string
		n   int
	}{
		{"figure.incidents", t.Incidents},
		{"figure.statements", t.Statements},
		{"figure.not-seen", t.NotSeen},
		{"figure.claims", t.Claims},
		{"figure.referrals", t.Referrals},
		{"figure.confirmed", t.Confirmed},
		{"figure.institutions", t.Institutions},
		{"figure.sources", t.Sources},
	} {
		out = append(out, views.KeyFigure{Figure: c.loc.Number(int64(f.n)), Label: c.loc.N(f.key, f.n)})
	}
	return out
}

// newErrorPage composes the page for a status: what happened and what to do. A
// status without a text of its own is shown as 500.
func newErrorPage(loc *i18n.Localizer, site Site, status int, requestID string, place Place) views.ErrorPage {
	code := strconv.Itoa(status)
	if !loc.Has("error." + code + ".title") {
		code = strconv.Itoa(http.StatusInternalServerError)
	}
	return newFailurePage(newComposer(loc, site, place), code, status, requestID)
}

// newCountingPage says that figures are being counted.
func newCountingPage(loc *i18n.Localizer, site Site, status int) views.ErrorPage {
	return newFailurePage(newComposer(loc, site, Place{Path: "/"}), "counting", status, "")
}

// newUnreadPage says of a form, and not of the address, that it makes no sense.
func newUnreadPage(loc *i18n.Localizer, site Site, status int) views.ErrorPage {
	return newFailurePage(newComposer(loc, site, Place{Path: "/"}), "form", status, "")
}

// newDamagedPage says of a file that it is not handed out, and why.
func newDamagedPage(loc *i18n.Localizer, site Site, status int, requestID string) views.ErrorPage {
	return newFailurePage(newComposer(loc, site, Place{Path: "/"}), "damaged", status, requestID)
}

// newFailurePage composes the page of an error from the messages under a code.
func newFailurePage(c *composer, code string, status int, requestID string) views.ErrorPage {
	loc := c.loc
	title := loc.T("error." + code + ".title")
	p := views.ErrorPage{
		Frame:  hidden(c.frame(heading{title: title, description: loc.T("error." + code + ".happened")})),
		Status: status, Rubric: loc.T("error.rubric", "status", strconv.Itoa(status)),
		Happened: loc.T("error." + code + ".happened"), ToDo: loc.T("error." + code + ".to-do"),
		RequestID: requestID,
		Links: []ui.Link{
			{Href: address(loc.Lang()), Text: c.plain(loc.T("nav.home"))},
			{Href: address(loc.Lang(), "incidents"), Text: c.plain(loc.T("nav.all-incidents"))},
		},
	}
	switch status {
	case http.StatusBadRequest, http.StatusNotFound, http.StatusGone:
		p.Search = address(loc.Lang(), "incidents")
	}
	return p
}
