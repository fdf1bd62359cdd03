package desk

import (
	"context"
	"errors"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/sijil/sijil/internal/auth"
	"github.com/sijil/sijil/internal/register"
	views "github.com/sijil/sijil/views/desk"
	"github.com/sijil/sijil/views/ui"
)

// NewSessions tells who is signed in by the sessions that auth keeps. Who has
// not given the second factor yet is nobody.
func NewSessions(a *auth.Auth) Sessions { return keptSessions{a} }

type keptSessions struct{ auth *auth.Auth }

// Who implements Sessions.
func (k keptSessions) Who(ctx context.Context, token string) (Who, error) {
	s, err := k.auth.Session(ctx, token)
	if errors.Is(err, auth.ErrNoSession) || (err == nil && s.Stage == auth.StageCode) {
		return Who{}, register.ErrNotFound
	}
	if err != nil {
		return Who{}, err
	}
	return Who{
		Actor: s.Actor(), Name: s.Account.Name, Email: s.Account.Email, Lang: s.Account.Language, CSRF: s.Form, Session: s.ID,
		MustEnrol: s.Stage == auth.StageEnrol, Stale: k.auth.Fresh(s) != nil,
	}, nil
}

// KnownTime is for how long a browser keeps that somebody has signed in there.
const KnownTime = auth.KnownTime

// from is where a request comes from.
func from(r Request) auth.From { return auth.From{Addr: r.Peer, Device: r.Agent, Known: r.Known} }

// own returns the session itself, at whatever stage.
func (d *Desk) own(ctx context.Context, r Request) (auth.Session, error) {
	return d.auth.Session(ctx, r.Token)
}

// remember sets the session's cookie with an answer.
func remember(a Answer, s auth.Session) Answer {
	a.Session = &NewSession{Token: s.Token, Expires: s.Expires}
	return a
}

// detour answers what is no fault of the form: who has to sign in or to prove
// himself again is sent there, and then to place.
func (d *Desk) detour(err error, place string) (Answer, error) {
	to := "?to=" + url.QueryEscape(place)
	switch {
	case errors.Is(err, auth.ErrNoSession):
		return Answer{RedirectTo: "/desk/login" + to}, nil
	case errors.Is(err, auth.ErrProofWanted):
		return Answer{RedirectTo: "/desk/confirm" + to}, nil
	case errors.Is(err, auth.ErrNoPasskeys):
		return Answer{}, register.ErrNotFound
	}
	return Answer{}, err
}

// entry begins a page with a small form.
func (d *Desk) entry(r Request, title string, lead ...string) views.EntryPage {
	loc := d.loc(r)
	page := views.EntryPage{Frame: d.frame(r, loc.T(title))}
	for _, key := range lead {
		page.Lead = append(page.Lead, loc.T(key))
	}
	page.Scripts = []string{"desk/passkey.js"}
	return page
}

// refused is what there is to say of a form that was not accepted.
type refused struct {
	status   int
	problems []ui.Problem
	header   http.Header
}

// judge tells what to say of an error of auth; wrong is what is said of wrong
// credentials. ok is false for an error that is no answer to a form.
func (d *Desk) judge(r Request, err error, wrong register.Problem) (refused, bool) {
	loc := d.loc(r)
	if throttled, ok := errors.AsType[*auth.ThrottledError](err); ok {
		minutes := int(math.Ceil(throttled.Wait.Minutes()))
		return refused{
			status: http.StatusTooManyRequests, problems: []ui.Problem{{Text: loc.N("account.throttled", minutes)}},
			header: http.Header{"Retry-After": {strconv.Itoa(int(math.Ceil(throttled.Wait.Seconds())))}},
		}, true
	}
	problems := register.Problems(nil)
	switch {
	case errors.As(err, &problems):
	case errors.Is(err, auth.ErrCredentials):
		problems = register.Problems{wrong}
	case errors.Is(err, auth.ErrLastAdmin):
		problems = register.Problems{{Field: "role", Key: "problem.last-admin"}}
	default:
		return refused{}, false
	}
	out := refused{status: http.StatusUnprocessableEntity}
	for _, p := range problems {
		out.problems = append(out.problems, ui.Problem{ID: p.Field, Text: loc.T(p.Key)})
	}
	return out, true
}

// mark writes what is wrong beside the fields.
func (f refused) mark(fields []ui.Field) {
	for i := range fields {
		field := &fields[i]
		for _, p := range f.problems {
			if p.ID == field.Name {
				field.Error = p.Text
			}
		}
	}
}

// refuseEntry answers a small form that was not accepted with the same form.
func (d *Desk) refuseEntry(r Request, page views.EntryPage, err error, wrong register.Problem) (Answer, error) {
	said, ok := d.judge(r, err, wrong)
	if !ok {
		return d.detour(err, r.Path)
	}
	said.mark(page.Fields)
	page.Problems = said.problems
	return Answer{Status: said.status, Page: views.Entry(page), Header: said.header}, nil
}

// target is where somebody goes after signing in: an address of the desk,
// after the language, whatever the form says.
func target(to string) string {
	u, err := url.Parse(to)
	inside := err == nil && u.Scheme == "" && u.Host == "" && (u.Path == "/desk" || strings.HasPrefix(u.Path, "/desk/"))
	if !inside || strings.ContainsAny(to, "\\\n\r\t") || strings.Contains(u.Path, "//") || strings.Contains(u.Path, "..") {
		return "/desk"
	}
	for _, door := range []string{"/desk/login", "/desk/confirm", "/desk/logout", "/desk/setup"} {
		if strings.HasPrefix(u.Path, door) {
			return "/desk"
		}
	}
	return to
}

// ended goes back to a list after something of it was ended, and says so; or that
// nothing was, where it had ended before, as by a second click, or is none of the
// person's: whoever wants to be sure that it has ended is not to take one for the other.
func ended(err error, back, done, gone string) (Answer, error) {
	switch {
	case errors.Is(err, register.ErrNotFound):
		return goTo(back, gone), nil
	case err != nil:
		return Answer{}, err
	}
	return goTo(back, done), nil
}

// when writes a moment that may be missing.
func (d *Desk) when(r Request, at *time.Time) string {
	if at == nil {
		return d.loc(r).T("account.never")
	}
	return d.moment(r, *at)
}
