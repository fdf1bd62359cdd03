package store_test

import (
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/store"
)

func TestIsID(t *testing.T) {
	const id = "0a2d1400-e1da-41e7-8553-197c24c367d2"
	for text, want := range map[string]bool{
		id: true, string(store.NewID()): true, "00000000-0000-0000-0000-000000000000": true,
		"": false, strings.ToUpper(id): false, id + "\n": false, id[1:]: false, id + "0": false, "{" + id[1:35] + "}": false,
		strings.ReplaceAll(id, "-", ""): false, strings.Replace(id, "-", "0", 1): false, strings.Replace(id, "a", "g", 1): false,
		"0a2d-1400e1da-41e7-8553-197c24c367d2": false, strings.Replace(id, "0a", "é", 1): false,
	} {
		if store.IsID(text) != want {
			t.Errorf("%q: %t, want %t", text, !want, want)
		}
	}
}
