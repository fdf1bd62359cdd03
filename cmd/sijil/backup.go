package main

import (
	"context"
	"flag"
	"fmt"
	"path/filepath"
	"time"

	"github.com/sijil/sijil/internal/backup"
	"github.com/sijil/sijil/internal/blob"
	"github.com/sijil/sijil/internal/config"
	"github.com/sijil/sijil/internal/localpg"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// backupPartial is how "backup" ends when the store of files has lost or
// damaged some: the backup holds all the others.
const backupPartial = 3

// backup copies the installation into a folder while it goes on.
func (p program) backup(ctx context.Context, args []string) error {
	flags := p.newFlags("backup", "[--link EARLIER] DIR",
		"Copies the database, the attached files and the public log into the new folder DIR, while the register goes on.\n"+
			"What is there is of one moment. DIR holds a backup once it has a manifest.json; the same command goes on where one\n"+
			"was cut short. Ends with 3 if the store of files has lost or damaged a file: all else is there then.\n\n"+
			"DATABASE_URL names the role that owns the schema; SIJIL_BLOBS is as for \"sijil serve\".\n"+
			"The backup is not encrypted, and holds no key and no password of the database: keep those elsewhere (see OPERATIONS.md).")
	earlier := flags.String("link", "", "`folder` of an earlier backup, whose files are linked instead of copied")
	dir, err := folderOf(flags, args)
	if err != nil {
		return err
	}
	settings, files, err := p.upkeep()
	if err != nil {
		return err
	}
	if err := p.noteRemovals(ctx, settings, files); err != nil {
		return err
	}
	m, err := backup.Make(ctx, dir, backup.Source{
		DatabaseURL: settings.DatabaseURL, Blobs: files, Programs: p.clientPrograms(settings), Earlier: *earlier,
		Version: buildVersion(), Now: time.Now, Say: p.tell, Progress: p.progress,
	})
	if ctx.Err() != nil {
		return fmt.Errorf("backup: stopped; %s holds no backup yet, and the same command goes on there", dir)
	}
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	if err := noteBackup(ctx, settings, m); err != nil {
		say(p.stderr, "The backup is complete, but that could not be noted in the database, for the page of operations: %v", err)
	}
	return p.tellBackup(dir, m)
}

// noteBackup notes a backup in the audit: it is a copy of all drafts, and how old
// the last one is has to be known.
func noteBackup(ctx context.Context, settings config.Upkeep, m *backup.Manifest) error {
	if !m.Whole() {
		return nil
	}
	db, err := store.Open(ctx, settings.DatabaseURL, store.JobsSide)
	if err != nil {
		return err
	}
	defer db.Close()
	return desk.New(db.Querier()).Audit(ctx, "", "back-up", "", 0, map[string]any{
		"of": m.Snapshot.UTC().Format(time.RFC3339), "files": len(m.Files),
	})
}

// tellBackup says what the backup holds, and what it could not get.
func (p program) tellBackup(dir string, m *backup.Manifest) error {
	var size int64
	for _, f := range m.Files {
		size += f.Size
	}
	for _, group := range []struct {
		what   string
		hashes []string
	}{
		{"removed while the backup was made", m.Removed},
		{"missing in the store (the database says that it was stored)", m.Missing},
		{"damaged in the store (it does not hash to its name)", m.Damaged},
	} {
		for _, sha := range group.hashes {
			say(p.stdout, "%s  %s", sha, group.what)
		}
	}
	say(p.stdout, "The backup in %s is of %s: %d files, %d MB, schema %d, log of %d entries.",
		dir, m.Snapshot.Format(time.RFC3339), len(m.Files), size>>20, m.Migration, m.Log.Size)
	if !m.Whole() {
		return &codeError{backupPartial}
	}
	return nil
}

// restore brings a backup into an empty installation.
func (p program) restore(ctx context.Context, args []string) error {
	flags := p.newFlags("restore", "--removals FILE DIR",
		"Brings the backup in DIR into an empty database and an empty store of files, after every file in it was verified,\n"+
			"and takes down again what was taken down since. No server starts on the database before all is there; a restore that\n"+
			"fails or is stopped takes back what it did.\n\n"+
			"DATABASE_URL names the role that is to own the schema; SIJIL_BLOBS and SIJIL_TAKEDOWN_DATABASE_URL are as for \"sijil serve\".")
	listed := flags.String("removals", "", "`file` of what was taken down, as \"sijil takedowns list\" prints it")
	none := flags.Bool("no-removals", false, "nothing was taken down since the backup was made")
	dir, err := folderOf(flags, args)
	if err != nil {
		return err
	}
	if (*listed == "") != *none {
		return &usageError{"restore: what was taken down since must not come back: give --removals FILE " +
			"(from \"sijil takedowns list\", or a copy of it), or --no-removals if there is nothing"}
	}
	settings, files, err := p.upkeep()
	if err != nil {
		return err
	}
	known, err := removals(dir, *listed)
	if err != nil {
		return err
	}
	m, err := backup.Restore(ctx, dir, backup.Target{
		DatabaseURL: settings.DatabaseURL, Blobs: files, Programs: p.clientPrograms(settings), Purge: p.purge(settings, files, known),
		Say: p.tell, Progress: p.progress,
	})
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	p.tellRestored(m)
	return nil
}

// tellRestored says what was restored and what is still to be done by hand.
func (p program) tellRestored(m *backup.Manifest) {
	say(p.stdout, "Restored as it was at %s: every row and file is what was backed up, and the log has its %d entries.",
		m.Snapshot.Format(time.RFC3339), m.Log.Size)
	say(p.stdout, "Everybody is signed out, and links that were mailed do not work any more. Next:\n"+
		"  1. let the roles that log in be members: GRANT sijil_desk TO web_desk; GRANT sijil_public TO web_public;\n"+
		"     GRANT sijil_takedown TO web_takedown; and GRANT CONNECT on the database to them\n"+
		"  2. put back the keys that no backup holds: SIJIL_SECRET_KEY and the file of SIJIL_LOG_KEY_FILE\n"+
		"  3. sijil blobs verify, then sijil serve, then sijil verify with the last checkpoint that was published")
}

// folderOf reads flags and the one folder that a command is about.
func folderOf(flags *flag.FlagSet, args []string) (string, error) {
	words, err := parseAround(flags, args)
	if err != nil {
		return "", err
	}
	if words[1] != "" {
		return "", &usageError{fmt.Sprintf("%s: %q is too much", flags.Name(), words[1])}
	}
	return filepath.Clean(words[0]), nil
}

// upkeep reads the settings and opens the store of files.
func (p program) upkeep() (config.Upkeep, blob.Store, error) {
	settings, err := config.LoadUpkeep(p.getenv)
	if err != nil {
		return settings, nil, err
	}
	files, err := openFiles(settings)
	return settings, files, err
}

func openFiles(settings config.Upkeep) (blob.Store, error) {
	files, err := blob.New(settings.Blobs, blob.Credentials{AccessKey: settings.BlobsAccessKey, SecretKey: settings.BlobsSecretKey})
	if err != nil {
		return nil, fmt.Errorf("SIJIL_BLOBS: %w", err)
	}
	return files, nil
}

// clientPrograms are the folders that hold pg_dump and pg_restore.
func (p program) clientPrograms(settings config.Upkeep) []string {
	return localpg.ProgramDirs(localpg.Options{BinDir: settings.PGBinDir, Getenv: p.getenv}, "pg_dump", "pg_restore")
}

// tell says what is being done; the result alone goes to standard output.
func (p program) tell(line string) { say(p.stderr, "%s", line) }

// progress tells how far a long part of the work is.
func (p program) progress(what string) func(done, all int) {
	return progressLine(p.stderr, what, time.Now)
}
