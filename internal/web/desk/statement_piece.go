package desk

import (
	"bytes"
	"context"
	"errors"
	"strings"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
)

// keptFile finds the file that the form has kept by its hash.
func (p *attaching) keptFile(ctx context.Context) error {
	kept := p.get("kept")
	if kept == "" {
		return nil
	}
	file, _, err := p.editorial.File(ctx, p.r.Who.Actor, kept)
	if errors.Is(err, register.ErrNotFound) {
		p.drop()
		return nil
	}
	if err != nil {
		return err
	}
	p.file = &file
	p.holders, err = p.editorial.StatementsWithFile(ctx, p.r.Who.Actor, kept)
	return err
}

// piece takes the file, the pasted text, or what was kept before; an address
// may stand beside them, as the page that carries them. Alone, an address is
// where the document is to be fetched.
func (p *attaching) piece(ctx context.Context) error {
	files := p.r.Files["file"]
	switch text := p.values.Get("text"); {
	case len(files) > 0 && strings.TrimSpace(text) != "":
		p.wrong.add("text", p.loc(p.r).T("attach.two-pieces"))
		return p.take(ctx, files[0])
	case len(files) > 0:
		return p.take(ctx, files[0])
	case strings.TrimSpace(text) != "":
		return p.take(ctx, File{Name: p.loc(p.r).T("attach.pasted-name") + ".txt", Type: register.TypeText, Data: []byte(text)})
	}
	if err := p.keptFile(ctx); err != nil {
		return err
	}
	address := p.get("url")
	switch from := p.get("fetched"); {
	case p.file != nil && (from == "" || from == address || address == ""):
		return nil
	case address == "":
		p.wrong.add("file", p.loc(p.r).T("attach.no-piece"))
		return nil
	}
	p.drop() // what was fetched came from another address
	if p.get("cite") == address {
		return nil
	}
	return p.fetch(ctx, address)
}

// drop lets go of the piece that is kept.
func (p *attaching) drop() {
	p.file, p.holders = nil, nil
	p.values.Del("kept")
	p.values.Del("fetched")
}

// take examines a file and keeps it. One that is not acceptable is said to be
// so, in the field that it came from.
func (p *attaching) take(ctx context.Context, f File) error {
	field := "file"
	if len(p.r.Files["file"]) == 0 {
		field = "text"
	}
	if f.TooLarge {
		p.tellRefused("problem.file-too-large")
		p.wrong.add(field, p.loc(p.r).T("problem.file-too-large"))
		return p.keptFile(ctx)
	}
	attached, err := p.keepFile(ctx, p.r.Who.Actor, f)
	if errors.Is(err, register.ErrNotConfigured) {
		p.wrong.add(field, p.loc(p.r).T("attach.no-files"))
		return nil
	}
	if p.refused(field, err) {
		return p.keptFile(ctx)
	}
	if err != nil {
		return err
	}
	p.values.Del("fetched")
	p.keep(attached)
	return nil
}

// fetch gets the document that stands at the address. Where that cannot be
// had, the page says why and offers to go on without it. Where files are not
// kept, the address is a source and nothing more.
func (p *attaching) fetch(ctx context.Context, address string) error {
	attached, err := p.fetchFile(ctx, p.r.Who.Actor, address)
	if errors.Is(err, register.ErrNotConfigured) {
		return nil
	}
	if p.refused("url", err) {
		p.unfetched = true
		return nil
	}
	if err != nil {
		return err
	}
	p.values.Set("fetched", address)
	p.keep(attached)
	return nil
}

// refused says at a field what is wrong with a piece, if that is the matter.
func (p *attaching) refused(field string, err error) bool {
	problems, ok := errors.AsType[register.Problems](err)
	for _, x := range problems {
		p.tellRefused(x.Key)
		p.wrong.add(field, p.loc(p.r).T(x.Key, "value", x.Value))
	}
	return ok
}

func (p *attaching) keep(attached editorial.AttachedFile) {
	p.file, p.holders = &attached.File, attached.Statements
	p.values.Set("kept", p.file.SHA256)
}

// keepFile examines a file and keeps it by its hash. It returns Problems for
// one that is not acceptable, and ErrNotConfigured where files are not kept.
func (d *Desk) keepFile(ctx context.Context, actor register.Actor, f File) (editorial.AttachedFile, error) {
	if d.cfg.Intake == nil {
		return editorial.AttachedFile{}, register.ErrNotConfigured
	}
	document, err := d.cfg.Intake.Intake(ctx, bytes.NewReader(f.Data), f.Name, f.Type)
	if err != nil {
		return editorial.AttachedFile{}, err
	}
	return d.editorial.AttachFile(ctx, actor, document.File, document.Content)
}

// fetchFile gets what stands at an address and keeps it by its hash. It returns
// Problems for what is not acceptable, and ErrNotConfigured where files are not
// kept.
func (d *Desk) fetchFile(ctx context.Context, actor register.Actor, address string) (editorial.AttachedFile, error) {
	if d.cfg.Intake == nil {
		return editorial.AttachedFile{}, register.ErrNotConfigured
	}
	document, err := d.cfg.Intake.Fetch(ctx, address)
	if err != nil {
		return editorial.AttachedFile{}, err
	}
	return d.editorial.AttachFile(ctx, actor, document.File, document.Content)
}

// tellRefused tells who counts of a file that is not taken.
func (d *Desk) tellRefused(key string) {
	if d.cfg.Refused != nil {
		d.cfg.Refused(strings.TrimPrefix(key, "problem."))
	}
}
