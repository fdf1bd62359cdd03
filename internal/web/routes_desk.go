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
	return slices.Concat(workbenchRoutes(), logRoutes(), recordRoutes("incidents"), recordRoutes("statements"), recordRoutes("institutions"), adminRoutes())
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
		in(ClassFetch, work(http.MethodGet, "/{lang}/desk/documents/{hash}", draft, (*desk.Desk).ShowDocument)),
		in(ClassFetch, work(http.MethodGet, "/{lang}/desk/documents/{hash}/pages/{number}", draft, (*desk.Desk).ShowDocumentPage)),
		work(http.MethodGet, "/{lang}/desk/mailbox", draft, (*desk.Desk).Mailbox),

		work(http.MethodGet, "/{lang}/desk/statements/new", draft, (*desk.Desk).NewStatement),
		uploads(typed(work(http.MethodPost, "/{lang}/desk/statements/new", draft, (*desk.Desk).AttachStatement))),
		work(http.MethodGet, "/{lang}/desk/statements/{id}/text", draft, (*desk.Desk).Text),
		typed(work(http.MethodPost, "/{lang}/desk/statements/{id}/text", draft, (*desk.Desk).ConfirmText)),
		work(http.MethodGet, "/{lang}/desk/statements/{id}/claims", draft, (*desk.Desk).Claims),
		typed(work(http.MethodPost, "/{lang}/desk/statements/{id}/claims", draft, (*desk.Desk).MarkClaim)),
		work(http.MethodGet, "/{lang}/desk/statements/{id}/step", draft, (*desk.Desk).NewStep),
		work(http.MethodPost, "/{lang}/desk/statements/{id}/step", draft, (*desk.Desk).MakeStep),
		work(http.MethodGet, "/{lang}/desk/review", draft, (*desk.Desk).Queue),
		work(http.MethodGet, "/{lang}/desk/review/{id}", draft, (*desk.Desk).Review),
		freshFor("act", "publish", typed(work(http.MethodPost, "/{lang}/desk/review/{id}", register.MayReview, (*desk.Desk).DecideReview))),
		work(http.MethodPost, "/{lang}/desk/review/{id}/comments", register.MayComment, (*desk.Desk).CommentReview),
		work(http.MethodGet, "/{lang}/desk/incidents/{id}/send", register.MaySendToReview, (*desk.Desk).SendPage),
		typed(work(http.MethodPost, "/{lang}/desk/incidents/{id}/send", register.MaySendToReview, (*desk.Desk).Send)),
		work(http.MethodGet, "/{lang}/desk/statements/{id}/send", register.MaySendToReview, (*desk.Desk).SendPage),
		typed(work(http.MethodPost, "/{lang}/desk/statements/{id}/send", register.MaySendToReview, (*desk.Desk).Send)),
		work(http.MethodGet, "/{lang}/desk/institutions/{id}/send", register.MaySendToReview, (*desk.Desk).SendPage),
		typed(work(http.MethodPost, "/{lang}/desk/institutions/{id}/send", register.MaySendToReview, (*desk.Desk).Send)),
		work(http.MethodGet, "/{lang}/desk/incidents/{id}/history", draft, (*desk.Desk).History),
		typed(work(http.MethodPost, "/{lang}/desk/incidents/{id}/history", register.MayComment, (*desk.Desk).ChangeHistory)),
		work(http.MethodGet, "/{lang}/desk/statements/{id}/history", draft, (*desk.Desk).History),
		typed(work(http.MethodPost, "/{lang}/desk/statements/{id}/history", register.MayComment, (*desk.Desk).ChangeHistory)),
		work(http.MethodGet, "/{lang}/desk/institutions/{id}/history", draft, (*desk.Desk).History),
		typed(work(http.MethodPost, "/{lang}/desk/institutions/{id}/history", register.MayComment, (*desk.Desk).ChangeHistory)),
		work(http.MethodGet, "/{lang}/desk/decisions", register.MayMerge, (*desk.Desk).Decisions),
		work(http.MethodGet, "/{lang}/desk/decisions/{decision}", register.MayMerge, (*desk.Desk).Decision),
		freshFor("do", "confirm", typed(work(http.MethodPost, "/{lang}/desk/decisions/{decision}", register.MayMerge, (*desk.Desk).Decide))),
		work(http.MethodGet, "/{lang}/desk/institutions/{id}/rename", draft, (*desk.Desk).AskRename),
		typed(work(http.MethodPost, "/{lang}/desk/institutions/{id}/rename", draft, (*desk.Desk).Rename)),
		work(http.MethodGet, "/{lang}/desk/institutions/{id}/merge", register.MayMerge, (*desk.Desk).AskMerge),
		typed(work(http.MethodPost, "/{lang}/desk/institutions/{id}/merge", register.MayMerge, (*desk.Desk).Merge)),
		work(http.MethodGet, "/{lang}/desk/incidents/{id}/merge", register.MayMerge, (*desk.Desk).AskMerge),
		typed(work(http.MethodPost, "/{lang}/desk/incidents/{id}/merge", register.MayMerge, (*desk.Desk).Merge)),
		work(http.MethodGet, "/{lang}/desk/incidents/{id}/withdraw", register.MayWithdraw, (*desk.Desk).AskWithdrawal),
		typed(work(http.MethodPost, "/{lang}/desk/incidents/{id}/withdraw", register.MayWithdraw, (*desk.Desk).Withdraw)),
		work(http.MethodGet, "/{lang}/desk/statements/{id}/withdraw", register.MayWithdraw, (*desk.Desk).AskWithdrawal),
		typed(work(http.MethodPost, "/{lang}/desk/statements/{id}/withdraw", register.MayWithdraw, (*desk.Desk).Withdraw)),
		work(http.MethodGet, "/{lang}/desk/institutions/{id}/withdraw", register.MayWithdraw, (*desk.Desk).AskWithdrawal),
		typed(work(http.MethodPost, "/{lang}/desk/institutions/{id}/withdraw", register.MayWithdraw, (*desk.Desk).Withdraw)),
		work(http.MethodGet, "/{lang}/desk/incidents/{id}/takedown", register.MayTakeDown, (*desk.Desk).AskTakedown),
		fresh(typed(work(http.MethodPost, "/{lang}/desk/incidents/{id}/takedown", register.MayTakeDown, (*desk.Desk).TakeDown))),
		work(http.MethodGet, "/{lang}/desk/statements/{id}/takedown", register.MayTakeDown, (*desk.Desk).AskTakedown),
		fresh(typed(work(http.MethodPost, "/{lang}/desk/statements/{id}/takedown", register.MayTakeDown, (*desk.Desk).TakeDown))),
		work(http.MethodGet, "/{lang}/desk/institutions/{id}/takedown", register.MayTakeDown, (*desk.Desk).AskTakedown),
		fresh(typed(work(http.MethodPost, "/{lang}/desk/institutions/{id}/takedown", register.MayTakeDown, (*desk.Desk).TakeDown))),
	}
}

