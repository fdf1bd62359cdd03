//go:build unix

package main

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/sijil/sijil/internal/auth"
	"github.com/sijil/sijil/internal/localpg"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/testkit"
)

const (
	// workers is how many publish at once.
	workers = 4
	// drafts is how many publications wait for a kill.
	drafts = 8
	// staffPassword is everybody's.
	staffPassword = "quatre chevaux corrects"
)

// publication is an incident with a new institution, which become public
// together.
type publication struct {
	incident, institution string // what they are called
	review                string // the address of their review

	editor string     // who has the review open
	form   url.Values // as it is to be sent
	// asked: somebody asked for it to be published; acknowledged: and was told
	// that it is.
	asked, acknowledged bool
}

// killedOffice are who work by the forms of the desk of a site in another
// process.
type killedOffice struct {
	site  http.Handler
	codes map[string][]string // recovery codes, each good once
	// machine works by the API.
	machine *tool
	// cookies are the sessions, and since when.
	cookies map[string]*http.Cookie
	since   time.Time
}

// hireForKills makes the accounts, each with a second factor.
func hireForKills(t *testing.T, site *url.URL, server *localpg.Server, env map[string]string) *killedOffice {
	t.Helper()
	db, err := store.Open(t.Context(), server.URL("sijil", store.DeskLogin), store.DeskSide)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	signing, err := auth.New(auth.Config{
		DB: db, Now: time.Now, Secret: env["SIJIL_SECRET_KEY"], Origin: site.String(), SecondFactor: true,
		Cost: auth.Cost{Memory: 64, Time: 1, Threads: 1},
	})
	if err != nil {
		t.Fatal(err)
	}
	o := &killedOffice{codes: map[string][]string{}, cookies: map[string]*http.Cookie{}}
	proxy := &httputil.ReverseProxy{
		Rewrite:      func(r *httputil.ProxyRequest) { r.SetURL(site) },
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	o.site = proxy
	for _, who := range demoStaff() {
		if err := signing.EnsureStaff(t.Context(), who, staffPassword); err != nil {
			t.Fatal(err)
		}
		o.codes[who.Email] = secondFactor(t, signing, who.Email)
	}
	o.machine = newTool(t, db, signing)
	return o
}

// secondFactor sets one-time codes up for an account, and returns its recovery
// codes.
func secondFactor(t *testing.T, signing *auth.Auth, email string) []string {
	t.Helper()
	from := auth.From{Addr: netip.MustParseAddr("192.0.2.1")}
	s, err := signing.SignIn(t.Context(), email, staffPassword, from, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := signing.BeginTOTP(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	setup, err := signing.PendingTOTP(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	code, err := totp.GenerateCode(strings.ReplaceAll(setup.Secret, " ", ""), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	_, codes, err := signing.ConfirmTOTP(t.Context(), s, code, from)
	if err != nil {
		t.Fatal(err)
	}
	return codes
}

// signIn signs everybody in by password and code, and again where the proof of
// who they are is about to be too old for publishing.
func (o *killedOffice) signIn(t *testing.T) {
	t.Helper()
	if time.Since(o.since) < 10*time.Minute {
		return
	}
	for _, who := range []string{testkit.Analyst, testkit.Editor, testkit.Editor2} {
		delete(o.cookies, who)
		form := url.Values{"email": {who}, "password": {staffPassword}}
		o.entered(t, who, testkit.Post(t, o.site, "/en/desk/login", form), http.StatusOK)
		code := o.codes[who][0]
		o.codes[who] = o.codes[who][1:]
		o.entered(t, who, testkit.Post(t, o.site, "/en/desk/login", url.Values{"code": {code}}, o.as(who)), http.StatusSeeOther)
	}
	o.since = time.Now()
}

// entered keeps the cookie of a session.
func (o *killedOffice) entered(t *testing.T, who string, a *testkit.Answer, want int) {
	t.Helper()
	cookie, err := http.ParseSetCookie(a.Header.Get("Set-Cookie"))
	if a.Status != want || err != nil {
		t.Fatalf("%s does not get in: status %d, %v: %s", who, a.Status, err, a.Text("main"))
	}
	o.cookies[who] = cookie
}

// as makes a request one of a person's.
func (o *killedOffice) as(who string) func(*http.Request) {
	return func(r *http.Request) { r.AddCookie(o.cookies[who]) }
}

// prepare logs incidents and sends them for review until enough wait, and has
// editors open what waits, several at once.
func (o *killedOffice) prepare(t *testing.T, round int, waiting []*publication) []*publication {
	t.Helper()
	o.signIn(t)
	out := make([]*publication, max(drafts, len(waiting)))
	copy(out, waiting)
	var staff sync.WaitGroup
	for i, p := range out {
		staff.Go(func() {
			var err error
			if p == nil {
				p, err = o.log(t, fmt.Sprintf("%04d-%d", round, i))
			}
			if err == nil {
				err = o.open(t, i, p)
			}
			if err != nil {
				t.Errorf("round %d: %v", round, err)
			}
			out[i] = p
		})
	}
	staff.Wait()
	if t.Failed() {
		t.FailNow()
	}
	return out
}

// log logs an incident with a new institution, says in a sentence what happened,
// and sends both for review.
func (o *killedOffice) log(t *testing.T, number string) (*publication, error) {
	t.Helper()
	// Words of their own: what is called alike may be the same to the desk.
	p := &publication{incident: rand.Text()[:12] + " " + number, institution: rand.Text()[:12] + " " + number}
	const form = "form.desk-form"
	to, err := o.fill(t, "/en/desk/incidents/new", form, url.Values{
		"title": {p.incident}, "lang": {"en"}, "institution.new.name": {p.institution}, "institution.new.kind": {string(register.InstitutionAgency)},
		"kind": {"information-content-security/data-leak"}, "date": {"10 April 2025"},
		"url": {"https://press.example/" + number}, "publisher": {"The Press"},
	})
	if err != nil {
		return nil, err
	}
	if _, err := o.fill(t, to+"/basics", form, url.Values{"summary.en": {"Nothing worked on day " + number + "."}}); err != nil {
		return nil, err
	}
	p.review, err = o.fill(t, to+"/send", "form.panel", url.Values{"note": {"Ready."}})
	return p, err
}

// fill opens a page as an analyst, fills its form and sends it; it returns where that leads.
func (o *killedOffice) fill(t *testing.T, address, form string, values url.Values) (string, error) {
	t.Helper()
	page := testkit.Ask(t, o.site, address, o.as(testkit.Analyst))
	if page.Status != http.StatusOK || page.Count(form) != 1 {
		return "", fmt.Errorf("%s: status %d, %d forms: %s", address, page.Status, page.Count(form), page.Text("h1"))
	}
	fields := page.Fields(form)
	for name := range values {
		fields[name] = values[name]
	}
	a := testkit.Post(t, o.site, address, fields, o.as(testkit.Analyst))
	to, _, _ := strings.Cut(a.Header.Get("Location"), "?")
	if a.Status != http.StatusSeeOther || to == "" {
		return "", fmt.Errorf("%s: status %d: %s", address, a.Status, a.Text(".error-summary"))
	}
	return to, nil
}

// open has an editor open a review, and confirm all that is asked.
func (o *killedOffice) open(t *testing.T, i int, p *publication) error {
	t.Helper()
	p.editor = []string{testkit.Editor, testkit.Editor2}[i%2]
	page := testkit.Ask(t, o.site, p.review, o.as(p.editor))
	const form = "form.panel"
	if page.Status != http.StatusOK || page.Count(form) != 1 {
		return fmt.Errorf("%s: status %d, %d forms: %s", p.review, page.Status, page.Count(form), page.Text("main .notice"))
	}
	p.form = page.Fields(form)
	p.form.Set("act", "publish")
	p.form.Set("when", "now")
	p.form.Set("reason.en", "First publication")
	for _, item := range register.ReviewChecks() {
		p.form.Set("checks."+item, "yes")
	}
	return nil
}

// publish sends the form. That is acknowledged only when the answer leads on.
func (o *killedOffice) publish(t *testing.T, p *publication) (status int) {
	t.Helper()
	p.asked = true
	a := testkit.Post(t, o.site, p.review, p.form, o.as(p.editor))
	p.acknowledged = a.Status == http.StatusSeeOther && a.Header.Get("Location") == p.review+"?done=review-published"
	return a.Status
}
