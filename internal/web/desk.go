package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/web/desk"
)

const (
	// mostUploads is how many forms with files are in memory at the same time.
	mostUploads = 16
	// scriptHeader marks the requests of our own scripts.
	scriptHeader = "X-Requested-With"
)

// isDesk reports whether a request is for the desk.
func (a *app) isDesk(r *http.Request) bool {
	if a.desk == nil || len(r.URL.Path) < len("/fr/desk") {
		return false
	}
	lang, rest, _ := strings.Cut(r.URL.Path[1:], "/")
	return slices.Contains(i18n.Langs(), lang) && (rest == "desk" || strings.HasPrefix(rest, "desk/"))
}

// serveDesk answers a request on a route of the desk. Nothing of it is kept by
// any cache.
func (a *app) serveDesk(route *compiled, c echo.Context) error {
	w, r := c.Response().Writer, c.Request()
	noteRoute(r.Context(), route)
	w.Header().Set("Cache-Control", "no-store")
	if err := a.origins.Check(r); err != nil {
		return fmt.Errorf("%w: %w", errForged, err)
	}
	limits, leave := a.takesFiles(route, r)
	defer leave()
	request, err := a.deskRequest(w, r, c, limits)
	if err != nil {
		return err
	}
	working, end := afresh(r)
	defer end()
	err = a.serveWork(route, w, working, &request)
	if statusOf(err) == http.StatusServiceUnavailable {
		return a.askAgain(w, r, request, err)
	}
	return err
}

// afresh is a request the time of which begins now, when its form was read: how long that
// may take is the server's to say, and a form over a slow line must not arrive when the
// time for its work is over. It ends as well when the reader leaves.
func afresh(r *http.Request) (again *http.Request, end func()) {
	before := r.Context()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(before), deskTimeout)
	unwatch := context.AfterFunc(before, func() {
		if errors.Is(before.Err(), context.Canceled) {
			cancel()
		}
	})
	return r.WithContext(ctx), func() { unwatch(); cancel() }
}

// serveWork lets in who may, in his turn, and has the work done.
func (a *app) serveWork(route *compiled, w http.ResponseWriter, r *http.Request, request *desk.Request) error {
	leave, err := a.enter(r, route.Class(r))
	if err != nil {
		return err
	}
	defer leave()
	if err := a.introduce(r.Context(), request); err != nil {
		return err
	}
	if !request.Who.IsZero() && request.Unread {
		return errBusy // now there may be room for his file
	}
	noteAccount(r.Context(), request.Who.ID)
	if err := a.admit(route, *request); err != nil {
		return a.refuseDesk(w, r, route, *request, err)
	}
	answer, err := a.work(r.Context(), route, *request)
	if r.Method == http.MethodPost && !request.Script {
		a.wake() // who published something is to see it with his next request
	}
	if route.typed && errors.Is(err, register.ErrConflict) {
		// No page of the form says it: what was typed waits in the form.
		err = errors.Join(err, a.desk.Keep(r.Context(), *request, desk.Answer{Status: http.StatusConflict}))
	}
	if err != nil {
		return err
	}
	if route.typed {
		if err := a.desk.Keep(r.Context(), *request, answer); err != nil {
			return err
		}
	}
	return a.answerDesk(w, r, request.Lang, answer)
}

// takesFiles tells how much is read of the form of a request, and whether its files
// are to be kept in memory: only for who is signed in, and only so many at once. Of
// anybody else they are thrown away as they come; so they are when the database does
// not say who it is, and the form is then asked for again. The caller calls leave when
// the work is done.
func (a *app) takesFiles(route *compiled, r *http.Request) (limits formLimits, leave func()) {
	none := func() {}
	limits = formLimits{Body: route.body}
	if r.Method != http.MethodPost || limits.Upload == 0 || !strings.HasPrefix(strings.ToLower(r.Header.Get("Content-Type")), "multipart/") {
		return limits, none
	}
	stranger := limits
	stranger.Upload = min(limits.Upload, strangersUpload)
	token := a.sessionToken(r)
	if token == "" {
		return stranger, none
	}
	done, err := a.enter(r, ClassDesk)
	if err != nil {
		return limits, none
	}
	who, err := a.desk.Who(r.Context(), token)
	done()
	switch {
	case err != nil:
		return limits, none
	case who.IsZero():
		return stranger, none
	}
	if leave, err = a.uploads.enter(r.Context(), network(a.peer(r))); err != nil {
		return limits, none
	}
	limits.keep = true
	return limits, leave
}

