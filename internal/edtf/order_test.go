package edtf_test

import (
	"slices"
	"testing"

	"github.com/sijil/sijil/internal/edtf"
)

// inOrder is a timeline as Compare must sort it.
var inOrder = []string{
	"../2024",
	"2024",
	"2024-12-31",
	"2025-02",
	"../2025-04-08",
	"2025-04-07/2025-04-08",
	"2025-04-08", "2025-04-08%", "2025-04-08/..", "2025-04-08?", "2025-04-08~",
	"2025-04-08T23:30Z", // 00:30 on the 9th in Morocco
	"2025-04-09T09:42:10",
	"2025-04-09T09:42", "2025-04-09T09:42+01:00", "2025-04-09T09:42~",
	"2025-04-09", "2025-04-09/",
	"/2025-04-12",
	"2025-04-09/2025-04-12",
	"2025-04-12",
	"2025-04",
	"2025-04-XX",
	"2025-04-20/2025-04",
	"2025-04-30",
	"2025-21",
	"2025-22",
	"2025",
	"2025-XX",
	"2025-XX-XX",
	"2025-23",
	"2025-12-31",
	"2025-24",
	"202X",
	"20XX",
	"",
}

func TestCompareSorts(t *testing.T) {
	var got []string
	dates := make([]edtf.Date, 0, len(inOrder))
	for _, s := range slices.Backward(inOrder) {
		dates = append(dates, mustParse(t, s))
	}
	slices.SortFunc(dates, edtf.Compare)
	for _, d := range dates {
		got = append(got, d.String())
	}
	if !slices.Equal(got, inOrder) {
		t.Errorf("sorted:\n%q\nwant:\n%q", got, inOrder)
	}
}

func TestCompareIsTotalOrder(t *testing.T) {
	pool := []edtf.Date{{}}
	for _, tt := range valid {
		pool = append(pool, mustParse(t, tt.in))
	}
	for _, s := range inOrder {
		pool = append(pool, mustParse(t, s))
	}
	for _, a := range pool {
		for _, b := range pool {
			ab := edtf.Compare(a, b)
			if ab != -edtf.Compare(b, a) {
				t.Errorf("%q and %q: not antisymmetric", a, b)
			}
			if (ab == 0) != (a == b) || (a == b) != (a.String() == b.String()) {
				t.Errorf("%q and %q: 0 without being equal, or equal without 0", a, b)
			}
			for _, c := range pool {
				if ab <= 0 && edtf.Compare(b, c) <= 0 && edtf.Compare(a, c) > 0 {
					t.Errorf("%q, %q, %q: not transitive", a, b, c)
				}
			}
		}
	}
}

// TestCompareFollowsInstants asks of all pairs, with days around clock changes among
// them, what Compare answers without asking for instants.
func TestCompareFollowsInstants(t *testing.T) {
	list := append([]string{
		"2008-05-31", "2008-06-01", "2008-06-01T01:00", "2025-02-22", "2025-02-22T23:59", "2025-02-23", "2025-02-23T02:30", "2025-02-24",
		"2025-04-05", "2025-04-06", "2025-04-06T02:30", "2025-04-07T00:00", "0000", "9999-12-31",
	}, inOrder...)
	for _, tt := range valid {
		list = append(list, tt.in)
	}
	compared := 0
	for _, x := range list {
		for _, y := range list {
			a, b := mustParse(t, x), mustParse(t, y)
			latestA, okA := a.Latest()
			latestB, okB := b.Latest()
			if !okA || !okB {
				continue // placed by something else
			}
			want := latestA.Compare(latestB)
			if want == 0 {
				earliestA, okA := a.Earliest()
				earliestB, okB := b.Earliest()
				if !okA || !okB {
					continue
				}
				want = earliestA.Compare(earliestB)
			}
			if got := edtf.Compare(a, b); want != 0 && got != want {
				t.Errorf("%q and %q: %d, want %d", x, y, got, want)
			}
			compared++
		}
	}
	if compared < 1000 {
		t.Errorf("only %d pairs", compared)
	}
}

