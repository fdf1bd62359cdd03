-- Dumps of what is published, made each night. They hold it as it was when they were
-- taken: whatever is withdrawn or taken down afterwards takes all of them along, in
-- its own transaction, and their contents leave the store of files as others do.
CREATE TABLE record.dumps (
    name       text        PRIMARY KEY CHECK (name ~ '^[a-z0-9]+([.-][a-z0-9]+)*$'),
    day        date        NOT NULL,
    format     text        NOT NULL CHECK (format <> ''),
    media_type text        NOT NULL CHECK (media_type <> ''),
    taken_at   timestamptz NOT NULL,
    generation bigint      NOT NULL,
    size       bigint      NOT NULL CHECK (size > 0),
    sha256     text        NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    UNIQUE (day, format)
);
COMMENT ON COLUMN record.dumps.taken_at IS 'the moment that it shows, or a little before';
COMMENT ON COLUMN record.dumps.sha256 IS 'of the whole file, as it is handed out';

CREATE TABLE record.dump_parts (
    name     text    NOT NULL REFERENCES record.dumps (name) ON DELETE CASCADE,
    position integer NOT NULL CHECK (position >= 0),
    sha256   text    NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    size     bigint  NOT NULL CHECK (size > 0),
    PRIMARY KEY (name, position)
);
COMMENT ON TABLE record.dump_parts IS 'a file in pieces that the store of files takes';

CREATE FUNCTION record.let_dump_go() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO desk.leaving_files (sha256) VALUES (OLD.sha256) ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;

CREATE FUNCTION record.outdate_dumps() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    DELETE FROM record.dumps;
    RETURN NULL;
END
$$;

-- A dump that was being made meanwhile comes too late.
CREATE FUNCTION record.guard_dump() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM record.heads AS h WHERE h.state = 'withdrawn' AND h.changed_at >= NEW.taken_at)
       OR EXISTS (SELECT FROM record.tombstones AS t WHERE t.removed_at >= NEW.taken_at)
    THEN
        RAISE EXCEPTION 'something that the dump holds is not public any more'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'dumps_public';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER dump_parts_leave AFTER DELETE ON record.dump_parts
    FOR EACH ROW EXECUTE FUNCTION record.let_dump_go();
CREATE TRIGGER dumps_guard BEFORE INSERT OR UPDATE ON record.dumps
    FOR EACH ROW EXECUTE FUNCTION record.guard_dump();
CREATE TRIGGER heads_outdate_dumps AFTER UPDATE OF state ON record.heads
    FOR EACH ROW WHEN (NEW.state = 'withdrawn') EXECUTE FUNCTION record.outdate_dumps();
CREATE TRIGGER tombstones_outdate_dumps AFTER INSERT ON record.tombstones
    FOR EACH STATEMENT EXECUTE FUNCTION record.outdate_dumps();

REVOKE ALL ON FUNCTION record.let_dump_go(), record.outdate_dumps(), record.guard_dump() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION record.let_dump_go(), record.outdate_dumps(), record.guard_dump() TO sijil_desk, sijil_takedown;
GRANT SELECT ON record.dumps, record.dump_parts TO sijil_public, sijil_desk, sijil_takedown;
GRANT INSERT, DELETE ON record.dumps, record.dump_parts TO sijil_desk;
