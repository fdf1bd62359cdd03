package scan_test

import (
	"os"
	"testing"

	"github.com/sijil/sijil/internal/testkit"
)

// TestMain lets this program read the files that scanners attach, for which it is
// started again.
func TestMain(m *testing.M) {
	testkit.ServeWorker()
	os.Exit(m.Run())
}
