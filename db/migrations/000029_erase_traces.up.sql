-- What else the desk knows of a record goes with it: mails about it, and the
-- words by which its sources were found.
CREATE FUNCTION desk.erase_mails() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    traces text[];
BEGIN
    -- Its identifier, those of its reviews, and what it was called.
    traces := ARRAY[NEW.record_id::text]
        || ARRAY(SELECT m.bundle_id::text FROM desk.bundle_records AS m WHERE m.record_id = NEW.record_id)
        || ARRAY(SELECT to_json(t.words)::text FROM desk.directory AS e, jsonb_each_text(e.title) AS t (lang, words)
                 WHERE e.record_id = NEW.record_id AND t.words <> '')
        || ARRAY(SELECT to_json(t.words)::text FROM desk.revisions AS v, jsonb_each_text(CASE jsonb_typeof(v.content -> 'title') WHEN 'object' THEN v.content -> 'title' ELSE '{}' END) AS t (lang, words)
                 WHERE v.record_id = NEW.record_id AND t.words <> '');
    DELETE FROM desk.mails AS m
    WHERE EXISTS (SELECT FROM unnest(traces) AS trace WHERE strpos(m.content::text, trace) > 0);
    RETURN NULL;
END
$$;
CREATE TRIGGER decisions_erase_mails AFTER UPDATE OF outcome ON desk.decisions
    FOR EACH ROW WHEN (NEW.kind = 'takedown' AND NEW.outcome = 'confirmed' AND OLD.outcome IS NULL)
    EXECUTE FUNCTION desk.erase_mails();
GRANT EXECUTE ON FUNCTION desk.erase_mails() TO sijil_takedown;

CREATE FUNCTION desk.forget_source() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    DELETE FROM desk.source_directory WHERE source_id = NEW.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER sources_forget AFTER UPDATE OF key ON desk.sources
    FOR EACH ROW WHEN (NEW.key <> OLD.key) EXECUTE FUNCTION desk.forget_source();
GRANT EXECUTE ON FUNCTION desk.forget_source() TO sijil_desk;
