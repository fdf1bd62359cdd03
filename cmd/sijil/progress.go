package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/sijil/sijil/internal/register"
)

// progress draws how far an import is, where somebody looks on.
type progress struct {
	out   io.Writer // nil: nobody does
	size  int64     // of the file; 0 when not known
	read  atomic.Int64
	began time.Time
}

// newProgress begins to draw on a terminal, and nowhere else.
func (p program) newProgress(size int64) *progress {
	out := &progress{size: size, began: time.Now()}
	if file, ok := p.stderr.(*os.File); ok {
		if info, err := file.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			out.out = file
		}
	}
	return out
}

// count counts what is read of a file.
func (g *progress) count(r io.Reader) io.Reader { return &countingReader{r, &g.read} }

type countingReader struct {
	io.Reader
	read *atomic.Int64
}

// Read implements io.Reader.
func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.read.Add(int64(n))
	return n, err
}

// tell draws the bar anew.
func (g *progress) tell(c register.ImportCounts) {
	if g.out == nil {
		return
	}
	const width = 30
	bar := ""
	if g.size > 0 {
		done := min(int(g.read.Load()*width/g.size), width)
		bar = "[" + strings.Repeat("=", done) + strings.Repeat(" ", width-done) + "] "
	}
	_, _ = fmt.Fprintf(g.out, "\r%s%d read, %d made, %d left out, %.0f s ", bar, c.Items, c.Made, c.Skipped, time.Since(g.began).Seconds())
}

// end leaves the bar as it is and goes on in the next line.
func (g *progress) end() {
	if g.out != nil {
		say(g.out, "")
	}
}
