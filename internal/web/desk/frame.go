package desk

import (
	"crypto/rand"
	"maps"
	"strings"

	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	views "github.com/sijil/sijil/views/desk"
)

// section is a part of the desk with its entry in the navigation.
type section struct {
	path, key string
	needs     register.Permission
}

// sections are the parts of the desk in the order of the navigation: only
// pages that exist.
func sections() []section {
	return []section{
		{"/desk", "desk.nav.home", register.MayDraft},
		{"/desk/incidents", "work.list.incidents", register.MayDraft},
		{"/desk/statements", "work.list.statements", register.MayDraft},
		{"/desk/institutions", "work.list.institutions", register.MayDraft},
		{"/desk/sources", "work.list.sources", register.MayDraft},
		{"/desk/import", "import.nav", register.MayDraft},
		{"/desk/review", "review.nav", register.MayDraft},
		{"/desk/decisions", "decisions.nav", register.MayMerge},
		{"/desk/accounts", "desk.nav.accounts", register.MayAdminAccounts},
		{"/desk/activity", "activity.nav", register.MayDraft},
		{"/desk/vocabularies", "vocabularies.nav", register.MayAdminVocabularies},
		{"/desk/settings", "settings.nav", register.MayAdminSettings},
		{operationsPath, "operations.nav", register.MayAdminSettings},
	}
}

// sections are those of this program: the demonstration has one more.
func (d *Desk) sections() []section {
	all := sections()
	if d.cfg.Demo {
		all = append(all, section{"/desk/mailbox", "mailbox.nav", register.MayDraft})
	}
	return all
}

// frame is what every page of the desk has around it.
func (d *Desk) frame(r Request, title string) views.Frame {
	loc := d.loc(r)
	f := views.Frame{
		Loc: loc, Title: title, Path: r.Path, CSRF: r.Who.CSRF, Once: rand.Text(), Demo: d.cfg.Demo,
		Home: "/" + r.Lang + "/desk", Public: "/" + r.Lang + "/", Notice: d.notice(r),
	}
	if !r.Who.IsZero() {
		f.Scripts = []string{"desk/picker.js", "desk/date.js"}
		f.Name, f.Role = r.Who.Name, loc.Label("account-role", string(r.Who.Role))
	}
	for _, lang := range i18n.Langs() {
		f.Languages = append(f.Languages, views.LanguageLink{
			Lang: lang, Dir: i18n.Dir(lang), Name: i18n.SelfName(lang), Href: "/" + lang + r.here(), Current: lang == r.Lang,
		})
	}
	for _, s := range d.sections() {
		if r.Who.Role.Can(s.needs) && !r.Who.IsZero() && !r.Who.MustEnrol {
			f.Nav = append(f.Nav, views.NavLink{Href: "/" + r.Lang + s.path, Name: loc.T(s.key), Current: current(s.path, r.Path)})
		}
	}
	return f
}

// here is the address of the page after /{lang}, with what it was asked for; it
// does not say again what was just done.
func (r Request) here() string {
	query := maps.Clone(r.Query)
	delete(query, "done")
	if len(query) == 0 {
		return r.Path
	}
	return r.Path + "?" + query.Encode()
}

// current is the value of aria-current of the entry that leads to path, on the
// page at here.
func current(path, here string) string {
	switch {
	case path == here:
		return "page"
	case path != "/desk" && strings.HasPrefix(here, path+"/"):
		return "true"
	}
	return ""
}

// notice says what was just done, where the address asks for it.
func (d *Desk) notice(r Request) string {
	done := r.Query.Get("done")
	if done == "" || !d.loc(r).Has("done."+done) {
		return ""
	}
	return d.loc(r).T("done." + done)
}
