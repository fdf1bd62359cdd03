package capture

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"os"
	"os/exec"
	"strconv"
	"time"

	"golang.org/x/net/html/charset"

	"github.com/sijil/sijil/internal/register"
)

// Subcommand is the hidden one of the program that does the work on what others
// have made: PDFs, from which it has its name, pictures, pages of the web and texts.
const Subcommand = "pdf-worker"

// The tasks of the worker. Each reads a file from standard input and writes to
// standard output; nothing else goes in or out.
const (
	taskCheck   = "check"   // a PDF → report as JSON
	taskText    = "text"    // a PDF, and how many pages it has → reading as JSON
	taskPlain   = "plain"   // a text → reading as JSON
	taskArticle = "article" // a page of the web, and its charset where that was declared → article as JSON
	taskPage    = "page"    // a PDF → one page as a picture
	taskPicture = "picture" // a picture → report as JSON
	taskRedraw  = "redraw"  // a picture → the same drawn again, as a PNG
)

const (
	// workTime bounds one task; a file that takes longer is made to.
	workTime = 20 * time.Second
	// workers is how many may run at the same time: each may take memory.
	workers = 2
	// maxOutput bounds what one task may answer.
	maxOutput = 64 << 20
)

// ErrUnreadable means that a task ended without an answer: out of time, out of
// memory, or by a fault in reading the file. That is the file's doing.
var ErrUnreadable = errors.New("capture: the file could not be read within the limits")

// worker starts processes that read what others have made.
type worker struct {
	command  []string
	slots    chan struct{}
	patience time.Duration
}

func newWorker(command []string) (*worker, error) {
	if len(command) == 0 {
		own, err := os.Executable()
		if err != nil {
			return nil, fmt.Errorf("capture: %w", err)
		}
		command = []string{own, Subcommand}
	}
	return &worker{command: command, slots: make(chan struct{}, workers), patience: workTime}, nil
}

