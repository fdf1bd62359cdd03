package backup

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/store"
)

// markerTable stands in a database that is being restored.
const markerTable = store.RestoringTable

// isMarkedSQL asks the catalogue, which every role may read.
const isMarkedSQL = store.IsRestoringSQL

var errRestoring = errors.New("a restore of this database has not come to its end: run \"sijil restore\" again")

func isMarked(ctx context.Context, conn *pgx.Conn) (bool, error) {
	var marked bool
	if err := conn.QueryRow(ctx, `SELECT `+isMarkedSQL).Scan(&marked); err != nil {
		return false, fmt.Errorf("restore: %w", err)
	}
	return marked, nil
}

func mark(ctx context.Context, conn *pgx.Conn) error {
	if _, err := conn.Exec(ctx, `CREATE TABLE public.`+markerTable+` (since timestamptz NOT NULL DEFAULT now())`); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	return nil
}

func unmark(ctx context.Context, conn *pgx.Conn) error {
	if _, err := conn.Exec(ctx, `DROP TABLE public.`+markerTable); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	return nil
}
