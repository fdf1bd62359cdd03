package desk

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/sijil/sijil/internal/capture"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/web/public"
)

// ShowDocument hands out a file that somebody attached, also one of a draft.
func (d *Desk) ShowDocument(ctx context.Context, r Request) (Answer, error) {
	file, content, err := d.editorial.FileContent(ctx, r.Who.Actor, r.Params["hash"])
	if err != nil {
		return Answer{}, err
	}
	shown := register.Document{Name: file.Name, Type: file.Type, SHA256: file.SHA256, Size: file.Size}
	return Answer{Body: content, Header: public.DocumentHeaders(shown)}, nil
}

// ShowDocumentPage draws a page of an attached file: staff look at pixels, not
// at the file.
func (d *Desk) ShowDocumentPage(ctx context.Context, r Request) (Answer, error) {
	number, err := strconv.Atoi(r.Params["number"])
	if err != nil {
		return Answer{}, register.ErrNotFound
	}
	if d.cfg.Intake == nil {
		return Answer{}, register.ErrNotConfigured
	}
	file, content, err := d.editorial.FileContent(ctx, r.Who.Actor, r.Params["hash"])
	if err != nil {
		return Answer{}, err
	}
	picture, err := d.cfg.Intake.Page(ctx, file, content, number)
	if errors.Is(err, capture.ErrNoPictures) {
		return Answer{}, errors.Join(register.ErrNotFound, err)
	}
	if err != nil {
		return Answer{}, err
	}
	return Answer{Body: picture, Header: http.Header{
		"Content-Type": {register.TypePNG}, "Content-Security-Policy": {"sandbox; default-src 'none'"},
	}}, nil
}
