package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// RecreateUnpublished drops a database and makes it anew, empty, unless an
// edition was ever published in it: then it is left alone and the error says
// so. The address is that of another database of the cluster, for a role that
// may create databases.
func RecreateUnpublished(ctx context.Context, adminURL, databaseURL, name string) error {
	published, err := hasEditions(ctx, databaseURL)
	if err != nil {
		return err
	}
	if published {
		return fmt.Errorf("store: the database %s holds published editions and is not made anew", name)
	}
	conn, err := pgx.Connect(ctx, adminURL)
	if err != nil {
		return wrap(err)
	}
	defer conn.Close(ctx) //nolint:errcheck // nothing is pending
	if _, err := conn.Exec(ctx, "DROP DATABASE IF EXISTS "+pgx.Identifier{name}.Sanitize()+" WITH (FORCE)"); err != nil {
		return wrap(err)
	}
	return EnsureDatabase(ctx, adminURL, name)
}

// hasEditions reports whether anything was ever published in a database,
// whatever state its schema is in.
func hasEditions(ctx context.Context, url string) (bool, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return false, wrap(err)
	}
	defer conn.Close(ctx) //nolint:errcheck // it is read from only
	var exists bool
	err = conn.QueryRow(ctx, `SELECT to_regclass('record.editions') IS NOT NULL`).Scan(&exists)
	if err != nil || !exists {
		return false, wrap(err)
	}
	err = conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM record.editions)`).Scan(&exists)
	return exists, wrap(err)
}
