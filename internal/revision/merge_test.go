package revision_test

import (
	"slices"
	"testing"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/revision"
)

func threeEvents() *register.Incident {
	return &register.Incident{
		Title:  register.Text{"fr": "Fuite", "ar": "تسريب"},
		Events: []register.Event{event("a", "Un"), event("b", "Deux"), event("c", "Trois")},
	}
}

func keys(i *register.Incident) []string {
	var out []string
	for _, e := range i.Events {
		out = append(out, e.Key)
	}
	return out
}

func TestTwoPeopleAtTheSameTime(t *testing.T) {
	t.Parallel()
	type incident = register.Incident
	for _, c := range []struct {
		name         string
		mine, theirs func(*incident)
		conflicts    []string
		check        func(*incident) bool
	}{
		{
			"different fields",
			func(i *incident) { i.Title["fr"] = "Mien" }, func(i *incident) { i.Standing = "confirmed" }, nil,
			func(i *incident) bool { return i.Title["fr"] == "Mien" && i.Standing == "confirmed" },
		},
		{
			"two languages of one text",
			func(i *incident) { i.Title["fr"] = "Mien" }, func(i *incident) { i.Title["en"] = "Theirs" }, nil,
			func(i *incident) bool { return i.Title["fr"] == "Mien" && i.Title["en"] == "Theirs" },
		},
		{
			"different items of one list",
			func(i *incident) { i.Events[0].Title["fr"] = "Mien" }, func(i *incident) { i.Events[2].Title["fr"] = "Leur" }, nil,
			func(i *incident) bool { return i.Events[0].Title["fr"] == "Mien" && i.Events[2].Title["fr"] == "Leur" },
		},
		{
			"the same sentence",
			func(i *incident) { i.Title["fr"] = "Mien" }, func(i *incident) { i.Title["fr"] = "Leur" },
			[]string{"title.fr"},
			func(i *incident) bool { return i.Title["fr"] == "Mien" },
		},
		{
			"the same correction twice",
			func(i *incident) { i.Title["fr"] = "Juste" }, func(i *incident) { i.Title["fr"] = "Juste" }, nil,
			func(i *incident) bool { return i.Title["fr"] == "Juste" },
		},
		{
			"removed and changed",
			func(i *incident) { i.Events = i.Events[1:] }, func(i *incident) { i.Events[0].Title["fr"] = "Leur" },
			[]string{"events[a]"},
			func(i *incident) bool { return len(i.Events) == 3 && i.Events[0].Title["fr"] == "Leur" },
		},
		{
			"removed and not changed",
			func(i *incident) { i.Events = i.Events[1:] }, func(i *incident) { i.Events[1].Title["fr"] = "Leur" }, nil,
			func(i *incident) bool { return len(i.Events) == 2 && i.Events[0].Title["fr"] == "Leur" },
		},
		{
			"both added",
			func(i *incident) { i.Events = append(i.Events, event("mine", "M")) },
			func(i *incident) { i.Events = slices.Insert(i.Events, 1, event("theirs", "T")) }, nil,
			func(i *incident) bool { return slices.Equal(keys(i), []string{"a", "theirs", "b", "c", "mine"}) },
		},
		{
			"both added under one key, two things",
			func(i *incident) {
				i.Events = append(i.Events, event("new", "Attaque"))
				i.Exposures = append(i.Exposures, register.Exposure{Fact: register.Fact{Key: "data"}})
				i.Events[3].Exposure = "data"
			},
			func(i *incident) { i.Measures = append(i.Measures, register.Measure{Fact: register.Fact{Key: "data"}}) }, nil,
			func(i *incident) bool { return i.Exposures[0].Key == "data-2" && i.Events[3].Exposure == "data-2" },
		},
		{
			"one reorders, one adds and changes",
			func(i *incident) { slices.Reverse(i.Events) },
			func(i *incident) {
				i.Events = append(i.Events, event("d", "Quatre"))
				i.Events[0].Title["fr"] = "Leur"
			}, nil,
			func(i *incident) bool {
				return slices.Equal(keys(i), []string{"c", "d", "b", "a"}) && i.Events[3].Title["fr"] == "Leur"
			},
		},
		{
			"sources are a set",
			func(i *incident) { i.Sources = []string{"s1", "mine"} }, func(i *incident) { i.Sources = []string{"s1", "theirs"} }, nil,
			func(i *incident) bool { return slices.Equal(i.Sources, []string{"s1", "theirs", "mine"}) },
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			base := threeEvents()
			base.Sources = []string{"s1"}
			mine, theirs := clone(t, base), clone(t, base)
			c.mine(mine)
			c.theirs(theirs)
			got, conflicts := merged(t, base, mine, theirs)
			var paths []string
			for _, x := range conflicts {
				paths = append(paths, x.At.Path)
			}
			if !slices.Equal(paths, c.conflicts) {
				t.Errorf("conflicts at %v, want %v", paths, c.conflicts)
			}
			if !c.check(got) {
				t.Errorf("merged: %s", encoded(t, got))
			}
		})
	}
}

