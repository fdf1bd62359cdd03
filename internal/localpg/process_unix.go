//go:build unix

package localpg

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// account is the unprivileged account under which root runs PostgreSQL, which
// refuses to run as root. All methods work on nil, which is this process's own.
type account struct {
	name     string
	uid, gid uint32
}

// serverAccount is nil for an ordinary user; for root it is "postgres", which
// packages create, else "nobody".
func serverAccount() (*account, error) {
	if os.Geteuid() != 0 {
		return nil, nil //nolint:nilnil // nil is an account: our own
	}
	if known := unprivileged(); len(known) > 0 {
		return &known[0], nil
	}
	return nil, errors.New("localpg: PostgreSQL cannot run as root, and there is no account \"postgres\" or \"nobody\"")
}

// unprivileged lists the accounts under which root runs PostgreSQL, the best
// first.
func unprivileged() []account {
	var known []account
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.ParseInt(u.Uid, 10, 64)
		gid, errGID := strconv.ParseInt(u.Gid, 10, 64)
		if errUID == nil && errGID == nil && uid != 0 {
			known = append(known, account{name: name, uid: uint32(uid), gid: uint32(gid)}) //nolint:gosec // macOS gives nobody the number -2
		}
	}
	return known
}

// canReach tells whether the account may enter a folder and all above it.
func (a *account) canReach(dir string) error {
	if a == nil {
		return nil
	}
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return err
	}
	for at := real; ; at = filepath.Dir(at) {
		info, err := os.Stat(at)
		if err != nil {
			return err
		}
		if !a.mayEnter(info) {
			return fmt.Errorf("the account %s, under which root runs PostgreSQL, cannot enter %s", a.name, at)
		}
		if at == filepath.Dir(at) {
			return nil
		}
	}
}

func (a *account) mayEnter(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return true // unknown: PostgreSQL will say
	}
	bit := fs.FileMode(0o001)
	switch {
	case stat.Uid == a.uid:
		bit = 0o100
	case stat.Gid == a.gid:
		bit = 0o010
	}
	return info.Mode()&bit != 0
}

// apply makes a command run under the account.
func (a *account) apply(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	if a != nil {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: a.uid, Gid: a.gid}
	}
}

// process is a server that this program started.
type process struct {
	pid  int
	done chan struct{} // closed when it has ended
	err  error         // its end, once done is closed
}

// startProcess starts a server in a process group of its own, so that Ctrl-C
// does not reach it before the program has drained, and sees to it that it ends
// when this program is killed.
func startProcess(cmd *exec.Cmd) (*process, error) {
	cmd.SysProcAttr.Setpgid = true
	endWithParent(cmd.SysProcAttr)
	started := make(chan error)
	p := &process{done: make(chan struct{})}
	go func() {
		// Linux sends the signal when the starting thread ends, not the process:
		// this thread has to live as long as the server.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			p.err = cmd.Wait()
			close(p.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	p.pid = cmd.Process.Pid
	if err := watch(p); err != nil {
		// It has hardly begun: there is nothing to end in good order.
		killed := cmd.Process.Kill()
		<-p.done
		return nil, errors.Join(err, killed)
	}
	return p, nil
}

// end stops the server, with growing force, and waits until it is gone.
func (p *process) end(ctx context.Context) error {
	for _, step := range []struct {
		signal syscall.Signal
		wait   time.Duration
	}{{syscall.SIGINT, fastDeadline}, {syscall.SIGQUIT, quitDeadline}, {syscall.SIGKILL, quitDeadline}} {
		select {
		case <-p.done:
			return nil
		default:
		}
		if err := syscall.Kill(p.pid, step.signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("localpg: stopping PostgreSQL: %w", err)
		}
		timer := time.NewTimer(step.wait)
		impatient := ctx.Done()
		if step.signal != syscall.SIGINT {
			impatient = nil // SIGQUIT needs its moment, too
		}
		select {
		case <-p.done:
			timer.Stop()
			return nil
		case <-impatient:
			timer.Stop()
		case <-timer.C:
		}
	}
	return errors.New("localpg: PostgreSQL does not end")
}

// endForeign stops a server that is not our child. It has ended when its pid
// file is gone: its number may live on as a zombie that nobody collects.
func (c *cluster) endForeign(ctx context.Context, pid int) error {
	for _, step := range []struct {
		signal syscall.Signal
		wait   time.Duration
	}{{syscall.SIGINT, fastDeadline}, {syscall.SIGQUIT, quitDeadline}} {
		if err := syscall.Kill(pid, step.signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return err
		}
		for deadline := time.Now().Add(step.wait); time.Now().Before(deadline); time.Sleep(pollInterval) {
			if now, _ := c.readPidFile(); now != pid || !alive(pid) {
				return nil
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
	}
	return errors.New("it does not end")
}

// alive tells whether a process of this number runs, whoever owns it.
func alive(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}

// commandLine is the command with which a process was started; empty if that
// cannot be known.
func commandLine(ctx context.Context, pid int) string {
	number := strconv.Itoa(pid)
	if line, err := os.ReadFile(filepath.Join("/proc", number, "cmdline")); err == nil {
		return strings.ReplaceAll(string(line), "\x00", " ")
	}
	out, err := exec.CommandContext(ctx, "ps", "-ww", "-o", "command=", "-p", number).Output()
	if err != nil {
		return ""
	}
	return string(out)
}

// lockFile takes an exclusive lock that ends with this process, and notes who
// holds it. It returns an error that wraps ErrInUse if somebody else does.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|noFollow, 0o600)
	if err != nil {
		return nil, err
	}
	if err := tryLock(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if err := f.Truncate(0); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if _, err := f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// tryLock returns an error that wraps ErrInUse, with the holder, if another
// process has the lock.
func tryLock(f *os.File) error {
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		holder := make([]byte, 20)
		n, _ := f.ReadAt(holder, 0) // a number that cannot be read is left out
		return fmt.Errorf("%w by process %s", ErrInUse, strings.TrimSpace(string(holder[:n])))
	}
	return nil
}

// unlockFile gives a lock free at once: a child that is being started at this
// very moment still has a copy of the descriptor.
func unlockFile(f *os.File) error {
	return errors.Join(syscall.Flock(int(f.Fd()), syscall.LOCK_UN), f.Close())
}

// startWatcher starts a shell that waits until this program has gone, however
// it ended, and then stops the server: for systems whose kernel does not do so.
// The shell notices by the end of the returned pipe.
func startWatcher(p *process) (lifeline *os.File, err error) {
	const script = `cat >/dev/null; kill -INT "$0" 2>/dev/null`
	theirs, ours, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command("/bin/sh", "-c", script, strconv.Itoa(p.pid)) //nolint:noctx // a number; outlives us by design
	cmd.Stdin = theirs
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(err, ours.Close(), theirs.Close())
	}
	go func() {
		<-p.done
		// First the shell: after the server's end its number may be another's.
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
		_ = ours.Close() // and so the pipe is held open until here
	}()
	return ours, theirs.Close()
}
