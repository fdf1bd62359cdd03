package register_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
)

func event(tb testing.TB, key string, kind register.EventKind, when string) register.Event {
	tb.Helper()
	e := register.Event{Fact: register.Fact{Key: key}, Kind: kind}
	if when != "" {
		e.Dates = on(tb, when)
	}
	return e
}

func statement(tb testing.TB, slug, when string, official bool) register.StatementEdition {
	tb.Helper()
	return register.StatementEdition{
		Reference: "ST-" + slug,
		Statement: &register.Statement{Slug: slug, Dates: on(tb, when), Official: official},
	}
}

func step(tb testing.TB, key, name string, level register.Level, when string) register.Step {
	tb.Helper()
	return register.Step{Fact: register.Fact{Key: key, Dates: on(tb, when)}, Step: name, Level: level}
}

// sample is an incident with something of each kind.
func sample(tb testing.TB) (*register.Incident, []register.StatementEdition) {
	tb.Helper()
	inc := &register.Incident{
		Affected: []register.AffectedInstitution{{Institution: "IN-0001"}},
		Events: []register.Event{
			event(tb, "undated", register.EventOther, ""),
			event(tb, "window", register.EventPeopleNotified, "2025-04-09/2025-04-12"),
			event(tb, "attack", register.EventAttack, "2025-04-08"),
			event(tb, "month", register.EventRestoration, "2025-04"),
			event(tb, "leak", register.EventDataPublication, "../2025-04-09T09:42"),
			event(tb, "check", register.EventVerification, "2025-04-09"),
			event(tb, "long-ago", register.EventContext, "2020-12"),
			event(tb, "mended", register.EventCorrection, "2025-05-01"),
		},
		Measures: []register.Measure{{Fact: register.Fact{Key: "measure", Dates: on(tb, "2025-04-10")}}},
		Referrals: []register.Referral{{
			Fact:  register.Fact{Key: "referral"},
			Steps: []register.Step{step(tb, "announced", "announced", register.AnnouncedByParty, "2025-04-09")},
		}},
	}
	return inc, []register.StatementEdition{
		statement(tb, "communique", "2025-04-09", true),
		statement(tb, "claim-of-attack", "2025-04-08", false),
		statement(tb, "briefing", "2025-04-10", true),
	}
}

func anchors(entries []register.Entry) []string {
	out := make([]string, len(entries))
	for i, e := range entries {
		out[i] = e.Anchor
	}
	return out
}

// TestTimelineOrder places each thing where it is known to have happened by:
// a month at its end, a window at its last day, the undated last.
func TestTimelineOrder(t *testing.T) {
	tl := register.NewTimeline(sample(t))
	want := []string{
		"long-ago", "attack", "claim-of-attack", "leak", "communique", "check", "announced",
		"briefing", "measure", "window", "month", "mended", "undated",
	}
	if got := anchors(tl.Entries); !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	for i, e := range tl.Entries {
		if e.Number != i+1 {
			t.Errorf("%s is number %d", e.Anchor, e.Number)
		}
	}
}

func TestTimelineOrderDoesNotDependOnInput(t *testing.T) {
	inc, statements := sample(t)
	want := anchors(register.NewTimeline(inc, statements).Entries)
	slices.Reverse(inc.Events)
	slices.Reverse(statements)
	if got := anchors(register.NewTimeline(inc, statements).Entries); !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestTimelineFilter(t *testing.T) {
	tl := register.NewTimeline(sample(t))
	cases := []struct {
		name   string
		filter register.TimelineFilter
		want   []string
	}{
		{
			"one kind",
			register.TimelineFilter{Kinds: []register.EntryKind{register.EntryStatement}},
			[]string{"claim-of-attack", "communique", "briefing"},
		},
		{
			"two kinds",
			register.TimelineFilter{Kinds: []register.EntryKind{register.EntryMeasure, register.EntryReferralStep}},
			[]string{"announced", "measure"},
		},
		{
			"newest first",
			register.TimelineFilter{Kinds: []register.EntryKind{register.EntryStatement}, Order: register.NewestFirst},
			[]string{"briefing", "communique", "claim-of-attack"},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := tl.Filter(c.filter)
			if a := anchors(got.Entries); !slices.Equal(a, c.want) {
				t.Errorf("got %v, want %v", a, c.want)
			}
			if got.Total != tl.Total || got.Counts[register.EntryEvent] != 4 {
				t.Errorf("counts changed: %d, %v", got.Total, got.Counts)
			}
		})
	}
}

