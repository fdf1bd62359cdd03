package assets_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestIconsExist looks for the drawing of each icon that a template names: one
// that is missing leaves a gap that nothing else reports.
func TestIconsExist(t *testing.T) {
	t.Parallel()
	drawn, err := os.ReadFile("icons.svg")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`Icon\("([a-z-]+)"`)
	found := 0
	err = filepath.WalkDir("..", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".templ" {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range named.FindAllSubmatch(text, -1) {
			found++
			if !strings.Contains(string(drawn), `<symbol id="`+string(m[1])+`"`) {
				t.Errorf("%s names %s, which is not drawn", path, m[1])
			}
		}
		return err
	})
	if err != nil || found == 0 {
		t.Fatalf("%d icons, %v", found, err)
	}
}
