package web_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/auth"
	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	storedesk "github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/web"
	"github.com/sijil/sijil/internal/web/desk"
)

// named is what a form names beside its address: a field with something of another
// record, and the same with what is the record's own, which is the control.
type named struct {
	path         string // of the record, after /fr/desk
	foreign, own url.Values
}

// matters are a statement, its incident, and another of each with parts of its own.
type matters struct {
	*deskSite
	auth                           *auth.Auth
	t                              *testing.T
	a, b                           editorial.Version // statements
	incident, other                editorial.Version
	institution                    editorial.Version
	review, otherReview, otherInto string // what was sent for review; a record of another review
	decision, account, run         string
}

const fromElsewhere = "elsewhere"

func newMatters(t *testing.T) *matters {
	t.Helper()
	m := &matters{t: t}
	m.deskSite = newDeskSite(t, testkit.Database(t), capturesOn, func(c *desk.Config) { m.auth = c.Auth })
	w := &world{deskSite: m.deskSite, t: t, auth: m.auth, things: map[string]thing{}, asks: map[string]asker{}}
	for _, email := range []string{author, reviewer, second} {
		w.staff[email] = w.staff[map[string]string{author: testkit.Analyst, reviewer: testkit.Editor, second: testkit.Admin}[email]]
	}
	w.publishBase()
	save := func(noun any) editorial.Version { return w.saveAs(author, editorial.Version{}, noun) }
	a, b := w.noun("statements", "first", said).(*register.Statement), w.noun("statements", "second", said).(*register.Statement)
	a.Official, b.Claims[0].Key = true, fromElsewhere
	b.Documents = []register.Document{{Fact: register.Fact{Key: fromElsewhere + "-paper", Sources: []string{baseSource}}, Name: "piece.txt", Type: register.TypeText, SHA256: nowhere["hash"], Size: 1}}
	m.a, m.b = save(a), save(b)
	i, o := w.noun("incidents", "incident", said).(*register.Incident), w.noun("incidents", "other", said).(*register.Incident)
	i.Statements, o.Statements = []register.Ref{m.a.ID}, []register.Ref{m.b.ID}
	o.Referrals[0].Key, o.Events[0].Key = fromElsewhere+"-referral", fromElsewhere
	m.incident, m.other = save(i), save(o)
	m.institution = save(w.noun("institutions", "house", said))
	for _, review := range []*string{&m.review, &m.otherReview} {
		v := save(w.noun("institutions", w.slug("institutions"), said))
		*review, m.otherInto = w.sent(v), string(v.ID)
	}
	m.decision, m.account = w.decision("", "withdrawal", "")["decision"], w.account("", "at work", "")["account"]
	m.run = w.imported("", "another’s, not confirmed", "")["run"]
	return m
}

// nothing says why the form of a route can name nothing of another record.
type nothing string

