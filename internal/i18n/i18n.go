// Package i18n speaks to readers in French, Arabic (as in Morocco) and
// English: messages with placeholders and plurals, numbers, lists, the
// direction of writing, the names of languages, the spaces that French
// typography asks for, and the choice of a language from what a browser sends.
//
// Messages stand in one folder per language, locales/<lang>, with a file for
// each area of the site: dotted keys, {name} for what is put in, and an object
// of CLDR plural categories where a number decides. Everything is read and cut
// up once, by Load; what comes after only looks up and joins, and is safe for
// concurrent use.
package i18n

import (
	"embed"
	"fmt"
	"log/slog"
	"sync"

	"golang.org/x/text/language"
)

//go:embed locales/*/*.json
var localeFiles embed.FS

// Default is the language that is answered when nothing better is known.
const Default = "fr"

// Langs lists the languages of the interface in the order in which they are
// offered.
func Langs() []string { return []string{"fr", "ar", "en"} }

// Catalog holds the messages of all languages. It is immutable.
type Catalog struct {
	localizers map[string]*Localizer
	matcher    language.Matcher
}

// Load reads the embedded messages. A message that is missing or misused later
// is reported to log. The error is never met by a build whose tests passed.
func Load(log *slog.Logger) (*Catalog, error) {
	c := &Catalog{localizers: map[string]*Localizer{}, matcher: newMatcher()}
	all, err := messages()
	if err != nil {
		return nil, err
	}
	for _, lang := range Langs() {
		loc, err := newLocalizer(lang, all[lang], log)
		if err != nil {
			return nil, fmt.Errorf("messages of %q: %w", lang, err)
		}
		c.localizers[lang] = loc
	}
	return c, nil
}

// messages are all messages by their language, read once: a program that serves and sends
// mail loads them for each.
var messages = sync.OnceValues(func() (map[string]map[string]message, error) {
	all := map[string]map[string]message{}
	for _, lang := range Langs() {
		var err error
		if all[lang], err = readMessages(lang); err != nil {
			return nil, fmt.Errorf("messages of %q: %w", lang, err)
		}
	}
	return all, nil
})

// readMessages reads the files of a language. A key stands in one of them only.
func readMessages(lang string) (map[string]message, error) {
	folder := "locales/" + lang
	entries, err := localeFiles.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	out := map[string]message{}
	for _, e := range entries {
		raw, err := localeFiles.ReadFile(folder + "/" + e.Name())
		if err != nil {
			return nil, err
		}
		messages, err := parseMessages(raw)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.Name(), err)
		}
		for key, m := range messages {
			if _, twice := out[key]; twice {
				return nil, fmt.Errorf("%s: %s stands in another file, too", e.Name(), key)
			}
			out[key] = m
		}
	}
	return out, nil
}

// Localizer returns the localizer of a language, that of Default for any other.
func (c *Catalog) Localizer(lang string) *Localizer {
	if l := c.localizers[lang]; l != nil {
		return l
	}
	return c.localizers[Default]
}

// Known reports whether lang is a language of the interface, spelled as in
// addresses.
func (c *Catalog) Known(lang string) bool { return c.localizers[lang] != nil }
