package web

import (
	"context"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/web/public"
)

// document hands out a document that a current edition names.
func (a *app) document(w http.ResponseWriter, r *http.Request) error {
	return a.handOut(w, r, func(ctx context.Context) (register.Document, http.Header, error) {
		d, err := a.pages.Document(ctx, strings.TrimPrefix(r.URL.Path, "/documents/"))
		return d, public.DocumentHeaders(d), err
	})
}

// openCapture hands out the copy of a source, where a current edition says that
// it may be.
func (a *app) openCapture(w http.ResponseWriter, r *http.Request) error {
	return a.handOut(w, r, func(ctx context.Context) (register.Document, http.Header, error) {
		return a.pages.OpenCapture(ctx, strings.TrimPrefix(r.URL.Path, "/captures/"))
	})
}

// found is what finds a document that may be handed out.
type found func(context.Context) (register.Document, http.Header, error)

// handOut hands out a file. A copy of it may be kept, but is asked for again each
// time: what is withdrawn is gone at once.
func (a *app) handOut(w http.ResponseWriter, r *http.Request, find found) error {
	content, err := a.openFile(w.Header(), r, find)
	if err != nil {
		return err
	}
	switch {
	case content != nil:
		defer content.Close() //nolint:errcheck // it was only read
		w.WriteHeader(http.StatusOK)
		// What breaks off is shorter than was said, by which it is seen.
		_, err = io.Copy(w, content)
		return err
	case r.Method == http.MethodHead && w.Header().Get("Content-Length") != "":
		w.WriteHeader(http.StatusOK)
	default:
		w.WriteHeader(http.StatusNotModified)
	}
	return nil
}

// openFile finds a file and reads it once, to verify it; nil where the reader has
// it, or asks for the head alone, for which nothing is read. It is that which is
// bounded. Who reads slowly what is open holds no place, so that a few of them keep
// nobody from documents: he has a file open, or a piece of an object in memory
// (blob.pieced), until the server's time for an answer is over.
func (a *app) openFile(h http.Header, r *http.Request, find found) (io.ReadCloser, error) {
	leave, err := a.enter(r, ClassFetch)
	if err != nil {
		return nil, err
	}
	defer leave()
	d, headers, err := find(r.Context())
	if err != nil {
		return nil, err
	}
	headers.Set("Cache-Control", "no-cache")
	if r.Header.Get("If-None-Match") == headers.Get("ETag") {
		maps.Copy(h, headers)
		return nil, nil //nolint:nilnil // the reader has it: nothing is opened
	}
	var content io.ReadCloser
	var size int64
	if r.Method == http.MethodHead {
		size, err = a.pages.Size(r.Context(), d)
	} else {
		content, size, err = a.pages.Content(r.Context(), d)
	}
	if err != nil {
		return nil, err
	}
	headers.Set("Content-Length", strconv.FormatInt(size, 10))
	maps.Copy(h, headers)
	return content, nil
}
