package testkit

import (
	"bytes"
	_ "embed"
	"io"
	"testing"

	"github.com/sijil/sijil/internal/founding"
	"github.com/sijil/sijil/internal/store"
)

//go:embed testdata/vcdb/sample.jsonl
var verisSample []byte

// VERIS returns a sample of the VERIS Community Database, one incident a line;
// its licence stands beside it.
func VERIS() io.Reader { return bytes.NewReader(verisSample) }

// FoundingWithVERIS returns a fresh database in which the founding record and
// the incidents of a file in VERIS are published.
func FoundingWithVERIS(tb testing.TB, file io.Reader) *DB {
	tb.Helper()
	d := Founding(tb)
	if _, err := founding.PublishVERIS(tb.Context(), store.Wrap(d.Desk()), NewClock(FoundingDay()).Now, file); err != nil {
		tb.Fatalf("testkit: %v", err)
	}
	return d
}

// VERISFile names a file with other incidents in VERIS, which tests of exports read
// instead of the sample; empty for none.
func VERISFile() string { return environment("SIJIL_TEST_VERIS") }
