package capture

import (
	"fmt"

	"github.com/landlock-lsm/go-landlock/landlock"
)

// Where programs, their libraries and fonts are: what poppler reads, and no more. Keys
// and data of the register are elsewhere.
var (
	programFolders = []string{"/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc/fonts", "/etc/alternatives", "/var/cache/fontconfig"}
	programFiles   = []string{"/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/localtime", "/dev/urandom"}
)

// confineSelf takes from this process, and from the tools that it runs, all files but
// those of programs, the network, and whom it could signal, as far as the kernel knows
// how to (Landlock: files since Linux 5.13, TCP since 6.7, signals and abstract sockets
// since 6.12). An older one does what it can: the limits stand in any case.
func confineSelf() error {
	err := landlock.V11.BestEffort().Restrict(
		landlock.RODirs(programFolders...).IgnoreIfMissing(),
		landlock.ROFiles(programFiles...).IgnoreIfMissing(),
	)
	if err != nil {
		return fmt.Errorf("confine: %w", err)
	}
	return nil
}
