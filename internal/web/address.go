package web

import (
	"bytes"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/web/public"
)

// table is all routes, ready to be looked up by path.
type table []compiled

// compiled is a route with its pattern cut up.
type compiled struct {
	Route
	segments []string
}

// address is a path that a route answers.
type address struct {
	route *compiled
	lang  string // "" where the pattern has none
	rest  string // the path after /{lang}
	slug  string // "" where the pattern has none
	// params are the other named parts of the pattern.
	params map[string]string
}

func newTable(routes []Route) table {
	t := make(table, len(routes))
	for i, r := range routes {
		t[i] = compiled{Route: r, segments: strings.Split(r.Pattern, "/")[1:]}
	}
	return t
}

// find returns the route that answers a path. A path with another language, a
// slug that cannot be one, or one slash too many has none.
func (t table) find(path string) (at address, ok bool) {
	if !strings.HasPrefix(path, "/") {
		return address{}, false
	}
	segments := strings.Split(path[1:], "/")
	for i := range t {
		if t[i].IsDesk() {
			continue // the desk has no pages that are kept or linked to by language
		}
		if at, ok = t[i].match(segments); ok {
			return at, true
		}
	}
	return address{}, false
}

func (c *compiled) match(segments []string) (at address, ok bool) {
	last := len(c.segments) - 1
	if len(segments) != len(c.segments) && (c.segments[last] != "*" || len(segments) < len(c.segments)) {
		return address{}, false
	}
	at.route = c
	for i, want := range c.segments {
		switch got := segments[i]; want {
		case "*":
			at.rest = "/" + strings.Join(segments[1:], "/")
			return at, true
		case "{lang}":
			at.lang, ok = got, slices.Contains(i18n.Langs(), got)
		case "{slug}":
			at.slug, ok = got, public.IsSlug(got)
		case "{slug}.atom", "{slug}.json":
			bare, suffixed := strings.CutSuffix(got, strings.TrimPrefix(want, "{slug}"))
			at.slug, ok = bare, suffixed && public.IsSlug(bare)
		case "{number}":
			ok = isNumber(got) && at.keep("number", got)
		case "{number}.json", "{number}.proof", "{number}.tsr", "{number}.checkpoint":
			bare, suffixed := strings.CutSuffix(got, strings.TrimPrefix(want, "{number}"))
			ok = suffixed && isNumber(bare) && at.keep("number", bare)
		case "{position}.json":
			bare, suffixed := strings.CutSuffix(got, ".json")
			ok = suffixed && (bare == "0" || isNumber(bare)) && at.keep("position", bare)
		case "{id}":
			ok = isID(got) && at.keep("id", got)
		case "{name}":
			ok = public.IsSlug(got) && at.keep("name", got)
		default:
			ok = got == want
		}
		if !ok {
			return address{}, false
		}
	}
	at.rest = "/" + strings.Join(segments[1:], "/")
	return at, true
}

// keep remembers a named part; it always succeeds.
func (at *address) keep(name, value string) bool {
	if at.params == nil {
		at.params = map[string]string{}
	}
	at.params[name] = value
	return true
}

// isNumber reports whether s is a positive number as the register writes it:
// one address for each.
func isNumber(s string) bool {
	n, err := strconv.Atoi(s)
	return err == nil && n > 0 && len(s) <= 9 && strconv.Itoa(n) == s
}

// isID reports whether s can be the identifier of a resource: it stands for
// itself in an address.
func isID(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && !strings.ContainsRune("._-", r)
	})
}

// namedPart is a named part of a pattern.
var namedPart = regexp.MustCompile(`\{([a-z]+)\}`)

// echoPaths writes the pattern as Echo has it, once for each language: then an
// unknown language is no route at all.
func (c *compiled) echoPaths() []string {
	path := namedPart.ReplaceAllString(c.Pattern, ":$1") // with a suffix it is a part of the name: find takes it off
	if !strings.Contains(path, ":lang") {
		return []string{path}
	}
	var out []string
	for _, lang := range i18n.Langs() {
		out = append(out, strings.ReplaceAll(path, ":lang", lang))
	}
	return out
}

