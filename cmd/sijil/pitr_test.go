//go:build linux

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/founding"
	"github.com/sijil/sijil/internal/localpg"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/verify"
)

// pitrVariable has TestPointInTime run, as the task "pitr" does.
const pitrVariable = "SIJIL_TEST_PITR"

// archive is a repository of pgBackRest's for a cluster.
type archive struct {
	t      *testing.T
	server *localpg.Server
	dir    string
	config string
	owner  *syscall.Credential // of the cluster
}

// TestPointInTime archives the write-ahead log of a cluster with pgBackRest, as
// OPERATIONS.md says, and restores it elsewhere to a moment: what was published by
// then is there, what came later is not, and the log continues the checkpoint of
// before.
func TestPointInTime(t *testing.T) {
	if os.Getenv(pitrVariable) == "" {
		t.Skipf("%s is not set (task pitr)", pitrVariable)
	}
	if _, err := exec.LookPath("pgbackrest"); err != nil {
		t.Skip("pgBackRest is not installed (Debian: apt install pgbackrest)")
	}
	options := localpg.Options{DataDir: serverDir(t), BinDir: os.Getenv("SIJIL_TEST_PG_BIN"), Getenv: os.Getenv}
	server, _ := productionOn(t, options)
	a := newArchive(t, server)
	admin(t, server, `ALTER SYSTEM SET archive_mode = on`, `ALTER SYSTEM SET archive_command = '`+strings.Join(a.command("archive-push", "%p"), " ")+`'`)
	a.must(server.Stop(t.Context()))
	server, err := localpg.Start(t.Context(), options)
	a.must(err)
	t.Cleanup(func() { _ = server.Stop(context.Background()) })
	a.run("stanza-create")
	p := newPress(t, server.URL("sijil", store.DeskLogin), nil)
	_, err = founding.Publish(t.Context(), p.db, time.Now)
	p.must(err)
	a.run("backup", "--type=full", "--start-fast")

	wanted := p.series("avant", 5)
	since, err := shownBy(t, server.URL("sijil", store.PublicLogin)).Fetch(t.Context(), "checkpoint")
	p.must(err)
	moment := a.ask(server, `SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') || '+00'`)
	time.Sleep(50 * time.Millisecond) // another moment
	later := p.series("apres", 5)
	beyond, err := shownBy(t, server.URL("sijil", store.PublicLogin)).Fetch(t.Context(), "checkpoint")
	p.must(err)
	a.ask(server, `SELECT pg_switch_wal()::text`)
	a.run("check")

	restored := a.restoreTo(moment)
	got := publicSlugs(t, restored.URL("sijil", localpg.Superuser))
	slices.Sort(wanted)
	if !slices.Equal(got, wanted) {
		t.Errorf("at %s there are %v, want %v", moment, got, wanted)
	}
	newPress(t, restored.URL("sijil", store.DeskLogin), p.keys).sign()
	outside := shownBy(t, restored.URL("sijil", store.PublicLogin))
	r := verify.Log(t.Context(), outside, verify.Options{Since: since})
	if r.Verdict() != verify.Proved {
		t.Errorf("since the checkpoint of before: %s: %+v", r.Verdict(), r.Problems)
	}
	t.Logf("restored to %s: %d of %d institutions, %d editions in the log; since the checkpoint of before: %s", moment, len(got), len(wanted)+len(later), r.Editions, r.Verdict())
	// The control: a later checkpoint shows that the log went back.
	r = verify.Log(t.Context(), outside, verify.Options{Since: beyond})
	if r.Verdict() == verify.Proved {
		t.Error("control: that the log went back is not seen")
	}
	t.Logf("control: since the checkpoint of after: %s", r.Verdict())
}

