-- A file that was attached to a form that nobody sent is kept by nothing. After
-- a while it goes; what names it in any way keeps it.

-- Files that only an earlier version or edition names, which never change: they
-- are not looked for a second time.
CREATE TABLE desk.named_files (
    sha256 text PRIMARY KEY REFERENCES desk.files (sha256) ON DELETE CASCADE
);

-- Contents that are to be removed from the store of files. A content cannot be
-- rolled back: it is removed after the commit, and crossed off here.
CREATE TABLE desk.leaving_files (
    sha256 text        PRIMARY KEY CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    since  timestamptz NOT NULL DEFAULT now()
);

-- The files that nobody has attached since a moment and that no draft, source,
-- form in the making or current edition names, as far as can be seen quickly.
CREATE FUNCTION desk.idle_files(before timestamptz) RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT f.sha256 FROM desk.files AS f
    WHERE f.uploaded_at < before
      AND NOT EXISTS (SELECT FROM desk.named_files AS x WHERE x.sha256 = f.sha256)
      AND NOT EXISTS (SELECT FROM desk.documents AS x WHERE x.sha256 = f.sha256)
      AND NOT EXISTS (SELECT FROM desk.captures AS x WHERE x.sha256 = f.sha256)
      AND NOT EXISTS (SELECT FROM desk.file_texts AS x WHERE x.sha256 = f.sha256)
      AND NOT EXISTS (SELECT FROM record.documents AS x WHERE x.sha256 = f.sha256)
      AND NOT EXISTS (SELECT FROM desk.worksheets AS x WHERE strpos(x.form::text, f.sha256) > 0)
      AND NOT EXISTS (
          SELECT FROM desk.audit AS x
          WHERE x.action = 'attach-file' AND x.at >= before AND x.detail ->> 'sha256' = f.sha256)
    ORDER BY f.sha256
    LIMIT 10
$$;

-- Forgets the files that nothing names, and notes that their contents are to be
-- removed. Whoever attaches one of them at the same moment holds its lock.
CREATE FUNCTION desk.forget_files(before timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    idle text[] := ARRAY(SELECT desk.idle_files(before));
    hash text;
BEGIN
    IF idle = '{}' THEN
        RETURN;
    END IF;
    FOREACH hash IN ARRAY idle LOOP
        PERFORM pg_advisory_xact_lock(hashtextextended(hash, 12));
    END LOOP;
    -- What was kept is searched from its beginning to its end: it happens once
    -- for each file.
    INSERT INTO desk.named_files (sha256)
    SELECT x FROM unnest(idle) AS x
    WHERE EXISTS (SELECT FROM desk.revisions AS r WHERE strpos(r.content::text, x) > 0)
       OR EXISTS (SELECT FROM record.editions AS e WHERE position(convert_to(x, 'UTF8') IN e.content) > 0);
    idle := ARRAY(SELECT x FROM desk.idle_files(before) AS x WHERE x = ANY (idle));
    INSERT INTO desk.leaving_files (sha256) SELECT unnest(idle) ON CONFLICT DO NOTHING;
    DELETE FROM desk.files WHERE sha256 = ANY (idle);
END
$$;

GRANT EXECUTE ON FUNCTION desk.forget_files(timestamptz) TO sijil_desk;
GRANT SELECT, DELETE ON desk.leaving_files TO sijil_desk;
