package form_test

import (
	"slices"
	"testing"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/web/desk/form"
)

// TestEveryFieldHasAPlace: the parts of a record together hold all that it can
// hold, each once.
func TestEveryFieldHasAPlace(t *testing.T) {
	t.Parallel()
	for kind, noun := range map[register.RecordType]any{
		register.TypeIncident: &register.Incident{}, register.TypeStatement: &register.Statement{}, register.TypeInstitution: &register.Institution{},
	} {
		var placed []string
		for _, p := range form.Parts(kind) {
			if p.Item != nil {
				placed = append(placed, p.Name)
				continue
			}
			for _, f := range p.Form.Fields {
				placed = append(placed, f.Name)
			}
		}
		var all []string
		for _, f := range form.New(noun).Fields {
			all = append(all, f.Name)
		}
		slices.Sort(placed)
		slices.Sort(all)
		if !slices.Equal(placed, all) {
			t.Errorf("%s: %v are entered, %v can be held", kind, placed, all)
		}
	}
}

func TestItemsOfAList(t *testing.T) {
	t.Parallel()
	incident := founding(t).Incidents[0]
	parts := form.Parts(register.TypeIncident)
	events := &parts[slices.IndexFunc(parts, func(p form.Part) bool { return p.Name == "events" })]
	before := events.Keys(&incident)
	if events.Get(&incident, before[1]).(*register.Event) != &incident.Events[1] || events.Get(&incident, "none") != nil {
		t.Error("an item is not found by its key")
	}
	if !events.Move(&incident, before[1], -1) || events.Move(&incident, before[1], -1) || events.Move(&incident, before[len(before)-1], 1) {
		t.Error("an item moves where there is a place, and nowhere else")
	}
	if !events.Remove(&incident, before[0]) || events.Remove(&incident, before[0]) {
		t.Error("an item is removed once")
	}
	item := events.New()
	events.Item.Read(item, map[string][]string{"kind": {"other"}, "title.en": {before[2]}}, reading(&incident))
	events.Add(&incident, item)
	want := append(append([]string{before[1]}, before[2:]...), before[2]+"-2")
	if got := events.Keys(&incident); !slices.Equal(got, want) {
		t.Errorf("keys %v, want %v", got, want)
	}
}

// TestProblemsAreFoundWhereTheyAreMended breaks a record in many places and
// expects each problem at its field.
func TestProblemsAreFoundWhereTheyAreMended(t *testing.T) {
	t.Parallel()
	i := founding(t).Incidents[0]
	delete(i.Title, register.French)
	i.Events[0].Title, i.Events[0].Sources, i.Events[0].SaidIn = nil, nil, nil
	i.Exposures[0].Figures[1].Unit = "gigabytes"
	i.Referrals[0].Steps[0].Level = "rumour"
	i.Systems[0].Names[0].Kind = "spoon"
	i.Affected[0].Dates = register.Dates{{Basis: "guess"}}
	i.Kinds = nil
	i.Slug = "Not a slug"
	want := map[register.Problem]form.Place{
		{Field: "title", Key: "problem.language-missing"}:                                 {Part: "basics", Path: "title.fr"},
		{Field: "kinds", Key: "problem.missing"}:                                          {Part: "basics", Path: "kinds"},
		{Field: "slug", Key: "problem.slug-malformed"}:                                    {Part: "basics", Path: "slug"},
		{Field: "events[" + i.Events[0].Key + "].title", Key: "problem.language-missing"}: {Part: "events", Item: i.Events[0].Key, Path: "title.fr"},
		{Field: i.Events[0].Key, Key: "problem.unsourced"}:                                {Part: "events", Item: i.Events[0].Key, Path: "sources"},
		{Field: "figures[" + i.Exposures[0].Figures[1].Key + "].unit", Key: "problem.code-unknown"}: {
			Part: "exposures", Item: i.Exposures[0].Key, Path: "figures.1.unit",
		},
		{Field: "steps[" + i.Referrals[0].Steps[0].Key + "].level", Key: "problem.code-unknown"}: {
			Part: "referrals", Item: i.Referrals[0].Key, Path: "steps.0.level",
		},
		{Field: "systems[" + i.Systems[0].Key + "].kind", Key: "problem.code-unknown"}: {Part: "systems", Item: i.Systems[0].Key, Path: "names"},
		{Field: i.Affected[0].Key + ".dates", Key: "problem.date-empty"}:               {Part: "affected", Item: i.Affected[0].Key, Path: "dates"},
		{Field: i.Affected[0].Key + ".dates.basis", Key: "problem.code-unknown"}:       {Part: "affected", Item: i.Affected[0].Key, Path: "dates"},
	}
	index := form.NewIndex(form.Parts(register.TypeIncident), &i)
	for _, p := range i.Validate() {
		got := index.Locate(p)
		p.Value = ""
		if place, ok := want[p]; !ok || got != place {
			t.Errorf("%v is placed at %+v, want %+v", p, got, place)
		}
		delete(want, p)
	}
	for p := range want {
		t.Errorf("validation did not find %v", p)
	}
	for _, nowhere := range []register.Problem{{Field: "text", Key: "problem.bad-character"}, {Field: "events[gone].title"}, {}} {
		if got := index.Locate(nowhere); got.Part != "" {
			t.Errorf("%v is placed at %+v", nowhere, got)
		}
	}
}
