//go:build unix

package localpg

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// Root works in folders beside an account that it must not trust: whoever runs
// as that account (in a demonstration that has been broken into, say) must not
// be able to lead root's hand by a link. So folders are opened without
// following links and then changed by their descriptor, not by their name.

// noFollow makes opening a symbolic link fail.
const noFollow = syscall.O_NOFOLLOW

// openDir opens a folder, and nothing that only leads to one.
func openDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(dir, os.O_RDONLY|syscall.O_DIRECTORY|noFollow, 0)
	if errors.Is(err, syscall.ELOOP) || errors.Is(err, syscall.ENOTDIR) {
		return nil, fmt.Errorf("%s is a link or no folder: name the folder itself", dir)
	}
	return f, err
}

// setMode changes a folder's mode, not that of what a link leads to.
func setMode(dir string, mode fs.FileMode) error {
	f, err := openDir(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Chmod(mode), f.Close())
}

// ownerOf is the number of a file's owner.
func ownerOf(info fs.FileInfo) (uid uint32, ok bool) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return stat.Uid, true
}

// isOurs tells whether a file belongs to this process's account or to root.
func isOurs(info fs.FileInfo) bool {
	uid, ok := ownerOf(info)
	return ok && (uid == 0 || int(uid) == os.Geteuid())
}

// checkRoot refuses a data folder that is a link or somebody else's.
func checkRoot(root string) error {
	f, err := openDir(root)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if !isOurs(info) {
		return fmt.Errorf("%s belongs to another account: choose another folder", root)
	}
	return nil
}

// cannotChange returns an error if the account could exchange a folder or one
// above it.
func (a *account) cannotChange(dir string) error {
	if a == nil {
		return nil
	}
	return above(dir, func(at string, info fs.FileInfo) error {
		if a.mayChange(info) {
			return fmt.Errorf("the account %s, under which root runs PostgreSQL, could exchange what is in %s: choose another folder", a.name, at)
		}
		return nil
	})
}

// above calls do with a folder and all above it, links resolved.
func above(dir string, do func(at string, info fs.FileInfo) error) error {
	at, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return err
	}
	for {
		info, err := os.Lstat(at)
		if err != nil {
			return err
		}
		if err := do(at, info); err != nil || at == filepath.Dir(at) {
			return err
		}
		at = filepath.Dir(at)
	}
}

// mayChange tells whether the account may rename and remove what others put
// into a folder.
func (a *account) mayChange(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || stat.Uid == a.uid {
		return true
	}
	if info.Mode()&fs.ModeSticky != 0 {
		return false
	}
	return info.Mode()&0o002 != 0 || (stat.Gid == a.gid && info.Mode()&0o020 != 0)
}

// adopt creates the folder of a cluster, or takes an existing one. Earlier
// versions gave it to the account under which root runs PostgreSQL: such a
// folder becomes root's first, and is only then looked into. It returns an
// error that wraps ErrInUse if an earlier version's server runs there.
func (a *account) adopt(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	f, err := openDir(dir)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // nothing is written to it
	// Two programs may come at once; the lock file does not count yet.
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		return err
	}
	if err := a.takeFolder(f); err != nil {
		return err
	}
	if a == nil {
		return nil
	}
	return dropForeign(dir)
}

// takeFolder makes an open folder this process's, if it may be.
func (a *account) takeFolder(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if a == nil {
		if !isOurs(info) {
			return fmt.Errorf("%s belongs to another account: choose another folder", f.Name())
		}
		return f.Chmod(0o700)
	}
	uid, ok := ownerOf(info)
	if ok && uid == 0 {
		return f.Chmod(0o711) // the account has to pass through
	}
	earlier := slices.ContainsFunc(unprivileged(), func(b account) bool { return b.uid == uid })
	if !ok || !earlier {
		return fmt.Errorf("%s belongs to the account number %d: choose another folder, or give it to root", f.Name(), uid)
	}
	if err := notInUse(filepath.Join(f.Name(), lockName)); err != nil {
		return err
	}
	return errors.Join(f.Chown(0, 0), f.Chmod(0o711))
}

