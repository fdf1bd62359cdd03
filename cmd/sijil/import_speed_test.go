//go:build linux

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/founding"
	"github.com/sijil/sijil/internal/localpg"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/testkit"
)

// What has TestImportSpeed run, as the task "bench:import" does: a file in VERIS, how many
// rounds, and programs of other revisions beside which this one is measured, by their
// paths with commas between.
const (
	speedVariable  = "SIJIL_TEST_IMPORT_SPEED"
	besideVariable = "SIJIL_TEST_IMPORT_BESIDE"
)

// mostInATransaction is how many records an import may publish in one.
const mostInATransaction = 200

// imported is what one import came to.
type imported struct {
	read            int
	wall            time.Duration
	program, server time.Duration // of CPU
}

func (i imported) rate() float64 { return float64(i.read) / i.wall.Seconds() }

func (i imported) String() string {
	each := func(d time.Duration) time.Duration {
		return (d / time.Duration(i.read)).Round(10 * time.Microsecond)
	}
	return fmt.Sprintf("%.0f records/s in %.2f s; CPU of a record: program %s, PostgreSQL %s, together %s",
		i.rate(), i.wall.Seconds(), each(i.program), each(i.server), each(i.program+i.server))
}

// TestImportSpeed imports a file and publishes it, on a server that forces each commit to
// the disk, into a database that is new each time. It prints how many records it reads in
// a second, from the start of the program to its end, with what both sides compute,
// and fails where something of it is not public in the end, or where a transaction made
// more records than it may.
func TestImportSpeed(t *testing.T) {
	rounds, err := strconv.Atoi(os.Getenv(speedVariable))
	if err != nil {
		t.Skipf("%s is no number of rounds (task bench:import)", speedVariable)
	}
	file := testkit.VERISFile()
	if file == "" {
		t.Fatal("SIJIL_TEST_VERIS names no file")
	}
	programs := []string{os.Args[0]}
	if beside := os.Getenv(besideVariable); beside != "" {
		programs = append(programs, strings.Split(beside, ",")...)
	}
	server, err := localpg.Start(t.Context(), localpg.Options{
		DataDir: serverDir(t), BinDir: os.Getenv("SIJIL_TEST_PG_BIN"), Getenv: os.Getenv,
		Memory: 128, // MB: what PostgreSQL takes where nobody says anything
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Stop(context.Background()) })
	all := map[string][]imported{}
	for round := range rounds {
		for n, program := range programs {
			s := &speed{t: t, server: server, name: fmt.Sprintf("round_%d_%d", round, n)}
			got := s.importFile(program, file)
			t.Logf("round %d, %s: %s; %s", round+1, filepath.Base(program), got, s.visible())
			all[program] = append(all[program], got)
		}
		slices.Reverse(programs)
	}
	for program, list := range all {
		slices.SortFunc(list, func(a, b imported) int { return int(a.wall - b.wall) })
		t.Logf("%s: %d rounds, median %s; from %.0f to %.0f records/s", filepath.Base(program), len(list),
			list[len(list)/2], list[len(list)-1].rate(), list[0].rate())
	}
}

// speed is one import, into a database of its own.
type speed struct {
	t      *testing.T
	server *localpg.Server
	name   string
}

func (s *speed) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// ask asks for one value, as a role.
func (s *speed) ask(role, sql string) (value string) {
	s.t.Helper()
	conn, err := pgx.Connect(s.t.Context(), s.server.URL(s.name, role))
	s.must(err)
	defer conn.Close(s.t.Context()) //nolint:errcheck // at the end of a question
	s.must(conn.QueryRow(s.t.Context(), sql).Scan(&value))
	return value
}

