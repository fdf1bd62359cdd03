package desk

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// never is later than anything: as a bound of fetching_since, it shows a target
// as it stands underneath.
func never() time.Time { return time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC) }

// fetchingFor is after how long nobody believes any more that an address is
// being fetched: whoever did has ended.
const fetchingFor = 5 * time.Minute

// AskCapture asks for a capture of what the source's address shows, in the
// caller's transaction. An address that was captured already, or waits, is left
// alone unless again is set. A source without an address has nothing to show.
func (d *Queries) AskCapture(ctx context.Context, key string, at time.Time, again bool) error {
	rows, err := d.q.Query(ctx, `
		INSERT INTO desk.capture_targets (source_id, address, asked_at)
		SELECT id, url, @at FROM desk.sources WHERE key = @key AND url IS NOT NULL
		ON CONFLICT (source_id, address) DO UPDATE
		SET waits = true, asked_at = EXCLUDED.asked_at,
		    state = CASE capture_targets.state WHEN 'failed' THEN 'waiting' ELSE capture_targets.state END
		WHERE @again
		RETURNING id`,
		pgx.StrictNamedArgs{"key": key, "at": at, "again": again})
	if err != nil {
		return store.Map(err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return store.Map(err)
	}
	return d.enqueueCaptures(ctx, ids)
}

func (d *Queries) enqueueCaptures(ctx context.Context, targets []string) error {
	for _, id := range targets {
		if err := store.Enqueue(ctx, d.q, register.CaptureSource{Target: id}); err != nil {
			return err
		}
	}
	return nil
}

// AskDueCaptures asks for the captures that are due by now, at most so many:
// addresses that never were a target, that are to be looked at again, or whose
// job was lost, which is known by how long they have waited.
func (d *Queries) AskDueCaptures(ctx context.Context, now, lost time.Time, limit int) error {
	rows, err := d.q.Query(ctx, `
		WITH new AS (
		    INSERT INTO desk.capture_targets (source_id, address, asked_at)
		    SELECT s.id, s.url, @now FROM desk.sources AS s
		    WHERE s.url IS NOT NULL
		      AND NOT EXISTS (SELECT FROM desk.capture_targets AS t WHERE t.source_id = s.id AND t.address = s.url)
		    ORDER BY s.created_at DESC, s.id
		    LIMIT @limit
		    ON CONFLICT DO NOTHING
		    RETURNING id
		), due AS (
		    SELECT t.id FROM desk.capture_targets AS t
		    JOIN desk.sources AS s ON s.id = t.source_id AND s.url = t.address
		    WHERE NOT t.waits AND t.next_check <= @now OR t.waits AND t.asked_at < @lost
		    ORDER BY t.next_check NULLS FIRST
		    LIMIT @limit
		), asked AS (
		    UPDATE desk.capture_targets AS t SET waits = true, asked_at = @now, next_check = NULL
		    FROM due WHERE due.id = t.id
		    RETURNING t.id
		)
		SELECT id FROM new UNION ALL SELECT id FROM asked`,
		pgx.StrictNamedArgs{"now": now, "lost": lost, "limit": limit})
	if err != nil {
		return store.Map(err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return store.Map(err)
	}
	return d.enqueueCaptures(ctx, ids)
}

const targetColumns = `
	t.id, s.key, t.address,
	CASE WHEN t.fetching_since > @stale THEN 'fetching' ELSE t.state END, t.waits, t.reason,
	coalesce(t.http_status, 0), t.tries, t.quiet, t.shown, t.asked_at, coalesce(t.checked_at, '0001-01-01Z'),
	coalesce(t.next_check, '0001-01-01Z')`

// scanTarget reads a target, and more columns that follow its own.
func scanTarget(row pgx.CollectableRow, more ...any) (register.CaptureTarget, error) {
	var t register.CaptureTarget
	err := row.Scan(append([]any{
		&t.ID, &t.Source, &t.Address, &t.State, &t.Waits, &t.Reason, &t.HTTPStatus, &t.Tries, &t.Quiet, &t.Shown,
		&t.AskedAt, &t.CheckedAt, &t.NextCheck,
	}, more...)...)
	return t, err
}

// LockCapture returns a target and locks it until the end of the transaction;
// current tells whether its address is still the source's. ErrNotFound when it
// is not there.
func (d *Queries) LockCapture(ctx context.Context, id string) (t register.CaptureTarget, current bool, err error) {
	rows, err := d.q.Query(ctx, `
		SELECT `+targetColumns+`, s.url IS NOT DISTINCT FROM t.address
		FROM desk.capture_targets AS t
		JOIN desk.sources AS s ON s.id = t.source_id
		WHERE t.id = @id
		FOR UPDATE OF t`,
		pgx.StrictNamedArgs{"id": id, "stale": never()})
	if err != nil {
		return t, false, store.Map(err)
	}
	t, err = pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (register.CaptureTarget, error) {
		return scanTarget(row, &current)
	})
	return t, current, store.Map(err)
}

// CaptureOf returns the target of a source's present address; ErrNotFound when
// nothing was asked for.
func (d *Queries) CaptureOf(ctx context.Context, key string, now time.Time) (register.CaptureTarget, error) {
	rows, err := d.q.Query(ctx, `
		SELECT `+targetColumns+`
		FROM desk.capture_targets AS t
		JOIN desk.sources AS s ON s.id = t.source_id AND s.url = t.address
		WHERE s.key = @key`,
		pgx.StrictNamedArgs{"key": key, "stale": now.Add(-fetchingFor)})
	if err != nil {
		return register.CaptureTarget{}, store.Map(err)
	}
	t, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (register.CaptureTarget, error) { return scanTarget(row) })
	return t, store.Map(err)
}