func TestKnownBy(t *testing.T) {
	tests := []struct {
		in, day string
		want    edtf.KnownBy
	}{
		{"2025-04-08", "2025-04-07", edtf.NotYet},
		{"2025-04-08", "2025-04-08", edtf.Known},
		{"2025-04-08", "2025-04-09", edtf.Known},
		{"2025-04-08~", "2025-04-08", edtf.Known},
		{"2025-04-08T23:59", "2025-04-08", edtf.Known},
		{"2025-04-08T23:30Z", "2025-04-08", edtf.NotYet},
		{"2025-04", "2025-03-31", edtf.NotYet},
		{"2025-04", "2025-04-01", edtf.Possibly},
		{"2025-04", "2025-04-29", edtf.Possibly},
		{"2025-04", "2025-04-30", edtf.Known},
		{"2025-04-09/2025-04-12", "2025-04-10", edtf.Possibly},
		{"../2025-04-12", "1999-01-01", edtf.Possibly},
		{"../2025-04-12", "2025-04-12", edtf.Known},
		{"2025-04-09/..", "2025-04-08", edtf.NotYet},
		{"2025-04-09/..", "2099-01-01", edtf.Possibly},
		{"", "2099-01-01", edtf.NotYet},
	}
	for _, tt := range tests {
		day, err := edtf.ParseDay(tt.day)
		if err != nil {
			t.Fatal(err)
		}
		if got := mustParse(t, tt.in).KnownBy(day); got != tt.want {
			t.Errorf("%q by %s: %v, want %v", tt.in, tt.day, got, tt.want)
		}
	}
}

func TestDaysBetween(t *testing.T) {
	known := func(lowest, highest int) edtf.Days {
		return edtf.Days{Min: lowest, Max: highest, Known: true}
	}
	tests := []struct {
		from, to string
		want     edtf.Days
	}{
		{"2025-04-08", "2025-04-09", known(1, 1)},
		{"2025-04-08", "2025-04-08", known(0, 0)},
		{"2025-04-09", "2025-04-08", known(-1, -1)},
		{"2025-04-08~", "2025-04-09?", known(1, 1)},
		{"2025-04-08T23:59", "2025-04-09T00:01", known(1, 1)},
		{"2025-04-08T23:30Z", "2025-04-09", known(0, 0)},
		{"2025-04-05", "2025-04-07", known(2, 2)}, // across a day of 23 hours
		{"2025-04", "2025-04-15", known(-15, 14)},
		{"2025-04-08", "2025-04", known(-7, 22)},
		{"2025-04-09/2025-04-12", "2025-04-20", known(8, 11)},
		{"2024", "2025", known(1, 730)},
		{"2025-04-08", "2025-04-10/..", edtf.Days{Min: 2, MaxOpen: true, Known: true}},
		{"2025-04-08", "../2025-04-10", edtf.Days{MinOpen: true, Max: 2, Known: true}},
		{"../2025-04-08", "2025-04-10", edtf.Days{Min: 2, MaxOpen: true, Known: true}},
		{"2025-04-08/", "2025-04-10", edtf.Days{MinOpen: true, Max: 2, Known: true}},
		{"../2025-04-08", "2025-04-10/..", edtf.Days{Min: 2, MaxOpen: true, Known: true}},
		{"../2025-04-08", "../2025-04-10", edtf.Days{}},
		{"", "2025-04-10", edtf.Days{}},
		{"2025-04-10", "", edtf.Days{}},
	}
	for _, tt := range tests {
		got := edtf.DaysBetween(mustParse(t, tt.from), mustParse(t, tt.to))
		if got != tt.want {
			t.Errorf("%q to %q: %+v, want %+v", tt.from, tt.to, got, tt.want)
		}
		if wantExact := got.Known && got == known(got.Min, got.Min); got.Exact() != wantExact {
			t.Errorf("%+v.Exact() = %v", got, got.Exact())
		}
	}
}

func TestClampMin0(t *testing.T) {
	tests := []struct{ in, want edtf.Days }{
		{edtf.Days{Min: 2, Max: 5, Known: true}, edtf.Days{Min: 2, Max: 5, Known: true}},
		{edtf.Days{Min: -15, Max: 14, Known: true}, edtf.Days{Min: 0, Max: 14, Known: true}},
		{edtf.Days{MinOpen: true, Max: 2, Known: true}, edtf.Days{Min: 0, Max: 2, Known: true}},
		{edtf.Days{Min: -3, MaxOpen: true, Known: true}, edtf.Days{Min: 0, MaxOpen: true, Known: true}},
		{edtf.Days{Min: -9, Max: -4, Known: true}, edtf.Days{Min: -9, Max: -4, Known: true}},
		{edtf.Days{}, edtf.Days{}},
	}
	for _, tt := range tests {
		if got := tt.in.ClampMin0(); got != tt.want {
			t.Errorf("%+v: %+v, want %+v", tt.in, got, tt.want)
		}
	}
}

func BenchmarkCompare(b *testing.B) {
	x, y := mustParse(b, "2025-04-08"), mustParse(b, "2025-04")
	for b.Loop() {
		edtf.Compare(x, y)
	}
}
