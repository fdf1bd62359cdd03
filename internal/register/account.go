package register

import "slices"

// AccountRole is what a person may do at the desk; the zero role is a public
// viewer.
type AccountRole string

// The roles of accounts.
const (
	RoleViewer  AccountRole = ""
	RoleAnalyst AccountRole = "analyst"
	RoleEditor  AccountRole = "editor"
	RoleAdmin   AccountRole = "admin"
)

// AccountRoles lists the roles of staff, from the least to the most right.
func AccountRoles() []AccountRole { return []AccountRole{RoleAnalyst, RoleEditor, RoleAdmin} }

// Permission is something that a role may do.
type Permission string

// The permissions.
const (
	MayRead         Permission = "read"  // published editions
	MayDraft        Permission = "draft" // log and change drafts
	MaySendToReview Permission = "send-to-review"
	MayReview       Permission = "review" // approve or return
	MayPublish      Permission = "publish"
)

// Permissions lists all permissions.
func Permissions() []Permission {
	return []Permission{MayRead, MayDraft, MaySendToReview, MayReview, MayPublish}
}

// Can reports whether the role has the permission (MODEL "Who does what").
// That nobody approves what he changed himself is not a matter of roles: see
// editorial, and the database.
func (r AccountRole) Can(p Permission) bool {
	switch p {
	case MayRead:
		return true
	case MayDraft, MaySendToReview:
		return slices.Contains(AccountRoles(), r)
	case MayReview, MayPublish:
		return r == RoleEditor || r == RoleAdmin
	}
	return false
}

// Actor is who does something at the desk.
type Actor struct {
	ID   string // random identifier of the account
	Role AccountRole
}
