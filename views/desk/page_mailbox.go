package desk

// MailboxPage shows the mails that the demonstration does not send.
type MailboxPage struct {
	Frame
	Mails []MailView
	// First and Next lead to other pages of the list; "" to none.
	First, Next string
}

// MailView is a mail as its receiver would read it, in his language.
type MailView struct {
	ID, Subject, Lang, Dir string
	To, Name, At, State    string
	Paragraphs             []string
	Quote                  string
	Items                  []MailItem
	ActionLabel, ActionURL string
}

// MailItem is one of the records that a mail is about.
type MailItem struct {
	Label, Note, URL string
}
