package web_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/web/desk"
)

// part is the head of a part of a form with files.
func part(disposition string) string {
	return "--edge\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\n"
}

// uploading sends a form with files that is written as it is read.
func uploading(parts ...io.Reader) func(*http.Request) {
	return func(r *http.Request) {
		r.Body = io.NopCloser(io.MultiReader(append(parts, strings.NewReader("\r\n--edge--\r\n"))...))
		r.ContentLength = -1
		r.Header.Set("Content-Type", "multipart/form-data; boundary=edge")
	}
}

// stuffed is a file of many bytes.
func stuffed(name string, bytes int64) io.Reader {
	return io.MultiReader(
		strings.NewReader(part(`name="file"; filename="`+name+`"`)), io.LimitReader(spaces{}, bytes), strings.NewReader("\r\n"),
	)
}

type spaces struct{}

func (spaces) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// allocated is how many bytes are taken while something is done. It counts those of
// all that runs, so that tests that call it are not parallel.
func allocated(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestAStrangersFilesAreNotKept: who is not signed in sends a file, or 100 MB of them,
// and the server keeps nothing of it, nor does it read on for ever. Of who is signed in,
// it keeps one file.
func TestAStrangersFilesAreNotKept(t *testing.T) { //nolint:paralleltest // memory is counted
	s := newDeskSite(t, testkit.Database(t))
	files := func(n int) (out []io.Reader) {
		out = append(out, strings.NewReader(part(`name="csrf"`)+testkit.CSRF+"\r\n"))
		for i := range n {
			out = append(out, stuffed(fmt.Sprintf("%d.txt", i), desk.MaxFile-1))
		}
		return out
	}
	nobody := func(*http.Request) {}
	const little, most = 8 << 20, desk.MaxFile + 4<<20
	for _, c := range []struct {
		who, at string
		as      func(*http.Request)
		files   int
		status  int
		keeps   bool
	}{
		{"nobody", attachPath, nobody, 1, http.StatusUnauthorized, false},
		{"nobody", attachPath, nobody, 5, http.StatusRequestEntityTooLarge, false},
		{"a session that is none", attachPath, testkit.As("invented"), 1, http.StatusUnauthorized, false},
		{"a session that is none", attachPath, testkit.As("invented"), 5, http.StatusRequestEntityTooLarge, false},
		// The control: what is kept is seen.
		{"an analyst", attachPath, testkit.As(testkit.Analyst), 5, http.StatusUnprocessableEntity, true},
	} {
		var a *testkit.Answer
		var read atomic.Int64
		took := allocated(func() { a = testkit.Post(t, s, c.at, nil, c.as, uploading(files(c.files)...), counting(&read)) })
		if a.Status != c.status {
			t.Errorf("%s at %s, %d files: status %d, want %d", c.who, c.at, c.files, a.Status, c.status)
		}
		if (took > little) != c.keeps {
			t.Errorf("%s at %s, %d files: %d MB taken, keeps: %t", c.who, c.at, c.files, took>>20, c.keeps)
		}
		if c.keeps && took > 14*desk.MaxFile { // five would be some thirty
			t.Errorf("%s at %s: %d MB taken for one file", c.who, c.at, took>>20)
		}
		if !c.keeps && read.Load() > most {
			t.Errorf("%s at %s, %d files: %d MB read", c.who, c.at, c.files, read.Load()>>20)
		}
	}
}

// counting counts what is read of the body of a request.
func counting(read *atomic.Int64) func(*http.Request) {
	return func(r *http.Request) { r.Body = &tallied{r.Body, read} }
}

type tallied struct {
	io.ReadCloser
	read *atomic.Int64
}

func (c *tallied) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.read.Add(int64(n))
	return n, err
}

// ofType is an empty file of a type, of which there may be much.
func ofType(mediaType io.Reader) io.Reader {
	return io.MultiReader(
		strings.NewReader("--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\nContent-Type: "), mediaType, strings.NewReader("\r\n\r\n\r\n"),
	)
}

// longText is a text of many letters.
func longText(n int64) io.Reader { return io.LimitReader(letter{}, n) }

type letter struct{}

func (letter) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a'
	}
	return len(p), nil
}

