package web_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/web"
	"github.com/sijil/sijil/internal/web/desk"
)

// staleSessions are sessions whose last proof is too old for what is dangerous.
type staleSessions struct{ desk.Sessions }

func (s staleSessions) Who(ctx context.Context, token string) (desk.Who, error) {
	who, err := s.Sessions.Who(ctx, token)
	who.Stale = !who.IsZero()
	return who, err
}

// TestWhatReadersSeeAsksForAFreshProof: what changes for readers at once, and how
// somebody signs in, is done by nobody who found a browser left open. The list is
// written by hand, apart from the routes; what is not on it asks for no new proof, or
// for the password in the form itself.
func TestWhatReadersSeeAsksForAFreshProof(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Database(t), func(c *desk.Config) { c.Sessions = staleSessions{c.Sessions} })
	want := []string{
		"/{lang}/desk/account/tokens",
		"/{lang}/desk/accounts/new",
		"/{lang}/desk/accounts/{account}",
		"/{lang}/desk/accounts/{account}/clear-factors",
		"/{lang}/desk/accounts/{account}/deactivate",
		"/{lang}/desk/accounts/{account}/link",
		"/{lang}/desk/accounts/{account}/reactivate",
		"/{lang}/desk/decisions/{decision} confirm",
		"/{lang}/desk/incidents/{id}/takedown",
		"/{lang}/desk/institutions/{id}/takedown",
		"/{lang}/desk/review/{id} publish",
		"/{lang}/desk/statements/{id}/takedown",
		"/{lang}/desk/vocabularies/{name}",
		"/{lang}/desk/vocabularies/{name}/{code}",
	}
	asks := func(r web.Route, form url.Values) bool {
		form.Set("csrf", testkit.CSRF)
		target := strings.ReplaceAll(strings.ReplaceAll(example(r.Pattern), "{slug}", "x"), "*", "x")
		a := testkit.Post(t, s, target, form, testkit.As(testkit.Admin))
		return a.Status == http.StatusUnauthorized && a.Count(`form[action$="/desk/confirm"]`) > 0
	}
	var got []string
	for _, r := range web.Routes() {
		if !r.IsDesk() || r.Method != http.MethodPost || r.Permission == register.MayRead {
			continue
		}
		if asks(r, url.Values{}) {
			got = append(got, r.Pattern)
			continue
		}
		for _, act := range []string{"publish", "confirm"} {
			if asks(r, url.Values{"act": {act}, "do": {act}}) {
				got = append(got, r.Pattern+" "+act)
			}
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("asked for a new proof at\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
