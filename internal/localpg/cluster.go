package localpg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// cluster is a data folder that this process has locked, with what is needed
// to run a server on it:
//
//	lock         held while a server is wanted
//	data         PostgreSQL's own
//	run          the socket, unless its path would be too long
//	socket-at    where the socket is then
//	boot         the machine's start that a volatile cluster has seen
//	server.log   what PostgreSQL says
//
// Where root runs PostgreSQL under another account, only data and run belong to
// that account. All else is root's, and so is the folder: what root opens and
// writes by name there, the account cannot replace by a link to elsewhere.
type cluster struct {
	opts      Options
	bin       binaries
	runAs     *account // nil: this process's own
	dir       string
	socketDir string
	tempDir   string // the socket's folder, if it is a temporary one
	lock      *os.File
}

// The files of a cluster that are this program's.
const (
	lockName   = "lock"
	logName    = "server.log"
	bootName   = "boot"
	socketName = "socket-at"
	// oldSocketName was in a folder of the account's, where nothing could be
	// believed: it is removed unread.
	oldSocketName = "socket-folder"
)

func (c *cluster) data() string            { return filepath.Join(c.dir, "data") }
func (c *cluster) pidFile() string         { return filepath.Join(c.data(), "postmaster.pid") }
func (c *cluster) file(name string) string { return filepath.Join(c.dir, name) }

// openCluster creates and locks the folders of a cluster. The major version is
// part of the name, so that an upgrade of PostgreSQL never opens old data.
func openCluster(opts Options, bin binaries, runAs *account) (*cluster, error) {
	root, err := filepath.Abs(opts.DataDir)
	if err != nil {
		return nil, fmt.Errorf("localpg: data folder: %w", err)
	}
	c := &cluster{opts: opts, bin: bin, runAs: runAs, dir: filepath.Join(root, "postgresql-"+strconv.Itoa(bin.major))}
	if err := c.makeFolders(root); err != nil {
		return nil, fmt.Errorf("localpg: data folder %s: %w", root, err)
	}
	if c.lock, err = lockFile(c.file(lockName)); err != nil {
		return nil, fmt.Errorf("localpg: %s: %w", root, err)
	}
	if err := c.chooseSocketDir(); err != nil {
		return nil, errors.Join(fmt.Errorf("localpg: socket folder: %w", err), c.close())
	}
	return c, nil
}

// makeFolders creates the folders, or makes sure that nobody but us and root
// can have put them there or can exchange them.
func (c *cluster) makeFolders(root string) error {
	mode := os.FileMode(0o700)
	if c.runAs != nil {
		mode = 0o755 // another account has to pass through
	}
	if err := makeDirs(root, mode); err != nil {
		return err
	}
	if err := checkRoot(root); err != nil {
		return err
	}
	if err := c.runAs.canReach(root); err != nil {
		return err
	}
	if err := c.runAs.cannotChange(root); err != nil {
		return err
	}
	if err := c.runAs.adopt(c.dir); err != nil {
		return err
	}
	var err error
	c.runAs, err = c.runAs.keeping(c.data())
	return err
}

// ownDir creates a folder that belongs to PostgreSQL's account alone.
func (c *cluster) ownDir(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	return c.runAs.own(dir)
}

// chooseSocketDir takes <cluster>/run, or a short temporary folder where that
// path is too long for a socket or has a comma, which separates addresses.
func (c *cluster) chooseSocketDir() error {
	c.socketDir = filepath.Join(c.dir, "run")
	// What an earlier server left is stale: the lock is ours.
	if err := errors.Join(os.RemoveAll(c.socketDir), c.dropTempDir()); err != nil {
		return err
	}
	longest := filepath.Join(c.socketDir, ".s.PGSQL."+socketPort+".lock")
	if len(longest) <= maxSocketPath && !strings.Contains(longest, ",") {
		return c.ownDir(c.socketDir)
	}
	dir, err := os.MkdirTemp("/tmp", "sijil-")
	if err != nil {
		return err
	}
	c.socketDir, c.tempDir = dir, dir
	// Noted, so that it can be removed after a crash.
	if err := writeNote(c.file(socketName), []byte(dir)); err != nil {
		return err
	}
	return c.runAs.own(dir)
}

// dropTempDir removes the temporary socket folder of this or an earlier run. By
// now another may have the name: only the account's or our own is removed.
func (c *cluster) dropTempDir() error {
	note, err := os.ReadFile(c.file(socketName))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	dir := string(note)
	if filepath.Dir(dir) == "/tmp" && strings.HasPrefix(filepath.Base(dir), "sijil-") && c.runAs.owns(dir) {
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
	}
	return os.Remove(c.file(socketName))
}

// close gives the folder free. The server must have ended.
func (c *cluster) close() error {
	return errors.Join(c.dropTempDir(), unlockFile(c.lock))
}

