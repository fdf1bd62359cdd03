package web

import (
	"net/http"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/web/desk"
)

// adminRoutes are the addresses of what holds for the whole register.
func adminRoutes() []Route {
	words := register.MayAdminVocabularies
	return []Route{
		work(http.MethodGet, "/{lang}/desk/vocabularies", words, (*desk.Desk).Vocabularies),
		work(http.MethodGet, "/{lang}/desk/vocabularies/{name}", words, (*desk.Desk).NewTerm),
		typed(work(http.MethodPost, "/{lang}/desk/vocabularies/{name}", words, (*desk.Desk).AddTerm)),
		work(http.MethodGet, "/{lang}/desk/vocabularies/{name}/{code}", words, (*desk.Desk).EditTerm),
		typed(work(http.MethodPost, "/{lang}/desk/vocabularies/{name}/{code}", words, (*desk.Desk).ChangeTerm)),
	}
}
