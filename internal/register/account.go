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
	MayRead              Permission = "read"  // published editions, search, feeds, exports, the log
	MayDraft             Permission = "draft" // log and change drafts
	MayComment           Permission = "comment"
	MayAssign            Permission = "assign"
	MaySendToReview      Permission = "send-to-review"
	MayDiscardOwn        Permission = "discard-own"
	MayReadOrigins       Permission = "read-origins" // what imported records were, word for word
	MayReview            Permission = "review"       // approve, or return with a reason
	MayPublish           Permission = "publish"
	MayCorrect           Permission = "correct"
	MayWithdraw          Permission = "withdraw"
	MayMerge             Permission = "merge"
	MayPublishImport     Permission = "publish-import"
	MayAdminAccounts     Permission = "admin-accounts" // accounts, roles, tokens
	MayAdminVocabularies Permission = "admin-vocabularies"
	MayAdminSettings     Permission = "admin-settings"
	MayTakeDown          Permission = "take-down"         // ask for it
	MayConfirmTakeDown   Permission = "confirm-take-down" // as the second person
)

// Permissions lists all permissions.
func Permissions() []Permission {
	return slices.Concat([]Permission{MayRead}, staffPermissions(), editorPermissions(), adminPermissions())
}

func staffPermissions() []Permission {
	return []Permission{MayDraft, MayComment, MayAssign, MaySendToReview, MayDiscardOwn, MayReadOrigins}
}

func editorPermissions() []Permission {
	return []Permission{MayReview, MayPublish, MayCorrect, MayWithdraw, MayMerge, MayPublishImport, MayConfirmTakeDown}
}

func adminPermissions() []Permission {
	return []Permission{MayAdminAccounts, MayAdminVocabularies, MayAdminSettings, MayTakeDown}
}

// Can reports whether the role has the permission (who does what, in
// ARCHITECTURE.md). That nobody approves what he changed himself is not a
// matter of roles: see editorial, and the database.
func (r AccountRole) Can(p Permission) bool {
	may := []Permission{MayRead}
	switch r {
	case RoleAnalyst:
		may = append(may, staffPermissions()...)
	case RoleEditor:
		may = slices.Concat(may, staffPermissions(), editorPermissions())
	case RoleAdmin:
		may = Permissions()
	case RoleViewer:
	}
	return slices.Contains(may, p)
}

// Actor is who does something at the desk.
type Actor struct {
	ID   string // random identifier of the account
	Role AccountRole
}
