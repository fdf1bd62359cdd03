package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/sijil/sijil/internal/web/public"
)

// languageCookie remembers the language that a reader chose. Only
// switchLanguage sets it, and only chooseLanguage reads it.
const languageCookie = public.LanguageCookie

const rememberedFor = public.RememberedDays * 24 * time.Hour

// chooseLanguage answers the front door: it sends the reader to the home page
// in the language that he once chose, else in the one that his browser asks
// for.
func (a *app) chooseLanguage(w http.ResponseWriter, r *http.Request) error {
	remembered := ""
	if cookie, err := r.Cookie(languageCookie); err == nil {
		remembered = cookie.Value
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Vary", "Accept-Language, Cookie")
	lang := a.catalog.Match(remembered, r.Header.Get("Accept-Language"))
	redirect(w, r, http.StatusFound, "/"+lang+"/")
	return nil
}

// switchLanguage answers /lang/{lang}?to={place}: it remembers the choice and
// sends the reader to the same place in that language. A place that is not one
// of ours is the home page: nobody is sent elsewhere from here.
func (a *app) switchLanguage(w http.ResponseWriter, r *http.Request) error {
	at, _ := a.routes.find(r.URL.Path)
	w.Header().Set("Cache-Control", "no-store")
	if isExplicit(r) {
		http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure is set wherever the site is served over TLS; the demo is not
			Name: languageCookie, Value: at.lang, Path: "/", MaxAge: int(rememberedFor.Seconds()),
			Secure: a.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		})
	}
	redirect(w, r, http.StatusSeeOther, a.placeIn(at.lang, r.URL.Query().Get("to")))
	return nil
}

// isExplicit reports whether a reader can have followed the link on one of our
// pages: not a prefetch, and not a link of another site.
func isExplicit(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	return r.Method == http.MethodGet && (site == "" || site == "same-origin" || site == "none") &&
		!strings.Contains(r.Header.Get("Sec-Purpose"), "prefetch")
}

// placeIn returns the address of a place in a language, the home page where
// the place is unknown.
func (a *app) placeIn(lang, place string) string {
	home := "/" + lang + "/"
	to, err := url.Parse(place)
	if err != nil || to.Scheme != "" || to.Host != "" || to.User != nil || to.Opaque != "" || checkAddress(to) != nil {
		return home
	}
	path := "/" + lang + to.Path
	at, ok := a.routes.find(path)
	if !ok || !at.route.Cached() {
		return home
	}
	return a.routes.link(at, path, to.Query())
}
