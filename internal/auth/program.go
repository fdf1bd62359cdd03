package auth

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// TokenPrefix begins each token of a program, so that programs which look for
// secrets in what is put up find it.
const TokenPrefix = "sjl_"

const (
	// mostTokens is how many tokens an account may have that can be used.
	mostTokens = 20
	// longestName is how long the name of a token may be.
	longestName = 80
)

// TokenDays are the times, in days, for which a token can be made.
func TokenDays() []int { return []int{7, 30, 90, 365} }

// NewToken is what a token is made with.
type NewToken struct {
	Name   string
	Scopes []register.Scope
	Days   int // one of TokenDays
}

// validate returns the problems of what a token is made with, by the fields "name",
// "scopes" and "days".
func (n *NewToken) validate() register.Problems {
	var out register.Problems
	switch {
	case n.Name == "":
		out = append(out, register.Problem{Field: "name", Key: "problem.name-missing"})
	case utf8.RuneCountInString(n.Name) > longestName:
		out = append(out, register.Problem{Field: "name", Key: "problem.token-name-long"})
	}
	if len(n.Scopes) == 0 || slices.ContainsFunc(n.Scopes, func(s register.Scope) bool { return !slices.Contains(register.Scopes(), s) }) {
		out = append(out, register.Problem{Field: "scopes", Key: "problem.token-scopes"})
	}
	if !slices.Contains(TokenDays(), n.Days) {
		out = append(out, register.Problem{Field: "days", Key: "problem.token-days"})
	}
	return out
}

// MakeToken makes a token for a program of the session's person, and returns it:
// it is kept by its hash alone, and its owner is told by a letter. It returns ErrProofWanted, ErrForbidden for a scope
// of which the person has not the right, and Problems.
func (a *Auth) MakeToken(ctx context.Context, s Session, n NewToken) (string, error) {
	if err := a.Fresh(s); err != nil {
		return "", err
	}
	return a.makeToken(ctx, s, n)
}

func (a *Auth) makeToken(ctx context.Context, s Session, n NewToken) (string, error) {
	actor := s.Actor()
	n.Name = strings.TrimSpace(n.Name)
	if err := n.validate().OrNil(); err != nil {
		return "", err
	}
	slices.Sort(n.Scopes)
	n.Scopes = slices.Compact(n.Scopes)
	for _, scope := range n.Scopes {
		if !actor.Role.Can(scope.Permission()) {
			return "", register.ErrForbidden
		}
	}
	random, _ := newToken()
	token := TokenPrefix + random
	now := a.now()
	err := a.inTx(ctx, func(q store.Querier, d *desk.Queries) error {
		if err := a.stillIn(ctx, d, s); err != nil {
			return err
		}
		have, err := d.CountTokens(ctx, actor.ID, now)
		if err != nil {
			return err
		}
		if have >= mostTokens {
			return register.Problems{{Field: "name", Key: "problem.token-count"}}
		}
		id, err := d.InsertToken(ctx, hashToken(token), register.Token{
			Account: actor.ID, Name: n.Name, Scopes: n.Scopes, CreatedAt: now, ExpiresAt: now.AddDate(0, 0, n.Days),
		})
		if err != nil {
			return err
		}
		owner, err := d.StaffByID(ctx, actor.ID)
		if err != nil {
			return err
		}
		err = a.send(ctx, q, Letter{
			Kind: LetterToken, To: owner.Email, Name: owner.Name, Lang: owner.Language, Path: tokensPlace(owner.Language), At: now, Token: n.Name,
		})
		if err != nil {
			return err
		}
		return d.Audit(ctx, actor.ID, "make-token", "", 0, map[string]any{"token": id, "scopes": n.Scopes, "days": n.Days})
	})
	return token, err
}

// stillIn returns ErrNoSession for a session that has ended since it was looked up: a
// token that is made while a new password voids all of them is not to outlive it. It
// holds the account's sessions until the end of the transaction. What the program does
// by itself has no token of a session.
func (a *Auth) stillIn(ctx context.Context, d *desk.Queries, s Session) error {
	if s.Token == "" {
		return nil
	}
	if err := d.LockSessions(ctx, s.Account.ID); err != nil {
		return err
	}
	_, err := d.SessionByToken(ctx, hashToken(s.Token), a.alive())
	if errors.Is(err, register.ErrNotFound) {
		return ErrNoSession
	}
	return err
}

// Tokens lists the tokens of the session's person.
func (a *Auth) Tokens(ctx context.Context, s Session) ([]register.Token, error) {
	return a.queries.Tokens(ctx, s.Account.ID, a.now())
}

// AllTokens lists the tokens of everybody. It returns ErrForbidden.
func (a *Auth) AllTokens(ctx context.Context, actor register.Actor) ([]register.Token, error) {
	if err := mayAdmin(actor); err != nil {
		return nil, err
	}
	return a.queries.Tokens(ctx, "", a.now())
}

// RevokeToken ends a token of the actor's own, or, for an admin, of anybody. It
// returns ErrNotFound for one that has ended, or is none of his.
func (a *Auth) RevokeToken(ctx context.Context, actor register.Actor, id string) error {
	if !isID(id) {
		return register.ErrNotFound
	}
	of := actor.ID
	if mayAdmin(actor) == nil {
		of = ""
	}
	return a.inTx(ctx, func(_ store.Querier, d *desk.Queries) error {
		owner, _, err := d.RevokeToken(ctx, id, of, actor.ID, a.now())
		if err != nil {
			return err
		}
		return d.Audit(ctx, actor.ID, "revoke-token", "", 0, map[string]any{"token": id, "account": owner})
	})
}

// Program is who works by a token: its owner, with no more than its scopes.
type Program struct {
	register.Actor
	Token  string // its identifier
	Scopes []register.Scope
}

// May returns ErrForbidden unless the token has a scope and its owner the right.
func (p *Program) May(scope register.Scope) error {
	if !slices.Contains(p.Scopes, scope) || !p.Role.Can(scope.Permission()) {
		return register.ErrForbidden
	}
	return nil
}

// usedStep is how exactly it is kept when a token was used last.
const usedStep = time.Minute

// Program tells who works by a token. It returns ErrNoSession for one that is not
// known, has expired or was revoked, and where its owner is let in no more. That is
// counted, and has no line in the audit: anybody could fill that.
func (a *Auth) Program(ctx context.Context, token string) (Program, error) {
	p, err := a.program(ctx, token)
	if errors.Is(err, ErrNoSession) {
		a.tellFailed("token-refused")
	}
	return p, err
}

func (a *Auth) program(ctx context.Context, token string) (Program, error) {
	if !strings.HasPrefix(token, TokenPrefix) {
		return Program{}, ErrNoSession
	}
	now := a.now()
	t, role, err := a.queries.TokenByHash(ctx, hashToken(token), now)
	if errors.Is(err, register.ErrNotFound) {
		return Program{}, ErrNoSession
	}
	if err != nil {
		return Program{}, err
	}
	if t.UsedAt == nil || now.Sub(*t.UsedAt) >= usedStep {
		if err := a.queries.UseToken(ctx, t.ID, now); err != nil {
			return Program{}, err
		}
	}
	return Program{Actor: register.Actor{ID: t.Account, Role: role}, Token: t.ID, Scopes: t.Scopes}, nil
}
