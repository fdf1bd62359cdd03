package web_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store/record"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/web"
	"github.com/sijil/sijil/internal/web/desk"
)

// statesFile is the table of who gets what, by the state of what he asks for. How it
// is read is written above it.
const statesFile = "testdata/states.txt"

// stateCase is a line of the table for one address.
type stateCase struct {
	line            int
	block           string // the first of the routes that share the rows
	family          string
	method, pattern string
	fields          url.Values // of the form, beside those that it always has
	kind            string     // of records, by the word of the address; or what the family knows it by
	state           string
	askers, want    []string
}

func (c *stateCase) String() string {
	return strings.TrimSpace(fmt.Sprintf("line %d: %s %s %s (%s)", c.line, c.method, c.pattern, c.fields.Encode(), c.state))
}

var (
	sectionLine = regexp.MustCompile(`^== (\w+): (.+)$`)
	routeLine   = regexp.MustCompile(`^(GET|POST|PUT) (\S+)((?: \S+=\S+)*)$`)
	rowLine     = regexp.MustCompile(`^\s+(\S.*?)\s{2,}(\S.*)$`)
	kindOf      = regexp.MustCompile(`/(incidents|statements|institutions)(?:/|$)`)
)

// kindsOf are what stands in the place of several types of records in the table.
func kindsOf() map[string][]string {
	return map[string][]string{
		"{records}":   {"incidents", "statements", "institutions"},
		"{mergeable}": {"incidents", "institutions"},
		"{shared}":    {"incidents", "statements"},
	}
}

// readStates reads the table. A run of routes shares the rows below it.
func readStates(text string) (cases []stateCase, faults []string) {
	var current stateCase
	var routes []stateCase
	inRows := false
	for i, line := range strings.Split(text, "\n") {
		n := i + 1
		switch section, route, row := sectionLine.FindStringSubmatch(line), routeLine.FindStringSubmatch(line), rowLine.FindStringSubmatch(line); {
		case strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#"):
		case section != nil:
			routes, inRows = nil, false
			current.family, current.askers = section[1], strings.Fields(section[2])
		case route != nil:
			if inRows {
				routes, inRows = nil, false
			}
			routes = append(routes, expand(current, n, route)...)
		case row != nil && len(routes) > 0:
			inRows = true
			want := strings.Fields(row[2])
			if len(want) == 1 {
				want = slices.Repeat(want, len(current.askers))
			}
			if len(want) != len(current.askers) {
				faults = append(faults, fmt.Sprintf("line %d: %d answers for %d who ask", n, len(want), len(current.askers)))
				continue
			}
			for _, c := range routes {
				c.line, c.state, c.want, c.block = n, row[1], want, routes[0].method+" "+routes[0].pattern+" "+routes[0].fields.Encode()
				cases = append(cases, c)
			}
		default:
			faults = append(faults, fmt.Sprintf("line %d is not understood: %s", n, line))
		}
	}
	return cases, faults
}

// expand makes the addresses that a line with several types of records stands for.
func expand(section stateCase, line int, route []string) (out []stateCase) {
	patterns := []string{route[2]}
	for name, kinds := range kindsOf() {
		if strings.Contains(route[2], name) {
			patterns = nil
			for _, kind := range kinds {
				patterns = append(patterns, strings.ReplaceAll(route[2], name, kind))
			}
		}
	}
	for _, pattern := range patterns {
		c := section
		c.line, c.method, c.pattern, c.fields = line, route[1], pattern, url.Values{}
		for field := range strings.FieldsSeq(route[3]) {
			name, value, _ := strings.Cut(field, "=")
			c.fields.Set(name, value)
		}
		c.kind = pattern
		if m := kindOf.FindStringSubmatch(pattern); m != nil && c.family != "fixed" {
			c.kind = m[1]
		}
		for word, kind := range map[string]string{
			"/documents/": "documents", "/captures/{hash}": "captures", "/desk/reset/": "reset", "/desk/invitation/": "invitation", "/desk/email/": "email",
			"/api/v1/claims/": "statements", "/api/v1/referrals/": "incidents", "/api/v1/editions/": "institutions", "/feeds/{lang}/authorities/": "institutions",
			"/editions/{name}/": "institutions",
		} {
			if strings.Contains(pattern, word) && c.family != "fixed" {
				c.kind = kind
			}
		}
		out = append(out, c)
	}
	return out
}

