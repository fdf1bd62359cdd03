package desk

import "github.com/sijil/sijil/views/ui"

// CapturePanel says how the copy of a source's page stands.
type CapturePanel struct {
	State  ui.Tag
	Says   []string // sentences
	Copies ui.Link  // to the page of all copies
	Path   string   // where another copy is asked for; "" where that cannot be
}

// CapturesPage lists the copies of a source's page.
type CapturesPage struct {
	Frame
	Key    string
	Source ui.Link
	Panel  CapturePanel
	Rows   []CaptureRow
}

// CaptureRow is a copy in a list.
type CaptureRow struct {
	Href, Name, At, Status string
	State                  ui.Tag
	Final                  string
	Hash                   string
	Shown                  string // that the record rests on it; "" when not
}

// CapturePage is one copy, with what changed since the one before.
type CapturePage struct {
	Frame
	Problems []ui.Problem
	Source   ui.Link
	All      ui.Link
	State    ui.Tag
	Facts    []CaptureFact
	Hops     []string
	File     ui.Link
	// Changes is what changed since the copy before, word by word; ChangesHeading
	// names that copy. Nothing is said where there is none before.
	ChangesHeading string
	Same           string
	Changes        []DiffRun
	TextHeading    string
	Lang           string
	Text           string
	NoText         string
	AdoptLead      string // "" where the record rests on it already
	// Attach are the statements to which the change can be added.
	Attach     []CaptureStatement
	AttachLead string
}

// CaptureFact is a fact of a copy.
type CaptureFact struct {
	Label, Value string
	IsHash       bool
}

// CaptureStatement is a statement that rests on the source.
type CaptureStatement struct {
	ID, Label string
	Link      ui.Link
}
