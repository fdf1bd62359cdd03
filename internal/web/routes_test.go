package web_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/register"
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
