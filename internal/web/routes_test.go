package web_test

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/web"
)

func TestEveryRouteNamesItsPermission(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, r := range web.Routes() {
		if !slices.Contains(register.Permissions(), r.Permission) {
			t.Errorf("%s: permission %q is unknown", r.Pattern, r.Permission)
		}
		if seen[r.Method+r.Pattern] || !strings.HasPrefix(r.Pattern, "/") {
			t.Errorf("%s %s: twice, or without a slash", r.Method, r.Pattern)
		}
		seen[r.Method+r.Pattern] = true
		if r.Cached() && r.Permission != register.MayRead {
			t.Errorf("%s: what is not for everybody must not be cached", r.Pattern)
		}
	}
}

// TestEveryRouteSaysHowMuchItReads: what reads nothing long is held to little, and what
// takes no file refuses a form with files before it has read any of it.
func TestEveryRouteSaysHowMuchItReads(t *testing.T) {
	t.Parallel()
	const short, long = 64 << 10, 2 << 20
	takeFiles := []string{"/{lang}/desk/statements/new", "/{lang}/desk/import"}
	s := newDeskSite(t, testkit.Database(t))
	for _, r := range web.Routes() {
		body, at := r.Body(), strings.NewReplacer("{lang}", "fr", "{id}", zeroID, "{", "", "}", "").Replace(r.Pattern)
		// What was typed before a session ended goes along to the page to sign in.
		carries := slices.Contains([]string{"/{lang}/desk/login", "/{lang}/desk/confirm"}, r.Pattern)
		switch writes := r.Method != http.MethodGet; {
		case !writes:
			if body != (web.Body{}) {
				t.Errorf("%s %s reads %+v", r.Method, r.Pattern, body)
			}
			continue
		case body.Form != short && body.Form != long:
			t.Errorf("%s %s reads %d bytes", r.Method, r.Pattern, body.Form)
		case (r.Permission == register.MayRead || strings.Contains(r.Pattern, "/desk/account")) && body.Form != short && !carries:
			t.Errorf("%s %s reads more than what is short", r.Method, r.Pattern)
		}
		if (body.Upload > 0) != slices.Contains(takeFiles, r.Pattern) {
			t.Errorf("%s %s takes files: %t", r.Method, r.Pattern, body.Upload > 0)
		}
		if r.IsProgram() {
			continue // it reads nothing before it has seen a token
		}
		var read atomic.Int64
		of := func(bytes int64) func(*http.Request) {
			return func(r *http.Request) { r.Body, r.ContentLength = io.NopCloser(longText(bytes)), -1 }
		}
		if a := testkit.Post(t, s, at, nil, of(8<<20), counting(&read)); a.Status != http.StatusRequestEntityTooLarge || read.Load() > body.Form+32<<10 {
			t.Errorf("%s %s: 8 MB: status %d, %d bytes read", r.Method, at, a.Status, read.Load())
		}
		if a := testkit.Post(t, s, at, nil, of(body.Form)); a.Status == http.StatusRequestEntityTooLarge {
			t.Errorf("%s %s: what it may read is too large", r.Method, at)
		}
		if read.Store(0); body.Upload == 0 {
			a := testkit.Post(t, s, at, nil, uploading(stuffed("a.txt", 1<<20)), counting(&read))
			if a.Status != http.StatusBadRequest || read.Load() > 0 {
				t.Errorf("%s %s: with a file: status %d, %d bytes read", r.Method, at, a.Status, read.Load())
			}
		}
	}
}

const zeroID = "00000000-0000-0000-0000-000000000000"

func TestEveryRouteIsDocumented(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile(filepath.Join("..", "..", "ARCHITECTURE.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range web.Routes() {
		if !strings.Contains(string(doc), "`"+r.Pattern+"`") {
			t.Errorf("ARCHITECTURE.md does not name the route `%s`", r.Pattern)
		}
	}
}