// TakeHost reserves a host until a moment, and returns zero; or, when somebody
// else has it, how long to wait.
func (d *Queries) TakeHost(ctx context.Context, host string, now, until time.Time) (wait time.Duration, err error) {
	var free time.Time
	var mine bool
	err = d.q.QueryRow(ctx, `
		WITH taken AS (
		    INSERT INTO desk.capture_hosts (host, free_at) VALUES (@host, @until)
		    ON CONFLICT (host) DO UPDATE SET free_at = EXCLUDED.free_at WHERE capture_hosts.free_at <= @now
		    RETURNING free_at
		)
		SELECT free_at, true FROM taken
		UNION ALL
		SELECT free_at, false FROM desk.capture_hosts WHERE host = @host AND NOT EXISTS (SELECT FROM taken)`,
		pgx.StrictNamedArgs{"host": host, "now": now, "until": until}).Scan(&free, &mine)
	if err != nil || mine {
		return 0, store.Map(err)
	}
	return max(free.Sub(now), time.Second), nil
}

// LeaveHost lets a host be asked again from a moment on.
func (d *Queries) LeaveHost(ctx context.Context, host string, free time.Time) error {
	return d.run(ctx, `UPDATE desk.capture_hosts SET free_at = @free WHERE host = @host`, pgx.StrictNamedArgs{"host": host, "free": free})
}

// ForgetHosts forgets the hosts that nobody waits for.
func (d *Queries) ForgetHosts(ctx context.Context, before time.Time) error {
	return d.run(ctx, `DELETE FROM desk.capture_hosts WHERE free_at < @before`, pgx.StrictNamedArgs{"before": before})
}

// BeginCapture notes that a target is being fetched.
func (d *Queries) BeginCapture(ctx context.Context, id string, now time.Time) error {
	return d.run(ctx, `UPDATE desk.capture_targets SET fetching_since = @now WHERE id = @id`, pgx.StrictNamedArgs{"id": id, "now": now})
}

// EndCapture writes how a capture of a target ended. What was found is still to
// be shown where unshown is set.
func (d *Queries) EndCapture(ctx context.Context, t register.CaptureTarget, unshown bool) error {
	return d.run(ctx, `
		UPDATE desk.capture_targets
		SET state = @state, waits = @waits, reason = @reason, http_status = @status, tries = @tries, quiet = @quiet, shown = @shown,
		    unshown = unshown OR @unshown, fetching_since = NULL, checked_at = @checked, next_check = @next
		WHERE id = @id`,
		pgx.StrictNamedArgs{
			"id": t.ID, "state": t.State, "waits": t.Waits, "reason": t.Reason, "status": nullableInt(t.HTTPStatus), "tries": t.Tries,
			"quiet": t.Quiet, "shown": t.Shown, "unshown": unshown, "checked": nullableTime(t.CheckedAt), "next": nullableTime(t.NextCheck),
		})
}

// nullableTime is NULL for no time.
func nullableTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

const keptColumns = `
	k.id, k.target_id, k.number, k.taken_at, k.state, k.final, k.hops, k.http_status, k.media_type, k.sha256, k.size, k.warc_sha256,
	k.warc_size, k.title, k.words`

func scanKept(row pgx.CollectableRow) (register.KeptCapture, error) {
	var k register.KeptCapture
	err := row.Scan(&k.ID, &k.Target, &k.Number, &k.TakenAt, &k.State, &k.Final, &k.Hops, &k.HTTPStatus, &k.Type, &k.SHA256, &k.Size,
		&k.WARC, &k.WARCSize, &k.Title, &k.Text)
	return k, err
}

// KeptCaptures returns the copies of a target, the newest first.
func (d *Queries) KeptCaptures(ctx context.Context, target string) ([]register.KeptCapture, error) {
	rows, err := d.q.Query(ctx, `
		SELECT `+keptColumns+`
		FROM desk.kept_captures AS k
		WHERE k.target_id = @target
		ORDER BY k.number DESC`,
		pgx.StrictNamedArgs{"target": target})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, scanKept)
	return out, store.Map(err)
}

