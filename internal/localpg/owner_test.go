//go:build unix

package localpg_test

import (
	"errors"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/sijil/sijil/internal/localpg"
)

// serverAccount is the account under which root runs PostgreSQL.
func serverAccount(t *testing.T) (uid, gid int) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root has another account to be wary of")
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		u, err = user.Lookup("nobody")
	}
	if err != nil {
		t.Fatal(err)
	}
	uid, errUID := strconv.Atoi(u.Uid)
	gid, errGID := strconv.Atoi(u.Gid)
	if err := errors.Join(errUID, errGID); err != nil {
		t.Fatal(err)
	}
	return uid, gid
}

// asEarlier gives a cluster's folder to the account, as versions did that let
// it own everything there.
func asEarlier(t *testing.T, cluster string) {
	t.Helper()
	uid, gid := serverAccount(t)
	if err := errors.Join(os.Chown(cluster, uid, gid), os.Chmod(cluster, 0o700)); err != nil {
		t.Fatal(err)
	}
}

func ownerAndMode(t *testing.T, path string) (uid int, mode os.FileMode) {
	t.Helper()
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	return int(info.Sys().(*syscall.Stat_t).Uid), info.Mode().Perm()
}

// TestAccountOwnsItsDataOnly: and the data of an earlier version stays.
func TestAccountOwnsItsDataOnly(t *testing.T) {
	t.Parallel()
	account, _ := serverAccount(t)
	dir := openDir(t)
	server := start(t, options(dir))
	exec1(t, superuserURL(server), "CREATE TABLE kept (v text); INSERT INTO kept VALUES ('here')")
	stop(t, server)
	asEarlier(t, server.DataDir())
	server = start(t, options(dir))
	if got := ask(t, superuserURL(server), "SELECT v FROM kept"); got != "here" {
		t.Errorf("the earlier data: %q", got)
	}
	for name, want := range map[string]int{".": 0, "lock": 0, "server.log": 0, "data": account, "run": account} {
		if uid, _ := ownerAndMode(t, filepath.Join(server.DataDir(), name)); uid != want {
			t.Errorf("%s belongs to %d, want %d", name, uid, want)
		}
	}
	if _, mode := ownerAndMode(t, server.DataDir()); mode&0o022 != 0 {
		t.Errorf("the cluster's folder can be changed by others: %v", mode)
	}
}

// TestRootFollowsNoLink plays the account's owner who wants root to write
// elsewhere. Whether the start succeeds matters less than what it leaves alone.
func TestRootFollowsNoLink(t *testing.T) {
	t.Parallel()
	serverAccount(t)
	sleeper := exec.CommandContext(t.Context(), "sleep", "60")
	if err := sleeper.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sleeper.Wait() })
	for _, name := range []string{"lock", "server.log", "boot", "data/postmaster.pid"} {
		for _, how := range []string{"symbolic", "hard"} {
			t.Run(name+" "+how, func(t *testing.T) {
				t.Parallel()
				opts := options(openDir(t))
				opts.Volatile = true
				server := start(t, opts)
				stop(t, server)
				asEarlier(t, server.DataDir())
				precious := filepath.Join(openDir(t), "precious")
				content := strconv.Itoa(sleeper.Process.Pid) + "\nroot's\n"
				writeFile(t, precious, content, 0o600)
				link := map[string]func(string, string) error{"symbolic": os.Symlink, "hard": os.Link}[how]
				at := filepath.Join(server.DataDir(), name)
				if err := os.Remove(at); err != nil && !errors.Is(err, os.ErrNotExist) {
					t.Fatal(err)
				}
				if err := link(precious, at); err != nil {
					t.Fatal(err)
				}
				again, err := localpg.Start(t.Context(), opts)
				if err == nil {
					stop(t, again)
				} else if !strings.HasPrefix(name, "data/") {
					t.Errorf("a link in the place of %s stops the start: %v", name, err)
				}
				if got, err := os.ReadFile(precious); err != nil || string(got) != content {
					t.Errorf("root wrote through %s: %q (%v)", name, got, err)
				}
			})
		}
	}
}

