package tlog_test

import (
	"crypto/rand"
	"fmt"
	"testing"

	"github.com/sijil/sijil/internal/tlog"
)

// BenchmarkAppend adds leaves to a log that begins empty, one or many at a time.
func BenchmarkAppend(b *testing.B) {
	for _, count := range []int{1, 1000} {
		leaves := make([]tlog.Hash, count)
		for i := range leaves {
			leaves[i] = tlog.HashLeaf(fmt.Appendf(nil, "leaf %d", i))
		}
		b.Run(fmt.Sprintf("leaves-%d", count), func(b *testing.B) {
			edge, err := tlog.NewEdge(0, nil)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				edge.Append(leaves...)
			}
			if edge.Head().Size < int64(count) {
				b.Fatalf("%d leaves", edge.Head().Size)
			}
		})
	}
}

// BenchmarkCheckpoint signs the state of a log, and reads what was signed.
func BenchmarkCheckpoint(b *testing.B) {
	keys, err := tlog.GenerateKeys(rand.Reader, origin)
	if err != nil {
		b.Fatal(err)
	}
	verifier, err := keys.Verifier()
	if err != nil {
		b.Fatal(err)
	}
	head := tlog.Head{Size: 1_000_000, Root: tlog.HashLeaf([]byte("root"))}
	signed, err := keys.Sign(head)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("sign", func(b *testing.B) {
		for b.Loop() {
			if _, err := keys.Sign(head); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			if got, err := verifier.Open(signed); err != nil || got.Size != head.Size {
				b.Fatalf("%d leaves, %v", got.Size, err)
			}
		}
	})
}
