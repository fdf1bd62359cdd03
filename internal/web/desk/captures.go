package desk

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/revision"
	store "github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/web/public"
	views "github.com/sijil/sijil/views/desk"
	"github.com/sijil/sijil/views/ui"
)

// ListCaptures answers the page of all copies of a source's page.
func (d *Desk) ListCaptures(ctx context.Context, r Request) (Answer, error) {
	source, err := d.editorial.Source(ctx, r.Who.Actor, r.Params["key"])
	if err != nil {
		return Answer{}, err
	}
	loc := d.loc(r)
	target, kept, panel, err := d.captureOf(ctx, r, &source)
	if err != nil {
		return Answer{}, err
	}
	panel.Copies = ui.Link{} // it is this page
	p := views.CapturesPage{
		Frame: d.frame(r, loc.T("capture.title", "name", sourceTitle(source))), Key: source.Key, Panel: panel,
		Source: d.sourceLink(r, &source),
	}
	for i := range kept {
		p.Rows = append(p.Rows, d.captureRow(r, source.Key, &kept[i], target.Shown))
	}
	return show(views.Captures(p)), nil
}

// CaptureAgain asks for another copy of a source's page.
func (d *Desk) CaptureAgain(ctx context.Context, r Request) (Answer, error) {
	err := d.editorial.CaptureAgain(ctx, r.Who.Actor, r.Params["key"])
	if errors.Is(err, register.ErrNotConfigured) {
		err = errors.Join(register.ErrNotFound, err) // no page offers it
	}
	if err != nil {
		return Answer{}, err
	}
	return goTo(capturesPath(r.Params["key"]), "capture-asked"), nil
}

func capturesPath(key string) string { return "/desk/sources/" + url.PathEscape(key) + "/captures" }

func (d *Desk) sourceLink(r Request, s *register.Source) ui.Link {
	return ui.Link{
		Href: "/" + r.Lang + "/desk/sources/" + url.PathEscape(s.Key),
		Text: ui.Text{S: d.loc(r).T("capture.back", "name", sourceTitle(*s)), Lang: r.Lang},
	}
}

// captureOf is how the capture of a source stands, with its copies and the panel
// that says so.
func (d *Desk) captureOf(ctx context.Context, r Request, s *register.Source) (
	target register.CaptureTarget, kept []register.KeptCapture, panel views.CapturePanel, err error,
) {
	target, kept, err = d.editorial.CaptureOf(ctx, r.Who.Actor, s.Key)
	if err != nil && !errors.Is(err, register.ErrNotFound) {
		return target, nil, panel, err
	}
	loc := d.loc(r)
	if len(kept) > 0 {
		panel.Copies = ui.Link{
			Href: "/" + r.Lang + capturesPath(s.Key), Text: ui.Text{S: loc.N("capture.all", len(kept)), Lang: r.Lang},
		}
	}
	if s.URL != "" && d.editorial.Captures() {
		panel.Path = capturesPath(s.Key)
	}
	switch {
	case s.URL == "":
		panel.Says = append(panel.Says, loc.T("capture.no-address"))
	case target.ID == "":
		panel.Says = append(panel.Says, loc.T("capture.not-asked"))
	default:
		panel.State = captureTag(loc, target.State)
		panel.Says = append(panel.Says, d.captureSays(r, &target)...)
	}
	if !d.editorial.Captures() {
		panel.Says = append(panel.Says, loc.T("capture.off"))
	}
	return target, kept, panel, nil
}

// captureTag names a state.
func captureTag(loc *i18n.Localizer, state register.CaptureState) ui.Tag {
	shape := map[register.CaptureState]string{
		register.CaptureWaiting: "plain", register.CaptureFetching: "accent", register.CaptureKept: "ok", register.CaptureFailed: "none",
		register.CaptureGone: "claimed", register.CaptureMoved: "claimed", register.CaptureChanged: "claimed",
	}[state]
	if shape == "" {
		return ui.Tag{}
	}
	return ui.Tag{Shape: shape, Label: loc.T("capture.state." + string(state))}
}

// captureSays says how a capture stands, in sentences.
func (d *Desk) captureSays(r Request, t *register.CaptureTarget) []string {
	loc := d.loc(r)
	says := []string{loc.T("capture.says." + string(t.State))}
	if t.Reason != "" {
		why := loc.T("capture.reason."+string(t.Reason), "status", strconv.Itoa(t.HTTPStatus))
		if t.Waits {
			says = append(says, loc.N("capture.tried", t.Tries, "why", why))
		} else {
			says = append(says, loc.T("capture.given-up", "why", why))
		}
	}
	if t.Waits && t.Reason == "" && t.State != register.CaptureWaiting && t.State != register.CaptureFetching {
		says = append(says, loc.T("capture.asked"))
	}
	if !t.CheckedAt.IsZero() {
		says = append(says, loc.T("capture.checked", "time", d.moment(r, t.CheckedAt)))
	}
	if !t.NextCheck.IsZero() && !t.Waits && d.editorial.Captures() {
		says = append(says, loc.T("capture.next", "time", d.moment(r, t.NextCheck)))
	}
	return says
}

