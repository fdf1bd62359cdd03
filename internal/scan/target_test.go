package scan_test

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/PuerkitoBio/goquery"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/web"
	"github.com/sijil/sijil/internal/web/taxii"
)

// target is something to be attacked: an address that exists, with the
// parameters that it takes.
type target struct {
	route       string // method and pattern
	method      string
	path        string
	marked      string // the path, with a mark after each part that is a parameter
	query, form url.Values
	body        string // JSON
	cookies     string // as a browser sends them
	multipart   bool
	example     bool   // no page led there: the path is made up
	least       string // the role with the least rights that may
}

// address is where a target is asked for.
func (t *target) address() string {
	if len(t.query) == 0 {
		return t.path
	}
	return t.path + "?" + t.query.Encode()
}

func (t *target) params() int {
	return strings.Count(t.marked, "*") + len(t.query) + len(t.form) + strings.Count(t.cookies, "=")
}

var named = regexp.MustCompile(`\\\{[a-z]+\\\}`)

// routeAt is a route with the form of its paths.
type routeAt struct {
	web.Route
	paths *regexp.Regexp
}

func routes() (all []routeAt) {
	for _, r := range web.Routes() {
		form := named.ReplaceAllString(regexp.QuoteMeta(r.Pattern), `([^/]+?)`)
		form = strings.ReplaceAll(form, `\*`, `(.+)`)
		all = append(all, routeAt{r, regexp.MustCompile("^" + form + "$")})
	}
	// The pattern with the fewest named parts is the one that answers.
	slices.SortStableFunc(all, func(a, b routeAt) int {
		return cmp.Compare(strings.Count(a.Pattern, "{"), strings.Count(b.Pattern, "{"))
	})
	return all
}

// find returns the route of an address.
func find(all []routeAt, method, path string) (routeAt, bool) {
	at := slices.IndexFunc(all, func(r routeAt) bool { return r.Method == method && r.paths.MatchString(path) })
	if at < 0 {
		return routeAt{}, false
	}
	return all[at], true
}

// mark puts sqlmap's mark after each part of a path that is a parameter.
func (r routeAt) mark(path string) string {
	at := r.paths.FindStringSubmatchIndex(path)
	var out strings.Builder
	end := 0
	for i := 2; i+1 < len(at); i += 2 {
		out.WriteString(path[end:at[i+1]] + "*")
		end = at[i+1]
	}
	return out.String() + path[end:]
}

// crawler collects what a role can reach: links, forms, and the fields of both.
type crawler struct {
	*role
	roles   []*role // those with less rights first
	routes  []routeAt
	targets map[string]*target
	seen    map[string]int // pages of each route that were opened
	queue   []string
}

// pagesOfARoute is how many pages of one route are opened: they are alike.
const pagesOfARoute = 3

// collect returns the targets of a role, in the order of their routes.
func (r *role) collect(roles []*role) []*target {
	c := &crawler{role: r, roles: roles, routes: routes(), targets: map[string]*target{}, seen: map[string]int{}}
	c.queue = []string{"/fr/", "/fr/desk/login", "/fr/desk/forgot", "/fr/data", "/fr/exports", "/fr/log", "/sitemap.xml", "/taxii2/", "/api/v1/openapi.json"}
	if r.email != "" {
		c.queue = append(c.queue, "/fr/desk")
	}
	for len(c.queue) > 0 && c.t.Context().Err() == nil {
		next := c.queue[0]
		c.queue = c.queue[1:]
		c.open(next)
	}
	c.fillUp()
	if r.email == "" {
		c.addCookies()
	}
	return slices.SortedFunc(maps.Values(c.targets), func(a, b *target) int {
		return cmp.Or(cmp.Compare(dangerousLast(a), dangerousLast(b)), cmp.Compare(a.route, b.route))
	})
}

// dangerousLast puts what takes away what others need at the end.
func dangerousLast(t *target) int {
	for _, word := range []string{"remove", "discard", "withdraw", "takedown", "merge", "revoke", "review", "password", "email"} {
		if t.method != http.MethodGet && strings.Contains(t.route, word) {
			return 1
		}
	}
	return 0
}

// least is the role with the least rights that may use a route.
func (c *crawler) least(r web.Route) string {
	for _, one := range c.roles {
		if r.Permission == register.MayRead || one.email != "" && one.Role.Can(r.Permission) {
			return one.name
		}
	}
	return "nobody"
}

