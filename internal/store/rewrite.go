package store

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Rewriting is what became of a Rewrite.
type Rewriting struct {
	Tables int
	// Held are tables in which rows that were deleted had to stay, because a
	// transaction from before still may look at them.
	Held []string
	// Log reports whether the server was made to begin a new piece of its
	// write-ahead log, and to give up the old ones; Recycles, that it keeps them
	// for later use, with what is in them.
	Log, Recycles bool
}

// rewriteTries is how often a table is tried while others hold a lock on it or
// may still see what was deleted, with a pause of rewritePause.
const (
	rewriteTries = 10
	rewritePause = time.Second
)

// Rewrite writes all tables anew, with their indexes and what the planner knows
// of them, so that rows that were deleted or changed are not in the database's
// files any more; a VACUUM alone only lets their places be written over. Each
// table is locked meanwhile. The address is that of the owner.
func Rewrite(ctx context.Context, url string, progress func(done, all int)) (Rewriting, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return Rewriting{}, fmt.Errorf("database address: %w", err)
	}
	r := &rewriter{}
	config.RuntimeParams["application_name"] = "sijil rewrite"
	config.RuntimeParams["statement_timeout"] = "0"
	// Readers must not wait long behind us while we wait for one of them.
	config.RuntimeParams["lock_timeout"] = "2s"
	config.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) { r.notices = append(r.notices, n.Message+"\n"+n.Detail) }
	if r.conn, err = pgx.ConnectConfig(ctx, config); err != nil {
		return Rewriting{}, wrap(err)
	}
	defer r.conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // nothing is pending
	return r.run(ctx, progress)
}

// rewriter is a Rewrite under way.
type rewriter struct {
	conn    *pgx.Conn
	notices []string
	done    Rewriting
}

func (r *rewriter) run(ctx context.Context, progress func(done, all int)) (Rewriting, error) {
	rows, err := r.conn.Query(ctx, `
		SELECT format('%I.%I', n.nspname, c.relname)
		FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
		WHERE n.nspname IN ('desk', 'record', 'jobs') AND c.relkind IN ('r', 'm')
		ORDER BY 1`)
	if err != nil {
		return r.done, wrap(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return r.done, wrap(err)
	}
	// What the planner knows holds values of columns; it is written anew before.
	tables = append(tables, "pg_catalog.pg_statistic", "pg_catalog.pg_statistic_ext_data")
	for i, table := range tables {
		if err := r.rewrite(ctx, table); err != nil {
			return r.done, err
		}
		progress(i+1, len(tables))
	}
	r.done.Tables = len(tables)
	return r.done, r.turnLog(ctx)
}

// rewrite writes one table anew, again while something holds it.
func (r *rewriter) rewrite(ctx context.Context, table string) error {
	sql := "VACUUM (FULL, ANALYZE, VERBOSE) " + table
	if strings.HasPrefix(table, "pg_catalog.") {
		sql = "VACUUM (FULL, VERBOSE) " + table
	}
	var err error
	for range rewriteTries {
		r.notices = nil
		_, err = r.conn.Exec(ctx, sql)
		if err == nil && r.left() == 0 {
			return nil
		}
		if err != nil && !isLockTimeout(err) {
			return wrap(err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(rewritePause):
		}
	}
	if err != nil {
		return fmt.Errorf("the table %s is in use all the time: try again at a quieter time: %w", table, err)
	}
	r.done.Held = append(r.done.Held, table)
	return nil
}

// left is how many deleted rows the last run had to keep.
func (r *rewriter) left() int {
	for _, notice := range r.notices {
		if m := regexp.MustCompile(`(\d+) dead row versions cannot be removed yet`).FindStringSubmatch(notice); m != nil {
			n, _ := strconv.Atoi(m[1]) // the pattern admits numbers only
			return n
		}
	}
	return 0
}

// turnLog begins a new piece of the write-ahead log and has the old ones given
// up, where this role may.
func (r *rewriter) turnLog(ctx context.Context) error {
	if err := r.conn.QueryRow(ctx, `SELECT current_setting('wal_recycle')::boolean`).Scan(&r.done.Recycles); err != nil {
		return wrap(err)
	}
	for _, sql := range []string{`SELECT pg_catalog.pg_switch_wal()`, `CHECKPOINT`} {
		if _, err := r.conn.Exec(ctx, sql); err != nil {
			if isForbidden(err) {
				return nil
			}
			return wrap(err)
		}
	}
	r.done.Log = true
	return nil
}

func isLockTimeout(err error) bool { return hasCode(err, "55P03") }

func isForbidden(err error) bool { return hasCode(err, "42501") }

func hasCode(err error, code string) bool {
	var pgErr *pgconn.PgError
	return errors.As(err, &pgErr) && pgErr.Code == code
}
