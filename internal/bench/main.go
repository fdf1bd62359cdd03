// Command bench measures Sijil side by side with nginx, with Django and with bare
// prototypes, in one run on one machine, and prints a table of ratios for the README:
//
//	task bench            # the whole, about eight minutes
//	task bench -- -quick  # one round of a second, to see that it works
//
// The servers run on core 0, the load on core 1. What counts is the CPU time of all
// processes of a server, its database's among them, for a request; targets take turns,
// in an order that is reversed in each round, and a ratio is the median over the
// rounds. A peer that is not installed is left out, and the table says so. Beside each
// ratio that must be large enough stands a control that must not be.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// plan is how much is measured.
type plan struct {
	rounds int
	window time.Duration // of one target in one round
	filler int           // how many incidents there are besides
	port   int           // the first of twenty
	folder string
	only   string // a part of what is measured; empty: all
	quick  bool   // only whether all of it works
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) > 1 && args[0] == "prototype" {
		return prototype(ctx, args[1], args[2:])
	}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	quick := flags.Bool("quick", false, "one round of a second each, to see that all of it works: what is missed is said, and is no error")
	rounds := flags.Int("rounds", 5, "rounds of the whole")
	port := flags.Int("port", 8600, "first of twenty ports that are free")
	only := flags.String("only", "", "one part: "+strings.Join(partNames(), ", "))
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *only != "" && !slices.Contains(partNames(), *only) {
		return fmt.Errorf("-only %s: there is %s", *only, strings.Join(partNames(), ", "))
	}
	p := plan{rounds: *rounds, window: 3 * time.Second, filler: filler, port: *port, only: *only, quick: *quick}
	if *quick {
		p.rounds, p.window, p.filler = 1, time.Second, filler/20
	}
	var err error
	if p.folder, err = os.MkdirTemp("", "sijil-bench-"); err != nil {
		return err
	}
	if err := os.Chmod(p.folder, 0o755); err != nil { //nolint:gosec // nginx and PostgreSQL run under other accounts
		return err
	}
	defer os.RemoveAll(p.folder) //nolint:errcheck // it is the system's folder for such
	b, err := prepare(ctx, p)
	if err != nil {
		return errors.Join(err, b.close()) //nolint:contextcheck // what was started is stopped also when ctx has ended
	}
	err = b.measure(ctx)
	_, told := fmt.Fprintln(os.Stdout, b.table())
	return errors.Join(err, told, b.close(), b.verdict()) //nolint:contextcheck // as above
}

// in is a path in the folder of the run.
func (p plan) in(name string) string { return filepath.Join(p.folder, name) }

// at is an address of the run.
func (p plan) at(n int) string { return fmt.Sprintf("127.0.0.1:%d", p.port+n) }
