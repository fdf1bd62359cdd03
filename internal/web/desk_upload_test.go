package web_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
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

// TestAStrangersFilesAreNotKept: who is not signed in sends 100 MB in five files, to
// addresses that take forms from everybody and to those that take none of his, and the
// server keeps nothing of it. Of who is signed in, it keeps one file.
func TestAStrangersFilesAreNotKept(t *testing.T) { //nolint:paralleltest // memory is counted
	s := newDeskSite(t, testkit.Database(t))
	files := func() (out []io.Reader) {
		out = append(out, strings.NewReader(part(`name="csrf"`)+testkit.CSRF+"\r\n"))
		for n := range 5 {
			out = append(out, stuffed(fmt.Sprintf("%d.txt", n), desk.MaxFile-1))
		}
		return out
	}
	const little = 8 << 20
	for _, c := range []struct {
		who, at string
		as      func(*http.Request)
		status  int
		keeps   bool
	}{
		{"nobody", "/fr/desk/login", func(*http.Request) {}, http.StatusUnprocessableEntity, false},
		{"nobody", attachPath, func(*http.Request) {}, http.StatusUnauthorized, false},
		{"a session that is none", attachPath, testkit.As("invented"), http.StatusUnauthorized, false},
		// The control: what is kept is seen.
		{"an analyst", attachPath, testkit.As(testkit.Analyst), http.StatusUnprocessableEntity, true},
	} {
		var a *testkit.Answer
		took := allocated(func() { a = testkit.Post(t, s, c.at, nil, c.as, uploading(files()...)) })
		if a.Status != c.status {
			t.Errorf("%s at %s: status %d, want %d", c.who, c.at, a.Status, c.status)
		}
		if (took > little) != c.keeps {
			t.Errorf("%s at %s: %d MB taken, keeps: %t", c.who, c.at, took>>20, c.keeps)
		}
		if c.keeps && took > 14*desk.MaxFile { // five would be some thirty
			t.Errorf("%s at %s: %d MB taken for one file", c.who, c.at, took>>20)
		}
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
		"a thousand":      {field(strings.Repeat(part(`name="a"`)+"\r\n", 1000)), http.StatusUnprocessableEntity},
		"twenty thousand": {field(strings.Repeat(part(`name="a"`)+"\r\n", 20_000)), http.StatusRequestEntityTooLarge},
		"3 MB of names":   {field(strings.Repeat(part(`name="`+strings.Repeat("a", 3000)+`"`)+"\r\n", 1000)), http.StatusRequestEntityTooLarge},
		"3 MB of file names": {
			field(strings.Repeat(part(`name="file"; filename="`+strings.Repeat("a", 3000)+`"`)+"\r\n", 1000)), http.StatusRequestEntityTooLarge,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if a := testkit.Post(t, s, "/fr/desk/login", nil, uploading(c.parts)); a.Status != c.status {
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
