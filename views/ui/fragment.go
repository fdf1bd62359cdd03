package ui

import "strconv"

// The fragments that pages give to their own parts begin with an underscore,
// which no key of a record has: an entry's permalink can never be taken.

// SourceFragment is the fragment of the numbered source of a page.
func SourceFragment(number int) string { return "#_n" + strconv.Itoa(number) }

// sourceID is the id to which SourceFragment leads.
func sourceID(number int) string { return "_n" + strconv.Itoa(number) }
