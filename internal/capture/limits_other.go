//go:build !unix

package capture

import (
	"os/exec"
	"runtime/debug"
)

// limitSelf does what this system knows of: Go's own bound on memory. The time
// is bounded by who started the worker.
func limitSelf() error {
	debug.SetMemoryLimit(768 << 20)
	return nil
}

func alone(*exec.Cmd) {}
