-- What the addresses of sources show is kept in the background. A target is an
-- address of a source, with how its capture stands; a kept capture is a copy,
-- which never changes: the file itself (WARC) is in the store of files.
CREATE TABLE desk.capture_targets (
    id             uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    source_id      uuid        NOT NULL REFERENCES desk.sources (id),
    address        text        NOT NULL CHECK (address ~ '^https?://'),
    state          text        NOT NULL DEFAULT 'waiting'
                   CHECK (state IN ('waiting', 'kept', 'failed', 'gone', 'moved', 'changed')),
    waits          boolean     NOT NULL DEFAULT true,
    reason         text        NOT NULL DEFAULT '',
    http_status    integer,
    tries          integer     NOT NULL DEFAULT 0,
    quiet          integer     NOT NULL DEFAULT 0,
    shown          integer     NOT NULL DEFAULT 0,
    unshown        boolean     NOT NULL DEFAULT false,
    asked_at       timestamptz NOT NULL,
    fetching_since timestamptz,
    checked_at     timestamptz,
    next_check     timestamptz,
    UNIQUE (source_id, address)
);
COMMENT ON COLUMN desk.capture_targets.waits IS 'a job is asked for: the first, a check, or another try';
COMMENT ON COLUMN desk.capture_targets.reason IS 'why the last try failed; empty after one that did not';
COMMENT ON COLUMN desk.capture_targets.quiet IS 'checks in a row that found nothing new: the next comes later';
COMMENT ON COLUMN desk.capture_targets.shown IS 'number of the copy on which the record rests; 0: none yet';
COMMENT ON COLUMN desk.capture_targets.unshown IS 'the source is not told of it yet, since a record that cites it is in review';
CREATE INDEX capture_targets_due_idx ON desk.capture_targets (next_check) WHERE next_check IS NOT NULL;
CREATE INDEX capture_targets_waits_idx ON desk.capture_targets (asked_at) WHERE waits;
CREATE INDEX capture_targets_unshown_idx ON desk.capture_targets (id) WHERE unshown;

CREATE TABLE desk.kept_captures (
    id          uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    target_id   uuid        NOT NULL REFERENCES desk.capture_targets (id),
    number      integer     NOT NULL CHECK (number > 0),
    taken_at    timestamptz NOT NULL,
    state       text        NOT NULL CHECK (state IN ('kept', 'gone', 'moved', 'changed')),
    final       text        NOT NULL,
    hops        jsonb       NOT NULL,
    http_status integer     NOT NULL,
    media_type  text        NOT NULL,
    sha256      text        NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    size        bigint      NOT NULL CHECK (size >= 0),
    warc_sha256 text        NOT NULL CHECK (warc_sha256 ~ '^[0-9a-f]{64}$'),
    warc_size   bigint      NOT NULL CHECK (warc_size > 0),
    title       text        NOT NULL,
    words       text        NOT NULL,
    UNIQUE (target_id, number)
);
COMMENT ON COLUMN desk.kept_captures.final IS 'the address that answered, after all redirects';
COMMENT ON COLUMN desk.kept_captures.hops IS 'each redirect and the answer: address, status, head';
COMMENT ON COLUMN desk.kept_captures.sha256 IS 'of the body, decoded; it lies in the WARC file';
COMMENT ON COLUMN desk.kept_captures.words IS 'the readable text; empty where there is none';
CREATE TRIGGER kept_captures_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON desk.kept_captures
    FOR EACH STATEMENT WHEN (NOT desk.is_takedown_now()) EXECUTE FUNCTION desk.refuse_change();

-- One request at a time to a host, and a pause after it, whoever asks.
CREATE TABLE desk.capture_hosts (
    host    text        PRIMARY KEY,
    free_at timestamptz NOT NULL
);

-- When a takedown takes a source away, what was captured of it goes with it; its
-- files leave the store at once, or at the next round.
CREATE FUNCTION desk.erase_captures() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT desk.is_takedown_now() THEN
        RAISE EXCEPTION 'the key of a source never changes' USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO desk.leaving_files (sha256)
    SELECT k.warc_sha256 FROM desk.kept_captures AS k JOIN desk.capture_targets AS t ON t.id = k.target_id
    WHERE t.source_id = NEW.id
    ON CONFLICT DO NOTHING;
    DELETE FROM desk.kept_captures AS k USING desk.capture_targets AS t
    WHERE t.id = k.target_id AND t.source_id = NEW.id;
    DELETE FROM desk.capture_targets WHERE source_id = NEW.id;
    DELETE FROM desk.capture_hosts; -- names of hosts; without them somebody is asked a little sooner
    DELETE FROM desk.worksheets WHERE place = '/desk/sources/' || OLD.key;
    RETURN NULL;
END
$$;
CREATE TRIGGER sources_erase_captures AFTER UPDATE OF key ON desk.sources
    FOR EACH ROW WHEN (NEW.key <> OLD.key) EXECUTE FUNCTION desk.erase_captures();

GRANT SELECT, INSERT, UPDATE ON desk.capture_targets TO sijil_desk;
GRANT SELECT, INSERT ON desk.kept_captures TO sijil_desk;
GRANT SELECT, INSERT, UPDATE, DELETE ON desk.capture_hosts TO sijil_desk;
