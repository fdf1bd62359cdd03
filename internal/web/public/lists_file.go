package public

import (
	"context"
	"net/url"
	"strings"

	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/views"
	"github.com/sijil/sijil/views/ui"
)

// fileRows is how many rows the file of a list holds at most: it is made and kept
// whole, as pages are.
const fileRows = 5000

// FileParams are those of a list without its pages: a file has all rows.
func FileParams(params []string) []string {
	out := make([]string, 0, len(params))
	for _, p := range params {
		if p != "after" {
			out = append(out, p)
		}
	}
	return out
}

// IncidentsFile answers the list of incidents as a file: CSV, or JSON where the
// address ends so. The others likewise.
func (p *Pages) IncidentsFile(ctx context.Context, r Request) (Answer, error) {
	known, err := p.words.current(ctx)
	if err != nil {
		return Answer{}, err
	}
	f, err := incidentFilter(r.Query, known.Terms)
	if err != nil {
		return Answer{}, err
	}
	if understood, changed := p.understand(ctx, known, f); changed {
		return Answer{MovedTo: withQuery("/"+r.Lang+r.Path, incidentQuery(understood))}, nil
	}
	if f.Sort == register.SortRelevance {
		f.Sort = register.SortOccurred // all that is found, not only what fits best
	}
	f.Lang, f.Most = register.Lang(r.Lang), fileRows
	list, err := p.records.Incidents(ctx, f)
	if err != nil {
		return Answer{}, err
	}
	return listFile(r, exchange.Incidents(list, p.pageOf(r.Lang, incidentAddress)))
}

// StatementsFile answers the list of statements as a file.
func (p *Pages) StatementsFile(ctx context.Context, r Request) (Answer, error) {
	f, err := statementFilter(r.Query)
	if err != nil {
		return Answer{}, err
	}
	f.Most = fileRows
	list, err := p.records.Statements(ctx, f)
	if err != nil {
		return Answer{}, err
	}
	return listFile(r, exchange.Statements(list, p.pageOf(r.Lang, statementAddress)))
}

// InstitutionsFile answers the list of institutions as a file.
func (p *Pages) InstitutionsFile(ctx context.Context, r Request) (Answer, error) {
	f, err := institutionFilter(r.Query, register.Lang(r.Lang))
	if err != nil {
		return Answer{}, err
	}
	f.Most = fileRows
	list, err := p.records.Institutions(ctx, f)
	if err != nil {
		return Answer{}, err
	}
	return listFile(r, exchange.Institutions(list, p.pageOf(r.Lang, institutionAddress)))
}

// ReferralsFile answers the register of referrals as a file.
func (p *Pages) ReferralsFile(ctx context.Context, r Request) (Answer, error) {
	known, err := p.words.current(ctx)
	if err != nil {
		return Answer{}, err
	}
	f, err := referralFilter(r.Query, known.Terms)
	if err != nil {
		return Answer{}, err
	}
	f.Today, f.Most = p.today(), fileRows
	list, err := p.records.Referrals(ctx, f)
	if err != nil {
		return Answer{}, err
	}
	return listFile(r, exchange.Referrals(list, p.pageOf(r.Lang, incidentAddress)))
}

// pageOf gives the whole addresses of records in a language.
func (p *Pages) pageOf(lang string, address func(lang, slug string) string) func(slug string) string {
	return func(slug string) string { return p.site.BaseURL + address(lang, slug) }
}

func listFile(r Request, l exchange.List) (Answer, error) {
	if strings.HasSuffix(r.Path, ".json") {
		body, err := l.JSON()
		return Answer{File: &File{MediaType: "application/json", Name: "sijil-" + l.Name + ".json", Body: body}}, err
	}
	body, err := l.CSV()
	return Answer{File: &File{MediaType: "text/csv; charset=utf-8; header=present", Name: "sijil-" + l.Name + ".csv", Body: body}}, err
}

// listFiles leads to the files of a list with what is chosen now; they say when
// they hold only a part.
func listFiles(loc *i18n.Localizer, area string, query url.Values, total int) views.ListFiles {
	if total == 0 {
		return views.ListFiles{}
	}
	bare := url.Values{}
	for name, values := range query {
		if name != "after" {
			bare[name] = values
		}
	}
	var out views.ListFiles
	for _, format := range []string{"csv", "json"} {
		out.Links = append(out.Links, ui.Link{
			Href: withQuery(address(loc.Lang(), area)+"."+format, bare),
			Text: ui.Text{S: strings.ToUpper(format), Lang: loc.Lang()},
		})
	}
	if total > fileRows {
		out.Note = loc.N("list.file-part", fileRows)
	}
	return out
}
