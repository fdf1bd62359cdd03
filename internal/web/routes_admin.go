package web

import (
	"net/http"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/web/desk"
)

// adminRoutes are the addresses of what holds for the whole register.
func adminRoutes() []Route {
	words, settings := register.MayAdminVocabularies, register.MayAdminSettings
	return []Route{
		work(http.MethodGet, "/{lang}/desk/vocabularies", words, (*desk.Desk).Vocabularies),
		work(http.MethodGet, "/{lang}/desk/vocabularies/{name}", words, (*desk.Desk).NewTerm),
		fresh(typed(work(http.MethodPost, "/{lang}/desk/vocabularies/{name}", words, (*desk.Desk).AddTerm))),
		work(http.MethodGet, "/{lang}/desk/vocabularies/{name}/{code}", words, (*desk.Desk).EditTerm),
		fresh(typed(work(http.MethodPost, "/{lang}/desk/vocabularies/{name}/{code}", words, (*desk.Desk).ChangeTerm))),
		work(http.MethodGet, "/{lang}/desk/settings", settings, (*desk.Desk).Settings),
		typed(work(http.MethodPost, "/{lang}/desk/settings", settings, (*desk.Desk).SaveSettings)),
		work(http.MethodGet, "/{lang}/desk/operations", settings, (*desk.Desk).Operations),
		work(http.MethodPost, "/{lang}/desk/operations", settings, (*desk.Desk).RetryJob),
		work(http.MethodGet, "/{lang}/desk/import", register.MayDraft, (*desk.Desk).ImportPage),
		uploads(work(http.MethodPost, "/{lang}/desk/import", register.MayDraft, (*desk.Desk).UploadImport)),
		work(http.MethodGet, "/{lang}/desk/import/{run}", register.MayDraft, (*desk.Desk).ShowImport),
		work(http.MethodPost, "/{lang}/desk/import/{run}", register.MayDraft, (*desk.Desk).ConfirmImport),
		work(http.MethodGet, "/{lang}/desk/activity", register.MayDraft, (*desk.Desk).Activity),
		work(http.MethodPost, "/{lang}/desk/activity", register.MayDraft, (*desk.Desk).CheckActivity),
	}
}
