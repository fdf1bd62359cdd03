package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/web/desk"
)

const (
	// longestForm is the size of a form without files; a statement's text in
	// three languages is the longest.
	longestForm = 2 << 20
	// longestProof is the size of a form in which nothing long is typed: addresses,
	// passwords, codes, what a passkey answers.
	longestProof = 64 << 10
	// longestUpload is how much is read of a form with files: a file beyond
	// desk.MaxFile is thrown away while the fields after it are still read, so
	// that nothing typed is lost with it.
	longestUpload = 128 << 20
	// strangersUpload is the same of who is not signed in. It is no less than a form
	// with one file that would be taken: a session may have ended while it was filled
	// in, and what was typed goes along to the page to sign in.
	strangersUpload = desk.MaxFile + longestForm
	// mostParts is how many fields and files a form may have.
	mostParts = 10_000
	// longestHead is how much is read for the head of a part, as for that of a request.
	longestHead = 16 << 10
	// longestMediaType is how long the type of a file may be: 127 characters on
	// each side of the slash (RFC 6838, section 4.2).
	longestMediaType = 255
)

// Body is how much of the body of a request a route reads, in bytes.
type Body struct {
	Form   int64 // of a form without files, of what stays of one with files, or of JSON
	Upload int64 // of a form with files; 0: the route takes none
}

// formLimits are those of one request.
type formLimits struct {
	Body
	keep bool // its files are kept in memory
}

// proof is a route whose form has nothing long in it.
func proof(r Route) Route {
	r.body = Body{Form: longestProof}
	return r
}

// uploads is a route whose form may bring a file.
func uploads(r Route) Route {
	r.body = Body{Form: longestForm, Upload: longestUpload}
	return r
}

// Body is how much the route reads.
func (r Route) Body() Body { return r.body }

// readForm reads the fields and files of a POST. Line breaks are one character,
// as they are stored and compared; what is no text is refused. A form with files is
// refused before any of it is read where the route takes none.
func readForm(w http.ResponseWriter, r *http.Request, limits formLimits) (url.Values, map[string][]desk.File, error) {
	mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return nil, nil, register.ErrInvalid
	}
	var form url.Values
	var files map[string][]desk.File
	switch {
	case mediaType == "application/x-www-form-urlencoded":
		r.Body = http.MaxBytesReader(w, r.Body, limits.Form)
		err = r.ParseForm()
		form = r.PostForm
	case mediaType == "multipart/form-data" && limits.Upload > 0:
		r.Body = http.MaxBytesReader(w, r.Body, limits.Upload)
		form, files, err = readParts(r, limits)
	default:
		return nil, nil, register.ErrInvalid
	}
	if err != nil {
		return nil, nil, formError(err)
	}
	for name, values := range form {
		for i, v := range values {
			if !isText(name) || !isText(v) {
				return nil, nil, register.ErrInvalid
			}
			values[i] = strings.ReplaceAll(v, "\r\n", "\n")
		}
	}
	return form, files, nil
}

// formError tells a form that is too large, and one that never arrived, from
// one that is malformed.
func formError(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok || errors.Is(err, errTooLarge) {
		return fmt.Errorf("%w: %w", errTooLarge, err)
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return fmt.Errorf("%w: %w", register.ErrInvalid, err)
}

// readParts reads the parts of a form with files, one after the other. No form has
// more than one file: of what is more, and of any where none is kept, nothing but
// the name stays. What stays of the parts, their heads among it, is no more than a form
// without files may have.
func readParts(r *http.Request, limits formLimits) (url.Values, map[string][]desk.File, error) {
	body := &rationed{ReadCloser: r.Body}
	r.Body = body
	reader, err := r.MultipartReader()
	if err != nil {
		return nil, nil, err
	}
	form, files := url.Values{}, map[string][]desk.File{}
	fields, keep := limits.Form, limits.keep
	for range mostParts {
		part, err := nextPart(reader, body)
		if errors.Is(err, io.EOF) {
			return form, files, nil
		}
		if err != nil {
			return nil, nil, err
		}
		name := part.FormName()
		isFile := part.FileName() != "" || part.Header.Get("Content-Type") != ""
		if fields -= headBytes(part.Header); fields < 0 {
			return nil, nil, errTooLarge
		}
		if !isFile {
			value, err := io.ReadAll(io.LimitReader(part, fields+1))
			if err != nil {
				return nil, nil, err
			}
			if fields -= int64(len(value)); fields < 0 {
				return nil, nil, errTooLarge
			}
			form.Add(name, string(value))
			continue
		}
		file, err := readFile(part, keep)
		if err != nil {
			return nil, nil, err
		}
		if file.Name != "" { // an empty choice is no file
			files[name] = append(files[name], file)
			keep = false
		}
	}
	return nil, nil, errTooLarge
}

// nextPart reads up to the next part and its head. What was before is read to its end,
// so that there is nothing to pass over but the line between them.
func nextPart(reader *multipart.Reader, body *rationed) (*multipart.Part, error) {
	body.ration(longestHead)
	defer body.free()
	part, err := reader.NextPart()
	if err != nil {
		return nil, err
	}
	if err := checkHeaders(http.Header(part.Header)); err != nil {
		return nil, err
	}
	if len(part.Header.Get("Content-Type")) > longestMediaType {
		return nil, register.ErrInvalid
	}
	return part, nil
}

// headBytes is how long the head of a part is.
func headBytes(head textproto.MIMEHeader) (n int64) {
	for name, values := range head {
		for _, value := range values {
			n += int64(len(name) + len(value))
		}
	}
	return n
}

// rationed is a body of which, while a head is read, no more than a ration is: the
// standard library takes 10 MiB for the head of each part, and all of it into memory.
type rationed struct {
	io.ReadCloser
	left    int64
	limited bool
}

func (b *rationed) ration(bytes int64) { b.left, b.limited = bytes, true }

func (b *rationed) free() { b.limited = false }

func (b *rationed) Read(p []byte) (int, error) {
	if !b.limited {
		return b.ReadCloser.Read(p)
	}
	if b.left == 0 {
		return 0, errTooLarge
	}
	n, err := b.ReadCloser.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

// readFile reads one file, and throws away one that is too large, or not to be kept.
func readFile(part *multipart.Part, keep bool) (desk.File, error) {
	file := desk.File{Name: part.FileName(), Type: part.Header.Get("Content-Type")}
	if !keep {
		_, err := io.Copy(io.Discard, part)
		return file, err
	}
	data, err := io.ReadAll(io.LimitReader(part, desk.MaxFile+1))
	if err != nil {
		return file, err
	}
	if len(data) > desk.MaxFile {
		file.TooLarge = true
		_, err = io.Copy(io.Discard, part)
		return file, err
	}
	file.Data = data
	return file, nil
}
