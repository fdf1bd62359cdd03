//go:build !unix

package localpg

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
)

// errSystem is all that this package has to say on systems without Unix
// sockets and signals; the rest of the program builds and serves there.
var errSystem = errors.New("localpg: a private PostgreSQL can be started on Linux, macOS and the BSDs only; use \"serve\" with DATABASE_URL")

type account struct{}

// noFollow is a flag that only Unix has.
const noFollow = 0

func serverAccount() (*account, error)                   { return nil, errSystem }
func (a *account) keeping(string) (*account, error)      { return nil, errSystem }
func (a *account) own(string) error                      { return errSystem }
func (a *account) owns(string) bool                      { return false }
func (a *account) adopt(string) error                    { return errSystem }
func (a *account) cannotChange(string) error             { return errSystem }
func (a *account) read(string) ([]byte, error)           { return nil, errSystem }
func (a *account) replace(string, []byte) error          { return errSystem }
func (a *account) runs(context.Context, int) bool        { return false }
func checkRoot(string) error                             { return errSystem }
func setMode(string, fs.FileMode) error                  { return errSystem }
func (a *account) canReach(string) error                 { return errSystem }
func (a *account) apply(*exec.Cmd)                       {}
func startProcess(*exec.Cmd) (*process, error)           { return nil, errSystem }
func (p *process) end(context.Context) error             { return errSystem }
func (c *cluster) endForeign(context.Context, int) error { return errSystem }
func alive(int) bool                                     { return false }
func commandLine(context.Context, int) string            { return "" }
func lockFile(string) (*os.File, error)                  { return nil, errSystem }
func unlockFile(*os.File) error                          { return errSystem }

type process struct {
	pid  int
	done chan struct{}
	err  error
}
