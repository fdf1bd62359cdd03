// Package desk answers the people who work on the register: it reads a request
// into values, calls the use cases of editorial, and gives back a page struct
// that decides everything, or where to go next. It knows nothing of Echo, of
// cookies or of headers: the web above it does.
package desk

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/a-h/templ"

	"github.com/sijil/sijil/internal/auth"
	"github.com/sijil/sijil/internal/capture"
	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/observe"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/web/desk/form"
	"github.com/sijil/sijil/internal/web/public"
)

// Config is what the desk needs from outside.
type Config struct {
	Editorial *editorial.Editorial
	Sessions  Sessions
	// Auth knows how somebody signs in.
	Auth *auth.Auth
	Now  func() time.Time
	// Demo means that this is a demonstration: pages say so.
	Demo bool
	// Intake examines what is attached; nil: nothing can be.
	Intake *capture.Intake
	// Refused is told of each file that was refused, by the key of what its sender is
	// told; nil: nobody counts.
	Refused func(reason string)
	// Machine is this program, for the page of operations; nil: it is not shown.
	Machine *Machine
	// Cache returns the figures of the page cache; the server of pages sets it.
	Cache func() observe.Cache
}

// Sessions tells who is signed in.
type Sessions interface {
	// Who returns the person whose session has the token, and notes that he was
	// here. ErrNotFound when there is no such session, or it has ended.
	Who(ctx context.Context, token string) (Who, error)
}

// Who is a signed-in person; the zero Who is nobody.
type Who struct {
	register.Actor
	Name  string
	Email string
	Lang  register.Lang // of the interface, as the person chose
	// CSRF is the token that each form of this session carries.
	CSRF string
	// Session is the random identifier of the session, not its token.
	Session string
	// MustEnrol means that a second factor is to be set up before anything else.
	MustEnrol bool
	// Stale means that the last proof of who it is, is too old for what is
	// dangerous.
	Stale bool
}

// IsZero reports whether nobody is signed in.
func (w Who) IsZero() bool { return w.ID == "" }

// Request is what a page of the desk may depend on.
type Request struct {
	Lang string
	// Path is the address after /{lang}, such as "/desk/incidents/new": the
	// place under which unsaved work is kept.
	Path   string
	Params map[string]string // named parts of the route's pattern
	Query  url.Values
	// Form holds the fields of a POST; nil otherwise. Files are apart.
	Form  url.Values
	Files map[string][]File
	// Unread says that nothing but the names of Files was kept.
	Unread bool
	Who    Who
	// Token is the session's token, "" when there is none.
	Token string
	// Peer is where the request comes from, and Agent with what.
	Peer  netip.Addr
	Agent string
	// Known is the token of a browser in which somebody has signed in before.
	Known string
	// Script means that our own script asks, and wants JSON.
	Script bool
	// Words are the vocabularies as they are now; nil for a script, and for who
	// is not signed in.
	Words *public.Words
}

// File is an uploaded file.
type File struct {
	Name string // as the browser says; nothing is to be made of it but a label
	Type string // as the browser says; not to be trusted
	Data []byte
	// TooLarge means that the file had more than MaxFile bytes; Data is empty.
	TooLarge bool
}

// MaxFile is the size up to which an uploaded file is read, in bytes.
const MaxFile = 20 << 20

// Answer is what to send back: a page, a redirect, JSON, or bytes.
type Answer struct {
	Status int // 0 means 200, or 303 for a redirect
	Page   templ.Component
	// RedirectTo is the address after /{lang} to go to, such as "/desk".
	RedirectTo string
	// Leave is an address outside /{lang} to go to instead.
	Leave string
	JSON  any
	// Body, when it is not nil, is sent as it is, with Header.
	Body   []byte
	Header http.Header
	// Session, when it is not nil, sets the cookie of the session; an empty
	// token ends it.
	Session *NewSession
	// Known, when it is not empty, is kept by the browser (auth.KnownBrowser).
	Known string
}

// NewSession is a session to be remembered by the browser.
type NewSession struct {
	Token   string
	Expires time.Time
}

// Desk makes the pages of the desk.
type Desk struct {
	cfg       Config
	editorial *editorial.Editorial
	auth      *auth.Auth
	catalog   *i18n.Catalog
	now       func() time.Time
	baseURL   string
	parts     map[register.RecordType][]form.Part // of records, each with its form
	source    *form.Form
}

// New returns the desk. The base URL has no slash at its end.
func New(cfg Config, catalog *i18n.Catalog, baseURL string) *Desk {
	d := &Desk{
		cfg: cfg, editorial: cfg.Editorial, auth: cfg.Auth, catalog: catalog, now: cfg.Now, baseURL: baseURL,
		parts: map[register.RecordType][]form.Part{}, source: form.New(register.Source{}),
	}
	for _, t := range register.RecordTypes() {
		d.parts[t] = form.Parts(t)
	}
	return d
}

// Who returns who is signed in with a token: the zero Who for no session, an
// error when that cannot be known now.
func (d *Desk) Who(ctx context.Context, token string) (Who, error) {
	if token == "" {
		return Who{}, nil
	}
	who, err := d.cfg.Sessions.Who(ctx, token)
	return who, ignoreNotFound(err)
}

// Words are the vocabularies as they are now, with the languages that name
// their codes.
func (d *Desk) Words(ctx context.Context) (*public.Words, error) {
	terms, err := d.editorial.Terms(ctx)
	if err != nil {
		return nil, err
	}
	return public.NewWords(d.catalog, terms), nil
}

// loc speaks the language of the request.
func (d *Desk) loc(r Request) *i18n.Localizer {
	if r.Words == nil {
		return d.catalog.Localizer(r.Lang)
	}
	return r.Words.Localizer(r.Lang)
}

// goTo sends the person on after something was done; done is the code of a
// notice, "done." + code in the messages, that the next page shows.
func goTo(path, done string) Answer {
	if done != "" {
		path += "?done=" + url.QueryEscape(done)
	}
	return Answer{RedirectTo: path}
}

// show answers with a page.
func show(page templ.Component) Answer { return Answer{Page: page} }

// refuse answers with the same form again, and what is wrong with it.
func refuse(page templ.Component) Answer {
	return Answer{Status: http.StatusUnprocessableEntity, Page: page}
}
