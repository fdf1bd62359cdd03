// Package backup copies a whole installation, the database, the files and the
// public log, into a folder while it goes on being written, and brings such a
// copy back into an empty installation. Secrets are never part of it: neither
// the keys of the program and of the log, nor the passwords of the database.
package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/sijil/sijil/internal/blob"
)

// Source is an installation that is to be backed up, and how.
type Source struct {
	// DatabaseURL is the database's address for the role that owns everything.
	DatabaseURL string
	Blobs       blob.Store
	// Programs are the folders in which pg_dump is looked for, in order.
	Programs []string
	// Earlier is the folder of an earlier backup, or "": files that are in it are
	// linked instead of copied, where the file system can do that.
	Earlier string
	// Version is that of this program.
	Version string
	Now     func() time.Time
	// Say tells the operator what is being done; Progress how far a long part
	// of it is. Neither may be nil.
	Say      func(string)
	Progress func(what string) func(done, all int)
}

// Make backs an installation up into a folder, which is made where it is
// missing. Where an earlier attempt was cut short, it goes on with the files
// that are there. The database is that of one moment, and the files are those
// that it names at that moment. The manifest is written last. The error says so
// when the folder holds a backup or something else.
func Make(ctx context.Context, dir string, s Source) (*Manifest, error) {
	if err := prepare(dir); err != nil {
		return nil, err
	}
	m := &Manifest{Format: formatName, Program: s.Version, Begun: s.Now().UTC().Truncate(time.Second)}
	named, err := s.database(ctx, dir, m)
	if err != nil {
		return nil, err
	}
	c := copying{Source: s, dir: dir, manifest: m}
	if err := c.files(ctx, named); err != nil {
		return nil, err
	}
	if err := c.notes(ctx); err != nil {
		return nil, err
	}
	m.Finished = s.Now().UTC().Truncate(time.Second)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return m, m.write(dir)
}

// prepare makes the folder, or makes sure that there is nothing in it but what
// a backup that was cut short left.
func prepare(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	ours := []string{dumpName, RemovalsName, blobsName, filepath.Dir(filepath.FromSlash(keysName))}
	for _, e := range entries {
		switch {
		case e.Name() == manifestName:
			return fmt.Errorf("%s holds a backup already: give each one a folder of its own (--link %s shares its files)", dir, dir)
		case strings.HasPrefix(e.Name(), scratchPrefix):
			if err := os.Remove(filepath.Join(dir, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("backup: %w", err)
			}
		case !slices.Contains(ours, e.Name()):
			return fmt.Errorf("%s is not empty: %s is not part of a backup", dir, e.Name())
		}
	}
	return nil
}

// database dumps the database, and tells which files it names at that moment.
func (s Source) database(ctx context.Context, dir string, m *Manifest) (named map[string]bool, err error) {
	moment, err := openSnapshot(ctx, s.DatabaseURL)
	if err != nil {
		return nil, err
	}
	defer moment.close(ctx)
	m.Snapshot, m.PostgreSQL = moment.at.UTC(), moment.text
	if m.Migration, err = moment.migration(ctx); err != nil {
		return nil, err
	}
	programs, err := findPrograms(ctx, s.Programs, moment.major, s.DatabaseURL)
	if err != nil {
		return nil, err
	}
	if named, err = moment.files(ctx); err != nil {
		return nil, err
	}
	s.Say("Counting the rows of the database …")
	if m.Tables, err = tables(ctx, moment.tx); err != nil {
		return nil, err
	}
	if err := moment.log(ctx, dir, m); err != nil {
		return nil, err
	}
	s.Say(fmt.Sprintf("Dumping the database as it was at %s …", m.Snapshot.Format(time.RFC3339)))
	dump, err := fillFile(dir, dumpName, func(w io.Writer) error { return programs.dump(ctx, moment.id, w) })
	if err != nil {
		return nil, err
	}
	m.Files = append(m.Files, dump)
	return named, nil
}
