package views

import "github.com/sijil/sijil/views/ui"

// ListPage is what all lists have.
type ListPage struct {
	Frame
	Heading, Intro string
	Count          string
	Active         []ui.Chip // choices that are on, each to be taken off
	Facets         []FacetGroup
	Sampled        string // says, where they were counted over a part of the list, over which
	Clear          string // address without any choice
	Empty          bool
	None           string // said when nothing is chosen by the filters
	First, Next    string // addresses of pages
	Files          ListFiles
}

// ListFiles lead to a list as files; the note says when they hold a part of it.
type ListFiles struct {
	Links []ui.Link
	Note  string
}

// FacetGroup is a field by whose values can be chosen.
type FacetGroup struct {
	Label   string
	Options []FacetOption
	Closed  bool // it opens at a click
}

// FacetOption is a value of a field with the number of records that have it.
type FacetOption struct {
	Href, Label, Count string
	Current            bool
}

// StatementsPage is a page of the list of statements.
type StatementsPage struct {
	ListPage
	Rows []StatementItem
}

// StatementItem is one statement in the list.
type StatementItem struct {
	Href      string
	Title     ui.Text
	Summary   ui.Text
	Who       ui.Text
	Kind      string
	Date      ui.Date
	Tags      []ui.Tag
	Languages string
	Incidents []ui.Link
}

// InstitutionsPage is a page of the list of institutions.
type InstitutionsPage struct {
	ListPage
	Rows []InstitutionItem
}

// InstitutionItem is one institution in the list. A number that is 0 is empty.
type InstitutionItem struct {
	Href                                  string
	Name, Short, AltName                  ui.Text
	Kind, Country                         string
	Incidents, Statements, Made, Received string
}

// ReferralsPage is a page of the register of referrals.
type ReferralsPage struct {
	ListPage
	Sorts       []ui.Option
	Rows        []ReferralItem
	Authorities []AuthorityItem
}

// ReferralItem is one referral in the register.
type ReferralItem struct {
	Href     string
	Title    ui.Text
	Incident ui.Link
	Kind     string
	From     ui.Text
	To       ui.Link
	Step     string
	Level    ui.Tag
	Date     ui.Date // of the latest step
	Silence  string  // since then; empty when nobody can say
}

// AuthorityItem is an authority with what was brought to it.
type AuthorityItem struct {
	Name                 ui.Link
	List                 string
	Referrals, Confirmed string
}
