// Package capture brings evidence in: files that staff attach, and what stands
// at an address. It trusts nothing of it. What a file is, its content says;
// it is read in a process of its own with little memory and time; what is fetched comes from public addresses only. The text that it finds is a
// proposal for a person to correct.
package capture

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"path"
	"strings"

	"github.com/sijil/sijil/internal/register"
)

// Limits of what is taken.
const (
	MaxBytes = 20 << 20 // of a file
	MaxPages = 500      // of a PDF
	maxText  = 2 << 20  // bytes of a file's text, more than any statement has
)

// Document is a file that was examined and may be kept.
type Document struct {
	register.File
	Content []byte
}

// Intake examines files.
type Intake struct {
	worker *worker
	reach  Reach
}

// New returns an intake for which "sijil pdf-worker" reads what others have made; with
// no command that is the running program itself.
func New(command ...string) (*Intake, error) {
	w, err := newWorker(command)
	if err != nil {
		return nil, err
	}
	return &Intake{worker: w}, nil
}

// Intake reads a file and examines it. What is wrong with it is returned as
// register.Problems at the field "file"; name and declaredType are what the
// sender says of it, and decide nothing.
func (in *Intake) Intake(ctx context.Context, r io.Reader, name, declaredType string) (Document, error) {
	content, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	switch {
	case err != nil:
		return Document{}, fmt.Errorf("capture: read: %w", err)
	case len(content) == 0:
		return Document{}, problem("empty")
	case len(content) > MaxBytes:
		return Document{}, problem("too-large")
	}
	sum := sha256.Sum256(content)
	d := Document{Content: content, File: register.File{
		SHA256: hex.EncodeToString(sum[:]), Size: int64(len(content)), Name: register.CleanFileName(name), Type: sniff(content),
	}}
	if err := in.examine(ctx, &d); err != nil {
		return Document{}, err
	}
	if saysOtherwise(d.Type, name, declaredType) {
		d.Warnings = append(d.Warnings, register.FileNameDiffers)
	}
	return d, nil
}

func (in *Intake) examine(ctx context.Context, d *Document) error {
	switch d.Type {
	case register.TypePDF:
		return in.pdf(ctx, d)
	case register.TypePNG, register.TypeJPEG, register.TypeWebP:
		d.Pages, d.Scanned = 1, true
		d.Warnings = append(d.Warnings, register.FileNoText)
		return in.picture(ctx, d.Content)
	case register.TypeText:
		return in.plain(ctx, d)
	}
	return problem("type")
}

// propose keeps a text, as much of it as may be kept, whatever the worker says.
func (d *Document) propose(r reading) {
	d.Warnings = append(d.Warnings, r.Warnings...)
	if cut(r.Pages) {
		d.Warnings = append(d.Warnings, register.FileTextCut)
	}
	d.Extraction = register.Extraction{Pages: r.Pages, Method: r.Method, Language: r.Language}
}

// cut leaves of a text as much as may be kept, and reports whether there was more.
func cut(pages []string) bool {
	left := maxText
	for i, p := range pages {
		if len(p) > left {
			pages[i] = strings.ToValidUTF8(p[:left], "")
			clear(pages[i+1:])
			return true
		}
		left -= len(p)
	}
	return false
}

// problem is one thing for which a file is not taken.
func problem(key string) error {
	return register.Problems{{Field: "file", Key: "problem.file-" + key}}
}

// saysOtherwise tells whether the name's end or the declared type speak of
// another known type than the content is.
func saysOtherwise(is, name, declared string) bool {
	byName := map[string]string{
		".pdf": register.TypePDF, ".png": register.TypePNG, ".jpg": register.TypeJPEG, ".jpeg": register.TypeJPEG,
		".webp": register.TypeWebP, ".txt": register.TypeText,
	}[strings.ToLower(path.Ext(name))]
	declared, _, err := mime.ParseMediaType(declared)
	if err != nil || declared == "application/octet-stream" {
		declared = ""
	}
	return byName != "" && byName != is || declared != "" && declared != is
}

// ErrNoPictures means that the program that draws pages is not installed.
var ErrNoPictures = errors.New("capture: pdftoppm (poppler-utils) is not installed")

// Page draws one page of an examined file as a PNG, from 1. It returns
// ErrNotFound for a page that is not there, and ErrNoPictures.
func (in *Intake) Page(ctx context.Context, file register.File, content []byte, page int) ([]byte, error) {
	if page < 1 || page > file.Pages {
		return nil, register.ErrNotFound
	}
	if file.Type != register.TypePDF {
		return in.drawn(ctx, content)
	}
	raw, err := in.worker.run(ctx, taskPage, content, fmt.Sprint(page))
	if err != nil {
		return nil, err
	}
	return in.drawn(ctx, raw) // whatever came of the file
}