// start makes the cluster if it is new and runs a server on it until it is
// ready.
func (c *cluster) start(ctx context.Context) (*process, error) {
	ctx, cancel := context.WithTimeout(ctx, startDeadline)
	defer cancel()
	if err := c.settle(ctx); err != nil {
		return nil, err
	}
	if c.opts.Volatile {
		return c.startVolatile(ctx)
	}
	if err := c.createIfNew(ctx); err != nil {
		return nil, err
	}
	return c.launchUntilReady(ctx)
}

// startVolatile trusts no data that was never forced to the disk and has seen
// the machine restart since.
func (c *cluster) startVolatile(ctx context.Context) (*process, error) {
	note := c.file(bootName)
	boot, _ := os.ReadFile("/proc/sys/kernel/random/boot_id") // other systems: empty, and a damaged cluster shows at the start
	if seen, err := os.ReadFile(note); err == nil && string(seen) != string(boot) {
		if err := os.RemoveAll(c.data()); err != nil {
			return nil, fmt.Errorf("localpg: %w", err)
		}
	}
	if err := writeNote(note, boot); err != nil {
		return nil, fmt.Errorf("localpg: %w", err)
	}
	if err := c.createIfNew(ctx); err != nil {
		return nil, err
	}
	proc, err := c.launchUntilReady(ctx)
	if err == nil || ctx.Err() != nil {
		return proc, err
	}
	if err := os.RemoveAll(c.data()); err != nil {
		return nil, fmt.Errorf("localpg: %w", err)
	}
	if err := c.createIfNew(ctx); err != nil {
		return nil, err
	}
	return c.launchUntilReady(ctx)
}

func (c *cluster) createIfNew(ctx context.Context) error {
	if exists(filepath.Join(c.data(), "PG_VERSION")) {
		return nil
	}
	return c.create(ctx)
}

// create runs initdb beside the final place and then moves the result there, so
// that an interrupted one leaves nothing that looks like a cluster. The account
// cannot make the folder itself: the one around it is not its own.
func (c *cluster) create(ctx context.Context) error {
	c.opts.say("Creating a private PostgreSQL %s cluster in %s", c.bin.version, c.dir)
	draft, err := c.newDraft()
	if err != nil {
		return fmt.Errorf("localpg: %w", err)
	}
	if c.opts.StandbyOf != nil {
		return c.copyFrom(ctx, c.opts.StandbyOf, draft)
	}
	args := []string{
		"-D", draft, "-U", Superuser, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8",
		"--data-checksums", "--no-instructions",
	}
	if c.opts.Volatile {
		args = append(args, "--no-sync")
	}
	cmd := c.command(exec.CommandContext(ctx, filepath.Join(c.bin.dir, "initdb"), args...))
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("localpg: initdb: %w\n%s", err, out)
	}
	if err := os.Rename(draft, c.data()); err != nil {
		return fmt.Errorf("localpg: %w", err)
	}
	return nil
}

// newDraft makes a folder of its own for initdb, and removes those that
// interrupted ones left. Their processes may still be at work there for a
// moment, which is why no name is used again and what cannot be removed now is
// left for the next time.
func (c *cluster) newDraft() (string, error) {
	old, err := filepath.Glob(c.data() + ".new*")
	if err != nil {
		return "", err
	}
	for _, dir := range old {
		_ = os.RemoveAll(dir)
	}
	draft, err := os.MkdirTemp(c.dir, "data.new-")
	if err != nil {
		return "", err
	}
	return draft, c.runAs.own(draft)
}

// command gives a child its folder, environment and account.
func (c *cluster) command(cmd *exec.Cmd) *exec.Cmd {
	cmd.Dir = c.dir
	cmd.Env = childEnv(c.dir)
	c.runAs.apply(cmd)
	return cmd
}

// settings are given on the command line, where no file in the data folder can
// undo them.
func (c *cluster) settings() []string {
	set := []string{
		"listen_addresses=",
		// A list, in which quotes protect blanks.
		`unix_socket_directories="` + strings.ReplaceAll(c.socketDir, `"`, `""`) + `"`,
		"unix_socket_permissions=0700",
		"port=" + socketPort,
		fmt.Sprintf("shared_buffers=%dMB", c.memory()),
		"timezone=UTC",
		"log_timezone=UTC",
		"cluster_name=sijil",
	}
	if c.opts.Volatile {
		set = append(set, "fsync=off", "synchronous_commit=off", "full_page_writes=off",
			"autovacuum=off", "wal_level=minimal", "max_wal_senders=0")
	}
	if c.opts.Filling {
		set = append(set, "fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off",
			"wal_level=minimal", "max_wal_senders=0", "max_wal_size=8GB", "checkpoint_timeout=1h")
	}
	args := []string{"-D", c.data()}
	for _, s := range set {
		args = append(args, "-c", s)
	}
	return args
}

