package web

import (
	"context"
	"net/http"
	"slices"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/web/desk"
)

// deskRoutes lists every address of the desk with the permission that it asks
// for; register.MayRead asks for none, and so for no session. In a pattern,
// {id} is the identifier of a record, and any other {name} one part of the
// path. A form's page and what it sends have one address.
func deskRoutes() []Route {
	return slices.Concat(workbenchRoutes(), recordRoutes("incidents"), recordRoutes("statements"), recordRoutes("institutions"))
}

// recordRoutes are the addresses of the records of one type.
func recordRoutes(records string) []Route {
	draft := register.MayDraft
	at := "/{lang}/desk/" + records + "/{id}"
	return []Route{
		work(http.MethodGet, at, draft, (*desk.Desk).ShowRecord),
		work(http.MethodPost, at, draft, (*desk.Desk).ArrangeRecord),
		work(http.MethodGet, at+"/preview", draft, (*desk.Desk).PreviewRecord),
		work(http.MethodGet, at+"/{part}", draft, (*desk.Desk).EditPart),
		typed(work(http.MethodPost, at+"/{part}", draft, (*desk.Desk).SavePart)),
		work(http.MethodGet, at+"/{part}/{key}", draft, (*desk.Desk).EditPart),
		typed(work(http.MethodPost, at+"/{part}/{key}", draft, (*desk.Desk).SavePart)),
		work(http.MethodGet, at+"/{part}/{key}/remove", draft, (*desk.Desk).ConfirmRemoval),
		work(http.MethodPost, at+"/{part}/{key}/remove", draft, (*desk.Desk).RemoveItem),
	}
}

// workbenchRoutes are the addresses of what is not one record's.
func workbenchRoutes() []Route {
	draft := register.MayDraft
	return []Route{
		work(http.MethodGet, "/{lang}/desk", draft, (*desk.Desk).Home),
		work(http.MethodPost, "/{lang}/desk/autosave", draft, (*desk.Desk).Autosave),
		work(http.MethodPost, "/{lang}/desk/autosave/discard", draft, (*desk.Desk).DiscardTyped),
		work(http.MethodGet, "/{lang}/desk/mailbox", draft, (*desk.Desk).Mailbox),

		work(http.MethodGet, "/{lang}/desk/statements/{id}/claims", draft, (*desk.Desk).Claims),
		typed(work(http.MethodPost, "/{lang}/desk/statements/{id}/claims", draft, (*desk.Desk).MarkClaim)),
		work(http.MethodGet, "/{lang}/desk/statements/{id}/step", draft, (*desk.Desk).NewStep),
		work(http.MethodPost, "/{lang}/desk/statements/{id}/step", draft, (*desk.Desk).MakeStep),
	}
}

// deskHandler makes a page of the desk, or does what a form asks for.
type deskHandler func(*desk.Desk, context.Context, desk.Request) (desk.Answer, error)

// work is a route of the desk.
func work(method, pattern string, needs register.Permission, h deskHandler) Route {
	return Route{Method: method, Pattern: pattern, Permission: needs, desk: h}
}

// typed marks the POST of a form whose fields are kept as unsaved work when
// they are refused, and forgotten as such when they are saved. Forms with
// passwords or codes are none.
func typed(r Route) Route {
	r.typed = true
	return r
}