// importFile imports a file by a program.
func (s *speed) importFile(program, file string) imported {
	s.t.Helper()
	migrated(s.t, s.server, s.name)
	db, err := store.Open(s.t.Context(), s.server.URL(s.name, store.DeskLogin), store.DeskSide)
	s.must(err)
	_, _, err = founding.Hire(s.t.Context(), db)
	db.Close()
	s.must(err)
	for _, setting := range []string{"fsync", "synchronous_commit"} {
		if is := s.ask(store.DeskLogin, "SHOW "+setting); is != "on" {
			s.t.Fatalf("%s is %s", setting, is)
		}
	}
	// What the migrations wrote is not to be written to the disk meanwhile.
	admin(s.t, s.server, `CHECKPOINT`)

	cmd := exec.Command(program, "import", "veris", file, "--publish-as", "editor@example.org")
	cmd.Env = append(os.Environ(), programVariable+"=1", "DATABASE_URL="+s.server.URL(s.name, store.DeskLogin))
	before, begin := s.computed(), time.Now()
	said, err := cmd.CombinedOutput()
	wall := time.Since(begin)
	if err != nil {
		s.t.Fatalf("%s: %v\n%s", program, err, said)
	}
	return imported{
		read: s.number(`SELECT items FROM desk.import_runs WHERE finished_at IS NOT NULL`), wall: wall,
		program: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), server: s.computed() - before,
	}
}

func (s *speed) number(sql string) int {
	s.t.Helper()
	n, err := strconv.Atoi(s.ask(localpg.Superuser, `SELECT (`+sql+`)::text`))
	s.must(err)
	return n
}

// visible tells what the public role sees of an import, all of which has to be there.
func (s *speed) visible() string {
	s.t.Helper()
	public := func(sql string) int {
		n, err := strconv.Atoi(s.ask(store.PublicLogin, `SELECT (`+sql+`)::text`))
		s.must(err)
		return n
	}
	published := s.number(`SELECT published FROM desk.import_runs`)
	editions := public(`SELECT count(*) FROM record.editions`)
	for what, got := range map[string][2]int{
		"incidents":             {public(`SELECT count(*) FROM record.heads WHERE type = 'incident' AND state = 'published'`), published},
		"rows of incidents":     {public(`SELECT count(*) FROM record.incidents`), published},
		"incidents to be found": {public(`SELECT count(*) FROM record.search_rows WHERE type = 'incident' AND words @@ 'sj'::tsquery`), published},
		"leaves of editions":    {public(`SELECT count(*) FROM record.log_leaves WHERE type = 'edition' AND edition = 1`), editions},
		"records to be found":   {public(`SELECT count(*) FROM record.search_rows WHERE key = ''`), editions},
	} {
		if got[0] != got[1] || got[1] == 0 {
			s.t.Errorf("%s: %d, want %d", what, got[0], got[1])
		}
	}
	for _, table := range []string{"record.editions", "desk.origins"} {
		most := s.number(`SELECT max(n) FROM (SELECT count(*) AS n FROM ` + table + ` GROUP BY xmin::text) AS t`)
		if most > mostInATransaction {
			s.t.Errorf("a transaction wrote %d rows of %s", most, table)
		}
	}
	return fmt.Sprintf("public are %d incidents, %d editions, %d leaves, %d rows of search",
		published, editions, public(`SELECT count(*) FROM record.log_leaves`), public(`SELECT count(*) FROM record.search_rows`))
}

// computed is for how long PostgreSQL has computed, with all its processes, those that
// have ended among them.
func (s *speed) computed() time.Duration {
	s.t.Helper()
	content, err := os.ReadFile(filepath.Join(s.server.DataDir(), "data", "postmaster.pid"))
	s.must(err)
	postmaster, _, _ := strings.Cut(string(content), "\n")
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	s.must(err)
	ticks := 0
	for _, name := range stats {
		stat, err := os.ReadFile(name)
		if err != nil {
			continue // it has ended meanwhile
		}
		// Behind the name of the program: state, parent, …
		fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
		its := fields[11:13] // utime, stime
		switch {
		case name == "/proc/"+postmaster+"/stat":
			its = fields[11:15] // and of children that were waited for
		case fields[1] != postmaster:
			continue
		}
		for _, f := range its {
			n, err := strconv.Atoi(f)
			s.must(err)
			ticks += n
		}
	}
	return time.Duration(ticks) * 10 * time.Millisecond // USER_HZ is 100 on Linux
}