func (d *Desk) captureRow(r Request, key string, k *register.KeptCapture, shown int) views.CaptureRow {
	loc := d.loc(r)
	row := views.CaptureRow{
		Href: fmt.Sprintf("/%s%s/%d", r.Lang, capturesPath(key), k.Number), Name: loc.T("capture.copy", "n", k.Number),
		At: d.moment(r, k.TakenAt), Status: strconv.Itoa(k.HTTPStatus), State: captureTag(loc, k.State), Final: k.Final, Hash: k.SHA256,
	}
	if k.Number == shown {
		row.Shown = loc.T("capture.shown")
	}
	return row
}

// captureProgress says how many pages of sources are kept.
func (d *Desk) captureProgress(r Request, c store.CaptureCounts) string {
	loc := d.loc(r)
	parts := []string{loc.T("capture.progress.kept", "kept", c.Kept, "all", c.All)}
	for _, part := range []struct {
		key   string
		count int
	}{
		{"capture.progress.wait", c.Waits},
		{"capture.progress.failed", c.Failed},
		{"capture.progress.other", c.Other},
	} {
		if part.count > 0 {
			parts = append(parts, loc.N(part.key, part.count))
		}
	}
	said := loc.T("capture.progress", "parts", loc.Series(parts))
	if !d.editorial.Captures() {
		said += " " + loc.T("capture.off")
	}
	return said
}

// ShowCapture answers the page of one copy.
func (d *Desk) ShowCapture(ctx context.Context, r Request) (Answer, error) {
	page, err := d.capturePage(ctx, r)
	return show(views.Capture(page)), err
}

func (d *Desk) capturePage(ctx context.Context, r Request) (views.CapturePage, error) {
	source, err := d.editorial.Source(ctx, r.Who.Actor, r.Params["key"])
	if err != nil {
		return views.CapturePage{}, err
	}
	target, kept, err := d.editorial.CaptureOf(ctx, r.Who.Actor, source.Key)
	if err != nil {
		return views.CapturePage{}, err
	}
	number, err := strconv.Atoi(r.Params["number"])
	if err != nil {
		return views.CapturePage{}, register.ErrNotFound
	}
	for i := range kept {
		if kept[i].Number == number {
			p := d.captureFacts(r, &source, &kept[i])
			d.captureChanges(r, &p, kept[i+1:], &kept[i])
			return p, d.captureActs(ctx, r, &p, &source, &kept[i], target.Shown)
		}
	}
	return views.CapturePage{}, register.ErrNotFound
}

// captureFacts says what a copy is and how it was reached.
func (d *Desk) captureFacts(r Request, s *register.Source, k *register.KeptCapture) views.CapturePage {
	loc := d.loc(r)
	own := fmt.Sprintf("/%s%s", r.Lang, capturesPath(s.Key))
	p := views.CapturePage{
		Frame:  d.frame(r, loc.T("capture.copy-of", "n", k.Number, "name", sourceTitle(*s))),
		Source: d.sourceLink(r, s), All: ui.Link{Href: own, Text: ui.Text{S: loc.T("capture.heading"), Lang: r.Lang}},
		State: captureTag(loc, k.State), Lang: string(s.Language), Text: k.Text, TextHeading: loc.T("capture.text"),
		File: ui.Link{
			Href: fmt.Sprintf("%s/%d/warc", own, k.Number), Text: ui.Text{S: loc.T("capture.warc", "kb", (k.WARCSize+1023)/1024), Lang: r.Lang},
		},
	}
	if k.Text == "" {
		p.NoText = loc.T("capture.no-text")
	}
	for _, fact := range []views.CaptureFact{
		{Label: loc.T("capture.column.taken"), Value: d.moment(r, k.TakenAt)},
		{Label: loc.T("capture.column.final"), Value: k.Final, IsHash: true},
		{Label: loc.T("capture.fact.status"), Value: strconv.Itoa(k.HTTPStatus)},
		{Label: loc.T("capture.fact.type"), Value: k.Type},
		{Label: loc.T("capture.fact.title"), Value: k.Title},
		{Label: loc.T("capture.column.hash"), Value: k.SHA256, IsHash: true},
		{Label: loc.T("capture.fact.warc"), Value: k.WARC, IsHash: true},
	} {
		if fact.Value != "" {
			p.Facts = append(p.Facts, fact)
		}
	}
	for _, hop := range k.Hops {
		p.Hops = append(p.Hops, fmt.Sprintf("%d %s", hop.Status, hop.URL))
	}
	return p
}

