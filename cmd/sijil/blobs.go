package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/sijil/sijil/internal/blob"
	"github.com/sijil/sijil/internal/config"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// How "blobs verify" ends.
const (
	blobsDamaged = 1 // a file is damaged, cannot be read, or is missing
	blobsUnnamed = 3 // all is well but for files that nobody names
)

// progressPause is how often a long piece of work tells how far it is.
const progressPause = 2 * time.Second

// blobs looks after the store of files at the command line.
func (p program) blobs(ctx context.Context, args []string) error {
	flags := p.newFlags("blobs", "verify",
		"verify  read every stored file and compare it with its hash, and with what the database names;\n"+
			"        ends with 1 if a file is damaged or missing, with 3 if there are only files that nobody names\n\n"+
			"The settings are those of \"sijil serve\". The register may go on serving meanwhile.")
	words, err := parse(flags, args, 1)
	if err != nil {
		return err
	}
	if len(words) == 0 || words[0] != "verify" {
		return &usageError{"blobs: it is \"sijil blobs verify\""}
	}
	settings, err := config.Load(p.getenv)
	if err != nil {
		return err
	}
	files, err := blob.New(settings.Blobs, blob.Credentials{AccessKey: settings.BlobsAccessKey, SecretKey: settings.BlobsSecretKey})
	if err != nil {
		return fmt.Errorf("SIJIL_BLOBS: %w", err)
	}
	db, err := openSide(ctx, "DATABASE_URL", settings.DatabaseURL, store.DeskSide, store.CheckDesk)
	if err != nil {
		return err
	}
	defer db.Close()
	found, err := blob.Check(ctx, files, claims(db), progressLine(p.stderr, "files read", time.Now))
	if err != nil {
		return fmt.Errorf("blobs verify: %w", err)
	}
	return p.tellFindings(found)
}

// claims asks the database what it names, and how.
func claims(db *store.DB) func(context.Context) (map[string]blob.Claim, error) {
	return func(ctx context.Context) (map[string]blob.Claim, error) {
		files, err := desk.New(db.Querier()).NamedFiles(ctx)
		if err != nil {
			return nil, err
		}
		named := make(map[string]blob.Claim, len(files))
		for _, f := range files {
			claim := blob.Named
			switch {
			case f.Kept:
				claim = blob.Kept
			case f.Leaving:
				claim = blob.Leaving
			}
			named[f.SHA256] = max(named[f.SHA256], claim)
		}
		return named, nil
	}
}

// tellFindings prints what was found, one file to a line, and says how to end.
func (p program) tellFindings(found blob.Findings) error {
	for _, group := range []struct {
		what   string
		hashes []string
	}{
		{"damaged (it does not hash to its name)", found.Damaged},
		{"unreadable (the store does not hand it out)", found.Unreadable},
		{"missing (the database says that it was stored)", found.Missing},
		{"unnamed (nothing in the database names it)", found.Unnamed},
		{"never kept (a record names it without a copy)", found.Absent},
	} {
		for _, sha := range group.hashes {
			say(p.stdout, "%s  %s", sha, group.what)
		}
	}
	say(p.stdout, "%d verified, %d damaged, %d unreadable, %d missing, %d unnamed, %d never kept.",
		found.Verified, len(found.Damaged), len(found.Unreadable), len(found.Missing), len(found.Unnamed), len(found.Absent))
	switch {
	case !found.Whole():
		return &codeError{blobsDamaged}
	case len(found.Unnamed) > 0:
		return &codeError{blobsUnnamed}
	}
	return nil
}

// progressLine tells how far a long piece of work is, now and then and at its
// end.
func progressLine(w io.Writer, what string, now func() time.Time) func(done, all int) {
	last := now()
	return func(done, all int) {
		if at := now(); at.Sub(last) >= progressPause || done == all {
			last = at
			say(w, "%d of %d %s (%d %%)", done, all, what, 100*done/max(all, 1))
		}
	}
}
