package desk

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/intake"
	"github.com/sijil/sijil/internal/register"
	views "github.com/sijil/sijil/views/desk"
	"github.com/sijil/sijil/views/ui"
)

const (
	importPath = "/desk/import"
	// importsShown and notesShown are how many imports, and lines of one, a page lists.
	importsShown, notesShown = 20, 500
)

// ImportPage answers the form with which a file is uploaded, and the newest imports.
func (d *Desk) ImportPage(ctx context.Context, r Request) (Answer, error) {
	page, err := d.importPage(ctx, r, nil)
	return show(views.Import(page)), err
}

func (d *Desk) importPage(ctx context.Context, r Request, wrong register.Problems) (views.ImportPage, error) {
	loc := d.loc(r)
	page := views.ImportPage{Frame: d.frame(r, loc.T("import.title"))}
	at := map[string]string{}
	for _, p := range wrong {
		id := p.Field
		if id != "file" && id != "format" {
			id = "mapping"
		}
		text := loc.T(p.Key)
		if p.Value != "" {
			text += " (" + p.Value + ")"
		}
		if id != p.Field && p.Field != "mapping" {
			text = p.Field + " — " + text
		}
		at[id] = text
		page.Problems = append(page.Problems, ui.Problem{ID: id, Text: text})
	}
	page.Format = ui.Field{Name: "format", Type: "select", Label: loc.T("import.format"), Value: r.Form.Get("format"), Error: at["format"]}
	for _, f := range register.ImportFormats() {
		page.Format.Choices = append(page.Format.Choices, ui.Choice{Value: string(f), Label: loc.T("import.format." + string(f))})
	}
	page.File = ui.Field{
		Name: "file", Type: "file", Label: loc.T("import.file"), Hint: loc.T("import.file-hint", "size", strconv.Itoa(editorial.MaxImport>>20)),
		Error: at["file"], Attrs: map[string]any{"accept": ".json,.jsonl,.csv"},
	}
	page.Mapping = ui.Field{
		Name: "mapping", Type: "textarea", Rows: 8, Label: loc.T("import.mapping"), Hint: loc.T("import.mapping-hint"),
		Value: r.Form.Get("mapping"), Error: at["mapping"], Attrs: map[string]any{"dir": "ltr", "spellcheck": "false"},
	}
	runs, err := d.editorial.Imports(ctx, r.Who.Actor, importsShown)
	for i := range runs {
		page.Runs = append(page.Runs, d.importRow(r, &runs[i]))
	}
	return page, err
}

func (d *Desk) importRow(r Request, run *register.ImportRun) views.ImportRow {
	loc := d.loc(r)
	row := views.ImportRow{
		Href: "/" + r.Lang + importPath + "/" + run.ID, Name: run.Name, Format: loc.T("import.format." + string(run.Format)),
		At: d.moment(r, run.StartedAt), Made: loc.Number(int64(run.Made)), Skipped: loc.Number(int64(run.Skipped)), State: loc.T("import.state.done"),
	}
	switch {
	case run.Failure != "":
		row.State = loc.T("import.state.failed")
	case run.FinishedAt.IsZero():
		row.State = loc.T("import.state.running")
	}
	return row
}

// UploadImport keeps a file and leads to what it would make.
func (d *Desk) UploadImport(ctx context.Context, r Request) (Answer, error) {
	u := editorial.Upload{ImportRun: register.ImportRun{Format: register.ImportFormat(r.Form.Get("format"))}}
	wrong := readUpload(r, &u)
	for _, x := range wrong {
		if x.Field == "file" {
			d.tellRefused(x.Key)
		}
	}
	if len(wrong) == 0 {
		_, err := intake.Foresee(ctx, d.editorial, r.Who.Actor, u, edtf.DayOf(d.now()))
		problems, bad := errors.AsType[register.Problems](err)
		switch {
		case bad:
			wrong = problems
		case errors.Is(err, exchange.ErrNoBundle):
			wrong = register.Problems{{Field: "file", Key: "problem.no-bundle"}}
		case err != nil:
			return Answer{}, err
		}
	}
	if len(wrong) > 0 {
		page, err := d.importPage(ctx, r, wrong)
		return Answer{Status: http.StatusUnprocessableEntity, Page: views.Import(page)}, err
	}
	id, err := d.editorial.KeepUpload(ctx, r.Who.Actor, u)
	return goTo(importPath+"/"+id, ""), err
}

// readUpload takes the file and what is said of it, and returns what is wrong.
func readUpload(r Request, u *editorial.Upload) register.Problems {
	var wrong register.Problems
	add := func(field, key string) { wrong = append(wrong, register.Problem{Field: field, Key: key}) }
	known := false
	for _, f := range register.ImportFormats() {
		known = known || f == u.Format
	}
	if !known {
		add("format", "problem.code-unknown")
	}
	if u.Format == register.ImportCSV {
		if u.Mapping = r.Form.Get("mapping"); u.Mapping == "" {
			add("mapping", "problem.missing")
		}
	}
	switch files := r.Files["file"]; {
	case len(files) == 0:
		add("file", "problem.missing")
	case files[0].TooLarge || len(files[0].Data) > editorial.MaxImport:
		add("file", "problem.too-long")
	default:
		u.Content, u.Name = files[0].Data, files[0].Name
	}
	return wrong
}