// askAgain answers what cannot be done now, since the database does not answer or
// too much is asked at once: a form gets a page that carries along all that was
// typed, to be sent again as it is; our scripts get it as JSON.
func (a *app) askAgain(w http.ResponseWriter, r *http.Request, request desk.Request, err error) error {
	if r.Method != http.MethodPost || isProof(request) || hasLeft(r, err) {
		return err
	}
	a.logFailure(r, http.StatusServiceUnavailable, requestID(r.Context()), err)
	w.Header().Set("Retry-After", retryAfter)
	// The page is drawn also where the request's time is over.
	r = r.WithContext(context.WithoutCancel(r.Context()))
	if request.Script {
		said := map[string]string{"error": a.catalog.Localizer(request.Lang).T("again.script")}
		return writeJSON(w, http.StatusServiceUnavailable, said)
	}
	return a.answerDesk(w, r, request.Lang, a.desk.SendAgain(request))
}

// deskRequest reads a request into values, without the database: a form is read
// also when that does not answer. Its file is kept, or only noted.
func (a *app) deskRequest(w http.ResponseWriter, r *http.Request, c echo.Context, limits formLimits) (desk.Request, error) {
	lang, rest, _ := strings.Cut(r.URL.Path[1:], "/")
	request := desk.Request{
		Lang: lang, Path: "/" + rest, Params: map[string]string{}, Query: r.URL.Query(), Token: a.sessionToken(r),
		Peer: a.peer(r), Agent: r.UserAgent(), Script: r.Header.Get(scriptHeader) == "sijil", Known: cookieOf(r, a.knownCookieName()),
	}
	for _, name := range c.ParamNames() {
		request.Params[name] = c.Param(name)
	}
	if r.Method != http.MethodPost {
		return request, nil
	}
	var err error
	request.Form, request.Files, err = readForm(w, r, limits)
	request.Unread = !limits.keep && len(request.Files) > 0
	return request, err
}

// introduce finds out who asks, and with which words he works.
func (a *app) introduce(ctx context.Context, request *desk.Request) (err error) {
	if request.Who, err = a.desk.Who(ctx, request.Token); err != nil {
		return err
	}
	if !request.Who.IsZero() && !request.Script {
		request.Words, err = a.desk.Words(ctx)
	}
	return err
}

// answerDesk sends what a handler of the desk answered.
func (a *app) answerDesk(w http.ResponseWriter, r *http.Request, lang string, answer desk.Answer) error {
	if answer.Session != nil {
		http.SetCookie(w, a.sessionCookie(*answer.Session))
	}
	if answer.Known != "" {
		http.SetCookie(w, a.knownCookie(answer.Known))
	}
	maps.Copy(w.Header(), answer.Header)
	status := answer.Status
	switch {
	case answer.Leave != "":
		redirect(w, r, http.StatusSeeOther, answer.Leave)
		return nil
	case answer.RedirectTo != "":
		redirect(w, r, http.StatusSeeOther, "/"+lang+answer.RedirectTo)
		return nil
	case answer.JSON != nil:
		return writeJSON(w, max(status, http.StatusOK), answer.JSON)
	case answer.Body != nil:
		write(w, max(status, http.StatusOK), answer.Header.Get("Content-Type"), answer.Body)
		return nil
	}
	return a.render(w, r, lang, max(status, http.StatusOK), answer.Page)
}

// sessionCookieName is the name of the cookie. Over https the browser itself
// holds it to this host (RFC 6265bis, section 4.1.3.2).
func (a *app) sessionCookieName() string {
	if a.secure {
		return "__Host-sijil"
	}
	return "sijil_session"
}

func (a *app) sessionToken(r *http.Request) string { return cookieOf(r, a.sessionCookieName()) }

// isStaff reports whether a request comes with a session of the desk, or with what looks
// like one: nothing is let in by it.
func (a *app) isStaff(r *http.Request) bool {
	return len(r.Header["Cookie"]) > 0 && a.sessionToken(r) != ""
}

// cookieOf returns the value of a cookie, empty where there is none.
func cookieOf(r *http.Request, name string) string {
	cookie, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return cookie.Value
}

// knownCookieName is the name of the cookie by which a browser is known.
func (a *app) knownCookieName() string {
	if a.secure {
		return "__Host-sijil-known"
	}
	return "sijil_known"
}

// knownCookie outlives the session: it says where somebody has signed in, and
// lets nobody in.
func (a *app) knownCookie(token string) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // as sessionCookie
		Name: a.knownCookieName(), Value: token, Path: "/", MaxAge: int(desk.KnownTime.Seconds()),
		Secure: a.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
}

func (a *app) sessionCookie(s desk.NewSession) *http.Cookie {
	c := &http.Cookie{ //nolint:gosec // Secure is set wherever the site is served over TLS; the demo is not
		Name: a.sessionCookieName(), Value: s.Token, Path: "/", Expires: s.Expires,
		Secure: a.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
	if s.Token == "" {
		c.Expires, c.MaxAge = time.Unix(1, 0), -1
	}
	return c
}

func writeJSON(w http.ResponseWriter, status int, value any) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	write(w, status, "application/json; charset=utf-8", body)
	return nil
}
