// Package intake brings records in from files of others: it reads them one by one,
// hands them to editorial in batches, and goes around what the database refuses.
package intake

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/register"
)

// Reader reads a file of some format.
type Reader interface {
	// Next returns what the next line or object becomes; io.EOF behind the last.
	Next() (register.Arrival, error)
	// Again returns what one becomes that was read before: what is brought in is
	// changed by that.
	Again(origin register.Origin) register.Arrival
}

// batchRecords is how many records one transaction makes at most.
const batchRecords = 200

// Reason is the public reason of editions that are imported in a format.
func Reason(f register.ImportFormat) register.Text {
	if f == register.ImportVERIS {
		return register.Text{
			register.French:  "Première édition, importée de la base VCDB (VERIS).",
			register.Arabic:  "الإصدار الأول، مستورد من قاعدة VCDB (VERIS).",
			register.English: "First edition, imported from the VCDB database (VERIS).",
		}
	}
	return register.Text{
		register.French: "Première édition, importée d’un fichier.", register.Arabic: "الإصدار الأول، مستورد من ملف.",
		register.English: "First edition, imported from a file.",
	}
}

// NewReader returns a reader of a file. Only CSV has a mapping. Dates such as
// "yesterday" are counted from today. What is wrong with the file as a whole, or with
// the mapping, is returned as register.Problems or exchange.ErrNoBundle.
func NewReader(f register.ImportFormat, file io.Reader, mapping []byte, today edtf.Day) (Reader, error) {
	switch f {
	case register.ImportVERIS:
		return exchange.NewVERISReader(file)
	case register.ImportSTIX:
		return exchange.NewSTIXReader(file)
	case register.ImportCSV:
		m, err := exchange.ReadCSVMap(mapping)
		if err != nil {
			return nil, err
		}
		return exchange.NewCSVReader(file, m, today)
	}
	return nil, fmt.Errorf("there is no reader of %s", f)
}

// Telling is what is told of an import while it runs. What is nil is not told.
type Telling struct {
	// Brought is told after each batch, which is durable then, how far the import is.
	Brought func(register.ImportCounts)
	// Refused is told why a batch was refused whose halves are tried now: an import
	// comes to its end by that, but slowly, and nothing else says why. It may be called
	// by two at the same time.
	Refused func(error)
}

func (t *Telling) refused(err error) {
	if t.Refused != nil {
		t.Refused(err)
	}
}

// Run brings in what is left of a file, and ends the import: while a batch is
// published, the next one is made. It keeps some batches in memory. On an error what
// was brought in stays, and the same file goes on from there.
func Run(ctx context.Context, e *editorial.Editorial, i *editorial.Importing, r Reader, tell Telling) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	counts := i.ImportCounts
	p := &press{editorial: e, run: i, reader: r, counts: &counts, tell: tell}
	if i.Resumed && i.PublishAs != "" {
		if err := p.catchUp(ctx); err != nil {
			return err
		}
	}
	batches, made := make(chan batch, 1), make(chan batch, 1)
	go read(ctx, r, i.Items, batches)
	go p.draft(ctx, batches, made)
	err := p.publishAll(ctx, made)
	cancelled := ctx.Err()
	cancel()
	for range made { //nolint:revive // whoever makes drafts has ended then
	}
	i.ImportCounts = counts
	if err = errors.Join(err, cancelled); err != nil {
		return err
	}
	return e.EndImport(context.WithoutCancel(ctx), i, "")
}

// publishAll publishes batches, where somebody does, and tells of each.
func (p *press) publishAll(ctx context.Context, made <-chan batch) error {
	for b := range made {
		if b.err != nil {
			return b.err
		}
		p.counts.Add(b.brought.Counts)
		if p.run.PublishAs != "" {
			if err := p.publish(ctx, b.brought); err != nil {
				return err
			}
		}
		if p.tell.Brought != nil {
			p.tell.Brought(*p.counts)
		}
	}
	return nil
}

// draft makes drafts of batches.
func (p *press) draft(ctx context.Context, in <-chan batch, out chan<- batch) {
	defer close(out)
	send := func(b batch) bool {
		select {
		case out <- b:
			return b.err == nil
		case <-ctx.Done():
			return false
		}
	}
	for b := range in {
		if b.err != nil {
			send(b)
			return
		}
		err := p.bring(ctx, b.arrivals, func(brought *editorial.Brought) bool { return send(batch{brought: brought}) })
		if err != nil {
			send(batch{err: err})
			return
		}
	}
}

// batch is what one transaction brings in, and then what it made, or why there is no
// more.
type batch struct {
	arrivals []register.Arrival
	brought  *editorial.Brought
	err      error
}

