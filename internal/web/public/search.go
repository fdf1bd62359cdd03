package public

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store/record"
	"github.com/sijil/sijil/views"
)

// Search answers what a search finds of one kind. Incidents have their own list,
// which has what fields choose, too.
func (p *Pages) Search(ctx context.Context, r Request) (Answer, error) {
	known, err := p.words.current(ctx)
	if err != nil {
		return Answer{}, err
	}
	f, err := searchFilter(r.Query)
	if err != nil {
		return Answer{}, err
	}
	to, typed := p.understand(ctx, known, register.IncidentFilter{Query: f.Query, Sort: register.SortRelevance})
	if typed || f.Type == register.FindIncidents {
		return Answer{MovedTo: withQuery(address(r.Lang, "incidents"), incidentQuery(to))}, nil
	}
	f.Lang = register.Lang(r.Lang)
	list, err := p.records.Search(ctx, f)
	if err != nil {
		return Answer{}, err
	}
	return Answer{Page: views.Search(newSearchPage(known.Localizer(r.Lang), p.site, f, list, r.place(searchQuery(f))))}, nil
}

// searchFilter reads a search; without a kind it is one for incidents.
func searchFilter(q url.Values) (register.SearchFilter, error) {
	f := register.SearchFilter{
		Query: strings.Join(strings.Fields(q.Get("q")), " "), Type: register.SearchType(q.Get("type")), After: q.Get("after"),
	}
	switch {
	case f.Type == "" && f.Query != "":
		f.Type = register.FindIncidents
	case f.Type == "": // nothing to find yet
		f.Type = register.FindStatements
	}
	for name, values := range q {
		if len(values) > 1 || name != "q" && len(values[0]) > longestCursor {
			return f, fmt.Errorf("%w: %s", register.ErrInvalid, name)
		}
	}
	return f, f.Validate()
}

func searchQuery(f register.SearchFilter) url.Values {
	return queryOf("q", f.Query, "type", string(f.Type), "after", f.After)
}

// searchFields are the fields that can be typed into a search, by the parameter
// that each is.
func searchFields() []string {
	return []string{"institution", "sector", "kind", "standing", "year", "referral", "official", "language"}
}

// understand takes typed fields, such as year:2025, out of the words of a search
// and chooses by them; changed tells whether there were any. A field or value that
// the register does not know stays among the words.
func (p *Pages) understand(ctx context.Context, known *Words, f register.IncidentFilter) (_ register.IncidentFilter, changed bool) {
	if !strings.Contains(f.Query, ":") {
		return f, false
	}
	var rest []string
	for _, token := range register.ParseSearch(f.Query) {
		if field := fieldNamed(known, token.Field); field != "" && !token.Not && p.choose(ctx, known, &f, field, token.Text) {
			changed = true
			continue
		}
		rest = append(rest, token.String())
	}
	if !changed {
		return f, false
	}
	f.Query, f.After = strings.Join(rest, " "), ""
	if f.Query == "" && f.Sort == register.SortRelevance {
		f.Sort = register.SortOccurred
	}
	return f, true
}

// fieldNamed is the field with a name in any language of the interface; "" for
// none.
func fieldNamed(known *Words, name string) string {
	name = record.Fold(name)
	for _, field := range searchFields() {
		if name == field {
			return field
		}
		for _, lang := range i18n.Langs() {
			if name != "" && name == record.Fold(known.Localizer(lang).T("search.field."+field)) {
				return field
			}
		}
	}
	return ""
}

// choose chooses by a value as somebody typed it: a code, a label in any language,
// or the beginning of one.
func (p *Pages) choose(ctx context.Context, known *Words, f *register.IncidentFilter, field, typed string) bool {
	var codes []string
	var vocabulary string
	set := func(*register.IncidentFilter, string) {}
	switch field {
	case "institution":
		list, err := p.records.Search(ctx, register.SearchFilter{Query: typed, Type: register.FindInstitutions, Lang: register.French})
		if err != nil || len(list.Hits) == 0 {
			return false
		}
		f.Institution = list.Hits[0].Slug
		return true
	case "year":
		year, err := strconv.Atoi(typed)
		if err != nil || len(typed) != 4 || year < 1900 {
			return false
		}
		f.Year = year
		return true
	case "sector":
		codes, vocabulary, set = register.Sectors(), "sector", func(f *register.IncidentFilter, c string) { f.Sector = c }
	case "kind":
		codes, vocabulary, set = register.IncidentKinds(), "incident-kind", func(f *register.IncidentFilter, c string) { f.Kind = c }
	case "standing":
		codes, vocabulary = known.codes(register.VocabularyStanding), "standing"
		set = func(f *register.IncidentFilter, c string) { f.Standing = c }
	case "referral":
		codes, vocabulary = append(known.codes(register.VocabularyStep), "none"), "step"
		set = func(f *register.IncidentFilter, c string) { f.Referral = c }
	case "official":
		codes, vocabulary, set = []string{"yes", "no"}, "answer", func(f *register.IncidentFilter, c string) { f.Official = c }
	case "language":
		for _, l := range register.Langs() {
			codes = append(codes, string(l))
		}
		set = func(f *register.IncidentFilter, c string) { f.Language = register.Lang(c) }
	}
	code := codeTyped(known, vocabulary, codes, typed)
	if code != "" {
		set(f, code)
	}
	return code != ""
}

// codes are those of a vocabulary.
func (w *Words) codes(v register.Vocabulary) []string {
	var out []string
	for _, t := range w.Terms.Of(v) {
		out = append(out, t.Code)
	}
	return out
}

// codeTyped is the code that somebody typed: as it is written, by its last part,
// by its label in a language, or by the beginning of one; "" for none.
func codeTyped(known *Words, vocabulary string, codes []string, typed string) string {
	wanted := record.Fold(typed)
	if wanted == "" {
		return ""
	}
	label := func(lang, code string) string {
		loc := known.Localizer(lang)
		switch {
		case vocabulary == "":
			return record.Fold(loc.Language(code))
		case code == "none":
			return record.Fold(loc.T("row.no-referral"))
		}
		return record.Fold(loc.Label(vocabulary, code))
	}
	for _, is := range []func(string) bool{
		func(s string) bool { return s == wanted },
		func(s string) bool { return strings.HasPrefix(s, wanted) },
	} {
		for _, code := range codes {
			last := code[strings.LastIndex(code, "/")+1:]
			if is(record.Fold(code)) || is(record.Fold(last)) {
				return code
			}
			for _, lang := range i18n.Langs() {
				if is(label(lang, code)) {
					return code
				}
			}
		}
	}
	return ""
}
