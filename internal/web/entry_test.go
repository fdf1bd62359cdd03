package web_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/pquerna/otp/totp"

	"github.com/sijil/sijil/internal/auth"
	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/record"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/web"
	"github.com/sijil/sijil/internal/web/desk"
)

const rightPassword = "quatre chevaux corrects"

// door is a site with the sessions of production.
type door struct {
	http.Handler
	t         *testing.T
	auth      *auth.Auth
	editorial *editorial.Editorial
	db        *testkit.DB
	clock     *testkit.Clock
	log       *strings.Builder
	letters   letters
}

// letters keeps what is sent by mail.
type letters struct {
	mu   *sync.Mutex
	sent *[]auth.Letter
}

func (letters) Pretend(context.Context, store.Querier, auth.Letter) error { return nil }

func (l letters) Send(_ context.Context, _ store.Querier, letter auth.Letter) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	*l.sent = append(*l.sent, letter)
	return nil
}

// newDoor opens a site with somebody of each role. The functions change how
// people sign in there.
func newDoor(t *testing.T, baseURL string, change ...func(*auth.Config)) *door {
	t.Helper()
	return newDoorOn(t, testkit.Database(t), baseURL, change...)
}

// newDoorOn is newDoor over a database.
func newDoorOn(t *testing.T, db *testkit.DB, baseURL string, change ...func(*auth.Config)) *door {
	t.Helper()
	d := &door{
		t: t, db: db, clock: testkit.NewClock(testkit.FoundingDay()), log: &strings.Builder{},
		letters: letters{&sync.Mutex{}, &[]auth.Letter{}},
	}
	cfg := auth.Config{
		DB: store.Wrap(d.db.Desk()), Now: d.clock.Now, Secret: strings.Repeat("k", auth.MinSecret), Origin: baseURL,
		Cost: auth.Cost{Memory: 64, Time: 1, Threads: 1}, Post: d.letters,
	}
	for _, c := range change {
		c(&cfg)
	}
	var err error
	if d.auth, err = auth.New(cfg); err != nil {
		t.Fatal(err)
	}
	d.editorial = editorial.New(store.Wrap(d.db.Desk()), d.clock.Now)
	d.Handler, err = web.New(web.Config{
		BaseURL: baseURL, Records: record.NewStore(store.Wrap(d.db.Public())), Now: d.clock.Now, Patience: patience,
		Log: slog.New(slog.NewTextHandler(d.log, nil)),
		Desk: &desk.Config{
			Editorial: d.editorial, Sessions: desk.NewSessions(d.auth), Auth: d.auth, Now: d.clock.Now, Demo: !cfg.SecondFactor,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for email, role := range map[string]register.AccountRole{
		testkit.Analyst: register.RoleAnalyst, testkit.Editor: register.RoleEditor, testkit.Admin: register.RoleAdmin,
	} {
		err := d.auth.EnsureStaff(t.Context(), auth.Invitation{Email: email, Name: email, Role: role, Lang: register.French}, rightPassword)
		if err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// visitor is a browser without scripts: it keeps cookies, fills forms with
// what is hidden in them, and follows redirects.
type visitor struct {
	t       *testing.T
	site    http.Handler
	cookies map[string]string
	*testkit.Answer
}

func (d *door) visitor() *visitor { return &visitor{t: d.t, site: d, cookies: map[string]string{}} }

func (v *visitor) carry(r *http.Request) {
	for name, value := range v.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
}

// came notes cookies and follows redirects; the first answer's status stays.
func (v *visitor) came(a *testkit.Answer) *visitor {
	v.t.Helper()
	for _, line := range a.Header.Values("Set-Cookie") {
		c, err := http.ParseSetCookie(line)
		if err != nil {
			v.t.Fatal(err)
		}
		if v.cookies[c.Name] = c.Value; c.MaxAge < 0 {
			delete(v.cookies, c.Name)
		}
	}
	v.Answer = a
	if to := a.Header.Get("Location"); to != "" {
		return v.open(to)
	}
	return v
}

func (v *visitor) open(target string) *visitor {
	v.t.Helper()
	return v.came(testkit.Ask(v.t, v.site, target, v.carry))
}

// send fills the first form that has all the fields, and sends it to where it
// posts.
func (v *visitor) send(fields map[string]string) *visitor {
	v.t.Helper()
	var form *goquery.Selection
	v.Page().Find("form[method=post]").EachWithBreak(func(_ int, f *goquery.Selection) bool {
		for name := range fields {
			if f.Find(`[name="`+name+`"]`).Length() == 0 {
				return true
			}
		}
		form = f
		return false
	})
	if form == nil {
		v.t.Fatalf("%s (status %d, %q) has no form with %v", v.Target, v.Status, v.Text("h1"), fields)
	}
	return v.post(form, fields)
}

// press sends the form with a button.
func (v *visitor) press(label string) *visitor {
	v.t.Helper()
	form := v.Page().Find("form").FilterFunction(func(_ int, f *goquery.Selection) bool {
		return strings.TrimSpace(f.Find("button").Text()) == label
	})
	if form.Length() == 0 {
		v.t.Fatalf("%s (status %d, %q) has no button %q", v.Target, v.Status, v.Text("h1"), label)
	}
	return v.post(form.First(), nil)
}

func (v *visitor) post(form *goquery.Selection, fields map[string]string) *visitor {
	v.t.Helper()
	values := url.Values{"csrf": nil}
	form.Find("input, textarea, select").Each(func(_ int, f *goquery.Selection) {
		value := f.AttrOr("value", f.Find("option[selected]").AttrOr("value", ""))
		values.Set(f.AttrOr("name", ""), value)
	})
	for name, value := range fields {
		values.Set(name, value)
	}
	return v.came(testkit.Post(v.t, v.site, form.AttrOr("action", ""), values, v.carry,
		func(r *http.Request) { r.Header.Set("Referer", "http://sijil.test"+v.Target) }))
}

func (v *visitor) signIn(email string) *visitor {
	v.t.Helper()
	return v.open("/fr/desk/login").send(map[string]string{"email": email, "password": rightPassword})
}

func (v *visitor) wantAt(target string) {
	v.t.Helper()
	if path, _, _ := strings.Cut(v.Target, "?"); path != target || v.Status != http.StatusOK {
		v.t.Fatalf("at %s with status %d (%q), want %s", v.Target, v.Status, v.Text("h1"), target)
	}
}

// secretOn is the secret that a page shows to be typed.
func (v *visitor) secretOn() string { return strings.ReplaceAll(v.Text("[data-secret]"), " ", "") }

func codeNow(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	code, err := totp.GenerateCode(secret, at)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func TestSignInAndOut(t *testing.T) {
	t.Parallel()
	d := newDoor(t, "http://sijil.test")
	for _, lang := range []string{"fr", "ar", "en"} {
		v := d.visitor().open("/" + lang + "/desk/accounts?x=1")
		v.wantAt("/" + lang + "/desk/login")
		v.send(map[string]string{"email": "admin@example.org", "password": rightPassword})
		v.wantAt("/" + lang + "/desk/accounts")
		token := v.cookies["sijil_session"]
		form := v.Page().Find(`form[action$="/desk/logout"]`)
		out := testkit.Post(t, d, form.AttrOr("action", ""), url.Values{"csrf": {form.Find("[name=csrf]").AttrOr("value", "")}}, v.carry)
		if got := out.Header.Get("Clear-Site-Data"); got != `"cache"` {
			t.Errorf("Clear-Site-Data: %q", got)
		}
		v.came(out).wantAt("/" + lang + "/")
		if v.cookies["sijil_known"] == "" || len(v.cookies) != 1 {
			t.Errorf("left are %v, want only what the browser is known by", v.cookies)
		}
		v.cookies["sijil_session"] = token
		v.open("/" + lang + "/desk").wantAt("/" + lang + "/desk/login")
	}
}

func TestTheCookieOfTheSession(t *testing.T) {
	t.Parallel()
	for base, want := range map[string][]string{
		"http://sijil.test": {
			`^sijil_session=[\w-]{43}; Path=/; Expires=[^;]+; HttpOnly; SameSite=Lax$`,
			`^sijil_known=[\w-]{112}; Path=/; Max-Age=7776000; HttpOnly; SameSite=Lax$`,
		},
		"https://sijil.test": {
			`^__Host-sijil=[\w-]{43}; Path=/; Expires=[^;]+; HttpOnly; Secure; SameSite=Lax$`,
			`^__Host-sijil-known=[\w-]{112}; Path=/; Max-Age=7776000; HttpOnly; Secure; SameSite=Lax$`,
		},
	} {
		d := newDoor(t, base)
		a := testkit.Post(t, d, "/fr/desk/login", url.Values{"email": {testkit.Editor}, "password": {rightPassword}})
		got := a.Header.Values("Set-Cookie")
		if len(got) != 2 || !regexp.MustCompile(want[0]).MatchString(got[0]) || !regexp.MustCompile(want[1]).MatchString(got[1]) {
			t.Errorf("%s: %q", base, got)
		}
	}
}

// TestAKnownBrowserIsLetIn: others guess at an account, and its owner still gets
// in where he did before; the same browser without its cookie does not.
func TestAKnownBrowserIsLetIn(t *testing.T) {
	t.Parallel()
	d := newDoor(t, "http://sijil.test")
	v := d.visitor().signIn(testkit.Editor)
	v.post(v.Page().Find(`form[action$="/desk/logout"]`), nil)
	for range 11 {
		testkit.Post(t, d, "/fr/desk/login", url.Values{"email": {testkit.Editor}, "password": {"wrong wrong wrong"}})
	}
	d.visitor().signIn(testkit.Editor).wantStatus(http.StatusTooManyRequests)
	v.signIn(testkit.Editor).wantAt("/fr/desk")
}

func (v *visitor) wantStatus(status int) {
	v.t.Helper()
	if v.Status != status {
		v.t.Errorf("%s: status %d, want %d", v.Target, v.Status, status)
	}
}

// TestSignInTellsNothing compares what everybody is told who cannot sign in.
func TestSignInTellsNothing(t *testing.T) {
	t.Parallel()
	d := newDoor(t, "http://sijil.test")
	answer := func(email string) string {
		a := testkit.Post(t, d, "/ar/desk/login", url.Values{"email": {email}, "password": {"wrong wrong wrong"}})
		if a.Status != http.StatusUnprocessableEntity || a.Text(".error-summary") == "" || a.Header.Get("Set-Cookie") != "" {
			t.Errorf("%s: status %d, %q", email, a.Status, a.Text(".error-summary"))
		}
		return blank(a.Body, email)
	}
	forgot := func(email string) string {
		a := testkit.Post(t, d, "/ar/desk/forgot", url.Values{"email": {email}})
		if a.Status != http.StatusOK {
			t.Errorf("%s: status %d", email, a.Status)
		}
		return blank(a.Body, email)
	}
	if known, unknown := answer(testkit.Editor), answer("nobody@example.org"); known != unknown {
		t.Errorf("the sign-in tells who has an account:\n%s\n%s", known, unknown)
	}
	if forgot(testkit.Editor) != forgot("nobody@example.org") {
		t.Error("a forgotten password tells who has an account")
	}
	if len(*d.letters.sent) != 1 {
		t.Errorf("%d letters", len(*d.letters.sent))
	}
	for range 10 {
		testkit.Post(t, d, "/fr/desk/login", url.Values{"email": {"nobody@example.org"}, "password": {"wrong wrong wrong"}})
	}
	a := testkit.Post(t, d, "/fr/desk/login", url.Values{"email": {"nobody@example.org"}, "password": {"wrong wrong wrong"}})
	if a.Status != http.StatusTooManyRequests || a.Header.Get("Retry-After") != "900" || !strings.Contains(a.Text(".error-summary"), "15 minutes") {
		t.Errorf("status %d, Retry-After %q: %s", a.Status, a.Header.Get("Retry-After"), a.Text(".error-summary"))
	}
}

// TestWhatWasTypedComesBackAfterSigningIn: a form is sent after its session has
// ended, and goes through password and code to the page where it was typed.
func TestWhatWasTypedComesBackAfterSigningIn(t *testing.T) {
	t.Parallel()
	const place = "/desk/statements/00000000-0000-0000-0000-000000000000/claims"
	d := newDoor(t, "http://sijil.test")
	v := d.visitor().signIn(testkit.Analyst)
	v.open("/fr/desk/account/second-factor").press("Mettre en place les codes")
	secret := v.secretOn()
	v.send(map[string]string{"code": codeNow(t, secret, d.clock.Now())})
	d.clock.Advance(31 * time.Minute)

	typed := url.Values{"quote": {"« Des documents »\nالوثائق"}, "topic": {"scope", "nature"}, "csrf": {"old"}}
	v.came(testkit.Post(t, d, "/fr"+place, typed, v.carry))
	if v.Status != http.StatusUnauthorized || v.Page().Find("input[name=password]").Length() != 1 {
		t.Fatalf("status %d: %s", v.Status, v.Text("main"))
	}
	v.send(map[string]string{"email": testkit.Analyst, "password": "wrong wrong wrong"})
	v.send(map[string]string{"email": testkit.Analyst, "password": rightPassword})
	v.send(map[string]string{"code": "000000"})
	if v.Status != http.StatusUnprocessableEntity {
		t.Fatalf("a wrong code: status %d", v.Status)
	}
	v.send(map[string]string{"code": codeNow(t, secret, d.clock.Now())})
	if v.Target != "/fr"+place {
		t.Errorf("at %s", v.Target)
	}
	account, err := d.auth.AccountByEmail(t.Context(), auth.Operator(), testkit.Analyst)
	if err != nil {
		t.Fatal(err)
	}
	sheet, err := d.editorial.Worksheet(t.Context(), register.Actor{ID: account.ID, Role: account.Role}, place)
	if err != nil {
		t.Fatal(err)
	}
	if got := sheet.Form; got.Get("quote") != typed.Get("quote") || len(got["topic"]) != 2 || got.Has("csrf") || got.Has("password") {
		t.Errorf("kept %v", got)
	}
}

// TestAPageOfAnEarlierSessionLosesNothing: signed in again in another tab, the
// form of the first one has an old token.
func TestAPageOfAnEarlierSessionLosesNothing(t *testing.T) {
	t.Parallel()
	const place = "/desk/statements/00000000-0000-0000-0000-000000000000/claims"
	d := newDoor(t, "http://sijil.test")
	v := d.visitor().signIn(testkit.Analyst)
	a := testkit.Post(t, d, "/fr"+place, url.Values{"csrf": {"old"}, "quote": {"typed"}}, v.carry)
	if a.Status != http.StatusSeeOther || a.Header.Get("Location") != "/fr"+place+"?done=session-changed" {
		t.Errorf("status %d to %s", a.Status, a.Header.Get("Location"))
	}
	// A browser that does not say where a form comes from gets no such trust.
	a = testkit.Post(t, d, "/fr"+place, url.Values{"csrf": {"old"}}, v.carry, func(r *http.Request) { r.Header.Del("Sec-Fetch-Site") })
	if a.Status != http.StatusForbidden {
		t.Errorf("status %d", a.Status)
	}
}

// blank takes out of a page what was typed, and what is random on each.
func blank(body, email string) string {
	return regexp.MustCompile(`name="once" value="\w+"`).ReplaceAllString(strings.ReplaceAll(body, email, ""), "")
}

func TestTheSignInLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	d := newDoor(t, "http://sijil.test")
	for to, want := range map[string]string{
		"/desk/accounts":       "/fr/desk/accounts",
		"/desk/accounts?x=1":   "/fr/desk/accounts?x=1",
		"https://evil.example": "/fr/desk",
		"//evil.example/desk":  "/fr/desk",
		"/desk//evil.example":  "/fr/desk",
		"/desk/../incidents":   "/fr/desk",
		"/desk\\evil":          "/fr/desk",
		"/desks":               "/fr/desk",
		"/desk/login?to=/desk": "/fr/desk",
		"javascript:alert(1)":  "/fr/desk",
	} {
		a := testkit.Post(t, d, "/fr/desk/login", url.Values{"email": {testkit.Admin}, "password": {rightPassword}, "to": {to}})
		if got := a.Header.Get("Location"); got != want {
			t.Errorf("%s leads to %s, want %s", to, got, want)
		}
	}
}

// TestASecondFactorComesFirst: where it is obligatory, an account without one
// reaches the pages that set it up, and no other.
func TestASecondFactorComesFirst(t *testing.T) {
	t.Parallel()
	d := newDoor(t, "http://sijil.test", func(c *auth.Config) { c.SecondFactor = true })
	v := d.visitor().signIn(testkit.Admin)
	v.wantAt("/fr/desk/account/second-factor")
	if v.Page().Find(".desk-nav").Length() > 0 {
		t.Error("the navigation leads to what cannot be reached")
	}
	for _, r := range web.Routes() {
		if !r.IsDesk() || r.Permission == register.MayRead || strings.Contains(r.Pattern, "/desk/confirm") {
			continue
		}
		target := example(r.Pattern)
		var a *testkit.Answer
		if r.Method == http.MethodPost {
			form := v.Page().Find(`input[name=csrf]`).First().AttrOr("value", "")
			a = testkit.Post(t, d, target, url.Values{"csrf": {form}}, v.carry)
		} else {
			a = testkit.Ask(t, d, target, v.carry)
		}
		sent := a.Header.Get("Location") == "/fr/desk/account/second-factor"
		setup := strings.Contains(r.Pattern, "/account/second-factor") || strings.Contains(r.Pattern, "/account/codes") || strings.Contains(r.Pattern, "/account/passkeys")
		if !setup && !sent {
			t.Errorf("%s %s: status %d to %q", r.Method, target, a.Status, a.Header.Get("Location"))
		}
	}
	v.open("/fr/desk/account/second-factor").press("Mettre en place les codes")
	v.send(map[string]string{"code": codeNow(t, v.secretOn(), d.clock.Now())})
	if n := v.Page().Find(".recovery-codes li").Length(); n != 10 {
		t.Fatalf("%d recovery codes on %q", n, v.Text("h1"))
	}
	v.open("/fr/desk/accounts").wantAt("/fr/desk/accounts")
}

// TestInvitationByMail: an admin invites, the letter's link opens, and the
// person works in his own language.
func TestInvitationByMail(t *testing.T) {
	t.Parallel()
	d := newDoor(t, "http://sijil.test")
	admin := d.visitor().signIn(testkit.Admin)
	admin.open("/fr/desk/accounts/new").send(map[string]string{
		"email": "nadia@example.org", "name": "Nadia", "role": "editor", "language": "ar",
	})
	admin.wantAt("/fr/desk/accounts")
	if !strings.Contains(admin.Text("main"), "nadia@example.org") {
		t.Error("the list does not have her")
	}
	link := (*d.letters.sent)[0].Path
	v := d.visitor().open(link)
	v.wantAt(link)
	v.send(map[string]string{"name": "Nadia B.", "password": "court"})
	if v.Status != http.StatusUnprocessableEntity || v.Attr("#password", "aria-invalid") != "true" || v.Attr("#name", "value") != "Nadia B." {
		t.Errorf("status %d: %s", v.Status, v.Text("main"))
	}
	v.send(map[string]string{"name": "Nadia B.", "password": "une longue phrase à elle"})
	v.wantAt("/ar/desk")
	if a := d.visitor().open(link); a.Status != http.StatusGone {
		t.Errorf("again: status %d", a.Status)
	}
	if strings.Contains(d.log.String(), link[strings.LastIndex(link, "/")+1:]) {
		t.Error("the link's token is in the log")
	}
}

func TestLinksAreShownWhereThereIsNoMail(t *testing.T) {
	t.Parallel()
	d := newDoor(t, "http://sijil.test", func(c *auth.Config) { c.Post = nil })
	admin := d.visitor().signIn(testkit.Admin)
	admin.open("/fr/desk/accounts/new").send(map[string]string{"email": "nadia@example.org", "name": "Nadia"})
	link := admin.Text("[data-link]")
	if !strings.HasPrefix(link, "http://sijil.test/fr/desk/invitation/") {
		t.Fatalf("%q on %q", link, admin.Text("h1"))
	}
	d.visitor().open(strings.TrimPrefix(link, "http://sijil.test")).wantAt(strings.TrimPrefix(link, "http://sijil.test"))
}

func TestAdminsLookAfterAccounts(t *testing.T) {
	t.Parallel()
	d := newDoor(t, "http://sijil.test")
	admin, editor := d.visitor().signIn(testkit.Admin), d.visitor().signIn(testkit.Editor)
	account, err := d.auth.AccountByEmail(t.Context(), auth.Operator(), testkit.Editor)
	if err != nil {
		t.Fatal(err)
	}
	page := "/fr/desk/accounts/" + account.ID
	admin.open(page).send(map[string]string{"role": "analyst"}).wantAt(page)
	editor.open("/fr/desk").wantAt("/fr/desk/login") // the change has ended his session
	editor.signIn(testkit.Editor).wantAt("/fr/desk")
	admin.open(page).press("Désactiver le compte").wantAt(page)
	editor.open("/fr/desk").wantAt("/fr/desk/login")
	admin.press("Réactiver le compte").wantAt(page)
	editor.signIn(testkit.Editor).wantAt("/fr/desk")
	admin.open(page).press("Envoyer un lien pour changer de mot de passe").wantAt("/fr/desk/accounts")
	reset := (*d.letters.sent)[0].Path
	editor.open(reset).send(map[string]string{"password": "une longue phrase à lui"}).wantAt("/fr/desk/login")

	own, err := d.auth.AccountByEmail(t.Context(), auth.Operator(), testkit.Admin)
	if err != nil {
		t.Fatal(err)
	}
	admin.open("/fr/desk/accounts/" + own.ID).send(map[string]string{"role": "editor"})
	if admin.Status != http.StatusUnprocessableEntity || !strings.Contains(admin.Text(".error-summary"), "dernier administrateur") {
		t.Errorf("the last admin: status %d, %s", admin.Status, admin.Text(".error-summary"))
	}
}

// TestOldProofsAreRenewed: what is dangerous asks for the password again, and
// goes on.
func TestOldProofsAreRenewed(t *testing.T) {
	t.Parallel()
	d := newDoor(t, "http://sijil.test")
	v := d.visitor().signIn(testkit.Admin)
	d.clock.Advance(20 * time.Minute)
	v.open("/fr/desk/accounts/new").send(map[string]string{"email": "nadia@example.org", "name": "Nadia"})
	if v.Status != http.StatusUnauthorized || v.Page().Find("input[name=password]").Length() != 1 {
		t.Fatalf("status %d: %s", v.Status, v.Text("main"))
	}
	v.send(map[string]string{"password": rightPassword}).wantAt("/fr/desk/accounts/new")
	v.send(map[string]string{"email": "nadia@example.org", "name": "Nadia"}).wantAt("/fr/desk/accounts")
}

// TestPublishingWantsALateProof: an editor who signed in a while ago reads and
// claims a review unasked. To publish he gives his password, and finds his
// decision as he had filled it in.
func TestPublishingWantsALateProof(t *testing.T) {
	t.Parallel()
	d := newDoorOn(t, testkit.Founding(t), "http://sijil.test")
	account, err := d.auth.AccountByEmail(t.Context(), auth.Operator(), testkit.Analyst)
	if err != nil {
		t.Fatal(err)
	}
	analyst := register.Actor{ID: account.ID, Role: account.Role}
	bundle, _ := sendChanges(t, &deskSite{db: d.db, editorial: d.editorial, staff: testkit.Sessions{testkit.Analyst: analyst}})
	target := "/fr/desk/review/" + bundle
	decision := map[string]string{"act": "publish", "reason.fr": "Correction du titre", "when": "now"}
	for _, item := range register.ReviewChecks() {
		decision["checks."+item] = "yes"
	}

	v := d.visitor().signIn(testkit.Editor)
	d.clock.Advance(20 * time.Minute)
	form := func(fields map[string]string) url.Values {
		out := url.Values{"csrf": {v.Attr(`[name="csrf"]`, "value")}}
		for name, value := range fields {
			out.Set(name, value)
		}
		return out
	}
	v.open(target)
	v.came(testkit.Post(t, d, target, form(map[string]string{"act": "claim"}), v.carry)).wantAt(target)
	v.came(testkit.Post(t, d, target, form(decision), v.carry))
	if v.Status != http.StatusUnauthorized || v.Page().Find("input[name=password]").Length() != 1 {
		t.Fatalf("status %d: %s", v.Status, v.Text("main"))
	}
	published := func() bool {
		d.clock.Advance(2 * time.Second) // the page cache looks once a second
		return strings.Contains(testkit.Ask(t, d, "/fr/incidents/cnss-2025").Text("h1"), "(corrigé)")
	}
	if published() {
		t.Fatal("published without the proof")
	}
	v.send(map[string]string{"password": "wrong wrong wrong"})
	v.send(map[string]string{"password": rightPassword}).wantAt(target)
	if got := v.Attr(`[name="reason.fr"]`, "value"); got != decision["reason.fr"] {
		t.Errorf("the reason is %q", got)
	}
	if n := v.Page().Find(`[name^="checks."][checked]`).Length(); n != len(register.ReviewChecks()) {
		t.Errorf("%d checks are back", n)
	}
	v.came(testkit.Post(t, d, target, form(decision), v.carry)).wantAt(target)
	if !published() {
		t.Errorf("not published: %s", v.Text("main"))
	}
}

func TestOwnAccount(t *testing.T) {
	t.Parallel()
	d := newDoor(t, "http://sijil.test")
	v, other := d.visitor().signIn(testkit.Editor), d.visitor().signIn(testkit.Editor)
	v.open("/fr/desk/account").send(map[string]string{"name": "Éditrice", "language": "ar"}).wantAt("/ar/desk/account")
	if v.Attr("#name", "value") != "Éditrice" {
		t.Errorf("the name is %q", v.Attr("#name", "value"))
	}
	v.open("/fr/desk/account").press("Déconnecter").wantAt("/fr/desk/account")
	other.open("/fr/desk").wantAt("/fr/desk/login")
	v.open("/fr/desk/account/password").send(map[string]string{"present": "wrong wrong wrong", "password": "une longue phrase à elle"})
	if v.Status != http.StatusUnprocessableEntity || v.Attr("#present", "aria-invalid") != "true" {
		t.Errorf("status %d: %s", v.Status, v.Text("main"))
	}
	v.send(map[string]string{"present": rightPassword, "password": "une longue phrase à elle"}).wantAt("/fr/desk/account")
	v.open("/fr/desk/account/email").send(map[string]string{"email": "new@example.org", "password": "une longue phrase à elle"})
	v.wantAt("/fr/desk/account")
	letter := (*d.letters.sent)[len(*d.letters.sent)-1]
	v.open(letter.Path).wantAt(letter.Path)
	v.press("اعتماد هذا العنوان") // the letter speaks the account's language
	v.open("/fr/desk/account")
	if !strings.Contains(v.Text("main"), "new@example.org") {
		t.Error("the address did not change")
	}
}

func TestTheFirstAdmin(t *testing.T) {
	t.Parallel()
	d := newDoor(t, "http://sijil.test", func(c *auth.Config) { c.SecondFactor = true })
	if v := d.visitor().open("/fr/desk/setup"); v.Status != http.StatusNotFound {
		t.Errorf("with an admin: status %d", v.Status)
	}
	if _, err := d.db.Owner().Exec(t.Context(), `UPDATE desk.accounts SET role = 'editor'`); err != nil {
		t.Fatal(err)
	}
	code, err := d.auth.NewSetupCode(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	fields := map[string]string{"code": "guess", "email": "first@example.org", "name": "First", "password": "une longue phrase à elle"}
	v := d.visitor().open("/ar/desk/setup").send(fields)
	if v.Status != http.StatusUnprocessableEntity || v.Attr("#code", "aria-invalid") != "true" {
		t.Errorf("a guess: status %d", v.Status)
	}
	fields["code"] = code
	v.send(fields).wantAt("/ar/desk/account/second-factor")
}
