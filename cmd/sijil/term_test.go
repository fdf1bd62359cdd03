//go:build unix

package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/founding"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/testkit"
)

// TestAStopLosesNothing stops the program, as a process of its own, as whatever
// supervises it does, while readers read and analysts send documents over a slow line,
// one of them begun after the signal: each request that was taken is answered rightly,
// and each document that was acknowledged is there. The control is the same with SIGKILL.
func TestAStopLosesNothing(t *testing.T) {
	sending := 6 * time.Second
	if os.Getenv(nodesVariable) != "" {
		sending = 25 * time.Second // the most that a form may take to be read is 30
	}
	k := newKillsOn(t, swiftDir(t), func(k *kills) {
		k.env["SIJIL_API_RATE"] = "1000000" // a machine that is fast is not to turn readers away
		db, err := store.Open(t.Context(), k.env["DATABASE_URL"], store.DeskSide)
		if err == nil {
			defer db.Close()
			_, err = founding.Publish(t.Context(), db, time.Now)
		}
		if err != nil {
			t.Fatal(err)
		}
	})
	k.office.signIn(t)
	seen := k.stopUnderLoad(syscall.SIGTERM, sending)
	for _, f := range seen.failed {
		t.Errorf("SIGTERM: %s", f)
	}
	if code := k.program.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("SIGTERM: the program ended with %d", code)
	}
	if seen.answered < 50 || seen.documents != slowSenders+1 {
		t.Errorf("SIGTERM: %d answers to readers, %d documents: this test shows little", seen.answered, seen.documents)
	}
	t.Logf("SIGTERM: ended after %v; %d answers to readers, %d connections refused after that, %d documents acknowledged",
		seen.took.Round(time.Millisecond), seen.answered, seen.refused, seen.documents)
	k.program.start()
	k.ready()
	seen = k.stopUnderLoad(syscall.SIGKILL, 2*time.Second)
	if len(seen.failed) == 0 {
		t.Error("control: SIGKILL in the middle of uploads fails nothing: this test shows nothing")
	} else {
		t.Logf("control: SIGKILL: %d failed, such as: %s", len(seen.failed), seen.failed[0])
	}
}

// slowSenders is how many send a document when the program is stopped.
const slowSenders = 3

// stopSeen is what came of a stop.
type stopSeen struct {
	mu                           sync.Mutex
	answered, refused, documents int
	failed                       []string
	took                         time.Duration
}

func (s *stopSeen) fail(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed = append(s.failed, fmt.Sprintf(format, args...))
}

// stopUnderLoad sends the program a signal in the middle of all that is going on, and
// waits until it has ended.
func (k *kills) stopUnderLoad(signal syscall.Signal, sending time.Duration) *stopSeen {
	k.t.Helper()
	seen := &stopSeen{}
	targets := map[string]string{}
	for _, target := range []string{"/fr/", "/ar/incidents", "/fr/incidents/cnss-2025", "/fr/search?q=cnss&type=statement", "/api/v1/incidents"} {
		a := testkit.Ask(k.t, k.office.site, target)
		if a.Status != http.StatusOK {
			k.t.Fatalf("%s: status %d", target, a.Status)
		}
		targets[target] = a.Body
	}
	var documents []*slowDocument
	for range slowSenders + 1 {
		documents = append(documents, k.newDocument())
	}
	stop := make(chan struct{})
	var reading, staff sync.WaitGroup
	for reader := range 4 {
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: reader%2 == 0}}
		reading.Go(func() {
			defer client.CloseIdleConnections()
			for {
				for target, right := range targets {
					select {
					case <-stop:
						return
					case <-time.After(10 * time.Millisecond):
					}
					k.read(client, target, right, seen)
				}
			}
		})
	}
	for _, d := range documents[:slowSenders] {
		staff.Go(func() { k.send(d, sending, seen) })
	}
	time.Sleep(sending / 3) // they are in the middle
	begin := time.Now()
	k.program.signal(signal)
	staff.Go(func() { k.send(documents[slowSenders], sending/2, seen) })
	staff.Wait()
	<-k.program.ended
	seen.took = time.Since(begin)
	close(stop)
	reading.Wait()
	for _, d := range documents {
		k.isThere(d, seen)
	}
	return seen
}

// read asks for a page. Where nobody listens any more, nothing was taken.
func (k *kills) read(client *http.Client, target, right string, seen *stopSeen) {
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, k.site.String()+target, http.NoBody)
	if err != nil {
		seen.fail("%s: %v", target, err)
		return
	}
	status, body, _, err := whole(client, request)
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		seen.mu.Lock()
		seen.refused++
		seen.mu.Unlock()
	case err != nil:
		seen.fail("%s: %v", target, err)
	case status != http.StatusOK || body != right:
		seen.fail("%s: status %d, %s", target, status, difference(body, right))
	default:
		seen.mu.Lock()
		seen.answered++
		seen.mu.Unlock()
	}
}

