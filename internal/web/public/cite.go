package public

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/views"
	"github.com/sijil/sijil/views/ui"
)

// CiteParams are the parameters of a citation.
func CiteParams() []string { return []string{"part"} }

// citeFormats are the formats of citations, in the order in which they are
// offered.
func citeFormats() []string { return []string{"text", "bibtex", "csl", "ris"} }

// Cite answers how an edition is cited, or a part of it.
func (p *Pages) Cite(ctx context.Context, r Request) (Answer, error) {
	cited, err := p.cited(ctx, r, "")
	if err != nil || cited.MovedTo != "" {
		return cited.Answer, err
	}
	page, err := cited.page()
	return Answer{Page: views.CiteAs(page)}, err
}

// CiteFile answers a citation as a file for a program.
func (p *Pages) CiteFile(ctx context.Context, r Request) (Answer, error) {
	cited, err := p.cited(ctx, r, "/"+r.Params["name"])
	if err != nil || cited.MovedTo != "" {
		return cited.Answer, err
	}
	file, err := cited.file(r.Params["name"])
	return Answer{File: file}, err
}

// citing is an edition that is cited, and what of it.
type citing struct {
	Answer // where the record has moved
	*composer
	past     *register.PastEdition
	citation exchange.Citation
	part     string
}

// cited reads the edition that an address names; rest is the end of the
// address, kept where the record has moved.
func (p *Pages) cited(ctx context.Context, r Request, rest string) (citing, error) {
	part := r.Query.Get("part")
	if len(r.Query["part"]) > 1 || part != "" && !IsSlug(part) {
		return citing{}, register.ErrInvalid
	}
	known, err := p.words.current(ctx)
	if err != nil {
		return citing{}, err
	}
	n, err := strconv.Atoi(r.Params["number"])
	if err != nil {
		return citing{}, register.ErrNotFound
	}
	t := r.recordType()
	past, err := p.records.Past(ctx, t, r.Slug, n)
	if err != nil {
		moved, err := movedOr(err, func(slug string) string {
			return withQuery(editionAddress(r.Lang, t, slug, n)+"/cite"+rest, r.Query)
		})
		return citing{Answer: moved}, err
	}
	out := citing{composer: newComposer(known.Localizer(r.Lang), p.site, r.place(r.Query)), past: past}
	out.citation = citationOf(out.composer, &past.Edition, past.Slug)
	if part != "" && !out.only(part) {
		return citing{}, register.ErrNotFound
	}
	return out, nil
}

// citationOf is how an edition is cited in the reader's language.
func citationOf(c *composer, e *register.Edition, slug string) exchange.Citation {
	title := c.text(titleOf(&e.Content))
	return exchange.Citation{
		Title: title.S, TitleLang: register.Lang(title.Lang), Reference: e.Reference, Edition: e.Number,
		Published: edtf.DayOf(e.PublishedAt), SHA256: e.SHA256,
		URL: c.site.BaseURL + editionAddress(c.loc.Lang(), e.Type, slug, e.Number),
	}
}

// only makes the citation one of a part; false when the edition has no such
// part.
func (c *citing) only(part string) bool {
	for _, one := range c.parts() {
		if one.anchor == part {
			c.part, c.citation.Anchor, c.citation.Part = part, part, one.name.S
			c.citation.URL += "#" + part
			return true
		}
	}
	return false
}

// citable is a part of an edition that can be cited by itself.
type citable struct {
	anchor string
	name   ui.Text
}

// parts are the entries of an incident, or the claims of a statement.
func (c *citing) parts() []citable {
	var out []citable
	switch {
	case c.past.Incident != nil:
		e := c.past.IncidentEdition()
		for _, entry := range register.NewTimeline(e.Incident, e.Statements).Entries {
			out = append(out, citable{entry.Anchor, c.text(entry.Title)})
		}
	case c.past.Statement != nil:
		for i := range c.past.Statement.Claims {
			claim := &c.past.Statement.Claims[i]
			out = append(out, citable{claim.Key, c.text(claim.Paraphrase)})
		}
	}
	return out
}

// write is the citation in a format; ErrNotFound for one that is none.
func (c *citing) write(format string) ([]byte, error) {
	switch format {
	case "text":
		return []byte(c.citation.Text(c.loc) + "\n"), nil
	case "bibtex":
		return c.citation.BibTeX(c.loc), nil
	case "csl":
		return c.citation.CSL(c.loc)
	case "ris":
		return c.citation.RIS(c.loc), nil
	}
	return nil, register.ErrNotFound
}

