package exchange

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
)

// ExportFormat is a format in which published incidents are written, be it one,
// those that a filter chooses, or all.
type ExportFormat struct {
	// Name stands in addresses and on the command line: "jsonl".
	Name string
	// MediaType is that of the file, Extension the end of its name: ".jsonl".
	MediaType, Extension string
	// Translated means that its words are those of one language. Others hold what
	// they hold in all languages.
	Translated bool
	// Dumped means that the nightly dump has it.
	Dumped bool
	// Begin begins a file. What it is told of is the moment that is exported.
	Begin func(w io.Writer, about ExportAbout) (Encoder, error)
}

// Encoder writes a file while what it is to hold comes. It keeps nothing of what it
// has written, so that a file of any length takes the same memory.
type Encoder interface {
	// Sink says what the encoder takes; it is asked once.
	Sink() register.ExportSink
	// Close writes the end of the file. It does not close what it writes to.
	Close() error
}

// ExportAbout is what an encoder may want to know besides what it writes.
type ExportAbout struct {
	Scope register.ExportScope
	State register.ExportState
	// Base is the origin of the site, without a slash at its end.
	Base string
	// At is when the export is made.
	At time.Time
	// Words speak the reader's language, and name codes in it.
	Words *i18n.Localizer
	// Spool opens a place for what cannot be written yet, such as a table while
	// another is being written; it is gone when it is closed.
	Spool func() (Spool, error)
}

// Spool is a file for some minutes.
type Spool interface {
	io.ReadWriteSeeker
	io.Closer
}

// ExportFormats lists the formats, in the order in which they are offered.
func ExportFormats() []ExportFormat {
	return slices.Concat([]ExportFormat{
		jsonLinesFormat(),
		csvFormat(),
		stixFormat("stix", false),
		stixFormat("stix-incident-core", true),
		verisFormat("veris", VERIS141),
		verisFormat("veris-1.3.4", VERIS134),
		mispFormat(),
		jsonLDFormat(),
	}, textFormats(), citationFormats())
}

// ExportFormatNames lists the names of the formats.
func ExportFormatNames() []string {
	var out []string
	for _, f := range ExportFormats() {
		out = append(out, f.Name)
	}
	return out
}

// ExportFormatNamed returns the format with a name.
func ExportFormatNamed(name string) (ExportFormat, bool) {
	for _, f := range ExportFormats() {
		if f.Name == name {
			return f, true
		}
	}
	return ExportFormat{}, false
}

// CanHold reports whether the format has a place for an incident: VERIS 1.3.4 has
// none for a year that it does not know.
func (f ExportFormat) CanHold(e *register.IncidentEdition, about ExportAbout) bool {
	encoder, err := f.Begin(io.Discard, about)
	if err != nil {
		return false
	}
	take := encoder.Sink().Incident
	if take == nil {
		return true
	}
	err = take(&register.ExportedIncident{IncidentEdition: e})
	if a, ok := encoder.(aborter); ok {
		a.abort()
	}
	_, cannot := errors.AsType[*InexpressibleError](err)
	return !cannot
}

// ExportSource is the published record, as exports read it; see record.Store.
type ExportSource interface {
	Export(ctx context.Context, scope register.ExportScope, begin register.ExportBegin) error
}

// exportBuffer is written out whenever it is full.
const exportBuffer = 64 << 10

// WriteExport writes what a scope holds in a format. Nothing is written before it
// is certain that there is something: errors that say so come without a byte.
func WriteExport(ctx context.Context, w io.Writer, f ExportFormat, from ExportSource, about ExportAbout) error {
	out := bufio.NewWriterSize(w, exportBuffer)
	var encoder Encoder
	err := from.Export(ctx, about.Scope, func(state register.ExportState) (register.ExportSink, error) {
		about.State = state
		var err error
		if encoder, err = f.Begin(out, about); err != nil {
			return register.ExportSink{}, fmt.Errorf("exchange: begin %s: %w", f.Name, err)
		}
		return encoder.Sink(), nil
	})
	if encoder == nil {
		return err
	}
	if err != nil {
		if a, ok := encoder.(aborter); ok {
			a.abort()
		}
		return err
	}
	if err := encoder.Close(); err != nil {
		return fmt.Errorf("exchange: end %s: %w", f.Name, err)
	}
	return out.Flush()
}

// aborter is an encoder that has something to let go when its file is not finished.
type aborter interface{ abort() }