// open asks for a page and takes up what it leads to.
func (c *crawler) open(address string) {
	u, err := url.Parse(address)
	if err != nil || u.Host != "" && u.Host != "127.0.0.1" || strings.HasPrefix(u.Path, "/ar/") || strings.HasPrefix(u.Path, "/en/") {
		return
	}
	route, ok := find(c.routes, http.MethodGet, u.Path)
	if !ok || c.seen[route.Pattern] >= pagesOfARoute {
		return
	}
	c.add(route, u.Path, u.Query(), nil)
	c.seen[route.Pattern]++
	w := httptest.NewRecorder()
	c.through(w, httptest.NewRequest(http.MethodGet, here(u.RequestURI()), http.NoBody).WithContext(c.t.Context()))
	if to := w.Header().Get("Location"); to != "" {
		c.queue = append(c.queue, to)
	}
	if !strings.Contains(w.Header().Get("Content-Type"), "html") {
		return
	}
	page, err := goquery.NewDocumentFromReader(w.Body)
	if err != nil {
		return
	}
	page.Find("a[href], link[href]").Each(func(_ int, a *goquery.Selection) { c.follow(u, a.AttrOr("href", "")) })
	page.Find("form").Each(func(_ int, f *goquery.Selection) { c.take(u, f) })
}

func (c *crawler) follow(from *url.URL, href string) {
	to, err := from.Parse(href)
	if err != nil {
		return
	}
	to.Fragment = ""
	c.queue = append(c.queue, to.RequestURI())
}

// take takes up a form with its fields.
func (c *crawler) take(from *url.URL, form *goquery.Selection) {
	to, err := from.Parse(form.AttrOr("action", from.RequestURI()))
	if err != nil {
		return
	}
	fields := url.Values{}
	form.Find("input, textarea, select, button[name]").Each(func(_ int, f *goquery.Selection) {
		name := f.AttrOr("name", "")
		value := cmp.Or(f.AttrOr("value", ""), f.Find("option[selected]").AttrOr("value", ""), f.Find("option").Last().AttrOr("value", ""), strings.TrimSpace(f.Filter("textarea").Text()), "x")
		if name != "" && len(fields[name]) == 0 {
			fields.Set(name, strings.ReplaceAll(value, "*", "x"))
		}
	})
	method := strings.ToUpper(form.AttrOr("method", "get"))
	route, ok := find(c.routes, method, to.Path)
	if !ok {
		return
	}
	if method == http.MethodGet {
		c.add(route, to.Path, fields, nil)
		return
	}
	if _, ok := fields["csrf"]; ok {
		fields.Set("csrf", formToken)
	}
	t := c.add(route, to.Path, to.Query(), fields)
	t.multipart = t.multipart || form.AttrOr("enctype", "") == "multipart/form-data"
}

// add notes what was found of a route: one target with all parameters that any
// page, or the route itself, has for it. Forms with other acts are other targets.
func (c *crawler) add(route routeAt, path string, query, form url.Values) *target {
	key := route.Method + " " + route.Pattern
	if form != nil {
		key += " " + form.Get("act")
	}
	t := c.targets[key]
	if t == nil {
		t = &target{
			route: route.Method + " " + route.Pattern, method: route.Method, path: path, marked: route.mark(path),
			query: url.Values{}, form: url.Values{}, least: c.least(route.Route),
		}
		for _, name := range route.Params {
			t.query.Set(name, "") // as if it were not there: another parameter is to be reached, too
		}
		c.targets[key] = t
	}
	for into, from := range map[*url.Values]url.Values{&t.query: query, &t.form: form} {
		for name, values := range from {
			if values[0] != "" && into.Get(name) == "" {
				into.Set(name, strings.ReplaceAll(values[0], "*", "x"))
			}
		}
	}
	return t
}

// addCookies adds what reads a cookie before anybody is signed in: the front door, the
// desk, and the sign-in, which knows a browser by one.
func (c *crawler) addCookies() {
	const all = "sijil_lang=fr; sijil_session=" + aKey + "; sijil_known=" + aKey
	for _, t := range []*target{
		{method: http.MethodGet, path: "/"},
		{method: http.MethodGet, path: "/fr/desk"},
		{method: http.MethodPost, path: "/fr/desk/login", form: url.Values{"csrf": {formToken}, "email": {"x@example.org"}, "password": {"x"}}},
	} {
		t.route, t.marked, t.cookies, t.least, t.example = t.method+" "+t.path+" (cookies)", t.path, all, c.name, true
		c.targets[t.route] = t
	}
}

