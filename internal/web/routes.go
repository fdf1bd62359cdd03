package web

import (
	"context"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/web/api"
	"github.com/sijil/sijil/internal/web/drafts"
	"github.com/sijil/sijil/internal/web/public"
	"github.com/sijil/sijil/internal/web/taxii"
	"github.com/sijil/sijil/views/assets"
	"github.com/sijil/sijil/views/texts"
)

// Routes lists every address of the site with the permission that it asks for.
// In a pattern, {lang} is a language of the interface, {slug} names a record,
// {name} is formed as a slug, {number} is a positive number, {position} one from 0 on, and * is any rest. Those of GET answer HEAD, too.
func Routes() []Route {
	return slices.Concat(publicRoutes(), apiRoutes(), draftRoutes(), taxiiRoutes(), deskRoutes(), entryRoutes(), accountRoutes())
}

// publicRoutes are the addresses for everybody.
func publicRoutes() []Route {
	read := register.MayRead
	return []Route{
		plain("/", read, (*app).chooseLanguage),
		plain("/lang/{lang}", read, (*app).switchLanguage),
		page("/{lang}/", read, (*public.Pages).Home),
		listed(page("/{lang}/incidents", read, (*public.Pages).ListIncidents, public.IncidentParams()...)),
		page("/{lang}/incidents/{slug}", read, (*public.Pages).ShowIncident, public.IncidentPageParams()...),
		page("/{lang}/incidents/{slug}/claims", read, (*public.Pages).ShowLedger),
		page("/{lang}/incidents/{slug}/claims.csv", read, (*public.Pages).LedgerTable),
		page("/{lang}/incidents/{slug}/claims.json", read, (*public.Pages).LedgerData),
		listed(page("/{lang}/institutions", read, (*public.Pages).ListInstitutions, public.InstitutionParams()...)),
		page("/{lang}/institutions/{slug}", read, (*public.Pages).ShowInstitution),
		listed(page("/{lang}/referrals", read, (*public.Pages).ListReferrals, public.ReferralParams()...)),
		listed(page("/{lang}/incidents.csv", read, (*public.Pages).IncidentsFile, public.FileParams(public.IncidentParams())...)),
		listed(page("/{lang}/incidents.json", read, (*public.Pages).IncidentsFile, public.FileParams(public.IncidentParams())...)),
		listed(page("/{lang}/institutions.csv", read, (*public.Pages).InstitutionsFile, public.FileParams(public.InstitutionParams())...)),
		listed(page("/{lang}/institutions.json", read, (*public.Pages).InstitutionsFile, public.FileParams(public.InstitutionParams())...)),
		listed(page("/{lang}/statements.csv", read, (*public.Pages).StatementsFile, public.FileParams(public.StatementParams())...)),
		listed(page("/{lang}/statements.json", read, (*public.Pages).StatementsFile, public.FileParams(public.StatementParams())...)),
		listed(page("/{lang}/referrals.csv", read, (*public.Pages).ReferralsFile, public.FileParams(public.ReferralParams())...)),
		listed(page("/{lang}/referrals.json", read, (*public.Pages).ReferralsFile, public.FileParams(public.ReferralParams())...)),
		in(ClassSearch, page("/{lang}/statistics", read, (*public.Pages).ShowStatistics, public.StatisticsParams()...)),
		in(ClassSearch, page("/{lang}/statistics/{name}/table.csv", read, (*public.Pages).ChartTable, public.StatisticsParams()...)),
		in(ClassSearch, page("/{lang}/search", read, (*public.Pages).Search, public.SearchParams()...)),
		listed(page("/{lang}/statements", read, (*public.Pages).ListStatements, public.StatementParams()...)),
		page("/{lang}/statements/{slug}", read, (*public.Pages).ShowStatement),
		page("/{lang}/incidents/{slug}/card.png", read, (*public.Pages).ShowCard),
		page("/{lang}/statements/{slug}/card.png", read, (*public.Pages).ShowCard),
		page("/{lang}/institutions/{slug}/card.png", read, (*public.Pages).ShowCard),
		page("/{lang}/card.png", read, (*public.Pages).ShowSiteCard),
		page("/{lang}/method", read, public.Text(texts.Method)),
		page("/{lang}/verification", read, public.Text(texts.Verification)),
		page("/{lang}/data", read, public.Text(texts.Data)),
		page("/{lang}/corrections", read, public.Text(texts.Corrections)),
		page("/{lang}/accessibility", read, public.Text(texts.Accessibility)),
		page("/{lang}/privacy", read, public.Text(texts.Privacy)),
		page("/{lang}/imprint", read, public.Text(texts.Imprint)),
		page(public.SecurityTxtPath, read, (*public.Pages).SecurityTxt),
		plain("/security.txt", read, (*app).securityTxt),
		page("/{lang}/incidents/{slug}/history", read, (*public.Pages).ShowHistory, public.HistoryParams()...),
		page("/{lang}/incidents/{slug}/compare", read, (*public.Pages).Compare, public.CompareParams()...),
		page("/{lang}/incidents/{slug}/editions/{number}", read, (*public.Pages).ShowEdition, public.TimelineParams()...),
		page("/{lang}/statements/{slug}/history", read, (*public.Pages).ShowHistory, public.HistoryParams()...),
		page("/{lang}/statements/{slug}/compare", read, (*public.Pages).Compare, public.CompareParams()...),
		page("/{lang}/statements/{slug}/editions/{number}", read, (*public.Pages).ShowEdition),
		page("/{lang}/institutions/{slug}/history", read, (*public.Pages).ShowHistory, public.HistoryParams()...),
		page("/{lang}/institutions/{slug}/compare", read, (*public.Pages).Compare, public.CompareParams()...),
		page("/{lang}/institutions/{slug}/editions/{number}", read, (*public.Pages).ShowEdition),
		page("/{lang}/incidents/{slug}/editions/{number}/cite", read, (*public.Pages).Cite, public.CiteParams()...),
		page("/{lang}/incidents/{slug}/editions/{number}/cite/{name}", read, (*public.Pages).CiteFile, public.CiteParams()...),
		page("/{lang}/statements/{slug}/editions/{number}/cite", read, (*public.Pages).Cite, public.CiteParams()...),
		page("/{lang}/statements/{slug}/editions/{number}/cite/{name}", read, (*public.Pages).CiteFile, public.CiteParams()...),
		page("/{lang}/institutions/{slug}/editions/{number}/cite", read, (*public.Pages).Cite, public.CiteParams()...),
		page("/{lang}/institutions/{slug}/editions/{number}/cite/{name}", read, (*public.Pages).CiteFile, public.CiteParams()...),
		page("/editions/{name}/{number}.json", read, (*public.Pages).EditionJSON),
		listed(page("/feeds/{lang}/all.atom", read, (*public.Pages).Feed, public.FeedParams()...)),
		listed(page("/feeds/{lang}/all.json", read, (*public.Pages).Feed, public.FeedParams()...)),
		listed(page("/feeds/{lang}/incidents/{slug}.atom", read, (*public.Pages).Feed, public.FeedParams()...)),
		listed(page("/feeds/{lang}/incidents/{slug}.json", read, (*public.Pages).Feed, public.FeedParams()...)),
		listed(page("/feeds/{lang}/institutions/{slug}.atom", read, (*public.Pages).Feed, public.FeedParams()...)),
		listed(page("/feeds/{lang}/institutions/{slug}.json", read, (*public.Pages).Feed, public.FeedParams()...)),
		listed(page("/feeds/{lang}/authorities/{slug}.atom", read, (*public.Pages).Feed, public.FeedParams()...)),
		listed(page("/feeds/{lang}/authorities/{slug}.json", read, (*public.Pages).Feed, public.FeedParams()...)),
		page("/embed/{lang}/incidents/{slug}/timeline", read, (*public.Pages).Embed, public.EmbedParams()...),
		page("/embed/{lang}/incidents/{slug}/clock", read, (*public.Pages).Embed, public.EmbedParams()...),
		page("/embed/{lang}/statements/{slug}", read, (*public.Pages).Embed, public.EmbedParams()...),
		page("/oembed", read, (*public.Pages).OEmbed, public.OEmbedParams()...),
		page("/{lang}/incidents/{slug}/share", read, (*public.Pages).Share, public.ShareParams()...),
		page("/{lang}/statements/{slug}/share", read, (*public.Pages).Share, public.ShareParams()...),
		page("/{lang}/log", read, (*public.Pages).ShowLog, public.LogParams()...),
		page("/editions/{name}/{number}.proof", read, (*public.Pages).EditionProof),
		page("/log/checkpoint", read, (*public.Pages).LogCheckpoint),
		page("/log/keys", read, (*public.Pages).LogKeys),
		page("/log/timestamps", read, (*public.Pages).LogTimestamps),
		page("/log/timestamps/{number}.tsr", read, (*public.Pages).LogTimestamp),
		page("/log/timestamps/{number}.checkpoint", read, (*public.Pages).StampedCheckpoint),
		page("/log/tile/*", read, (*public.Pages).LogTile),
		page("/log/openings/{position}.json", read, (*public.Pages).OpeningJSON),
		page("/{lang}/exports", read, (*public.Pages).ShowExports, public.ExportPageParams()...),
		page("/exports/manifest.json", read, (*public.Pages).DumpManifest),
		in(ClassExport, stream("/exports/{id}", read, (*app).dump)),
		in(ClassExport, stream("/{lang}/exports/{id}", read, (*app).export, public.ExportPageParams()...)),
		in(ClassFetch, plain("/documents/{hash}", read, (*app).document)),
		in(ClassFetch, plain("/captures/{hash}", read, (*app).openCapture)),
		plain("/healthz", read, (*app).healthz),
		plain("/readyz", read, (*app).readyz),
		page("/robots.txt", read, (*public.Pages).Robots),
		page(public.SitemapPath, read, (*public.Pages).Sitemap),
		page("/sitemaps/{name}", read, (*public.Pages).SitemapPart),
		page(public.STIXExtensionPath, read, (*public.Pages).STIXExtension),
		page("/manifest.webmanifest", read, (*public.Pages).Manifest),
		plain("/favicon.ico", read, (*app).favicon),
		plain(assets.Prefix+"*", read, (*app).asset),
	}
}

