package web_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/web"
)

// leastRoles says, for every address and method, who may: the role that has
// the least rights of those who are let in. It is written by hand, apart from
// the routes themselves, so that a permission that is changed by mistake, or a
// new route that nobody thought about, is noticed.
func leastRoles() map[string]register.AccountRole {
	everybody, analyst := register.RoleViewer, register.RoleAnalyst
	editor, admin := register.RoleEditor, register.RoleAdmin
	return map[string]register.AccountRole{
		"GET /{lang}/incidents/{slug}/history":                          everybody,
		"GET /{lang}/incidents/{slug}/compare":                          everybody,
		"GET /{lang}/incidents/{slug}/editions/{number}":                everybody,
		"GET /{lang}/statements/{slug}/history":                         everybody,
		"GET /{lang}/statements/{slug}/compare":                         everybody,
		"GET /{lang}/statements/{slug}/editions/{number}":               everybody,
		"GET /{lang}/institutions/{slug}/history":                       everybody,
		"GET /{lang}/institutions/{slug}/compare":                       everybody,
		"GET /{lang}/institutions/{slug}/editions/{number}":             everybody,
		"GET /{lang}/incidents/{slug}/editions/{number}/cite":           everybody,
		"GET /{lang}/incidents/{slug}/editions/{number}/cite/{name}":    everybody,
		"GET /{lang}/statements/{slug}/editions/{number}/cite":          everybody,
		"GET /{lang}/statements/{slug}/editions/{number}/cite/{name}":   everybody,
		"GET /{lang}/institutions/{slug}/editions/{number}/cite":        everybody,
		"GET /{lang}/institutions/{slug}/editions/{number}/cite/{name}": everybody,
		"GET /editions/{name}/{number}.json":                            everybody,
		"GET /editions/{name}/{number}.proof":                           everybody,
		"GET /log/checkpoint":                                           everybody,
		"GET /log/keys":                                                 everybody,
		"GET /log/timestamps":                                           everybody,
		"GET /log/timestamps/{number}.tsr":                              everybody,
		"GET /log/timestamps/{number}.checkpoint":                       everybody,
		"GET /log/tile/*":                                               everybody,
		"GET /log/openings/{position}.json":                             everybody,
		"GET /{lang}/log":                                               everybody,

		"GET /embed/{lang}/incidents/{slug}/timeline": everybody,
		"GET /embed/{lang}/incidents/{slug}/clock":    everybody,
		"GET /embed/{lang}/statements/{slug}":         everybody,
		"GET /oembed":                                 everybody,
		"GET /{lang}/incidents/{slug}/share":          everybody,
		"GET /{lang}/statements/{slug}/share":         everybody,

		"GET /feeds/{lang}/all.atom":                 everybody,
		"GET /feeds/{lang}/all.json":                 everybody,
		"GET /feeds/{lang}/incidents/{slug}.atom":    everybody,
		"GET /feeds/{lang}/incidents/{slug}.json":    everybody,
		"GET /feeds/{lang}/institutions/{slug}.atom": everybody,
		"GET /feeds/{lang}/institutions/{slug}.json": everybody,
		"GET /feeds/{lang}/authorities/{slug}.atom":  everybody,
		"GET /feeds/{lang}/authorities/{slug}.json":  everybody,
		"GET /{lang}/exports":                        everybody,
		"GET /exports/manifest.json":                 everybody,
		"GET /exports/{id}":                          everybody,
		"GET /{lang}/exports/{id}":                   everybody,

		"GET /stix/extension-1.0.0.json":                               everybody,
		"GET /taxii2/":                                                 everybody,
		"GET /taxii2/record/":                                          everybody,
		"GET /taxii2/record/collections/":                              everybody,
		"GET /taxii2/record/collections/{name}/":                       everybody,
		"GET /taxii2/record/collections/{name}/manifest/":              everybody,
		"GET /taxii2/record/collections/{name}/objects/":               everybody,
		"GET /taxii2/record/collections/{name}/objects/{id}/":          everybody,
		"GET /taxii2/record/collections/{name}/objects/{id}/versions/": everybody,

		"GET /api/v1/openapi.json":      everybody,
		"GET /api/v1/incidents":         everybody,
		"GET /api/v1/incidents/{id}":    everybody,
		"GET /api/v1/institutions":      everybody,
		"GET /api/v1/institutions/{id}": everybody,
		"GET /api/v1/statements":        everybody,
		"GET /api/v1/statements/{id}":   everybody,
		"GET /api/v1/claims":            everybody,
		"GET /api/v1/claims/{id}":       everybody,
		"GET /api/v1/referrals":         everybody,
		"GET /api/v1/referrals/{id}":    everybody,
		"GET /api/v1/sources":           everybody,
		"GET /api/v1/sources/{id}":      everybody,
		"GET /api/v1/editions":          everybody,
		"GET /api/v1/editions/{id}":     everybody,
		"GET /api/v1/search":            everybody,
		"GET /api/v1/statistics":        everybody,
		"GET /api/v1/vocabularies":      everybody,

		"GET /":                                            everybody,
		"GET /lang/{lang}":                                 everybody,
		"GET /{lang}/":                                     everybody,
		"GET /{lang}/incidents":                            everybody,
		"GET /{lang}/incidents/{slug}":                     everybody,
		"GET /{lang}/incidents/{slug}/claims":              everybody,
		"GET /{lang}/incidents.csv":                        everybody,
		"GET /{lang}/incidents.json":                       everybody,
		"GET /{lang}/institutions.csv":                     everybody,
		"GET /{lang}/institutions.json":                    everybody,
		"GET /{lang}/statements.csv":                       everybody,
		"GET /{lang}/statements.json":                      everybody,
		"GET /{lang}/referrals.csv":                        everybody,
		"GET /{lang}/referrals.json":                       everybody,
		"GET /{lang}/incidents/{slug}/claims.csv":          everybody,
		"GET /{lang}/incidents/{slug}/claims.json":         everybody,
		"GET /{lang}/institutions":                         everybody,
		"GET /{lang}/referrals":                            everybody,
		"GET /{lang}/search":                               everybody,
		"GET /{lang}/statements":                           everybody,
		"GET /{lang}/statistics":                           everybody,
		"GET /{lang}/statistics/{name}/table.csv":          everybody,
		"GET /{lang}/institutions/{slug}":                  everybody,
		"GET /{lang}/statements/{slug}":                    everybody,
		"GET /documents/{hash}":                            everybody,
		"GET /captures/{hash}":                             everybody,
		"GET /healthz":                                     everybody,
		"GET /readyz":                                      everybody,
		"GET /{lang}/incidents/{slug}/card.png":            everybody,
		"GET /{lang}/statements/{slug}/card.png":           everybody,
		"GET /{lang}/institutions/{slug}/card.png":         everybody,
		"GET /{lang}/card.png":                             everybody,
		"GET /{lang}/method":                               everybody,
		"GET /{lang}/verification":                         everybody,
		"GET /{lang}/data":                                 everybody,
		"GET /{lang}/corrections":                          everybody,
		"GET /{lang}/accessibility":                        everybody,
		"GET /{lang}/privacy":                              everybody,
		"GET /{lang}/imprint":                              everybody,
		"GET /.well-known/security.txt":                    everybody,
		"GET /security.txt":                                everybody,
		"GET /robots.txt":                                  everybody,
		"GET /sitemap.xml":                                 everybody,
		"GET /sitemaps/{name}":                             everybody,
		"GET /manifest.webmanifest":                        everybody,
		"GET /favicon.ico":                                 everybody,
		"GET /assets/*":                                    everybody,
		"GET /{lang}/desk":                                 analyst,
		"POST /{lang}/desk/autosave":                       analyst,
		"POST /{lang}/desk/autosave/discard":               analyst,
		"GET /{lang}/desk/documents/{hash}":                analyst,
		"GET /{lang}/desk/documents/{hash}/pages/{number}": analyst,
		"GET /{lang}/desk/mailbox":                         analyst,
		"GET /{lang}/desk/incidents":                       analyst,
		"GET /{lang}/desk/statements":                      analyst,
		"GET /{lang}/desk/institutions":                    analyst,
		"GET /{lang}/desk/sources":                         analyst,
		"GET /{lang}/desk/sources/{key}":                   analyst,
		"POST /{lang}/desk/sources/{key}":                  analyst,

		"GET /{lang}/desk/sources/{key}/captures":               analyst,
		"POST /{lang}/desk/sources/{key}/captures":              analyst,
		"GET /{lang}/desk/sources/{key}/captures/{number}":      analyst,
		"POST /{lang}/desk/sources/{key}/captures/{number}":     analyst,
		"GET /{lang}/desk/sources/{key}/captures/{number}/warc": analyst,

		"GET /{lang}/desk/incidents/new":            analyst,
		"POST /{lang}/desk/incidents/new":           analyst,
		"GET /{lang}/desk/incidents/new/duplicates": analyst,
		"GET /{lang}/desk/dates":                    analyst,
		"GET /{lang}/desk/pick":                     analyst,

		"GET /{lang}/desk/statements/new":                    analyst,
		"POST /{lang}/desk/statements/new":                   analyst,
		"GET /{lang}/desk/statements/{id}/text":              analyst,
		"POST /{lang}/desk/statements/{id}/text":             analyst,
		"GET /{lang}/desk/statements/{id}/claims":            analyst,
		"POST /{lang}/desk/statements/{id}/claims":           analyst,
		"GET /{lang}/desk/statements/{id}/step":              analyst,
		"POST /{lang}/desk/statements/{id}/step":             analyst,
		"GET /{lang}/desk/login":                             everybody,
		"POST /{lang}/desk/login":                            everybody,
		"POST /{lang}/desk/login/passkey":                    everybody,
		"POST /{lang}/desk/logout":                           everybody,
		"GET /{lang}/desk/forgot":                            everybody,
		"POST /{lang}/desk/forgot":                           everybody,
		"GET /{lang}/desk/reset/{token}":                     everybody,
		"POST /{lang}/desk/reset/{token}":                    everybody,
		"GET /{lang}/desk/invitation/{token}":                everybody,
		"POST /{lang}/desk/invitation/{token}":               everybody,
		"GET /{lang}/desk/email/{token}":                     everybody,
		"POST /{lang}/desk/email/{token}":                    everybody,
		"GET /{lang}/desk/setup":                             everybody,
		"POST /{lang}/desk/setup":                            everybody,
		"GET /{lang}/desk/confirm":                           analyst,
		"POST /{lang}/desk/confirm":                          analyst,
		"GET /{lang}/desk/account":                           analyst,
		"POST /{lang}/desk/account":                          analyst,
		"POST /{lang}/desk/account/sessions":                 analyst,
		"GET /{lang}/desk/account/password":                  analyst,
		"POST /{lang}/desk/account/password":                 analyst,
		"GET /{lang}/desk/account/email":                     analyst,
		"POST /{lang}/desk/account/email":                    analyst,
		"GET /{lang}/desk/account/second-factor":             analyst,
		"POST /{lang}/desk/account/second-factor/codes":      analyst,
		"POST /{lang}/desk/account/second-factor/remove":     analyst,
		"GET /{lang}/desk/account/codes":                     analyst,
		"POST /{lang}/desk/account/codes":                    analyst,
		"POST /{lang}/desk/account/passkeys/begin":           analyst,
		"POST /{lang}/desk/account/passkeys":                 analyst,
		"POST /{lang}/desk/account/passkeys/remove":          analyst,
		"POST /{lang}/desk/account/recovery":                 analyst,
		"GET /{lang}/desk/accounts":                          admin,
		"GET /{lang}/desk/accounts/new":                      admin,
		"POST /{lang}/desk/accounts/new":                     admin,
		"GET /{lang}/desk/accounts/{account}":                admin,
		"POST /{lang}/desk/accounts/{account}":               admin,
		"POST /{lang}/desk/accounts/{account}/link":          admin,
		"POST /{lang}/desk/accounts/{account}/deactivate":    admin,
		"POST /{lang}/desk/accounts/{account}/reactivate":    admin,
		"POST /{lang}/desk/accounts/{account}/clear-factors": admin,

		"GET /{lang}/desk/review":                analyst,
		"GET /{lang}/desk/review/{id}":           analyst,
		"POST /{lang}/desk/review/{id}":          register.RoleEditor,
		"POST /{lang}/desk/review/{id}/comments": analyst,

		"GET /{lang}/desk/incidents/{id}/send":        analyst,
		"POST /{lang}/desk/incidents/{id}/send":       analyst,
		"GET /{lang}/desk/statements/{id}/send":       analyst,
		"POST /{lang}/desk/statements/{id}/send":      analyst,
		"GET /{lang}/desk/institutions/{id}/send":     analyst,
		"POST /{lang}/desk/institutions/{id}/send":    analyst,
		"GET /{lang}/desk/incidents/{id}/history":     analyst,
		"POST /{lang}/desk/incidents/{id}/history":    analyst,
		"GET /{lang}/desk/statements/{id}/history":    analyst,
		"POST /{lang}/desk/statements/{id}/history":   analyst,
		"GET /{lang}/desk/institutions/{id}/history":  analyst,
		"POST /{lang}/desk/institutions/{id}/history": analyst,

		"GET /{lang}/desk/incidents/{id}":                         analyst,
		"POST /{lang}/desk/incidents/{id}":                        analyst,
		"GET /{lang}/desk/incidents/{id}/preview":                 analyst,
		"GET /{lang}/desk/incidents/{id}/{part}":                  analyst,
		"POST /{lang}/desk/incidents/{id}/{part}":                 analyst,
		"GET /{lang}/desk/incidents/{id}/{part}/{key}":            analyst,
		"POST /{lang}/desk/incidents/{id}/{part}/{key}":           analyst,
		"GET /{lang}/desk/incidents/{id}/{part}/{key}/remove":     analyst,
		"POST /{lang}/desk/incidents/{id}/{part}/{key}/remove":    analyst,
		"GET /{lang}/desk/statements/{id}":                        analyst,
		"POST /{lang}/desk/statements/{id}":                       analyst,
		"GET /{lang}/desk/statements/{id}/preview":                analyst,
		"GET /{lang}/desk/statements/{id}/{part}":                 analyst,
		"POST /{lang}/desk/statements/{id}/{part}":                analyst,
		"GET /{lang}/desk/statements/{id}/{part}/{key}":           analyst,
		"POST /{lang}/desk/statements/{id}/{part}/{key}":          analyst,
		"GET /{lang}/desk/statements/{id}/{part}/{key}/remove":    analyst,
		"POST /{lang}/desk/statements/{id}/{part}/{key}/remove":   analyst,
		"GET /{lang}/desk/institutions/{id}":                      analyst,
		"POST /{lang}/desk/institutions/{id}":                     analyst,
		"GET /{lang}/desk/institutions/{id}/preview":              analyst,
		"GET /{lang}/desk/institutions/{id}/{part}":               analyst,
		"POST /{lang}/desk/institutions/{id}/{part}":              analyst,
		"GET /{lang}/desk/institutions/{id}/{part}/{key}":         analyst,
		"POST /{lang}/desk/institutions/{id}/{part}/{key}":        analyst,
		"GET /{lang}/desk/institutions/{id}/{part}/{key}/remove":  analyst,
		"POST /{lang}/desk/institutions/{id}/{part}/{key}/remove": analyst,

		"GET /{lang}/desk/decisions":                   editor,
		"GET /{lang}/desk/decisions/{decision}":        editor,
		"POST /{lang}/desk/decisions/{decision}":       editor,
		"GET /{lang}/desk/institutions/{id}/rename":    analyst,
		"GET /{lang}/desk/institutions/{id}/merge":     editor,
		"GET /{lang}/desk/incidents/{id}/merge":        editor,
		"GET /{lang}/desk/institutions/{id}/withdraw":  editor,
		"GET /{lang}/desk/institutions/{id}/takedown":  admin,
		"GET /{lang}/desk/incidents/{id}/withdraw":     editor,
		"GET /{lang}/desk/incidents/{id}/takedown":     admin,
		"GET /{lang}/desk/statements/{id}/withdraw":    editor,
		"GET /{lang}/desk/statements/{id}/takedown":    admin,
		"POST /{lang}/desk/institutions/{id}/rename":   analyst,
		"POST /{lang}/desk/institutions/{id}/merge":    editor,
		"POST /{lang}/desk/incidents/{id}/merge":       editor,
		"POST /{lang}/desk/institutions/{id}/withdraw": editor,
		"POST /{lang}/desk/institutions/{id}/takedown": admin,
		"POST /{lang}/desk/incidents/{id}/withdraw":    editor,
		"POST /{lang}/desk/incidents/{id}/takedown":    admin,
		"POST /{lang}/desk/statements/{id}/withdraw":   editor,
		"POST /{lang}/desk/statements/{id}/takedown":   admin,

		"POST /api/v1/drafts/incidents":                analyst,
		"GET /api/v1/drafts/incidents/{id}":            analyst,
		"PUT /api/v1/drafts/incidents/{id}":            analyst,
		"POST /api/v1/drafts/incidents/{id}/review":    analyst,
		"POST /api/v1/drafts/statements":               analyst,
		"GET /api/v1/drafts/statements/{id}":           analyst,
		"PUT /api/v1/drafts/statements/{id}":           analyst,
		"POST /api/v1/drafts/statements/{id}/review":   analyst,
		"POST /api/v1/drafts/institutions":             analyst,
		"GET /api/v1/drafts/institutions/{id}":         analyst,
		"PUT /api/v1/drafts/institutions/{id}":         analyst,
		"POST /api/v1/drafts/institutions/{id}/review": analyst,
		"GET /{lang}/desk/account/tokens":              analyst,
		"POST /{lang}/desk/account/tokens":             analyst,
		"POST /{lang}/desk/account/tokens/revoke":      analyst,
		"GET /{lang}/desk/tokens":                      admin,
		"POST /{lang}/desk/tokens/revoke":              admin,

		"GET /{lang}/desk/vocabularies":                admin,
		"GET /{lang}/desk/vocabularies/{name}":         admin,
		"POST /{lang}/desk/vocabularies/{name}":        admin,
		"GET /{lang}/desk/vocabularies/{name}/{code}":  admin,
		"POST /{lang}/desk/vocabularies/{name}/{code}": admin,
		"GET /{lang}/desk/settings":                    admin,
		"GET /{lang}/desk/operations":                  admin,
		"POST /{lang}/desk/operations":                 admin,
		"POST /{lang}/desk/settings":                   admin,
		"GET /{lang}/desk/import":                      analyst,
		"POST /{lang}/desk/import":                     analyst,
		"GET /{lang}/desk/import/{run}":                analyst,
		"POST /{lang}/desk/import/{run}":               analyst,
		"GET /{lang}/desk/activity":                    analyst,
		"POST /{lang}/desk/activity":                   analyst,
	}
}