// target is the address, with the names of a thing in it.
func (c *stateCase) target(x thing) string {
	names := maps.Clone(x)
	reference := strings.ToLower(x["reference"])
	switch {
	case strings.HasPrefix(c.pattern, "/editions/"):
		names["name"] = reference
	case strings.Contains(c.pattern, "/cite/{name}"):
		names["name"] = "bibtex"
	case strings.HasPrefix(c.pattern, "/api/v1/claims/"):
		names["id"] = x["reference"] + ".said"
	case strings.HasPrefix(c.pattern, "/api/v1/referrals/"):
		names["id"] = x["reference"] + ".referral"
	case strings.HasPrefix(c.pattern, "/api/v1/editions/"):
		names["id"] = x["reference"] + "." + x["number"]
	case strings.HasPrefix(c.pattern, "/api/v1/sources/"):
		names["id"] = x["key"]
	case strings.HasPrefix(c.pattern, "/api/v1/") && !strings.HasPrefix(c.pattern, "/api/v1/drafts/"):
		names["id"] = x["reference"]
	case strings.Contains(c.pattern, "/{part}/{key}"):
		names["part"], _ = keyOf(c.kind)
	}
	target := strings.ReplaceAll(c.pattern, "{lang}", "fr")
	for name, value := range names {
		target = strings.ReplaceAll(target, "{"+name+"}", value)
	}
	return strings.ReplaceAll(target, "*", x["*"])
}

// form is what a form of the desk sends: complete, so that nothing but who asks and
// the state of what he asks for can refuse it.
func (c *stateCase) form(x thing) url.Values {
	out := url.Values{"version": {x["version"]}}
	reason := func(name string) {
		for _, lang := range register.Langs() {
			out.Set(name+"."+string(lang), "Motif")
		}
	}
	_, rest, _ := strings.Cut(c.pattern, "/desk/")
	switch last := rest[strings.LastIndexByte(rest, '/')+1:]; {
	case strings.HasSuffix(rest, "/{part}"):
		out.Set("sources", baseSource)
	case strings.HasSuffix(rest, "/{part}/{key}"):
		out = merged(out, map[string]url.Values{
			"incidents":    {"kind": {"attack"}, "attestation": {"reported"}, "title.fr": {said}, "sources": {baseSource}},
			"statements":   {"topic": {"nature"}, "paraphrase.fr": {said}, "quantifier": {"unstated"}, "modality": {"asserts"}, "sources": {baseSource}},
			"institutions": {"language": {"fr"}, "kind": {"acronym"}, "name": {said}, "sources": {baseSource}},
		}[c.kind])
	case strings.HasSuffix(rest, "s/{id}"): // of a record: something moves
		part, key := keyOf(c.kind)
		out = merged(out, url.Values{"part": {part}, "key": {key}, "move": {map[string]string{"incidents": "down", "statements": "down", "institutions": "up"}[c.kind]}})
	case last == "text":
		out = merged(out, url.Values{"statement": {x["version"]}, "language": {"fr"}, "as": {"original"}, "page.1": {said + " autrement"}})
	case last == "claims":
		out = merged(out, url.Values{"topic": {"nature"}, "paraphrase.fr": {said}, "quantifier": {"unstated"}, "modality": {"asserts"}, "passage": {""}, "claim": {"said"}, "do": {"save"}})
	case last == "history":
		out = merged(out, url.Values{"comment": {"Vu"}, "account": {""}})
	case last == "comments":
		out.Set("comment", "Vu")
	case strings.HasPrefix(rest, "review/"):
		out = merged(out, confirmed(url.Values{"remarks": {"À revoir"}}))
		reason("reason")
	case last == "merge":
		reason("reason")
		out.Set("find", "base-"+strings.TrimSuffix(c.kind, "s"))
	case last == "withdraw":
		reason("reason")
	case last == "takedown":
		reason("reason")
		out = merged(out, url.Values{"first": {"1"}, "last": {"1"}})
	case last == "rename":
		out = merged(out, url.Values{"official.fr": {said}, "from": {"2026-11-01"}, "find": {baseSource}})
	case strings.HasPrefix(rest, "decisions/"):
		out.Set("answer", "Non")
	case strings.HasPrefix(rest, "sources/{key}"):
		out = merged(out, url.Values{"kind": {"press-report"}, "publisher": {"Une autre presse"}, "title": {"Article"}, "url": {"https://press.example/" + x["key"]}})
	case strings.HasPrefix(rest, "accounts/"):
		out.Set("role", "editor")
	case last == "revoke":
		out.Set("token", x["token"])
	case strings.HasPrefix(rest, "reset/"), strings.HasPrefix(rest, "invitation/"):
		out = merged(out, url.Values{"password": {"un autre mot de passe, long"}, "name": {"Nom"}, "language": {"fr"}})
	case strings.HasPrefix(rest, "vocabularies/"):
		reason("label")
		out = merged(out, url.Values{"code": {x["code"] + "-new"}, "position": {"60"}})
	}
	return merged(out, c.fields)
}

func merged(a, b url.Values) url.Values {
	maps.Copy(a, b)
	return a
}

