package capture

import (
	"context"
	"net"
	"time"
)

// Sniff is sniff, for its fuzz test.
var Sniff = sniff

// Readable is readable, in the process of the test: for its fuzz test, and to compare.
var Readable = readable

// WithWorkTime returns an intake whose tasks may take another time.
func WithWorkTime(in *Intake, most time.Duration) *Intake {
	out, w := *in, *in.worker
	w.patience, out.worker = most, &w
	return &out
}

// Article is article.
func Article(ctx context.Context, in *Intake, page []byte) (text string, err error) {
	found, err := in.article(ctx, page, "")
	return found.Text, err
}

// OnlyPublic is onlyPublic.
var OnlyPublic = onlyPublic

// ConfineSelf is confineSelf.
var ConfineSelf = confineSelf

// Recorded returns a connection as it is recorded, and what was sent over it so
// far.
func Recorded(line net.Conn) (recorded net.Conn, sent func() string) {
	w := (&wire{most: maxWire}).over(line)
	return w, func() string {
		_, sent, _ := w.said()
		return string(sent)
	}
}
