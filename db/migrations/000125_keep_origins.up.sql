-- What came in from files of others: runs of imports, what they left out and
-- why, and each record's origin, word for word.
CREATE TABLE desk.import_runs (
    id          uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    format      text        NOT NULL CHECK (format IN ('veris', 'csv', 'stix')),
    name        text        NOT NULL CHECK (name <> ''),
    sha256      text        NOT NULL CHECK (sha256 ~ '^([0-9a-f]{64})?$'),
    started_by  uuid        NOT NULL REFERENCES desk.accounts (id),
    publish_as  uuid        REFERENCES desk.accounts (id),
    started_at  timestamptz NOT NULL,
    confirmed_at timestamptz,
    finished_at timestamptz,
    failure     text        NOT NULL DEFAULT '',
    items       integer     NOT NULL DEFAULT 0 CHECK (items >= 0),
    made        integer     NOT NULL DEFAULT 0 CHECK (made >= 0),
    published   integer     NOT NULL DEFAULT 0 CHECK (published BETWEEN 0 AND made),
    known       integer     NOT NULL DEFAULT 0 CHECK (known >= 0),
    skipped     integer     NOT NULL DEFAULT 0 CHECK (skipped >= 0),
    institutions_made       integer NOT NULL DEFAULT 0 CHECK (institutions_made >= 0),
    institutions_recognised integer NOT NULL DEFAULT 0 CHECK (institutions_recognised >= 0)
);
COMMENT ON COLUMN desk.import_runs.sha256 IS 'of the file and, for CSV, its mapping; empty for a stream, which cannot be resumed';
COMMENT ON COLUMN desk.import_runs.confirmed_at IS 'null while somebody looks at what an upload would make';
COMMENT ON COLUMN desk.import_runs.items IS 'how many lines, rows or objects of the file have been dealt with';
CREATE INDEX import_runs_started_by_idx ON desk.import_runs (started_by);
CREATE INDEX import_runs_publish_as_idx ON desk.import_runs (publish_as);
CREATE INDEX import_runs_open_idx ON desk.import_runs (sha256) WHERE finished_at IS NULL;

CREATE TABLE desk.import_notes (
    run_id    uuid    NOT NULL REFERENCES desk.import_runs (id) ON DELETE CASCADE,
    position  integer NOT NULL CHECK (position > 0),
    line      integer NOT NULL CHECK (line > 0),
    origin_id text    NOT NULL DEFAULT '',
    reason    text    NOT NULL CHECK (reason <> ''),
    detail    text    NOT NULL DEFAULT '',
    is_draft  boolean NOT NULL,
    PRIMARY KEY (run_id, position)
);
COMMENT ON COLUMN desk.import_notes.is_draft IS 'it was made, but is not published; else it was left out';

-- What an upload holds until it is done.
CREATE TABLE desk.import_files (
    run_id  uuid  PRIMARY KEY REFERENCES desk.import_runs (id) ON DELETE CASCADE,
    content bytea NOT NULL,
    mapping text  NOT NULL DEFAULT ''
);

CREATE TABLE desk.origins (
    record_id uuid    PRIMARY KEY REFERENCES desk.records (id),
    format    text    NOT NULL CHECK (format IN ('veris', 'csv', 'stix')),
    origin_id text    NOT NULL CHECK (origin_id <> ''),
    line      integer NOT NULL CHECK (line > 0),
    raw       text,
    sha256    text    CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    run_id    uuid    NOT NULL REFERENCES desk.import_runs (id),
    UNIQUE (format, origin_id),
    CHECK ((raw IS NULL) = (sha256 IS NULL))
);
COMMENT ON TABLE desk.origins IS 'for staff only: it may name natural persons';
COMMENT ON COLUMN desk.origins.raw IS 'the record as it came, word for word; null once it was taken down';
CREATE INDEX origins_run_id_idx ON desk.origins (run_id);

CREATE FUNCTION desk.erase_origins() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    -- The row stays, so that the same file does not bring the record back.
    UPDATE desk.origins SET raw = NULL, sha256 = NULL WHERE record_id = NEW.record_id;
    RETURN NULL;
END
$$;

CREATE TRIGGER decisions_erase_origins AFTER UPDATE OF outcome ON desk.decisions
    FOR EACH ROW WHEN (NEW.kind = 'takedown' AND NEW.outcome = 'confirmed' AND OLD.outcome IS NULL)
    EXECUTE FUNCTION desk.erase_origins();
CREATE TRIGGER origins_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON desk.origins
    FOR EACH STATEMENT WHEN (NOT desk.is_takedown_now()) EXECUTE FUNCTION desk.refuse_change();

GRANT EXECUTE ON FUNCTION desk.erase_origins() TO sijil_takedown;
GRANT SELECT, INSERT, UPDATE, DELETE ON desk.import_runs, desk.import_files TO sijil_desk;
GRANT SELECT, INSERT ON desk.import_notes, desk.origins TO sijil_desk;
