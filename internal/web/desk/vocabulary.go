package desk

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/sijil/sijil/internal/register"
	views "github.com/sijil/sijil/views/desk"
	"github.com/sijil/sijil/views/ui"
)

const vocabulariesPath = "/desk/vocabularies"

// Vocabularies answers the page of all vocabularies with their terms.
func (d *Desk) Vocabularies(_ context.Context, r Request) (Answer, error) {
	loc := d.loc(r)
	page := views.VocabulariesPage{Frame: d.frame(r, loc.T("vocabularies.title"))}
	for _, v := range register.Vocabularies() {
		list := views.VocabularyView{
			Code: string(v), Name: loc.T("vocabulary." + string(v)), About: loc.T("vocabulary-about." + string(v)),
			Add: page.To(vocabulariesPath + "/" + string(v)), Phased: v == register.VocabularyStep,
		}
		for _, t := range r.Words.Terms.Of(v) {
			list.Terms = append(list.Terms, views.TermView{
				Code: t.Code, Href: page.To(vocabulariesPath + "/" + string(v) + "/" + t.Code), Retired: t.Retired,
				FR: t.Label[register.French], AR: t.Label[register.Arabic], EN: t.Label[register.English],
				Phase: loc.Label("phase", string(t.Phase)),
			})
		}
		page.Vocabularies = append(page.Vocabularies, list)
	}
	return show(views.Vocabularies(page)), nil
}

// NewTerm answers the form of a term to be added to a vocabulary.
func (d *Desk) NewTerm(ctx context.Context, r Request) (Answer, error) {
	term, err := blankTerm(r)
	if err != nil {
		return Answer{}, err
	}
	return d.termPage(ctx, r, term)
}

// AddTerm adds a term to a vocabulary.
func (d *Desk) AddTerm(ctx context.Context, r Request) (Answer, error) {
	term, err := blankTerm(r)
	if err != nil {
		return Answer{}, err
	}
	problems := readTerm(r.Form, &term)
	term.Code = strings.TrimSpace(r.Form.Get("code"))
	if len(problems) == 0 {
		err = d.editorial.AddTerm(ctx, r.Who.Actor, term)
	}
	return d.termWritten(r, term, problems, err, "term-added")
}

// EditTerm answers the form of a term.
func (d *Desk) EditTerm(ctx context.Context, r Request) (Answer, error) {
	term, err := termOf(r)
	if err != nil {
		return Answer{}, err
	}
	return d.termPage(ctx, r, term)
}

// ChangeTerm writes a term anew, retires it, or takes it back into use.
func (d *Desk) ChangeTerm(ctx context.Context, r Request) (Answer, error) {
	term, err := termOf(r)
	if err != nil {
		return Answer{}, err
	}
	problems := readTerm(r.Form, &term)
	term.Retired = r.Form.Get("retired") != ""
	if term.Version, err = strconv.Atoi(r.Form.Get("version")); err != nil {
		return Answer{}, register.ErrInvalid
	}
	if len(problems) == 0 {
		err = d.editorial.ChangeTerm(ctx, r.Who.Actor, term)
	}
	return d.termWritten(r, term, problems, err, "term-changed")
}

// vocabularyOf is the vocabulary that the address names; ErrNotFound for none.
func vocabularyOf(r Request) (register.Vocabulary, error) {
	v := register.Vocabulary(r.Params["name"])
	if !slices.Contains(register.Vocabularies(), v) {
		return "", register.ErrNotFound
	}
	return v, nil
}

// blankTerm is a new term, which comes last.
func blankTerm(r Request) (register.Term, error) {
	v, err := vocabularyOf(r)
	if err != nil {
		return register.Term{}, err
	}
	term := register.Term{Vocabulary: v, Position: 1, Label: register.Text{}}
	for _, t := range r.Words.Terms.Of(v) {
		term.Position = max(term.Position, t.Position+1)
	}
	return term, nil
}

// termOf is the term that the address names; ErrNotFound for none.
func termOf(r Request) (register.Term, error) {
	v, err := vocabularyOf(r)
	if err != nil {
		return register.Term{}, err
	}
	for _, t := range r.Words.Terms.Of(v) {
		if t.Code == r.Params["code"] {
			return t, nil
		}
	}
	return register.Term{}, register.ErrNotFound
}

// readTerm reads what of a term may change. What is no number is a problem.
func readTerm(form url.Values, t *register.Term) register.Problems {
	t.Label = register.Text{}
	for _, lang := range register.Langs() {
		t.Label[lang] = strings.TrimSpace(form.Get("label." + string(lang)))
	}
	t.Phase = register.Phase(form.Get("phase"))
	position, err := strconv.Atoi(strings.TrimSpace(form.Get("position")))
	t.Position = position
	if err != nil {
		return register.Problems{{Field: "position", Key: "problem.position-malformed"}}
	}
	return nil
}

