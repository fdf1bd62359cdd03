package desk

import (
	"strings"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/web/desk/form"
	views "github.com/sijil/sijil/views/desk"
	"github.com/sijil/sijil/views/ui"
)

func (p *attaching) page() views.AttachPage {
	loc := p.loc(p.r)
	get, wrong := p.values.Get, p.wrong.at
	page := views.AttachPage{
		Frame: p.frame(p.r, loc.T("attach.title")), Problems: p.wrong.summary,
		File: ui.Field{Name: "file", Label: loc.T("attach.file"), Hint: loc.T("attach.file-hint"), Type: "file", Error: wrong["file"], Attrs: map[string]any{
			"accept": strings.Join(register.FileTypes(), ","),
		}},
		Address: ui.Field{Name: "url", Label: loc.T("attach.url"), Hint: loc.T("attach.url-hint"), Type: "url", Value: get("url"), Error: wrong["url"], Attrs: map[string]any{"dir": "ltr"}},
		Text:    ui.Field{Name: "text", Label: loc.T("attach.text"), Type: "textarea", Rows: 4, Value: get("text"), Error: wrong["text"], Attrs: map[string]any{"dir": "auto"}},
		Issuer:  p.drawSearched(p.r, p.issuer, loc.T("attach.issuer"), "", wrong),
		Kind: ui.Field{
			Name: "kind", Label: loc.T("attach.kind"), Type: "select", Value: get("kind"), Error: wrong["kind"],
			Choices: codeChoices(loc, "statement-kind", register.StatementKinds()),
		},
		Official:  get("official") != "",
		Heading:   ui.Field{Name: "title", Label: loc.T("attach.statement-title"), Hint: loc.T("attach.statement-title-hint"), Value: get("title"), Error: wrong["title"], Autocomplete: "off", Attrs: map[string]any{"dir": "auto"}},
		Incidents: p.drawSearched(p.r, p.incidents, loc.T("attach.incidents"), loc.T("attach.incidents-hint"), wrong),
	}
	page.Scripts = []string{"desk/picker.js", "desk/date.js"}
	page.Date = p.date()
	page.Issuer.New, page.Issuer.NewOpen = p.newInstitutionFields()
	page.Issuer.NewLabel = loc.T("attach.new-issuer")
	if address := p.get("url"); address != "" && (p.unfetched || p.get("cite") == address) {
		page.Unfetched, page.Cite = address, p.get("cite") == address
	}
	p.showFile(&page)
	return page
}

// showFile says what is known of the piece that is kept, and that others hold
// it already.
func (p *attaching) showFile(page *views.AttachPage) {
	if p.file == nil {
		return
	}
	loc := p.loc(p.r)
	page.Kept = p.file.SHA256
	page.KeptFile = p.keptView(p.r, *p.file)
	page.KeptFile.From = p.get("fetched")
	for _, s := range p.holders {
		page.Same = append(page.Same, ui.Link{Href: "/" + p.r.Lang + statementPath(s.ID, ""), Text: said(loc, s.Title)})
	}
	page.Anyway = p.get("anyway") == p.file.SHA256
	page.SameError = p.wrong.at["anyway"]
}

// keptView is what is known of a file.
func (d *Desk) keptView(r Request, f register.File) *views.KeptFile {
	loc := d.loc(r)
	out := &views.KeptFile{Name: f.Name, Hash: f.SHA256, Href: "/" + r.Lang + "/desk/documents/" + f.SHA256}
	var facts []string
	if f.Pages > 0 {
		facts = append(facts, loc.N("attach.pages", f.Pages))
	}
	facts = append(facts, loc.T("attach.kilobytes", "n", int((f.Size+1023)/1024)))
	if f.Extraction.Method != "" {
		facts = append(facts, loc.T("file.method."+string(f.Extraction.Method)))
	}
	out.Facts = strings.Join(facts, loc.T("list.comma"))
	for _, w := range f.Warnings {
		out.Warnings = append(out.Warnings, loc.T(w))
	}
	out.Lookalikes = lineLookalikes(loc, loc.T("attach.file"), f.Name)
	return out
}

func (p *attaching) newInstitutionFields() (fields []ui.Field, open bool) {
	loc := p.loc(p.r)
	name, kind := "issuer.new.name", "issuer.new.kind"
	fields = []ui.Field{
		{Name: name, Label: loc.T("attach.new-name"), Value: p.values.Get(name), Error: p.wrong.at[name], Autocomplete: "off", Attrs: map[string]any{"dir": "auto"}},
		{
			Name: kind, Label: loc.T("attach.new-kind"), Type: "select", Value: p.values.Get(kind), Error: p.wrong.at[kind],
			Choices: append([]ui.Choice{{Label: loc.T("marker.choose")}}, codeChoices(loc, "institution-kind", register.InstitutionKinds())...),
		},
	}
	for _, f := range fields {
		open = open || f.Value != "" || f.Error != ""
	}
	return fields, open || p.issuer.problem == form.ProblemNotFound
}

// date is the field of the date, with how it is understood.
func (p *attaching) date() views.DateControl {
	loc := p.loc(p.r)
	c := views.DateControl{Field: ui.Field{
		Name: "date", Label: loc.T("attach.date"), Hint: loc.T("attach.date-hint"), Value: p.values.Get("date"), Error: p.wrong.at["date"],
		Autocomplete: "off", Attrs: map[string]any{"dir": "auto", "data-date": "1"},
	}}
	if date, how, err := edtf.ParseText(p.get("date"), p.today()); err == nil && !date.IsZero() {
		c.Understood = form.Understood(loc, date, how)
	}
	return c
}

// textChoices are the languages in which a text may be, those of the interface
// first.
func textChoices(loc *i18n.Localizer, value string) []ui.Choice {
	out := []ui.Choice{{Label: loc.T("marker.choose")}}
	known := false
	for _, code := range append(i18n.Langs(), "zgh", "es", "de", "it", "nl", "pt", "ru", "tr", "zh") {
		out = append(out, ui.Choice{Value: code, Label: loc.Language(code)})
		known = known || code == value
	}
	if !known && value != "" {
		out = append(out, ui.Choice{Value: value, Label: loc.Language(value)})
	}
	return out
}
