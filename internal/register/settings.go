package register

// Settings are what an admin sets for everybody.
type Settings struct {
	// StaleReferralDays is after how many days without news a referral that
	// nobody confirmed is worth a check; it is also how often staff is told.
	StaleReferralDays int
	// ReviewReminderDays is after how many days a review that nobody decided is
	// told of again.
	ReviewReminderDays int
	// MailRetentionDays is how long mails are kept after they were sent.
	MailRetentionDays int
	// RecheckDays is after how many days the address of a source is looked at
	// again.
	RecheckDays int
	Version     int // the optimistic lock of who changes them
}

// Validate returns everything that is wrong with the settings. The fields are
// "stale", "review", "mails" and "recheck".
func (s *Settings) Validate() Problems {
	v := &validator{}
	for _, bound := range []struct {
		field           string
		value, from, to int
	}{
		{"stale", s.StaleReferralDays, 1, 3650},
		{"review", s.ReviewReminderDays, 1, 365},
		{"mails", s.MailRetentionDays, 7, 365},
		{"recheck", s.RecheckDays, 1, 365},
	} {
		if bound.value < bound.from || bound.value > bound.to {
			v.add(bound.field, "days-malformed", "")
		}
	}
	return v.problems
}