// logRoutes are the addresses where incidents are logged, and records found.
func logRoutes() []Route {
	draft := register.MayDraft
	return []Route{
		work(http.MethodGet, "/{lang}/desk/incidents/new", draft, (*desk.Desk).NewIncident),
		typed(work(http.MethodPost, "/{lang}/desk/incidents/new", draft, (*desk.Desk).LogIncident)),
		work(http.MethodGet, "/{lang}/desk/incidents/new/duplicates", draft, (*desk.Desk).LikelyDuplicates),
		work(http.MethodGet, "/{lang}/desk/dates", draft, (*desk.Desk).DateUnderstood),
		work(http.MethodGet, "/{lang}/desk/pick", draft, (*desk.Desk).Pick),
		work(http.MethodGet, "/{lang}/desk/incidents", draft, (*desk.Desk).ListRecords),
		work(http.MethodGet, "/{lang}/desk/statements", draft, (*desk.Desk).ListRecords),
		work(http.MethodGet, "/{lang}/desk/institutions", draft, (*desk.Desk).ListRecords),
		work(http.MethodGet, "/{lang}/desk/sources", draft, (*desk.Desk).ListSources),
		work(http.MethodGet, "/{lang}/desk/sources/{key}", draft, (*desk.Desk).EditSource),
		typed(work(http.MethodPost, "/{lang}/desk/sources/{key}", draft, (*desk.Desk).SaveSource)),
		work(http.MethodGet, "/{lang}/desk/sources/{key}/captures", draft, (*desk.Desk).ListCaptures),
		work(http.MethodPost, "/{lang}/desk/sources/{key}/captures", draft, (*desk.Desk).CaptureAgain),
		work(http.MethodGet, "/{lang}/desk/sources/{key}/captures/{number}", draft, (*desk.Desk).ShowCapture),
		work(http.MethodPost, "/{lang}/desk/sources/{key}/captures/{number}", draft, (*desk.Desk).ActOnCapture),
		in(ClassFetch, work(http.MethodGet, "/{lang}/desk/sources/{key}/captures/{number}/warc", draft, (*desk.Desk).CaptureFile)),
	}
}

