package founding_test

import (
	"io"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/founding"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/record"
	"github.com/sijil/sijil/internal/testkit"
)

// lines are the first lines of the sample, and its last ones, which are left out.
func lines(t *testing.T, n int) io.Reader {
	t.Helper()
	all, err := io.ReadAll(testkit.VERIS())
	if err != nil {
		t.Fatal(err)
	}
	list := strings.SplitAfter(strings.TrimSpace(string(all)), "\n")
	return strings.NewReader(strings.Join(list[:n], "") + strings.Join(list[len(list)-2:], ""))
}

func TestIncidentsInVERISArePublishedOnce(t *testing.T) {
	d := testkit.Database(t)
	now := testkit.NewClock(testkit.FoundingDay()).Now
	public := record.NewStore(store.Wrap(d.Public()))
	for _, run := range []struct{ lines, published, known, total int }{
		{12, 12, 0, 12}, {12, 0, 12, 12}, {14, 2, 12, 14},
	} {
		report, err := founding.PublishVERIS(t.Context(), store.Wrap(d.Desk()), now, lines(t, run.lines))
		if err != nil {
			t.Fatal(err)
		}
		// The victim of one line is a natural person: it stays a draft. Another cannot be read.
		if report.Published != run.published || report.Known+report.Made-report.Published != run.known+1 || report.Skipped != 1 {
			t.Errorf("%d lines: %+v", run.lines, report)
		}
		list, err := public.Incidents(t.Context(), register.IncidentFilter{})
		if err != nil || list.Total != run.total {
			t.Errorf("%d lines: %d incidents are public, %v", run.lines, list.Total, err)
		}
	}
	view, err := public.Institution(t.Context(), "united-states-department-of-veterans-affairs-us")
	if err != nil {
		t.Fatal(err)
	}
	if len(view.Incidents) != 2 {
		t.Errorf("two incidents of one institution are with %d", len(view.Incidents))
	}
}
