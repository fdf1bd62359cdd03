ALTER TABLE record.log_tiles DROP CONSTRAINT log_tiles_full;
COMMENT ON TABLE record.log_tiles IS 'level 0: the hashes of leaves; level 1 and above: the roots of full tiles of the level below';
INSERT INTO record.log_tiles (level, index, hashes)
SELECT 0, l.position / 256, string_agg(sha256('\x00'::bytea || l.entry), ''::bytea ORDER BY l.position)
FROM record.log_leaves AS l
WHERE l.position >= (SELECT (max(position) + 1) / 256 * 256 FROM record.log_leaves)
GROUP BY 2;

DROP TRIGGER log_leaves_whole ON record.log_leaves;
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

CREATE OR REPLACE FUNCTION record.guard_log_leaves() RETURNS trigger
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
