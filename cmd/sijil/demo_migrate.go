package main

import (
	"context"
	"errors"

	"github.com/sijil/sijil/internal/localpg"
	"github.com/sijil/sijil/internal/store"
)

// migrateDemo brings the demonstration's schema up to date. A start that was
// killed in the middle of a migration leaves the schema marked as such, and
// nobody but this program can mend a private database: as long as nothing was
// published in it, it is made anew.
func migrateDemo(ctx context.Context, server *localpg.Server) error {
	owner := server.URL(demoDatabase, localpg.Superuser)
	migrator := store.Migrator{URL: owner}
	err := migrator.Up(ctx)
	if _, dirty := errors.AsType[*store.DirtySchemaError](err); !dirty {
		return err
	}
	again := store.RecreateUnpublished(ctx, server.URL("postgres", localpg.Superuser), owner, demoDatabase)
	if again != nil {
		return errors.Join(err, again)
	}
	return migrator.Up(ctx)
}
