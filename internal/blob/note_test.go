package blob_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/blob"
)

func TestNotes(t *testing.T) {
	for name, s := range stores(t) {
		t.Run(name, func(t *testing.T) {
			put(t, s, "a content")
			read := func() (all []string) {
				if err := s.Notes(t.Context(), func(name string, text []byte) error { all = append(all, name+"="+string(text)); return nil }); err != nil {
					t.Fatal(err)
				}
				return all
			}
			if got := read(); len(got) > 0 {
				t.Errorf("notes: %q", got)
			}
			for _, note := range [][2]string{{"b-2", "second"}, {"a-1", "first"}, {"a-1", "another"}, {"c-3", ""}} {
				if err := s.Note(t.Context(), note[0], []byte(note[1])); err != nil {
					t.Fatal(err)
				}
			}
			if got := read(); !slices.Equal(got, []string{"a-1=first", "b-2=second", "c-3="}) {
				t.Errorf("notes: %q", got)
			}
			for _, bad := range []string{"", "..", "a/b", "a.b", "é", strings.Repeat("a", 201)} {
				if err := s.Note(t.Context(), bad, nil); !errors.Is(err, blob.ErrNote) {
					t.Errorf("%q: %v", bad, err)
				}
			}
			if err := s.Note(t.Context(), "long", make([]byte, 1<<20+1)); !errors.Is(err, blob.ErrNote) {
				t.Errorf("one that is too long: %v", err)
			}
			stop := errors.New("stop")
			if err := s.Notes(t.Context(), func(string, []byte) error { return stop }); !errors.Is(err, stop) {
				t.Errorf("got %v", err)
			}
			count := 0
			if err := s.Each(t.Context(), func(blob.Info) error { count++; return nil }); err != nil || count != 1 {
				t.Errorf("%d contents, %v", count, err)
			}
		})
	}
}
