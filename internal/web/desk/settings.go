package desk

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/sijil/sijil/internal/register"
	views "github.com/sijil/sijil/views/desk"
	"github.com/sijil/sijil/views/ui"
)

// Settings answers the form of what an admin sets for everybody.
func (d *Desk) Settings(ctx context.Context, r Request) (Answer, error) {
	settings, err := d.editorial.Settings(ctx)
	if err != nil {
		return Answer{}, err
	}
	form, restored, err := d.typed(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	if form == nil {
		form = settingsForm(settings)
	}
	page := d.settingsPage(r, form, nil)
	page.Restored = restored
	return show(views.Settings(page)), nil
}

// SaveSettings writes what an admin sets for everybody.
func (d *Desk) SaveSettings(ctx context.Context, r Request) (Answer, error) {
	settings, problems := readSettings(r.Form)
	var err error
	if len(problems) == 0 {
		err = d.editorial.SaveSettings(ctx, r.Who.Actor, settings)
	}
	found, refused := errors.AsType[register.Problems](err)
	switch {
	case len(problems) > 0 || refused:
		return refuse(views.Settings(d.settingsPage(r, r.Form, append(problems, found...)))), nil
	case errors.Is(err, register.ErrConflict):
		return d.settingsConflict(ctx, r)
	case err != nil:
		return Answer{}, err
	}
	return goTo("/desk/settings", "settings-saved"), nil
}

// settingsConflict shows what was typed beside what somebody else saved; to
// save it again is to mean it.
func (d *Desk) settingsConflict(ctx context.Context, r Request) (Answer, error) {
	saved, err := d.editorial.Settings(ctx)
	if err != nil {
		return Answer{}, err
	}
	form := url.Values{}
	for _, name := range settingNames() {
		form.Set(name, r.Form.Get(name))
	}
	form.Set("version", strconv.Itoa(saved.Version))
	page := d.settingsPage(r, form, nil)
	page.Conflict = d.loc(r).T("settings.conflict", "stale", saved.StaleReferralDays, "review", saved.ReviewReminderDays, "mails", saved.MailRetentionDays, "recheck", saved.RecheckDays)
	return Answer{Status: http.StatusConflict, Page: views.Settings(page)}, nil
}

// settingNames are the fields of the form, in order.
func settingNames() []string { return []string{"stale", "review", "mails", "recheck"} }

func settingsForm(s register.Settings) url.Values {
	return url.Values{
		"stale": {strconv.Itoa(s.StaleReferralDays)}, "review": {strconv.Itoa(s.ReviewReminderDays)},
		"mails": {strconv.Itoa(s.MailRetentionDays)}, "recheck": {strconv.Itoa(s.RecheckDays)}, "version": {strconv.Itoa(s.Version)},
	}
}

// readSettings reads a form. What is no number is a problem at its field.
func readSettings(form url.Values) (register.Settings, register.Problems) {
	var problems register.Problems
	number := func(name string) int {
		n, err := strconv.Atoi(strings.TrimSpace(form.Get(name)))
		if err != nil {
			problems = append(problems, register.Problem{Field: name, Key: "problem.days-malformed"})
		}
		return n
	}
	s := register.Settings{StaleReferralDays: number("stale"), ReviewReminderDays: number("review"), MailRetentionDays: number("mails"), RecheckDays: number("recheck")}
	s.Version, _ = strconv.Atoi(form.Get("version")) // none is a version that nobody saw
	return s, problems
}

func (d *Desk) settingsPage(r Request, form url.Values, problems register.Problems) views.SettingsPage {
	loc := d.loc(r)
	page := views.SettingsPage{Frame: d.frame(r, loc.T("settings.title")), Version: form.Get("version")}
	messages := map[string]string{}
	for _, p := range problems {
		messages[p.Field] = loc.T(p.Key)
		page.Problems = append(page.Problems, ui.Problem{
			ID: p.Field, Text: loc.T("term.problem", "field", loc.T("settings."+p.Field), "problem", loc.T(p.Key)),
		})
	}
	for _, name := range settingNames() {
		page.Fields = append(page.Fields, ui.Field{
			Name: name, Label: loc.T("settings." + name), Hint: loc.T("settings." + name + "-hint"), Value: form.Get(name),
			Error: messages[name], Required: true, InputMode: "numeric",
		})
	}
	return page
}