// canonical returns the one address under which a page is cached. Requests for
// anything else, and malformed ones, are not the cache's, nor is a path with a sign that
// has to be escaped: no page has one, and as an address it would be another, or none.
func (t table) canonical(r *http.Request) (string, bool) {
	at, ok := t.find(r.URL.Path)
	if !ok || !at.route.Cached() || checkAddress(r.URL) != nil || (&url.URL{Path: r.URL.Path}).EscapedPath() != r.URL.Path {
		return "", false
	}
	query := r.URL.Query()
	if at.route.operation != nil && !at.route.operation.Cacheable(query) {
		return "", false
	}
	return t.link(at, r.URL.Path, query), true
}

// link writes an address with only the parameters that its route knows.
func (t table) link(at address, path string, query url.Values) string {
	if known := at.route.known(query); len(known) > 0 {
		return path + "?" + known.Encode()
	}
	return path
}

// known returns the parameters that the route reads, each value once and in
// order, without the empty ones that forms send.
func (c *compiled) known(query url.Values) url.Values {
	out := url.Values{}
	for _, name := range c.Params {
		if values := tidy(query[name]); len(values) > 0 {
			out[name] = values
		}
	}
	return out
}

// tidy leaves of the values of a parameter each once, in order, and none that is
// empty.
func tidy(values []string) []string {
	out := slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == "" })
	slices.Sort(out)
	return slices.Compact(out)
}

// slashed returns the path of a page to which the path differs only by slashes
// at its end. It is always a path of this site: "//elsewhere" is not.
func (t table) slashed(path string) (target string, ok bool) {
	bare := strings.TrimRight(path, "/")
	for _, candidate := range []string{bare, bare + "/"} {
		if candidate == path {
			continue
		}
		// Of a pattern that takes any rest it would be said of every path.
		if at, found := t.find(candidate); found && at.route.Cached() && !strings.HasSuffix(at.route.Pattern, "*") {
			return candidate, true
		}
	}
	return "", false
}

const (
	longestPath  = 500  // bytes
	longestQuery = 2000 // bytes; the longest search in Arabic, escaped, has 1200
)

// checkAddress returns an error for an address that no link and no form of
// the register can have made: too long, malformed, not UTF-8, or with a NUL,
// which PostgreSQL does not take. A slash that is escaped is not one between
// parts of a path, and no part of ours has one.
func checkAddress(u *url.URL) error {
	if len(u.Path) > longestPath || len(u.RawQuery) > longestQuery || !isText(u.Path) {
		return register.ErrInvalid
	}
	if strings.Contains(strings.ToLower(u.RawPath), "%2f") {
		return register.ErrNotFound
	}
	if u.RawQuery == "" {
		return nil
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return register.ErrInvalid
	}
	for name, values := range query {
		if !isText(name) || slices.ContainsFunc(values, func(v string) bool { return !isText(v) }) {
			return register.ErrInvalid
		}
	}
	return nil
}

// checkHeaders returns an error for headers that are no text.
func checkHeaders(h http.Header) error {
	for _, values := range h {
		if slices.ContainsFunc(values, func(v string) bool { return !isText(v) }) {
			return register.ErrInvalid
		}
	}
	return nil
}

// isJSONText reports whether JSON is text, and says no NUL in any of its strings: by
// itself, a decoder puts something else in the place of what is none.
func isJSONText(body []byte) bool {
	if !isText(string(body)) {
		return false
	}
	for i := 0; i+1 < len(body); i++ {
		if body[i] != '\\' {
			continue
		}
		if bytes.HasPrefix(body[i+1:], []byte("u0000")) {
			return false
		}
		i++ // what is escaped escapes nothing
	}
	return true
}

// valuesIn counts the values of JSON by what stands before each, without reading them: to
// hold them takes far more than the text does.
func valuesIn(body []byte) (n int) {
	quoted := false
	for i := 0; i < len(body); i++ {
		switch body[i] {
		case '"':
			quoted = !quoted
		case '\\':
			i++ // what is escaped ends nothing
		case '{', '[', ',':
			if !quoted {
				n++
			}
		}
	}
	return n
}

func isText(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }
