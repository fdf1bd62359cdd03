package desk

import (
	"context"
	"slices"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/web/public"
	publicviews "github.com/sijil/sijil/views"
	"github.com/sijil/sijil/views/ui"
)

// PreviewRecord answers the page of a record as readers would see it, in the
// language that the address asks for, or else the person's own.
func (d *Desk) PreviewRecord(ctx context.Context, r Request) (Answer, error) {
	e, err := d.open(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	lang := r.Lang
	if want := r.Query.Get("lang"); want != "" {
		if lang = want; !d.catalog.Known(lang) {
			return Answer{}, register.ErrInvalid
		}
	}
	loc := r.Words.Localizer(lang)
	preview := public.Preview{
		Document: func(sha256 string) string { return "/" + r.Lang + "/desk/documents/" + sha256 },
		Loc:      loc, Site: public.Site{BaseURL: d.baseURL}, Place: public.Place{Path: r.Path}, Today: d.today(),
		Banner: publicviews.Preview{
			Text: loc.T("form.preview.banner"), Back: ui.Link{Href: "/" + r.Lang + e.path(), Text: ui.Text{S: loc.T("form.preview.back"), Lang: lang}},
		},
	}
	for _, l := range i18n.Langs() {
		preview.Banner.Languages = append(preview.Banner.Languages, ui.Link{
			Href: "/" + r.Lang + r.Path + "?lang=" + l, Text: ui.Text{S: i18n.SelfName(l), Lang: l, Foreign: l != lang},
		})
	}
	return e.preview(ctx, preview)
}

func (e *editing) preview(ctx context.Context, p public.Preview) (Answer, error) {
	v, err := e.shown(ctx)
	if err != nil {
		return Answer{}, err
	}
	nameUntitled(e.draft.Incident, p.Loc)
	switch e.head.Type {
	case register.TypeIncident:
		query := e.r.Query
		query.Del("lang")
		page, err := p.Incident(v.incident(), query)
		return show(page), err
	case register.TypeStatement:
		return show(p.Statement(v.statement())), nil
	case register.TypeInstitution:
	}
	return show(p.Institution(v.institution())), nil
}

// nameUntitled calls what has no title yet by words, so that no heading of the
// page is empty.
func nameUntitled(i *register.Incident, loc *i18n.Localizer) {
	if i == nil {
		return
	}
	name := func(t *register.Text) {
		if t.IsZero() {
			*t = register.Text{register.Lang(loc.Lang()): loc.T("form.untitled")}
		}
	}
	name(&i.Title)
	for n := range i.Events {
		name(&i.Events[n].Title)
	}
	for n := range i.Measures {
		name(&i.Measures[n].Title)
	}
	for n := range i.Exposures {
		name(&i.Exposures[n].Title)
	}
	for n := range i.Referrals {
		name(&i.Referrals[n].Title)
		for m := range i.Referrals[n].Steps {
			name(&i.Referrals[n].Steps[m].Title)
		}
	}
}

// shown is a record with all that its page shows, as worked on.
type shown struct {
	*editing
	drafts  map[register.Ref]editorial.Draft
	sources map[string]register.Source
}

// shown gathers the drafts and the sources that the page of the record shows;
// what those statements show themselves is gathered with them.
func (e *editing) shown(ctx context.Context) (*shown, error) {
	v := &shown{editing: e, drafts: map[register.Ref]editorial.Draft{}}
	keys := register.CitedSources(nounOf(e.draft))
	want := refsOf(e.draft)
	for range 2 {
		want = slices.DeleteFunc(want, func(ref register.Ref) bool { _, ok := v.drafts[ref]; return ok })
		found, err := e.desk.editorial.Drafts(ctx, e.r.Who.Actor, want)
		if err != nil {
			return nil, err
		}
		want = nil
		for ref, draft := range found {
			v.drafts[ref] = draft
			if draft.Statement != nil {
				want = append(want, refsOf(draft)...)
				keys = append(keys, register.CitedSources(draft.Statement)...)
			}
		}
	}
	names, err := e.desk.editorial.Call(ctx, e.r.Who.Actor, nil, keys)
	v.sources = names.Sources
	return v, err
}

func refsOf(d editorial.Draft) []register.Ref {
	var out []register.Ref
	register.EachRef(nounOf(d), func(ref *register.Ref) { out = append(out, *ref) })
	slices.Sort(out)
	return slices.Compact(out)
}

// cited are the sources that a noun cites, as readers see them.
func (v *shown) cited(noun any) []register.Source {
	var out []register.Source
	for _, key := range register.CitedSources(noun) {
		if s, ok := v.sources[key]; ok {
			out = append(out, s)
		}
	}
	return register.PublicSources(out)
}

// edition is a draft as an edition would hold it, named by its identifier.
func (v *shown) edition(d editorial.Draft) register.Edition {
	return register.Edition{Content: register.Content{
		Type: d.Type(), Reference: string(d.ID), Incident: d.Incident, Statement: d.Statement, Institution: d.Institution,
		Sources: v.cited(nounOf(d)), PublishedAt: v.desk.now(),
	}}
}

// pinned are the editions of all that the page shows.
func (v *shown) pinned() []register.Edition {
	refs := make([]register.Ref, 0, len(v.drafts))
	for ref := range v.drafts {
		refs = append(refs, ref)
	}
	slices.Sort(refs)
	var out []register.Edition
	for _, ref := range refs {
		out = append(out, v.edition(v.drafts[ref]))
	}
	return out
}

func (v *shown) incident() *register.IncidentEdition {
	out := register.NewIncidentEdition(v.edition(v.draft), v.pinned())
	if v.head.Reference != "" {
		out.Reference = v.head.Reference
	}
	return out
}

func (v *shown) institutions() []register.InstitutionEdition {
	var out []register.InstitutionEdition
	for _, e := range v.pinned() {
		if e.Institution != nil {
			out = append(out, register.NewInstitutionEdition(e))
		}
	}
	return out
}

func (v *shown) statement() *register.StatementView {
	out := &register.StatementView{
		StatementEdition: register.NewStatementEdition(v.edition(v.draft)), PublishedAt: v.desk.now(),
		Institutions: v.institutions(), Related: map[register.Ref]register.StatementEdition{},
	}
	for _, e := range v.pinned() {
		if e.Statement != nil {
			out.Related[register.Ref(e.Reference)] = register.NewStatementEdition(e)
		}
	}
	return out
}

func (v *shown) institution() *register.InstitutionView {
	return &register.InstitutionView{
		InstitutionEdition: register.NewInstitutionEdition(v.edition(v.draft)), PublishedAt: v.desk.now(),
	}
}