// outcome is what was answered, in a word of the table.
func outcome(c *stateCase, a *testkit.Answer, changed bool) string {
	done := map[bool]string{true: "done", false: "idle"}[changed]
	switch to := a.Header.Get("Location"); {
	case strings.Contains(c.pattern, "/desk") && (a.Status == http.StatusSeeOther && strings.Contains(to, "/desk/login?to=") || a.Status == http.StatusUnauthorized):
		return "sign-in"
	case a.Status == http.StatusSeeOther:
		return done
	case c.method != http.MethodGet && a.Status < http.StatusMultipleChoices && strings.HasPrefix(c.pattern, "/api/"):
		return done
	case changed:
		return strconv.Itoa(a.Status) + "-and-changed"
	}
	return strconv.Itoa(a.Status)
}

// judge asks for everything that the lines of the table name, of a site, and returns
// what is not as they say.
func (w *world) judge(site http.Handler, cases []stateCase) (faults []string) {
	w.t.Helper()
	for i := range cases {
		c := &cases[i]
		for n, who := range c.askers {
			if c.want[n] == "-" {
				continue
			}
			x, key := w.thing(c, who)
			a, changed := w.asked(site, c, who, x)
			if changed {
				delete(w.things, key) // another one is made for who asks next
			}
			if got := outcome(c, a, changed); got != c.want[n] {
				faults = append(faults, fmt.Sprintf("%s as %s: %s, want %s (%s)", c, who, got, c.want[n], a.Target))
			}
			if !strings.Contains(c.pattern, "/desk") && !strings.HasPrefix(c.pattern, "/api/v1/drafts/") && c.family != "file" && strings.Contains(a.Body, hushed) {
				faults = append(faults, fmt.Sprintf("%s as %s: the answer tells of what is for staff only", c, who))
			}
		}
	}
	return faults
}

// asked asks once, and says whether something has changed since.
func (w *world) asked(site http.Handler, c *stateCase, who string, x thing) (a *testkit.Answer, changed bool) {
	w.t.Helper()
	if w.stood == "" {
		w.stood = w.state()
	}
	before := w.stood
	a = w.ask(site, c, w.asks[who], x)
	w.stood = w.state()
	return a, w.stood != before
}

// thing is what a line is about, made where there is none yet.
func (w *world) thing(c *stateCase, who string) (x thing, key string) {
	w.t.Helper()
	key = c.family + " " + c.kind + " " + c.state
	if strings.Contains(c.state, "one’s own") || strings.Contains(c.state, "who asks") {
		key += " " + who
	}
	if _, ok := w.things[key]; !ok {
		made, ok := families()[c.family]
		if !ok {
			w.t.Fatalf("line %d: nobody knows how to make a %s", c.line, c.family)
		}
		w.things[key], w.stood = made(w, c.kind, c.state, who), ""
	}
	return w.things[key], key
}

// namesSomething reports whether an address names a thing that has states.
func namesSomething(pattern string) bool {
	return strings.ContainsAny(strings.ReplaceAll(pattern, "{lang}", ""), "{*")
}

// missing compares the table with the routes that there are: each that names
// something stands in it, with more than one state, and it has no other.
func missing(routes []web.Route, cases []stateCase) (faults []string) {
	states := map[string]map[string]bool{}
	for i := range cases {
		name := cases[i].method + " " + cases[i].pattern
		if states[name] == nil {
			states[name] = map[string]bool{}
		}
		states[name][cases[i].state] = true
	}
	for _, r := range routes {
		name := r.Method + " " + r.Pattern
		if n := len(states[name]); namesSomething(r.Pattern) && n < 2 {
			faults = append(faults, fmt.Sprintf("%s names something, and the table has %d states of it", name, n))
		}
		delete(states, name)
	}
	for name := range states {
		faults = append(faults, name+" stands in the table, and is no route")
	}
	slices.Sort(faults)
	return faults
}

func stateCases(t *testing.T) []stateCase {
	t.Helper()
	text, err := os.ReadFile(statesFile)
	if err != nil {
		t.Fatal(err)
	}
	cases, faults := readStates(string(text))
	for _, fault := range faults {
		t.Error(fault)
	}
	return cases
}

// TestWhatStateAllows asks for everything in every state as everybody, and compares
// with the table. What is refused has changed nothing, what is done has, and what is
// public says nothing of a draft.
func TestWhatStateAllows(t *testing.T) {
	t.Parallel()
	cases := stateCases(t)
	for _, fault := range missing(web.Routes(), cases) {
		t.Error(fault)
	}
	shares := map[string][]stateCase{}
	for i := range cases {
		share := cases[i].share()
		shares[share] = append(shares[share], cases[i])
	}
	for share, cases := range shares {
		t.Run(share, func(t *testing.T) {
			t.Parallel()
			newWorld(t).goThrough(t, cases)
		})
	}
	t.Run("controls", func(t *testing.T) {
		t.Parallel()
		newWorld(t).holds(t, cases)
	})
}

