package main

import (
	"encoding/json"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
)

// TestVersionListsWhatIsBuiltIn: each module that is needed to build stands in
// the bill of materials of a build, with its version.
func TestVersionListsWhatIsBuiltIn(t *testing.T) {
	t.Parallel()
	code, stdout, stderr := call(t, nil, "version", "--modules")
	var bill struct {
		BOMFormat, SpecVersion string
		Components             []component
	}
	if err := json.Unmarshal([]byte(stdout), &bill); err != nil || code != 0 || bill.BOMFormat != "CycloneDX" || bill.SpecVersion != "1.6" {
		t.Fatalf("code %d, %v, %s\n%s", code, err, stderr, stdout)
	}
	required, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"github.com/jackc/pgx/v5", "github.com/labstack/echo/v4", "golang.org/x/crypto"} {
		at := slices.IndexFunc(bill.Components, func(c component) bool { return c.Name == name })
		if at < 0 || !strings.Contains(string(required), name+" "+bill.Components[at].Version) {
			t.Errorf("%s is not listed as go.mod has it", name)
		}
	}
	again := components(&debug.BuildInfo{GoVersion: "go1.26.0", Deps: []*debug.Module{
		{Path: "example.org/a", Version: "v1.0.0", Sum: "h1:x", Replace: &debug.Module{Path: "example.org/b", Version: "v2.0.0"}},
	}})
	want := []component{
		{Type: "library", Name: "std", Version: "1.26.0", PURL: "pkg:golang/std@1.26.0"},
		{Type: "library", Name: "example.org/b", Version: "v2.0.0", PURL: "pkg:golang/example.org/b@v2.0.0"},
	}
	if len(again) != 2 || again[0].PURL != want[0].PURL || again[1].PURL != want[1].PURL || again[1].Properties != nil {
		t.Errorf("%+v", again)
	}
}
