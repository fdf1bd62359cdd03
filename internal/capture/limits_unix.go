//go:build unix

package capture

import (
	"fmt"
	"os/exec"
	"runtime/debug"
	"syscall"
)

// Limits of the worker and of the tools that it runs.
const (
	workMemory = 512 << 20 // bytes of data
	workCPU    = 15        // seconds
)

// limitSelf bounds this process and its children. What memory holds is
// limited, not what is reserved: Go reserves much and uses little.
func limitSelf() error {
	debug.SetMemoryLimit(workMemory * 3 / 4)
	for resource, most := range map[int]uint64{
		syscall.RLIMIT_CPU:    workCPU,
		syscall.RLIMIT_DATA:   workMemory,
		syscall.RLIMIT_AS:     16 * workMemory,
		syscall.RLIMIT_CORE:   0, // a document's pieces in a file
		syscall.RLIMIT_FSIZE:  0, // no files at all
		syscall.RLIMIT_NOFILE: 64,
	} {
		limit := &syscall.Rlimit{}
		if err := syscall.Getrlimit(resource, limit); err != nil {
			return fmt.Errorf("limits: %w", err)
		}
		limit.Cur, limit.Max = min(most, limit.Max), min(most, limit.Max)
		if err := syscall.Setrlimit(resource, limit); err != nil {
			return fmt.Errorf("limits: %w", err)
		}
	}
	return nil
}

// alone gives a command a process group of its own, and ends all of it when
// its time is over: also the tools that the worker runs.
func alone(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
}
