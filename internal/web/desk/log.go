package desk

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/lookalike"
	"github.com/sijil/sijil/internal/register"
	store "github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/web/desk/form"
)

// The fields of the form with which an incident is logged.
const (
	fieldTitle       = "title"
	fieldLang        = "lang"
	fieldInstitution = "institution"
	fieldFind        = "institution.find"
	fieldAsked       = "institution.asked" // what was looked for when the page was made
	fieldNewName     = "institution.new.name"
	fieldNewKind     = "institution.new.kind"
	fieldKind        = "kind"
	fieldDate        = "date"
	fieldURL         = "url"
	fieldPublisher   = "publisher"
	// fieldAnother holds the identifiers of the incidents that this one is not.
	fieldAnother = "another"
)

// logged is what was typed into the form, what was made of it, and what is
// wrong with it.
type logged struct {
	values     url.Values
	incident   editorial.NewIncident
	problems   []fieldProblem
	candidates []store.Picked // institutions, for a name that is not one's alone
	duplicates []editorial.Duplicate
}

// fieldProblem is something wrong at a field, in words.
type fieldProblem struct{ field, text string }

func (l *logged) refuse(field, text string) {
	l.problems = append(l.problems, fieldProblem{field, text})
}

// sort puts the problems in the order of the fields.
func (l *logged) sort() {
	order := []string{
		fieldTitle, fieldInstitution, fieldFind, fieldNewName, fieldNewKind, fieldKind, fieldDate, fieldURL, fieldPublisher,
	}
	slices.SortStableFunc(l.problems, func(a, b fieldProblem) int {
		return cmp.Compare(slices.Index(order, a.field), slices.Index(order, b.field))
	})
}

