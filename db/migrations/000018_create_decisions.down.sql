DROP TRIGGER heads_state ON record.heads;
DROP FUNCTION record.guard_head_state();
CREATE OR REPLACE FUNCTION record.guard_new_edition() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    envelope text[] := ARRAY['number', 'published_at', 'reason', 'author_role', 'reviewer_role', 'pins'];
    body     jsonb := convert_from(NEW.content, 'UTF8');
    act      text;
BEGIN
    SELECT p.cause INTO act FROM desk.publications AS p
    WHERE p.reference = NEW.reference AND p.number = NEW.number AND record.is_ours(p.xmin);
    IF act IS NULL
       OR (body ->> 'reference', body ->> 'type', (body ->> 'number')::integer)
              IS DISTINCT FROM (NEW.reference, NEW.type, NEW.number)
       OR act = 'carried' AND NOT EXISTS (
           SELECT FROM record.editions AS last
           WHERE last.reference = NEW.reference
             AND last.number = NEW.number - 1
             AND convert_from(last.content, 'UTF8')::jsonb - envelope = body - envelope)
    THEN
        RAISE EXCEPTION 'an edition is what its publication says'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'editions_as_published';
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE FUNCTION desk.guard_publication() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    subject desk.records;
BEGIN
    NEW.recorded_at := clock_timestamp();
    SELECT * INTO STRICT subject FROM desk.records WHERE id = NEW.record_id FOR NO KEY UPDATE;
    IF coalesce(subject.reference, NEW.reference) <> NEW.reference
       OR NEW.number <> 1 + (SELECT coalesce(max(number), 0) FROM desk.publications WHERE reference = NEW.reference)
       OR EXISTS (SELECT FROM desk.publications WHERE reference = NEW.reference AND record_id <> NEW.record_id)
    THEN
        RAISE EXCEPTION 'a record has one reference, and its editions are numbered without a gap'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'publications_numbered';
    END IF;
    IF NEW.cause = 'carried' THEN
        IF NEW.version IS DISTINCT FROM subject.published_version OR NOT EXISTS (
            SELECT FROM desk.publications AS p
            WHERE p.cause = 'published'
              AND (p.author_id, p.reviewer_id, p.published_at) = (NEW.author_id, NEW.reviewer_id, NEW.published_at)
              AND record.is_ours(p.xmin)
        ) THEN
            RAISE EXCEPTION 'a record is carried along by a publication of the same moment only'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'publications_carried';
        END IF;
        RETURN NEW;
    END IF;
    IF subject.state <> 'approved' OR subject.version <> NEW.version
       OR NEW.author_id <> (
           SELECT account_id FROM desk.changes WHERE record_id = NEW.record_id ORDER BY version DESC LIMIT 1)
       OR NOT EXISTS (
           SELECT FROM desk.reviews
           WHERE record_id = NEW.record_id
             AND version = NEW.version
             AND outcome = 'approved'
             AND reviewer_id = NEW.reviewer_id)
    THEN
        RAISE EXCEPTION 'this version of the record was not approved by this reviewer'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'publications_approved';
    END IF;
    RETURN NEW;
END
$$;
-- Editions that a merge made stay: what they are told to come from is the
-- nearest that this version knows.
ALTER TABLE desk.publications DISABLE TRIGGER publications_append_only;
UPDATE desk.publications SET cause = 'carried' WHERE cause = 'merged';
ALTER TABLE desk.publications ENABLE TRIGGER publications_append_only;
ALTER TABLE desk.publications DROP CONSTRAINT publications_cause_check;
ALTER TABLE desk.publications ADD CONSTRAINT publications_cause_check CHECK (cause IN ('published', 'carried'));
DROP TRIGGER records_merged ON desk.records;
DROP FUNCTION desk.guard_merged();
ALTER TABLE desk.records DROP COLUMN merged_into;
ALTER TABLE desk.records DROP COLUMN erased_version;
DROP TABLE desk.decisions;
DROP FUNCTION desk.guard_decision();
DROP FUNCTION desk.is_decided_now(text, uuid);