// TestTheHeadOfAPartIsShort: what stands before the files of a form is as much in
// memory as its fields, and the standard library takes 10 MiB of it for each part.
func TestTheHeadOfAPartIsShort(t *testing.T) { //nolint:paralleltest // memory is counted
	s := newDeskSite(t, testkit.Database(t))
	attack := func() (parts []io.Reader) {
		for range 12 {
			parts = append(parts, ofType(longText(9<<20)))
		}
		return parts
	}
	many := func(n int, mediaType string) func() []io.Reader {
		return func() (parts []io.Reader) {
			for range n {
				parts = append(parts, ofType(strings.NewReader(mediaType)))
			}
			return parts
		}
	}
	const little = 8 << 20
	for name, c := range map[string]struct {
		at     string
		parts  func() []io.Reader
		read   int64
		status int
	}{
		"a type of 9 MB":               {attachPath, attack, 32 << 10, http.StatusRequestEntityTooLarge},
		"where no file is taken":       {"/fr/desk/login", attack, 0, http.StatusBadRequest},
		"a type that is too long":      {attachPath, many(12, strings.Repeat("a", 256)), 32 << 10, http.StatusBadRequest},
		"a type that is long":          {attachPath, many(12, strings.Repeat("a", 255)), 32 << 10, http.StatusUnauthorized},
		"many heads that are not long": {attachPath, many(9000, strings.Repeat("a", 255)), 4 << 20, http.StatusRequestEntityTooLarge},
		"many heads that are short":    {attachPath, many(9000, "text/plain"), 4 << 20, http.StatusUnauthorized},
	} {
		var a *testkit.Answer
		var read atomic.Int64
		took := allocated(func() { a = testkit.Post(t, s, c.at, nil, uploading(c.parts()...), counting(&read)) })
		if a.Status != c.status || read.Load() > c.read || took > 2*little {
			t.Errorf("%s: status %d, want %d; %d bytes read, %d MB taken", name, a.Status, c.status, read.Load(), took>>20)
		}
	}
	// The control: a reader of parts alone takes all of it.
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://sijil.test"+attachPath, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	var read atomic.Int64
	uploading(attack()...)(r)
	counting(&read)(r)
	took := allocated(func() {
		parts, err := r.MultipartReader()
		for err == nil {
			_, err = parts.NextPart()
		}
		if !errors.Is(err, io.EOF) {
			t.Error(err)
		}
	})
	if read.Load() < 100<<20 || took < 100<<20 {
		t.Errorf("the control: %d MB read, %d MB taken", read.Load()>>20, took>>20)
	}
}

// TestAFormHasSoManyParts: fields without a value, and names, count.
func TestAFormHasSoManyParts(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Database(t))
	field := strings.NewReader
	for name, c := range map[string]struct {
		parts  io.Reader
		status int
	}{
		"a thousand":      {field(strings.Repeat(part(`name="a"`)+"\r\n", 1000)), http.StatusUnauthorized},
		"twenty thousand": {field(strings.Repeat(part(`name="a"`)+"\r\n", 20_000)), http.StatusRequestEntityTooLarge},
		"3 MB of names":   {field(strings.Repeat(part(`name="`+strings.Repeat("a", 3000)+`"`)+"\r\n", 1000)), http.StatusRequestEntityTooLarge},
		"3 MB of file names": {
			field(strings.Repeat(part(`name="file"; filename="`+strings.Repeat("a", 3000)+`"`)+"\r\n", 1000)), http.StatusRequestEntityTooLarge,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if a := testkit.Post(t, s, attachPath, nil, uploading(c.parts)); a.Status != c.status {
				t.Errorf("status %d, want %d", a.Status, c.status)
			}
		})
	}
}

// TestAFileThatNobodyKeptIsAskedForAgain: the database does not say who it is when the
// form comes, and says it when it is read.
func TestAFileThatNobodyKeptIsAskedForAgain(t *testing.T) {
	t.Parallel()
	flaky := &forgetful{}
	s := newDeskSite(t, testkit.Database(t), func(c *desk.Config) { flaky.Sessions, c.Sessions = c.Sessions, flaky })
	form := strings.NewReader(part(`name="csrf"`) + testkit.CSRF + "\r\n" + part(`name="title"`) + "Communiqué\r\n")
	a := testkit.Post(t, s, attachPath, nil, testkit.As(testkit.Analyst), uploading(form, stuffed("a.txt", 10)))
	if a.Status != http.StatusServiceUnavailable || a.Attr(`input[name="title"]`, "value") != "Communiqué" || !strings.Contains(a.Text("main"), "Les fichiers ne peuvent pas") {
		t.Errorf("status %d: %s", a.Status, a.Body)
	}
}

// forgetful does not know the first who is asked for.
type forgetful struct {
	desk.Sessions
	asked int
}

func (f *forgetful) Who(ctx context.Context, token string) (desk.Who, error) {
	if f.asked++; f.asked == 1 {
		return desk.Who{}, fmt.Errorf("%w: for a test", register.ErrUnavailable)
	}
	return f.Sessions.Who(ctx, token)
}

// TestAFormThatCannotBeReadSaysSo: the address was said to make no sense, and whoever had sent
// a form was led to the list of incidents.
func TestAFormThatCannotBeReadSaysSo(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Database(t))
	for _, lang := range []string{"fr", "ar", "en"} {
		at := "/" + lang + strings.TrimPrefix(attachPath, "/fr")
		a := testkit.Post(t, s, at, nil, testkit.As(testkit.Editor), uploading(strings.NewReader(part(`name="a"`)+"no \x00 text")))
		if a.Status != http.StatusBadRequest || a.Text("h1") != words(t, lang, "error.form.title") || !strings.Contains(a.Text("main"), words(t, lang, "error.form.to-do")) {
			t.Errorf("%s: status %d: %s", lang, a.Status, a.Text("main"))
		}
	}
	if a := testkit.Ask(t, s, "/fr/incidents?after=%00"); a.Text("h1") != words(t, "fr", "error.400.title") {
		t.Errorf("control: an address that makes no sense: status %d: %s", a.Status, a.Text("h1"))
	}
}
