package web_test

import (
	"bytes"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
)

// TestThePageAboutDataNamesTheWholeAPI: no operation and no parameter is missing
// from the page, in any language.
func TestThePageAboutDataNamesTheWholeAPI(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	document := describedAPI(t, s)
	for _, lang := range register.Langs() {
		page := testkit.Ask(t, s, "/"+string(lang)+"/data").Page()
		var code []string
		page.Find(":not(pre) > code").Each(func(_ int, c *goquery.Selection) { code = append(code, c.Text()) })
		for _, op := range document.Operations {
			path, _, one := strings.Cut(strings.TrimPrefix(op.Path, "/api/v1"), "/{")
			if !slices.ContainsFunc(code, func(c string) bool { return c == path || strings.HasSuffix(c, path) }) {
				t.Errorf("%s: %s is missing", lang, path)
			}
			for _, p := range op.Params {
				named := slices.ContainsFunc(code, func(c string) bool { return c == p.Name || strings.HasPrefix(c, p.Name+"=") })
				if !named && (!one || p.In == "query") {
					t.Errorf("%s: the parameter %s of %s is missing", lang, p.Name, op.ID)
				}
			}
		}
		if blocks := page.Find("pre.prewrap[dir=ltr] > code"); blocks.Length() != 5 || strings.Contains(blocks.Text(), "sijil.example") {
			t.Errorf("%s: %d examples, %.80s", lang, blocks.Length(), blocks.Text())
		}
	}
}

// TestExamplesRun runs the programs of the page about data as a reader would, where
// what they are written in is installed.
func TestExamplesRun(t *testing.T) {
	t.Parallel()
	s := newRealSite(t)
	for _, c := range []struct {
		language, program string
		arguments         []string
		says              string
	}{
		{"sh", "sh", []string{"-eu"}, `"SJ-2025-0001"`},
		{"python", "python3", []string{"-"}, "\tST-"},
		{"r", "Rscript", []string{"-"}, "SJ-2025-0001"},
		{"javascript", "node", []string{"--input-type=module"}, "SJ-2025-0001."},
	} {
		t.Run(c.language, func(t *testing.T) {
			t.Parallel()
			for _, needed := range []string{c.program, "curl"} {
				if _, err := exec.LookPath(needed); err != nil && (needed == c.program || c.language == "sh") {
					t.Skipf("%s is not installed: this example was not run", needed)
				}
			}
			if c.language == "r" && exec.CommandContext(t.Context(), c.program, "-e", "library(jsonlite)").Run() != nil {
				t.Skip("R has no jsonlite: this example was not run")
			}
			source := testkit.Ask(t, s.handler, "/fr/data").Page().Find("code.language-" + c.language).Text()
			run := exec.CommandContext(t.Context(), c.program, c.arguments...)
			run.Dir, run.Stdin = t.TempDir(), strings.NewReader(source)
			var out, errors bytes.Buffer
			run.Stdout, run.Stderr = &out, &errors
			if err := run.Run(); err != nil || !strings.Contains(out.String(), c.says) {
				t.Errorf("%v\n%s\n%s", err, out.String(), errors.String())
			}
		})
	}
}