// NewIncident answers the form with which an incident is logged.
func (d *Desk) NewIncident(ctx context.Context, r Request) (Answer, error) {
	values, restored, err := d.typed(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	l := &logged{values: values}
	page, err := d.logPage(ctx, r, l)
	page.Restored = restored
	return show(logView(page)), err
}

// LogIncident saves what was typed as a draft. What is not understood, and what
// the register may have already, is asked again with everything that was typed.
func (d *Desk) LogIncident(ctx context.Context, r Request) (Answer, error) {
	l, err := d.readLog(ctx, r, r.Form)
	if err != nil {
		return Answer{}, err
	}
	if len(l.problems) == 0 {
		if err := d.findDuplicates(ctx, r, l); err != nil {
			return Answer{}, err
		}
	}
	if len(l.problems) == 0 && !l.admitsAll() {
		return d.askAgain(ctx, r, l, http.StatusUnprocessableEntity)
	}
	if len(l.problems) == 0 {
		v, err := d.editorial.Log(ctx, r.Who.Actor, l.incident)
		if err == nil {
			return goTo(recordPath(register.TypeIncident, v.ID), "logged"), nil
		}
		if !d.explain(r, l, err) {
			return Answer{}, err
		}
	}
	return d.askAgain(ctx, r, l, http.StatusUnprocessableEntity)
}

// explain puts the problems that editorial found at their fields; false for
// another error.
func (d *Desk) explain(r Request, l *logged, err error) bool {
	problems, ok := errors.AsType[register.Problems](err)
	for _, p := range problems {
		l.refuse(p.Field, d.loc(r).T(p.Key, "value", p.Value))
	}
	return ok
}

func (d *Desk) askAgain(ctx context.Context, r Request, l *logged, status int) (Answer, error) {
	page, err := d.logPage(ctx, r, l)
	return Answer{Status: status, Page: logView(page)}, err
}

// readLog makes of the form's fields what can be made of them.
func (d *Desk) readLog(ctx context.Context, r Request, values url.Values) (*logged, error) {
	l := &logged{values: values}
	get := func(name string) string { return strings.TrimSpace(values.Get(name)) }
	l.incident = editorial.NewIncident{
		Title: get(fieldTitle), Lang: titleLang(get(fieldTitle), get(fieldLang), r.Lang), Kind: get(fieldKind),
		URL: lookalike.ASCII(get(fieldURL)), Publisher: get(fieldPublisher),
	}
	if kind := l.incident.Kind; kind != "" && !slices.Contains(register.IncidentKinds(), kind) {
		return nil, register.ErrInvalid
	}
	date, _, err := edtf.ParseText(get(fieldDate), d.today())
	if err != nil {
		l.refuse(fieldDate, form.WhyNot(d.loc(r), err))
	}
	l.incident.Date = date
	if err := d.readInstitution(ctx, r, l); err != nil {
		return nil, err
	}
	for _, p := range l.incident.Validate() {
		if !l.refused(p.Field) {
			l.refuse(p.Field, d.loc(r).T(p.Key, "value", p.Value))
		}
	}
	l.sort()
	return l, nil
}

// refused reports whether something is said to be wrong at a field already; of
// an institution, wherever it is entered.
func (l *logged) refused(field string) bool {
	return slices.ContainsFunc(l.problems, func(p fieldProblem) bool {
		return p.field == field || field == fieldInstitution && strings.HasPrefix(p.field, fieldInstitution)
	})
}

// readInstitution finds out which institution is meant: the one that was
// chosen, a new one, or the one that is called what was typed.
func (d *Desk) readInstitution(ctx context.Context, r Request, l *logged) error {
	get := func(name string) string { return strings.TrimSpace(l.values.Get(name)) }
	typed := get(fieldFind)
	switch {
	case get(fieldInstitution) != "" && (typed == "" || typed == get(fieldAsked)):
		l.values = withValue(l.values, fieldFind, "")
		l.incident.Institution = register.Ref(get(fieldInstitution))
		found, err := d.editorial.Entries(ctx, r.Who.Actor, []register.Ref{l.incident.Institution})
		if err == nil && len(found) == 0 {
			l.refuse(fieldFind, d.loc(r).T("log.institution.gone"))
		}
		return err
	case get(fieldNewName) != "":
		kind := register.InstitutionKind(get(fieldNewKind))
		if kind != "" && !slices.Contains(register.InstitutionKinds(), kind) {
			return register.ErrInvalid
		}
		l.incident.NewInstitution = &editorial.NewInstitution{
			Name: get(fieldNewName), Lang: titleLang(get(fieldNewName), "", string(l.incident.Lang)), Kind: kind,
		}
		return nil
	case typed == "":
		return nil
	}
	return d.resolveInstitution(ctx, r, l, typed)
}

// offered is how many institutions are offered for a name.
const offered = 8

// resolveInstitution looks for what was typed. Where it is nobody's name the
// form offers who may be meant, or to make a new one of that name.
func (d *Desk) resolveInstitution(ctx context.Context, r Request, l *logged, typed string) error {
	exact, candidates, err := d.editorial.Resolve(ctx, r.Who.Actor, register.TypeInstitution, typed, offered)
	switch {
	case err != nil:
		return err
	case exact != nil:
		l.incident.Institution = exact.ID
		l.values = withValue(l.values, fieldInstitution, string(exact.ID))
		l.values = withValue(l.values, fieldFind, "")
	case len(candidates) > 0:
		l.candidates = candidates
		l.refuse(fieldFind, d.loc(r).T("log.institution.choose", "typed", typed))
	default:
		l.values = withValue(l.values, fieldNewName, typed)
		l.values = withValue(l.values, fieldFind, "")
		l.refuse(fieldNewKind, d.loc(r).T("log.institution.new", "typed", typed))
	}
	return nil
}

func withValue(values url.Values, name, value string) url.Values {
	out := url.Values{}
	maps.Copy(out, values)
	out.Set(name, value)
	return out
}

// findDuplicates looks for incidents that may be the same.
func (d *Desk) findDuplicates(ctx context.Context, r Request, l *logged) error {
	var err error
	l.duplicates, err = d.editorial.Duplicates(ctx, r.Who.Actor, editorial.Like{
		URL: l.incident.URL, Institution: l.incident.Institution, Date: l.incident.Date, Title: l.incident.Title,
	})
	return err
}

// admitsAll reports whether the person has said of every incident that was
// found that it is another one.
func (l *logged) admitsAll() bool {
	others := strings.Fields(l.values.Get(fieldAnother))
	return !slices.ContainsFunc(l.duplicates, func(dup editorial.Duplicate) bool {
		return !slices.Contains(others, string(dup.ID))
	})
}

// LikelyDuplicates tells the script, while the form is filled, which incidents
// may be the same.
func (d *Desk) LikelyDuplicates(ctx context.Context, r Request) (Answer, error) {
	l, err := d.readLog(ctx, r, r.Query)
	if err != nil {
		return Answer{}, err
	}
	if err := d.findDuplicates(ctx, r, l); err != nil {
		return Answer{}, err
	}
	return Answer{JSON: d.duplicatesFound(r, l.duplicates)}, nil
}

// DateUnderstood tells the script how a date is understood while it is typed.
func (d *Desk) DateUnderstood(_ context.Context, r Request) (Answer, error) {
	typed := strings.TrimSpace(r.Query.Get("typed"))
	if typed == "" {
		return Answer{JSON: map[string]any{}}, nil
	}
	date, how, err := edtf.ParseText(typed, d.today())
	if err != nil {
		return Answer{JSON: map[string]any{"problem": form.WhyNot(d.loc(r), err)}}, nil
	}
	u := form.Understood(d.loc(r), date, how)
	others := make([]map[string]string, 0, len(u.Others))
	for _, t := range u.Others {
		others = append(others, map[string]string{"text": t.S, "lang": t.Lang})
	}
	return Answer{JSON: map[string]any{
		"text": u.Text, "precision": u.Precision, "edtf": u.EDTF, "assumed": u.Assumed, "others": others,
	}}, nil
}

// titleLang is the language of a title: the one that was chosen, or the one
// that its letters and small words tell, or else that of the page.
func titleLang(title, chosen, page string) register.Lang {
	if slices.Contains(register.Langs(), register.Lang(chosen)) {
		return register.Lang(chosen)
	}
	arabic, latin := 0, 0
	for _, r := range title {
		switch {
		case r >= 0x0600 && r <= 0x06FF:
			arabic++
		case r >= 'A' && r <= 'z' || r >= 0xC0 && r <= 0x17F:
			latin++
		}
	}
	switch {
	case arabic > latin:
		return register.Arabic
	case latin == 0:
		return register.Lang(page)
	}
	return latinLang(title, page)
}

// latinLang tells French from English by their small words.
func latinLang(title, page string) register.Lang {
	french, english := 0, 0
	for word := range strings.FieldsFuncSeq(strings.ToLower(title), func(r rune) bool { return r == ' ' || r == '’' || r == '\'' }) {
		switch word {
		case "le", "la", "les", "de", "des", "du", "d", "l", "et", "à", "au", "aux", "un", "une", "contre", "sur", "par", "chez":
			french++
		case "the", "of", "and", "at", "on", "a", "an", "in", "by", "against", "from", "to":
			english++
		}
	}
	switch {
	case english > french:
		return register.English
	case french > english || page == string(register.Arabic):
		return register.French
	}
	return register.Lang(page)
}
