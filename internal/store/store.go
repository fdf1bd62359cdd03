// Package store holds every SQL statement: here the pool, the transaction, the
// migrations and the mapping of errors; the working tables in desk; editions
// and their projections in record. It never decides who may do something.
package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/sijil/sijil/internal/register"
)

// Querier is a pool or a transaction: the same query methods run on both.
type Querier interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
	CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, rows pgx.CopyFromSource) (int64, error)
}

// DB is a pool of connections under one role.
type DB struct {
	pool      *pgxpool.Pool
	announcer announcer
	behind    behind
	replicas  *replicas // nil: none
	how       options
}

// Side says what a pool is for, and so how long a statement may take.
type Side string

// The sides.
const (
	DeskSide   Side = "desk"
	PublicSide Side = "public"
	// TakedownSide erases by law, which may take its time: it reads every edition.
	TakedownSide Side = "takedown"
	// ExportSide is the public role at work on exports, which take their time and
	// must not take the connections of pages.
	ExportSide Side = "export"
	// ImportSide is the desk's role that brings many records in at once.
	ImportSide Side = "import"
	// JobsSide is the desk's role at work in the background, which may take
	// longer and must not take the desk's connections.
	JobsSide Side = "jobs"
)

// MaxExports is how many exports can be under way at the same time.
const MaxExports = 4

// connections is how many the pools of the desk and of pages have at least, where
// the address says nothing of pool_max_conns: more than the searches and the pages
// that a bound lets in at the same time would take of a small machine's four.
const connections = 12

// statementTimeout is how long a statement may take on a side.
func statementTimeout(side Side) string {
	switch side {
	case PublicSide:
		return "3s"
	case ExportSide:
		return "30s"
	case JobsSide:
		return "60s"
	case TakedownSide, ImportSide:
		return "5min"
	case DeskSide:
	}
	return "15s"
}

// Open returns a pool for the role that url names. It connects when first
// used; Ping says whether it can. ErrUnavailable is returned by every method
// while the database cannot be reached.
func Open(ctx context.Context, url string, side Side, how ...Option) (*DB, error) {
	o := optionsOf(how)
	pool, err := openPool(ctx, url, side, o)
	if err != nil {
		return nil, err
	}
	return &DB{pool: pool, how: o}, nil
}

func openPool(ctx context.Context, url string, side Side, how options) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("database address: %w", err)
	}
	params := config.ConnConfig.RuntimeParams
	params["application_name"] = "sijil " + string(side)
	params["timezone"] = "UTC"
	params["statement_timeout"] = statementTimeout(side)
	params["idle_in_transaction_session_timeout"] = "30s" // who has gone, or hangs, holds no lock for longer
	if (side == DeskSide || side == PublicSide) && !strings.Contains(url, "pool_max_conns") {
		config.MaxConns = max(config.MaxConns, connections)
	}
	switch side {
	case PublicSide:
		params["default_transaction_read_only"] = "on"
		// To compile a statement takes longer than a page may: 116 ms of the 185 that the
		// facets of a list cost among a million incidents.
		params["jit"] = "off"
	case ExportSide:
		params["default_transaction_read_only"] = "on"
		params["idle_in_transaction_session_timeout"] = "5min" // who does not read on gives the connection back
		config.MaxConns = MaxExports
	case TakedownSide:
		params["idle_in_transaction_session_timeout"] = "5min"
		config.MaxConns = 2
	case ImportSide:
		params["idle_in_transaction_session_timeout"] = "5min"
		// Everything is asked for by a key. A table that was empty when a statement was
		// planned would be read whole for each record from then on.
		params["enable_seqscan"] = "off"
		params["jit"] = "off"
		config.MaxConns = 4
	case DeskSide:
		params["jit"] = "off" // as on the public side
	case JobsSide:
	}
	config.ConnConfig.Tracer = how.tracer()
	config.ConnConfig.ConnectTimeout = 3 * time.Second
	config.PingTimeout = time.Second // a connection of which nothing comes back is given up for another
	config.MaxConnLifetimeJitter = time.Minute
	suspicious := &suspicion{}
	config.BeforeClose, config.ShouldPing = suspicious.note, suspicious.asks
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("database pool: %w", err)
	}
	return pool, nil
}

// Wrap makes a DB of a pool that the caller owns.
func Wrap(pool *pgxpool.Pool) *DB { return &DB{pool: pool} }

// Close ends what is done in the background, waits for the connections in use, and
// until what was committed is announced, and closes the pool.
func (db *DB) Close() {
	db.behind.close()
	db.announcer.work.Wait()
	db.replicas.close()
	db.pool.Close()
}

// Querier gives the pool to the packages below, or what reads from replicas where
// there are some. A statement whose connection has broken before anything was done is
// asked again on another.
func (db *DB) Querier() Querier {
	if db.replicas != nil {
		return routed{db}
	}
	return steady{db.pool}
}

// Ping returns ErrUnavailable when neither the database nor a replica that is as far
// can be reached.
func (db *DB) Ping(ctx context.Context) error {
	if db.replicas.pick() != nil {
		return nil
	}
	return Map(db.pool.Ping(ctx))
}

