package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sijil/sijil/internal/backup"
	"github.com/sijil/sijil/internal/blob"
	"github.com/sijil/sijil/internal/config"
	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// takedownsHeld is how "takedowns purge" ends when something that was deleted
// had to stay for now.
const takedownsHeld = 3

// takedowns looks after what was taken down by law, at the command line.
func (p program) takedowns(ctx context.Context, args []string) error {
	flags := p.newFlags("takedowns", "list | purge",
		"list   print what was taken down, one JSON object a line, as it is noted beside the files in SIJIL_BLOBS: keep a copy\n"+
			"       elsewhere, for \"sijil restore --removals\"\n"+
			"purge  write the tables of the database anew, so that what was taken down is not in its files any more; each table\n"+
			"       is locked meanwhile, for seconds or minutes; ends with 3 if an open transaction made something stay\n\n"+
			"DATABASE_URL names the role that owns the schema (purge only); SIJIL_BLOBS is as for \"sijil serve\".")
	words, err := parse(flags, args, 1)
	if err != nil {
		return err
	}
	switch strings.Join(words, " ") {
	case "list":
		return p.listTakedowns(ctx)
	case "purge":
		return p.purgeTakedowns(ctx)
	}
	return &usageError{"takedowns: it is \"sijil takedowns list\" or \"sijil takedowns purge\""}
}

// listTakedowns asks the store of files alone: the database may be what was lost.
func (p program) listTakedowns(ctx context.Context) error {
	settings, err := config.LoadFiles(p.getenv)
	if err != nil {
		return err
	}
	files, err := openFiles(settings)
	if err != nil {
		return err
	}
	return files.Notes(ctx, func(_ string, text []byte) error {
		say(p.stdout, "%s", strings.TrimSpace(string(text)))
		return nil
	})
}

func (p program) purgeTakedowns(ctx context.Context) error {
	settings, files, err := p.upkeep()
	if err != nil {
		return err
	}
	if err := p.noteRemovals(ctx, settings, files); err != nil {
		return err
	}
	done, err := store.Rewrite(ctx, settings.DatabaseURL, p.progress("tables written anew"))
	if err != nil {
		return fmt.Errorf("takedowns purge: %w", err)
	}
	p.tellRewritten(done)
	if len(done.Held) > 0 {
		return &codeError{takedownsHeld}
	}
	return nil
}

// tellRewritten says what was done, and what is left for others to do.
func (p program) tellRewritten(done store.Rewriting) {
	say(p.stdout, "%d tables were written anew.", done.Tables)
	switch {
	case !done.Log:
		say(p.stdout, "The write-ahead log still holds what was deleted. As a superuser: SELECT pg_switch_wal(); CHECKPOINT;")
	case done.Recycles:
		say(p.stdout, "PostgreSQL keeps pieces of its write-ahead log for later use, with what is in them (wal_recycle = on): they are\n"+
			"written over in time. With wal_recycle = off, run this again and they are gone.")
	}
	if len(done.Held) > 0 {
		say(p.stdout, "What was deleted had to stay in %s: a transaction from before is still open (a backup, a replica). Run this again later.",
			strings.Join(done.Held, ", "))
	}
}

// noteRemovals notes beside the files what is not noted yet.
func (p program) noteRemovals(ctx context.Context, settings config.Upkeep, files blob.Store) error {
	db, err := store.Open(ctx, settings.DatabaseURL, store.JobsSide)
	if err != nil {
		return fmt.Errorf("DATABASE_URL: %w", err)
	}
	defer db.Close()
	return editorial.NoteRemovals(ctx, db, files)
}

// removals reads what was taken down, as a backup and a file have it, each once.
func removals(dir, listed string) ([]editorial.Removal, error) {
	inBackup, err := os.ReadFile(filepath.Join(dir, backup.RemovalsName)) //nolint:gosec // the operator names it
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("restore: %w", err)
	}
	var since []byte
	if listed != "" {
		if since, err = os.ReadFile(listed); err != nil { //nolint:gosec // the operator names it
			return nil, fmt.Errorf("--removals: %w", err)
		}
	}
	return editorial.ReadRemovals(bytes.NewReader(append(inBackup, since...)))
}

// purge takes down again, in what is being restored, what was taken down after
// the backup.
func (p program) purge(settings config.Upkeep, files blob.Store, known []editorial.Removal) func(context.Context) error {
	return func(ctx context.Context) error {
		owner, err := store.Open(ctx, settings.DatabaseURL, store.JobsSide)
		if err != nil {
			return err
		}
		defer owner.Close()
		takedown, err := openTakedown(ctx, settings.TakedownDatabaseURL)
		if err != nil {
			return err
		}
		uses := editorial.New(owner, time.Now).WithFiles(files)
		if takedown != nil {
			defer takedown.Close()
			uses = uses.WithTakedown(takedown, files)
		}
		erasedAny := false
		for _, one := range known {
			erased, err := uses.Replay(ctx, one)
			switch {
			case errors.Is(err, register.ErrNotConfigured):
				return fmt.Errorf("%s was taken down: SIJIL_TAKEDOWN_DATABASE_URL is needed to do so again: %w", one.Reference, err)
			case err != nil:
				return err
			case erased:
				erasedAny = true
				p.tell(one.Reference + " is taken down again.")
			}
			if err := one.NoteIn(ctx, files); err != nil {
				return err
			}
		}
		if !erasedAny {
			return nil
		}
		done, err := store.Rewrite(ctx, settings.DatabaseURL, p.progress("tables written anew"))
		if err == nil {
			p.tellRewritten(done)
		}
		return err
	}
}