// InsertKept adds a copy; copies never change.
func (d *Queries) InsertKept(ctx context.Context, k register.KeptCapture) error {
	return d.run(ctx, `
		INSERT INTO desk.kept_captures (target_id, number, taken_at, state, final, hops, http_status, media_type, sha256, size,
		                                warc_sha256, warc_size, title, words)
		VALUES (@target, @number, @at, @state, @final, @hops, @status, @type, @sha256, @size, @warc, @warc_size, @title, @words)`,
		pgx.StrictNamedArgs{
			"target": k.Target, "number": k.Number, "at": k.TakenAt, "state": k.State, "final": k.Final, "hops": k.Hops,
			"status": k.HTTPStatus, "type": k.Type, "sha256": k.SHA256, "size": k.Size, "warc": k.WARC, "warc_size": k.WARCSize,
			"title": k.Title, "words": k.Text,
		})
}

// TellCapture writes into a source what readers are told of its capture, and
// reports whether it could: not while a record that cites it is in review or
// waits for publication.
func (d *Queries) TellCapture(ctx context.Context, key string, c register.Capture) (bool, error) {
	var id string
	var reviewed bool
	err := d.q.QueryRow(ctx, `
		SELECT s.id, EXISTS (
		    SELECT FROM desk.record_sources AS cited JOIN desk.records AS r ON r.id = cited.record_id
		    WHERE cited.source_id = s.id AND r.state IN ('in-review', 'approved'))
		FROM desk.sources AS s WHERE s.key = @key`,
		pgx.StrictNamedArgs{"key": key}).Scan(&id, &reviewed)
	if err != nil || reviewed {
		return false, store.Map(err)
	}
	if err := d.saveCapture(ctx, id, c); err != nil {
		return false, err
	}
	return true, d.run(ctx, `
		UPDATE desk.captures
		SET last_check = @last_check, changed_since = @changed, warc_sha256 = @warc, state = @state, now_sha256 = @now, now_since = @since
		WHERE source_id = @source AND sha256 = @sha256`,
		pgx.StrictNamedArgs{
			"source": id, "sha256": c.SHA256, "last_check": c.LastCheck.String(), "changed": c.ChangedSince, "warc": c.WARC,
			"state": c.State, "now": c.Now, "since": c.NowSince.String(),
		})
}

// UntoldCaptures returns targets whose sources are still to be told.
func (d *Queries) UntoldCaptures(ctx context.Context, limit int) ([]string, error) {
	rows, err := d.q.Query(ctx, `SELECT id FROM desk.capture_targets WHERE unshown ORDER BY id LIMIT @limit`, pgx.StrictNamedArgs{"limit": limit})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return out, store.Map(err)
}

// MarkTold notes that a source was told of its capture.
func (d *Queries) MarkTold(ctx context.Context, target string) error {
	return d.run(ctx, `UPDATE desk.capture_targets SET unshown = false WHERE id = @id`, pgx.StrictNamedArgs{"id": target})
}

// CaptureHashes returns the hashes of all that was saved of sources, the newest
// first.
func (d *Queries) CaptureHashes(ctx context.Context, keys []string) ([]string, error) {
	rows, err := d.q.Query(ctx, `
		SELECT c.sha256 FROM desk.captures AS c JOIN desk.sources AS s ON s.id = c.source_id
		WHERE s.key = ANY (@keys)
		ORDER BY array_position(@keys, s.key), c.created_at DESC, c.id`,
		pgx.StrictNamedArgs{"keys": list(keys)})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return out, store.Map(err)
}

// CaptureCounts are how many sources with an address are in which state.
type CaptureCounts struct {
	All    int // sources with an address
	Kept   int // of which there is a copy
	Waits  int // which were never captured, and will be
	Failed int
	Other  int // whose page is gone, moved or changed
}

// CaptureCounts counts the sources by how their captures stand.
func (d *Queries) CaptureCounts(ctx context.Context) (CaptureCounts, error) {
	var c CaptureCounts
	err := d.q.QueryRow(ctx, `
		SELECT count(*),
		       count(*) FILTER (WHERE t.shown > 0),
		       count(*) FILTER (WHERE t.state = 'waiting'),
		       count(*) FILTER (WHERE t.state = 'failed'),
		       count(*) FILTER (WHERE t.state IN ('gone', 'moved', 'changed'))
		FROM desk.sources AS s
		LEFT JOIN desk.capture_targets AS t ON t.source_id = s.id AND t.address = s.url
		WHERE s.url IS NOT NULL`).Scan(&c.All, &c.Kept, &c.Waits, &c.Failed, &c.Other)
	return c, store.Map(err)
}
