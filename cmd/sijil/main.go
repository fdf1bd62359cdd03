// Sijil is a public register of what institutions disclose about cybersecurity
// incidents. This is its one program; its subcommands are in files of their
// names.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/sijil/sijil/internal/capture"
)

const usage = `Sijil, a public register of what institutions disclose about cybersecurity incidents.

Usage: sijil <command> [flags]

  demo          publish the founding record in a private PostgreSQL and show it
  serve         serve in production (DATABASE_URL, SIJIL_PUBLIC_DATABASE_URL, …)
  user          add | list | reset: accounts of the desk, at the command line
  blobs         verify: compare every stored file with its hash and the database
  verify        check a register from outside: its public log, editions and documents
  backup        copy the database, the files and the log into a folder
  restore       bring a backup into an empty installation
  import        bring in records from files of others: VERIS, CSV, STIX
  export        write what is published in a format: all of it, one incident, or what filters choose
  log           init | rotate | retire | show: the keys that sign the public log
  gen           make up a register of any size in a private PostgreSQL, for measurements
  takedowns     list | purge: what was taken down by law, and its traces in the database's files
  migrate       up | down | status | version: change or show the database schema
  healthcheck   ask a running server whether it is well
  version       print which build this is, and with --modules what is built in

"sijil <command> -h" tells more about a command.`

// usageError is a wrong call: the program ends with code 2 and tells how it is
// used.
type usageError struct{ message string }

func (e *usageError) Error() string { return e.message }

// errHelp is returned when help was asked for and given.
var errHelp = errors.New("help was given")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second Ctrl-C ends the program at once.
	context.AfterFunc(ctx, stop)
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	stop()
	os.Exit(exitCode(err, os.Stderr))
}

// exitCode reports an error and returns the code to end with.
func exitCode(err error, stderr io.Writer) int {
	var wrongCall *usageError
	var coded *codeError
	switch {
	case errors.As(err, &coded):
		return coded.code
	case err == nil, errors.Is(err, errHelp):
		return 0
	case errors.As(err, &wrongCall):
		say(stderr, "sijil: %s\n\n%s", wrongCall.message, usage)
		return 2
	}
	// One line for each fault, as errors.Join has them.
	say(stderr, "sijil: %s", strings.ReplaceAll(err.Error(), "\n", "\n       "))
	return 1
}

// run is the program without the process: it ends when ctx does.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	if len(args) == 0 {
		return &usageError{"a command is missing"}
	}
	p := program{getenv: getenv, stdout: stdout, stderr: stderr}
	commands := map[string]func(context.Context, []string) error{
		"demo": p.demo, "gen": p.gen, "serve": p.serve, "user": p.user, "blobs": p.blobs, "log": p.log, "verify": p.verify,
		"export": p.export, "backup": p.backup, "restore": p.restore, "takedowns": p.takedowns, "migrate": p.migrate,
		"import": p.importFiles, "healthcheck": p.healthcheck, "version": p.version,
		capture.Subcommand: p.pdfWorker,
	}
	switch args[0] {
	case "help", "-h", "-help", "--help":
		say(stdout, "%s", usage)
		return errHelp
	}
	command, ok := commands[args[0]]
	if !ok {
		return &usageError{fmt.Sprintf("there is no command %q", args[0])}
	}
	return command(ctx, args[1:])
}

// program is what the subcommands have of the process.
type program struct {
	getenv         func(string) string
	stdout, stderr io.Writer
}

// say writes a line to the user. That nobody reads it is no reason to stop.
func say(w io.Writer, format string, args ...any) {
	_, _ = fmt.Fprintf(w, format+"\n", args...)
}
