package public

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/views"
	"github.com/sijil/sijil/views/ui"
)

// dumpManifest is what dumps there are, for programs.
type dumpManifest struct {
	Format string       `json:"format"`
	Dumps  []listedDump `json:"dumps"`
}

type listedDump struct {
	Name       string    `json:"name"`
	URL        string    `json:"url"`
	Day        string    `json:"day"`
	Format     string    `json:"format"` // as exports name it
	MediaType  string    `json:"media_type"`
	TakenAt    time.Time `json:"taken_at"`
	Generation int64     `json:"generation"` // of the published record
	Size       int64     `json:"size"`       // bytes
	SHA256     string    `json:"sha256"`
}

// dumpAddress is where a dump can be had.
func dumpAddress(name string) string { return "/exports/" + name }

// DumpManifest answers the list of dumps, with their sizes and hashes.
func (p *Pages) DumpManifest(ctx context.Context, _ Request) (Answer, error) {
	dumps, err := p.records.Dumps(ctx)
	if err != nil {
		return Answer{}, err
	}
	out := dumpManifest{Format: "sijil-dumps/1", Dumps: []listedDump{}}
	for _, d := range dumps {
		out.Dumps = append(out.Dumps, listedDump{
			d.Name, p.site.BaseURL + dumpAddress(d.Name), d.Day.String(), d.Format, d.MediaType, d.TakenAt.UTC(), d.Generation, d.Size, d.SHA256,
		})
	}
	body, err := json.MarshalIndent(out, "", " ")
	if err != nil {
		return Answer{}, fmt.Errorf("manifest of dumps: %w", err)
	}
	return Answer{File: &File{MediaType: "application/json", Body: append(body, '\n'), Shared: true}}, nil
}

// Dump finds a dump by the name of its file, with the headers under which it is
// handed out; ErrNotFound.
func (p *Pages) Dump(ctx context.Context, name string) (register.Dump, http.Header, error) {
	if p.blobs == nil {
		return register.Dump{}, nil, register.ErrNotFound
	}
	d, err := p.records.Dump(ctx, name)
	if err != nil {
		return d, nil, err
	}
	sum, err := hex.DecodeString(d.SHA256)
	if err != nil {
		return d, nil, err
	}
	h := http.Header{}
	h.Set("Content-Type", d.MediaType)
	h.Set("Content-Length", strconv.FormatInt(d.Size, 10))
	h.Set("Content-Disposition", `attachment; filename="`+d.Name+`"`)
	h.Set("ETag", `"`+d.SHA256+`"`)
	h.Set("Repr-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(sum)+":") // RFC 9530
	h.Set("Last-Modified", d.TakenAt.UTC().Format(http.TimeFormat))
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	return d, h, nil
}

// WriteDump writes a dump, piece by piece; each is what was stored, or none of it is
// written.
func (p *Pages) WriteDump(ctx context.Context, w io.Writer, d register.Dump) error {
	for _, part := range d.Parts {
		content, _, err := p.Content(ctx, register.Document{SHA256: part.SHA256, Size: part.Size})
		if err != nil {
			return err
		}
		_, err = io.Copy(w, content)
		_ = content.Close() // it was only read
		if err != nil {
			return err
		}
	}
	return nil
}

// listDumps shows the dumps on the page of exports.
func (c *composer) listDumps(page *views.ExportsPage, dumps []register.Dump) {
	page.Manifest = ui.Link{Href: dumpAddress("manifest.json"), Text: ui.Text{S: "manifest.json", Lang: c.loc.Lang()}}
	for _, d := range dumps {
		page.Dumps = append(page.Dumps, views.Dump{
			Link: ui.Link{Href: dumpAddress(d.Name), Text: ui.Text{S: d.Name}}, Day: c.date(d.Day.Date(), edtf.Long),
			Size: c.loc.Number(d.Size), SHA256: d.SHA256,
		})
	}
}
