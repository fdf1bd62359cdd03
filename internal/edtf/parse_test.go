package edtf_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/edtf"
)

// mustParse is for tests only: the package has no function that panics.
func mustParse(tb testing.TB, s string) edtf.Date {
	tb.Helper()
	if s == "" {
		return edtf.Date{}
	}
	d, err := edtf.Parse(s)
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

var valid = []struct {
	in, canonical string // canonical "" means the same as in
	precision     edtf.Precision
	qualifier     edtf.Qualifier
}{
	{"2025", "", edtf.PrecisionYear, edtf.Exact},
	{"0000", "", edtf.PrecisionYear, edtf.Exact},
	{"9999", "", edtf.PrecisionYear, edtf.Exact},
	{"2025-04", "", edtf.PrecisionMonth, edtf.Exact},
	{"2025-04-08", "", edtf.PrecisionDay, edtf.Exact},
	{"2024-02-29", "", edtf.PrecisionDay, edtf.Exact},
	{"2000-02-29", "", edtf.PrecisionDay, edtf.Exact},
	{"2025-04-09T09:42", "", edtf.PrecisionMinute, edtf.Exact},
	{"2025-04-09T00:00", "", edtf.PrecisionMinute, edtf.Exact},
	{"2025-04-09T09:42:10", "", edtf.PrecisionMinute, edtf.Exact},
	{"2025-04-09T09:42:00", "", edtf.PrecisionMinute, edtf.Exact},
	{"2025-04-09T09:42Z", "", edtf.PrecisionMinute, edtf.Exact},
	{"2025-04-09T09:42+01:00", "", edtf.PrecisionMinute, edtf.Exact},
	{"2025-04-09T09:42:10-05:30", "", edtf.PrecisionMinute, edtf.Exact},
	{"2025-04-09T09:42+14:00", "", edtf.PrecisionMinute, edtf.Exact},
	{"2025-04-09T09:42-04", "2025-04-09T09:42-04:00", edtf.PrecisionMinute, edtf.Exact},
	{"2025-04-09T09:42+00:00", "2025-04-09T09:42Z", edtf.PrecisionMinute, edtf.Exact},
	{"2025-04-09T09:42~", "", edtf.PrecisionMinute, edtf.Approximate},
	{"2025?", "", edtf.PrecisionYear, edtf.Uncertain},
	{"2025-04~", "", edtf.PrecisionMonth, edtf.Approximate},
	{"2025-04-08%", "", edtf.PrecisionDay, edtf.ApproximateAndUncertain},
	{"202X", "", edtf.PrecisionDecade, edtf.Exact},
	{"202X~", "", edtf.PrecisionDecade, edtf.Approximate},
	{"20XX", "", edtf.PrecisionCentury, edtf.Exact},
	{"2025-XX", "", edtf.PrecisionYear, edtf.Exact},
	{"2025-XX-XX", "", edtf.PrecisionYear, edtf.Exact},
	{"2025-04-XX", "", edtf.PrecisionMonth, edtf.Exact},
	{"2025-04-XX?", "", edtf.PrecisionMonth, edtf.Uncertain},
	{"2025-21", "", edtf.PrecisionSeason, edtf.Exact},
	{"2025-24?", "", edtf.PrecisionSeason, edtf.Uncertain},
	{"2025-04-09/2025-04-12", "", edtf.PrecisionDay, edtf.Exact},
	{"2025-04-09/2025-04-09", "", edtf.PrecisionDay, edtf.Exact},
	{"2025-04/2025-04-12", "", edtf.PrecisionMonth, edtf.Exact},
	{"2025-04-20/2025-04", "", edtf.PrecisionMonth, edtf.Exact},
	{"2024/2025-04-12", "", edtf.PrecisionYear, edtf.Exact},
	{"2025-04-09~/2025-04-12?", "", edtf.PrecisionDay, edtf.ApproximateAndUncertain},
	{"../2025-04-12", "", edtf.PrecisionDay, edtf.Exact},
	{"/2025-04~", "", edtf.PrecisionMonth, edtf.Approximate},
	{"2025-04-09/..", "", edtf.PrecisionDay, edtf.Exact},
	{"2025-04-09?/", "", edtf.PrecisionDay, edtf.Uncertain},
	{"2025-04-09T09:42/2025-04-09T11:00", "", edtf.PrecisionMinute, edtf.Exact},
	{"2025-04-09T09:42:10+01:00%/2025-04-12T09:42:10+01:00%", "", edtf.PrecisionMinute, edtf.ApproximateAndUncertain},
}

func TestParseValid(t *testing.T) {
	for _, tt := range valid {
		t.Run(tt.in, func(t *testing.T) {
			d, err := edtf.Parse(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			want := tt.canonical
			if want == "" {
				want = tt.in
			}
			if got := d.String(); got != want {
				t.Errorf("String() = %q, want %q", got, want)
			}
			if got := d.Precision(); got != tt.precision {
				t.Errorf("Precision() = %v, want %v", got, tt.precision)
			}
			if got := d.Qualifier(); got != tt.qualifier {
				t.Errorf("Qualifier() = %v, want %v", got, tt.qualifier)
			}
			if d.IsZero() {
				t.Error("IsZero() of a stated date")
			}
			if d.IsInterval() != strings.Contains(tt.in, "/") {
				t.Error("IsInterval() is wrong")
			}
		})
	}
}

// invalidDate is an input with the reason for which it is refused.
type invalidDate struct {
	in     string
	reason edtf.Reason
}

func invalidDates() []invalidDate {
	return []invalidDate{
		{"", edtf.ReasonEmpty},
		{strings.Repeat("2", 65), edtf.ReasonTooLong},
		{"٢٠٢٥", edtf.ReasonNotASCII},
		{"2025–04", edtf.ReasonNotASCII},
		{"２０２５", edtf.ReasonNotASCII},
		{"2025-04-08\u00a0", edtf.ReasonNotASCII},
		{"\xff\xfe", edtf.ReasonNotASCII},
		{"?", edtf.ReasonMalformed},
		{"T", edtf.ReasonMalformed},
		{"abc", edtf.ReasonMalformed},
		{"202", edtf.ReasonMalformed},
		{"20255", edtf.ReasonMalformed},
		{"2025-4", edtf.ReasonMalformed},
		{"2025-4-8", edtf.ReasonMalformed},
		{"2025/04/08", edtf.ReasonMalformed},
		{"08-04-2025", edtf.ReasonMalformed},
		{"20250408", edtf.ReasonMalformed},
		{"2025-04-08x", edtf.ReasonMalformed},
		{" 2025", edtf.ReasonMalformed},
		{"2025 ", edtf.ReasonMalformed},
		{"2025??", edtf.ReasonMalformed},
		{"2025?-04", edtf.ReasonMalformed},
		{"?2025-04", edtf.ReasonMalformed},
		{"2XXX", edtf.ReasonMalformed},
		{"XXXX", edtf.ReasonMalformed},
		{"20X5", edtf.ReasonMalformed},
		{"202x", edtf.ReasonMalformed},
		{"202X-04", edtf.ReasonMalformed},
		{"2025-X4", edtf.ReasonMalformed},
		{"2025-XX-08", edtf.ReasonMalformed},
		{"2025-04-0X", edtf.ReasonMalformed},
		{"2025-22-01", edtf.ReasonMalformed},
		{"2025-22-XX", edtf.ReasonMalformed},
		{"+2025", edtf.ReasonMalformed},
		{"2025-+4", edtf.ReasonMalformed},
		{"2025T09:42", edtf.ReasonMalformed},
		{"2025-04T09:42", edtf.ReasonMalformed},
		{"2025-04-XXT09:42", edtf.ReasonMalformed},
		{"2025-04-08t09:42", edtf.ReasonMalformed},
		{"2025/2026/2027", edtf.ReasonMalformed},
		{"2025/...", edtf.ReasonMalformed},
		{"..", edtf.ReasonMalformed},
		{"../..?", edtf.ReasonMalformed},
		{"Y17000", edtf.ReasonYearRange},
		{"Y-17000", edtf.ReasonYearRange},
		{"-0044", edtf.ReasonYearRange},
		{"-0044/2025", edtf.ReasonYearRange},
		{"2025-00", edtf.ReasonNoSuchMonth},
		{"2025-13", edtf.ReasonNoSuchMonth},
		{"2025-20", edtf.ReasonNoSuchMonth},
		{"2025-25", edtf.ReasonNoSuchMonth},
		{"2025-13-01", edtf.ReasonNoSuchMonth},
		{"2025-02-30", edtf.ReasonNoSuchDay},
		{"2025-02-29", edtf.ReasonNoSuchDay},
		{"1900-02-29", edtf.ReasonNoSuchDay},
		{"2025-04-31", edtf.ReasonNoSuchDay},
		{"2025-04-00", edtf.ReasonNoSuchDay},
		{"2025-04-08T", edtf.ReasonNoSuchTime},
		{"2025-04-08T09", edtf.ReasonNoSuchTime},
		{"2025-04-08T24:00", edtf.ReasonNoSuchTime},
		{"2025-04-08T09:60", edtf.ReasonNoSuchTime},
		{"2025-04-08T23:59:60", edtf.ReasonNoSuchTime},
		{"2025-04-08T09.42", edtf.ReasonNoSuchTime},
		{"2025-04-08T09:42.10", edtf.ReasonNoSuchTime},
		{"2025-04-08T09:42:10.5", edtf.ReasonNoSuchTime},
		{"2025-04-08TZ", edtf.ReasonNoSuchTime},
		{"2025-04-08T09:42T10", edtf.ReasonNoSuchTime},
		{"2025-04-08T09:42ZZ", edtf.ReasonBadZone},
		{"2025-04-08T09:42+1", edtf.ReasonBadZone},
		{"2025-04-08T09:42+0100", edtf.ReasonBadZone},
		{"2025-04-08T09:42-00:00", edtf.ReasonBadZone},
		{"2025-04-08T09:42+14:01", edtf.ReasonBadZone},
		{"2025-04-08T09:42+01:60", edtf.ReasonBadZone},
		{"2025-04-08T09:42+01:00Z", edtf.ReasonBadZone},
		{"/", edtf.ReasonBothEndsOpen},
		{"../..", edtf.ReasonBothEndsOpen},
		{"/..", edtf.ReasonBothEndsOpen},
		{"2025-04-12/2025-04-09", edtf.ReasonReversed},
		{"2025-05/2025-04-30", edtf.ReasonReversed},
		{"2025-04-09T09:42/2025-04-09T09:41", edtf.ReasonReversed},
		{"2025-04-09T09:42+01:00/2025-04-09T09:42+02:00", edtf.ReasonReversed},
	}
}

func TestParseInvalid(t *testing.T) {
	for _, tt := range invalidDates() {
		t.Run(tt.in, func(t *testing.T) {
			d, err := edtf.Parse(tt.in)
			var parseErr *edtf.ParseError
			if !errors.As(err, &parseErr) {
				t.Fatalf("Parse = %v, %v; want a *ParseError", d, err)
			}
			if parseErr.Reason != tt.reason {
				t.Errorf("reason %q, want %q", parseErr.Reason, tt.reason)
			}
			if !d.IsZero() {
				t.Errorf("date %v beside an error", d)
			}
			if len(parseErr.Input) > 64 || !strings.HasPrefix(tt.in, parseErr.Input) {
				t.Errorf("Input = %q", parseErr.Input)
			}
		})
	}
}

func TestParseErrorText(t *testing.T) {
	_, err := edtf.Parse("2025-02-30")
	const want = `edtf: "2025-02-30" is not a date: no-such-day`
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

func TestIntervalEnds(t *testing.T) {
	tests := []struct {
		in, start, end     string
		openStart, openEnd bool
	}{
		{"2025-04~", "2025-04~", "2025-04~", false, false},
		{"2025-04-09~/2025-04-12", "2025-04-09~", "2025-04-12", false, false},
		{"../2025-04-12", "", "2025-04-12", true, false},
		{"/2025-04-12", "", "2025-04-12", true, false},
		{"2025-04-09/..", "2025-04-09", "", false, true},
		{"2025-04-09/", "2025-04-09", "", false, true},
		{"", "", "", false, false},
	}
	for _, tt := range tests {
		t.Run(tt.in, func(t *testing.T) {
			d := mustParse(t, tt.in)
			if d.Start() != mustParse(t, tt.start) || d.End() != mustParse(t, tt.end) {
				t.Errorf("ends %q and %q, want %q and %q", d.Start(), d.End(), tt.start, tt.end)
			}
			if d.OpenStart() != tt.openStart || d.OpenEnd() != tt.openEnd {
				t.Errorf("open: %v, %v; want %v, %v", d.OpenStart(), d.OpenEnd(), tt.openStart, tt.openEnd)
			}
		})
	}
}

func TestZero(t *testing.T) {
	var d edtf.Date
	if !d.IsZero() || d.String() != "" || d.IsInterval() || d.Precision() != edtf.PrecisionNone {
		t.Error("the zero Date is not an empty, unstated date")
	}
	if d.HTMLDateTime() != "" || d.Text("fr", edtf.Long) != "" {
		t.Error("the zero Date has a text")
	}
}

func TestJSON(t *testing.T) {
	type record struct {
		Occurred  edtf.Date `json:"occurred"`
		Disclosed edtf.Date `json:"disclosed,omitzero"`
	}
	in := record{Occurred: mustParse(t, "../2025-04-08~")}
	encoded, err := json.Marshal(in)
	if err != nil || string(encoded) != `{"occurred":"../2025-04-08~"}` {
		t.Fatalf("Marshal = %s, %v", encoded, err)
	}
	var out record
	if err := json.Unmarshal([]byte(`{"occurred":"../2025-04-08~","disclosed":""}`), &out); err != nil || out != in {
		t.Errorf("Unmarshal = %v, %v", out, err)
	}
	var parseErr *edtf.ParseError
	if err := json.Unmarshal([]byte(`{"occurred":"2025-02-30"}`), &out); !errors.As(err, &parseErr) {
		t.Errorf("Unmarshal of no date: %v", err)
	}
	if out != in {
		t.Error("a failed Unmarshal changed the date")
	}
}

func TestKeys(t *testing.T) {
	got := []string{
		edtf.Exact.String(), edtf.ApproximateAndUncertain.String(), edtf.Qualifier(9).String(),
		edtf.PrecisionSeason.String(), edtf.PrecisionMinute.String(), edtf.Precision(99).String(),
		edtf.NotYet.String(), edtf.Possibly.String(), edtf.Known.String(),
	}
	const want = "exact approximate-and-uncertain Qualifier(9) season minute Precision(99) not-yet possibly known"
	if strings.Join(got, " ") != want {
		t.Errorf("keys %q, want %q", got, want)
	}
}

func TestHTMLDateTime(t *testing.T) {
	tests := map[string]string{
		"2025":                   "2025",
		"2025~":                  "2025",
		"2025-XX-XX":             "2025",
		"2025-04":                "2025-04",
		"2025-04-XX?":            "2025-04",
		"2025-04-08%":            "2025-04-08",
		"2025-04-09T09:42":       "2025-04-09T09:42",
		"2025-04-09T09:42:10Z":   "2025-04-09T09:42:10Z",
		"2025-04-09T09:42+01:00": "2025-04-09T09:42+01:00",
		"0000":                   "",
		"202X":                   "",
		"20XX":                   "",
		"2025-22":                "",
		"2025-04-09/2025-04-12":  "",
		"2025-04-09/..":          "",
		"../2025-04-09":          "",
	}
	for in, want := range tests {
		if got := mustParse(t, in).HTMLDateTime(); got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}
