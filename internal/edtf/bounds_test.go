package edtf_test

import (
	"testing"
	"time"

	"github.com/sijil/sijil/internal/edtf"
)

func TestBounds(t *testing.T) {
	tests := []struct {
		in, earliest, latest string // RFC 3339; "" where there is none
	}{
		{"2025-04-08", "2025-04-08T00:00:00+01:00", "2025-04-08T23:59:59.999999999+01:00"},
		{"2025-04-08~", "2025-04-08T00:00:00+01:00", "2025-04-08T23:59:59.999999999+01:00"},
		{"2025-03-10", "2025-03-10T00:00:00Z", "2025-03-10T23:59:59.999999999Z"}, // Ramadan
		{"2025-04", "2025-04-01T00:00:00Z", "2025-04-30T23:59:59.999999999+01:00"},
		{"2024-02-XX", "2024-02-01T00:00:00+01:00", "2024-02-29T23:59:59.999999999+01:00"},
		{"2025", "2025-01-01T00:00:00+01:00", "2025-12-31T23:59:59.999999999+01:00"},
		{"2025-XX-XX", "2025-01-01T00:00:00+01:00", "2025-12-31T23:59:59.999999999+01:00"},
		{"199X", "1990-01-01T00:00:00Z", "1999-12-31T23:59:59.999999999Z"},
		{"2025-21", "2025-03-01T00:00:00Z", "2025-06-30T23:59:59.999999999+01:00"},
		{"2025-22", "2025-06-01T00:00:00+01:00", "2025-09-30T23:59:59.999999999+01:00"},
		{"2025-23", "2025-09-01T00:00:00+01:00", "2025-12-31T23:59:59.999999999+01:00"},
		{"2024-24", "2024-12-01T00:00:00+01:00", "2025-03-31T23:59:59.999999999Z"},
		{"2025-04-09T09:42", "2025-04-09T09:42:00+01:00", "2025-04-09T09:42:59.999999999+01:00"},
		{"2025-04-09T09:42:10", "2025-04-09T09:42:10+01:00", "2025-04-09T09:42:10.999999999+01:00"},
		{"2025-04-09T09:42Z", "2025-04-09T09:42:00Z", "2025-04-09T09:42:59.999999999Z"},
		{"2025-04-09T09:42-05:30", "2025-04-09T09:42:00-05:30", "2025-04-09T09:42:59.999999999-05:30"},
		{"2025-04-09/2025-04-12", "2025-04-09T00:00:00+01:00", "2025-04-12T23:59:59.999999999+01:00"},
		{"2025-04-20/2025-04", "2025-04-20T00:00:00+01:00", "2025-04-30T23:59:59.999999999+01:00"},
		{"../2025-04-12", "", "2025-04-12T23:59:59.999999999+01:00"},
		{"2025-04-09/", "2025-04-09T00:00:00+01:00", ""},
		{"", "", ""},
		// Clocks go back at 03:00 as Ramadan begins, and forward at 02:00 after it.
		{"2025-02-23T01:30", "2025-02-23T01:30:00+01:00", "2025-02-23T01:30:59.999999999+01:00"},
		{"2025-02-23T02:30", "2025-02-23T02:30:00+01:00", "2025-02-23T02:30:59.999999999Z"},
		{"2025-02-23T03:00", "2025-02-23T03:00:00Z", "2025-02-23T03:00:59.999999999Z"},
		{"2025-02-23", "2025-02-23T00:00:00+01:00", "2025-02-23T23:59:59.999999999Z"},
		{"2025-04-06T02:30", "2025-04-06T03:30:00+01:00", "2025-04-06T03:30:59.999999999+01:00"},
		{"2025-04-06T03:00", "2025-04-06T03:00:00+01:00", "2025-04-06T03:00:59.999999999+01:00"},
		// 1 June 2008 began at 01:00, and 1 September had its 23:00 twice on the eve.
		{"2008-05-31", "2008-05-31T00:00:00Z", "2008-05-31T23:59:59.999999999Z"},
		{"2008-06-01", "2008-06-01T01:00:00+01:00", "2008-06-01T23:59:59.999999999+01:00"},
		{"2008-08-31", "2008-08-31T00:00:00+01:00", "2008-08-31T23:59:59.999999999Z"},
		{"2008-09-01", "2008-09-01T00:00:00Z", "2008-09-01T23:59:59.999999999Z"},
	}
	for _, tt := range tests {
		t.Run(tt.in, func(t *testing.T) {
			d := mustParse(t, tt.in)
			earliest, ok := d.Earliest()
			checkInstant(t, "Earliest", earliest, ok, tt.earliest)
			latest, ok := d.Latest()
			checkInstant(t, "Latest", latest, ok, tt.latest)
		})
	}
}

