package desk

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// Operations reads how the installation does by now. alive tells which sessions
// have not ended. It is cheap enough to be asked for every few seconds: nothing
// is counted that grows with the register.
func (d *Queries) Operations(ctx context.Context, now time.Time, alive Alive) (register.Operations, error) {
	o, err := d.stateOf(ctx, now, alive)
	if err != nil {
		return o, err
	}
	if o.Jobs, err = d.jobCounts(ctx); err != nil {
		return o, err
	}
	if o.Log.Witnesses, err = d.attested(ctx, `
		SELECT DISTINCT ON (witness) split_part(witness, '+', 1), size, signed_at
		FROM record.log_cosignatures ORDER BY witness, size DESC`); err != nil {
		return o, err
	}
	if o.Log.Timestamps, err = d.attested(ctx, `
		SELECT authority, size, stamped_at FROM record.log_timestamps ORDER BY size DESC LIMIT 1`); err != nil {
		return o, err
	}
	o.Followers, err = d.followers(ctx)
	return o, err
}

// stateOf reads what there is one of.
func (d *Queries) stateOf(ctx context.Context, now time.Time, alive Alive) (register.Operations, error) {
	var o register.Operations
	var published, overdue, oldestJob, oldestMail, signed, unsigned, backup, archived, failed *time.Time
	err := d.q.QueryRow(ctx, `
		WITH newest AS (SELECT size, signed_at FROM record.log_checkpoints ORDER BY size DESC LIMIT 1)
		SELECT (SELECT generation FROM record.generations),
		       (SELECT recorded_at FROM desk.publications ORDER BY recorded_at DESC LIMIT 1),
		       (SELECT min(publish_at) FROM desk.scheduled_publications WHERE outcome IS NULL AND publish_at <= @now),
		       (SELECT min(scheduled_at) FROM jobs.river_job
		        WHERE state IN ('available', 'retryable', 'scheduled') AND scheduled_at <= @now),
		       (SELECT count(*) FROM desk.mails WHERE state = 'waiting'),
		       (SELECT min(created_at) FROM desk.mails WHERE state = 'waiting'),
		       (SELECT count(*) FROM desk.mails WHERE state = 'failed'),
		       (SELECT coalesce(max(position) + 1, 0) FROM record.log_leaves),
		       coalesce((SELECT size FROM newest), 0),
		       (SELECT signed_at FROM newest),
		       (SELECT logged_at FROM record.log_leaves WHERE position = coalesce((SELECT size FROM newest), 0)),
		       (SELECT (detail ->> 'of')::timestamptz FROM desk.audit WHERE action = 'back-up' ORDER BY id DESC LIMIT 1),
		       current_setting('archive_mode') <> 'off',
		       (SELECT last_archived_time FROM pg_catalog.pg_stat_archiver),
		       (SELECT last_failed_time FROM pg_catalog.pg_stat_archiver),
		       (SELECT count(*) FROM desk.sessions WHERE NOT awaits_code AND seen_at > @idle AND created_at > @begun),
		       (SELECT count(DISTINCT account_id) FROM desk.sessions WHERE NOT awaits_code AND seen_at > @idle AND created_at > @begun)`,
		pgx.StrictNamedArgs{"now": now, "idle": alive.SeenAfter, "begun": alive.BegunAfter}).Scan(
		&o.Generation, &published, &overdue, &oldestJob, &o.Mails.Waiting, &oldestMail, &o.Mails.Failed,
		&o.Log.Leaves, &o.Log.Signed, &signed, &unsigned, &backup,
		&o.Archive.On, &archived, &failed, &o.Sessions, &o.Present)
	o.Published, o.Overdue, o.OldestJob, o.Mails.Oldest = orZero(published), orZero(overdue), orZero(oldestJob), orZero(oldestMail)
	o.Log.SignedAt, o.Log.UnsignedSince, o.Backup = orZero(signed), orZero(unsigned), orZero(backup)
	o.Archive.Last, o.Archive.Failed = orZero(archived), orZero(failed)
	return o, store.Map(err)
}

// orZero is the zero time for none.
func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// jobCounts counts the jobs that are not done.
func (d *Queries) jobCounts(ctx context.Context) ([]register.JobCount, error) {
	rows, err := d.q.Query(ctx, `
		SELECT queue, state::text, count(*)
		FROM jobs.river_job
		WHERE state IN ('available', 'scheduled', 'running', 'retryable', 'cancelled', 'discarded')
		GROUP BY queue, state
		ORDER BY queue, state`)
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[register.JobCount])
	return out, store.Map(err)
}

func (d *Queries) attested(ctx context.Context, sql string) ([]register.Attested, error) {
	rows, err := d.q.Query(ctx, sql)
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[register.Attested])
	return out, store.Map(err)
}

