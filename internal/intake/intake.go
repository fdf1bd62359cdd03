// Package intake brings records in from files of others: it reads them one by one,
// hands them to editorial in batches, and goes around what the database refuses.
package intake

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/sijil/sijil/internal/editorial"
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

// NewReader returns a reader of a file in a format that needs no mapping.
func NewReader(f register.ImportFormat, file io.Reader) (Reader, error) {
	if f == register.ImportVERIS {
		return exchange.NewVERISReader(file)
	}
	return nil, fmt.Errorf("there is no reader of %s", f)
}

// Run brings in what is left of a file, and ends the import. It keeps a batch or two
// in memory. After each batch, which is durable then, it tells how far it is. On an
// error what was brought in stays, and the same file goes on from there.
func Run(ctx context.Context, e *editorial.Editorial, i *editorial.Importing, r Reader, tell func(register.ImportCounts)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	batches := make(chan batch, 1)
	go read(ctx, r, i.Items, batches)
	for b := range batches {
		if b.err != nil {
			return b.err
		}
		if err := bring(ctx, e, i, r, b.arrivals); err != nil {
			return err
		}
		tell(i.ImportCounts)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return e.EndImport(ctx, i, "")
}

// batch is what one transaction brings in, or why there is no more.
type batch struct {
	arrivals []register.Arrival
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

// bring brings a batch in; where the database refuses it, its halves, down to the one
// line that is the reason.
func bring(ctx context.Context, e *editorial.Editorial, i *editorial.Importing, r Reader, arrivals []register.Arrival) error {
	_, err := e.Bring(ctx, i, arrivals)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil, errors.Is(err, register.ErrUnavailable), errors.Is(err, editorial.ErrImportedElsewhere):
		return err
	}
	again := make([]register.Arrival, len(arrivals))
	for n := range arrivals {
		again[n] = arrivals[n]
		if arrivals[n].Skip == "" {
			again[n] = r.Again(arrivals[n].Origin)
		}
	}
	if half := len(again) / 2; half > 0 {
		if err := bring(ctx, e, i, r, again[:half]); err != nil {
			return err
		}
		return bring(ctx, e, i, r, again[half:])
	}
	return bringOne(ctx, e, i, again[0], err)
}

// bringOne brings in a line that was refused: as a draft, where it was refused to who
// publishes, else it is left out.
func bringOne(ctx context.Context, e *editorial.Editorial, i *editorial.Importing, a register.Arrival, refusal error) error {
	if errors.Is(refusal, register.ErrForbidden) && a.Hold == "" && i.PublishAs != "" {
		a.Hold = register.HoldFourEyes
		if _, err := e.Bring(ctx, i, []register.Arrival{a}); err == nil {
			return nil
		}
	}
	_, err := e.Bring(ctx, i, []register.Arrival{{Origin: a.Origin, Skip: register.SkipRefused, Detail: brief(refusal)}})
	return err
}

// brief is an error in one line of bounded length.
func brief(err error) string {
	const longest = 200
	text := []rune(err.Error())
	return string(text[:min(len(text), longest)])
}