func (c *citing) file(format string) (*File, error) {
	body, err := c.write(format)
	if err != nil {
		return nil, err
	}
	kinds := map[string][2]string{
		"text": {"text/plain; charset=utf-8", ".txt"}, "bibtex": {"application/x-bibtex; charset=utf-8", ".bib"},
		"csl": {"application/vnd.citationstyles.csl+json", ".json"}, "ris": {"application/x-research-info-systems; charset=utf-8", ".ris"},
	}
	kind := kinds[format]
	return &File{MediaType: kind[0], Name: c.citation.Key() + kind[1], Lang: c.loc.Lang(), Body: body}, nil
}

func (c *citing) page() (views.CitePage, error) {
	e := c.past
	edition := editionAddress(c.loc.Lang(), e.Type, e.Slug, e.Number)
	p := views.CitePage{
		Head: views.RecordHead{
			Rubric: e.Reference, Title: c.loc.T("cite.title", "number", e.Number), Lead: c.loc.T("cite.lead"),
			About: c.text(titleOf(&e.Content)), Back: ui.Link{Href: edition, Text: c.plain(c.loc.T("edition.title", "number", e.Number))},
		},
		Action: edition + "/cite", Parts: []views.Choice{{Label: c.loc.T("cite.whole-record")}},
	}
	for _, part := range c.parts() {
		p.Parts = append(p.Parts, views.Choice{Value: part.anchor, Label: shorten(part.name.S, descriptionLength), Selected: part.anchor == c.part})
	}
	for _, format := range citeFormats() {
		body, err := c.write(format)
		if err != nil {
			return p, err
		}
		name := c.loc.T("cite.format." + format)
		p.Formats = append(p.Formats, views.CiteFormat{
			ID: "_" + format, Name: name, Text: strings.ReplaceAll(string(body), "\r\n", "\n"),
			Save: ui.Link{Href: citeAddress(edition, format, c.part), Text: c.plain(c.loc.T("cite.save", "format", name))},
		})
	}
	p.Frame = hidden(c.frame(heading{
		title: p.Head.Title + " · " + e.Reference, description: p.Head.Lead, section: "/" + string(e.Type) + "s",
		crumbs: []ui.Link{
			{Href: recordAddress(c.loc.Lang(), e.Type, e.Slug), Text: c.plain(e.Reference)}, p.Head.Back, {Text: c.plain(c.loc.T("cite.heading"))},
		},
	}))
	return p, nil
}

// citeAddress is the file of a citation.
func citeAddress(edition, format, part string) string {
	query := url.Values{}
	if part != "" {
		query.Set("part", part)
	}
	return withQuery(edition+"/cite/"+format, query)
}

// printFoot names the edition at the foot of each sheet of a print, so that it
// can be checked: two lines, since the hash fills one.
func (c *composer) printFoot(t register.RecordType, slug, reference string, number int, hash string) string {
	if hash == "" {
		return "" // a preview is no edition
	}
	permalink := c.site.BaseURL + editionAddress(c.loc.Lang(), t, slug, number)
	return reference + " · " + c.loc.T("edition.title", "number", number) + " · " + permalink + "\nSHA-256 " + hash
}

// citeBox says on a page how the edition that it shows is cited.
func (c *composer) citeBox(t register.RecordType, slug string, number int, citation exchange.Citation) *views.Cite {
	edition := editionAddress(c.loc.Lang(), t, slug, number)
	more := map[register.RecordType]string{
		register.TypeIncident: "cite.more", register.TypeStatement: "cite.more-claims", register.TypeInstitution: "cite.more-plain",
	}
	out := &views.Cite{
		Text: citation.Text(c.loc), More: ui.Link{Href: edition + "/cite", Text: c.plain(c.loc.T(more[t]))},
	}
	for _, format := range citeFormats()[1:] {
		out.Formats = append(out.Formats, ui.Link{Href: citeAddress(edition, format, ""), Text: c.plain(c.loc.T("cite.format." + format))})
	}
	return out
}

// incidentContent, statementContent and institutionContent are what a citation
// needs of the edition that a page shows.
func incidentContent(e *register.IncidentEdition) *register.Edition {
	return &register.Edition{SHA256: e.SHA256, Content: register.Content{
		Type: register.TypeIncident, Reference: e.Reference, Number: e.Edition, PublishedAt: e.PublishedAt, Incident: e.Incident,
	}}
}

func statementContent(v *register.StatementView) *register.Edition {
	return &register.Edition{SHA256: v.SHA256, Content: register.Content{
		Type: register.TypeStatement, Reference: v.Reference, Number: v.Edition, PublishedAt: v.PublishedAt, Statement: v.Statement,
	}}
}

func institutionContent(v *register.InstitutionView) *register.Edition {
	return &register.Edition{SHA256: v.SHA256, Content: register.Content{
		Type: register.TypeInstitution, Reference: v.Reference, Number: v.Edition, PublishedAt: v.PublishedAt, Institution: v.Institution,
	}}
}