// checkInstant compares by text, since the zone counts too.
func checkInstant(t *testing.T, name string, got time.Time, ok bool, want string) {
	t.Helper()
	if ok != (want != "") {
		t.Fatalf("%s known: %v, want %q", name, ok, want)
	}
	if text := got.Format(time.RFC3339Nano); ok && text != want {
		t.Errorf("%s = %s, want %s", name, text, want)
	}
}

func TestFirstAndLastDay(t *testing.T) {
	tests := []struct{ in, first, last string }{
		{"2025-04-08", "2025-04-08", "2025-04-08"},
		{"2025-02", "2025-02-01", "2025-02-28"},
		{"2025", "2025-01-01", "2025-12-31"},
		{"202X", "2020-01-01", "2029-12-31"},
		{"20XX", "2000-01-01", "2099-12-31"},
		{"2025-24", "2025-12-01", "2026-03-31"},
		{"2025-04-09T23:59", "2025-04-09", "2025-04-09"},
		{"2025-04-08T23:30Z", "2025-04-09", "2025-04-09"}, // past midnight in Morocco
		{"2025-04-09T00:30+02:00", "2025-04-08", "2025-04-08"},
		{"2025-04-09/2025-05", "2025-04-09", "2025-05-31"},
		{"../2025-04-12", "", "2025-04-12"},
		{"2025-04-09/..", "2025-04-09", ""},
		{"", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.in, func(t *testing.T) {
			d := mustParse(t, tt.in)
			first, ok := d.FirstDay()
			checkDay(t, "FirstDay", first, ok, tt.first)
			last, ok := d.LastDay()
			checkDay(t, "LastDay", last, ok, tt.last)
		})
	}
}

func checkDay(t *testing.T, name string, got edtf.Day, ok bool, want string) {
	t.Helper()
	if ok != (want != "") || ok && got.String() != want {
		t.Errorf("%s = %v, %v; want %q", name, got, ok, want)
	}
}

func TestDay(t *testing.T) {
	day, err := edtf.ParseDay("2025-04-08")
	if err != nil || day != (edtf.Day{Year: 2025, Month: time.April, Day: 8}) {
		t.Fatalf("ParseDay = %v, %v", day, err)
	}
	if day.Weekday() != time.Tuesday {
		t.Errorf("Weekday = %v", day.Weekday())
	}
	if got := day.AddDays(-8).String(); got != "2025-03-31" {
		t.Errorf("AddDays(-8) = %v", got)
	}
	// Far apart: more than a time.Duration can hold.
	long := edtf.Day{Year: 1000, Month: time.January, Day: 1}
	if got := long.AddDays(400_000).DaysSince(long); got != 400_000 {
		t.Errorf("DaysSince = %d", got)
	}
	if got := long.DaysSince(long.AddDays(3)); got != -3 {
		t.Errorf("DaysSince = %d, want -3", got)
	}
	if day.Compare(day) != 0 || day.Compare(day.AddDays(1)) != -1 || day.Compare(day.AddDays(-30)) != 1 {
		t.Error("Compare is not the order of the calendar")
	}
	if day.IsZero() || !(edtf.Day{}).IsZero() {
		t.Error("IsZero is wrong")
	}
}

func TestDayConversions(t *testing.T) {
	at := time.Date(2025, time.April, 8, 23, 30, 0, 0, time.UTC)
	if got := edtf.DayOf(at).String(); got != "2025-04-09" {
		t.Errorf("DayOf = %s, want the day in Morocco", got)
	}
	if got := edtf.DayOf(at).Date(); got != mustParse(t, "2025-04-09") {
		t.Errorf("Date = %v", got)
	}
	none := []edtf.Day{{}, {Year: 2025, Month: 2, Day: 30}, {Year: 10000, Month: 1, Day: 1}, {Year: -1, Month: 1, Day: 1}}
	for _, day := range none {
		if got := day.Date(); !got.IsZero() {
			t.Errorf("%v.Date() = %v, want zero", day, got)
		}
	}
	for _, s := range []string{"", "2025", "2025-04-XX", "2025-04-08~", "2025-04-08T09:42", "2025-04-08/2025-04-08", "2025-02-30"} {
		if day, err := edtf.ParseDay(s); err == nil {
			t.Errorf("ParseDay(%q) = %v", s, day)
		}
	}
}

func TestLocation(t *testing.T) {
	if got := edtf.Location().String(); got != "Africa/Casablanca" {
		t.Errorf("Location = %s", got)
	}
}
