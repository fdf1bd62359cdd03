package desk

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	store "github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/web/desk/form"
	views "github.com/sijil/sijil/views/desk"
	"github.com/sijil/sijil/views/ui"
)

// ShowRecord answers a record as it is worked on: its parts, and what is
// missing of it.
func (d *Desk) ShowRecord(ctx context.Context, r Request) (Answer, error) {
	e, err := d.open(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	c, err := e.call(ctx, nil)
	if err != nil {
		return Answer{}, err
	}
	loc := d.loc(r)
	p := views.RecordPage{
		Frame: d.frame(r, e.title().S), Reference: e.head.Reference, State: e.state(), Version: strconv.Itoa(e.draft.Version),
	}
	if p.Reference == "" {
		p.Reference = loc.T("form.no-reference")
	}
	if e.head.PublishedVersion > 0 {
		p.Public = "/" + r.Lang + "/" + segmentOf(e.head.Type) + "/" + e.head.Slug
	}
	parts := e.parts()
	for i := range parts {
		p.Parts = append(p.Parts, e.overview(&parts[i], c))
	}
	if e.head.Type == register.TypeIncident {
		p.Actions = append(p.Actions, ui.Link{
			Href: p.To("/desk/statements/new?incident=" + string(e.head.ID)), Text: ui.Text{S: loc.T("attach.title"), Lang: r.Lang},
		})
	}
	if e.head.Type == register.TypeStatement {
		p.Actions = append(p.Actions,
			ui.Link{Href: p.To(e.path() + "/text"), Text: ui.Text{S: loc.T("attach.read-text"), Lang: r.Lang}},
			ui.Link{Href: p.To(e.path() + "/claims"), Text: ui.Text{S: loc.T("form.mark-claims"), Lang: r.Lang}})
	}
	review, err := d.editorial.ReviewOf(ctx, r.Who.Actor, e.head.ID)
	if err != nil {
		return Answer{}, err
	}
	p.Lookalikes = e.lookalikes(e.odd(), c)
	p.Actions = append(p.Actions, reviewLinks(loc, e.head, review)...)
	if e.head.PublishedVersion > 0 {
		for _, l := range actLinks(loc, r, e.head.Type, e.head.ID) {
			p.Actions = append(p.Actions, ui.Link{Href: l.Href, Text: ui.Text{S: l.Name, Lang: r.Lang}})
		}
	}
	if err := e.measure(ctx, &p, c); err != nil {
		return Answer{}, err
	}
	if p.Meanwhile, err = d.meanwhile(ctx, r); err != nil {
		return Answer{}, err
	}
	for _, lang := range i18n.Langs() {
		p.Previews = append(p.Previews, ui.Link{
			Href: p.To(e.path() + "/preview?lang=" + lang), Text: ui.Text{S: i18n.SelfName(lang), Lang: lang, Foreign: lang != r.Lang},
		})
	}
	return show(views.Record(p)), nil
}

// state says where the record is on its way to readers.
func (e *editing) state() ui.Tag {
	shape := map[string]string{
		store.StateDraft: "plain", store.StateInReview: "claimed", store.StateApproved: "accent", store.StatePublished: "ok", store.StateDiscarded: "none",
	}[e.head.State]
	return ui.Tag{Shape: shape, Label: e.desk.loc(e.r).T("form.state." + e.head.State)}
}

// overview is a part of the record in short.
func (e *editing) overview(p *form.Part, c *called) views.RecordPart {
	loc := e.desk.loc(e.r)
	at := "/" + e.r.Lang + e.path() + "/" + p.Name
	out := views.RecordPart{ID: p.Name, Title: loc.T("form.part." + e.partKey(p.Name))}
	noun := nounOf(e.draft)
	if p.Form != nil {
		out.Edit = at
		out.Facts = p.Form.Summary(form.Drawing{
			Loc: loc, Noun: noun, Values: p.Form.Values(noun), Names: c.names,
			KeyName: func(key string) string { return e.keyName(key, c) },
		})
		if len(out.Facts) == 0 {
			out.Empty = loc.T("form.empty")
		}
		return out
	}
	if !p.Fixed {
		out.Add, out.AddLabel = at+"/"+newItem, loc.T("form.add."+p.Name)
	}
	keys := p.Keys(noun)
	for i, key := range keys {
		item := p.Get(noun, key)
		words, in := p.Called(loc, item, c.names)
		in.S = words
		out.Items = append(out.Items, views.RecordItem{
			Key: key, Edit: at + "/" + key, Label: in, Kind: p.KindOf(loc, item), Date: p.DateOf(loc, item),
			Backing: backing(loc, item), Up: i > 0, Down: i < len(keys)-1,
		})
	}
	if len(keys) == 0 {
		out.Empty = loc.T("form.empty")
	}
	return out
}

// backing says on how many sources and statements an item rests.
func backing(loc *i18n.Localizer, item any) string {
	statements := map[register.Ref]bool{}
	register.EachFact(item, func(f *register.Fact) {
		for _, said := range f.SaidIn {
			statements[said.Statement] = true
		}
	})
	var out []string
	if n := len(register.CitedSources(item)); n > 0 {
		out = append(out, loc.N("form.sources", n))
	}
	if n := len(statements); n > 0 {
		out = append(out, loc.N("form.statements", n))
	}
	return loc.Series(out)
}

// shownChecks is how many missing things are listed; what is done makes room
// for the next.
const shownChecks = 12

// measure says how complete the record is, and what is missing, each with a
// link to its field.
func (e *editing) measure(ctx context.Context, p *views.RecordPage, c *called) error {
	loc := e.desk.loc(e.r)
	measured, err := e.completeness(ctx)
	if err != nil {
		return err
	}
	p.Share, p.ShareText = measured.Share, loc.T("form.share", "n", measured.Share)
	index := form.NewIndex(e.parts(), nounOf(e.draft))
	for _, g := range measured.Gaps[:min(len(measured.Gaps), shownChecks)] {
		problem := register.Problem{Field: g.Path(), Key: "problem.missing"}
		if g.Lang != "" {
			problem.Key, problem.Value = "problem.language-missing", string(g.Lang)
		}
		const grave = 10
		check := views.Check{Bad: g.Weight >= grave, Text: e.gap(g, c), Href: e.address(index.Locate(problem))}
		if g.Code == register.GapOriginal && g.Key != "" { // it is the statement that says so
			check.Href = e.desk.originalAddress(e.r, register.Ref(g.Key))
		}
		p.Checks = append(p.Checks, check)
	}
	if len(measured.Gaps) == 0 {
		p.Complete = loc.T("form.complete")
	}
	return nil
}

// originalAddress is where a statement says whether its original was seen.
func (d *Desk) originalAddress(r Request, statement register.Ref) string {
	parts := d.parts[register.TypeStatement]
	const field = "original_not_seen"
	i := slices.IndexFunc(parts, func(p form.Part) bool { return p.Form != nil && p.Form.Find(field) != nil })
	return "/" + r.Lang + recordPath(register.TypeStatement, statement) + "/" + parts[i].Name + "#" + field
}

// completeness measures the record as it is.
func (e *editing) completeness(ctx context.Context) (register.Completeness, error) {
	switch e.head.Type {
	case register.TypeIncident:
		settings, err := e.desk.editorial.Settings(ctx)
		if err != nil {
			return register.Completeness{}, err
		}
		gauge := register.Gauge{Today: e.desk.today(), Patience: settings.StaleReferralDays}
		drafts, err := e.desk.editorial.Drafts(ctx, e.r.Who.Actor, e.draft.Incident.Statements)
		if err != nil {
			return register.Completeness{}, err
		}
		for _, ref := range e.draft.Incident.Statements {
			if s := drafts[ref].Statement; s != nil && s.OriginalNotSeen {
				gauge.OriginalsNotSeen = append(gauge.OriginalsNotSeen, ref)
			}
		}
		return e.draft.Incident.Completeness(gauge), nil
	case register.TypeStatement:
		var hashes []string
		for i := range e.draft.Statement.Documents {
			hashes = append(hashes, e.draft.Statement.Documents[i].SHA256)
		}
		notHeld, err := e.desk.editorial.FilesNotHeld(ctx, e.r.Who.Actor, hashes)
		return e.draft.Statement.Completeness(register.Gauge{FilesNotHeld: notHeld}), err
	case register.TypeInstitution:
	}
	return e.draft.Institution.Completeness(), nil
}

// gap says what is missing.
func (e *editing) gap(g register.Gap, c *called) string {
	loc := e.desk.loc(e.r)
	what := loc.T("form.gap."+string(g.Code), "days", g.Days)
	if g.Lang != "" {
		what = loc.T("form.gap-in", "what", what, "language", loc.Language(string(g.Lang)))
	}
	if g.Key == "" {
		return what
	}
	name := c.names[g.Key]
	if name == "" {
		name = e.keyName(g.Key, c)
	}
	return loc.T("form.problem", "field", name, "problem", what)
}

// address is that of the form in which something is mended, at its field.
func (e *editing) address(at form.Place) string {
	switch part := e.find(at.Part); {
	case part == nil:
		return ""
	case part.Item == nil:
		return "/" + e.r.Lang + e.path() + "/" + at.Part + "#" + at.Path
	case at.Item == "":
		return "/" + e.r.Lang + e.path() + "#" + at.Part
	default:
		return strings.TrimSuffix("/"+e.r.Lang+e.path()+"/"+at.Part+"/"+at.Item+"#"+at.Path, "#") // not every field is entered
	}
}
