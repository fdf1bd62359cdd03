//go:build unix

package form_test

import (
	"net/url"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/web/desk/form"
)

// worked is how long processors have worked for this process so far: how long it had to
// wait for them does not count.
func worked(t *testing.T) time.Duration {
	t.Helper()
	var of syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &of); err != nil {
		t.Fatal(err)
	}
	return time.Duration(of.Utime.Nano() + of.Stime.Nano())
}

// TestManyValuesCostNoMoreEach reads and draws forms of few and of many values of one field:
// eight times as many cost some eight times as much, and not sixty-four.
func TestManyValuesCostNoMoreEach(t *testing.T) { //nolint:paralleltest // what the process works is counted
	catalog, err := i18n.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	noun := &register.Incident{}
	parts := form.Parts(register.TypeIncident)
	part := func(name string) *form.Part {
		return &parts[slices.IndexFunc(parts, func(p form.Part) bool { return p.Name == name })]
	}
	repeated := func(name, before, after string) func(int) url.Values {
		return func(n int) url.Values {
			out := url.Values{}
			for i := range n {
				out.Add(name, before+strconv.Itoa(i)+after)
			}
			return out
		}
	}
	for name, c := range map[string]struct {
		part   *form.Part
		values func(int) url.Values
	}{
		"records": {part("events"), repeated("institutions", "r", "")},
		"claims":  {part("events"), repeated("said_in", "r", "#c")},
		"codes":   {part("affected"), repeated("roles", "r", "")},
		"languages": {part("events"), func(n int) url.Values {
			out := url.Values{}
			for i := range n {
				out.Set("title."+string([]rune{'a' + rune(i%26), 'a' + rune(i/26%26), 'a' + rune(i/676)}), "x")
			}
			return out
		}},
		"problems": {part("referrals"), func(n int) url.Values { // in many rows, each with fields that are folded
			out := repeated("sources", "s/", "")(n)
			for i := range min(n, 200) {
				out.Add("steps", strconv.Itoa(i))
				out.Set("steps."+strconv.Itoa(i)+".step", "no step")
			}
			for i := range n {
				out.Add("steps."+strconv.Itoa(i%200)+".sources", "s/"+strconv.Itoa(i))
			}
			return out
		}},
	} {
		spent := func(n int) time.Duration {
			values, least := c.values(n), time.Hour
			for range 3 { // the least, for what others have left may be collected meanwhile
				begun := worked(t)
				problems := c.part.Item.Read(c.part.New(), values, reading(noun))
				c.part.Item.Draw(form.Drawing{Loc: catalog.Localizer("fr"), Noun: noun, Values: values, Problems: problems})
				c.part.Item.Mentions(values)
				least = min(least, worked(t)-begun)
			}
			return least
		}
		if few, many := spent(2_000), spent(16_000); many > 30*few+100*time.Millisecond {
			t.Errorf("%s: 2,000 take %v, 16,000 take %v", name, few, many)
		}
	}
}
