package public

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/views"
)

// StatementParams are the parameters of the list of statements.
func StatementParams() []string {
	return []string{"institution", "kind", "official", "original", "language", "year", "after"}
}

// InstitutionParams are the parameters of the list of institutions.
func InstitutionParams() []string { return []string{"kind", "sector", "part", "after"} }

// ReferralParams are the parameters of the list of referrals.
func ReferralParams() []string {
	return []string{"authority", "kind", "step", "level", "silent", "sort", "after"}
}

// ListStatements answers one page of the list of statements.
func (p *Pages) ListStatements(ctx context.Context, r Request) (Answer, error) {
	known, err := p.words.current(ctx)
	if err != nil {
		return Answer{}, err
	}
	f, err := statementFilter(r.Query)
	if err != nil {
		return Answer{}, err
	}
	list, err := p.records.Statements(ctx, f)
	if err != nil {
		return Answer{}, err
	}
	page := newStatementsPage(known.Localizer(r.Lang), p.site, f, list, r.place(statementQuery(f)))
	return Answer{Page: views.Statements(page)}, nil
}

// ListInstitutions answers one page of the list of institutions.
func (p *Pages) ListInstitutions(ctx context.Context, r Request) (Answer, error) {
	known, err := p.words.current(ctx)
	if err != nil {
		return Answer{}, err
	}
	f, err := institutionFilter(r.Query, register.Lang(r.Lang))
	if err != nil {
		return Answer{}, err
	}
	list, err := p.records.Institutions(ctx, f)
	if err != nil {
		return Answer{}, err
	}
	page := newInstitutionsPage(known.Localizer(r.Lang), p.site, f, list, r.place(institutionQuery(f)))
	return Answer{Page: views.Institutions(page)}, nil
}

// ListReferrals answers one page of the register of referrals.
func (p *Pages) ListReferrals(ctx context.Context, r Request) (Answer, error) {
	known, err := p.words.current(ctx)
	if err != nil {
		return Answer{}, err
	}
	f, err := referralFilter(r.Query, known.Terms)
	if err != nil {
		return Answer{}, err
	}
	f.Today = p.today()
	list, err := p.records.Referrals(ctx, f)
	if err != nil {
		return Answer{}, err
	}
	page := newReferralsPage(known.Localizer(r.Lang), p.site, f, list, r.place(referralQuery(f)))
	return Answer{Page: views.Referrals(page)}, nil
}

// single returns ErrInvalid when a parameter has several values, or one that is
// longer than any of the register's.
func single(q url.Values) error {
	for name, values := range q {
		if len(values) > 1 || len(values[0]) > longestCursor {
			return fmt.Errorf("%w: %s", register.ErrInvalid, name)
		}
	}
	return nil
}

// numberIn reads a whole number of at most four digits, as links write it; 0
// when there is none.
func numberIn(q url.Values, name string) (int, error) {
	s := q.Get(name)
	if s == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n <= 0 || len(s) > 4 || strconv.Itoa(n) != s {
		return 0, fmt.Errorf("%w: %s", register.ErrInvalid, name)
	}
	return n, nil
}

func statementFilter(q url.Values) (register.StatementFilter, error) {
	year, err := numberIn(q, "year")
	f := register.StatementFilter{
		Institution: q.Get("institution"), Kind: register.StatementKind(q.Get("kind")), Official: q.Get("official"),
		Original: q.Get("original"), Language: register.Lang(q.Get("language")), Year: year, After: q.Get("after"),
	}
	if err != nil || single(q) != nil || f.Institution != "" && !IsSlug(f.Institution) {
		return f, register.ErrInvalid
	}
	return f, f.Validate()
}

func statementQuery(f register.StatementFilter) url.Values {
	return queryOf("institution", f.Institution, "kind", string(f.Kind), "official", f.Official, "original", f.Original,
		"language", string(f.Language), "year", numberText(f.Year), "after", f.After)
}

func institutionFilter(q url.Values, lang register.Lang) (register.InstitutionFilter, error) {
	f := register.InstitutionFilter{
		Kind: register.InstitutionKind(q.Get("kind")), Sector: q.Get("sector"),
		Part: register.InstitutionPart(q.Get("part")), Lang: lang, After: q.Get("after"),
	}
	if len(f.After) > longestNameCursor {
		return f, register.ErrInvalid
	}
	bare := url.Values{}
	for name, values := range q {
		if name != "after" || len(values) > 1 {
			bare[name] = values
		}
	}
	if err := single(bare); err != nil {
		return f, err
	}
	return f, f.Validate()
}

// longestNameCursor is longer than a cursor with the longest name, escaped.
const longestNameCursor = 1500

func institutionQuery(f register.InstitutionFilter) url.Values {
	return queryOf("kind", string(f.Kind), "sector", f.Sector, "part", string(f.Part), "after", f.After)
}

func referralFilter(q url.Values, terms *register.Terms) (register.ReferralFilter, error) {
	silent, err := numberIn(q, "silent")
	f := register.ReferralFilter{
		Authority: q.Get("authority"), Kind: register.ReferralKind(q.Get("kind")), Step: q.Get("step"),
		Level: register.Level(q.Get("level")), Silent: silent, Sort: register.ReferralSort(q.Get("sort")), After: q.Get("after"),
	}
	if f.Sort == "" {
		f.Sort = register.ReferralSorts()[0]
	}
	if err != nil || single(q) != nil || f.Authority != "" && !IsSlug(f.Authority) {
		return f, register.ErrInvalid
	}
	return f, f.ValidateIn(terms)
}

func referralQuery(f register.ReferralFilter) url.Values {
	sort := f.Sort
	if slices.Index(register.ReferralSorts(), sort) == 0 {
		sort = ""
	}
	return queryOf("authority", f.Authority, "kind", string(f.Kind), "step", f.Step, "level", string(f.Level),
		"silent", numberText(f.Silent), "sort", string(sort), "after", f.After)
}

func numberText(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// queryOf writes names and values, leaving out what is empty.
func queryOf(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			v.Set(pairs[i], pairs[i+1])
		}
	}
	return v
}