// inForms says, for each route that changes what its address names, what of another
// record its form can name. A new such route has no line, and the test fails until
// somebody has thought of it.
func (m *matters) inForms() map[string]any {
	at := func(v editorial.Version, rest string) string {
		word := map[register.Ref]string{m.a.ID: "statements", m.incident.ID: "incidents", m.institution.ID: "institutions"}[v.ID]
		return "/" + word + "/" + string(v.ID) + rest
	}
	claim := func(v editorial.Version, key string) string { return string(v.ID) + "#" + key }
	event := url.Values{"kind": {"attack"}, "attestation": {"reported"}, "title.fr": {said}, "sources": {baseSource}}
	mark := url.Values{"topic": {"nature"}, "paraphrase.fr": {said}, "quantifier": {"unstated"}, "modality": {"asserts"}, "do": {"save"}}
	and := func(a url.Values, pairs ...string) url.Values {
		out := maps.Clone(a)
		for i := 0; i < len(pairs); i += 2 {
			out.Set(pairs[i], pairs[i+1])
		}
		return out
	}
	step := url.Values{"step": {"announced"}, "level": {"press-only"}, "kind": {"judicial"}, "title.fr": {said}, "claim": {"said"}, "version." + string(m.incident.ID): {"1"}, "version." + string(m.other.ID): {"1"}}
	none := nothing("its form names nothing else")
	out := map[string]any{
		"POST /{lang}/desk/statements/{id}/text": []named{{at(m.a, "/text"), url.Values{"document": {fromElsewhere + "-paper"}}, url.Values{"statement": {"1"}, "language": {"fr"}, "as": {"original"}, "page.1": {said}}}},
		"POST /{lang}/desk/statements/{id}/claims": []named{
			{at(m.a, "/claims"), and(mark, "claim", fromElsewhere), and(mark, "claim", "said")},
			{at(m.a, "/claims"), url.Values{"do": {"remove"}, "claim": {fromElsewhere}}, nil},
		},
		"POST /{lang}/desk/statements/{id}/step": []named{
			{at(m.a, "/step"), and(step, "claim", fromElsewhere, "where", string(m.incident.ID)+"#"), and(step, "where", string(m.incident.ID)+"#")},
			{at(m.a, "/step"), and(step, "where", string(m.other.ID)+"#"), nil},
			{at(m.a, "/step"), and(step, "where", string(m.incident.ID)+"#"+fromElsewhere+"-referral"), and(step, "where", string(m.incident.ID)+"#referral")},
		},
		"POST /{lang}/desk/incidents/{id}/{part}": []named{
			{at(m.incident, "/statements"), url.Values{"statements": {string(m.institution.ID)}}, url.Values{"statements": {string(m.a.ID)}}},
			{at(m.incident, "/sources"), url.Values{"sources": {"never-was"}}, url.Values{"sources": {baseSource}}},
		},
		"POST /{lang}/desk/incidents/{id}/{part}/{key}": []named{
			{at(m.incident, "/events/attack"), and(event, "said_in", claim(m.a, fromElsewhere)), and(event, "said_in", claim(m.a, "said"))},
			{at(m.incident, "/events/attack"), and(event, "sources", "never-was"), nil},
		},
		"POST /{lang}/desk/review/{id}/comments":            []named{{"/review/" + m.review, url.Values{"comment": {"Vu"}, "record": {m.otherInto}}, url.Values{"comment": {"Vu"}}}},
		"POST /{lang}/desk/sources/{key}/captures/{number}": none, // of its statement: TestACopyIsAddedWhereItsSourceStands
		"POST /{lang}/desk/institutions/{id}/rename":        nothing("it cites any source of the register"),
		"POST /{lang}/desk/review/{id}":                     none,
		"POST /{lang}/desk/decisions/{decision}":            none,
		"POST /{lang}/desk/sources/{key}":                   none,
		"POST /{lang}/desk/sources/{key}/captures":          none,
		"POST /{lang}/desk/import/{run}":                    none,
		"POST /{lang}/desk/vocabularies/{name}":             none,
		"POST /{lang}/desk/vocabularies/{name}/{code}":      none,
		"POST /{lang}/desk/reset/{token}":                   none,
		"POST /{lang}/desk/invitation/{token}":              none,
		"POST /{lang}/desk/email/{token}":                   none,
	}
	for _, rest := range []string{"", "/link", "/deactivate", "/reactivate", "/clear-factors"} {
		out["POST /{lang}/desk/accounts/{account}"+rest] = none
	}
	parts := map[string][2]string{"incidents": {"events", "attack"}, "statements": {"claims", "said"}, "institutions": {"names", "acronym"}}
	for word, v := range map[string]editorial.Version{"incidents": m.incident, "statements": m.a, "institutions": m.institution} {
		route := "POST /{lang}/desk/" + word + "/{id}"
		moves := url.Values{"part": {parts[word][0]}, "move": {"down"}}
		out[route] = []named{
			{at(v, ""), and(moves, "key", fromElsewhere), and(moves, "key", parts[word][1])},
			{at(v, ""), and(moves, "part", "none", "key", parts[word][1]), nil},
		}
		out[route+"/history"] = []named{
			{at(v, "/history"), url.Values{"act": {"assign"}, "account": {nowhere["account"]}}, url.Values{"act": {"assign"}, "account": {m.account}}},
			{at(v, "/history"), url.Values{"act": {"discard"}, "version": {"99"}}, nil},
		}
		out[route+"/send"] = nothing("what goes along is among the drafts that it points to; others are left out")
		out[route+"/withdraw"], out[route+"/takedown"] = none, none
		out[route+"/{part}/{key}/remove"] = none
		for _, pattern := range []string{route + "/{part}", route + "/{part}/{key}"} {
			if out[pattern] == nil {
				out[pattern] = []named{{at(v, "/sources"), url.Values{"sources": {"never-was"}}, url.Values{"sources": {baseSource}}}}
			}
		}
		if word != "statements" {
			out[route+"/merge"] = nothing("it was never public; of what is, TestWhatStateAllows, and desk.guard_decision")
		}
		out["PUT /api/v1/drafts/"+word+"/{id}"] = nothing("see TestAProgramMixesNothing")
		out["POST /api/v1/drafts/"+word+"/{id}/review"] = none
	}
	return out
}

