package jobs

import (
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"time"

	"github.com/riverqueue/river"

	"github.com/sijil/sijil/internal/blob"
	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/record"
)

const (
	// dumpHour is from when on, in Morocco, a night is one.
	dumpHour = 2
	// dumpTimeout is how long the dumps of a night may take.
	dumpTimeout = 6 * time.Hour
	// dumpPart is how much of a dump the store of files keeps in one piece.
	dumpPart = blob.MaxSize / 2
)

// Dumps makes files of everything that is published, each night.
type Dumps struct {
	DB *store.DB // of the desk's role
	// Source reads what is published, as readers do.
	Source exchange.ExportSource
	Blobs  blob.Store
	Base   string // origin of the site
	Words  *i18n.Localizer
	Spool  func() (exchange.Spool, error)
	// Days is for how many days dumps are kept; the first of a month stays. 0: none
	// is made.
	Days int
}

// Take makes the dumps of the day that are missing, once it is night, and lets old
// ones go.
func (d *Dumps) Take(ctx context.Context, now time.Time) error {
	today := edtf.DayOf(now)
	if edtf.DayOf(now.Add(-dumpHour*time.Hour)) != today {
		return nil // it is not night yet
	}
	var kept []register.Dump
	err := d.write(ctx, func(w *record.Writer) (changed bool, err error) {
		if changed, err = w.ForgetDumps(ctx, today, d.Days); err == nil {
			kept, err = w.Dumps(ctx)
		}
		return changed, err
	})
	if err != nil || d.Days == 0 {
		return err
	}
	there := map[string]bool{}
	for _, k := range kept {
		if k.Day == today {
			there[k.Format] = true
		}
	}
	var failures []error
	for _, f := range exchange.ExportFormats() {
		if f.Dumped && !there[f.Name] && ctx.Err() == nil {
			failures = append(failures, d.takeOne(ctx, f, today, now))
		}
	}
	return errors.Join(failures...)
}

// write changes what dumps there are, and has pages made anew where that is so.
func (d *Dumps) write(ctx context.Context, change func(*record.Writer) (changed bool, err error)) error {
	return d.DB.InTx(ctx, func(q store.Querier) error {
		w := record.NewWriter(q)
		// A withdrawal that is under way comes before, and is seen, or after, and lets
		// go what is written here.
		if err := w.LockGeneration(ctx); err != nil {
			return err
		}
		changed, err := change(w)
		if err != nil || !changed {
			return err
		}
		return w.BumpGeneration(ctx)
	})
}

// takeOne makes the dump of one format.
func (d *Dumps) takeOne(ctx context.Context, f exchange.ExportFormat, today edtf.Day, now time.Time) error {
	spool, err := d.Spool()
	if err != nil {
		return fmt.Errorf("dump %s: %w", f.Name, err)
	}
	defer spool.Close() //nolint:errcheck // it was for these minutes only
	dump := register.Dump{
		Name: "sijil-" + today.String() + f.Extension, Day: today, Format: f.Name, MediaType: f.MediaType,
		TakenAt: now.UTC().Truncate(time.Second),
	}
	leaves, err := d.spool(ctx, spool, f, &dump, now)
	if err == nil {
		err = d.keep(ctx, spool, &dump, leaves)
	}
	if err != nil {
		return fmt.Errorf("dump %s: %w", f.Name, err)
	}
	return nil
}

// spool writes the file, compressed unless it is already, learns its size and hash, and
// returns how many leaves the public log had at its moment.
func (d *Dumps) spool(ctx context.Context, spool io.Writer, f exchange.ExportFormat, dump *register.Dump, now time.Time) (leaves int64, err error) {
	counted := &counting{w: spool, sum: sha256.New()}
	var out io.Writer = counted
	var zip *gzip.Writer
	if f.MediaType != "application/zip" {
		zip = gzip.NewWriter(counted)
		out, dump.Name, dump.MediaType = zip, dump.Name+".gz", "application/gzip"
	}
	source := &watching{ExportSource: d.Source}
	err = exchange.WriteExport(ctx, out, f, source, exchange.ExportAbout{
		Scope: register.ExportScope{Whole: true}, Base: d.Base, At: now, Words: d.Words, Spool: d.Spool,
	})
	if err == nil && zip != nil {
		err = zip.Close()
	}
	dump.Generation, dump.Size, dump.SHA256 = source.generation, counted.size, hex.EncodeToString(counted.sum.Sum(nil))
	return source.leaves, err
}

// keep puts the file into the store, in pieces, and makes it public. What was stored
// of one that does not become public is removed.
func (d *Dumps) keep(ctx context.Context, spool io.ReadSeeker, dump *register.Dump, leaves int64) error {
	_, err := spool.Seek(0, io.SeekStart)
	for left := dump.Size; left > 0 && err == nil; {
		var part blob.Info
		if part, err = d.Blobs.Put(ctx, io.LimitReader(spool, dumpPart), dumpPart); err == nil {
			dump.Parts = append(dump.Parts, register.DumpPart{SHA256: part.SHA256, Size: part.Size})
			left -= part.Size
		}
	}
	if err == nil {
		err = d.write(ctx, func(w *record.Writer) (bool, error) { return true, w.InsertDump(ctx, *dump, leaves) })
	}
	if err == nil {
		return nil
	}
	failures := []error{err}
	for _, part := range dump.Parts {
		failures = append(failures, d.Blobs.Delete(context.WithoutCancel(ctx), part.SHA256))
	}
	return errors.Join(failures...)
}

// counting counts what is written, and hashes it.
type counting struct {
	w    io.Writer
	sum  hash.Hash
	size int64
}

// Write implements io.Writer.
func (c *counting) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.sum.Write(b[:n])
	c.size += int64(n)
	return n, err
}

// watching notes of what moment an export is.
type watching struct {
	exchange.ExportSource
	generation, leaves int64
}

// Export implements exchange.ExportSource.
func (s *watching) Export(ctx context.Context, scope register.ExportScope, begin register.ExportBegin) error {
	return s.ExportSource.Export(ctx, scope, func(state register.ExportState) (register.ExportSink, error) {
		s.generation, s.leaves = state.Generation, state.Leaves
		return begin(state)
	})
}

// dumpWorker gives dumps their time.
type dumpWorker struct {
	river.WorkerDefaults[register.TakeDump]
	take func(context.Context, time.Time) error
	now  func() time.Time
}

// Work implements river.Worker.
func (w *dumpWorker) Work(ctx context.Context, _ *river.Job[register.TakeDump]) error {
	return w.take(ctx, w.now())
}

// Timeout implements river.Worker: one that goes on is not taken for lost before.
func (w *dumpWorker) Timeout(*river.Job[register.TakeDump]) time.Duration { return dumpTimeout }

// addDumps lets dumps be made, and has the clock ask for them; not at the start, which
// has enough to do.
func addDumps(bundle *river.Workers, rounds *[]*river.PeriodicJob, take func(context.Context, time.Time) error, now func() time.Time) error {
	if take == nil {
		return nil
	}
	*rounds = append(*rounds, river.NewPeriodicJob(
		river.PeriodicInterval(register.Rounds()[register.TakeDump{}]),
		func() (river.JobArgs, *river.InsertOpts) {
			return register.TakeDump{}, store.JobOptions(register.TakeDump{})
		},
		nil))
	return river.AddWorkerSafely(bundle, &dumpWorker{take: take, now: now})
}