// aroundChange is how many letters stay around a change in a long text.
const aroundChange = 300

// captureChanges says what changed since the copy before, word by word.
func (d *Desk) captureChanges(r Request, p *views.CapturePage, earlier []register.KeptCapture, k *register.KeptCapture) {
	loc := d.loc(r)
	for i := range earlier {
		before := &earlier[i]
		if before.IsGone() || k.IsGone() {
			continue
		}
		p.ChangesHeading = loc.T("capture.changes", "n", before.Number, "time", d.moment(r, before.TakenAt))
		switch {
		case before.Text == k.Text && before.SHA256 == k.SHA256:
			p.Same = loc.T("capture.same")
		case before.Text == k.Text:
			p.Same = loc.T("capture.same-text")
		default:
			p.Changes = public.DiffRuns(revision.Excerpt(revision.Words(before.Text, k.Text), aroundChange))
		}
		return
	}
}

// captureActs offers what can be made of a copy: to let the record rest on it,
// and to add a change to a statement.
func (d *Desk) captureActs(ctx context.Context, r Request, p *views.CapturePage, s *register.Source, k *register.KeptCapture, shown int) error {
	loc := d.loc(r)
	if k.Number > shown && shown > 0 && !k.IsGone() {
		p.AdoptLead = loc.T("capture.adopt.lead", "n", shown)
	}
	if len(p.Changes) == 0 || k.Text == "" {
		return nil
	}
	statements, err := d.editorial.StatementsWithSource(ctx, r.Who.Actor, s.Key)
	if err != nil {
		return err
	}
	p.AttachLead = loc.T("capture.attach.lead")
	if len(statements) == 0 {
		p.AttachLead = loc.T("capture.attach.none")
	}
	for _, st := range statements {
		p.Attach = append(p.Attach, views.CaptureStatement{
			ID: string(st.ID), Label: loc.T("capture.attach.do"),
			Link: ui.Link{Href: "/" + r.Lang + "/desk/statements/" + string(st.ID), Text: d.recordName(r, st.Title, nil)},
		})
	}
	return nil
}

// ActOnCapture lets the record rest on a copy, or adds a change to a statement.
func (d *Desk) ActOnCapture(ctx context.Context, r Request) (Answer, error) {
	key := r.Params["key"]
	number, err := strconv.Atoi(r.Params["number"])
	if err != nil {
		return Answer{}, register.ErrNotFound
	}
	switch r.Form.Get("act") {
	case "adopt":
		if err = d.editorial.AdoptCopy(ctx, r.Who.Actor, key, number); err == nil {
			return goTo(fmt.Sprintf("%s/%d", capturesPath(key), number), "capture-adopted"), nil
		}
		if errors.Is(err, register.ErrConflict) {
			err = register.Problems{{Key: "work.source-in-review"}}
		}
	case "attach":
		statement := r.Form.Get("statement")
		if _, err = d.editorial.AttachChange(ctx, r.Who.Actor, key, number, register.Ref(statement)); err == nil {
			return goTo("/desk/statements/"+url.PathEscape(statement), "capture-attached"), nil
		}
	default:
		return Answer{}, register.ErrInvalid
	}
	problems, ok := errors.AsType[register.Problems](err)
	if !ok {
		return Answer{}, err
	}
	page, err := d.capturePage(ctx, r)
	for _, problem := range problems {
		page.Problems = append(page.Problems, ui.Problem{ID: problem.Field, Text: d.loc(r).T(problem.Key)})
	}
	return refuse(views.Capture(page)), err
}

// CaptureFile hands out the file of a copy to staff: whoever opens it does so
// with his own tools, and no browser shows it.
func (d *Desk) CaptureFile(ctx context.Context, r Request) (Answer, error) {
	number, err := strconv.Atoi(r.Params["number"])
	if err != nil {
		return Answer{}, register.ErrNotFound
	}
	k, content, err := d.editorial.CaptureFile(ctx, r.Who.Actor, r.Params["key"], number)
	if err != nil {
		return Answer{}, err
	}
	name := fmt.Sprintf("%s-%d.warc.gz", register.CleanFileName(r.Params["key"]), k.Number)
	return Answer{Body: content, Header: http.Header{
		"Content-Type": {"application/gzip"}, "Content-Disposition": {`attachment; filename="` + name + `"`},
		"Content-Security-Policy": {"sandbox; default-src 'none'"}, "X-Content-Type-Options": {"nosniff"},
		"Cross-Origin-Resource-Policy": {"same-origin"}, "ETag": {strconv.Quote(k.WARC)},
	}}, nil
}
