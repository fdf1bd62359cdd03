package edtf_test

import (
	"errors"
	"testing"
	"unicode/utf8"

	"github.com/sijil/sijil/internal/edtf"
)

// FuzzParse holds what must be true of any input, and of any date.
func FuzzParse(f *testing.F) {
	for _, tt := range valid {
		f.Add(tt.in)
	}
	for _, s := range []string{"", "/", "../..", "2025-02-30", "Y17000", "٢٠٢٥", "2008-06-01", "2025-02-23T02:30/2025-04-06T02:30"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := edtf.Parse(s)
		if err != nil {
			var parseErr *edtf.ParseError
			if !errors.As(err, &parseErr) || parseErr.Reason == "" || !d.IsZero() {
				t.Fatalf("Parse(%q) = %v, %v", s, d, err)
			}
			return
		}
		checkRoundTrip(t, d)
		checkBounds(t, d)
		checkDays(t, d)
		checkTexts(t, d)
	})
}

func checkRoundTrip(t *testing.T, d edtf.Date) {
	t.Helper()
	again, err := edtf.Parse(d.String())
	if err != nil || again != d {
		t.Errorf("Parse(%q) = %v, %v: no round trip", d.String(), again, err)
	}
	if edtf.Compare(d, again) != 0 || edtf.Compare(d, edtf.Date{}) >= 0 {
		t.Errorf("%v: not equal to itself, or not before what is not stated", d)
	}
}

func checkBounds(t *testing.T, d edtf.Date) {
	t.Helper()
	earliest, okEarliest := d.Earliest()
	latest, okLatest := d.Latest()
	if okEarliest == d.OpenStart() || okLatest == d.OpenEnd() {
		t.Errorf("%v: bounds known: %v, %v", d, okEarliest, okLatest)
	}
	if okEarliest && okLatest && earliest.After(latest) {
		t.Errorf("%v: earliest %v after latest %v", d, earliest, latest)
	}
}

// checkDays holds days, KnownBy and delays together: they count on one calendar.
func checkDays(t *testing.T, d edtf.Date) {
	t.Helper()
	if first, ok := d.FirstDay(); ok {
		if got := d.KnownBy(first.AddDays(-1)); got != edtf.NotYet {
			t.Errorf("%v: %v on the eve of its first day", d, got)
		}
		if got := d.KnownBy(first); got == edtf.NotYet {
			t.Errorf("%v: %v on its first day", d, got)
		}
	}
	last, ok := d.LastDay()
	if !ok {
		return
	}
	if got := d.KnownBy(last); got != edtf.Known {
		t.Errorf("%v: %v on its last day", d, got)
	}
	if got := d.KnownBy(last.AddDays(-1)); got == edtf.Known {
		t.Errorf("%v: %v on the eve of its last day", d, got)
	}
	delay := edtf.DaysBetween(d, d)
	if delay.Known && !delay.MinOpen && !delay.MaxOpen && (delay.Min > 0 || delay.Min != -delay.Max) {
		t.Errorf("%v: delay to itself %+v", d, delay)
	}
}

func checkTexts(t *testing.T, d edtf.Date) {
	t.Helper()
	for _, lang := range []string{"fr", "ar", "en"} {
		for _, style := range styles {
			if text := d.Text(lang, style); text == "" || !utf8.ValidString(text) {
				t.Errorf("%v in %s, style %d: %q", d, lang, style, text)
			}
		}
	}
}
