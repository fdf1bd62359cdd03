-- The public log: a leaf for each edition and for whatever else changes what the
-- public sees. A leaf says of what it is and commits to it by a salted hash; it
-- holds no content, so that it can stay when the content has to go.
CREATE TABLE record.log_leaves (
    position   bigint      PRIMARY KEY CHECK (position >= 0),
    type       text        NOT NULL
                           CHECK (type IN ('edition', 'correction', 'document', 'withdrawal', 'takedown', 'key')),
    reference  text,
    edition    integer,
    logged_at  timestamptz NOT NULL,
    commitment text        NOT NULL CHECK (commitment ~ '^[0-9a-f]{64}$'),
    entry      bytea       NOT NULL CHECK (length(entry) BETWEEN 1 AND 65535),
    FOREIGN KEY (reference, edition) REFERENCES record.editions (reference, number),
    CHECK ((type = 'key') = (reference IS NULL)),
    CHECK ((reference IS NULL) = (edition IS NULL))
);
COMMENT ON COLUMN record.log_leaves.entry IS 'canonical JSON of the leaf: what the tree hashes';
COMMENT ON COLUMN record.log_leaves.commitment IS 'SHA-256 of a salt and the canonical JSON of what the leaf is about';
CREATE INDEX log_leaves_edition_idx ON record.log_leaves (reference, edition);
CREATE UNIQUE INDEX log_leaves_once_idx ON record.log_leaves (reference, edition) WHERE type IN ('edition', 'correction');
CREATE UNIQUE INDEX log_leaves_takedown_idx ON record.log_leaves (reference, edition) WHERE type = 'takedown';

-- What leaves commit to that are not about an edition; an edition has its own
-- salt and content.
CREATE TABLE record.log_openings (
    position bigint PRIMARY KEY REFERENCES record.log_leaves (position),
    salt     bytea  CHECK (length(salt) = 32),
    content  bytea,
    CHECK ((salt IS NULL) = (content IS NULL))
);

-- The Merkle tree over the leaves (RFC 6962), in tiles of 256 hashes.
CREATE TABLE record.log_tiles (
    level  smallint NOT NULL CHECK (level BETWEEN 0 AND 7),
    index  bigint   NOT NULL CHECK (index >= 0),
    hashes bytea    NOT NULL CHECK (length(hashes) BETWEEN 32 AND 8192 AND length(hashes) % 32 = 0),
    PRIMARY KEY (level, index)
);
COMMENT ON TABLE record.log_tiles IS 'level 0: the hashes of leaves; level 1 and above: the roots of full tiles of the level below';
-- Hashes do not compress.
ALTER TABLE record.log_tiles ALTER COLUMN hashes SET STORAGE EXTERNAL;

CREATE TABLE record.log_checkpoints (
    size      bigint      PRIMARY KEY CHECK (size > 0),
    root      bytea       NOT NULL CHECK (length(root) = 32),
    note      text        NOT NULL,
    signed_at timestamptz NOT NULL
);
COMMENT ON COLUMN record.log_checkpoints.note IS 'signed note: origin, size and root, with the signatures of the log';

-- The public parts of the keys that sign, each with the leaf that says since when.
CREATE TABLE record.log_keys (
    key      text        PRIMARY KEY,
    position bigint      NOT NULL UNIQUE REFERENCES record.log_leaves (position) DEFERRABLE INITIALLY DEFERRED,
    since    timestamptz NOT NULL
);

