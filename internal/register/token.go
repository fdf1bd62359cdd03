package register

import "time"

// Scope is something that a program may do with a token, in the name of whoever
// made it, who must be allowed to do it himself.
type Scope string

// The scopes. None lets a program publish.
const (
	ScopeRead  Scope = "drafts:read"  // read drafts
	ScopeWrite Scope = "drafts:write" // make and change drafts
	ScopeSend  Scope = "drafts:send"  // send drafts for review
)

// Scopes lists all scopes.
func Scopes() []Scope { return []Scope{ScopeRead, ScopeWrite, ScopeSend} }

// Permission is what the owner of a token must be allowed.
func (s Scope) Permission() Permission {
	if s == ScopeSend {
		return MaySendToReview
	}
	return MayDraft
}

// Token is a token of a program as it is known: not the token itself.
type Token struct {
	ID        string
	Account   string // identifier of its owner
	Owner     string // his name
	Name      string
	Scopes    []Scope
	CreatedAt time.Time
	ExpiresAt time.Time
	UsedAt    *time.Time // nil: never
	RevokedAt *time.Time // nil: not revoked
}

// Good reports whether the token can be used at a moment.
func (t *Token) Good(now time.Time) bool { return t.RevokedAt == nil && now.Before(t.ExpiresAt) }
