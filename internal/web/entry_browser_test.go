package web_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/auth"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
)

// serveDoor serves a door as "localhost", which may have passkeys.
func serveDoor(t *testing.T, change ...func(*auth.Config)) (*door, string) {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	_, port, _ := strings.Cut(server.Listener.Addr().String(), ":")
	address := "http://localhost:" + port
	d := newDoor(t, address, change...)
	d.clock.Set(time.Now()) // the browser forgets cookies by its own clock
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { d.ServeHTTP(w, r) })
	server.Start()
	t.Cleanup(server.Close)
	return d, address
}

// TestPasskeys makes a passkey, signs in with it alone, gives it as a second
// factor and as a new proof, and takes it away.
func TestPasskeys(t *testing.T) {
	browser := testkit.Chromium(t)
	d, address := serveDoor(t, func(c *auth.Config) { c.SecondFactor = true })
	tab := browser.Open(t, address+"/fr/desk/login", screens()[0])
	tab.SecurityKey()
	signIn := func() {
		t.Helper()
		tab.Fill("#email", testkit.Admin)
		tab.Fill("#password", rightPassword)
		tab.Submit(`form:not([data-passkey]) button[type=submit]`)
	}
	wantPath := func(what, want string) {
		t.Helper()
		if got := strings.TrimPrefix(tab.Location(), address); got != want {
			t.Fatalf("%s: at %s, want %s\n%s", what, got, want, tab.Text("main"))
		}
	}
	signOut := func() { tab.Submit(`form[action$="/desk/logout"] button`) }
	const key = "form[data-passkey] button"

	signIn()
	wantPath("a second factor first", "/fr/desk/account/second-factor")
	tab.Fill("#passkey-name", "Clé du bureau")
	tab.Submit(key)
	if n := testkit.Eval[int](tab, `document.querySelectorAll(".recovery-codes li").length`); n != 10 {
		t.Fatalf("%d recovery codes: %s", n, tab.Text("main"))
	}
	tab.Submit(".recovery-codes ~ p a")
	if !strings.Contains(tab.Text("main"), "Clé du bureau") {
		t.Error("the passkey is not in the list")
	}
	signOut()

	tab.Go(address + "/fr/desk/login?to=/desk/accounts")
	tab.Submit(key)
	wantPath("by passkey alone", "/fr/desk/accounts")
	signOut()

	tab.Go(address + "/fr/desk/login")
	signIn()
	if tab.Value("#code") != "" || tab.Text("h1") != "Second facteur" {
		t.Fatalf("no second step: %s", tab.Text("main"))
	}
	tab.Submit(key)
	wantPath("as a second factor", "/fr/desk")

	d.clock.Advance(20 * time.Minute)
	tab.Go(address + "/fr/desk/account/second-factor")
	tab.Submit(`form[action$="/passkeys/remove"] button`)
	wantPath("an old proof", "/fr/desk/confirm?to=%2Fdesk%2Faccount%2Fsecond-factor")
	tab.Submit(key)
	wantPath("a new proof", "/fr/desk/account/second-factor")
	tab.Submit(`form[action$="/passkeys/remove"] button`)
	wantPath("removed", "/fr/desk/account/second-factor?done=factor-removed")
	if complaints := tab.Complaints(); len(complaints) > 0 {
		t.Errorf("the console says: %v", complaints)
	}
	signOut()

	// The device has the key still; the site knows it no longer.
	tab.Go(address + "/fr/desk/login")
	tab.Submit(key)
	if !strings.Contains(tab.Text(".error-summary"), "n’a pas été reconnue") {
		t.Errorf("a removed passkey: %s", tab.Text("main"))
	}
}

