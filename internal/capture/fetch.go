package capture

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"path"
	"slices"
	"time"

	"github.com/gabriel-vasile/mimetype"

	"github.com/sijil/sijil/internal/register"
)

// Fetch gets what stands at an address and examines it, as Intake does. It
// speaks to public addresses only, whatever a name resolves to and wherever a
// page redirects (SSRF). What is wrong is returned as register.Problems, at
// "url" where the address is at fault, else at "file". A page of the web is at
// fault: what it shows differs from reader to reader and from day to day, and
// it is not a document.
func (in *Intake) Fetch(ctx context.Context, address string) (Document, error) {
	u, err := url.Parse(address)
	if err != nil || checkURL(u) != nil {
		return Document{}, urlProblem("url-malformed", address)
	}
	limited, cancel := context.WithTimeout(ctx, cmp.Or(in.reach.Patience, patience))
	defer cancel()
	d, err := in.fetch(limited, u)
	if err != nil && ctx.Err() == nil && limited.Err() != nil {
		return Document{}, urlProblem("fetch-slow", "")
	}
	return d, err
}

func (in *Intake) fetch(ctx context.Context, u *url.URL) (Document, error) {
	hops, err := in.reach.visit(ctx, u, time.Time{})
	if err != nil {
		return Document{}, fetchProblem(ctx, err)
	}
	answer := &hops[len(hops)-1]
	if answer.Status != http.StatusOK {
		return Document{}, urlProblem("fetch-status", fmt.Sprint(answer.Status))
	}
	content, err := answer.body()
	if err != nil {
		return Document{}, fetchProblem(ctx, err)
	}
	declared := answer.Header.Get("Content-Type")
	if isPage(content, declared) {
		return Document{}, urlProblem("fetch-page", "")
	}
	return in.Intake(ctx, bytes.NewReader(content), path.Base(answer.URL.Path), declared)
}

// isPage tells a page of the web from a document: by its content, or by what
// its server calls a text, since a page may begin with anything. A PDF that is
// sent as a page is a PDF.
func isPage(content []byte, declared string) bool {
	if kind := sniff(content); kind != "" && kind != register.TypeText {
		return false
	}
	pages := []string{"text/html", "application/xhtml+xml"}
	called, _, err := mime.ParseMediaType(declared)
	return err == nil && slices.Contains(pages, called) ||
		slices.ContainsFunc(pages, mimetype.Detect(content).Is)
}

func urlProblem(key, value string) error {
	return register.Problems{{Field: "url", Key: "problem." + key, Value: value}}
}

func fetchProblem(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, errNotPublic):
		return urlProblem("fetch-refused", "")
	case errors.Is(err, errTooLarge):
		return problem("too-large")
	}
	return urlProblem("fetch-failed", "")
}
