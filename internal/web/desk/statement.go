package desk

import (
	"context"
	"strconv"
	"unicode"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	store "github.com/sijil/sijil/internal/store/desk"
	views "github.com/sijil/sijil/views/desk"
	"github.com/sijil/sijil/views/ui"
)

// statementPath is the address of a page of a statement, after /{lang}.
func statementPath(id register.Ref, page string) string {
	path := "/desk/statements/" + string(id)
	if page != "" {
		path += "/" + page
	}
	return path
}

// openStatement is a statement as it is worked on, with the incidents that it
// concerns.
type openStatement struct {
	*register.Statement
	head      store.Record
	incidents []store.Titled
}

// openStatement loads the statement that the address names.
func (d *Desk) openStatement(ctx context.Context, r Request) (*openStatement, error) {
	draft, head, err := d.editorial.Load(ctx, r.Who.Actor, register.Ref(r.Params["id"]))
	if err != nil {
		return nil, err
	}
	if draft.Statement == nil {
		return nil, register.ErrNotFound
	}
	incidents, err := d.editorial.IncidentsWithStatement(ctx, r.Who.Actor, head.ID)
	return &openStatement{Statement: draft.Statement, head: head, incidents: incidents}, err
}

// link leads to the statement.
func (s *openStatement) link(r Request, loc *i18n.Localizer) ui.Link {
	return ui.Link{Href: "/" + r.Lang + statementPath(s.head.ID, ""), Text: said(loc, s.Title)}
}

// statementHead is what stands above the pages of a statement.
func (d *Desk) statementHead(r Request, s *openStatement) views.StatementHead {
	loc := d.loc(r)
	out := views.StatementHead{Title: said(loc, s.Title), Reference: s.head.Reference}
	for _, i := range s.incidents {
		out.Incidents = append(out.Incidents, ui.Link{Href: "/" + r.Lang + "/desk/incidents/" + string(i.ID), Text: said(loc, i.Title)})
	}
	for _, step := range []struct{ page, key string }{{"", "attach.step.overview"}, {"text", "attach.step.text"}, {"claims", "attach.step.claims"}} {
		path := statementPath(s.head.ID, step.page)
		n := views.NavLink{Href: "/" + r.Lang + path, Name: loc.T(step.key)}
		if path == r.Path {
			n.Current = "page"
		}
		out.Steps = append(out.Steps, n)
	}
	return out
}

// said is a text in the reader's language, or marked as of another.
func said(loc *i18n.Localizer, t register.Text) ui.Text {
	text, lang, _ := t.In(register.Lang(loc.Lang()))
	return inLang(loc, lang, text)
}

// inLang is a text in a language.
func inLang(loc *i18n.Localizer, lang register.Lang, text string) ui.Text {
	return ui.Text{S: text, Lang: string(lang), Foreign: string(lang) != loc.Lang()}
}

// scriptOf guesses the language of words by their letters, where nobody said
// it: Arabic, or else the one that is given.
func scriptOf(words string, latin register.Lang) register.Lang {
	arabic, others := 0, 0
	for _, r := range words {
		switch {
		case unicode.Is(unicode.Arabic, r):
			arabic++
		case unicode.IsLetter(r):
			others++
		}
	}
	if arabic > others {
		return register.Arabic
	}
	if latin == register.Arabic {
		return register.French
	}
	return latin
}

// texts3 are the inputs of one text in the languages of the interface.
func (d *Desk) texts3(name, legend, hint string, values func(string) string, rows int) views.Texts3 {
	out := views.Texts3{Legend: legend, Hint: hint}
	for _, lang := range i18n.Langs() {
		f := ui.Field{Name: name + "." + lang, Label: i18n.SelfName(lang), Lang: lang, Value: values(name + "." + lang)}
		if rows > 1 {
			f.Type, f.Rows = "textarea", rows
		}
		out.Inputs = append(out.Inputs, f)
	}
	return out
}

// textOf reads one text in the languages of the interface from a form.
func textOf(values func(string) string, name string) register.Text {
	out := register.Text{}
	for _, lang := range register.Langs() {
		if s := values(name + "." + string(lang)); s != "" {
			out[lang] = s
		}
	}
	return out
}

// codeChoices are the codes of a vocabulary as the choices of a select.
func codeChoices[T ~string](loc *i18n.Localizer, vocabulary string, codes []T) []ui.Choice {
	out := make([]ui.Choice, 0, len(codes))
	for _, c := range codes {
		out = append(out, ui.Choice{Value: string(c), Label: loc.Label(vocabulary, string(c))})
	}
	return out
}

// fieldProblems are problems for the summary above a form, each with the id of
// the field where it is mended, and the sentences at the fields.
type fieldProblems struct {
	summary []ui.Problem
	at      map[string]string
}

func (p *fieldProblems) add(field, text string) {
	p.summary = append(p.summary, ui.Problem{ID: field, Text: text})
	if p.at == nil {
		p.at = map[string]string{}
	}
	if p.at[field] == "" {
		p.at[field] = text
	}
}

func (p *fieldProblems) empty() bool { return len(p.summary) == 0 }

// when writes the date of a statement in the reader's language.
func when(loc *i18n.Localizer, ds register.Dates) string {
	if date := ds.Date(); !date.IsZero() {
		return date.Text(loc.Lang(), edtf.Long)
	}
	return loc.T("date.not-stated")
}

func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}
