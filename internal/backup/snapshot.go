package backup

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// snapshot is one moment of the database, held open so that pg_dump sees the
// same one.
type snapshot struct {
	conn  *pgx.Conn
	tx    pgx.Tx
	id    string // by which others may share it
	at    time.Time
	major int
	text  string // version of the server
}

// openSnapshot begins a transaction that sees one moment. It must be closed.
func openSnapshot(ctx context.Context, databaseURL string) (*snapshot, error) {
	conn, err := connect(ctx, databaseURL)
	if err != nil {
		return nil, err
	}
	s := &snapshot{conn: conn}
	if err := s.begin(ctx); err != nil {
		s.close(ctx)
		return nil, fmt.Errorf("backup: %w", err)
	}
	return s, nil
}

// connect opens a connection on which values are written as anywhere else, and
// that may take its time.
func connect(ctx context.Context, databaseURL string) (*pgx.Conn, error) {
	config, err := pgx.ParseConfig(databaseURL)
	if err != nil {
		return nil, fmt.Errorf("database address: %w", err)
	}
	maps.Copy(config.RuntimeParams, map[string]string{
		"application_name": "sijil backup", "timezone": "UTC", "datestyle": "ISO, YMD", "intervalstyle": "postgres",
		"bytea_output": "hex", "extra_float_digits": "1", "statement_timeout": "0", "idle_in_transaction_session_timeout": "0",
	})
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("the database cannot be reached: %w", err)
	}
	return conn, nil
}

func (s *snapshot) begin(ctx context.Context) error {
	var err error
	s.tx, err = s.conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return err
	}
	return s.tx.QueryRow(ctx, `
		SELECT pg_export_snapshot(), now(), current_setting('server_version_num')::integer / 10000,
		       current_setting('server_version')`).Scan(&s.id, &s.at, &s.major, &s.text)
}

// close ends the transaction with its connection, whatever becomes of the
// context.
func (s *snapshot) close(ctx context.Context) { _ = s.conn.Close(context.WithoutCancel(ctx)) }

// migration is the version of the schema; the error says so when the database
// is not one of this program's, or not in order.
func (s *snapshot) migration(ctx context.Context) (uint, error) {
	var known, restoring bool
	err := s.tx.QueryRow(ctx, `SELECT to_regclass('public.schema_migrations') IS NOT NULL, `+isMarkedSQL).Scan(&known, &restoring)
	if err != nil {
		return 0, fmt.Errorf("backup: %w", err)
	}
	var version uint
	var dirty bool
	switch {
	case restoring:
		return 0, errRestoring
	case !known:
		return 0, errors.New("the database is empty: there is nothing to back up")
	}
	if err := s.tx.QueryRow(ctx, `SELECT version, dirty FROM public.schema_migrations`).Scan(&version, &dirty); err != nil {
		return 0, fmt.Errorf("backup: the version of the schema: %w", err)
	}
	if dirty {
		return 0, fmt.Errorf("migration %d failed: see \"sijil migrate status\" first", version)
	}
	wanted, err := store.SchemaVersion()
	if err == nil && version != wanted {
		err = fmt.Errorf("the database has schema version %d and this program needs %d: back it up with the program that serves it", version, wanted)
	}
	return version, err
}

// files are the contents that the database names, each with whether it was
// kept.
func (s *snapshot) files(ctx context.Context) (map[string]bool, error) {
	named, err := desk.New(s.tx).NamedFiles(ctx)
	if err != nil {
		return nil, fmt.Errorf("backup: %w", err)
	}
	return kept(named), nil
}

func kept(named []desk.NamedFile) map[string]bool {
	out := make(map[string]bool, len(named))
	for _, f := range named {
		if !f.Leaving {
			out[f.SHA256] = out[f.SHA256] || f.Kept
		}
	}
	return out
}

// schemas are what is backed up and restored; "public" has the number of the
// last migration only.
func schemas() []string { return []string{"desk", "record", "jobs", "public"} }

// tables counts and sums up all tables. It reads all that there is.
func tables(ctx context.Context, q querier) ([]Table, error) {
	rows, err := q.Query(ctx, `
		SELECT n.nspname || '.' || c.relname
		FROM pg_catalog.pg_class AS c
		JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
		WHERE n.nspname = ANY ($1) AND c.relkind = 'r' AND c.relname <> $2
		ORDER BY n.nspname, c.relname`, schemas(), markerTable)
	if err != nil {
		return nil, fmt.Errorf("backup: %w", err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("backup: %w", err)
	}
	out := make([]Table, len(names))
	for i, name := range names {
		out[i].Name = name
		// Of each row the first 60 bits of the hash of its text, so that a row
		// that is missing, changed or there twice changes the sum.
		err := q.QueryRow(ctx, `
			SELECT count(*), coalesce(sum(('x' || left(encode(sha256(convert_to(row_of_table::text, 'UTF8')), 'hex'), 15))::bit(60)::bigint), 0)::text
			FROM `+pgx.Identifier(strings.SplitN(name, ".", 2)).Sanitize()+` AS row_of_table`).Scan(&out[i].Rows, &out[i].Digest)
		if err != nil {
			return nil, fmt.Errorf("backup: %s: %w", name, err)
		}
	}
	return out, nil
}

// querier is a connection or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// compare names the tables that are not as they were.
func compare(want, got []Table) error {
	have := make(map[string]Table, len(got))
	for _, t := range got {
		have[t.Name] = t
	}
	var differ []string
	for _, t := range want {
		if have[t.Name] != t {
			differ = append(differ, fmt.Sprintf("%s (%d rows, %d restored)", t.Name, t.Rows, have[t.Name].Rows))
		}
	}
	if len(differ) > 0 || len(want) != len(got) {
		return fmt.Errorf("%d tables of %d are not what was backed up: %s", len(differ), len(want), strings.Join(differ, ", "))
	}
	return nil
}

func hexOf(b []byte) string { return hex.EncodeToString(b) }
