package desk

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
	views "github.com/sijil/sijil/views/desk"
	"github.com/sijil/sijil/views/ui"
)

const (
	activityPath = "/desk/activity"
	// linesPerPage is how many lines of the audit a page shows.
	linesPerPage = 50
)

// Activity answers the page of what was done at the desk, by whom and when.
func (d *Desk) Activity(ctx context.Context, r Request) (Answer, error) {
	page, err := d.activityPage(ctx, r, r.Query)
	return show(views.Activity(page)), err
}

// CheckActivity computes the chain of the audit anew, and says what was found.
func (d *Desk) CheckActivity(ctx context.Context, r Request) (Answer, error) {
	chain, err := d.editorial.CheckAudit(ctx, r.Who.Actor)
	if err != nil {
		return Answer{}, err
	}
	page, err := d.activityPage(ctx, r, url.Values{})
	if err != nil {
		return Answer{}, err
	}
	loc := d.loc(r)
	page.Intact, page.Broken = loc.N("activity.intact", int(chain.Lines)), chain.Broken > 0
	if page.Broken {
		page.Intact = loc.T("activity.broken", "number", strconv.FormatInt(chain.Broken, 10))
	}
	return show(views.Activity(page)), nil
}

func (d *Desk) activityPage(ctx context.Context, r Request, query url.Values) (views.ActivityPage, error) {
	loc := d.loc(r)
	page := views.ActivityPage{Frame: d.frame(r, loc.T("activity.title"))}
	filter, problems := auditFilter(query)
	for _, p := range problems {
		page.Problems = append(page.Problems, ui.Problem{ID: p.Field, Text: loc.T("term.problem", "field", loc.T("activity."+p.Field), "problem", loc.T(p.Key))})
	}
	filter.Limit = linesPerPage + 1
	lines, people, err := d.editorial.Audit(ctx, r.Who.Actor, filter)
	if err != nil {
		return page, err
	}
	if len(lines) > linesPerPage {
		lines = lines[:linesPerPage]
		next := filterQuery(query)
		next.Set("before", strconv.FormatInt(lines[linesPerPage-1].Number, 10))
		page.Next = "?" + next.Encode()
	}
	if filter.Before > 0 {
		first := filterQuery(query)
		page.First = page.Action() + "?" + first.Encode()
	}
	for i := range lines {
		page.Lines = append(page.Lines, d.auditLine(r, &lines[i]))
	}
	by := ui.Field{Name: "by", Type: "select", Label: loc.T("activity.by"), Value: filter.By, Choices: []ui.Choice{{Label: loc.T("activity.everybody")}}}
	for _, p := range people {
		by.Choices = append(by.Choices, ui.Choice{Value: p.ID, Label: p.Name})
	}
	action := ui.Field{Name: "action", Type: "select", Label: loc.T("activity.action"), Value: filter.Action, Choices: []ui.Choice{{Label: loc.T("activity.everything")}}}
	for _, a := range register.Actions() {
		action.Choices = append(action.Choices, ui.Choice{Value: a, Label: loc.Label("action", a)})
	}
	page.Fields = []ui.Field{by, action, d.dayField(r, query, problems, "from"), d.dayField(r, query, problems, "to")}
	page.Record = query.Get("record")
	return page, nil
}

func (d *Desk) dayField(r Request, query url.Values, problems register.Problems, name string) ui.Field {
	loc := d.loc(r)
	f := ui.Field{Name: name, Type: "date", Label: loc.T("activity." + name), Value: query.Get(name)}
	for _, p := range problems {
		if p.Field == name {
			f.Error = loc.T(p.Key)
		}
	}
	return f
}

// filterQuery is the query of a filter without the place in the list.
func filterQuery(query url.Values) url.Values {
	out := url.Values{}
	for _, name := range []string{"by", "action", "record", "from", "to"} {
		if v := query.Get(name); v != "" {
			out.Set(name, v)
		}
	}
	return out
}

// auditFilter reads a filter; a day that is none is a problem, and chooses
// nothing.
func auditFilter(query url.Values) (register.AuditFilter, register.Problems) {
	f := register.AuditFilter{By: query.Get("by"), Action: query.Get("action"), Record: register.Ref(query.Get("record"))}
	f.Before, _ = strconv.ParseInt(query.Get("before"), 10, 64) // none: from the newest
	var problems register.Problems
	day := func(name string, days int) time.Time {
		s := strings.TrimSpace(query.Get(name))
		if s == "" {
			return time.Time{}
		}
		parsed, err := edtf.ParseDay(s)
		if err != nil {
			problems = append(problems, register.Problem{Field: name, Key: "problem.day-malformed"})
			return time.Time{}
		}
		at, _ := parsed.AddDays(days).Date().Earliest()
		return at
	}
	f.From, f.To = day("from", 0), day("to", 1)
	return f, problems
}

func (d *Desk) auditLine(r Request, l *register.AuditLine) views.ActivityLine {
	loc := d.loc(r)
	line := views.ActivityLine{
		Number: strconv.FormatInt(l.Number, 10), At: d.moment(r, l.At), DateTime: l.At.UTC().Format(time.RFC3339),
		By: l.By, Action: l.Action, About: l.About, What: l.What, Network: l.Network,
	}
	if line.By == "" {
		line.By = loc.T("activity.program")
	}
	if loc.Has("action." + l.Action) {
		line.Action = loc.Label("action", l.Action)
	}
	if loc.Has("activity.detail." + l.What) {
		line.What = loc.T("activity.detail." + l.What)
	}
	if l.Action == "change-role" {
		line.What = loc.Label("account-role", l.What)
	}
	if l.Record != "" {
		title, lang, found := l.Title.In(register.Lang(r.Lang))
		if !found {
			title, lang = loc.T("mail.untitled"), register.Lang(r.Lang)
		}
		line.Title, line.TitleLang = title, string(lang)
		line.Href = "/" + r.Lang + "/desk/" + string(l.Type) + "s/" + string(l.Record)
		line.Only = "/" + r.Lang + activityPath + "?record=" + url.QueryEscape(string(l.Record))
		if l.Version > 0 {
			line.Version = loc.T("activity.version", "n", l.Version)
		}
	}
	return line
}
