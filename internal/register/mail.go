package register

import (
	"slices"
	"time"
)

// MailKind is what a mail is about.
type MailKind string

// The kinds of mails.
const (
	MailInvitation      MailKind = "invitation"
	MailPasswordReset   MailKind = "password-reset"
	MailConfirmAddress  MailKind = "confirm-address"
	MailAddressChanged  MailKind = "address-changed" // to the old one
	MailPasswordChanged MailKind = "password-changed"
	MailPasswordSet     MailKind = "password-set" // by a link: tokens are void
	MailTokenMade       MailKind = "token-made"
	MailNewDevice       MailKind = "new-device"
	MailSecondFactor    MailKind = "second-factor"
	MailReturned        MailKind = "returned"
	MailReview          MailKind = "review"
	MailReviewWaits     MailKind = "review-waits"
	MailAssigned        MailKind = "assigned"
	MailPublished       MailKind = "published"
	MailNotPublished    MailKind = "not-published" // at the time that was set
	MailStaleReferrals  MailKind = "stale-referrals"
)

// MailKinds lists all kinds of mails.
func MailKinds() []MailKind {
	return []MailKind{
		MailInvitation, MailPasswordReset, MailConfirmAddress, MailAddressChanged, MailPasswordChanged,
		MailNewDevice, MailSecondFactor, MailReturned, MailReview, MailReviewWaits, MailAssigned, MailPublished, MailNotPublished, MailStaleReferrals,
		MailPasswordSet, MailTokenMade,
	}
}

// Secret reports whether the link in a mail of this kind lets in whoever has
// it: it is taken out of the outbox as soon as it was sent.
func (k MailKind) Secret() bool {
	return slices.Contains([]MailKind{MailInvitation, MailPasswordReset, MailConfirmAddress}, k)
}

// Mail is a mail as a value: what it says, in no language yet. It is written
// in the language of the account that it goes to.
type Mail struct {
	Kind MailKind `json:"-"`
	// To is the account that it goes to. Where it is empty, or the mail must go
	// to another address than the account's, Address, Name and Language say it.
	To       string `json:"-"`
	Address  string `json:"-"`
	Name     string `json:"-"`
	Language Lang   `json:"-"`

	// Path is what the mail leads to, below the language: "/desk/review".
	Path string `json:"path,omitempty"`
	// By is the name of who did what the mail tells of.
	By string `json:"by,omitempty"`
	// Title is the title of the record that it is about; see also Items.
	Title Text `json:"title,omitempty"`
	// Note is what that person wrote: a remark, a reason, a question.
	Note string `json:"note,omitempty"`
	// Device says in words of the program where somebody signed in from, such
	// as "Firefox, Windows".
	Device string `json:"device,omitempty"`
	// At is when it happened.
	At time.Time `json:"at,omitzero"`
	// Until is how long the link may be used; later the mail is not sent.
	Until time.Time `json:"until,omitzero"`
	// Items are the records of a mail about several.
	Items []MailItem `json:"items,omitempty"`
}

// MailItem is one of several records that a mail is about.
type MailItem struct {
	Title Text   `json:"title"`
	Path  string `json:"path"`
	Days  int    `json:"days"` // since it was last heard of, or waits
}
