package store

import (
	"crypto/rand"
	"fmt"

	"github.com/sijil/sijil/internal/register"
)

// NewID is a random identifier of a row, as the database gives them (RFC 9562,
// version 4), for rows that must know theirs before they are written.
func NewID() register.Ref {
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return register.Ref(fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:]))
}

// IsID reports whether a text is an identifier as PostgreSQL writes one, of which there
// is one form (RFC 9562, section 4).
func IsID(s string) bool {
	if len(s) != len("00000000-0000-0000-0000-000000000000") {
		return false
	}
	for i, c := range []byte(s) {
		switch i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
		default:
			if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
				return false
			}
		}
	}
	return true
}
