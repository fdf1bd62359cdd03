package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/sijil/sijil/internal/config"
	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/intake"
	"github.com/sijil/sijil/internal/memory"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// importing is what "import" is told.
type importing struct {
	format    register.ImportFormat
	files     []string
	publishAs string // e-mail of who publishes; "" for drafts
	mapping   []byte // of CSV
}

// importFiles brings records in from files of others.
func (p program) importFiles(ctx context.Context, args []string) error {
	flags := p.newFlags("import", "veris FILE... | csv FILE --map MAPPING | stix BUNDLE | register FILE --publish-as E-MAIL",
		"veris     incidents in VERIS 1.3.4: JSON, one object a line, an array of them or one\n"+
			"csv       rows of a table, by a mapping in YAML that says what its columns are\n"+
			"stix      incidents, organisations, reports and notes of a bundle of STIX 2.1\n"+
			"register  a whole register as \"sijil export jsonl\" writes it, into an empty installation: the same editions, with the same hashes\n\n"+
			"What a file holds becomes drafts of the account \"Import\". What cannot be read is left out and told, with its line; what has\n"+
			"no place in the register is kept word for word with the draft. The same file, brought in again, makes nothing; after a\n"+
			"stop in the middle it goes on from there. FILE may be - for standard input, which cannot be resumed.\n\n"+
			"DATABASE_URL is as for \"sijil serve\".")
	publishAs := flags.String("publish-as", "", "with \"veris\": publish what is valid, in the name of the editor with this `e-mail`, who answers for it")
	mapping := flags.String("map", "", "with \"csv\": `file` with the mapping")
	words, err := parseWords(flags, args)
	if err != nil {
		return err
	}
	told, err := readTold(words, *publishAs, *mapping)
	if err != nil {
		return err
	}
	databaseURL, err := config.DatabaseURL(p.getenv)
	if err != nil {
		return err
	}
	db, err := openSide(ctx, "DATABASE_URL", databaseURL, store.ImportSide, store.CheckDesk)
	if err != nil {
		return err
	}
	defer db.Close()
	memory.Spend(p.getenv) // most of what an import makes is let go of at once
	if told.format == importRegister {
		return p.rebuild(ctx, db, told)
	}
	return p.importAll(ctx, db, told)
}

// readTold checks how the command was called.
func readTold(words []string, publishAs, mapping string) (importing, error) {
	if len(words) < 2 || words[0] != importRegister && !slices.Contains(register.ImportFormats(), register.ImportFormat(words[0])) {
		return importing{}, &usageError{"import: it is veris FILE..., csv FILE --map MAPPING, stix BUNDLE, or register FILE"}
	}
	told := importing{format: register.ImportFormat(words[0]), files: words[1:], publishAs: publishAs}
	switch {
	case (told.format == register.ImportCSV) != (mapping != ""):
		return told, &usageError{"import: csv needs --map, and nothing else does"}
	case publishAs != "" && (told.format == register.ImportCSV || told.format == register.ImportSTIX):
		return told, &usageError{"import: --publish-as is not for csv and stix: what they hold is looked at before it is published"}
	case mapping == "":
		return told, nil
	}
	var err error
	told.mapping, err = os.ReadFile(mapping) //nolint:gosec // the operator names it
	return told, err
}

// parseWords reads words with flags before, between or after them.
func parseWords(flags *flag.FlagSet, args []string) ([]string, error) {
	var words []string
	for {
		rest, err := parse(flags, args, len(args))
		if err != nil || len(rest) == 0 {
			return words, err
		}
		words, args = append(words, rest[0]), rest[1:]
	}
}

func (p program) importAll(ctx context.Context, db *store.DB, told importing) error {
	e := editorial.New(db, time.Now)
	service, err := e.Importer(ctx)
	if err != nil {
		return err
	}
	publisher, err := findPublisher(ctx, db, told)
	if err != nil {
		return err
	}
	for _, name := range told.files {
		if err := p.importFile(ctx, e, service, publisher, told, name); err != nil {
			return interrupted(ctx, fmt.Errorf("import %s: %w", name, err))
		}
	}
	return nil
}

