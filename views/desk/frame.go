// Package desk draws the pages of the people who work on the register: a typed
// struct and a templ component for each, and the layout that frames them. A
// page struct is complete: whoever builds it has decided everything.
package desk

import "github.com/sijil/sijil/internal/i18n"

// Frame is what the layout needs to know of any page of the desk.
type Frame struct {
	Loc   *i18n.Localizer
	Title string // without the name of the site
	// Path is the address after /{lang}: forms post to it.
	Path string
	// CSRF is the token that every form of the session carries.
	CSRF string
	// Once is a random word that the forms of this page carry, so that one that
	// is sent twice does its work once.
	Once string
	Demo bool

	// Name and Role are the signed-in person's; empty on the pages before.
	Name, Role string
	Home       string // address of the desk's home
	Public     string // address of the public site
	Languages  []LanguageLink
	Nav        []NavLink
	// Notice says what was just done; "" for nothing.
	Notice string
	// Meanwhile says what others changed while the person worked; nil for
	// nothing.
	Meanwhile *Meanwhile
	// Scripts are the plain names of the page's own scripts, such as
	// "desk/picker.js".
	Scripts []string
}

// Action is the address to which a form of the page posts.
func (f Frame) Action() string { return "/" + f.Loc.Lang() + f.Path }

// To is the address of another page of the desk, by its path after /{lang}.
func (f Frame) To(path string) string { return "/" + f.Loc.Lang() + path }

// LanguageLink leads to the same page in another language.
type LanguageLink struct {
	Lang, Dir, Name, Href string
	Current               bool
}

// NavLink is one entry of the desk's navigation.
type NavLink struct {
	Href, Name string
	// Current is "page" for this very page, "true" for one below it.
	Current string
}

// Restored says that a form shows what was typed and not saved.
type Restored struct {
	At    string // when it was typed last
	Place string
}

// Meanwhile is what others changed of a record while a person worked on it, and
// what stands now beside his own change.
type Meanwhile struct {
	Text   string
	Places []string // what was changed
	Href   string   // of the differences
}