// InTx runs do in one transaction. It commits when do returns nil, with what is to be
// written last (SendLast) and the receipt that the context asks for (WithReceipt), and
// rolls back otherwise. What was to be
// announced then is announced.
func (db *DB) InTx(ctx context.Context, do func(q Querier) error) error {
	var said news
	err := pgx.BeginFunc(ctx, steady{db.pool}, func(tx pgx.Tx) error {
		noting := &transaction{Tx: tx}
		err := do(noting)
		said = noting.said
		if err != nil {
			return err
		}
		return noting.finish(ctx)
	})
	if err == nil {
		db.announce(said)
	}
	return Map(err)
}

// Read runs do in one read-only transaction that sees a single moment of the
// database: a page is never half of one edition and half of the next. Where a
// replica fails in the middle, do is run again on the primary.
func (db *DB) Read(ctx context.Context, do func(q Querier) error) error {
	if r := db.replicas.pick(); r != nil {
		patient, cancel := context.WithTimeout(ctx, replicaPatience)
		err := read(patient, r.pool, do)
		cancel()
		if err == nil || ctx.Err() != nil || !isReplicas(err) {
			return Map(err)
		}
		r.fail(err)
	}
	return Map(read(ctx, db.pool, do))
}

func read(ctx context.Context, pool *pgxpool.Pool, do func(q Querier) error) error {
	options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	return pgx.BeginTxFunc(ctx, steady{pool}, options, func(tx pgx.Tx) error { return do(tx) })
}

// Map turns an error of the driver into a kind that the register knows, and
// keeps the cause for the log. Errors that are already of a kind, and those
// that nobody expects, pass unchanged.
func Map(err error) error {
	var pgErr *pgconn.PgError
	var connectErr *pgconn.ConnectError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, pgx.ErrNoRows):
		return fmt.Errorf("%w: %w", register.ErrNotFound, err)
	case errors.As(err, &connectErr), pgconn.Timeout(err), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%w: %w", register.ErrUnavailable, err)
	case errors.As(err, &pgErr):
		return mapServerError(pgErr)
	case pgconn.SafeToRetry(err), isBroken(err):
		return fmt.Errorf("%w: %w", register.ErrUnavailable, err)
	}
	return err
}

// IsRefused reports whether an error is that of a rule which the database keeps and
// which has no name in the register: something points to nothing, or a value is
// none of those that it may be.
func IsRefused(err error) bool {
	pgErr, ok := errors.AsType[*pgconn.PgError](err)
	if _, said := errors.AsType[register.Problems](err); said {
		return false
	}
	return ok && strings.HasPrefix(pgErr.Code, "23") && !errors.Is(err, register.ErrConflict) && !errors.Is(err, register.ErrForbidden)
}

// isBroken recognises a connection that ended in the middle of a statement.
func isBroken(err error) bool {
	var network interface{ Temporary() bool }
	return errors.As(err, &network) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF)
}

// mapServerError maps by SQLSTATE class and, for rules that the database keeps,
// by the name of the constraint.
func mapServerError(err *pgconn.PgError) error {
	switch err.ConstraintName {
	case "reviews_four_eyes", "reviews_reviewer_role", "publications_approved", "publications_check",
		"decisions_four_eyes", "decisions_role", "records_merge_decided",
		"publications_approval_stands", "bundles_claimer", "bundles_outcome", "scheduled_publications_approved":
		return fmt.Errorf("%w: %w", register.ErrForbidden, err)
	case "reviews_current_version", "reviews_in_review", "reviews_decided_once", "records_draft_only", "records_moves",
		"sources_in_review", "decisions_decided_once", "decisions_subject", "bundles_decided_once", "bundle_records_open",
		"scheduled_publications_once", "scheduled_publications_open_idx":
		return fmt.Errorf("%w: %w", register.ErrConflict, err)
	case "accounts_email_key":
		return register.Problems{{Field: "email", Key: "problem.email-taken"}}
	case "passkeys_credential_id_key":
		return fmt.Errorf("%w: %w", register.ErrConflict, err)
	case "records_merged":
		return register.Problems{{Field: "record", Key: "problem.merged"}}
	case "decisions_open_idx":
		return register.Problems{{Field: "record", Key: "problem.decision-open"}}
	case "vocabulary_terms_pkey":
		return register.Problems{{Field: "code", Key: "problem.code-taken"}}
	case "records_type_slug_key", "slugs_pkey", "heads_type_slug_key":
		return register.Problems{{Field: "slug", Key: "problem.slug-taken"}}
	}
	switch {
	case strings.HasSuffix(err.ConstraintName, "_country_check"):
		return register.Problems{{Field: "country", Key: "problem.code-unknown"}}
	case strings.HasSuffix(err.ConstraintName, "citations_pkey"): // a source twice behind one fact
		return register.Problems{{Field: "sources", Key: "problem.duplicate-key"}}
	}
	if err.Code == "23503" && strings.HasSuffix(err.ConstraintName, "claim_key_fkey") {
		return fmt.Errorf("%w: %w", register.Problems{{Field: "claims", Key: "problem.claim-pointed-to"}}, err)
	}
	if err.Code == "23503" && strings.Contains(err.ConstraintName, "_vocabulary_") {
		return register.Problems{{Key: "problem.code-unknown"}}
	}
	switch err.Code[:2] {
	case "22": // what the database cannot hold, such as a NUL in a text
		return fmt.Errorf("%w: %w", register.ErrInvalid, err)
	case "08", "53", "57": // connection, resources, operator intervention (also a time-out)
		return fmt.Errorf("%w: %w", register.ErrUnavailable, err)
	case "40": // rolled back: serialization failure, deadlock
		return fmt.Errorf("%w: %w", register.ErrConflict, err)
	}
	return err
}