// entryRoutes are the addresses of who is not signed in yet. Their forms are short but
// for the one to sign in, which carries along what was typed before a session ended.
func entryRoutes() []Route {
	read := register.MayRead
	return []Route{
		work(http.MethodGet, "/{lang}/desk/login", read, (*desk.Desk).ShowLogin),
		in(ClassSignIn, work(http.MethodPost, "/{lang}/desk/login", read, (*desk.Desk).Login)),
		proof(in(ClassSignIn, work(http.MethodPost, "/{lang}/desk/login/passkey", read, (*desk.Desk).AskPasskey))),
		proof(work(http.MethodPost, "/{lang}/desk/logout", read, (*desk.Desk).Logout)),
		work(http.MethodGet, "/{lang}/desk/forgot", read, (*desk.Desk).ShowForgot),
		proof(in(ClassSignIn, work(http.MethodPost, "/{lang}/desk/forgot", read, (*desk.Desk).Forgot))),
		work(http.MethodGet, "/{lang}/desk/reset/{token}", read, (*desk.Desk).ShowReset),
		proof(in(ClassSignIn, work(http.MethodPost, "/{lang}/desk/reset/{token}", read, (*desk.Desk).Reset))),
		work(http.MethodGet, "/{lang}/desk/invitation/{token}", read, (*desk.Desk).ShowInvitation),
		proof(in(ClassSignIn, work(http.MethodPost, "/{lang}/desk/invitation/{token}", read, (*desk.Desk).AcceptInvitation))),
		work(http.MethodGet, "/{lang}/desk/email/{token}", read, (*desk.Desk).ShowNewEmail),
		proof(in(ClassSignIn, work(http.MethodPost, "/{lang}/desk/email/{token}", read, (*desk.Desk).TakeNewEmail))),
		work(http.MethodGet, "/{lang}/desk/setup", read, (*desk.Desk).ShowSetup),
		proof(in(ClassSignIn, work(http.MethodPost, "/{lang}/desk/setup", read, (*desk.Desk).Setup))),
	}
}