// TestRootCreatesNothingElsewhere: a link may also lead to what is not there.
func TestRootCreatesNothingElsewhere(t *testing.T) {
	t.Parallel()
	serverAccount(t)
	opts := options(openDir(t))
	opts.Volatile = true
	server := start(t, opts)
	stop(t, server)
	asEarlier(t, server.DataDir())
	elsewhere := openDir(t)
	for _, name := range []string{"lock", "server.log", "boot"} {
		at := filepath.Join(server.DataDir(), name)
		if err := errors.Join(os.Remove(at), os.Symlink(filepath.Join(elsewhere, name), at)); err != nil {
			t.Fatal(err)
		}
	}
	start(t, opts)
	if made, err := os.ReadDir(elsewhere); err != nil || len(made) > 0 {
		t.Errorf("root created %v (%v)", made, err)
	}
}

// TestForeignSocketFolderStays: a note of the account is not believed.
func TestForeignSocketFolderStays(t *testing.T) {
	t.Parallel()
	serverAccount(t)
	opts := options(openDir(t))
	opts.Volatile = true
	server := start(t, opts)
	stop(t, server)
	victim, err := os.MkdirTemp("/tmp", "sijil-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(victim) })
	if err := os.Chown(victim, 12345, 12345); err != nil {
		t.Fatal(err)
	}
	asEarlier(t, server.DataDir())
	for _, note := range []string{"socket-folder", "socket-at"} {
		writeFile(t, filepath.Join(server.DataDir(), note), victim, 0o600)
	}
	start(t, opts)
	if !pathExists(victim) {
		t.Error("root removed another's folder")
	}
}

// TestFoldersThatAreRefused: links, and folders that somebody else could
// exchange while root works in them.
func TestFoldersThatAreRefused(t *testing.T) {
	t.Parallel()
	account, group := serverAccount(t)
	sample := start(t, options(openDir(t)))
	stop(t, sample)
	cluster := filepath.Base(sample.DataDir())
	for name, prepare := range map[string]func(data, elsewhere string) error{
		"the folder is a link": func(data, elsewhere string) error {
			return errors.Join(os.Remove(data), os.Symlink(elsewhere, data))
		},
		"the cluster is a link": func(data, elsewhere string) error {
			return os.Symlink(elsewhere, filepath.Join(data, cluster))
		},
		"the cluster is a stranger's": func(data, _ string) error {
			at := filepath.Join(data, cluster)
			return errors.Join(os.Mkdir(at, 0o700), os.Chown(at, 12345, 12345))
		},
		"the folder is a stranger's": func(data, _ string) error { return os.Chown(data, 12345, 12345) },
		"the folder is the account's": func(data, _ string) error {
			return os.Chown(data, account, group)
		},
		"the folder is open to all": func(data, _ string) error { return os.Chmod(data, 0o777) },
		"the data is a link": func(data, elsewhere string) error {
			at := filepath.Join(data, cluster)
			return errors.Join(os.Mkdir(at, 0o700), os.Symlink(elsewhere, filepath.Join(at, "data")), os.Lchown(at, account, group))
		},
	} {
		t.Run(name, func(t *testing.T) {
			opts, elsewhere := options(filepath.Join(openDir(t), "data")), openDir(t)
			if err := errors.Join(os.Mkdir(opts.DataDir, 0o755), os.Chmod(elsewhere, 0o750)); err != nil {
				t.Fatal(err)
			}
			if err := prepare(opts.DataDir, elsewhere); err != nil {
				t.Fatal(err)
			}
			server, err := localpg.Start(t.Context(), opts)
			if err == nil {
				stop(t, server)
				t.Error("accepted")
			}
			if uid, mode := ownerAndMode(t, elsewhere); uid != 0 || mode != 0o750 {
				t.Errorf("what the link leads to now belongs to %d, with mode %v", uid, mode)
			}
			if inside, err := os.ReadDir(elsewhere); err != nil || len(inside) > 0 {
				t.Errorf("root wrote there: %v (%v)", inside, err)
			}
		})
	}
}
