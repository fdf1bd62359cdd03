package register_test

import (
	"testing"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
)

func exactly(days, count int) register.DelayCount {
	return register.DelayCount{Delay: edtf.Days{Known: true, Min: days, Max: days}, Count: count}
}

func between(from, to, count int) register.DelayCount {
	return register.DelayCount{Delay: edtf.Days{Known: true, Min: from, Max: to}, Count: count}
}

func TestMedian(t *testing.T) {
	atMost := register.DelayCount{Delay: edtf.Days{Known: true, MinOpen: true, Max: 9}, Count: 1}
	atLeast := register.DelayCount{Delay: edtf.Days{Known: true, Min: 4, MaxOpen: true}, Count: 1}
	for name, test := range map[string]struct {
		delays []register.DelayCount
		want   edtf.Days
	}{
		"none":               {nil, edtf.Days{}},
		"one":                {[]register.DelayCount{exactly(3, 1)}, edtf.Days{Known: true, Min: 3, Max: 3}},
		"odd":                {[]register.DelayCount{exactly(9, 1), exactly(1, 1), exactly(4, 1)}, edtf.Days{Known: true, Min: 4, Max: 4}},
		"even":               {[]register.DelayCount{exactly(1, 1), exactly(4, 1)}, edtf.Days{Known: true, Min: 2, Max: 3}},
		"many of one":        {[]register.DelayCount{exactly(1, 5), exactly(90, 2)}, edtf.Days{Known: true, Min: 1, Max: 1}},
		"interval":           {[]register.DelayCount{between(0, 30, 1)}, edtf.Days{Known: true, Min: 0, Max: 30}},
		"intervals":          {[]register.DelayCount{between(0, 30, 1), exactly(2, 1), exactly(5, 1)}, edtf.Days{Known: true, Min: 2, Max: 5}},
		"open below":         {[]register.DelayCount{atMost}, edtf.Days{Known: true, MinOpen: true, Max: 9}},
		"open above":         {[]register.DelayCount{atLeast}, edtf.Days{Known: true, Min: 4, MaxOpen: true}},
		"open at both sides": {[]register.DelayCount{atMost, atLeast}, edtf.Days{}},
		"open, outvoted":     {[]register.DelayCount{atMost, exactly(2, 2)}, edtf.Days{Known: true, Min: 2, Max: 2}},
	} {
		if got := register.Median(test.delays); got != test.want {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
	}
}

// TestClassesOfDelays: a delay is certainly in one class or possibly in several,
// and every delay is in one.
func TestClassesOfDelays(t *testing.T) {
	delays := []register.DelayCount{
		exactly(0, 2), exactly(3, 1), exactly(-2, 1), between(2, 5, 1), exactly(400, 1),
		{Delay: edtf.Days{Known: true, Min: 10, MaxOpen: true}, Count: 1},
	}
	want := []struct{ certain, possible int }{{3, 0}, {1, 1}, {0, 1}, {0, 1}, {0, 1}, {1, 1}}
	for i, class := range register.DelayClasses() {
		certain, possible := class.Place(delays)
		if certain != want[i].certain || possible != want[i].possible {
			t.Errorf("class %d to %d: %d certain, %d possible, want %+v", class.From, class.To, certain, possible, want[i])
		}
	}
}

func TestCountFacts(t *testing.T) {
	incident := &register.Incident{
		Events:   []register.Event{{Fact: register.Fact{Key: "a", Sources: []string{"saved", "not"}}}, {Fact: register.Fact{Key: "b", Sources: []string{"not"}}}},
		Measures: []register.Measure{{Fact: register.Fact{Key: "c"}}},
	}
	facts, archived := register.CountFacts(incident, []register.Source{{Key: "saved", Capture: &register.Capture{}}, {Key: "not"}})
	if facts != 3 || archived != 1 {
		t.Errorf("%d facts, %d archived", facts, archived)
	}
}
