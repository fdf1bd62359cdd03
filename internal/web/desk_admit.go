package web

import (
	"crypto/subtle"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"unicode"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/web/desk"
)

var (
	// errSignIn means that nobody is signed in who would have to be.
	errSignIn = errors.New("nobody is signed in")
	// errEnrol means that a second factor is to be set up first.
	errEnrol = errors.New("a second factor is to be set up first")
	// errStale means that the last proof of who it is, is too old.
	errStale = errors.New("a new proof is wanted")
)

// admit lets through who may use a route; a form only with the token of the
// session. Forms for who is not signed in carry none: what they ask for is
// proved in them, and they come from our own pages, which was checked before.
func (a *app) admit(route *compiled, r desk.Request) error {
	if route.Permission == register.MayRead {
		return nil
	}
	switch {
	case r.Who.IsZero():
		return errSignIn
	case !r.Who.Role.Can(route.Permission):
		return register.ErrForbidden
	case route.Method == http.MethodPost && subtle.ConstantTimeCompare([]byte(r.Form.Get("csrf")), []byte(r.Who.CSRF)) != 1:
		return errForged
	case r.Who.MustEnrol && !route.enrolling:
		return errEnrol
	case r.Who.Stale && (route.fresh || route.freshAct != "" && r.Form.Get(route.freshField) == route.freshAct):
		return errStale
	}
	return nil
}

// refuseDesk answers who is not let in: our scripts get it as JSON, and who has
// to sign in, or to prove himself again, does so and comes back, with what he
// typed.
func (a *app) refuseDesk(w http.ResponseWriter, r *http.Request, route *compiled, request desk.Request, err error) error {
	post := route.Method == http.MethodPost
	switch {
	case errors.Is(err, errEnrol) && !request.Script:
		return a.answerDesk(w, r, request.Lang, desk.Answer{RedirectTo: "/desk/account/second-factor"})
	case errors.Is(err, errForged) && route.typed && r.Header.Get("Sec-Fetch-Site") == "same-origin":
		// Our own page, drawn for a session before this one.
		answer, err := a.desk.KeepTyped(r.Context(), request)
		if err != nil {
			return err
		}
		return a.answerDesk(w, r, request.Lang, answer)
	case !errors.Is(err, errSignIn) && !errors.Is(err, errEnrol) && !errors.Is(err, errStale):
		return err
	case request.Script:
		return writeJSON(w, http.StatusUnauthorized, map[string]string{"error": a.catalog.Localizer(request.Lang).T("desk.session-ended")})
	case post && errors.Is(err, errSignIn):
		return a.answerDesk(w, r, request.Lang, a.desk.SignInAgain(request, formPlace(route, request, r), route.typed))
	case post:
		return a.answerDesk(w, r, request.Lang, a.desk.ProveAgain(request, formPlace(route, request, r), route.typed))
	}
	door := "login"
	if errors.Is(err, errStale) {
		door = "confirm"
	}
	to := request.Path
	if r.URL.RawQuery != "" {
		to += "?" + r.URL.RawQuery
	}
	return a.answerDesk(w, r, request.Lang, desk.Answer{RedirectTo: "/desk/" + door + "?to=" + url.QueryEscape(to)})
}

// formPlace is the address, after the language, of the page that a form came
// from: its own for a form whose content is kept, else the one that the
// browser names.
func formPlace(route *compiled, request desk.Request, r *http.Request) string {
	if route.typed {
		return request.Path
	}
	from, err := url.Parse(r.Referer())
	if err != nil {
		return "/desk"
	}
	place, found := strings.CutPrefix(from.Path, "/"+request.Lang+"/")
	if !found || !strings.HasPrefix(place, "desk") {
		return "/desk"
	}
	return "/" + place
}

// hushed is a path for the log: what lets in whoever has it is left out, and
// what some readers of logs take for the end of a line.
func hushed(path string) string {
	path = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return unicode.ReplacementChar
		}
		return r
	}, path)
	for _, door := range []string{"/desk/reset/", "/desk/invitation/", "/desk/email/"} {
		if before, _, found := strings.Cut(path, door); found {
			return before + door + "…"
		}
	}
	return path
}
