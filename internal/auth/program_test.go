package auth_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/auth"
	"github.com/sijil/sijil/internal/register"
)

// TestWhatATokenIsMadeWith: a name, scopes that there are, a time that it lasts; and so
// many for each account.
func TestWhatATokenIsMadeWith(t *testing.T) {
	h := newHouse(t)
	h.hire("here@example.org", register.RoleEditor)
	s := h.enter("here@example.org")
	token := func(change func(*auth.NewToken)) auth.NewToken {
		n := auth.NewToken{Name: "Outil", Scopes: []register.Scope{register.ScopeRead}, Days: 7}
		change(&n)
		return n
	}
	for problem, change := range map[string]func(*auth.NewToken){
		"problem.name-missing": func(n *auth.NewToken) { n.Name = " " },
		"problem.token-scopes": func(n *auth.NewToken) { n.Scopes = nil },
		"problem.token-days":   func(n *auth.NewToken) { n.Days = 36_500 },
	} {
		_, err := h.MakeToken(t.Context(), s, token(change))
		wantProblem(t, problem, err, problem)
	}
	_, err := h.MakeToken(t.Context(), s, token(func(n *auth.NewToken) { n.Scopes = append(n.Scopes, "everything") }))
	wantProblem(t, "a scope that is none", err, "problem.token-scopes")

	for n := range 20 {
		_, err := h.MakeToken(t.Context(), s, token(func(*auth.NewToken) {}))
		wantIs(t, fmt.Sprint(n), err, nil)
	}
	_, err = h.MakeToken(t.Context(), s, token(func(*auth.NewToken) {}))
	wantProblem(t, "one too many", err, "problem.token-count")
	tokens, err := h.Tokens(t.Context(), s)
	if err != nil || len(tokens) != 20 {
		t.Fatalf("%d tokens, %v", len(tokens), err)
	}
	wantIs(t, "one is revoked", h.RevokeToken(t.Context(), s.Actor(), tokens[0].ID), nil)
	_, err = h.MakeToken(t.Context(), s, token(func(n *auth.NewToken) { n.Days = 365 }))
	wantIs(t, "in its place", err, nil)
	h.clock.Advance(8 * 24 * time.Hour)
	_, err = h.MakeToken(t.Context(), h.enter("here@example.org"), token(func(*auth.NewToken) {}))
	wantIs(t, "in the place of those that have expired", err, nil)
}
