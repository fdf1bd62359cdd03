package web

import (
	"net/http"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/web/public"
	"github.com/sijil/sijil/views/assets"
)

// healthz tells that the process answers.
func (a *app) healthz(w http.ResponseWriter, _ *http.Request) error {
	return text(w, "ok\n")
}

// readyz tells that the database answers and holds a record that can be read;
// until then, and from the moment when it is about to stop, a load balancer
// sends readers elsewhere.
func (a *app) readyz(w http.ResponseWriter, r *http.Request) error {
	if a.cfg.Draining != nil && a.cfg.Draining() {
		return errDraining
	}
	if err := a.cfg.Records.Ping(r.Context()); err != nil {
		return err
	}
	if _, err := a.cfg.Records.Generation(r.Context()); err != nil {
		return err
	}
	return text(w, "ready\n")
}

// favicon answers browsers that ask before they have read a page.
func (a *app) favicon(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "public, max-age=86400")
	redirect(w, r, http.StatusFound, assets.Path(assets.FaviconICO))
	return nil
}

// securityTxt leads to where RFC 9116 wants it.
func (a *app) securityTxt(w http.ResponseWriter, r *http.Request) error {
	redirect(w, r, http.StatusMovedPermanently, public.SecurityTxtPath)
	return nil
}

// asset serves stylesheet, fonts, icons and scripts. What is not there has the
// page of any other wrong address.
func (a *app) asset(w http.ResponseWriter, r *http.Request) error {
	if !assets.Has(r.URL.Path) {
		return register.ErrNotFound
	}
	if r.URL.Path == assets.Path(assets.EmbedStylesheet) {
		// A frame that its site has shut off has no origin, and needs it all the same.
		w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
	}
	assets.Handler().ServeHTTP(w, r)
	return nil
}

func text(w http.ResponseWriter, body string) error {
	if w.Header().Get("Cache-Control") == "" {
		w.Header().Set("Cache-Control", "no-store")
	}
	write(w, http.StatusOK, "text/plain; charset=utf-8", []byte(body))
	return nil
}
