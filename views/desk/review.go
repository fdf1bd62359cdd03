package desk

import (
	"github.com/sijil/sijil/views"
	"github.com/sijil/sijil/views/ui"
)

// QueuePage lists the reviews that are open.
type QueuePage struct {
	Frame
	Filters []ui.Field
	Rows    []QueueRow
	// Empty says why there is no row.
	Empty       string
	First, Next string // addresses; "" for none
}

// QueueRow is one review that waits.
type QueueRow struct {
	Href      string
	Title     ui.Text
	Kind      string
	Reference string
	With      string // what goes along; "" for nothing
	By, Age   string
	State     string
	// Claim is what the button says that takes it; "" for no button.
	Claim, Path string
}

// ReviewPage is one review: what differs, and what to decide.
type ReviewPage struct {
	Frame
	Title2   ui.Text // of the record for which it was asked
	Lead     string
	Note     string
	State    string // what became of it, or for when it is set
	StateBad bool
	// Refusal says why the person who looks at it may not decide it.
	Refusal  string
	Problems []ui.Problem
	Restored *Restored
	Records  []ReviewRecord
	Carried  []CarriedRow
	// CarriedCount counts also those that are not listed; CarriedMore says how many.
	CarriedCount int
	CarriedMore  string
	Comments     []CommentRow
	// Comment is the field for a remark, and About the choice of the record.
	Comment ui.Field
	About   *ui.Field
	// Acts are forms with one button: take, let go, take back a set time.
	Acts   []ReviewAct
	Decide *DecisionForm
}

// ReviewAct is a form with one button.
type ReviewAct struct {
	Act, Label string
}

// DecisionForm is what a reviewer fills in.
type DecisionForm struct {
	Checks  []CheckRow
	Reasons []ui.Field
	// Correction means that something of it is public already; Material that
	// what is corrected may have misled.
	Correction, Material bool

	When    ui.Field
	At      ui.Field
	Remarks ui.Field
	Publish string
}

// CheckRow is one item of the checklist.
type CheckRow struct {
	Name, Label, Hint, Error string
	On                       bool
}

// ReviewRecord is one of the records that were sent together.
type ReviewRecord struct {
	ID      string // of its section
	Title   ui.Text
	Kind    string
	Edition string
	Counts  string
	Record  string // address
	Groups  []DiffGroup
	// Lookalikes are those of the version that is reviewed, and of its sources.
	Lookalikes Lookalikes
}

// What differs is drawn as for readers of editions.
type (
	DiffGroup = views.DiffGroup
	DiffLine  = views.DiffLine
	DiffRun   = views.DiffRun
	DiffField = views.DiffField
)

// CarriedRow is a public record that gets a new edition.
type CarriedRow struct {
	Title ui.Text
	Line  string
	Shows []ui.Link // what it shows, leading to the differences
}

// CommentRow is a remark.
type CommentRow struct {
	By, At, About, Body string
}

// SendPage asks for a review.
type SendPage struct {
	Frame
	Name     ui.Text
	Problems []ui.Problem
	// Blocked says why it cannot be sent now, and BlockedHref leads on.
	Blocked, BlockedHref string
	Needed               []SendRow
	Optional             []SendRow
	Elsewhere            []SendRow
	Note                 ui.Field
}

// SendRow is a record that goes along.
type SendRow struct {
	ID    string
	Title ui.Text
	Kind  string
	Href  string
	On    bool
}

// HistoryPage is what happened to a record.
type HistoryPage struct {
	Frame
	Name     ui.Text
	Line     string // reference, kind, state
	Links    []ui.Link
	Problems []ui.Problem
	Acts     []HistoryRow
	Next     string
	First    string
	Comment  ui.Field
	Assign   ui.Field
	// Discard is what the button says that puts the draft away; "" for none.
	Discard, Version string
	// Differences are those between two versions; nil where none were asked for.
	Differences *Differences
}

// Differences are what was made of a record between two versions.
type Differences struct {
	Heading string
	By      string
	Groups  []DiffGroup
	None    string // why there are none
}

// HistoryRow is one act.
type HistoryRow struct {
	At, By, Act, Text string
	// Differences is where the change is shown word by word; "" for what is
	// none.
	Differences string
}
