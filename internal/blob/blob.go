// Package blob keeps files under the SHA-256 of their content: in a folder, or
// in a bucket that speaks S3. Nothing here has a name that somebody gave; what
// a file is called, and who may read it, is other rooms' business.
package blob

import (
	"context"
	"errors"
	"io"
)

// The errors of a store.
var (
	// ErrNotFound means that no content with this hash is kept.
	ErrNotFound = errors.New("blob: not found")
	// ErrTooLarge means that the content goes on after the limit.
	ErrTooLarge = errors.New("blob: larger than allowed")
	// ErrCorrupt means that what is kept is not what was stored: its hash is
	// another one. It is never served.
	ErrCorrupt = errors.New("blob: content does not match its hash")
	// ErrHash means that something else than a SHA-256 was asked for.
	ErrHash = errors.New("blob: not a SHA-256 in lower-case hexadecimal")
)

// MaxSize is the most that a store takes of one file, whatever the caller's
// limit: contents are examined in whole before they are handed out.
const MaxSize = 64 << 20

// Info is what a store knows of one content.
type Info struct {
	SHA256 string // lower-case hexadecimal
	Size   int64  // bytes
}

// Store keeps contents by their hash. All methods may be called at the same
// time.
type Store interface {
	// Put stores what it reads, at most limit bytes of it (ErrTooLarge, and
	// nothing is kept). The same content twice is one.
	Put(ctx context.Context, r io.Reader, limit int64) (Info, error)
	// Open hands out a content after its hash was verified: ErrCorrupt instead
	// of a byte that was not stored, also later, while it is read. ErrNotFound when
	// there is none. What is open may be read after the context has ended.
	Open(ctx context.Context, sha256 string) (io.ReadCloser, Info, error)
	// Stat tells the size without reading the content.
	Stat(ctx context.Context, sha256 string) (Info, error)
	// Delete removes a content; one that is not there is no error.
	Delete(ctx context.Context, sha256 string) error
	// Each calls f for every content, in order of the hashes, until f returns
	// an error, which it then returns.
	Each(ctx context.Context, f func(Info) error) error
	// Note writes a small text beside the contents, under a name of letters,
	// digits and dashes. One that is there stays as it is.
	Note(ctx context.Context, name string, text []byte) error
	// Notes calls f for every note, in order of the names, until f returns an
	// error, which it then returns.
	Notes(ctx context.Context, f func(name string, text []byte) error) error
}

// Bytes reads a whole content into memory.
func Bytes(ctx context.Context, s Store, sha256 string) ([]byte, error) {
	content, _, err := s.Open(ctx, sha256)
	if err != nil {
		return nil, err
	}
	all, err := io.ReadAll(content)
	return all, errors.Join(err, content.Close())
}

// IsSHA256 reports whether s is a SHA-256 in lower-case hexadecimal.
func IsSHA256(s string) bool {
	if len(s) != 64 {
		return false
	}
	for _, c := range []byte(s) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// capped is the least of a limit and MaxSize.
func capped(limit int64) int64 {
	if limit <= 0 || limit > MaxSize {
		return MaxSize
	}
	return limit
}
