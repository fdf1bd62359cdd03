package desk

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/lookalike"
	"github.com/sijil/sijil/internal/register"
	store "github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/web/desk/form"
	views "github.com/sijil/sijil/views/desk"
)

// attaching is the page on which a statement is attached, while it is made.
type attaching struct {
	*Desk
	r         Request
	values    url.Values
	wrong     fieldProblems
	issuer    *searched
	incidents *searched
	// file is the piece, kept by its hash as soon as it is acceptable; nil while
	// there is none.
	file *register.File
	// holders are the statements that have the same file already.
	holders []store.Titled
	// unfetched means that no document could be had from the address.
	unfetched bool
}

// NewStatement answers the form with which a statement is attached: to the
// incident that the address names, or to none yet.
func (d *Desk) NewStatement(ctx context.Context, r Request) (Answer, error) {
	p := &attaching{Desk: d, r: r}
	typed, restored, err := d.typed(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	p.values = typed
	if restored == nil {
		p.values = url.Values{"kind": {string(register.StatementCommunique)}, "official": {"1"}}
	}
	if incident := r.Query.Get("incident"); incident != "" && !slices.Contains(p.values["incidents"], incident) {
		p.values.Add("incidents", incident)
	}
	if err := p.look(ctx); err != nil {
		return Answer{}, err
	}
	if err := p.keptFile(ctx); err != nil {
		return Answer{}, err
	}
	page := p.page()
	page.Restored = restored
	return show(views.Attach(page)), nil
}

// AttachStatement saves a new statement in one step. What is wrong is said, and
// everything else stays as it was typed; a file that is acceptable is kept, so
// that it need not be chosen again.
func (d *Desk) AttachStatement(ctx context.Context, r Request) (Answer, error) {
	p := &attaching{Desk: d, r: r, values: r.Form}
	if err := p.look(ctx); err != nil {
		return Answer{}, err
	}
	if err := p.piece(ctx); err != nil {
		return Answer{}, err
	}
	attachment := p.read()
	if p.wrong.empty() && len(p.holders) > 0 && p.get("anyway") != p.file.SHA256 {
		p.wrong.add("anyway", d.loc(r).N("attach.same", len(p.holders)))
	}
	if !p.wrong.empty() {
		return refuse(views.Attach(p.page())), nil
	}
	saved, err := d.editorial.AttachStatement(ctx, r.Who.Actor, attachment)
	if problems, ok := errors.AsType[register.Problems](err); ok {
		for _, x := range problems {
			p.wrong.add(attachField(x.Field), d.loc(r).T(x.Key))
		}
		return refuse(views.Attach(p.page())), nil
	}
	if err != nil {
		return Answer{}, err
	}
	return goTo(statementPath(saved.ID, "text"), "statement-attached"), nil
}

// attachField is the field of the form for a problem of the record.
func attachField(field string) string {
	if strings.HasSuffix(field, ".url") {
		return "url"
	}
	return "title"
}

func (p *attaching) get(name string) string {
	value := strings.TrimSpace(p.values.Get(name))
	if name == "url" {
		return lookalike.ASCII(value)
	}
	return value
}

// look finds the issuer and the incidents.
func (p *attaching) look(ctx context.Context) error {
	var err error
	if p.issuer, err = p.Desk.look(ctx, p.r, p.values, searched{path: "issuer", of: register.TypeInstitution}); err != nil {
		return err
	}
	p.incidents, err = p.Desk.look(ctx, p.r, p.values, searched{path: "incidents", of: register.TypeIncident, multi: true})
	return err
}

// read makes the statement of what the form says, and notes what is wrong.
func (p *attaching) read() editorial.Attachment {
	loc := p.loc(p.r)
	title := p.get("title")
	lang := scriptOf(title, register.Lang(p.r.Lang))
	if title == "" {
		p.wrong.add("title", loc.T("attach.title-missing"))
	}
	s := &register.Statement{
		Language: lang, Title: register.Text{lang: title}, Kind: register.StatementKind(p.get("kind")), Official: p.get("official") != "",
	}
	if !slices.Contains(register.StatementKinds(), s.Kind) {
		p.wrong.add("kind", loc.T("make-step.choose"))
	}
	a := editorial.Attachment{Statement: s, Incidents: p.incidents.ids()}
	a.Issuer = p.who(s)
	p.readDate(s)
	p.searches()
	if f := p.file; f != nil {
		s.OriginalLanguage = f.Extraction.Language
		s.Documents = []register.Document{{
			Fact: register.Fact{Key: "document"}, Name: f.Name, Type: f.Type, SHA256: f.SHA256, Size: f.Size, Language: f.Extraction.Language,
		}}
	}
	s.Slug = p.slug(s)
	a.Source = p.source(s)
	return a
}

// who reads the issuer: one that is chosen, or one that is made with the
// statement.
func (p *attaching) who(s *register.Statement) *register.Institution {
	loc := p.loc(p.r)
	name := p.get("issuer.new.name")
	switch {
	case name != "" && len(p.issuer.chosen) > 0:
		p.wrong.add("issuer.new.name", loc.T("attach.two-issuers"))
	case len(p.issuer.chosen) > 0:
		s.Issuer = p.issuer.chosen[0].ID
	case name != "":
		return p.newInstitution(name)
	case p.issuer.problem == "" && !hasNoInstitution(s.Kind):
		p.wrong.add("issuer.find", loc.T("attach.issuer-missing"))
	}
	return nil
}

// hasNoInstitution tells the statements that no institution makes.
func hasNoInstitution(k register.StatementKind) bool {
	return k == register.StatementAttackerMessage || k == register.StatementThirdParty
}

func (p *attaching) newInstitution(name string) *register.Institution {
	kind := register.InstitutionKind(p.get("issuer.new.kind"))
	if !slices.Contains(register.InstitutionKinds(), kind) {
		p.wrong.add("issuer.new.kind", p.loc(p.r).T("make-step.choose"))
	}
	lang := scriptOf(name, register.Lang(p.r.Lang))
	slug := form.Slug(name, 60)
	if slug == "" {
		slug = "institution"
	}
	return &register.Institution{
		Language: lang, Slug: slug, Kind: kind,
		Names: []register.InstitutionName{{Key: "name-" + string(lang), Language: lang, Kind: register.NameOfficial, Name: name}},
	}
}

// readDate reads the date in words.
func (p *attaching) readDate(s *register.Statement) {
	typed := p.get("date")
	if typed == "" {
		return // not stated is an answer
	}
	date, _, err := edtf.ParseText(typed, edtf.DayOf(p.now()))
	if err != nil {
		p.wrong.add("date", form.WhyNot(p.loc(p.r), err))
		return
	}
	if !date.IsZero() {
		s.Dates = register.Dates{{EDTF: date, Basis: register.BasisStated}}
	}
}

// searches notes what was searched for and not found.
func (p *attaching) searches() {
	for _, s := range []*searched{p.issuer, p.incidents} {
		if s.problem != "" && (s != p.issuer || p.get("issuer.new.name") == "") {
			p.wrong.add(s.path+".find", p.loc(p.r).T(s.problem))
		}
	}
}

// slug is made of the title, or else of the kind and the date.
func (p *attaching) slug(s *register.Statement) string {
	if slug := form.Slug(s.Title[s.Language], 60); len(slug) > 8 {
		return slug
	}
	slug := string(s.Kind)
	if date := s.Dates.Date(); !date.IsZero() {
		slug = form.Slug(slug+" "+date.String(), 60)
	}
	return slug
}

// source is what the statement is cited by: the page that carries it, or the
// file itself.
func (p *attaching) source(s *register.Statement) *register.Source {
	source := &register.Source{
		Kind: register.SourceOfficial, Publisher: p.publisher(), Title: s.Title[s.Language], URL: p.get("url"),
		Language: s.OriginalLanguage, Accessed: edtf.DayOf(p.now()).Date(),
	}
	if !s.Official {
		source.Kind = register.SourceCommuniqueRelay
	}
	if f := p.file; f != nil {
		source.Capture = &register.Capture{SHA256: f.SHA256, Size: f.Size, Type: f.Type, CapturedAt: edtf.DayOf(p.now()).Date()}
	}
	return source
}

// publisher is who published the piece, as far as the form says: the issuer, or
// else the host of its address.
func (p *attaching) publisher() string {
	if len(p.issuer.chosen) > 0 {
		name, _, _ := p.issuer.chosen[0].Title.In(register.Lang(p.r.Lang))
		return name
	}
	if name := p.get("issuer.new.name"); name != "" {
		return name
	}
	if address, err := url.Parse(p.get("url")); err == nil && address.Host != "" {
		return strings.TrimPrefix(address.Hostname(), "www.")
	}
	return p.loc(p.r).T("attach.publisher-unknown")
}
