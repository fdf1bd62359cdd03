//go:build unix && !linux

package localpg

import "syscall"

// endWithParent has nothing to ask for: only Linux has such a signal.
func endWithParent(*syscall.SysProcAttr) {}

// watch sets a shell to wait for this program's end.
func watch(p *process) error {
	_, err := startWatcher(p)
	return err
}