// share is which part of the table a line is asked with, in a world of its own: each
// type of record, and all the rest.
func (c *stateCase) share() string {
	if c.family != "record" {
		return "rest"
	}
	return c.kind
}

// goThrough asks for lines, those of each address together.
func (w *world) goThrough(t *testing.T, cases []stateCase) {
	t.Helper()
	for len(cases) > 0 {
		n := 1
		for n < len(cases) && cases[n].block == cases[0].block {
			n++
		}
		block := cases[:n]
		cases = cases[n:]
		t.Run(strings.NewReplacer("/", "·", "{", "", "}", "").Replace(block[0].block), func(t *testing.T) {
			w.t = t
			for _, fault := range w.judge(w.Handler, block) {
				t.Error(fault)
			}
		})
	}
}

// everybodyAdmits takes everybody who has a session for an admin.
type everybodyAdmits struct{ desk.Sessions }

func (e everybodyAdmits) Who(ctx context.Context, token string) (desk.Who, error) {
	who, err := e.Sessions.Who(ctx, token)
	if err == nil {
		who.Role = register.RoleAdmin
	}
	return who, err
}

// nothingIsGone shows a statement that is public under every address.
type nothingIsGone struct{ *record.Store }

func (n nothingIsGone) Statement(ctx context.Context, _ string) (*register.StatementView, error) {
	return n.Store.Statement(ctx, "base-statement")
}

// holds are the controls: with a guard taken off, with a wrong line and with a route
// that the table does not have, the same comparison finds something.
func (w *world) holds(t *testing.T, cases []stateCase) {
	t.Helper()
	chosen := func(of func(c *stateCase) bool) (out []stateCase) {
		for i := range cases {
			if of(&cases[i]) {
				out = append(out, cases[i])
			}
		}
		if len(out) == 0 {
			t.Fatal("control: no line is chosen")
		}
		return out
	}
	is := func(method, pattern, state string) func(c *stateCase) bool {
		return func(c *stateCase) bool {
			return c.method == method && c.pattern == pattern && c.state == state && c.family != "fixed"
		}
	}
	finds := func(what string, faults []string, least int) {
		t.Helper()
		if len(faults) < least {
			t.Errorf("control: %s: %d faults are found, want %d: %s", what, len(faults), least, strings.Join(faults, "\n"))
		}
	}
	extra := web.Route{Method: http.MethodGet, Pattern: "/{lang}/desk/gadgets/{id}"}
	finds("a route that the table does not have", missing(append(web.Routes(), extra), cases), 1)
	finds("a line that is no route", missing(slices.DeleteFunc(web.Routes(), func(r web.Route) bool { return r.Pattern == "/documents/{hash}" }), cases), 1)
	_, faults := readStates("== record: nobody analyst\nGET /x/{id}\n    draft  404 404 404\n")
	finds("a line with too many answers", faults, 1)

	wrong := chosen(is(http.MethodGet, "/{lang}/statements/{slug}", "draft"))
	wrong[0].want = slices.Repeat([]string{"200"}, len(wrong[0].askers))
	finds("a wrong line", w.judge(w.Handler, wrong), len(wrong[0].askers))

	settings := *w.setting
	settings.Sessions = everybodyAdmits{settings.Sessions}
	open := w.site(&settings, w.records)
	finds("without the gate of roles: takedowns", w.judge(open, chosen(is(http.MethodGet, "/{lang}/desk/incidents/{id}/takedown", "published"))), 2)
	finds("without the gate of roles: accounts", w.judge(open, chosen(is(http.MethodGet, "/{lang}/desk/accounts/{account}", "at work"))), 2)
	finds("without the gate of roles: discarding another's draft", w.judge(open, chosen(func(c *stateCase) bool {
		return is(http.MethodPost, "/{lang}/desk/statements/{id}/history", "draft")(c) && c.fields.Get("act") == "discard"
	})), 1)
	shown := w.site(w.setting, nothingIsGone{w.records})
	for _, state := range []string{"draft", "withdrawn", "taken down"} {
		finds("without the gate of the public record: "+state, w.judge(shown, chosen(is(http.MethodGet, "/{lang}/statements/{slug}", state))), 1)
	}
	fourEyes := chosen(func(c *stateCase) bool {
		return c.family == "review" && c.state == "changed by who asks" && c.fields.Get("when") == "later"
	})
	if _, err := w.db.Owner().Exec(t.Context(), `ALTER TABLE desk.reviews DISABLE TRIGGER reviews_guard`); err != nil {
		t.Fatal(err)
	}
	finds("without four eyes", w.judge(w.Handler, fourEyes), 2)
}
