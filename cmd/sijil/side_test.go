package main

import (
	"maps"
	"net/http"
	"strings"
	"testing"
)

// TestServeEachSideAlone with the settings of that side only: it has none of the other's
// pages. The public side refuses what leads to drafts, and starts without its database as
// a server of both does; the desk, which is the control, does not.
func TestServeEachSideAlone(t *testing.T) {
	server, env := production(t)
	env["SIJIL_CACHE_DIR"], env["SIJIL_DRAIN_TIMEOUT"] = t.TempDir(), "200ms"
	if code, _, stderr := call(t, env, "serve", "--side", "public"); code != 1 || !strings.Contains(stderr, "DATABASE_URL is set") {
		t.Errorf("the public side with the desk's settings: code %d, %s", code, stderr)
	}
	forReaders, forStaff := maps.Clone(env), maps.Clone(env)
	for _, name := range []string{"DATABASE_URL", "SIJIL_SECRET_KEY", "SIJIL_SMTP_URL"} {
		delete(forReaders, name)
	}
	delete(forStaff, "SIJIL_PUBLIC_DATABASE_URL")
	public, desk := serving(t, forReaders, `"msg":"serving"`, "--side", "public"), serving(t, forStaff, `"msg":"serving"`, "--side", "desk")
	for target, want := range map[string]struct{ public, desk int }{
		"/fr/incidents":     {http.StatusOK, http.StatusNotFound},
		"/api/v1/incidents": {http.StatusOK, http.StatusNotFound},
		"/fr/desk/login":    {http.StatusNotFound, http.StatusOK},
		"/readyz":           {http.StatusOK, http.StatusOK},
	} {
		if status, _ := public.status(t, target); status != want.public {
			t.Errorf("%s of the public side: status %d, want %d", target, status, want.public)
		}
		if status, _ := desk.status(t, target); status != want.desk {
			t.Errorf("%s of the desk: status %d, want %d", target, status, want.desk)
		}
	}
	for name, s := range map[string]started{"the public side": public, "the desk": desk} {
		if err := s.stop(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	hide(t, server)
	forReaders["SIJIL_ADDR"] = public.address
	again := serving(t, forReaders, "pages saved in SIJIL_CACHE_DIR are shown", "--side", "public")
	again.address = public.address
	if status, age := again.status(t, "/fr/incidents"); status != http.StatusOK || age == "" {
		t.Errorf("without the database: status %d, age %q", status, age)
	}
	if err := again.stop(); err != nil {
		t.Errorf("stopped while it waits: %v", err)
	}
	if code, _, stderr := call(t, forStaff, "serve", "--side", "desk"); code != 1 || !strings.Contains(stderr, "DATABASE_URL: the database cannot be reached") {
		t.Errorf("the desk without its database: code %d, %s", code, stderr)
	}
}