func TestConflictsAreAnswered(t *testing.T) {
	t.Parallel()
	base := threeEvents()
	mine, theirs := clone(t, base), clone(t, base)
	mine.Title["fr"], theirs.Title["fr"] = "Mien", "Leur"
	mine.Standing, theirs.Standing = "confirmed", "disputed"
	mine.Events = mine.Events[1:]
	theirs.Events[0].Title["fr"] = "Leur"
	resolve := func(choices map[string]revision.Choice) (*register.Incident, []revision.Conflict) {
		got, left, err := revision.Resolve(base, mine, theirs, choices)
		if err != nil {
			t.Fatal(err)
		}
		return got, left
	}
	got, left := resolve(map[string]revision.Choice{
		"title.fr":  {Take: revision.TakeOwn, Words: "À nous"},
		"standing":  {Take: revision.TakeTheirs},
		"events[a]": {Take: revision.TakeMine},
	})
	if len(left) > 0 || got.Title["fr"] != "À nous" || got.Standing != "disputed" || len(got.Events) != 2 {
		t.Errorf("%d left, got %s", len(left), encoded(t, got))
	}
	// Own words are no code, and an answer to something else is none.
	if _, left = resolve(map[string]revision.Choice{
		"standing": {Take: revision.TakeOwn, Words: "x"}, "events[a]": {Take: "all"}, "title.ar": {Take: revision.TakeTheirs},
	}); len(left) != 3 {
		t.Errorf("%d left, want 3", len(left))
	}
	c := left[slices.IndexFunc(left, func(c revision.Conflict) bool { return !c.Field() })]
	if c.Mine.Present || !c.Theirs.Present || len(c.Theirs.Fields) == 0 || c.At.Items[0].Name["fr"] == "" {
		t.Errorf("the removed item is told as %+v", c)
	}
}

// TestASpeakerIsOnePart removes the speaker while somebody changes the office.
func TestASpeakerIsOnePart(t *testing.T) {
	t.Parallel()
	base := &register.Statement{Speaker: &register.Official{Key: "b", Name: register.Text{"fr": "B"}, Office: register.Text{"fr": "porte-parole"}}}
	mine, theirs := clone(t, base), clone(t, base)
	mine.Speaker = nil
	theirs.Speaker.Office["fr"] = "ministre"
	_, conflicts := merged(t, base, mine, theirs)
	if len(conflicts) != 1 || conflicts[0].At.Path != "speaker" {
		t.Fatalf("got %+v", conflicts)
	}
	got, _, err := revision.Resolve(base, mine, theirs, map[string]revision.Choice{"speaker": {Take: revision.TakeMine}})
	if err != nil || got.Speaker != nil {
		t.Errorf("got %+v, %v", got, err)
	}
}