// ShowImport answers what a file would make, before it is confirmed, and then what
// became of it.
func (d *Desk) ShowImport(ctx context.Context, r Request) (Answer, error) {
	u, err := d.editorial.Upload(ctx, r.Who.Actor, r.Params["run"])
	if err != nil {
		return Answer{}, err
	}
	page := views.ImportRunPage{Frame: d.frame(r, u.Name), Back: "/" + r.Lang + importPath, Row: d.importRow(r, &u.ImportRun)}
	if u.ConfirmedAt.IsZero() {
		err = d.preview(ctx, r, u, &page)
	} else {
		err = d.report(ctx, r, u, &page)
	}
	return show(views.ImportRun(page)), err
}

func (d *Desk) preview(ctx context.Context, r Request, u editorial.Upload, page *views.ImportRunPage) error {
	loc := d.loc(r)
	p, err := intake.Foresee(ctx, d.editorial, r.Who.Actor, u, edtf.DayOf(d.now()))
	if err != nil {
		return err
	}
	page.Preview, page.Nothing = true, p.Made == 0
	page.Counts = d.importCounts(r, p.ImportCounts)
	for i := range p.Items {
		page.Items = append(page.Items, d.foreseen(r, &p.Items[i]))
	}
	if more := p.ImportCounts.Items - len(p.Items); more > 0 {
		page.More = loc.N("import.more", more)
	}
	return nil
}

func (d *Desk) foreseen(r Request, f *editorial.Foreseen) views.ImportItem {
	loc := d.loc(r)
	item := views.ImportItem{Line: loc.Number(int64(f.Origin.Line)), Title: f.Origin.ID, Outcome: loc.T("import.outcome.made")}
	var title register.Text
	switch {
	case f.Incident != nil:
		title = f.Incident.Title
	case f.Statement != nil:
		title = f.Statement.Title
	case len(f.Institutions) > 0:
		title = f.Institutions[0].NameText(register.NameOfficial)
	}
	if text, lang := d.inLang(r, title); text != "" {
		item.Title, item.TitleLang = text, lang
	}
	switch {
	case f.Skip != "":
		item.Outcome, item.Reason = loc.T("import.outcome.skipped"), loc.T("import.reason."+string(f.Skip))
	case f.Known:
		item.Outcome = loc.T("import.outcome.known")
	case f.Hold != "":
		item.Reason = loc.T("import.reason." + string(f.Hold))
	}
	for _, i := range f.Institutions {
		name, lang := d.inLang(r, i.NameText(register.NameOfficial))
		state := loc.T("import.institution.made")
		if f.Recognised[i.Slug] {
			state = loc.T("import.institution.recognised")
		}
		item.Institutions = append(item.Institutions, views.ImportInstitution{Name: name, Lang: lang, State: state})
	}
	return item
}

// inLang is a text in the language of the page, or else in another that it has.
func (d *Desk) inLang(r Request, t register.Text) (text, lang string) {
	for _, l := range append([]register.Lang{register.Lang(r.Lang)}, register.Langs()...) {
		if t[l] != "" {
			return t[l], string(l)
		}
	}
	return "", ""
}

func (d *Desk) importCounts(r Request, c register.ImportCounts) []views.ImportCount {
	loc := d.loc(r)
	return []views.ImportCount{
		{Label: loc.T("import.count.read"), Value: loc.Number(int64(c.Items))},
		{Label: loc.T("import.count.made"), Value: loc.Number(int64(c.Made))},
		{Label: loc.T("import.count.known"), Value: loc.Number(int64(c.Known))},
		{Label: loc.T("import.count.skipped"), Value: loc.Number(int64(c.Skipped))},
		{Label: loc.T("import.count.institutions-made"), Value: loc.Number(int64(c.InstitutionsMade))},
		{Label: loc.T("import.count.institutions-recognised"), Value: loc.Number(int64(c.InstitutionsRecognised))},
	}
}

func (d *Desk) report(ctx context.Context, r Request, u editorial.Upload, page *views.ImportRunPage) error {
	loc := d.loc(r)
	page.Running = u.FinishedAt.IsZero()
	page.Counts = d.importCounts(r, u.ImportCounts)
	notes, err := d.editorial.ImportNotes(ctx, r.Who.Actor, u.ID, notesShown)
	for _, n := range notes {
		item := views.ImportItem{
			Line: loc.Number(int64(n.Line)), Title: n.OriginID, Outcome: loc.T("import.outcome.skipped"), Reason: loc.T("import.reason." + string(n.Reason)),
		}
		if n.Draft {
			item.Outcome = loc.T("import.outcome.held")
		}
		page.Items = append(page.Items, item)
	}
	return err
}

// ConfirmImport imports what was uploaded: at once, or, where it is much, by a job.
func (d *Desk) ConfirmImport(ctx context.Context, r Request) (Answer, error) {
	id := r.Params["run"]
	u, err := d.editorial.Upload(ctx, r.Who.Actor, id)
	if err != nil {
		return Answer{}, err
	}
	if !u.ConfirmedAt.IsZero() { // it was sent twice
		return goTo(importPath+"/"+id, ""), nil
	}
	today := edtf.DayOf(d.now())
	p, err := intake.Foresee(ctx, d.editorial, r.Who.Actor, u, today)
	if err != nil {
		return Answer{}, err
	}
	// With this commit the form is done: what comes after is the import's own, and its
	// page says how far it is.
	err = d.editorial.ConfirmUpload(ctx, r.Who.Actor, id, p.Large())
	if errors.Is(err, register.ErrConflict) { // it was sent twice at once
		return goTo(importPath+"/"+id, ""), nil
	}
	if err != nil {
		return Answer{}, err
	}
	if !p.Large() {
		err = intake.RunUpload(ctx, d.editorial, id, today, intake.Telling{})
	}
	return goTo(importPath+"/"+id, "import"), err
}