// Route is one address of the site.
type Route struct {
	Method     string
	Pattern    string
	Permission register.Permission
	// Params are the query parameters that the page reads; others are ignored.
	Params []string

	page      pageHandler
	plain     plainHandler
	operation *api.Operation  // of the API
	taxii     taxii.Operation // of TAXII
	draft     *drafts.Operation
	desk      deskHandler
	class     Class // "" : by its kind
	body      Body
	listed    bool // with parameters it is a search
	typed     bool // what is typed into the form is kept when it is refused
	// enrolling lets in who has to set up a second factor first; fresh lets in
	// only who has proved lately who he is.
	enrolling, fresh bool
	// freshField and freshAct are the one act for which a route with several is fresh,
	// and the field of the form that says it.
	freshField, freshAct string
}

// IsDesk reports whether the route is one of the desk.
func (r Route) IsDesk() bool { return r.desk != nil }

// Cached reports whether the page cache keeps what the route answers.
func (r Route) Cached() bool { return r.page != nil || r.operation != nil || r.taxii != nil }

// pageHandler makes a public page.
type pageHandler func(*public.Pages, context.Context, public.Request) (public.Answer, error)

// plainHandler answers what is not a page of the record.
type plainHandler func(a *app, w http.ResponseWriter, r *http.Request) error