// run does one task in a process of its own, which has nothing of ours: not the
// environment, no file and no network, and little memory and time, which it sees to
// itself before it reads the first byte.
func (w *worker) run(ctx context.Context, task string, content []byte, args ...string) ([]byte, error) {
	select {
	case w.slots <- struct{}{}:
		defer func() { <-w.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	limited, cancel := context.WithTimeout(ctx, w.patience)
	defer cancel()
	command := exec.CommandContext(limited, w.command[0], append(append(w.command[1:len(w.command):len(w.command)], task), args...)...) //nolint:gosec // our own program
	command.Env = []string{"PATH=/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin", "LC_ALL=C.UTF-8", "GOTRACEBACK=none"}
	command.Dir = os.TempDir()
	if _, err := os.Stat(command.Dir); err != nil { // a container may have none
		command.Dir = "/"
	}
	command.Stdin = bytes.NewReader(content)
	out, said := &cappedBuffer{limit: maxOutput}, &cappedBuffer{limit: 2000}
	command.Stdout, command.Stderr = out, said
	command.WaitDelay = time.Second
	alone(command)
	switch err := command.Run(); {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil || out.over:
		return nil, workerError(err, said.String())
	}
	return out.Bytes(), nil
}

// noPictures is the code with which the worker says that a tool is missing.
const noPictures = 3

func workerError(err error, said string) error {
	var ended *exec.ExitError
	switch {
	case errors.As(err, &ended) && ended.ExitCode() == noPictures:
		return ErrNoPictures
	case errors.As(err, &ended), err == nil, errors.Is(err, exec.ErrWaitDelay), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%w: %w: %s", ErrUnreadable, err, said)
	}
	return fmt.Errorf("capture: start the worker: %w", err) // ours, not the file's
}

// cappedBuffer keeps the first bytes and notes that there were more.
type cappedBuffer struct {
	bytes.Buffer
	limit int
	over  bool
}

func (b *cappedBuffer) Write(p []byte) (int, error) {
	if b.Len()+len(p) > b.limit {
		b.over = true
		b.Buffer.Write(p[:b.limit-b.Len()])
		return len(p), nil
	}
	return b.Buffer.Write(p)
}

// report is what the worker finds in a file.
type report struct {
	Problem  string   // of the form "encrypted": the file is not taken
	Pages    int      // how many
	Warnings []string // keys
}

// pdf examines a PDF and proposes its text.
func (in *Intake) pdf(ctx context.Context, d *Document) error {
	raw, err := in.worker.run(ctx, taskCheck, d.Content)
	if errors.Is(err, ErrUnreadable) {
		return problem("unreadable")
	}
	if err != nil {
		return err
	}
	var found report
	if err := json.Unmarshal(raw, &found); err != nil {
		return problem("unreadable")
	}
	if found.Problem != "" {
		return problem(found.Problem)
	}
	d.Pages, d.Warnings = found.Pages, found.Warnings
	return in.text(ctx, d)
}

// text asks for the text of a PDF. That it fails is no reason to refuse the
// document: a person can type.
func (in *Intake) text(ctx context.Context, d *Document) error {
	var found reading
	raw, err := in.worker.run(ctx, taskText, d.Content, strconv.Itoa(d.Pages))
	if err == nil {
		err = json.Unmarshal(raw, &found)
	} else if !errors.Is(err, ErrUnreadable) {
		return err
	}
	if err != nil {
		d.Warnings = append(d.Warnings, register.FileTextFailed)
		return nil //nolint:nilerr // a document without its text is a document; the person is warned
	}
	d.propose(found)
	if d.Extraction.Text() == "" {
		d.Scanned, d.Extraction = true, register.Extraction{}
		d.Warnings = append(d.Warnings, register.FileNoText)
	}
	return nil
}

// plain proposes the text of a file that is one.
func (in *Intake) plain(ctx context.Context, d *Document) error {
	var found reading
	raw, err := in.worker.run(ctx, taskPlain, d.Content)
	if err == nil {
		err = json.Unmarshal(raw, &found)
	} else if !errors.Is(err, ErrUnreadable) {
		return err
	}
	if err != nil {
		return problem("unreadable")
	}
	d.propose(found)
	if d.Extraction.Text() == "" {
		return problem("empty")
	}
	return nil
}

// article reads a page of the web. Of what its server declares only the name of a
// known charset goes along: the rest is of no use to the reader, and an argument
// of a process is no place for what others have written.
func (in *Intake) article(ctx context.Context, page []byte, contentType string) (found article, err error) {
	var args []string
	if _, declared, err := mime.ParseMediaType(contentType); err == nil {
		if _, name := charset.Lookup(declared["charset"]); name != "" {
			args = append(args, name)
		}
	}
	raw, err := in.worker.run(ctx, taskArticle, page, args...)
	if err != nil {
		return article{}, err
	}
	if err := json.Unmarshal(raw, &found); err != nil {
		return article{}, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	return found, nil
}

// Work is the child's side: it takes limits upon itself, does one task, and
// returns the code to end with.
func Work(args []string, stdin io.Reader, stdout, stderr io.Writer) (code int) {
	defer func() {
		if fault := recover(); fault != nil {
			_, _ = fmt.Fprintln(stderr, "panic:", fault)
			code = 1
		}
	}()
	if err := errors.Join(limitSelf(), confineSelf()); err != nil {
		_, _ = fmt.Fprintln(stderr, err)
		return 1
	}
	content, err := io.ReadAll(io.LimitReader(stdin, MaxBytes+1))
	if err == nil {
		err = work(args, content, stdout)
	}
	switch {
	case errors.Is(err, ErrNoPictures):
		return noPictures
	case err != nil:
		_, _ = fmt.Fprintln(stderr, err)
		return 1
	}
	return 0
}

func work(args []string, content []byte, stdout io.Writer) error {
	switch {
	case len(args) == 1 && args[0] == taskCheck:
		return json.NewEncoder(stdout).Encode(check(content))
	case len(args) == 2 && args[0] == taskText:
		return readPDF(content, args[1], stdout)
	case len(args) == 1 && args[0] == taskPlain:
		return json.NewEncoder(stdout).Encode(readPlain(content))
	case len(args) == 1 && args[0] == taskArticle:
		return readArticle(content, "", stdout)
	case len(args) == 2 && args[0] == taskArticle:
		return readArticle(content, args[1], stdout)
	case len(args) == 2 && args[0] == taskPage:
		return drawPage(content, args[1], stdout)
	case len(args) == 1 && args[0] == taskPicture:
		return json.NewEncoder(stdout).Encode(checkPicture(content))
	case len(args) == 1 && args[0] == taskRedraw:
		return redraw(content, stdout)
	}
	return errors.New("there is no such task")
}

// readPDF is the worker's side of text: also to choose between the two ways and to
// make paragraphs, since what a page costs there is up to who wrote it.
func readPDF(pdf []byte, pages string, stdout io.Writer) error {
	n, err := strconv.Atoi(pages)
	if err != nil || n < 1 || n > MaxPages {
		return fmt.Errorf("no document has %q pages", pages)
	}
	found := proposals{Poppler: popplerText(pdf), Glyphs: glyphTextInTime(pdf)}
	return json.NewEncoder(stdout).Encode(found.best(n).read())
}

// readPlain is the worker's side of plain.
func readPlain(content []byte) reading {
	text := Tidy(string(bytes.TrimPrefix(content, []byte("\uFEFF"))))
	return proposal{pages: []string{text}, method: register.ExtractedFromText}.read()
}

// readArticle is the worker's side of article.
func readArticle(page []byte, charset string, stdout io.Writer) error {
	var declared string
	if charset != "" {
		declared = mime.FormatMediaType("text/html", map[string]string{"charset": charset})
	}
	var found article
	found.Title, found.Text = readable(page, declared)
	return json.NewEncoder(stdout).Encode(found)
}