// termPage is the form of a term, with what was typed and not saved.
func (d *Desk) termPage(ctx context.Context, r Request, term register.Term) (Answer, error) {
	form, restored, err := d.typed(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	if form == nil {
		form = termForm(term)
	}
	page := d.termForm(r, term, form, nil)
	page.Restored = restored
	return show(views.Term(page)), nil
}

// termWritten goes on after a term was written, or shows what is wrong with it.
func (d *Desk) termWritten(r Request, term register.Term, problems register.Problems, err error, done string) (Answer, error) {
	found, refused := errors.AsType[register.Problems](err)
	switch {
	case len(problems) > 0 || refused:
		return refuse(views.Term(d.termForm(r, term, r.Form, append(problems, found...)))), nil
	case errors.Is(err, register.ErrConflict):
		// What is saved now stands beside what was typed; saving again writes it.
		saved, findErr := termOf(r)
		if findErr != nil {
			return Answer{}, err
		}
		form := url.Values{}
		maps.Copy(form, r.Form)
		form.Set("version", strconv.Itoa(saved.Version))
		page := d.termForm(r, term, form, nil)
		page.Conflict = d.termSaved(r, saved)
		return Answer{Status: http.StatusConflict, Page: views.Term(page)}, nil
	case err != nil:
		return Answer{}, err
	}
	return goTo(vocabulariesPath, done), nil
}

// termForm are the fields of a term as a form sends them.
func termForm(t register.Term) url.Values {
	form := url.Values{
		"code": {t.Code}, "position": {strconv.Itoa(t.Position)}, "phase": {string(t.Phase)}, "version": {strconv.Itoa(t.Version)},
	}
	for _, lang := range register.Langs() {
		form.Set("label."+string(lang), t.Label[lang])
	}
	if t.Retired {
		form.Set("retired", "yes")
	}
	return form
}

// termForm makes the page of a form of a term.
func (d *Desk) termForm(r Request, term register.Term, form url.Values, problems register.Problems) views.TermPage {
	loc := d.loc(r)
	isNew := r.Params["code"] == ""
	title := loc.T("term.new", "vocabulary", loc.T("vocabulary."+string(term.Vocabulary)))
	if !isNew {
		title = loc.T("term.edit", "term", cmp.Or(term.Label[register.Lang(r.Lang)], term.Code), "vocabulary", loc.T("vocabulary."+string(term.Vocabulary)))
	}
	messages := map[string]string{}
	page := views.TermPage{
		Frame: d.frame(r, title), Back: "/" + r.Lang + vocabulariesPath, New: isNew, Code: term.Code,
		Version: form.Get("version"), Retired: form.Get("retired") != "",
	}
	for _, p := range problems {
		text := loc.T("term.problem", "field", loc.T("term."+p.Field), "problem", loc.T(p.Key))
		page.Problems = append(page.Problems, ui.Problem{ID: p.Field, Text: text})
		messages[p.Field] = loc.T(p.Key)
	}
	field := func(name string) ui.Field {
		return ui.Field{Name: name, Label: loc.T("term." + name), Value: form.Get(name), Error: messages[name], Required: true}
	}
	if isNew {
		code := field("code")
		code.Hint, code.Attrs = loc.T("term.code-hint"), map[string]any{"dir": "ltr", "autocapitalize": "none", "spellcheck": "false"}
		page.Fields = append(page.Fields, code)
	}
	for _, lang := range register.Langs() {
		label := field("label." + string(lang))
		label.Lang = string(lang)
		page.Labels = append(page.Labels, label)
	}
	position := field("position")
	position.Hint, position.InputMode = loc.T("term.position-hint"), "numeric"
	page.Place = append(page.Place, position)
	if term.Vocabulary == register.VocabularyStep {
		phase := field("phase")
		phase.Type, phase.Hint = "select", loc.T("term.phase-hint")
		phase.Choices = []ui.Choice{{Label: loc.T("term.phase-none")}}
		for _, p := range register.Phases() {
			phase.Choices = append(phase.Choices, ui.Choice{Value: string(p), Label: loc.Label("phase", string(p))})
		}
		page.Place = append(page.Place, phase)
	}
	return page
}

// termSaved says how somebody else left the term meanwhile.
func (d *Desk) termSaved(r Request, t register.Term) []views.TermSaved {
	loc := d.loc(r)
	var out []views.TermSaved
	for _, lang := range register.Langs() {
		out = append(out, views.TermSaved{Name: loc.T("term.label." + string(lang)), Lang: string(lang), Value: t.Label[lang]})
	}
	return append(out, views.TermSaved{Name: loc.T("term.position"), Lang: r.Lang, Value: strconv.Itoa(t.Position)})
}
