CREATE OR REPLACE FUNCTION desk.guard_record() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    moves boolean;
BEGIN
    IF (NEW.id, NEW.type, NEW.created_by, NEW.created_at)
           IS DISTINCT FROM (OLD.id, OLD.type, OLD.created_by, OLD.created_at)
       OR OLD.reference IS NOT NULL AND NEW.reference IS DISTINCT FROM OLD.reference
    THEN
        RAISE EXCEPTION 'what a record is does not change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'records_identity';
    END IF;
    -- Each question is asked of its own move only: an import moves every record three times.
    IF NEW.version <> OLD.version THEN
        moves := NEW.version = OLD.version + 1 AND NEW.state = 'draft';
    ELSIF NEW.state = OLD.state THEN
        moves := true;
    ELSIF OLD.state = 'draft' THEN
        moves := NEW.state IN ('in-review', 'discarded');
    ELSIF OLD.state = 'in-review' AND NEW.state = 'draft' THEN
        moves := true;
    ELSIF OLD.state = 'in-review' AND NEW.state = 'approved' THEN
        moves := EXISTS (
            SELECT FROM desk.reviews
            WHERE record_id = NEW.id AND version = NEW.version AND outcome = 'approved');
    ELSIF OLD.state = 'approved' AND NEW.state = 'published' THEN
        moves := EXISTS (
            SELECT FROM desk.publications
            WHERE record_id = NEW.id AND version = NEW.version AND reference = NEW.reference AND cause = 'published');
    ELSE
        moves := false;
    END IF;
    -- A version that was approved is never open to edits again.
    IF moves AND NEW.state = 'draft' AND OLD.state <> 'draft' THEN
        moves := NOT EXISTS (
            SELECT FROM desk.reviews
            WHERE record_id = NEW.id AND version = NEW.version AND outcome = 'approved');
    END IF;
    IF NOT moves OR NEW.published_version IS DISTINCT FROM OLD.published_version
                    AND (NEW.state <> 'published' OR NEW.published_version <> NEW.version)
    THEN
        RAISE EXCEPTION 'a record does not go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'records_moves';
    END IF;
    RETURN NEW;
END
$$;

CREATE OR REPLACE TRIGGER records_merged BEFORE UPDATE ON desk.records
    FOR EACH ROW WHEN (OLD.merged_into IS NOT NULL OR NEW.merged_into IS NOT NULL)
    EXECUTE FUNCTION desk.guard_merged();
