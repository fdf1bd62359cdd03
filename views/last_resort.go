package views

import (
	_ "embed"
	"html"
	"strings"
)

//go:embed last_resort.html
var lastResort string

// LastResort returns the page that is served when drawing a page failed: it
// depends on nothing but itself, in all three languages.
func LastResort(requestID string) []byte {
	return []byte(strings.ReplaceAll(lastResort, "REQUEST-ID", html.EscapeString(requestID)))
}