// TestWhoMayWhat asks for every address as nobody and as each role. What is
// asked for does not exist: who is let in gets any other answer than a refusal. What
// he gets of something that exists, by its state, is TestWhatStateAllows.
func TestWhoMayWhat(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Database(t))
	persons := []struct {
		role  register.AccountRole
		email string
	}{
		{register.RoleViewer, ""}, {register.RoleAnalyst, testkit.Analyst}, {register.RoleEditor, testkit.Editor}, {register.RoleAdmin, testkit.Admin},
	}
	ranks := slices.Concat([]register.AccountRole{register.RoleViewer}, register.AccountRoles())
	table := leastRoles()
	routes := web.Routes()
	// Who has signed out is let in nowhere after that.
	slices.SortStableFunc(routes, func(a, b web.Route) int {
		return strings.Count(a.Pattern, "/desk/logout") - strings.Count(b.Pattern, "/desk/logout")
	})
	for _, r := range routes {
		name := r.Method + " " + r.Pattern
		least, ok := table[name]
		if !ok {
			t.Errorf("%s has no entry in the table of who may what", name)
			continue
		}
		delete(table, name)
		if r.IsProgram() {
			continue // they come with a token: see TestScopesAndRoles, and TestWhatStateAllows
		}
		for _, p := range persons {
			may := slices.Index(ranks, p.role) >= slices.Index(ranks, least)
			a := askAs(t, s, r, p.email)
			if refused := isRefusal(a); refused == may {
				t.Errorf("%s as %q: status %d %s", name, p.role, a.Status, a.Header.Get("Location"))
			}
		}
	}
	for name := range table {
		t.Errorf("the table names %s, which is no route", name)
	}
}

func askAs(t *testing.T, s *deskSite, r web.Route, email string) *testkit.Answer {
	t.Helper()
	change := func(*http.Request) {}
	if email != "" {
		change = testkit.As(email)
	}
	target := strings.ReplaceAll(strings.ReplaceAll(example(r.Pattern), "{slug}", "x"), "*", "x")
	if r.Method == http.MethodPost {
		return testkit.Post(t, s, target, nil, change)
	}
	return testkit.Ask(t, s, target, change)
}

// isRefusal reports whether somebody was not let in: refused, or sent to sign in.
func isRefusal(a *testkit.Answer) bool {
	return a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden ||
		a.Status == http.StatusSeeOther && strings.Contains(a.Header.Get("Location"), "/desk/login")
}
