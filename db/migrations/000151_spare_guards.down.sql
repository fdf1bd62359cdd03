CREATE OR REPLACE FUNCTION desk.guard_record() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    next_version boolean := NEW.version = OLD.version + 1 AND NEW.state = 'draft';
    moves        boolean;
BEGIN
    IF (NEW.id, NEW.type, NEW.created_by, NEW.created_at)
           IS DISTINCT FROM (OLD.id, OLD.type, OLD.created_by, OLD.created_at)
       OR OLD.reference IS NOT NULL AND NEW.reference IS DISTINCT FROM OLD.reference
    THEN
        RAISE EXCEPTION 'what a record is does not change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'records_identity';
    END IF;
    moves := CASE
        WHEN next_version THEN true
        WHEN NEW.version <> OLD.version THEN false
        WHEN NEW.state = OLD.state THEN true
        WHEN OLD.state = 'draft' THEN NEW.state IN ('in-review', 'discarded')
        WHEN OLD.state = 'in-review' AND NEW.state = 'draft' THEN true
        WHEN OLD.state = 'in-review' AND NEW.state = 'approved' THEN EXISTS (
            SELECT FROM desk.reviews
            WHERE record_id = NEW.id AND version = NEW.version AND outcome = 'approved')
        WHEN OLD.state = 'approved' AND NEW.state = 'published' THEN EXISTS (
            SELECT FROM desk.publications
            WHERE record_id = NEW.id AND version = NEW.version AND reference = NEW.reference AND cause = 'published')
        ELSE false
    END;
    -- A version that was approved is never open to edits again.
    IF moves AND NEW.state = 'draft' AND OLD.state <> 'draft' AND EXISTS (
        SELECT FROM desk.reviews
        WHERE record_id = NEW.id AND version = NEW.version AND outcome = 'approved'
    ) THEN
        moves := false;
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
    FOR EACH ROW EXECUTE FUNCTION desk.guard_merged();
