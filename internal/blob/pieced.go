package blob

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"time"

	"github.com/minio/minio-go/v7"
)

const (
	// pieceSize is how much of an object is in memory for each who reads it.
	pieceSize = 256 << 10
	// pieceTime is how long one more piece may take.
	pieceTime = 30 * time.Second
)

// cutter cuts what is written into pieces. It keeps their hashes, and the first.
type cutter struct {
	first, piece []byte
	sums         [][sha256.Size]byte
}

// Write implements io.Writer.
func (c *cutter) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		n := min(len(rest), pieceSize-len(c.piece))
		c.piece, rest = append(c.piece, rest[:n]...), rest[n:]
		if len(c.piece) == pieceSize {
			c.cut()
		}
	}
	return len(p), nil
}

func (c *cutter) cut() {
	c.sums = append(c.sums, sha256.Sum256(c.piece))
	if len(c.sums) == 1 {
		c.first, c.piece = c.piece, nil
	}
	c.piece = c.piece[:0]
}

// end returns the hashes of all pieces.
func (c *cutter) end() [][sha256.Size]byte {
	if len(c.piece) > 0 {
		c.cut()
	}
	return c.sums
}

// pieced reads an object that was verified, a piece at a time: who reads slowly has
// one piece of it in memory, and no connection, of which there are few. Each piece has
// to have the hash that it had when the whole was verified before a byte of it is
// handed out. That an object is fetched twice is the price; one of one piece, as most
// documents are, is not.
//
// Reading goes on after the context of Open has ended, as that of a file does. It is
// bounded by pieceTime for each piece, and by whoever it is for.
type pieced struct {
	bucket *bucket
	ctx    context.Context //nolint:containedctx // it has no end and no deadline, only values
	sha    string
	size   int64
	sums   [][sha256.Size]byte
	left   []byte // of the piece that is read
	next   int    // pieces before it were read
	failed error
}

// Read implements io.Reader.
func (p *pieced) Read(into []byte) (int, error) {
	if len(into) == 0 {
		return 0, nil
	}
	for len(p.left) == 0 && p.failed == nil {
		p.failed = p.turn()
	}
	if p.failed != nil {
		return 0, p.failed
	}
	n := copy(into, p.left)
	p.left = p.left[n:]
	return n, nil
}

// turn fetches the piece after the one that has been read.
func (p *pieced) turn() error {
	p.next = max(p.next, 1) // the first was there from the beginning
	if p.next >= len(p.sums) {
		return io.EOF
	}
	ctx, cancel := context.WithTimeout(p.ctx, pieceTime)
	defer cancel()
	from := int64(p.next) * pieceSize
	piece := make([]byte, min(pieceSize, p.size-from))
	var options minio.GetObjectOptions
	if err := options.SetRange(from, from+int64(len(piece))-1); err != nil {
		return mapBucket(err)
	}
	object, err := p.bucket.client.GetObject(ctx, p.bucket.name, p.bucket.key(p.sha), options)
	if err != nil {
		return mapBucket(err)
	}
	defer object.Close() //nolint:errcheck // it was only read
	if _, err := io.ReadFull(object, piece); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
			return ErrCorrupt
		}
		return mapBucket(err)
	}
	if sha256.Sum256(piece) != p.sums[p.next] {
		return ErrCorrupt
	}
	p.left, p.next = piece, p.next+1
	return nil
}

// Close implements io.Closer. What is closed is read no more.
func (p *pieced) Close() error {
	p.left, p.failed = nil, errClosed
	return nil
}

var errClosed = errors.New("blob: it is closed")
