package views

import (
	"github.com/sijil/sijil/internal/markup"
	"github.com/sijil/sijil/views/ui"
)

// TextPage is a page of text, such as the method.
type TextPage struct {
	Frame
	Heading, Lead ui.Text
	Contents      []ui.Link
	Body          markup.HTML
}
