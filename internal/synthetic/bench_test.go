package synthetic_test

import (
	"fmt"
	"testing"

	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/synthetic"
	"github.com/sijil/sijil/internal/testkit"
)

// BenchmarkFill fills databases of growing size: time and bytes are to grow as the
// incidents do.
func BenchmarkFill(b *testing.B) {
	for _, incidents := range []int{500, 2000} {
		b.Run(fmt.Sprint(incidents), func(b *testing.B) {
			for b.Loop() {
				d := testkit.Database(b)
				made, err := synthetic.Fill(b.Context(), store.Wrap(d.Desk()), d.OwnerURL(), incidents, 1, testkit.NewClock(testkit.FoundingDay()).Now, func(synthetic.Stage, int, int) {})
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(made.Bytes)/float64(incidents), "bytes/incident")
			}
			b.ReportMetric(float64(incidents)*float64(b.N)/b.Elapsed().Seconds(), "incidents/s")
		})
	}
}
