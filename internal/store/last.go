package store

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// SendLast sends INSERTs as SendInserts does, but when everything else of the caller's
// transaction is done, before its receipt; outside of one of InTx at once. It is for rows
// that lock what all writers want: whoever has them waits for nothing any more but the
// commit, whatever the rooms above do in which order, so that nobody waits in a circle.
// The caller's transaction does not see them.
func SendLast(ctx context.Context, q Querier, batch *pgx.Batch) error {
	tx, ok := q.(*transaction)
	if !ok {
		return SendInserts(ctx, q, batch)
	}
	tx.last.QueuedQueries = append(tx.last.QueuedQueries, batch.QueuedQueries...)
	return nil
}

// finish writes what was to come last, and gives the receipt.
func (tx *transaction) finish(ctx context.Context) error {
	if tx.last.Len() > 0 {
		if err := SendInserts(ctx, tx, &tx.last); err != nil {
			return err
		}
	}
	return tx.receipt(ctx)
}
