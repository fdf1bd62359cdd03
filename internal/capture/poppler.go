package capture

import (
	"bytes"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
)

// longestSide of a drawn page in pixels: some 100 dots to the inch of A4, enough
// to read and small enough to send, and no more for a page that claims to be as
// large as a house.
const longestSide = 1200

// popplerText asks pdftotext for the text of each page; nothing where it is
// not installed or fails.
func popplerText(pdf []byte) []string {
	program, err := exec.LookPath("pdftotext")
	if err != nil {
		return nil
	}
	command := exec.Command(program, "-enc", "UTF-8", "-eol", "unix", "-q", "-", "-") //nolint:gosec,noctx // the worker as a whole has a deadline
	command.Stdin = bytes.NewReader(pdf)
	out := &cappedBuffer{limit: 4 * maxText}
	command.Stdout, command.Stderr = out, io.Discard // a pipe: /dev/null need not be there
	if err := command.Run(); err != nil && out.Len() == 0 {
		return nil
	}
	pages := strings.Split(strings.ToValidUTF8(out.String(), "\uFFFD"), "\f")
	if last := len(pages) - 1; strings.TrimSpace(pages[last]) == "" {
		pages = pages[:last] // each page ends with a form feed
	}
	for i := range pages {
		pages[i] = resolveEmbeddings(pages[i])
	}
	return pages
}

// The marks by which poppler says which way a passage runs.
const (
	fromLeft  = '\u202a' // LRE
	fromRight = '\u202b' // RLE
	popMark   = '\u202c' // PDF
)

// resolveEmbeddings puts into logical order what pdftotext leaves in visual
// order: on a line of Arabic it writes the passages without Arabic, marked, as
// they are seen from the left, with their spaces and their punctuation on the
// wrong side. Its brackets are turned already.
func resolveEmbeddings(page string) string {
	asIs := func(bracket string) string { return bracket }
	var out strings.Builder
	var passage []string // inside "from the left" inside "from the right"
	arabic, inside := false, false
	for _, r := range page {
		switch {
		case r == '\n' || r == popMark && inside:
			out.WriteString(strings.Join(backwards(passage, asIs), ""))
			passage, inside = nil, false
			if r == '\n' {
				arabic = false
				out.WriteRune(r)
			}
		case r == fromRight:
			arabic = true
		case r == fromLeft:
			inside = arabic
		case r == popMark:
			arabic = false
		case inside:
			passage = append(passage, string(r))
		default:
			out.WriteRune(r)
		}
	}
	out.WriteString(strings.Join(backwards(passage, asIs), ""))
	return out.String()
}

// drawPage draws one page as a PNG.
func drawPage(pdf []byte, page string, stdout io.Writer) error {
	n, err := strconv.Atoi(page)
	if err != nil || n < 1 || n > MaxPages {
		return fmt.Errorf("there is no page %q", page)
	}
	program, err := exec.LookPath("pdftoppm")
	if err != nil {
		return ErrNoPictures
	}
	args := []string{"-png", "-scale-to", strconv.Itoa(longestSide), "-f", page, "-l", page, "-singlefile", "-q"}
	command := exec.Command(program, append(args, "-")...) //nolint:gosec,noctx // as above
	command.Stdin = bytes.NewReader(pdf)
	command.Stdout, command.Stderr = stdout, io.Discard
	return command.Run()
}
