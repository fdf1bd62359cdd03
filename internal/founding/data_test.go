package founding_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/sijil/sijil/internal/register"
)

// TestTheFilesAreComplete holds what the register promises of its own first
// record: three languages everywhere, every source cited, no long quotation,
// and no fault that validation knows.
func TestTheFilesAreComplete(t *testing.T) {
	set := readSet(t)
	var problems register.Problems
	cited := map[string]bool{}
	note := func(noun any, found register.Problems) {
		problems = append(problems, found...)
		for _, key := range register.CitedSources(noun) {
			cited[key] = true
		}
	}
	for i := range set.Institutions {
		note(&set.Institutions[i], set.Institutions[i].Validate())
	}
	for i := range set.Statements {
		note(&set.Statements[i], set.Statements[i].Validate())
		shortQuotes(t, &set.Statements[i])
	}
	for i := range set.Incidents {
		note(&set.Incidents[i], set.Incidents[i].Validate())
	}
	for i := range set.Sources {
		problems = append(problems, set.Sources[i].Validate()...)
		if !cited[set.Sources[i].Key] {
			t.Errorf("source %s is not cited", set.Sources[i].Key)
		}
	}
	for _, p := range problems {
		t.Errorf("%s: %s %s", p.Field, p.Key, p.Value)
	}
	everyText(t, set)
}

// shortQuotes keeps the record within the right of quotation: passages, not
// articles.
func shortQuotes(t *testing.T, s *register.Statement) {
	t.Helper()
	const most = 320
	for _, c := range s.Claims {
		for _, q := range c.Quotes {
			if n := utf8.RuneCountInString(q.Text); n > most {
				t.Errorf("%s, %s: a quotation of %d characters", s.Slug, c.Key, n)
			}
		}
	}
}

// everyText looks for texts in whatever the set holds, by their shape.
func everyText(t *testing.T, set register.Set) {
	t.Helper()
	raw, err := json.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		t.Fatal(err)
	}
	texts := 0
	walk(tree, "set", func(path string, node map[string]any) {
		if node["fr"] == nil && node["ar"] == nil && node["en"] == nil {
			return
		}
		texts++
		for _, lang := range []string{"fr", "ar", "en"} {
			s, _ := node[lang].(string)
			if strings.TrimSpace(s) == "" {
				t.Errorf("%s: nothing in %s", path, lang)
			}
		}
	})
	if texts < 200 {
		t.Errorf("found only %d texts", texts)
	}
}

func walk(node any, path string, visit func(string, map[string]any)) {
	switch node := node.(type) {
	case map[string]any:
		visit(path, node)
		for name, child := range node {
			walk(child, path+"."+name, visit)
		}
	case []any:
		for i, child := range node {
			walk(child, fmt.Sprintf("%s[%d]", path, i), visit)
		}
	}
}

// TestFrenchTypography asks for the no-break space before high punctuation and
// inside quotation marks, and for the typographic apostrophe.
func TestFrenchTypography(t *testing.T) {
	raw, err := json.Marshal(readSet(t))
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		t.Fatal(err)
	}
	wrong := []string{" :", " ;", " ?", " !", " »", "« ", "'"}
	walk(tree, "set", func(path string, node map[string]any) {
		s, ok := node["fr"].(string)
		if ok && slices.ContainsFunc(wrong, func(w string) bool { return strings.Contains(s, w) }) {
			t.Errorf("%s: %s", path, s)
		}
	})
}