// findPublisher finds who publishes; nobody where drafts are wanted.
func findPublisher(ctx context.Context, db *store.DB, told importing) (*editorial.Publisher, error) {
	if told.publishAs == "" {
		return nil, nil //nolint:nilnil // nobody is an answer
	}
	who, err := desk.New(db.Querier()).StaffByEmail(ctx, told.publishAs)
	switch {
	case errors.Is(err, register.ErrNotFound):
		return nil, &usageError{fmt.Sprintf("import: --publish-as: no account has the address %s", told.publishAs)}
	case err != nil:
		return nil, err
	case who.DeactivatedAt != nil || !who.Role.Can(register.MayPublishImport):
		return nil, &usageError{fmt.Sprintf("import: --publish-as: %s may not publish imports; editors may whose account is active", told.publishAs)}
	}
	return &editorial.Publisher{Actor: register.Actor{ID: who.ID, Role: who.Role}, Reason: intake.Reason(told.format)}, nil
}

func (p program) importFile(
	ctx context.Context, e *editorial.Editorial, service register.Actor, publisher *editorial.Publisher, told importing, name string,
) error {
	file, run, size, err := openImport(name, told.mapping)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // it was only read
	run.Format = told.format
	progress := p.newProgress(size)
	reader, err := intake.NewReader(told.format, progress.count(file), told.mapping, edtf.DayOf(time.Now()))
	if err != nil {
		return err
	}
	i, err := e.BeginImport(ctx, service, publisher, run)
	if err != nil {
		return err
	}
	if i.Resumed {
		say(p.stdout, "%s: goes on after %d lines.", name, i.Items)
	}
	err = intake.Run(ctx, e, i, reader, intake.Telling{Brought: progress.tell, Refused: func(err error) {
		say(p.stderr, "A batch was refused, and is tried in halves: %v", err)
	}})
	progress.end()
	if err != nil {
		say(p.stderr, "Stopped after %d lines, which stay; run the same command again to go on.", i.Items)
		return err
	}
	return p.reportImport(ctx, e, i, name)
}

// openImport opens a file and says what tells it from others. A stream has nothing
// that does.
func openImport(name string, mapping []byte) (io.ReadCloser, register.ImportRun, int64, error) {
	if name == "-" {
		return os.Stdin, register.ImportRun{Name: "standard input"}, 0, nil
	}
	file, err := os.Open(name) //nolint:gosec // the operator names it
	if err != nil {
		return nil, register.ImportRun{}, 0, err
	}
	sum := sha256.New()
	_, _ = sum.Write(mapping) // into memory
	size, err := io.Copy(sum, file)
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, register.ImportRun{}, 0, errors.Join(err, file.Close())
	}
	return file, register.ImportRun{Name: filepath.Base(name), SHA256: hex.EncodeToString(sum.Sum(nil))}, size, nil
}

// reportImport tells what became of a file, line by line where something did not.
func (p program) reportImport(ctx context.Context, e *editorial.Editorial, i *editorial.Importing, name string) error {
	say(p.stdout, "%s: %d read, %d made (%d published), %d known, %d left out. Institutions: %d made, %d recognised.",
		name, i.Items, i.Made, i.Published, i.Known, i.Skipped, i.InstitutionsMade, i.InstitutionsRecognised)
	return e.EachNote(ctx, i, func(n register.ImportNote) {
		what := "left out"
		if n.Draft {
			what = "stays a draft"
		}
		line := fmt.Sprintf("line %d: %s: %s", n.Line, what, n.Reason)
		if n.Detail != "" {
			line += " (" + n.Detail + ")"
		}
		if n.OriginID != "" {
			line += ", " + n.OriginID
		}
		say(p.stdout, "%s", line)
	})
}
