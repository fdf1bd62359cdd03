package desk

// OperationsPage shows how the installation does.
type OperationsPage struct {
	Frame
	// Alarms are what somebody has to look at, each with the part of the page where
	// it stands.
	Alarms []OperationsAlarm
	// Gone says that a job could not be done again; "" for nothing.
	Gone                                         string
	Program, Work, Publication, Copies, Settings []OperationsFact
	Sides, Queues, Events                        OperationsTable
	Jobs                                         []OperationsJob
	CopiesHint, SettingsHint, EventsName         string
}

// OperationsAlarm is something that somebody has to look at.
type OperationsAlarm struct{ Text, Part string }

// OperationsFact is a line of a list.
type OperationsFact struct {
	Term, Text string
	// Bad marks what is not as it should be; it is said in the alarms, too.
	Bad bool
}

// OperationsTable is a table whose first column names its rows.
type OperationsTable struct {
	Empty string // is said of a table without rows
	Head  []string
	Rows  []OperationsRow
}

// OperationsRow is a row of a table.
type OperationsRow struct {
	Name, Href string // Href leads to more of it; "" to nothing
	Cells      []string
}

// OperationsJob is a job that failed.
type OperationsJob struct {
	ID, Kind, Attempts, Last, Cause, Next, Retry string
	What                                         string // tells its button from others, for who does not see the table
}