// TestFormsNameWhatIsTheirs names in forms what belongs to another record: a claim
// of another statement, a referral of another incident, a remark on what is in
// another review. All is refused, and nothing has changed; the same with what is the
// record's own is done.
func TestFormsNameWhatIsTheirs(t *testing.T) {
	t.Parallel()
	m := newMatters(t)
	forms := m.inForms()
	if faults := unthought(web.Routes(), forms); len(faults) > 0 {
		t.Error(strings.Join(faults, "\n"))
	}
	extra := web.Route{Method: http.MethodPost, Pattern: "/{lang}/desk/gadgets/{id}"}
	if len(unthought(append(web.Routes(), extra), forms)) == 0 {
		t.Error("control: a new route is not noticed")
	}
	for _, name := range slices.Sorted(maps.Keys(forms)) {
		cases, _ := forms[name].([]named)
		for _, c := range cases {
			before := m.audited()
			suffix := ""
			if strings.HasSuffix(name, "/comments") {
				suffix = "/comments"
			}
			a := m.post(c.path+suffix, c.foreign)
			if !refuses(a.Status) || m.audited() != before {
				t.Errorf("%s: %s with %s: status %d, changed %v", name, c.path, c.foreign.Encode(), a.Status, m.audited() != before)
			}
			if c.own == nil {
				continue
			}
			if a := m.post(c.path+suffix, c.own); a.Status != http.StatusSeeOther {
				t.Errorf("control: %s: %s with %s: status %d: %s", name, c.path, c.own.Encode(), a.Status, a.Text(".error-summary"))
			}
		}
	}
	for _, query := range []string{"/text?document=" + fromElsewhere + "-paper", "/claims?claim=" + fromElsewhere, "/step?claim=" + fromElsewhere} {
		target := "/fr/desk/statements/" + string(m.a.ID) + query
		if a := testkit.Ask(t, m, target, testkit.As(testkit.Admin)); a.Status != http.StatusNotFound {
			t.Errorf("%s: status %d", target, a.Status)
		}
		target = strings.ReplaceAll("/fr/desk/statements/"+string(m.b.ID)+query, "/step?", "/claims?")
		if a := testkit.Ask(t, m, target, testkit.As(testkit.Admin)); a.Status != http.StatusOK {
			t.Errorf("control: %s: status %d", target, a.Status)
		}
	}
}

// unthought are the routes that change what they name, of which nobody has said
// what their forms can name.
func unthought(routes []web.Route, forms map[string]any) (faults []string) {
	left := maps.Clone(forms)
	for _, r := range routes {
		name := r.Method + " " + r.Pattern
		if r.Method != http.MethodGet && namesSomething(r.Pattern) && left[name] == nil {
			faults = append(faults, name+": nobody has said what its form can name of another record")
		}
		delete(left, name)
	}
	for name := range left {
		faults = append(faults, name+" is no route")
	}
	return faults
}

// audited is the head of the audit: every change is a line of it.
func (m *matters) audited() (hash string) {
	m.t.Helper()
	if err := m.db.Owner().QueryRow(m.t.Context(), `SELECT encode(hash, 'hex') FROM desk.audit_head`).Scan(&hash); err != nil {
		m.t.Fatal(err)
	}
	return hash
}

// post sends a form about a record as it is now.
func (m *matters) post(path string, form url.Values) *testkit.Answer {
	m.t.Helper()
	form = maps.Clone(form)
	if parts := strings.Split(path, "/"); len(parts) > 2 && !form.Has("version") {
		if head, err := m.editorial.Head(m.t.Context(), m.staff[testkit.Admin], register.Ref(parts[2])); err == nil {
			form.Set("version", itoa(head.Version))
		}
	}
	return testkit.Post(m.t, m, "/fr/desk"+path, form, testkit.As(testkit.Admin))
}

