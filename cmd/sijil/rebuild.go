package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// importRegister is what "import" calls the lossless export of a whole register.
const importRegister = "register"

// rebuild reads the lossless export of a register back into an empty installation.
func (p program) rebuild(ctx context.Context, db *store.DB, told importing) error {
	if len(told.files) != 1 || told.publishAs == "" {
		return &usageError{"import: it is register FILE --publish-as E-MAIL"}
	}
	publisher, err := findPublisher(ctx, db, told)
	if err != nil {
		return err
	}
	file, err := os.Open(told.files[0])
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // it was only read
	e := editorial.New(db, time.Now)
	if err := e.CanRebuild(ctx); err != nil {
		return fmt.Errorf("import register: %w; a register is read back into an empty installation only", err)
	}
	author, err := e.Importer(ctx)
	if err != nil {
		return err
	}
	reader, err := exchange.NewRegisterReader(file)
	if err == nil {
		err = haveTerms(ctx, e, reader.Terms)
	}
	n := 0
	if err == nil {
		err = editorial.Acts(reader.Next, func(act []register.ExportedEdition) error {
			n += len(act)
			return e.Rebuild(ctx, author, publisher.Actor, act)
		})
	}
	if err != nil {
		return interrupted(ctx, fmt.Errorf("import register: %s: %w", told.files[0], err))
	}
	say(p.stdout, "%d editions are published again as they were; their hashes are the same.", n)
	for _, g := range reader.Gone {
		switch g.State {
		case "merged":
			say(p.stdout, "%s was merged into %s there: merge it again at the desk.", g.Reference, g.Into)
		default:
			say(p.stdout, "%s was %s there: nothing of it is in the file.", g.Reference, g.State)
		}
	}
	return nil
}

// haveTerms wants the codes of the file to be known here.
func haveTerms(ctx context.Context, e *editorial.Editorial, vocabularies []exchange.RegisterVocabulary) error {
	terms, err := e.Terms(ctx)
	if err != nil {
		return err
	}
	for _, v := range vocabularies {
		for _, t := range v.Terms {
			if !terms.Has(v.Name, t.Code) {
				return fmt.Errorf("the code %q of the vocabulary %s is not known here; an admin adds it at the desk, then read the file again", t.Code, v.Name)
			}
		}
	}
	return nil
}
