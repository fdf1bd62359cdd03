// Package texts holds the pages of text of the register (method, verification,
// data, corrections, accessibility, privacy, imprint) in Markdown, one file for
// each language. {name} stands for a value that the program owns, so that no
// text states a number which the program has changed.
package texts

import (
	"embed"
	"fmt"
)

//go:embed fr/*.md ar/*.md en/*.md examples
var files embed.FS

// The names of the texts; each is also its address after /{lang}/.
const (
	Method        = "method"
	Verification  = "verification"
	Data          = "data"
	Corrections   = "corrections"
	Accessibility = "accessibility"
	Privacy       = "privacy"
	Imprint       = "imprint"
)

// Names lists all texts in the order in which pages link to them.
func Names() []string {
	return []string{Method, Verification, Data, Corrections, Accessibility, Privacy, Imprint}
}

// Example is a program that reads the API. ExampleOrigin stands in it for the
// origin of the site.
type Example struct {
	Name     string // of the value that holds its place in a text, such as "python"
	Language string // as code blocks name it
	Source   string
}

// ExampleOrigin stands in examples for the origin of the site.
const ExampleOrigin = "https://sijil.example"

// Examples returns the programs that the page about data shows.
func Examples() ([]Example, error) {
	var out []Example
	for _, e := range []struct{ name, language, file string }{
		{"curl", "sh", "curl.sh"},
		{"python", "python", "python.py"},
		{"r", "r", "r.R"},
		{"javascript", "javascript", "javascript.mjs"},
		{"drafts", "bash", "drafts.sh"},
	} {
		raw, err := files.ReadFile("examples/" + e.file)
		if err != nil {
			return nil, fmt.Errorf("example in %s: %w", e.name, err)
		}
		out = append(out, Example{Name: e.name, Language: e.language, Source: string(raw)})
	}
	return out, nil
}

// Read returns the Markdown of a text in a language. It returns an error for a
// text that is not there.
func Read(lang, name string) (string, error) {
	raw, err := files.ReadFile(lang + "/" + name + ".md")
	if err != nil {
		return "", fmt.Errorf("text %q in %q: %w", name, lang, err)
	}
	return string(raw), nil
}
