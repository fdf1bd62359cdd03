package public

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/sijil/sijil/internal/register"
)

// Site is what pages need to know of the installation that serves them.
type Site struct {
	// BaseURL is the public origin without a slash at the end, such as
	// "https://sijil.example"; canonical and alternate addresses begin with it.
	BaseURL string
	// Operator is who runs it.
	Operator Operator
	// APIRate is how many requests to the API a network may make in a minute.
	APIRate int
	// Hub tells those who follow feeds of what is new (WebSub); empty: none does.
	Hub string
}

// Place is where a page stands, whatever its language: the part of its address
// after /{lang}, and its query. The language switch keeps it.
type Place struct {
	Path  string // with a slash at the beginning: "/", "/incidents/cnss-2025"
	Query url.Values
}

// Switch is the address that remembers a reader's choice of language and leads
// to the same place in it.
func (p Place) Switch(lang string) string {
	to := withQuery((&url.URL{Path: p.Path}).EscapedPath(), p.Query)
	return withQuery("/lang/"+lang, url.Values{"to": {to}})
}

// bare is the address of the place in a language without its query.
func (p Place) bare(lang string) string {
	u := url.URL{Path: "/" + lang + p.Path}
	return u.EscapedPath()
}

// address returns the address of a page in a language: its path segments are
// escaped.
func address(lang string, segments ...string) string {
	var out strings.Builder
	out.WriteString("/" + lang)
	for _, s := range segments {
		out.WriteString("/" + url.PathEscape(s))
	}
	if len(segments) == 0 {
		out.WriteString("/")
	}
	return out.String()
}

func incidentAddress(lang, slug string) string    { return address(lang, "incidents", slug) }
func institutionAddress(lang, slug string) string { return address(lang, "institutions", slug) }
func statementAddress(lang, slug string) string   { return address(lang, "statements", slug) }

// recordAddress is the page of a record.
func recordAddress(lang string, t register.RecordType, slug string) string {
	return address(lang, string(t)+"s", slug)
}

// historyAddress is the page of the editions of a record.
func historyAddress(lang string, t register.RecordType, slug string) string {
	return address(lang, string(t)+"s", slug, "history")
}

// editionAddress is the page of one edition of a record.
func editionAddress(lang string, t register.RecordType, slug string, number int) string {
	return address(lang, string(t)+"s", slug, "editions", strconv.Itoa(number))
}

// incidentQuery writes a filter of incidents as the query of its address, with
// only what is chosen.
func incidentQuery(f register.IncidentFilter) url.Values {
	v := url.Values{}
	set := func(name, value string) {
		if value != "" {
			v.Set(name, value)
		}
	}
	set("q", f.Query)
	set("institution", f.Institution)
	set("sector", f.Sector)
	set("kind", f.Kind)
	set("standing", f.Standing)
	if f.Year != 0 {
		set("year", strconv.Itoa(f.Year))
	}
	set("referral", f.Referral)
	set("official", f.Official)
	set("language", string(f.Language))
	if f.Sort != f.Sorts()[0] {
		set("sort", string(f.Sort))
	}
	set("after", f.After)
	return v
}

// timelineQuery writes a filter of a timeline as the query of its address:
// kinds in the order of the register, institutions in that of their names in
// addresses, and order and density when they are not the usual ones, so that one
// choice has one address.
func timelineQuery(f register.TimelineFilter) url.Values {
	v := url.Values{}
	for _, k := range register.EntryKinds() {
		if f.Has(k) {
			v.Add("kind", string(k))
		}
	}
	for _, slug := range f.Institutions {
		v.Add("institution", slug)
	}
	if f.Order == register.NewestFirst {
		v.Set("order", string(f.Order))
	}
	if f.Compact {
		v.Set("density", densityCompact)
	}
	return v
}

// withQuery joins an address and a query.
func withQuery(address string, v url.Values) string {
	if len(v) == 0 {
		return address
	}
	return address + "?" + v.Encode()
}