func TestTimelineOfInstitutions(t *testing.T) {
	inc, statements := sample(t)
	inc.Events[2].Institutions = []register.Ref{"IN-0001", "IN-0001"} // attack
	inc.Exposures = []register.Exposure{{Fact: register.Fact{Key: "data"}, Institution: "IN-0001"}}
	inc.Events[4].Exposure = "data" // leak
	inc.Measures[0].Institutions = []register.Ref{"IN-0002"}
	inc.Referrals[0].By, inc.Referrals[0].To = []register.Ref{"IN-0001"}, "IN-0003"
	statements[0].Issuer = "IN-0001"                                                      // communique
	statements[2].Issuer, statements[2].OnBehalfOf = "IN-0002", []register.Ref{"IN-0001"} // briefing
	edition := &register.IncidentEdition{Incident: inc, Statements: statements}
	for i, slug := range []string{"fund", "government", "court", "other"} {
		edition.Institutions = append(edition.Institutions, register.InstitutionEdition{
			Reference: fmt.Sprintf("IN-%04d", i+1), Institution: &register.Institution{Slug: slug},
		})
	}
	tl := register.NewTimeline(inc, statements)
	if want := map[register.Ref]int{"IN-0001": 5, "IN-0002": 2, "IN-0003": 1}; !maps.Equal(tl.About, want) {
		t.Errorf("about: %v, want %v", tl.About, want)
	}
	for _, c := range []struct {
		filter register.TimelineFilter
		want   []string
	}{
		{register.TimelineFilter{Institutions: []string{"fund"}}, []string{"attack", "leak", "communique", "announced", "briefing"}},
		{register.TimelineFilter{Institutions: []string{"court", "government"}}, []string{"announced", "briefing", "measure"}},
		{
			register.TimelineFilter{Institutions: []string{"fund"}, Kinds: []register.EntryKind{register.EntryStatement}, Order: register.NewestFirst},
			[]string{"briefing", "communique"},
		},
		{register.TimelineFilter{Institutions: []string{"other"}}, nil},
	} {
		f, err := c.filter.In(edition)
		if err != nil {
			t.Fatal(err)
		}
		if got := anchors(tl.Filter(f).Entries); !slices.Equal(got, c.want) {
			t.Errorf("%v: got %v, want %v", c.filter, got, c.want)
		}
	}
	if _, err := (register.TimelineFilter{Institutions: []string{"elsewhere"}}).In(edition); !errors.Is(err, register.ErrInvalid) {
		t.Errorf("an institution of elsewhere: %v", err)
	}
}

func TestEveryKindOfEntryCanOccur(t *testing.T) {
	counts := register.NewTimeline(sample(t)).Counts
	for _, kind := range register.EntryKinds() {
		if counts[kind] == 0 {
			t.Errorf("no entry of kind %s", kind)
		}
	}
}

func TestDaysGroupOnlyWhatIsOneDay(t *testing.T) {
	days := register.NewTimeline(sample(t)).Days()
	type group struct {
		date    string
		exact   bool
		entries int
	}
	want := []group{
		{"2020-12", false, 1},
		{"2025-04-08", true, 2},
		{"../2025-04-09T09:42", false, 1},
		{"2025-04-09", true, 3},
		{"2025-04-10", true, 2},
		{"2025-04-09/2025-04-12", false, 1},
		{"2025-04", false, 1},
		{"2025-05-01", true, 1},
		{"", false, 1},
	}
	var got []group
	for _, d := range days {
		got = append(got, group{d.Date.String(), d.Exact, len(d.Entries)})
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestClock(t *testing.T) {
	inc, statements := sample(t)
	statements[0].Issuer = "IN-0001"
	today := edtf.Day{Year: 2025, Month: 4, Day: 30}
	clock := register.NewClock(inc, statements, today)
	days := func(least, most int) edtf.Days { return edtf.Days{Min: least, Max: most, Known: true} }
	cases := []struct {
		stage  register.StageCode
		anchor string
		delay  edtf.Days
	}{
		{register.StageFirstTrace, "attack", days(0, 0)},
		{register.StageFirstStatement, "communique", days(1, 1)}, // the attacker's claim is not official
		{register.StageOwnStatement, "communique", days(1, 1)},
		{register.StageAuthorityNotified, "", edtf.Days{}},
		{register.StagePeopleNotified, "window", days(1, 4)},
		{register.StageReferral, "announced", days(1, 1)},
		{register.StageConfirmation, "", edtf.Days{}},
	}
	for _, c := range cases {
		t.Run(string(c.stage), func(t *testing.T) {
			got, ok := clock.Stage(c.stage)
			if !ok || got.Anchor != c.anchor || got.Delay != c.delay {
				t.Errorf("got %q after %+v", got.Anchor, got.Delay)
			}
		})
	}
	if clock.SinceOfficial != days(20, 20) || clock.SinceReferral != days(21, 21) {
		t.Errorf("silence: %+v, %+v", clock.SinceOfficial, clock.SinceReferral)
	}
}

func TestClockOfAConfirmedAndAClosedReferral(t *testing.T) {
	inc, statements := sample(t)
	inc.Referrals[0].Steps = append(inc.Referrals[0].Steps,
		step(t, "opened", "inquiry-opened", register.ConfirmedByAuthority, "2025-04-20"))
	today := edtf.Day{Year: 2025, Month: 4, Day: 30}
	clock := register.NewClock(inc, statements, today)
	if s, _ := clock.Stage(register.StageConfirmation); s.Anchor != "opened" || s.Delay.Min != 12 {
		t.Errorf("confirmation %q after %+v", s.Anchor, s.Delay)
	}
	inc.Referrals[0].Steps = append(inc.Referrals[0].Steps,
		step(t, "closed", "dropped", register.ConfirmedByAuthority, "2025-04-25"))
	if clock := register.NewClock(inc, statements, today); clock.SinceReferral.Known {
		t.Errorf("a closed referral is silent for %+v", clock.SinceReferral)
	}
}

func TestClockWithoutAnythingStated(t *testing.T) {
	clock := register.NewClock(&register.Incident{}, nil, edtf.Day{Year: 2025, Month: 4, Day: 30})
	for _, s := range clock.Stages {
		if s.Stated() || s.Delay.Known {
			t.Errorf("%s is stated: %+v", s.Code, s)
		}
	}
	if clock.SinceOfficial.Known || clock.SinceReferral.Known {
		t.Error("a silence without a last word")
	}
}