-- What a leaf of these columns is as canonical JSON (RFC 8785).
CREATE FUNCTION record.log_entry(type text, reference text, edition integer, logged_at timestamptz, commitment text)
RETURNS bytea
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT convert_to(
        '{"commitment":"' || commitment || '"'
        || coalesce(',"edition":' || edition, '')
        || ',"format":"sijil-leaf-1"'
        || coalesce(',"reference":' || to_json(reference), '')
        || ',"time":"' || to_char(logged_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') || '"'
        || ',"type":"' || type || '"}', 'UTF8')
$$;

CREATE FUNCTION record.guard_log_leaves() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    first bigint;
    last  bigint;
    n     bigint;
BEGIN
    SELECT min(position), max(position), count(*) INTO first, last, n FROM added;
    IF last - first + 1 <> n
       OR first > 0 AND NOT EXISTS (SELECT FROM record.log_leaves AS l WHERE l.position = first - 1)
    THEN
        RAISE EXCEPTION 'the log has no gaps' USING ERRCODE = 'check_violation', CONSTRAINT = 'log_leaves_gapless';
    END IF;
    IF EXISTS (
        SELECT FROM added AS a
        WHERE a.entry <> record.log_entry(a.type, a.reference, a.edition, a.logged_at, a.commitment)
           OR a.logged_at <> date_trunc('second', a.logged_at))
    THEN
        RAISE EXCEPTION 'a leaf is what its columns say' USING ERRCODE = 'check_violation', CONSTRAINT = 'log_leaves_entry';
    END IF;
    IF EXISTS (
        SELECT FROM added AS a
        JOIN record.editions AS e ON (e.reference, e.number) = (a.reference, a.edition)
        WHERE a.type IN ('edition', 'correction')
          AND (e.content IS NULL
               OR a.logged_at <> e.published_at
               OR a.commitment <> encode(sha256(e.salt || e.content), 'hex')
               OR (a.type = 'correction') <> (convert_from(e.content, 'UTF8')::jsonb ? 'correction')))
    THEN
        RAISE EXCEPTION 'a leaf fits its edition' USING ERRCODE = 'check_violation', CONSTRAINT = 'log_leaves_edition';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER log_leaves_guard AFTER INSERT ON record.log_leaves
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION record.guard_log_leaves();

-- What a leaf is about is what happened: a document that the edition names, a
-- notice that stands, a key that signs.
CREATE FUNCTION record.guard_log_opening() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    leaf record.log_leaves;
    body jsonb;
    fits boolean;
BEGIN
    SELECT * INTO leaf FROM record.log_leaves AS l WHERE l.position = NEW.position;
    IF TG_OP = 'UPDATE' THEN
        fits := NEW.position = OLD.position AND NEW.content IS NULL AND NEW.salt IS NULL
            AND leaf.type IN ('document', 'withdrawal')
            AND pg_has_role(current_user, 'sijil_takedown', 'USAGE')
            AND EXISTS (SELECT FROM record.tombstones AS t WHERE (t.reference, t.number) = (leaf.reference, leaf.edition));
        IF NOT fits THEN
            RAISE EXCEPTION 'what a leaf commits to is immutable' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END IF;
    body := convert_from(NEW.content, 'UTF8');
    fits := leaf.commitment = encode(sha256(NEW.salt || NEW.content), 'hex') AND CASE leaf.type
        WHEN 'document' THEN EXISTS (
            SELECT FROM record.editions AS e
            WHERE (e.reference, e.number) = (leaf.reference, leaf.edition)
              AND position(convert_to('"sha256":' || to_json(body ->> 'sha256'), 'UTF8') IN e.content) > 0)
        WHEN 'withdrawal' THEN EXISTS (
            SELECT FROM record.heads AS h
            WHERE (h.reference, h.number, h.state) = (leaf.reference, leaf.edition, 'withdrawn')
              AND h.notice = body -> 'reason' AND date_trunc('second', h.changed_at) = leaf.logged_at)
        WHEN 'takedown' THEN EXISTS (
            SELECT FROM record.tombstones AS t
            WHERE (t.reference, t.number) = (leaf.reference, leaf.edition)
              AND t.reason = body -> 'reason' AND date_trunc('second', t.removed_at) = leaf.logged_at)
        WHEN 'key' THEN EXISTS (
            SELECT FROM record.log_keys AS k WHERE (k.key, k.position) = (body ->> 'key', leaf.position))
        ELSE false
    END;
    IF fits IS NOT TRUE THEN
        RAISE EXCEPTION 'a leaf is about what happened' USING ERRCODE = 'check_violation', CONSTRAINT = 'log_openings_fit';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER log_openings_guard BEFORE INSERT OR UPDATE ON record.log_openings
    FOR EACH ROW EXECUTE FUNCTION record.guard_log_opening();

CREATE FUNCTION record.log_tile_root(hashes bytea) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    layer bytea := hashes;
BEGIN
    WHILE length(layer) > 32 LOOP
        layer := (SELECT string_agg(sha256('\x01'::bytea || substr(layer, i * 64 + 1, 64)), ''::bytea ORDER BY i)
                  FROM generate_series(0, length(layer) / 64 - 1) AS i);
    END LOOP;
    RETURN layer;
END
$$;

-- A tile grows at its end, by what the leaves, or the full tiles below, hash to.
CREATE FUNCTION record.guard_log_tile() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    before integer := 0;
    after  integer := length(NEW.hashes) / 32;
    wanted bytea;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        before := length(OLD.hashes) / 32;
        IF (NEW.level, NEW.index) <> (OLD.level, OLD.index) OR substr(NEW.hashes, 1, before * 32) <> OLD.hashes THEN
            RAISE EXCEPTION 'a tile only grows at its end' USING ERRCODE = 'insufficient_privilege';
        END IF;
    END IF;
    IF NEW.level = 0 THEN
        wanted := (SELECT string_agg(sha256('\x00'::bytea || l.entry), ''::bytea ORDER BY l.position)
                   FROM record.log_leaves AS l
                   WHERE l.position >= NEW.index * 256 + before AND l.position < NEW.index * 256 + after);
    ELSE
        wanted := (SELECT string_agg(record.log_tile_root(t.hashes), ''::bytea ORDER BY t.index)
                   FROM record.log_tiles AS t
                   WHERE t.level = NEW.level - 1 AND length(t.hashes) = 8192
                     AND t.index >= NEW.index * 256 + before AND t.index < NEW.index * 256 + after);
    END IF;
    IF wanted IS DISTINCT FROM substr(NEW.hashes, before * 32 + 1) THEN
        RAISE EXCEPTION 'a tile is what the leaves hash to' USING ERRCODE = 'check_violation', CONSTRAINT = 'log_tiles_hashes';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER log_tiles_guard BEFORE INSERT OR UPDATE ON record.log_tiles
    FOR EACH ROW EXECUTE FUNCTION record.guard_log_tile();

CREATE FUNCTION record.guard_log_checkpoint() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM record.log_checkpoints AS c WHERE c.size >= NEW.size)
       OR NOT EXISTS (SELECT FROM record.log_leaves AS l WHERE l.position = NEW.size - 1)
    THEN
        RAISE EXCEPTION 'a checkpoint is of a log that grew' USING ERRCODE = 'check_violation', CONSTRAINT = 'log_checkpoints_grow';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER log_checkpoints_guard BEFORE INSERT ON record.log_checkpoints
    FOR EACH ROW EXECUTE FUNCTION record.guard_log_checkpoint();

