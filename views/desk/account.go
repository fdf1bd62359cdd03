package desk

import "github.com/sijil/sijil/views/ui"

// EntryPage is a page with one small form: signing in, and what changes how one
// does.
type EntryPage struct {
	Frame
	Lead     []string
	Problems []ui.Problem
	// Username is whose password the form asks for, where no field says it: for
	// programs that keep passwords. It is not shown.
	Username string
	Fields   []ui.Field
	Hidden   []Pair
	Submit   string // "" for a page without a form
	Passkey  *PasskeyForm
	Links    []NavLink
}

// Pair is a hidden field.
type Pair struct{ Name, Value string }

// PasskeyForm is a form that a script fills with a passkey's answer; without a
// script it is not shown.
type PasskeyForm struct {
	Ask    string // where the script asks for the question, after /{lang}
	Post   string // where the answer goes, after /{lang}
	Create bool   // a new passkey is made
	Name   *ui.Field
	Hidden []Pair
	Submit string
}

// AccountPage is a person's own account.
type AccountPage struct {
	Frame
	Problems []ui.Problem
	Fields   []ui.Field
	Email    string
	Factor   string // how the second factor stands, in words
	Sessions []SessionRow
	Others   bool // there are other sessions to end
}

// SessionRow is a device on which the person has signed in.
type SessionRow struct {
	ID, Device, Network, Seen, Since string
	Current                          bool
}

// FactorsPage is a person's second factors.
type FactorsPage struct {
	Frame
	Must     bool // one must be set up before anything else
	TOTP     bool
	Passkeys []PasskeyRow
	Add      *PasskeyForm // nil where the address cannot have passkeys
	// Recovery says how many recovery codes are left; "" without a factor.
	Recovery string
}

// PasskeyRow is one passkey.
type PasskeyRow struct{ ID, Name, Made, Used string }

// TOTPPage sets up an application for one-time codes.
type TOTPPage struct {
	Frame
	Problems []ui.Problem
	Image    string // a data: address
	Secret   string
	Code     ui.Field
}

// RecoveryPage shows recovery codes, once.
type RecoveryPage struct {
	Frame
	Codes []string
	Next  string // where to go on to
}

// StaffPage lists the accounts, for an admin.
type StaffPage struct {
	Frame
	Invite string // address of the page to invite somebody
	Rows   []StaffRow
	// Lookalikes are those of all names and addresses.
	Lookalikes Lookalikes
}

// StaffRow is one account.
type StaffRow struct {
	Href, Name, Email, Role, State, Factor, Seen string
}

// StaffMemberPage is one account, for an admin.
type StaffMemberPage struct {
	Frame
	Row        StaffRow
	Problems   []ui.Problem
	Role       ui.Field
	Lookalikes Lookalikes
	// What can be done; "" for what cannot.
	SendLink, ClearFactors, Deactivate, Reactivate string
	List                                           string
}

// LinkPage shows a link that somebody has to hand over, once.
type LinkPage struct {
	Frame
	Lead []string
	Link string // absolute; "" where it went out by mail
	Next string
}
