package observe

import (
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// FuzzRejected: whatever a collector answers is read without harm, and what it says is
// found behind any other field.
func FuzzRejected(f *testing.F) {
	f.Add([]byte(nil), int64(0))
	f.Add([]byte("\x12\x01x"), int64(7))
	f.Add([]byte("\x0a\x02\x08\x02"), int64(1))
	f.Add([]byte("<html>"), int64(-1))
	f.Fuzz(func(t *testing.T, before []byte, n int64) {
		if found := rejectedIn(before); found < 0 {
			t.Errorf("%d are rejected", found)
		}
		part := protowire.AppendVarint(protowire.AppendTag(nil, rejectedSpans, protowire.VarintType), uint64(n))
		said := protowire.AppendTag(nil, protowire.Number(15), protowire.BytesType)
		said = protowire.AppendBytes(said, before)
		said = protowire.AppendTag(said, partialSuccess, protowire.BytesType)
		said = protowire.AppendBytes(said, part)
		if found := rejectedIn(said); found != max(n, 0) {
			t.Errorf("%d are rejected, want %d", found, n)
		}
	})
}