// TestCodesAreSetUpWithoutScript sets up an app that makes codes by the secret
// that the page shows, with scripts off, and signs in with a code.
func TestCodesAreSetUpWithoutScript(t *testing.T) {
	browser := testkit.Chromium(t)
	d, address := serveDoor(t)
	tab := browser.Open(t, address+"/healthz", screens()[0])
	tab.NoScript()
	signIn := func() {
		tab.Go(address + "/fr/desk/login")
		tab.Fill("#email", testkit.Analyst)
		tab.Fill("#password", rightPassword)
		tab.Submit("form:not([data-passkey]) button[type=submit]")
	}
	signIn()
	tab.Go(address + "/fr/desk/account/second-factor")
	tab.Submit(`form[action$="/second-factor/codes"] button`)
	secret := strings.ReplaceAll(strings.TrimSpace(tab.Text("[data-secret]")), " ", "")
	tab.Fill("#code", "000000")
	tab.Submit("main form button[type=submit]")
	if tab.Text(".error-summary") == "" {
		t.Error("a wrong code is taken")
	}
	tab.Fill("#code", codeNow(t, secret, d.clock.Now()))
	tab.Submit("main form button[type=submit]")
	if problems := tab.Text(".error-summary"); problems != "" {
		t.Fatalf("the code is not taken: %s", problems)
	}
	d.clock.Advance(time.Minute) // a code is good for once
	signOut := browser.Open(t, address+"/healthz", screens()[0])
	signOut.NoScript()
	tab = signOut
	signIn()
	if at := tab.Location(); !strings.Contains(at, "/desk/login") || tab.Text("label[for=code]") == "" {
		t.Fatalf("at %s no code is asked for: %s", at, tab.Text("main"))
	}
	tab.Fill("#code", codeNow(t, secret, d.clock.Now()))
	tab.Submit("form:not([data-passkey]) button[type=submit]")
	if at := tab.Location(); !strings.HasSuffix(strings.TrimSuffix(at, "/"), "/fr/desk") {
		t.Errorf("the code leads to %s: %s", at, tab.Text("main"))
	}
}

// TestEntryPagesInABrowser looks at the pages that no link of the desk leads
// to, in French and Arabic, wide and narrow.
func TestEntryPagesInABrowser(t *testing.T) {
	browser := testkit.Chromium(t)
	d, address := serveDoor(t)
	if _, err := d.auth.Invite(t.Context(), auth.Operator(), auth.Invitation{
		Email: "nadia@example.org", Name: "Nadia", Role: register.RoleEditor, Lang: register.Arabic,
	}); err != nil {
		t.Fatal(err)
	}
	if err := d.auth.Forgot(t.Context(), testkit.Editor, auth.From{}); err != nil {
		t.Fatal(err)
	}
	invitation := strings.TrimPrefix((*d.letters.sent)[0].Path, "/ar")
	reset := strings.TrimPrefix((*d.letters.sent)[1].Path, "/fr")
	look := func(tab *testkit.Tab, name string) {
		t.Helper()
		for _, screen := range []testkit.Screen{screens()[0], screens()[2]} {
			tab.Look(screen)
			shoot(t, tab, "entry-"+name+"-"+screen.String())
			if wide := tab.Overflow(); wide != "" {
				t.Errorf("%s, %v: scrolls sideways: %s", name, screen, wide)
			}
		}
		for _, v := range tab.Axe() {
			t.Errorf("%s: %v", name, v)
		}
	}
	for _, lang := range []string{"fr", "ar"} {
		tab := browser.Open(t, address+"/"+lang+"/desk/login", screens()[0])
		look(tab, lang+"-login")
		tab.Fill("#email", testkit.Analyst)
		tab.Fill("#password", "wrong wrong wrong")
		tab.Submit("form:not([data-passkey]) button[type=submit]")
		if tab.Text(".error-summary") == "" {
			t.Error("no error is shown")
		}
		look(tab, lang+"-refused")
		for name, path := range map[string]string{"forgot": "/desk/forgot", "invitation": invitation, "reset": reset, "dead": "/desk/reset/x"} {
			tab.Go(address + "/" + lang + path)
			look(tab, lang+"-"+name)
		}
		tab.Go(address + "/" + lang + "/desk/login")
		tab.Fill("#email", testkit.Analyst)
		tab.Fill("#password", rightPassword)
		tab.Submit("form:not([data-passkey]) button[type=submit]")
		for _, path := range []string{"/desk/confirm", "/desk/account", "/desk/account/tokens", "/desk/account/second-factor"} {
			tab.Go(address + "/" + lang + path)
			look(tab, lang+strings.ReplaceAll(path, "/", "-"))
		}
		tab.Submit(`form[action$="/second-factor/codes"] button`)
		look(tab, lang+"-codes")
	}
}