// page is a route that answers with a page of the record.
//
//nolint:unparam // every route says what it needs on its own line, also while all need the same
func page(pattern string, needs register.Permission, h pageHandler, params ...string) Route {
	return Route{Method: http.MethodGet, Pattern: pattern, Permission: needs, Params: params, page: h}
}

// plain is a route that answers with something else.
//
//nolint:unparam // as page
func plain(pattern string, needs register.Permission, h plainHandler) Route {
	return Route{Method: http.MethodGet, Pattern: pattern, Permission: needs, plain: h}
}

// stream is a route that answers with a file of any length.
func stream(pattern string, needs register.Permission, h plainHandler, params ...string) Route {
	return Route{Method: http.MethodGet, Pattern: pattern, Permission: needs, Params: params, plain: h}
}

// shows reports whether this server shows a route: it may be of one side only.
func (a *app) shows(r Route) bool {
	switch {
	case r.IsDesk() || r.IsProgram():
		return a.desk != nil
	case r.plain != nil && slices.Contains([]string{"/healthz", "/readyz", "/favicon.ico", "/lang/{lang}", assets.Prefix + "*"}, r.Pattern):
		return true
	}
	return !a.cfg.DeskOnly
}

// router hands each request to its route.
func (a *app) router() http.Handler {
	e := echo.New()
	e.IPExtractor = func(r *http.Request) string { return a.peer(r).String() }
	e.HTTPErrorHandler = func(err error, c echo.Context) { a.fail(c.Response().Writer, c.Request(), err) }
	for i := range a.routes {
		route := &a.routes[i]
		if !a.shows(route.Route) {
			continue // a server of the other side does
		}
		serve := func(c echo.Context) error { return a.serve(route, c.Response().Writer, c.Request()) }
		if route.IsDesk() {
			serve = func(c echo.Context) error { return a.serveDesk(route, c) }
		}
		if route.IsProgram() {
			serve = func(c echo.Context) error { return a.serveDraft(route, c) }
		}
		for _, path := range route.echoPaths() {
			e.Add(route.Method, path, serve)
			if route.Method == http.MethodGet {
				e.HEAD(path, serve)
			}
		}
	}
	return e
}

