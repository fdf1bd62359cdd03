-- A takedown erases what is known of the files that go with it: their names and
-- their texts.
DROP TRIGGER file_texts_append_only ON desk.file_texts;
CREATE TRIGGER file_texts_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON desk.file_texts
    FOR EACH STATEMENT WHEN (NOT desk.is_takedown_now()) EXECUTE FUNCTION desk.refuse_change();

CREATE FUNCTION desk.erase_files(decision uuid, hashes text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    gone text[];
BEGIN
    PERFORM FROM desk.decisions AS d
    WHERE d.id = decision AND d.kind = 'takedown' AND d.outcome = 'confirmed' AND record.is_ours(d.xmin);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'nothing is erased without a decision of two persons' USING ERRCODE = 'insufficient_privilege';
    END IF;
    -- A file that another statement holds stays, whoever asks.
    gone := ARRAY(
        SELECT f.sha256 FROM desk.files AS f
        WHERE f.sha256 = ANY (hashes)
          AND NOT EXISTS (SELECT FROM desk.documents AS x WHERE x.sha256 = f.sha256)
          AND NOT EXISTS (SELECT FROM record.documents AS x WHERE x.sha256 = f.sha256));
    DELETE FROM desk.file_texts WHERE sha256 = ANY (gone);
    DELETE FROM desk.files WHERE sha256 = ANY (gone);
END
$$;
GRANT EXECUTE ON FUNCTION desk.erase_files(uuid, text[]), desk.refuse_change() TO sijil_takedown;
