package founding

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/intake"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// PublishVERIS imports the incidents of a file in VERIS, by the way of every import,
// and lets the editor of the demonstration publish them. It may be called again with
// the same file: what is there already stays as it is.
func PublishVERIS(ctx context.Context, database *store.DB, now func() time.Time, file io.Reader) (register.ImportCounts, error) {
	p := newPublisher(database, now)
	var err error
	if p.analyst, p.editor, err = Hire(ctx, database); err != nil {
		return register.ImportCounts{}, fmt.Errorf("VERIS: accounts: %w", err)
	}
	counts, err := p.importVERIS(ctx, file)
	if err != nil {
		return counts, fmt.Errorf("VERIS: %w", err)
	}
	return counts, nil
}

func (p *publisher) importVERIS(ctx context.Context, file io.Reader) (register.ImportCounts, error) {
	reader, err := intake.NewReader(register.ImportVERIS, file, nil, edtf.Day{})
	if err != nil {
		return register.ImportCounts{}, err
	}
	service, err := p.editorial.Importer(ctx)
	if err != nil {
		return register.ImportCounts{}, err
	}
	run, err := p.editorial.BeginImport(ctx, service,
		&editorial.Publisher{Actor: p.editor, Reason: intake.Reason(register.ImportVERIS)},
		register.ImportRun{Format: register.ImportVERIS, Name: "demo"})
	if err != nil {
		return register.ImportCounts{}, err
	}
	err = intake.Run(ctx, p.editorial, run, reader, intake.Telling{})
	return run.ImportCounts, err
}
