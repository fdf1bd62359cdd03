package i18n

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func allMessages(t *testing.T) map[string]map[string]message {
	t.Helper()
	out := map[string]map[string]message{}
	for _, lang := range Langs() {
		messages, err := readMessages(lang)
		if err != nil {
			t.Fatalf("%s: %v", lang, err)
		}
		out[lang] = messages
	}
	return out
}

func TestSameKeys(t *testing.T) {
	all := allMessages(t)
	for lang, messages := range all {
		for key, m := range all[Default] {
			other, ok := messages[key]
			if !ok {
				t.Errorf("%s lacks %s", lang, key)
			} else if other.plural != m.plural {
				t.Errorf("%s: %s has plural forms in one language only", lang, key)
			}
		}
		for key := range messages {
			if _, ok := all[Default][key]; !ok {
				t.Errorf("%s has %s, which %s lacks", lang, key, Default)
			}
		}
	}
}

// TestSamePlaceholders: the longest form of a message uses the same
// placeholders everywhere; forms for one number, such as "يومان", may leave it
// out, and none invents any.
func TestSamePlaceholders(t *testing.T) {
	all := allMessages(t)
	for key, m := range all[Default] {
		want := m.other.names()
		slices.Sort(want)
		for lang, messages := range all {
			got := messages[key].other.names()
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("%s: %s has %v, want %v", lang, key, got, want)
			}
			for f, text := range messages[key].forms {
				for _, name := range text.names() {
					if !slices.Contains(want, name) {
						t.Errorf("%s: %s, form %s, has {%s}", lang, key, f, name)
					}
				}
			}
		}
	}
}

func TestPluralFormsAreComplete(t *testing.T) {
	want := map[string][]form{
		"fr": {one, many, other}, "ar": {zero, one, two, few, many, other}, "en": {one, other},
	}
	for lang, messages := range allMessages(t) {
		forms := slices.Sorted(slices.Values(want[lang]))
		for key, m := range messages {
			if m.plural && !slices.Equal(slices.Sorted(maps.Keys(m.forms)), forms) {
				t.Errorf("%s: %s has forms %v, want %v", lang, key, slices.Sorted(maps.Keys(m.forms)), forms)
			}
		}
	}
}

func TestNoEmptyText(t *testing.T) {
	for lang, messages := range allMessages(t) {
		for key, m := range messages {
			if strings.TrimSpace(strings.Join(m.other, "")) == "" {
				t.Errorf("%s: %s is empty", lang, key)
			}
		}
	}
}

func TestFrenchTypography(t *testing.T) {
	bad := regexp.MustCompile(`[^\x{00a0}\x{202f}{][:;!?»]( |$)|« |'`)
	for key, m := range allMessages(t)["fr"] {
		for _, text := range append(slices.Collect(maps.Values(m.forms)), m.other) {
			s := strings.Join(text, "")
			if found := bad.FindString(s); found != "" && !strings.HasPrefix(s, ";") {
				t.Errorf("%s: %q in %q", key, found, s)
			}
		}
	}
}

var (
	literal = regexp.MustCompile(`"([a-z0-9][a-z0-9./-]*)"`)
	label   = regexp.MustCompile(`Label\("([a-z-]+)"`)
)

// TestNoUnusedKey looks for every key in the sources: as a literal, under the
// beginning of a key that is put together ("error." + code), or under a
// vocabulary.
func TestNoUnusedKey(t *testing.T) {
	used, prefixes := map[string]bool{}, map[string]bool{"problem.": true}
	for _, root := range []string{"internal", "views", "cmd"} {
		scan(t, filepath.Join("..", "..", root), func(source string) {
			for _, m := range literal.FindAllStringSubmatch(source, -1) {
				if strings.HasSuffix(m[1], ".") {
					prefixes[m[1]] = true
				}
				used[m[1]] = true
			}
			for _, m := range label.FindAllStringSubmatch(source, -1) {
				prefixes[m[1]+"."] = true
			}
		})
	}
	for key := range allMessages(t)[Default] {
		known := used[key]
		for prefix := range prefixes {
			known = known || strings.HasPrefix(key, prefix)
		}
		if !known {
			t.Errorf("%s is used nowhere", key)
		}
	}
}

func scan(t *testing.T, root string, read func(source string)) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		goSource := strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") && !strings.HasSuffix(path, "_templ.go")
		if !goSource && !strings.HasSuffix(path, ".templ") {
			return nil
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("read source: %w", err)
		}
		read(string(raw))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