// whole is a whole answer.
func whole(client *http.Client, request *http.Request) (status int, body, location string, err error) {
	answer, err := client.Do(request)
	if err != nil {
		return 0, "", "", fmt.Errorf("ask: %w", err)
	}
	defer answer.Body.Close() //nolint:errcheck // it is read to its end
	content, err := io.ReadAll(answer.Body)
	return answer.StatusCode, string(content), answer.Header.Get("Location"), err
}

// slowDocument is a form with a document that nobody has sent yet.
type slowDocument struct {
	title, hash  string
	content      []byte
	form         []byte
	kind         string // the media type of the form
	acknowledged bool
}

// newDocument opens the form and fills it.
func (k *kills) newDocument() *slowDocument {
	k.t.Helper()
	word := rand.Text()
	d := &slowDocument{title: "Communiqué " + word}
	pdf, err := os.ReadFile("../../internal/capture/testdata/communique-ar.pdf")
	if err != nil {
		k.t.Fatal(err)
	}
	d.content = fmt.Appendf(pdf, "\n%% %s\n", word) // another file each, which reads alike
	d.hash = register.HashOf(d.content)
	page := testkit.Ask(k.t, k.office.site, slowDocumentsAt, k.office.as(testkit.Analyst))
	fields := page.Fields("#attach")
	fields.Set("title", d.title)
	fields.Set("date", "10 avril 2025")
	fields.Set("issuer.new.name", "Agence "+word)
	fields.Set("issuer.new.kind", "agency")
	d.form, d.kind = formWith(k.t, fields, d)
	return d
}

const slowDocumentsAt = "/fr/desk/statements/new"

// formWith is a form with a file, as a browser sends it.
func formWith(t *testing.T, fields url.Values, d *slowDocument) (form []byte, kind string) {
	t.Helper()
	var out bytes.Buffer
	parts := multipart.NewWriter(&out)
	for name, values := range fields {
		for _, v := range values {
			if err := parts.WriteField(name, v); err != nil {
				t.Fatal(err)
			}
		}
	}
	file, err := parts.CreateFormFile("file", d.title+".pdf")
	if err == nil {
		_, err = file.Write(d.content)
	}
	if err := errors.Join(err, parts.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), parts.FormDataContentType()
}

// send sends the form, little by little.
func (k *kills) send(d *slowDocument, length time.Duration, seen *stopSeen) {
	const pieces = 40
	reader, writer := io.Pipe()
	go func() {
		for i := range pieces {
			if _, err := writer.Write(d.form[i*len(d.form)/pieces : (i+1)*len(d.form)/pieces]); err != nil {
				return
			}
			time.Sleep(length / pieces)
		}
		_ = writer.Close()
	}()
	defer reader.Close() //nolint:errcheck // it ends who writes, if he still does
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, k.site.String()+slowDocumentsAt, reader)
	if err != nil {
		seen.fail("%s: %v", d.title, err)
		return
	}
	request.ContentLength = int64(len(d.form))
	request.Header.Set("Content-Type", d.kind)
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	k.office.as(testkit.Analyst)(request)
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	status, body, location, err := whole(client, request)
	d.acknowledged = err == nil && status == http.StatusSeeOther && strings.HasPrefix(location, "/fr/desk/statements/")
	if !d.acknowledged {
		seen.fail("%s: %v, status %d to %q: %.300s", d.title, err, status, location, body)
	}
}

// isThere looks whether what was acknowledged is there, once, with its document.
func (k *kills) isThere(d *slowDocument, seen *stopSeen) {
	k.t.Helper()
	connection := k.connect()
	defer connection.Close(context.Background()) //nolint:errcheck // it was only read
	var n int
	err := connection.QueryRow(k.t.Context(), `SELECT count(*) FROM desk.documents JOIN desk.files USING (sha256) WHERE sha256 = $1`, d.hash).Scan(&n)
	if err != nil {
		k.t.Fatal(err)
	}
	file, err := os.ReadFile(filepath.Join(strings.TrimPrefix(k.env["SIJIL_BLOBS"], "file:"), d.hash[:2], d.hash[2:4], d.hash))
	kept := err == nil && bytes.Equal(file, d.content)
	switch {
	case d.acknowledged && n == 1 && kept:
		seen.documents++
	case d.acknowledged:
		seen.fail("%s was acknowledged, and is there %d times; its file is kept: %t", d.title, n, kept)
	}
}
