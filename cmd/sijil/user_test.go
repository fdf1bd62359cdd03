//go:build unix

package main

import (
	"context"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

func TestUserUsage(t *testing.T) {
	for args, want := range map[string]string{
		"user":                          "a word is missing",
		"user add":                      "add EMAIL",
		"user list a@example.org":       "add EMAIL",
		"user reset a@example.org b":    "is too much",
		"user add a@example.org --no":   "not defined",
		"user reset --second-factor":    "add EMAIL",
		"user list":                     "DATABASE_URL is not set",
		"user --name N add a@b.example": "DATABASE_URL is not set",
	} {
		if code, _, stderr := call(t, nil, strings.Fields(args)...); code == 0 || !strings.Contains(stderr, want) {
			t.Errorf("%s: code %d: %s", args, code, stderr)
		}
	}
}

// TestUser makes an account, lists it, and resets it, on a real database.
func TestUser(t *testing.T) {
	_, env := production(t)
	link := regexp.MustCompile(`^https://sijil\.example/ar/desk/invitation/[\w-]{43}\n\(good once, until .* UTC\)\n$`)
	code, stdout, stderr := call(t, env, "user", "add", "Nadia@example.org", "--name", "Nadia", "--role", "admin", "--lang", "ar")
	if code != 0 || !link.MatchString(stdout) {
		t.Fatalf("code %d: %s%s", code, stdout, stderr)
	}
	code, stdout, _ = call(t, env, "user", "list")
	if code != 0 || !regexp.MustCompile(`nadia@example\.org +Nadia +admin +invited +false`).MatchString(stdout) {
		t.Errorf("code %d: %s", code, stdout)
	}
	code, stdout, _ = call(t, env, "user", "reset", "nadia@example.org", "--second-factor")
	if code != 0 || !link.MatchString(stdout) {
		t.Errorf("code %d: %s", code, stdout)
	}
	env["SIJIL_SECRET_KEY_BEFORE"] = strings.Repeat("b", 32)
	code, stdout, stderr = call(t, env, "user", "reseal")
	if code != 0 || !strings.HasPrefix(stdout, "0 secrets are under SIJIL_SECRET_KEY now") {
		t.Errorf("code %d: %s%s", code, stdout, stderr)
	}
	for args, want := range map[string]string{
		"user add nadia@example.org":         "has this address already",
		"user add nadia":                     "no address",
		"user add a@example.org --role boss": "--role",
		"user reset nobody@example.org":      "no account",
		"user forget nadia@example.org":      "add EMAIL",
	} {
		if code, _, stderr := call(t, env, strings.Fields(args)...); code == 0 || !strings.Contains(stderr, want) {
			t.Errorf("%s: code %d: %s", args, code, stderr)
		}
	}
}

// TestServeAsksForTheFirstAdmin reads the code in the log, as an operator does.
func TestServeAsksForTheFirstAdmin(t *testing.T) {
	_, env := production(t)
	ctx, cancel := context.WithCancel(t.Context())
	log, ended := make(lines, 1000), make(chan error, 1)
	go func() { ended <- run(ctx, []string{"serve"}, func(name string) string { return env[name] }, log, log) }()
	found := ""
	for found == "" {
		select {
		case line := <-log:
			if m := regexp.MustCompile(`"open":"https://sijil\.example/fr/desk/setup","code":"([\w-]{43})"`).FindStringSubmatch(line); m != nil {
				found = m[1]
			}
		case err := <-ended:
			t.Fatal(err)
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// signInAt reports whether somebody can sign in at a running site.
func signInAt(t *testing.T, address, email, password string) bool {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{"email": {email}, "password": {password}}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address+"fr/desk/login", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	client := http.Client{Jar: jar}
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer.StatusCode == http.StatusOK && strings.HasSuffix(answer.Request.URL.Path, "/desk")
}

// TestDemoStaff sign in with the password of the environment, and with another
// one after another start.
func TestDemoStaff(t *testing.T) {
	dir := serverDir(t)
	t.Setenv("SIJIL_DEMO_PASSWORD", "first of two")
	demo := startDemo(t, dir)
	for _, who := range demoStaff() {
		if !signInAt(t, demo.address, who.Email, "first of two") {
			t.Errorf("%s cannot sign in", who.Email)
		}
	}
	demo.end(t, syscall.SIGINT)
	t.Setenv("SIJIL_DEMO_PASSWORD", "second of two")
	demo = startDemo(t, dir)
	if !signInAt(t, demo.address, demoStaff()[0].Email, "second of two") || signInAt(t, demo.address, demoStaff()[0].Email, "first of two") {
		t.Error("the password is not the one of this start")
	}
	demo.end(t, os.Interrupt)
}

func TestDemoSecretIsKept(t *testing.T) {
	dir := t.TempDir()
	first, err := demoSecret(dir)
	if err != nil || len(first) < 32 {
		t.Fatalf("%q, %v", first, err)
	}
	if again, err := demoSecret(dir); err != nil || again != first {
		t.Errorf("%q, %v", again, err)
	}
	info, err := os.Stat(dir + "/secret-key")
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}