CREATE TRIGGER log_leaves_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON record.log_leaves
    FOR EACH STATEMENT EXECUTE FUNCTION record.refuse_change();
CREATE TRIGGER log_openings_keep BEFORE DELETE OR TRUNCATE ON record.log_openings
    FOR EACH STATEMENT EXECUTE FUNCTION record.refuse_change();
CREATE TRIGGER log_tiles_keep BEFORE DELETE OR TRUNCATE ON record.log_tiles
    FOR EACH STATEMENT EXECUTE FUNCTION record.refuse_change();
CREATE TRIGGER log_checkpoints_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON record.log_checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION record.refuse_change();
CREATE TRIGGER log_keys_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON record.log_keys
    FOR EACH STATEMENT EXECUTE FUNCTION record.refuse_change();

-- At commit: nothing became public, was withdrawn or removed without its leaf,
-- and no leaf is without what it is about, or outside of the tree.
CREATE FUNCTION record.is_logged() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    logged boolean;
BEGIN
    IF TG_TABLE_NAME = 'editions' THEN
        logged := EXISTS (
            SELECT FROM record.log_leaves AS l
            WHERE (l.reference, l.edition) = (NEW.reference, NEW.number) AND l.type IN ('edition', 'correction'));
    ELSIF TG_TABLE_NAME = 'tombstones' THEN
        logged := EXISTS (
            SELECT FROM record.log_leaves AS l
            WHERE (l.reference, l.edition) = (NEW.reference, NEW.number) AND l.type = 'takedown');
    ELSE
        logged := EXISTS (
            SELECT FROM record.log_leaves AS l
            WHERE (l.reference, l.edition) = (NEW.reference, NEW.number) AND l.type IN ('withdrawal', 'takedown')
              AND l.logged_at = NEW.changed_at);
    END IF;
    IF NOT logged THEN
        RAISE EXCEPTION '% % is not in the log', NEW.reference, NEW.number
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_logged';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER editions_logged AFTER INSERT ON record.editions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION record.is_logged();
CREATE CONSTRAINT TRIGGER tombstones_logged AFTER INSERT ON record.tombstones
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION record.is_logged();
CREATE CONSTRAINT TRIGGER heads_logged AFTER UPDATE ON record.heads
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.state = 'withdrawn' AND (OLD.state, OLD.notice) IS DISTINCT FROM (NEW.state, NEW.notice))
    EXECUTE FUNCTION record.is_logged();

