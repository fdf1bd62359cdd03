package backup

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/tlog"
)

// log notes how the public log is in the snapshot, and puts its last checkpoint
// and the public parts of its keys beside, for whoever wants to verify the
// backup without a database.
func (s *snapshot) log(ctx context.Context, dir string, m *Manifest) error {
	head, err := logHead(ctx, s.tx)
	if err != nil {
		return err
	}
	if m.Log.Size = head.Size; head.Size > 0 {
		m.Log.Root = hexOf(head.Root[:])
	}
	err = s.tx.QueryRow(ctx, `SELECT note FROM record.log_checkpoints ORDER BY size DESC LIMIT 1`).Scan(&m.Log.Checkpoint)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("backup: the last checkpoint: %w", err)
	}
	rows, err := s.tx.Query(ctx, `SELECT key FROM record.log_keys ORDER BY position DESC`)
	if err != nil {
		return fmt.Errorf("backup: the keys of the log: %w", err)
	}
	keys, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("backup: the keys of the log: %w", err)
	}
	for _, beside := range []struct{ name, content string }{
		{checkpointName, m.Log.Checkpoint}, {keysName, string(tlog.KeyList(keys, []byte(m.Log.Checkpoint)))},
	} {
		file, err := writeFile(dir, beside.name, []byte(beside.content))
		if err != nil {
			return err
		}
		m.Files = append(m.Files, file)
	}
	return nil
}

// logHead makes the tree of all leaves anew, from what they say, and returns
// its head.
func logHead(ctx context.Context, q querier) (tlog.Head, error) {
	edge, err := tlog.NewEdge(0, nil)
	if err != nil {
		return tlog.Head{}, err
	}
	rows, err := q.Query(ctx, `SELECT entry FROM record.log_leaves ORDER BY position`)
	if err != nil {
		return tlog.Head{}, fmt.Errorf("backup: the log: %w", err)
	}
	var entry []byte
	_, err = pgx.ForEachRow(rows, []any{&entry}, func() error {
		edge.Append(tlog.HashLeaf(entry))
		return nil
	})
	if err != nil {
		return tlog.Head{}, fmt.Errorf("backup: the log: %w", err)
	}
	return edge.Head(), nil
}