// TestAProgramMixesNothing writes drafts, as a program, that point to what is not
// where they say: a claim of another statement, a record of another type, a source
// that nobody knows; and one draft at the address of another type's.
func TestAProgramMixesNothing(t *testing.T) {
	t.Parallel()
	m := newMatters(t)
	actor := m.staff[testkit.Analyst]
	token, err := m.auth.MakeToken(t.Context(), auth.Session{
		Session: storedesk.Session{Account: storedesk.Account{ID: actor.ID, Role: actor.Role}, ProvedAt: m.clock.Now()},
	}, auth.NewToken{Name: "tool", Scopes: register.Scopes(), Days: 7})
	if err != nil {
		t.Fatal(err)
	}
	incident := func(change func(i *register.Incident)) any {
		d := m.load(t, m.incident)
		change(d.Incident)
		return d.Incident
	}
	statement := func(change func(s *register.Statement)) any {
		d := m.load(t, m.a)
		change(d.Statement)
		return d.Statement
	}
	saidIn := func(claim string) func(i *register.Incident) {
		return func(i *register.Incident) {
			i.Events[0].SaidIn = []register.ClaimRef{{Statement: m.a.ID, Claim: claim}}
		}
	}
	repeats := func(to register.ClaimRef) func(s *register.Statement) {
		return func(s *register.Statement) {
			s.Claims[0].Relations = []register.ClaimRelation{{Kind: "repeats", To: to}}
		}
	}
	put := func(path string, version int, record any) *testkit.Answer {
		raw, err := json.Marshal(map[string]any{"record": record})
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest(http.MethodPut, "http://sijil.test/api/v1/drafts/"+path, strings.NewReader(string(raw)))
		for name, value := range map[string]string{
			"Content-Type": "application/json", "Authorization": "Bearer " + token, "Idempotency-Key": nextKey(), "If-Match": `"` + itoa(version) + `"`,
		} {
			r.Header.Set(name, value)
		}
		w := httptest.NewRecorder()
		m.ServeHTTP(w, r)
		return &testkit.Answer{Status: w.Code, Body: w.Body.String()}
	}
	i, s := "incidents/"+string(m.incident.ID), "statements/"+string(m.a.ID)
	for name, c := range map[string]struct {
		path   string
		record any
		good   bool
	}{
		"a claim of another statement":  {i, incident(saidIn(fromElsewhere)), false},
		"a relation to one that is not": {s, statement(repeats(register.ClaimRef{Statement: m.b.ID, Claim: "said"})), false},
		"an institution as a statement": {i, incident(func(i *register.Incident) { i.Statements = []register.Ref{m.institution.ID} }), false},
		"a statement as the issuer":     {s, statement(func(s *register.Statement) { s.Issuer = m.b.ID }), false},
		"a source that nobody knows":    {i, incident(func(i *register.Incident) { i.Sources = []string{"never-was"} }), false},
		"a quote of another's rendering": {s, statement(func(s *register.Statement) {
			s.Claims[0].Quotes = []register.Quote{{Language: "fr", Text: said, Rendering: fromElsewhere}}
		}), false},
		"at the address of an institution": {"incidents/" + string(m.institution.ID), incident(func(*register.Incident) {}), false},
		"at the address of a statement":    {"institutions/" + string(m.a.ID), m.load(t, m.institution).Institution, false},
		"control: its own claim":           {i, incident(saidIn("said")), true},
		"control: a claim that is there":   {s, statement(repeats(register.ClaimRef{Statement: m.b.ID, Claim: fromElsewhere})), true},
	} {
		before := m.audited()
		if a := put(c.path, 1, c.record); (a.Status == http.StatusOK) != c.good || c.good == (m.audited() == before) || a.Status >= http.StatusInternalServerError {
			t.Errorf("%s: status %d: %s", name, a.Status, a.Body)
		}
	}
}

// TestACopyIsAddedWhereItsSourceStands: what a page said is added to a statement
// that rests on that page, and to no other.
func TestACopyIsAddedWhereItsSourceStands(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Database(t), capturesOn)
	capturedSomething(t, s)
	draft := func(slug string, sources ...string) editorial.Version {
		return s.draft(t, editorial.Draft{Statement: &register.Statement{
			Language: "fr", Slug: slug, Title: register.Text{"fr": slug}, Kind: register.StatementCommunique, Official: true, Sources: sources,
		}})
	}
	own, other := draft("own", capturedSource), draft("other")
	for v, want := range map[register.Ref]int{other.ID: http.StatusNotFound, own.ID: http.StatusSeeOther} {
		a := testkit.Post(t, s, capturesPath+"/2", url.Values{"act": {"attach"}, "statement": {string(v)}}, testkit.As(testkit.Analyst))
		if a.Status != want {
			t.Errorf("status %d, want %d: %s", a.Status, want, a.Text("main"))
		}
	}
	if d := s.load(t, other); len(d.Statement.Documents) != 0 {
		t.Error("a copy was added to what does not rest on its source")
	}
}
