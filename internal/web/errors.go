package web

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/web/api"
	"github.com/sijil/sijil/internal/web/public"
	"github.com/sijil/sijil/views"
)

// The kinds of errors that only HTTP knows.
var (
	errMethod    = errors.New("method not allowed")
	errThrottled = errors.New("too many requests")
	errBusy      = errors.New("too many pages in the making")
	errDraining  = errors.New("the server is about to stop")
	errTooLarge  = errors.New("the request is too large")
	errForged    = errors.New("the form is not one of this session's")
)

// statusOf is the one table from kinds of errors to HTTP status. What stands
// in no line of it is a fault of ours.
func statusOf(err error) int {
	if problem, ok := errors.AsType[*api.ProblemError](err); ok {
		return problem.Kind.Status()
	}
	table := []struct {
		kind   error
		status int
	}{
		{register.ErrInvalid, http.StatusBadRequest},
		{register.ErrForbidden, http.StatusForbidden},
		{register.ErrNotFound, http.StatusNotFound},
		{errMethod, http.StatusMethodNotAllowed},
		{public.ErrFormat, http.StatusNotImplemented},
		{errNotAcceptable, http.StatusNotAcceptable},
		{register.ErrConflict, http.StatusConflict},
		{errForged, http.StatusForbidden},
		{errTooLarge, http.StatusRequestEntityTooLarge},
		{register.ErrWithdrawn, http.StatusGone},
		{errThrottled, http.StatusTooManyRequests},
		{errBusy, http.StatusServiceUnavailable},
		{errDraining, http.StatusServiceUnavailable},
		{register.ErrUnavailable, http.StatusServiceUnavailable},
		{register.ErrCounting, http.StatusServiceUnavailable},
		{context.DeadlineExceeded, http.StatusServiceUnavailable},
	}
	for _, line := range table {
		if errors.Is(err, line.kind) {
			return line.status
		}
	}
	if problems := register.Problems(nil); errors.As(err, &problems) {
		return http.StatusUnprocessableEntity
	}
	if routing := (*echo.HTTPError)(nil); errors.As(err, &routing) && routing.Code < http.StatusInternalServerError {
		return routing.Code // of Echo's router: 404 or 405
	}
	return http.StatusInternalServerError
}

// retryAfter is when, in seconds, it is worth to try again what is unavailable.
const retryAfter = "10"

// fail answers with the page of an error, in the reader's language. What is
// inside the error goes to the log under the request's id, never to the page.
func (a *app) fail(w http.ResponseWriter, r *http.Request, err error) {
	if hasLeft(r, err) {
		return
	}
	status, id := statusOf(err), requestID(r.Context())
	a.logFailure(r, status, id, err)
	if seen, ok := w.(*observed); ok && seen.status != 0 {
		return // too late: a part of the answer is on its way
	}
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	if errors.Is(err, register.ErrWithdrawn) && a.isShared(r) {
		// Kept, it stands in the place of the page that was: a cache that was sent away with
		// no-store would go back to that one when this server fails.
		h.Set("Cache-Control", pageCaching)
	}
	if status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests {
		h.Set("Retry-After", cmp.Or(h.Get("Retry-After"), retryAfter))
	}
	if isAPI(r.URL.Path) {
		a.failData(w, r, status, id, err)
		return
	}
	if isTAXII(r.URL.Path) {
		a.failTAXII(w, status, id, err)
		return
	}
	shown := ""
	if status == http.StatusInternalServerError {
		shown = id
	}
	withdrawn, isWithdrawn := errors.AsType[*register.WithdrawnError](err)
	if isWithdrawn && isForPrograms(r.URL.Path) {
		write(w, status, "application/json", public.GoneJSON(withdrawn))
		return
	}
	lang := a.readerLang(w, r)
	// The page of an error is drawn even where the request's time is over.
	r = r.WithContext(context.WithoutCancel(r.Context()))
	page := a.pages.Failure(lang, status, shown)
	if isEmbed(r.URL.Path) {
		page = a.pages.EmbeddedFailure(lang, status, shown, withdrawn)
	} else if isWithdrawn {
		page = a.pages.Withdrawn(lang, withdrawn)
	}
	switch {
	case errors.Is(err, register.ErrDamaged):
		page = a.pages.Damaged(lang, status, shown)
	case errors.Is(err, register.ErrCounting):
		page = a.pages.Counting(lang, status)
	case status == http.StatusBadRequest && r.Method == http.MethodPost:
		page = a.pages.Unread(lang, status)
	}
	if err := a.render(w, r, lang, status, page); err != nil {
		a.cfg.Log.ErrorContext(r.Context(), "error page", "id", id, "error", err) //nolint:contextcheck // its time may be over, as said above
		write(w, http.StatusInternalServerError, "text/html; charset=utf-8", views.LastResort(id))
	}
}

// isForPrograms reports whether an address has no language, since it is read by
// programs: editions and their proofs, and the public log.
func isForPrograms(path string) bool {
	return strings.HasPrefix(path, "/editions/") || strings.HasPrefix(path, "/log/") || strings.HasPrefix(path, "/exports/")
}

// isShared reports whether what an address answers is the same for all who ask: it has
// its language in itself, or none.
func (a *app) isShared(r *http.Request) bool {
	if a.isDesk(r) {
		return false
	}
	return isAPI(r.URL.Path) && !isDrafts(r.URL.Path) || isForPrograms(r.URL.Path) || a.langOf(r.URL.Path) != ""
}

// hasLeft reports whether an error is no more than that the reader has left.
func hasLeft(r *http.Request, err error) bool {
	return errors.Is(err, context.Canceled) && r.Context().Err() != nil
}

func (a *app) logFailure(r *http.Request, status int, id string, err error) {
	level := slog.LevelDebug
	switch {
	case status < http.StatusInternalServerError, status == http.StatusNotImplemented: // a format that is none is who asks's
	case errors.Is(err, register.ErrCounting): // nothing has failed
	default:
		level = slog.LevelError
	}
	attrs := []slog.Attr{slog.String("id", id), slog.Int("status", status), slog.Any("error", err)}
	if errors.Is(err, register.ErrDamaged) {
		attrs = append(attrs, slog.String("advice", "a stored file is damaged: \"sijil blobs verify\" tells whether others are"))
	}
	a.cfg.Log.LogAttrs(r.Context(), level, "request failed", attrs...)
}

// langOf is the language of a path, "" where it has none.
func (a *app) langOf(path string) string {
	first, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if first == "feeds" || first == "embed" { // these have the language behind
		first, _, _ = strings.Cut(rest, "/")
	}
	if !a.catalog.Known(first) {
		return ""
	}
	return first
}

// readerLang is the language of the path where it has one, else the one that
// the browser prefers. Only the front door reads the remembered choice.
func (a *app) readerLang(w http.ResponseWriter, r *http.Request) string {
	if lang := a.langOf(r.URL.Path); lang != "" {
		return lang
	}
	w.Header().Add("Vary", "Accept-Language")
	return a.catalog.Match("", r.Header.Get("Accept-Language"))
}
