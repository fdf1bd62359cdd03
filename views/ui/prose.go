package ui

import (
	"github.com/a-h/templ"

	"github.com/sijil/sijil/internal/markup"
)

// Prose writes what markup made of Markdown. It is the one place where HTML is
// written as it is, and takes nothing that another package could have made.
func Prose(h markup.HTML) templ.Component {
	return templ.Raw(string(h)) //nolint:forbidigo // markup escapes, and is the only maker of its type
}
