package founding

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// VERISReport is what became of the incidents of a file.
type VERISReport struct {
	Published int // incidents that are public now and were not
	Known     int // that were public already
	// Skipped are the lines that did not become incidents, by their reason.
	Skipped map[exchange.VERISSkip]int
}

// batchSize is how many incidents are published together: as few as one person
// could look through, and enough for the work around a publication to be shared.
const batchSize = 50

// PublishVERIS publishes the incidents of a file in VERIS, a batch at a time, and
// the institutions that they name; one that is known by its name and country is
// not made again. It may be called again with the same file: what is there
// already stays as it is. It keeps no more than a batch in memory.
func PublishVERIS(ctx context.Context, database *store.DB, now func() time.Time, file io.Reader) (VERISReport, error) {
	report := VERISReport{Skipped: map[exchange.VERISSkip]int{}}
	reader, err := exchange.NewVERISReader(file)
	if err != nil {
		return report, err
	}
	p := newPublisher(database, now)
	if err := p.hire(ctx); err != nil {
		return report, fmt.Errorf("VERIS: accounts: %w", err)
	}
	for {
		batch, err := readBatch(reader, &report)
		if err != nil {
			return report, fmt.Errorf("VERIS: %w", err)
		}
		if len(batch.Incidents) == 0 {
			return report, nil
		}
		if err := p.publishBatch(ctx, batch, &report); err != nil {
			return report, fmt.Errorf("VERIS: %w", err)
		}
	}
}

// readBatch reads the next incidents; none behind the last.
func readBatch(reader *exchange.VERISReader, report *VERISReport) (register.Set, error) {
	var set register.Set
	for len(set.Incidents) < batchSize {
		record, err := reader.Next()
		var skip *exchange.VERISSkipError
		switch {
		case errors.Is(err, io.EOF):
			return set, nil
		case errors.As(err, &skip):
			report.Skipped[skip.Reason]++
			continue
		case err != nil:
			return set, err
		}
		addRecord(&set, record)
	}
	return set, nil
}

// addRecord adds a record to a set, its institution and sources once.
func addRecord(set *register.Set, record exchange.VERISRecord) {
	for _, s := range record.Sources {
		if !slices.ContainsFunc(set.Sources, func(o register.Source) bool { return o.Key == s.Key }) {
			set.Sources = append(set.Sources, s)
		}
	}
	same := func(o register.Institution) bool { return o.Slug == record.Institution.Slug }
	if !slices.ContainsFunc(set.Institutions, same) {
		set.Institutions = append(set.Institutions, record.Institution)
	}
	again := func(o register.Incident) bool { return o.Slug == record.Incident.Slug }
	if !slices.ContainsFunc(set.Incidents, again) {
		set.Incidents = append(set.Incidents, record.Incident)
	}
}

// publishBatch publishes what is not public of a batch: first whatever an
// interrupted run left at the desk, then what the desk does not know.
func (p *publisher) publishBatch(ctx context.Context, set register.Set, report *VERISReport) error {
	heads, err := p.known(ctx, set)
	if err != nil {
		return err
	}
	public := 0
	for _, head := range heads {
		if head.Type == register.TypeIncident && head.PublishedVersion > 0 {
			public++
		}
	}
	known, fresh := part(set, heads)
	if fresh.Sources, err = p.freshSources(ctx, set.Sources); err != nil {
		return err
	}
	for _, part := range []register.Set{known, fresh} {
		if len(part.Incidents)+len(part.Institutions) == 0 {
			continue
		}
		if _, err := p.publish(ctx, part, register.Text{
			register.French:  "Première édition, importée de la base VCDB (VERIS).",
			register.Arabic:  "الإصدار الأول، مستورد من قاعدة VCDB (VERIS).",
			register.English: "First edition, imported from the VCDB database (VERIS).",
		}); err != nil {
			return err
		}
	}
	report.Known += public
	report.Published += len(set.Incidents) - public
	return nil
}

// part parts a set in what the desk knows and what it does not. Sources are in
// neither.
func part(set register.Set, heads []desk.Record) (known, fresh register.Set) {
	into := func(t register.RecordType, slug string) *register.Set {
		if slices.ContainsFunc(heads, func(h desk.Record) bool { return h.Type == t && h.Slug == slug }) {
			return &known
		}
		return &fresh
	}
	for _, i := range set.Institutions {
		to := into(register.TypeInstitution, i.Slug)
		to.Institutions = append(to.Institutions, i)
	}
	for _, i := range set.Incidents {
		to := into(register.TypeIncident, i.Slug)
		to.Incidents = append(to.Incidents, i)
	}
	return known, fresh
}

// freshSources are those that the desk does not know: others stay as they are.
func (p *publisher) freshSources(ctx context.Context, sources []register.Source) ([]register.Source, error) {
	keys := make([]string, len(sources))
	for i, s := range sources {
		keys[i] = s.Key
	}
	known, err := p.queries.Sources(ctx, keys)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(sources), func(s register.Source) bool {
		return slices.ContainsFunc(known, func(k register.Source) bool { return k.Key == s.Key })
	}), nil
}
