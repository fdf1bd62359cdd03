package intake

import (
	"bytes"
	"context"
	"errors"
	"io"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
)

const (
	// shownItems is how many lines of a file a preview shows, one by one.
	shownItems = 100
	// inlineItems is how many lines are imported while whoever confirmed waits.
	inlineItems = 50
	// mostItems is how many lines or objects of an uploaded file are looked at. A file of
	// the size that is taken has far fewer, if each says something; of 1.7 million empty
	// ones each would be looked at three times, and be a line of the report.
	mostItems = 100_000
)

// Preview is what a file would become.
type Preview struct {
	register.ImportCounts
	// Items are the first lines of it, one by one.
	Items []editorial.Foreseen
}

// Large reports whether the file is better imported by a job.
func (p *Preview) Large() bool { return p.ImportCounts.Items > inlineItems }

// Foresee says what an uploaded file would become, and changes nothing. Errors are
// those of NewReader, and register.Problems for a file of too many lines.
func Foresee(ctx context.Context, e *editorial.Editorial, actor register.Actor, u editorial.Upload, today edtf.Day) (Preview, error) {
	var p Preview
	r, err := NewReader(u.Format, bytes.NewReader(u.Content), []byte(u.Mapping), today)
	if err != nil {
		return p, err
	}
	made := map[string]bool{} // institutions, by slug
	for {
		arrivals, err := some(r, batchRecords)
		if err != nil {
			return p, err
		}
		if len(arrivals) == 0 {
			p.InstitutionsMade = len(made)
			return p, nil
		}
		if p.ImportCounts.Items+len(arrivals) > mostItems {
			return p, register.Problems{{Field: "file", Key: "problem.import-items"}}
		}
		if err := ctx.Err(); err != nil { // nobody waits any more
			return p, err
		}
		items, err := e.Foresee(ctx, actor, u.Format, arrivals)
		if err != nil {
			return p, err
		}
		for i := range items {
			p.add(&items[i], made)
		}
	}
}

// some reads up to n lines.
func some(r Reader, n int) ([]register.Arrival, error) {
	var out []register.Arrival
	for len(out) < n {
		a, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		out = append(out, a)
	}
	return out, nil
}

func (p *Preview) add(f *editorial.Foreseen, made map[string]bool) {
	p.ImportCounts.Items++
	switch {
	case f.Skip != "":
		p.Skipped++
	case f.Known:
		p.Known++
	default:
		p.Made++
		for slug, recognised := range f.Recognised {
			if recognised {
				p.InstitutionsRecognised++
			} else {
				made[slug] = true
			}
		}
	}
	if len(p.Items) < shownItems {
		f.Origin.Raw = nil
		p.Items = append(p.Items, *f)
	}
}

// RunUpload imports a file that was uploaded and confirmed, as drafts. It may be called
// again after it was broken off; what ended, or was never confirmed, is left alone.
func RunUpload(ctx context.Context, e *editorial.Editorial, id string, today edtf.Day, tell Telling) error {
	i, u, err := e.OpenUpload(ctx, id)
	if errors.Is(err, register.ErrNotFound) || errors.Is(err, register.ErrForbidden) {
		return nil // it is done, or nobody answers for it any more
	}
	if err != nil {
		return err
	}
	r, err := NewReader(u.Format, bytes.NewReader(u.Content), []byte(u.Mapping), today)
	if err != nil {
		return errors.Join(err, e.EndImport(ctx, i, brief(err)))
	}
	return Run(ctx, e, i, r, tell)
}
