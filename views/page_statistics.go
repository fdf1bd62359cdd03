package views

import "github.com/sijil/sijil/views/ui"

// StatisticsPage is the counts over the register.
type StatisticsPage struct {
	Frame
	Action  string // address of the form
	Filters []ui.Field
	Active  bool   // something is chosen
	Count   string // of incidents
	Counted string // when, where the figures are not current
	Charts  []Chart
}

// Chart is a table whose rows carry bars.
type Chart struct {
	ID        string
	Title     string
	Label     string // of the first column
	Columns   []string
	Rows      []ChartRow
	Note      string // what the chart says in words; "" for nothing
	How       string // how it is computed
	CSV       string
	Permalink string
}

// ChartRow is one line of a chart.
type ChartRow struct {
	Label  ui.Link
	Bars   []ChartBar
	Values []string // one for each column
}

// ChartBar is a part of a bar. Class is sure for what is certain, else maybe or none;
// X and Width are percentages.
type ChartBar struct{ Class, X, Width string }
