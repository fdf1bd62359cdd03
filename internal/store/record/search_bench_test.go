package record_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/record"
	"github.com/sijil/sijil/internal/testkit"
)

// searchRounds is how often each search is asked in each register.
const searchRounds = 6

// searchClasses are searches by how much of the register has their words: most of
// it, a tenth, a thousandth, one incident, none.
func searchClasses() map[string][]register.IncidentFilter {
	ask := func(queries ...string) []register.IncidentFilter {
		var out []register.IncidentFilter
		for _, q := range queries {
			out = append(out, register.IncidentFilter{Query: q, Lang: register.French})
		}
		return out
	}
	newest := ask("fuite", "hôpital", "4711")
	for i := range newest {
		newest[i].Sort = register.SortOccurred
	}
	chosen := ask("fuite", "hôpital", "Tanger")
	for i := range chosen {
		chosen[i].Kind, chosen[i].Year = "information-content-security/data-leak", 2024
	}
	return map[string][]register.IncidentFilter{
		"common":  ask("fuite", "fuites de données", "publication"),
		"tenth":   ask("hôpital", "Tanger", "رباط", "universités"),
		"few":     ask("471", "83"),
		"one":     ask("4711", "hôpital Oujda 4714", "hôpital 9104"),
		"none":    ask("zanzibar", "fuite zanzibar", "hôpital -hôpital", `"données fuite"`),
		"mixed":   ask("fuite hôpital Tanger", "données -hôpital", `"fuite de données" banque`),
		"newest":  newest,
		"chosen":  chosen,
		"without": {{Lang: register.French}, {Lang: register.French, Sector: "health", Sort: register.SortOccurred}},
	}
}

// BenchmarkSearch asks registers of 10,000 and of 100,000 incidents the same, one
// after the other: what a page of the list needs, with its facets, excerpts and
// counts. It reports the times within which half and 95 of 100 answers came, and how
// many times longer the large register takes: ten times is what it has more.
//
//	go test -run '^$' -bench BenchmarkSearch -benchtime 1x -timeout 30m ./internal/store/record
func BenchmarkSearch(b *testing.B) {
	registers := make([]*record.Store, 2)
	for i, size := range []int{10_000, 100_000} {
		d := testkit.Database(b)
		testkit.Crowd(b, d, testkit.CrowdSize{Institutions: size / 10, Published: size})
		registers[i] = record.NewStore(store.Wrap(d.Public()))
	}
	classes := searchClasses()
	for _, name := range []string{"common", "tenth", "few", "one", "none", "mixed", "newest", "chosen", "without"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				small, large := searchTimes(b, registers, classes[name])
				for _, share := range []int{50, 95} {
					p := fmt.Sprintf("p%d", share)
					b.ReportMetric(within(small, share), p+"-ms/10k")
					b.ReportMetric(within(large, share), p+"-ms/100k")
					b.ReportMetric(within(large, share)/within(small, share), p+"-ratio")
				}
			}
			b.ReportMetric(0, "ns/op") // says nothing: it counts both registers
		})
	}
}

// searchTimes asks two registers in turn, so that what else the machine does
// touches both alike, and returns how long they took.
func searchTimes(b *testing.B, registers []*record.Store, asked []register.IncidentFilter) (small, large []time.Duration) {
	b.Helper()
	took := make([][]time.Duration, len(registers))
	for round := range searchRounds + 1 {
		for _, f := range asked {
			for i, s := range registers {
				begin := time.Now()
				if _, err := s.Incidents(b.Context(), f); err != nil {
					b.Fatalf("%+v: %v", f, err)
				}
				if round > 0 { // the first prepares statements
					took[i] = append(took[i], time.Since(begin))
				}
			}
		}
	}
	return took[0], took[1]
}

// within is the time, in milliseconds, within which so many of 100 answers came.
func within(times []time.Duration, share int) float64 {
	slices.Sort(times)
	return float64(times[len(times)*share/100].Microseconds()) / 1000
}