// read reads while the batch before is written; done is how many lines an earlier
// run has dealt with.
func read(ctx context.Context, r Reader, done int, out chan<- batch) {
	defer close(out)
	var b batch
	records := 0
	send := func() bool {
		select {
		case out <- b:
			b, records = batch{}, 0
			return true
		case <-ctx.Done():
			return false
		}
	}
	for n := 0; ; n++ {
		arrival, err := r.Next()
		switch {
		case errors.Is(err, io.EOF):
			if len(b.arrivals) > 0 {
				send()
			}
			return
		case err != nil:
			b = batch{err: err}
			send()
			return
		case n < done:
			continue
		}
		if size := sizeOf(&arrival); len(b.arrivals) > 0 && records+size > batchRecords && !send() {
			return
		}
		b.arrivals = append(b.arrivals, arrival)
		records += sizeOf(&arrival)
	}
}

// sizeOf is how many records an arrival makes at most; what is left out counts, too,
// since it is reported.
func sizeOf(a *register.Arrival) int {
	n := len(a.Institutions)
	if a.Statement != nil {
		n++
	}
	if a.Incident != nil {
		n++
	}
	return max(n, 1)
}

// fatal are errors for which no line is the reason.
func fatal(ctx context.Context, err error) bool {
	return ctx.Err() != nil || errors.Is(err, register.ErrUnavailable) || errors.Is(err, editorial.ErrImportedElsewhere)
}

// bring brings a batch in; where the database refuses it, its halves, down to the one
// line that is the reason.
func (p *press) bring(ctx context.Context, arrivals []register.Arrival, done func(*editorial.Brought) bool) error {
	brought, err := p.editorial.Bring(ctx, p.run, arrivals)
	if err != nil && !fatal(ctx, err) && len(arrivals) == 1 {
		brought, err = p.editorial.Bring(ctx, p.run, []register.Arrival{{Origin: arrivals[0].Origin, Skip: register.SkipRefused, Detail: brief(err)}})
	}
	switch {
	case err == nil:
		if !done(brought) {
			return ctx.Err()
		}
		return nil
	case fatal(ctx, err), len(arrivals) == 1:
		return err
	}
	p.tell.refused(err)
	again := make([]register.Arrival, len(arrivals))
	for n := range arrivals {
		again[n] = arrivals[n]
		if arrivals[n].Skip == "" {
			again[n] = p.reader.Again(arrivals[n].Origin)
		}
	}
	half := len(again) / 2
	if err := p.bring(ctx, again[:half], done); err != nil {
		return err
	}
	return p.bring(ctx, again[half:], done)
}

// press makes drafts of what arrives, and publishes them.
type press struct {
	editorial *editorial.Editorial
	run       *editorial.Importing
	reader    Reader
	counts    *register.ImportCounts
	tell      Telling
}

func (p *press) publish(ctx context.Context, b *editorial.Brought) error {
	published, err := p.editorial.PublishBrought(ctx, p.run, b)
	if err != nil && !fatal(ctx, err) {
		p.tell.refused(err)
		return p.again(ctx, b.Origins())
	}
	p.counts.Published += published
	return err
}

// catchUp publishes what an earlier run brought in and did not come to publish.
func (p *press) catchUp(ctx context.Context) error {
	for {
		origins, err := p.editorial.Unpublished(ctx, p.run, batchRecords/2)
		if err != nil || len(origins) == 0 {
			return err
		}
		if err := p.again(ctx, origins); err != nil {
			return err
		}
	}
}

// again publishes records as they stand at the desk; where that is refused, by halves,
// down to the one that is the reason, which stays a draft.
func (p *press) again(ctx context.Context, origins []register.Origin) error {
	arrivals := make([]register.Arrival, len(origins))
	for n, o := range origins {
		arrivals[n] = p.reader.Again(o)
	}
	published, err := p.editorial.PublishAgain(ctx, p.run, arrivals)
	if err != nil && !fatal(ctx, err) && len(arrivals) == 1 {
		a := &arrivals[0]
		a.Hold, a.Detail = register.HoldInvalid, brief(err)
		if errors.Is(err, register.ErrForbidden) {
			a.Hold, a.Detail = register.HoldFourEyes, ""
		}
		published, err = p.editorial.PublishAgain(ctx, p.run, arrivals)
	}
	if err == nil || fatal(ctx, err) || len(arrivals) <= 1 {
		p.counts.Published += published
		return err
	}
	p.tell.refused(err)
	half := len(origins) / 2
	if err := p.again(ctx, origins[:half]); err != nil {
		return err
	}
	return p.again(ctx, origins[half:])
}

// brief is an error in one line of bounded length.
func brief(err error) string {
	const longest = 200
	text := []rune(err.Error())
	return string(text[:min(len(text), longest)])
}