CREATE FUNCTION record.leaf_is_whole() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    height smallint := 0;
    at     bigint := NEW.position;
BEGIN
    IF NEW.type NOT IN ('edition', 'correction')
       AND NOT EXISTS (SELECT FROM record.log_openings AS o WHERE o.position = NEW.position)
    THEN
        RAISE EXCEPTION 'leaf % is about nothing', NEW.position
            USING ERRCODE = 'check_violation', CONSTRAINT = 'log_leaves_about';
    END IF;
    LOOP
        IF NOT EXISTS (
            SELECT FROM record.log_tiles AS t
            WHERE (t.level, t.index) = (height, at / 256) AND length(t.hashes) > at % 256 * 32)
        THEN
            RAISE EXCEPTION 'leaf % is not in the tree', NEW.position
                USING ERRCODE = 'check_violation', CONSTRAINT = 'log_leaves_in_tree';
        END IF;
        EXIT WHEN at % 256 <> 255;
        height := height + 1;
        at := at / 256;
    END LOOP;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER log_leaves_whole AFTER INSERT ON record.log_leaves
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION record.leaf_is_whole();

GRANT SELECT ON record.log_leaves, record.log_openings, record.log_tiles, record.log_checkpoints, record.log_keys
    TO sijil_public, sijil_desk, sijil_takedown;
GRANT INSERT ON record.log_leaves, record.log_openings, record.log_tiles TO sijil_desk, sijil_takedown;
GRANT INSERT ON record.log_checkpoints, record.log_keys TO sijil_desk;
GRANT UPDATE (hashes) ON record.log_tiles TO sijil_desk, sijil_takedown;
GRANT UPDATE (salt, content) ON record.log_openings TO sijil_takedown;
GRANT EXECUTE ON FUNCTION record.log_entry(text, text, integer, timestamptz, text), record.log_tile_root(bytea),
    record.guard_log_leaves(), record.guard_log_opening(), record.guard_log_tile(), record.is_logged(),
    record.leaf_is_whole() TO sijil_desk, sijil_takedown;
GRANT EXECUTE ON FUNCTION record.guard_log_checkpoint() TO sijil_desk;
