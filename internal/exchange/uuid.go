package exchange

import (
	"crypto/sha1" //nolint:gosec // RFC 9562 prescribes it for names that stay what they are; nothing is secured by it
	"fmt"
)

// uuidBytes is a UUID as it is hashed.
type uuidBytes [16]byte

// urlNamespace is the namespace of addresses (RFC 9562, appendix).
func urlNamespace() uuidBytes {
	return uuidBytes{0x6b, 0xa7, 0xb8, 0x11, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8}
}

// named is the UUID of a name in a namespace (version 5): the same name always has
// the same.
func (n uuidBytes) named(name string) uuidBytes {
	sum := sha1.Sum(append(n[:], name...)) //nolint:gosec // as above
	var out uuidBytes
	copy(out[:], sum[:])
	out[6] = out[6]&0x0f | 0x50
	out[8] = out[8]&0x3f | 0x80
	return out
}

// String writes a UUID.
func (n uuidBytes) String() string {
	return fmt.Sprintf("%x-%x-%x-%x-%x", n[0:4], n[4:6], n[6:8], n[8:10], n[10:16])
}