// fillUp adds the routes to which no page leads, at addresses that are made up
// or, for programs, described by the document of the API: nothing is forgotten.
func (c *crawler) fillUp() {
	filler := strings.NewReplacer("{lang}", "fr", "{id}", nobody, "{slug}", "cnss-2025", "{name}", "record", "{run}", nobody, "{decision}", nobody, "{account}", nobody,
		"{number}", "1", "{position}", "0", "{hash}", strings.Repeat("0", 64), "{key}", "a", "{part}", "summary", "{token}", "x", "*", "x")
	for _, r := range c.routes {
		at := r.Method + " " + r.Pattern
		if c.least(r.Route) != c.name {
			continue // it is for another role
		}
		if slices.ContainsFunc(slices.Collect(maps.Values(c.targets)), func(t *target) bool { return t.route == at }) {
			continue
		}
		t := c.add(r, filler.Replace(c.exists(r.Pattern)), nil, nil)
		t.example = true
		switch {
		case r.IsProgram() && r.Method != http.MethodGet:
			t.body = described(r)
		case r.Method == http.MethodPost:
			t.form = url.Values{"csrf": {formToken}, "act": {"x"}, "place": {"/desk/x"}, "id": {"x"}, "q": {"x"}, "text": {"x"}, "value": {"x"}, "email": {"x@example.org"}, "password": {"x"}, "code": {"1"}, "answer": {"{}"}, "ceremony": {"x"}}
		}
		if r.IsDesk() && len(t.query) == 0 && r.Method == http.MethodGet {
			t.query = url.Values{"to": {"/desk"}, "q": {"x"}, "done": {"x"}, "after": {"x"}, "lang": {"fr"}, "text": {"x"}}
		}
	}
}

// exists puts parts that exist into a pattern, as far as any are known: of the API, of
// drafts, of files, and else those of the address found that has most in common with it.
func (c *crawler) exists(pattern string) string {
	for prefix, id := range c.drafted {
		if strings.HasPrefix(pattern, prefix) {
			return strings.Replace(pattern, "{id}", id, 1)
		}
	}
	for prefix, part := range map[string][2]string{
		"/api/v1/incidents/": {"{id}", "SJ-2025-0001"}, "/api/v1/institutions/": {"{id}", "IN-0001"}, "/api/v1/editions/": {"{id}", "SJ-2025-0001.1"},
		"/api/v1/statements/": {"{id}", "ST-2025-0001"}, "/api/v1/claims/": {"{id}", "ST-2025-0001.companies"},
		"/api/v1/referrals/": {"{id}", "SJ-2025-0001.r1-general"}, "/api/v1/sources/": {"{id}", "src-001"},
		"/taxii2/record/collections/": {"{name}", taxii.Collection}, "/{lang}/desk/documents/": {"{hash}", attached()},
		"/editions/": {"{name}", "sj-2025-0001"}, "/exports/": {"{id}", "jsonl"}, "/{lang}/exports/": {"{id}", "jsonl"},
	} {
		if strings.HasPrefix(pattern, prefix) {
			return strings.ReplaceAll(pattern, part[0], part[1])
		}
	}
	parts := strings.Split(pattern, "/")
	best, most := "", 0
	for _, t := range c.targets {
		_, like, _ := strings.Cut(t.route, " ")
		if n := inCommon(parts, strings.Split(like, "/")); !t.example && (n > most || n == most && t.path < best) {
			best, most = t.path, n
		}
	}
	for i, part := range strings.Split(best, "/")[:most] {
		parts[i] = part
	}
	return strings.Join(parts, "/")
}

// inCommon is how many parts of two patterns are the same, from the first on.
func inCommon(a, b []string) (n int) {
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// described is a body for a route of programs.
func described(r routeAt) string {
	if strings.HasSuffix(r.Pattern, "/review") {
		return `{"note":"x"}`
	}
	kind, _, _ := strings.Cut(strings.TrimPrefix(r.Pattern, draftsOf), "/")
	return bodies()[kind]
}

// request writes a target as a request that sqlmap reads: of the parts of its
// path, or of its parameters.
func (t *target) request(host string, ofPath bool) string {
	path, query := t.path, t.query
	if ofPath {
		path = t.marked
	}
	if len(query) > 0 {
		path += "?" + strings.ReplaceAll(query.Encode(), "*", "x")
	}
	var out strings.Builder
	fmt.Fprintf(&out, "%s %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: scanner\r\n", t.method, path, host)
	if t.cookies != "" {
		out.WriteString("Cookie: " + t.cookies + "\r\n")
	}
	body := ""
	switch {
	case t.body != "":
		body = t.body
		out.WriteString("Content-Type: application/json\r\nIdempotency-Key: " + aKey + "\r\n")
	case t.multipart:
		const boundary = "scanscanscan"
		out.WriteString("Content-Type: multipart/form-data; boundary=" + boundary + "\r\n")
		for _, name := range slices.Sorted(maps.Keys(t.form)) {
			body += "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + t.form.Get(name) + "\r\n"
		}
		body += "--" + boundary + "--\r\n"
	case t.method != http.MethodGet:
		out.WriteString("Content-Type: application/x-www-form-urlencoded\r\n")
		body = t.form.Encode()
	}
	out.WriteString("\r\n" + body)
	return out.String()
}