// newArchive writes pgBackRest's configuration, in folders that PostgreSQL's
// account can write.
func newArchive(t *testing.T, server *localpg.Server) *archive {
	t.Helper()
	a := &archive{t: t, server: server, dir: serverDir(t)}
	data := filepath.Join(server.DataDir(), "data")
	info, err := os.Stat(data)
	a.must(err)
	if of, ok := info.Sys().(*syscall.Stat_t); ok {
		a.owner = &syscall.Credential{Uid: of.Uid, Gid: of.Gid}
	}
	for _, name := range []string{"repo", "log", "lock", "spool", "restored"} {
		a.folder(filepath.Join(a.dir, name), 0o750)
	}
	at, err := pgx.ParseConfig(server.URL("postgres", localpg.Superuser))
	a.must(err)
	a.config = filepath.Join(a.dir, "pgbackrest.conf")
	a.must(os.WriteFile(a.config, []byte(fmt.Sprintf(`[global]
repo1-path=%[1]s/repo
repo1-retention-full=2
repo1-cipher-type=aes-256-cbc
repo1-cipher-pass=a-word-for-a-test
log-path=%[1]s/log
lock-path=%[1]s/lock
spool-path=%[1]s/spool
log-level-console=warn
[sijil]
pg1-path=%[2]s
pg1-socket-path=%[3]s
pg1-port=%[4]d
pg1-user=%[5]s
pg1-database=postgres
`, a.dir, data, at.Host, at.Port, localpg.Superuser)), 0o644))
	return a
}

func (a *archive) must(err error) {
	a.t.Helper()
	if err != nil {
		a.t.Fatal(err)
	}
}

func (a *archive) folder(path string, mode os.FileMode) {
	a.t.Helper()
	a.must(os.Mkdir(path, mode))
	if os.Getuid() == 0 {
		a.must(os.Chown(path, int(a.owner.Uid), int(a.owner.Gid)))
	}
}

func (a *archive) command(words ...string) []string {
	return append([]string{"pgbackrest", "--config=" + a.config, "--stanza=sijil"}, words...)
}

// run runs pgBackRest as PostgreSQL's account.
func (a *archive) run(words ...string) {
	a.t.Helper()
	ctx, cancel := context.WithTimeout(a.t.Context(), 2*time.Minute)
	defer cancel()
	all := a.command(words...)
	command := exec.CommandContext(ctx, all[0], all[1:]...)
	command.Dir, command.Env = a.dir, []string{"PATH=/usr/bin:/bin", "LC_ALL=C"}
	if os.Getuid() == 0 {
		command.SysProcAttr = &syscall.SysProcAttr{Credential: a.owner}
	}
	out, err := command.CombinedOutput()
	if err != nil {
		a.t.Fatalf("%s: %v: %s", strings.Join(words, " "), err, out)
	}
	a.t.Logf("pgbackrest %s %s", strings.Join(words, " "), out)
}

// ask asks a server for one value, past the program.
func (a *archive) ask(server *localpg.Server, sql string) (answer string) {
	a.t.Helper()
	connection, err := pgx.Connect(a.t.Context(), server.URL("sijil", localpg.Superuser))
	a.must(err)
	defer connection.Close(context.Background()) //nolint:errcheck // it was only asked
	a.must(connection.QueryRow(a.t.Context(), sql).Scan(&answer))
	return answer
}

// restoreTo restores the cluster elsewhere as it was at a moment, and starts it.
func (a *archive) restoreTo(moment string) *localpg.Server {
	a.t.Helper()
	root := serverDir(a.t)
	cluster := filepath.Join(root, filepath.Base(a.server.DataDir()))
	a.must(os.Mkdir(cluster, 0o755))
	data := filepath.Join(cluster, "data")
	a.folder(data, 0o700)
	a.run("--pg1-path="+data, "--type=time", "--target="+moment, "--target-action=promote", "restore")
	restored, err := localpg.Start(a.t.Context(), localpg.Options{DataDir: root, BinDir: a.server.BinDir(), Getenv: os.Getenv})
	a.must(err)
	a.t.Cleanup(func() { _ = restored.Stop(context.Background()) })
	for begin := time.Now(); a.ask(restored, "SELECT pg_is_in_recovery()::text") != "false"; time.Sleep(50 * time.Millisecond) {
		if time.Since(begin) > time.Minute {
			a.t.Fatal("the restored cluster stays in recovery")
		}
	}
	return restored
}