func (c *cluster) memory() int {
	switch {
	case c.opts.Memory > 0:
		return c.opts.Memory
	case c.opts.Filling:
		return 512
	}
	return 64
}

// sync forces the files of a server that stands to the disk.
func (c *cluster) sync(ctx context.Context) error {
	cmd := c.command(exec.CommandContext(ctx, filepath.Join(c.bin.dir, "initdb"), "--sync-only", "-D", c.data()))
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("localpg: initdb --sync-only: %w\n%s", err, out)
	}
	return nil
}

// launchUntilReady starts the server and waits. It tries again while the
// children of a killed predecessor still hold its shared memory.
func (c *cluster) launchUntilReady(ctx context.Context) (*process, error) {
	const heldByChildren = "pre-existing shared memory block"
	for {
		proc, said, err := c.launch(ctx)
		if err == nil || !strings.Contains(said, heldByChildren) || ctx.Err() != nil {
			return proc, err
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// launch starts the server once. Where it fails, it also returns what the
// server said.
func (c *cluster) launch(ctx context.Context) (*process, string, error) {
	log, err := os.OpenFile(c.file(logName), os.O_CREATE|os.O_WRONLY|os.O_APPEND|noFollow, 0o600)
	if err != nil {
		return nil, "", fmt.Errorf("localpg: %w", err)
	}
	defer log.Close() //nolint:errcheck // the child has its own descriptor
	offset, err := trimLog(log)
	if err != nil {
		return nil, "", fmt.Errorf("localpg: %w", err)
	}
	// Not bound to the context, which ends with the start.
	cmd := c.command(exec.Command(filepath.Join(c.bin.dir, "postgres"), c.settings()...)) //nolint:noctx // found by locate
	cmd.Stdout, cmd.Stderr = log, log
	proc, err := startProcess(cmd)
	if err != nil {
		return nil, "", fmt.Errorf("localpg: %w", err)
	}
	if err := c.awaitReady(ctx, proc); err != nil {
		ended, cancel := context.WithCancel(ctx)
		cancel() // no patience with a server that did not come up
		said := lastLines(c.file(logName), offset)
		return nil, said, errors.Join(fmt.Errorf("localpg: PostgreSQL did not start: %w\n%s", err, said), proc.end(ended))
	}
	return proc, "", nil
}

// trimLog empties a log that has grown large and returns where it ends now.
func trimLog(log *os.File) (int64, error) {
	const large = 4 << 20
	info, err := log.Stat()
	if err != nil {
		return 0, err
	}
	if info.Size() < large {
		return info.Size(), nil
	}
	return 0, log.Truncate(0)
}

// awaitReady waits until the server says in its pid file that it accepts
// connections: cheaper than to try connecting, and the file is removed last.
func (c *cluster) awaitReady(ctx context.Context, proc *process) error {
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-proc.done:
			return fmt.Errorf("it ended: %w", errors.Join(proc.err, errors.New("see its log")))
		case <-tick.C:
			pid, status := c.readPidFile()
			if pid == proc.pid && status == "ready" {
				return nil
			}
		}
	}
}

// readPidFile returns the server's process and its status, the first and the
// eighth line of postmaster.pid; zero if there is no such file.
func (c *cluster) readPidFile() (pid int, status string) {
	text, err := c.runAs.read(c.pidFile())
	if err != nil {
		return 0, ""
	}
	lines := strings.Split(string(text), "\n")
	pid, err = strconv.Atoi(strings.TrimSpace(lines[0]))
	if err != nil || pid <= 1 { // to a signal, smaller numbers mean many processes
		return 0, ""
	}
	if len(lines) >= 8 {
		status = strings.TrimSpace(lines[7])
	}
	return pid, status
}

// settle deals with what an earlier program left behind. The lock is ours, so a
// server that still runs here belongs to nobody: it is stopped. A pid file that
// names a process of another kind (numbers are used again, in containers almost
// always) is made to name this process, the server's parent, which PostgreSQL
// takes for stale; removing the file would also remove the note by which it
// knows that no child of a killed server is left.
func (c *cluster) settle(ctx context.Context) error {
	pid, _ := c.readPidFile()
	if pid == 0 || !alive(pid) {
		return nil
	}
	if c.runAs.runs(ctx, pid) && strings.Contains(commandLine(ctx, pid), c.data()) {
		if err := c.endForeign(ctx, pid); err != nil {
			return fmt.Errorf("localpg: a server is left in %s (process %d): %w", c.dir, pid, err)
		}
		return nil
	}
	text, err := c.runAs.read(c.pidFile())
	if err != nil {
		return nil //nolint:nilerr // it has gone by itself
	}
	_, rest, _ := strings.Cut(string(text), "\n")
	return c.runAs.replace(c.pidFile(), []byte(strconv.Itoa(os.Getpid())+"\n"+rest))
}