// serve answers a request on a route. Readers have no account: they may do
// what the role of a public viewer may.
func (a *app) serve(route *compiled, w http.ResponseWriter, r *http.Request) error {
	noteRoute(r.Context(), route)
	if !register.RoleViewer.Can(route.Permission) {
		return register.ErrForbidden
	}
	if route.plain != nil {
		return route.plain(a, w, r)
	}
	at, ok := a.routes.find(r.URL.Path)
	if !ok || !at.route.Cached() {
		return register.ErrNotFound // a slug that cannot be one
	}
	noteRoute(r.Context(), at.route)
	// Echo tells parts apart by their place only, not "1.json" from "1.proof".
	if !register.RoleViewer.Can(at.route.Permission) {
		return register.ErrForbidden
	}
	leave, err := a.enter(r, at.route.Class(r))
	if err != nil {
		return err
	}
	defer leave()
	switch {
	case at.route.operation != nil:
		return a.serveData(at, w, r)
	case at.route.taxii != nil:
		return a.serveTAXII(at, w, r)
	}
	answer, err := at.route.page(a.pages, r.Context(), public.Request{
		Lang: at.lang, Path: at.rest, Slug: at.slug, Params: at.params,
		Query: at.route.known(r.URL.Query()),
	})
	if answer.Passing {
		w.Header().Set("Cache-Control", passingCaching)
	}
	switch {
	case err != nil:
		return err
	case answer.MovedTo != "":
		redirect(w, r, http.StatusMovedPermanently, answer.MovedTo)
		return nil
	case answer.File != nil:
		sendFile(w, answer.File)
		return nil
	default:
		return a.render(w, r, at.lang, http.StatusOK, answer.Page)
	}
}
