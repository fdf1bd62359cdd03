-- The hashes of leaves are kept once a tile of them is full. Those of the tile
-- that is being filled follow from the leaves: to append rewrote it each time,
-- up to 8 KiB for 32 bytes, and cost more than all else that the log asks for.
CREATE OR REPLACE FUNCTION record.leaf_is_whole() RETURNS trigger
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
    WHILE height = 0 AND at % 256 = 255 OR height > 0 LOOP
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

-- Nothing is asked at commit of a leaf that fills no tile and is of an edition:
-- that it fits was seen when it came.
DROP TRIGGER log_leaves_whole ON record.log_leaves;
CREATE CONSTRAINT TRIGGER log_leaves_whole AFTER INSERT ON record.log_leaves
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.type NOT IN ('edition', 'correction') OR NEW.position % 256 = 255)
    EXECUTE FUNCTION record.leaf_is_whole();

-- The same as before, asked in one statement.
CREATE OR REPLACE FUNCTION record.guard_log_leaves() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    first bigint;
    last  bigint;
    n     bigint;
    said  boolean;
    fits  boolean;
BEGIN
    SELECT min(a.position), max(a.position), count(*),
           bool_and(a.entry = record.log_entry(a.type, a.reference, a.edition, a.logged_at, a.commitment)
                    AND a.logged_at = date_trunc('second', a.logged_at)),
           bool_and(CASE
               WHEN a.type NOT IN ('edition', 'correction') OR e.reference IS NULL THEN true
               WHEN e.content IS NULL THEN false
               ELSE a.logged_at = e.published_at
                    AND a.commitment = encode(sha256(e.salt || e.content), 'hex')
                    AND (a.type = 'correction') = (convert_from(e.content, 'UTF8')::jsonb ? 'correction')
           END)
    INTO first, last, n, said, fits
    FROM added AS a
    LEFT JOIN record.editions AS e ON (e.reference, e.number) = (a.reference, a.edition);
    IF last - first + 1 <> n
       OR first > 0 AND NOT EXISTS (SELECT FROM record.log_leaves AS l WHERE l.position = first - 1)
    THEN
        RAISE EXCEPTION 'the log has no gaps' USING ERRCODE = 'check_violation', CONSTRAINT = 'log_leaves_gapless';
    END IF;
    IF NOT said THEN
        RAISE EXCEPTION 'a leaf is what its columns say' USING ERRCODE = 'check_violation', CONSTRAINT = 'log_leaves_entry';
    END IF;
    IF NOT fits THEN
        RAISE EXCEPTION 'a leaf fits its edition' USING ERRCODE = 'check_violation', CONSTRAINT = 'log_leaves_edition';
    END IF;
    RETURN NULL;
END
$$;

ALTER TABLE record.log_tiles DISABLE TRIGGER log_tiles_keep;
DELETE FROM record.log_tiles WHERE level = 0 AND length(hashes) < 8192;
ALTER TABLE record.log_tiles ENABLE TRIGGER log_tiles_keep;
ALTER TABLE record.log_tiles ADD CONSTRAINT log_tiles_full CHECK (level > 0 OR length(hashes) = 8192);
COMMENT ON TABLE record.log_tiles IS
    'level 0: the hashes of leaves, once a tile is full; level 1 and above: the roots of full tiles of the level below';
