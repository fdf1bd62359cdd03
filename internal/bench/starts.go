package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/sijil/sijil/internal/localpg"
	"github.com/sijil/sijil/internal/store"
)

// starting is a server that is started to be stopped again.
type starting struct {
	database string // from which it serves
	before   []string
	words    []string
	env      []string
	url      string // its first page
}

// measureStarts compares how long it takes from exec to the first page with miniflux, a
// program of one binary and a database too: with the schema in place, and in an empty
// database. Where it is not installed (go install miniflux.app/v2@latest), ours alone is told.
func (b *bench) measureStarts(ctx context.Context) error {
	miniflux, err := exec.LookPath("miniflux.app")
	if err != nil {
		b.missing = append(b.missing, "miniflux (go install miniflux.app/v2@latest)")
	}
	times := map[string][]float64{}
	take := func(name string, s starting) error {
		if err := store.EnsureDatabase(ctx, b.postgres.URL("postgres", localpg.Superuser), s.database); err != nil {
			return err
		}
		took, err := b.once(ctx, s)
		if err != nil {
			return fmt.Errorf("start of %s: %w", name, err)
		}
		times[name] = append(times[name], took.Seconds())
		return nil
	}
	for round := range b.rounds {
		say("starts, round %d of %d", round+1, b.rounds)
		empty := fmt.Sprintf("empty_%d", round)
		turns := map[string]starting{"ours, in place": b.ours(database), "ours, empty": b.ours(empty)}
		if miniflux != "" {
			theirs := fmt.Sprintf("miniflux_%d", round)
			if err := take("miniflux, empty", b.miniflux(miniflux, theirs)); err != nil {
				return err
			}
			turns["miniflux, in place"] = b.miniflux(miniflux, theirs)
		}
		for name, s := range turns {
			if err := take(name, s); err != nil {
				return err
			}
		}
	}
	b.begun = time.Duration(median(times["ours, in place"]) * float64(time.Second))
	if miniflux == "" {
		return nil
	}
	for _, x := range []struct {
		what, of, to   string
		floor, stretch float64
		control        bool
	}{
		{"from exec to the first page, schema in place / miniflux", "ours, in place", "miniflux, in place", 1.0 / 2, 1.0 / 3, false},
		{"from exec to the first page, empty database, migrations with it / miniflux", "ours, empty", "miniflux, empty", 1.0 / 5, 1.0 / 10, false},
		{"control: empty database / miniflux with its schema in place", "ours, empty", "miniflux, in place", 1.0 / 2, 1.0 / 3, true},
	} {
		r := row{id: "R1", what: x.what, floor: x.floor, stretch: x.stretch, less: true, control: x.control}
		r.ours, r.peer = figure(1000*median(times[x.of]))+" ms", figure(1000*median(times[x.to]))+" ms"
		for i := range times[x.of] {
			r.values = append(r.values, times[x.of][i]/times[x.to][i])
		}
		b.rows = append(b.rows, r)
	}
	return nil
}

// ours is the program as shipped, to the page that is asked for most; in a database other
// than that of the run, its schema is made first, and the first page is the front page.
func (b *bench) ours(from string) starting {
	s := starting{
		database: from, words: []string{b.in("sijil"), "serve"}, url: "http://" + b.at(atStart) + page,
		env: append(b.settings(from), "SIJIL_ADDR="+b.at(atStart), "SIJIL_DRAIN_NOTICE=0s"),
	}
	if from != database {
		s.before, s.url = []string{b.in("sijil"), "migrate", "up"}, "http://"+b.at(atStart)+"/fr/"
	}
	return s
}

func (b *bench) miniflux(program, from string) starting {
	return starting{
		database: from, words: []string{program}, url: "http://" + b.at(atStart) + "/healthcheck",
		env: []string{"DATABASE_URL=" + b.postgres.URL(from, localpg.Superuser), "RUN_MIGRATIONS=1", "LISTEN_ADDR=" + b.at(atStart)},
	}
}

// once starts a server, and returns how long it took to its first page.
func (b *bench) once(ctx context.Context, s starting) (took time.Duration, err error) {
	begin := time.Now()
	if len(s.before) > 0 {
		command := exec.CommandContext(ctx, "taskset", append([]string{"-c", "0"}, s.before...)...) //nolint:gosec // our own words
		command.Env = append(command.Environ(), "DATABASE_URL="+b.postgres.URL(s.database, localpg.Superuser))
		if out, err := command.CombinedOutput(); err != nil {
			return 0, fmt.Errorf("%s: %w\n%s", strings.Join(s.before, " "), err, out)
		}
	}
	if _, err := b.start(ctx, s.env, s.words...); err != nil {
		return 0, err
	}
	last := len(b.started) - 1
	command := b.started[last]
	if err = await(ctx, s.url); err != nil {
		err = fmt.Errorf("%w; its log is %s", err, b.log(last))
	}
	took = time.Since(begin)
	b.started = b.started[:last]
	err = errors.Join(err, command.Process.Signal(syscall.SIGTERM))
	_ = command.Wait() // it ends as it was told, with whatever status
	return took, err
}
