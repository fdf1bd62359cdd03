package capture

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gabriel-vasile/mimetype"

	"github.com/sijil/sijil/internal/register"
)

// sniff returns the media type of a content if it is one that is taken, else
// nothing. A PDF begins with its mark at the first byte: readers that look
// further accept files that are two things at once.
func sniff(content []byte) string {
	if bytes.HasPrefix(content, []byte("%PDF-")) {
		return register.TypePDF
	}
	for found := mimetype.Detect(content); found != nil; found = found.Parent() {
		switch {
		case found.Is(register.TypePNG):
			return register.TypePNG
		case found.Is(register.TypeJPEG):
			return register.TypeJPEG
		case found.Is(register.TypeWebP):
			return register.TypeWebP
		case found.Is(register.TypeText) && isPlainText(content):
			// HTML, SVG, JSON and the like are text, too; served as such they
			// are harmless, but a communiqué is none of them.
			if mimetype.Detect(content).Is(register.TypeText) {
				return register.TypeText
			}
		}
	}
	return ""
}

// isPlainText wants UTF-8 without control characters that no text has.
func isPlainText(content []byte) bool {
	if !utf8.Valid(content) {
		return false
	}
	for _, r := range string(content) {
		if unicode.IsControl(r) && !strings.ContainsRune("\t\n\v\f\r\u0085", r) {
			return false
		}
	}
	return true
}
