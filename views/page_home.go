package views

import "github.com/sijil/sijil/views/ui"

// HomePage is the front of the register.
type HomePage struct {
	Frame
	Search   string // address of the search
	Examples []ui.Link
	Lead     *LeadRecord // the record to begin with; nil when there is none
	Rows     []ui.Row
	All      ui.Link // to the list of incidents
	// Silences are the referrals on which nothing has followed for longest.
	Silences    []ReferralItem
	AllSilences ui.Link
	Charts      []Chart
	AllCharts   ui.Link
	Figures     []KeyFigure
	Updated     ui.Date
	// Counted says when figures and charts were counted that are not current, or that
	// they are being counted; then there are none.
	Counted string
}

// LeadRecord is the record that the home page opens with.
type LeadRecord struct {
	Href      string
	Reference string
	Country   string
	Date      ui.Date
	Title     ui.Text
	Summary   ui.Text
	Facts     []ui.Fact
}

// KeyFigure is one number about the register.
type KeyFigure struct{ Figure, Label string }

// IncidentsPage is the list of incidents, searched, filtered and ordered.
type IncidentsPage struct {
	Frame
	Files  ListFiles
	Search string // address of the search
	Query  string
	// Hidden are the choices that a new search keeps: name and value.
	Hidden []ui.Labelled
	// Active are the filters that are on; following one takes it off.
	Active []ui.Chip
	Clear  string // address of the list without any filter
	Count  string // "38 incidents"
	Sorts  []ui.Option
	Rows   []ui.Row
	First  string // address of the first page, when this is not it
	Next   string
	Empty  bool
	Advice []string // what to try when nothing was found
	// Facets are the fields by whose values can be chosen; Sampled says, where the
	// list is long, of which incidents they are counted.
	Facets  []FacetGroup
	Sampled string
	// Others are what a search finds besides incidents, each with its number.
	Others []ui.Chip
	// Meant is what a search that found nothing may have meant.
	Meant *ui.Link
	Help  []ui.Labelled // what can be typed, with what it does
}

// SearchPage is what a search finds of one kind.
type SearchPage struct {
	Frame
	Search, Query string
	Hidden        []ui.Labelled // what a new search keeps
	Kinds         []ui.Chip     // what is found of each kind
	Count         string        // empty where nothing was searched for yet
	Hits          []SearchHit
	First, Next   string
	Empty         bool
	Meant         *ui.Link
	Help          []ui.Labelled
}

// SearchHit is something that was found.
type SearchHit struct {
	Href      string
	Date      ui.Date
	Title     ui.Text
	Reference string
	Who       ui.Text
	// Marked is the title where words were found in it, Excerpt another text with
	// them.
	Marked, Excerpt *ui.Marked
}

// ErrorPage says what happened and what to do.
type ErrorPage struct {
	Frame
	Status   int
	Rubric   string
	Happened string
	ToDo     string
	// Notice is why a record is shown no more, Since from when on.
	Notice    ui.Text
	Since     string
	Search    string // address of the search; empty where searching is no help
	Links     []ui.Link
	RequestID string
}
