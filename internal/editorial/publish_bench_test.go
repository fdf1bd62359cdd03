package editorial_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
)

// BenchmarkPublish measures what the log costs: the same corrections are
// published in turns in a register with it and in one without, whose database
// asks for no leaves. What counts is the ratio, "times"; at most 1.5 is wanted.
//
//	go test -run '^$' -bench Publish -benchtime 100x ./internal/editorial
func BenchmarkPublish(b *testing.B) {
	for _, shown := range []int{0, 1, 50} {
		b.Run(fmt.Sprintf("carrying-%d", shown), func(b *testing.B) { benchmarkPublish(b, shown) })
	}
}

func benchmarkPublish(b *testing.B, shown int) {
	b.Helper()
	with, without := newPress(b, shown), newPress(b, shown, editorial.WithoutLog())
	for _, sql := range []string{`DROP TRIGGER editions_logged ON record.editions`, `DROP TRIGGER heads_logged ON record.heads`} {
		_, err := without.house.db.Owner().Exec(b.Context(), sql)
		must(b, err)
	}
	var logged, bare time.Duration
	for turn := 0; b.Loop(); turn++ {
		// Neither is always the second, which finds the machine warm.
		if turn%2 == 0 {
			logged += with.correct(b)
			bare += without.correct(b)
		} else {
			bare += without.correct(b)
			logged += with.correct(b)
		}
	}
	b.ReportMetric(float64(logged.Microseconds())/float64(b.N)/1000, "ms-with")
	b.ReportMetric(float64(bare.Microseconds())/float64(b.N)/1000, "ms-without")
	b.ReportMetric(float64(logged)/float64(bare), "times")
}

// press publishes corrections of an institution.
type press struct {
	house       *house
	version     editorial.Version
	institution *register.Institution
	options     []editorial.PublishOption
	n           int
}

// newPress is a register with an institution that some statements show.
func newPress(b *testing.B, shown int, options ...editorial.PublishOption) *press {
	b.Helper()
	p := &press{house: newHouse(b), institution: smallInstitution("agence"), options: options}
	p.version = p.house.draft(b, editorial.Draft{Institution: p.institution})
	versions := []editorial.Version{p.version}
	must(b, p.house.editorial.SaveSources(b.Context(), p.house.analyst, []register.Source{
		{Key: "src", Kind: register.SourcePressReport, Publisher: "La presse", URL: "https://press.example/1"},
	}))
	for i := range shown {
		versions = append(versions, p.house.draft(b, editorial.Draft{Statement: &register.Statement{
			Language: register.French, Slug: fmt.Sprintf("communique-%d", i), Kind: register.StatementCommunique,
			Title: register.Text{"fr": "Communiqué"}, Summary: register.Text{"fr": "Dit."}, Issuer: p.version.ID, Sources: []string{"src"},
		}}))
	}
	p.house.publish(b, versions)
	return p
}

// correct publishes a correction, and returns how long the publication took.
func (p *press) correct(b *testing.B) time.Duration {
	b.Helper()
	p.n++
	p.institution.Website = fmt.Sprintf("https://agence.example/%d", p.n)
	h := p.house
	p.version = h.change(b, h.analyst, p.version, p.institution)
	must(b, h.editorial.SendForReview(b.Context(), h.analyst, p.version, ""))
	must(b, h.editorial.Approve(b.Context(), h.editor, p.version))
	start := time.Now()
	_, err := h.editorial.Publish(b.Context(), h.editor, []editorial.Version{p.version}, firstEdition, p.options...)
	took := time.Since(start)
	must(b, err)
	return took
}
