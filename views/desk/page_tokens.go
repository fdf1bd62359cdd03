package desk

import "github.com/sijil/sijil/views/ui"

// TokensPage lists tokens of programs, with the form for another.
type TokensPage struct {
	Frame
	Problems []ui.Problem
	Rows     []TokenRow
	Fields   []ui.Field // none where tokens are not made
	Scopes   []ScopeBox
	// ScopesProblem is what is wrong with the choice of scopes.
	ScopesProblem string
}

// ScopeBox is something that a token may be made for.
type ScopeBox struct {
	ID, Value, Label string
	Checked          bool
}

// TokenRow is one token.
type TokenRow struct {
	ID, Name, Owner, Made, Until, Used, State string
	Scopes                                    []string
	Revoke                                    string // where it is revoked; "" for one that has ended
}

// NewTokenPage shows a token, once.
type NewTokenPage struct {
	Frame
	Token string
	Next  string
}