// followers reads the replicas that stream from this server, those of one name as
// the one that is farthest behind. A role that is no
// member of pg_monitor is shown none: their state is NULL for it.
func (d *Queries) followers(ctx context.Context) ([]register.Follower, error) {
	rows, err := d.q.Query(ctx, `
		SELECT application_name, state,
		       coalesce(max(pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), replay_lsn)), 0)::bigint,
		       coalesce(max(replay_lag), interval '0')
		FROM pg_catalog.pg_stat_replication
		WHERE state IS NOT NULL AND NOT pg_catalog.pg_is_in_recovery()
		GROUP BY application_name, state
		ORDER BY application_name, state`)
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[register.Follower])
	return out, store.Map(err)
}

// TroubledJobs returns the jobs that failed, the newest first: those that are
// tried again, and those that were given up.
func (d *Queries) TroubledJobs(ctx context.Context, limit int) ([]register.JobRow, error) {
	rows, err := d.q.Query(ctx, `
		SELECT id, kind, state::text, attempt, max_attempts, coalesce(attempted_at, created_at),
		       CASE WHEN state = 'retryable' THEN scheduled_at END,
		       coalesce(errors[cardinality(errors)] ->> 'error', '')
		FROM jobs.river_job
		WHERE state IN ('retryable', 'cancelled', 'discarded')
		ORDER BY coalesce(attempted_at, created_at) DESC, id DESC
		LIMIT @limit`, pgx.StrictNamedArgs{"limit": limit})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (register.JobRow, error) {
		var j register.JobRow
		var again *time.Time
		err := row.Scan(&j.ID, &j.Kind, &j.State, &j.Attempt, &j.MaxAttempts, &j.At, &again, &j.Cause)
		j.Again = orZero(again)
		return j, err
	})
	return out, store.Map(err)
}

// RetryJob lets a job that failed be done again at once, and returns its kind. It
// returns ErrNotFound when it is none of those that failed, or an equal one waits
// already.
func (d *Queries) RetryJob(ctx context.Context, id int64) (kind string, err error) {
	var queue string
	err = d.q.QueryRow(ctx, `
		WITH again AS (
		    UPDATE jobs.river_job AS j
		    SET state = 'available', scheduled_at = now(), finalized_at = NULL,
		        max_attempts = greatest(max_attempts, attempt + 1)
		    WHERE id = @id AND state IN ('retryable', 'cancelled', 'discarded')
		      AND NOT EXISTS (
		          SELECT FROM jobs.river_job AS o
		          WHERE o.unique_key = j.unique_key AND o.id <> j.id
		            AND o.state IN ('available', 'pending', 'retryable', 'running', 'scheduled'))
		    RETURNING kind, queue
		)
		SELECT kind, queue FROM again`,
		pgx.StrictNamedArgs{"id": id}).Scan(&kind, &queue)
	if err != nil {
		return "", store.Map(err)
	}
	store.AnnounceJob(d.q, queue)
	return kind, nil
}

// Storage sums up what the store of files holds, as the database knows it.
func (d *Queries) Storage(ctx context.Context) (register.Storage, error) {
	var s register.Storage
	err := d.q.QueryRow(ctx, `
		SELECT f.n + c.n, f.bytes + c.bytes, u.n, u.bytes, p.bytes, p.n
		FROM (SELECT count(*) AS n, coalesce(sum(size), 0)::bigint AS bytes FROM desk.files) AS f,
		     (SELECT count(*) AS n, coalesce(sum(warc_size), 0)::bigint AS bytes FROM desk.kept_captures) AS c,
		     (SELECT count(*) AS n, coalesce(sum(size), 0)::bigint AS bytes FROM record.dumps) AS u,
		     (SELECT count(*) AS n, coalesce(sum(size), 0)::bigint AS bytes FROM record.documents) AS p`).
		Scan(&s.Files, &s.Bytes, &s.Dumps, &s.DumpBytes, &s.Published, &s.Documents)
	return s, store.Map(err)
}

// SecurityEvents counts the actions of the audit since a moment that are about
// who gets in, in the order in which they are asked for; those that did not
// happen are left out.
func (d *Queries) SecurityEvents(ctx context.Context, actions []string, since time.Time) ([]register.SecurityEvent, error) {
	rows, err := d.q.Query(ctx, `
		SELECT action, count(*), max(at)
		FROM desk.audit
		WHERE at >= @since AND action = ANY (@actions)
		GROUP BY action
		ORDER BY array_position(@actions, action)`,
		pgx.StrictNamedArgs{"actions": actions, "since": since.UTC().Truncate(time.Microsecond)})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[register.SecurityEvent])
	return out, store.Map(err)
}