// accountRoutes are the addresses of one's own account, and of everybody's. All
// staff may draft; what asks for that is for all staff. As in entryRoutes, the form of a
// new proof carries along what was typed.
func accountRoutes() []Route {
	staff, admin := register.MayDraft, register.MayAdminAccounts
	return []Route{
		enrolling(work(http.MethodGet, "/{lang}/desk/confirm", staff, (*desk.Desk).ShowConfirm)),
		enrolling(in(ClassSignIn, work(http.MethodPost, "/{lang}/desk/confirm", staff, (*desk.Desk).Confirm))),
		work(http.MethodGet, "/{lang}/desk/account", staff, (*desk.Desk).ShowAccount),
		proof(work(http.MethodPost, "/{lang}/desk/account", staff, (*desk.Desk).SaveAccount)),
		proof(work(http.MethodPost, "/{lang}/desk/account/sessions", staff, (*desk.Desk).EndSessions)),
		work(http.MethodGet, "/{lang}/desk/account/password", staff, (*desk.Desk).ShowPassword),
		proof(in(ClassSignIn, work(http.MethodPost, "/{lang}/desk/account/password", staff, (*desk.Desk).ChangePassword))),
		work(http.MethodGet, "/{lang}/desk/account/email", staff, (*desk.Desk).ShowEmail),
		proof(in(ClassSignIn, work(http.MethodPost, "/{lang}/desk/account/email", staff, (*desk.Desk).AskEmail))),
		enrolling(work(http.MethodGet, "/{lang}/desk/account/second-factor", staff, (*desk.Desk).ShowFactors)),
		proof(enrolling(work(http.MethodPost, "/{lang}/desk/account/second-factor/codes", staff, (*desk.Desk).BeginCodes))),
		proof(work(http.MethodPost, "/{lang}/desk/account/second-factor/remove", staff, (*desk.Desk).RemoveCodes)),
		enrolling(work(http.MethodGet, "/{lang}/desk/account/codes", staff, (*desk.Desk).ShowCodes)),
		proof(enrolling(work(http.MethodPost, "/{lang}/desk/account/codes", staff, (*desk.Desk).ConfirmCodes))),
		proof(enrolling(work(http.MethodPost, "/{lang}/desk/account/passkeys/begin", staff, (*desk.Desk).BeginPasskey))),
		proof(enrolling(work(http.MethodPost, "/{lang}/desk/account/passkeys", staff, (*desk.Desk).AddPasskey))),
		proof(work(http.MethodPost, "/{lang}/desk/account/passkeys/remove", staff, (*desk.Desk).RemovePasskey)),
		proof(work(http.MethodPost, "/{lang}/desk/account/recovery", staff, (*desk.Desk).RenewCodes)),
		work(http.MethodGet, "/{lang}/desk/account/tokens", staff, (*desk.Desk).ShowTokens),
		proof(fresh(work(http.MethodPost, "/{lang}/desk/account/tokens", staff, (*desk.Desk).MakeToken))),
		proof(work(http.MethodPost, "/{lang}/desk/account/tokens/revoke", staff, (*desk.Desk).RevokeToken)),
		work(http.MethodGet, "/{lang}/desk/tokens", admin, (*desk.Desk).ShowAllTokens),
		proof(work(http.MethodPost, "/{lang}/desk/tokens/revoke", admin, (*desk.Desk).RevokeAnyToken)),
		work(http.MethodGet, "/{lang}/desk/accounts", admin, (*desk.Desk).ListStaff),
		work(http.MethodGet, "/{lang}/desk/accounts/new", admin, (*desk.Desk).NewStaff),
		proof(fresh(work(http.MethodPost, "/{lang}/desk/accounts/new", admin, (*desk.Desk).InviteStaff))),
		work(http.MethodGet, "/{lang}/desk/accounts/{account}", admin, (*desk.Desk).ShowStaff),
		proof(fresh(work(http.MethodPost, "/{lang}/desk/accounts/{account}", admin, (*desk.Desk).ChangeRole))),
		proof(fresh(work(http.MethodPost, "/{lang}/desk/accounts/{account}/link", admin, (*desk.Desk).SendLink))),
		proof(fresh(work(http.MethodPost, "/{lang}/desk/accounts/{account}/deactivate", admin, (*desk.Desk).Deactivate))),
		proof(fresh(work(http.MethodPost, "/{lang}/desk/accounts/{account}/reactivate", admin, (*desk.Desk).Reactivate))),
		proof(fresh(work(http.MethodPost, "/{lang}/desk/accounts/{account}/clear-factors", admin, (*desk.Desk).ClearFactors))),
	}
}

// deskHandler makes a page of the desk, or does what a form asks for.
type deskHandler func(*desk.Desk, context.Context, desk.Request) (desk.Answer, error)

// work is a route of the desk.
func work(method, pattern string, needs register.Permission, h deskHandler) Route {
	r := Route{Method: method, Pattern: pattern, Permission: needs, desk: h}
	if method == http.MethodPost {
		r.body = Body{Form: longestForm}
	}
	return r
}

// typed marks the POST of a form whose fields are kept as unsaved work when
// they are refused, and forgotten as such when they are saved. Forms with
// passwords or codes are none.
func typed(r Route) Route {
	r.typed = true
	return r
}

// enrolling marks a route that is open to who has to set up a second factor
// before anything else.
func enrolling(r Route) Route {
	r.enrolling = true
	return r
}

// fresh marks a route that asks for a proof of who it is that is not old: the
// password or a passkey, given again.
func fresh(r Route) Route {
	r.fresh = true
	return r
}

// freshFor is fresh for one of several things that a form can ask for, by what a
// field of it says. The others ask for no new proof.
func freshFor(field, act string, r Route) Route {
	r.freshField, r.freshAct = field, act
	return r
}
