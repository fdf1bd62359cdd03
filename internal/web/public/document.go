package public

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/sijil/sijil/internal/blob"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/views"
)

// Blobs hands out contents by their hash, verified; blob.Store does.
type Blobs interface {
	Open(ctx context.Context, sha256 string) (io.ReadCloser, blob.Info, error)
	Stat(ctx context.Context, sha256 string) (blob.Info, error)
}

// Document returns the document with the hash, as a current edition names it;
// ErrNotFound for every other, whatever the desk holds.
func (p *Pages) Document(ctx context.Context, sha256 string) (register.Document, error) {
	if !blob.IsSHA256(sha256) {
		return register.Document{}, register.ErrNotFound
	}
	return p.records.Document(ctx, sha256)
}

// OpenCapture returns the copy of a source that may be given to readers, by the
// hash of its file, as a document to be saved; ErrNotFound for every other.
func (p *Pages) OpenCapture(ctx context.Context, sha256 string) (register.Document, http.Header, error) {
	if !blob.IsSHA256(sha256) {
		return register.Document{}, nil, register.ErrNotFound
	}
	key, err := p.records.OpenCapture(ctx, sha256)
	d := register.Document{SHA256: sha256}
	h := DocumentHeaders(d)
	h.Set("Content-Type", "application/gzip") // what is in it, no browser opens
	h.Set("Content-Disposition", `attachment; filename="`+key+`.warc.gz"`)
	return d, h, err
}

// Content opens a document's content, which is verified first: ErrDamaged where
// it is not what was stored. The caller closes it.
func (p *Pages) Content(ctx context.Context, d register.Document) (io.ReadCloser, int64, error) {
	if p.blobs == nil {
		return nil, 0, register.ErrNotFound
	}
	content, info, err := p.blobs.Open(ctx, d.SHA256)
	if err != nil {
		return nil, 0, ofFile(d.SHA256, err)
	}
	return opened{content, d.SHA256}, info.Size, nil
}

// Size tells how long a document is, without reading it.
func (p *Pages) Size(ctx context.Context, d register.Document) (int64, error) {
	if p.blobs == nil {
		return 0, register.ErrNotFound
	}
	info, err := p.blobs.Stat(ctx, d.SHA256)
	return info.Size, ofFile(d.SHA256, err)
}

// opened is a file that tells what happens while it is read as Content does.
type opened struct {
	io.ReadCloser
	sha string
}

func (o opened) Read(p []byte) (int, error) {
	n, err := o.ReadCloser.Read(p)
	if err == nil || err == io.EOF {
		return n, err
	}
	return n, ofFile(o.sha, err)
}

// ofFile says what an error of the store means for who asked for a file.
func ofFile(sha string, err error) error {
	if errors.Is(err, blob.ErrNotFound) {
		return fmt.Errorf("%w: %w", register.ErrNotFound, err)
	}
	if errors.Is(err, blob.ErrCorrupt) {
		return fmt.Errorf("document %s: %w: %w", sha, register.ErrDamaged, err)
	}
	return err
}

// leadTo gives the documents of a page that is public the addresses at which
// they are handed out, and says of the others that no copy is kept. A store
// that cannot be asked now is no reason to say that: the page is kept longer
// than the trouble lasts.
func (p *Pages) leadTo(ctx context.Context, loc *i18n.Localizer, documents []views.Document) {
	for i := range documents {
		d := &documents[i]
		if p.blobs != nil {
			_, err := p.blobs.Stat(ctx, d.Hash)
			if !errors.Is(err, blob.ErrNotFound) && !errors.Is(err, blob.ErrHash) {
				d.Href = "/documents/" + d.Hash
				continue
			}
		}
		d.Absent = loc.T("document.not-held")
	}
}

// documentType names a media type in the reader's language; one that the
// register does not take is given as it is.
func documentType(loc *i18n.Localizer, mediaType string) string {
	key, ok := map[string]string{
		register.TypePDF: "pdf", register.TypePNG: "png", register.TypeJPEG: "jpeg", register.TypeWebP: "webp", register.TypeText: "text",
	}[mediaType]
	if !ok {
		return mediaType
	}
	return loc.T("document.type." + key)
}

// DocumentHeaders are those of a document that is handed out. It came from
// somebody else: a browser saves it and neither shows nor guesses, and if it
// shows it all the same, nothing in it can act (CSP Level 3, sandbox). The name
// stands twice, as old browsers read only ASCII (RFC 6266 and RFC 8187).
func DocumentHeaders(d register.Document) http.Header {
	name := d.DownloadName()
	h := http.Header{}
	mediaType := d.Type
	switch {
	case mediaType == register.TypeText:
		mediaType = "text/plain; charset=utf-8"
	case !slices.Contains(register.FileTypes(), mediaType):
		mediaType = "application/octet-stream" // an edition may say anything
	}
	h.Set("Content-Type", mediaType)
	h.Set("Content-Disposition", `attachment; filename="`+asciiName(name)+`"; filename*=UTF-8''`+extendedValue(name))
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("ETag", strconv.Quote(d.SHA256))
	return h
}

// asciiName writes a name with what a quoted string takes without escapes.
func asciiName(name string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' || r == '\\' || r == '%' {
			return '_'
		}
		return r
	}, name)
}

// extendedValue escapes a name as RFC 8187 wants it: all but letters, digits
// and a few signs.
func extendedValue(name string) string {
	escaped := strings.ReplaceAll(url.QueryEscape(name), "+", "%20")
	return strings.NewReplacer("*", "%2A", "'", "%27", "(", "%28", ")", "%29").Replace(escaped)
}