// notInUse looks at the lock of an earlier version without changing anything.
func notInUse(lock string) error {
	f, err := os.OpenFile(lock, os.O_RDONLY|noFollow|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil //nolint:nilerr // none, or no lock of ours
	}
	return errors.Join(tryLock(f), unlockFile(f))
}

// dropForeign removes, from a folder that is root's by now, what its former
// owner may have put in the place of our own files.
func dropForeign(dir string) error {
	for _, name := range []string{lockName, logName, bootName, socketName} {
		path := filepath.Join(dir, name)
		info, err := os.Lstat(path)
		if errors.Is(err, fs.ErrNotExist) || (err == nil && isPlain(info) && isOurs(info)) {
			continue
		}
		if err = errors.Join(err, os.RemoveAll(path)); err != nil {
			return err
		}
	}
	return os.RemoveAll(filepath.Join(dir, oldSocketName))
}

// isPlain recognises a file that has one name only: a second one could be that
// of a file elsewhere.
func isPlain(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && info.Mode().IsRegular() && stat.Nlink == 1
}

// keeping returns the account that owns an existing data folder, so that a
// package that is installed later does not lock us out of it.
func (a *account) keeping(data string) (*account, error) {
	info, err := os.Lstat(data)
	if a == nil || errors.Is(err, fs.ErrNotExist) {
		return a, nil
	}
	if err != nil {
		return nil, err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.IsDir() {
		return nil, fmt.Errorf("%s is a link or no folder: remove it or choose another folder", data)
	}
	for _, known := range unprivileged() {
		if stat.Uid == known.uid {
			return &known, nil
		}
	}
	return nil, fmt.Errorf("%s belongs to the account number %d; remove it or choose another folder", data, stat.Uid)
}

// own gives a folder to the account, for it alone.
func (a *account) own(dir string) error {
	f, err := openDir(dir)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // nothing is written to it
	if a != nil {
		if err := f.Chown(int(a.uid), int(a.gid)); err != nil {
			return err
		}
	}
	return f.Chmod(0o700)
}

// owns tells whether a path is a folder of the account's or of this process's.
func (a *account) owns(dir string) bool {
	info, err := os.Lstat(dir)
	if err != nil || !info.IsDir() {
		return false
	}
	uid, ok := ownerOf(info)
	return ok && (int(uid) == os.Geteuid() || (a != nil && uid == a.uid))
}

// read reads a small file in a folder of the account: a plain one of its own.
func (a *account) read(path string) ([]byte, error) {
	const most = 4 << 10
	// Not to wait for ever where somebody has put a pipe.
	f, err := os.OpenFile(path, os.O_RDONLY|noFollow|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	uid, ok := ownerOf(info)
	if !ok || !isPlain(info) || (a != nil && uid != a.uid) {
		return nil, fmt.Errorf("%s is not PostgreSQL's: %w", path, fs.ErrPermission)
	}
	return io.ReadAll(io.LimitReader(f, most))
}

// replace puts a file of the account's in the place of another, in a folder of
// the account, where every name may be a link by now.
func (a *account) replace(path string, content []byte) error {
	root, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer root.Close() //nolint:errcheck // nothing is written through it any more
	name := filepath.Base(path)
	draft := name + ".sijil-" + strconv.Itoa(os.Getpid())
	if err := root.RemoveAll(draft); err != nil {
		return err
	}
	f, err := root.OpenFile(draft, os.O_CREATE|os.O_EXCL|os.O_WRONLY|noFollow, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if a != nil {
		err = errors.Join(err, f.Chown(int(a.uid), int(a.gid)))
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return root.Rename(draft, name)
}

// runs tells whether a process belongs to the account. The account writes the
// pid file: it must not be able to have root end another's process.
func (a *account) runs(ctx context.Context, pid int) bool {
	if a == nil {
		return true // then only our own can be ended
	}
	number := strconv.Itoa(pid)
	if info, err := os.Stat(filepath.Join("/proc", number)); err == nil {
		uid, ok := ownerOf(info)
		return ok && uid == a.uid
	}
	out, err := exec.CommandContext(ctx, "ps", "-o", "uid=", "-p", number).Output()
	return err == nil && strings.TrimSpace(string(out)) == strconv.Itoa(int(int32(a.uid))) //nolint:gosec // macOS prints nobody as -2
}
