-- What one person asks for and another one does: a merge, a withdrawal, a
-- takedown. The row is the act; what it does to the public side is bound to it
-- by the triggers below.
CREATE TABLE desk.decisions (
    id            uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    kind          text        NOT NULL CHECK (kind IN ('merge', 'withdrawal', 'takedown')),
    record_id     uuid        NOT NULL REFERENCES desk.records (id),
    target_id     uuid        REFERENCES desk.records (id),
    first_edition integer     CHECK (first_edition > 0),
    last_edition  integer,
    reason        jsonb       NOT NULL CHECK (desk.is_text(reason)),
    note          text        NOT NULL DEFAULT '',
    proposed_by   uuid        NOT NULL REFERENCES desk.accounts (id),
    proposed_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    outcome       text        CHECK (outcome IN ('confirmed', 'refused')),
    decided_by    uuid        REFERENCES desk.accounts (id),
    decided_at    timestamptz,
    answer        text        NOT NULL DEFAULT '',
    pending_files text[]      NOT NULL DEFAULT '{}',
    CHECK ((kind = 'merge') = (target_id IS NOT NULL)),
    CHECK ((kind = 'takedown') = (first_edition IS NOT NULL)),
    CHECK ((first_edition IS NULL) = (last_edition IS NULL) AND first_edition <= last_edition),
    CHECK ((outcome IS NULL) = (decided_at IS NULL) AND (outcome IS NULL) = (decided_by IS NULL)),
    CONSTRAINT decisions_four_eyes CHECK (outcome IS DISTINCT FROM 'confirmed' OR decided_by <> proposed_by)
);
COMMENT ON COLUMN desk.decisions.reason IS 'public: why it is merged, the notice of what was withdrawn, the law by which it was taken down';
COMMENT ON COLUMN desk.decisions.note IS 'for the desk only';
COMMENT ON COLUMN desk.decisions.pending_files IS 'takedown: files (SHA-256) that are still to be removed from the store of files';
CREATE UNIQUE INDEX decisions_open_idx ON desk.decisions (record_id) WHERE outcome IS NULL;
CREATE INDEX decisions_record_idx ON desk.decisions (record_id, proposed_at);
CREATE INDEX decisions_target_idx ON desk.decisions (target_id);
CREATE INDEX decisions_proposed_by_idx ON desk.decisions (proposed_by);
CREATE INDEX decisions_decided_by_idx ON desk.decisions (decided_by);

ALTER TABLE desk.records ADD COLUMN merged_into uuid REFERENCES desk.records (id);
CREATE INDEX records_merged_into_idx ON desk.records (merged_into) WHERE merged_into IS NOT NULL;
ALTER TABLE desk.records ADD COLUMN erased_version integer;
COMMENT ON COLUMN desk.records.erased_version IS 'the version whose content was taken down; what is written later is not';
COMMENT ON COLUMN desk.records.merged_into IS 'the record that stands for this one now; it may have been merged later itself';

-- Reports whether a decision of a kind on a record was confirmed by the
-- transaction that asks.
CREATE FUNCTION desk.is_decided_now(decided_kind text, record uuid) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (
        SELECT FROM desk.decisions AS d
        WHERE d.record_id = record AND d.kind = decided_kind AND d.outcome = 'confirmed' AND record.is_ours(d.xmin))
$$;

-- A decision is proposed by one who may, about what is public, and decided once.
CREATE FUNCTION desk.guard_decision() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    decided text[] := ARRAY['outcome', 'decided_by', 'decided_at', 'answer', 'pending_files'];
    subject record.heads;
    target  record.heads;
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.outcome IS NOT NULL THEN
        -- A takedown takes along what earlier decisions say of the record, and
        -- notes its files, which are crossed off when they are gone.
        IF (to_jsonb(NEW) - ARRAY['reason', 'note', 'answer', 'pending_files'])
               <> (to_jsonb(OLD) - ARRAY['reason', 'note', 'answer', 'pending_files'])
           OR NOT (NEW.pending_files <@ OLD.pending_files OR desk.is_decided_now('takedown', OLD.record_id))
           OR (NEW.reason, NEW.note, NEW.answer) IS DISTINCT FROM (OLD.reason, OLD.note, OLD.answer)
              AND NOT (NEW.reason = '{}' AND NEW.note = '' AND NEW.answer = ''
                       AND OLD.kind <> 'takedown' AND desk.is_decided_now('takedown', OLD.record_id))
        THEN
            RAISE EXCEPTION 'a decision is made once'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'decisions_decided_once';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'INSERT' AND (NEW.outcome IS NOT NULL OR NEW.pending_files <> '{}')
       OR TG_OP = 'UPDATE' AND (to_jsonb(NEW) - decided) <> (to_jsonb(OLD) - decided)
       OR NEW.pending_files <> '{}' AND (NEW.kind <> 'takedown' OR NEW.outcome IS DISTINCT FROM 'confirmed')
    THEN
        RAISE EXCEPTION 'a decision begins open, and what is decided is what was proposed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'decisions_decided_once';
    END IF;
    IF NEW.outcome = 'refused' THEN
        RETURN NEW;
    END IF;
    IF NOT EXISTS (
        SELECT FROM desk.accounts
        WHERE id = NEW.proposed_by AND deactivated_at IS NULL
          AND role = ANY (CASE WHEN NEW.kind = 'takedown' THEN ARRAY['admin'] ELSE ARRAY['editor', 'admin'] END)
    ) OR NEW.outcome = 'confirmed' AND NOT EXISTS (
        SELECT FROM desk.accounts
        WHERE id = NEW.decided_by AND deactivated_at IS NULL AND role IN ('editor', 'admin')
    ) OR NEW.outcome = 'confirmed' AND NEW.kind = 'takedown'
         AND NOT pg_has_role(current_user, 'sijil_takedown', 'USAGE')
    THEN
        RAISE EXCEPTION 'this is not theirs to decide'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'decisions_role';
    END IF;
    SELECT h.* INTO subject FROM desk.records AS r JOIN record.heads AS h ON h.reference = r.reference
    WHERE r.id = NEW.record_id;
    SELECT h.* INTO target FROM desk.records AS r JOIN record.heads AS h ON h.reference = r.reference
    WHERE r.id = NEW.target_id;
    IF subject.reference IS NULL
       OR NEW.kind <> 'takedown' AND subject.state <> 'published'
       OR NEW.kind = 'takedown' AND NEW.last_edition > subject.number
       OR NEW.kind = 'merge' AND (NEW.record_id = NEW.target_id OR subject.type NOT IN ('incident', 'institution')
                                  OR (target.type, target.state) IS DISTINCT FROM (subject.type, 'published'))
    THEN
        RAISE EXCEPTION 'the record cannot be decided on in this way'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'decisions_subject';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER decisions_guard BEFORE INSERT OR UPDATE ON desk.decisions
    FOR EACH ROW EXECUTE FUNCTION desk.guard_decision();

-- A merged record stands still: it is neither changed nor merged again, so that
-- merges make chains but no circles.
CREATE FUNCTION desk.guard_merged() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF OLD.merged_into IS NOT NULL THEN
        IF (to_jsonb(NEW) - 'erased_version') = (to_jsonb(OLD) - 'erased_version') THEN
            RETURN NEW; -- taken down, which what is merged can be
        END IF;
        RAISE EXCEPTION 'the record was merged into another'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'records_merged';
    END IF;
    IF NEW.merged_into IS NOT NULL AND (
        NEW.version <> OLD.version OR NEW.state NOT IN ('published', 'discarded')
        OR EXISTS (SELECT FROM desk.records WHERE id = NEW.merged_into AND merged_into IS NOT NULL)
        OR NOT EXISTS (
            SELECT FROM desk.decisions AS d
            WHERE (d.kind, d.record_id, d.target_id, d.outcome) = ('merge', NEW.id, NEW.merged_into, 'confirmed')
              AND record.is_ours(d.xmin)))
    THEN
        RAISE EXCEPTION 'a record is merged by a decision of two persons'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'records_merge_decided';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER records_merged BEFORE UPDATE ON desk.records
    FOR EACH ROW EXECUTE FUNCTION desk.guard_merged();

-- "merged" is an edition that is made because a record that the last one names
-- was merged: the same content, with the other record's reference.
ALTER TABLE desk.publications DROP CONSTRAINT publications_cause_check;
ALTER TABLE desk.publications ADD CONSTRAINT publications_cause_check
    CHECK (cause IN ('published', 'carried', 'merged')) NOT VALID;
ALTER TABLE desk.publications VALIDATE CONSTRAINT publications_cause_check;

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
    IF NEW.cause = 'merged' THEN
        IF NEW.version IS DISTINCT FROM subject.published_version OR NOT EXISTS (
            SELECT FROM desk.decisions AS d
            WHERE d.kind = 'merge' AND d.outcome = 'confirmed'
              AND (d.proposed_by, d.decided_by) = (NEW.author_id, NEW.reviewer_id)
              AND record.is_ours(d.xmin)
        ) THEN
            RAISE EXCEPTION 'references move by a merge of the same moment only'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'publications_merged';
        END IF;
        RETURN NEW;
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

-- A new edition is what its act says: the content names itself and gives its
-- reason; one that is only carried along is the last one but for its envelope;
-- one that is made by a merge is that with one reference in the place of another.
CREATE OR REPLACE FUNCTION record.guard_new_edition() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    envelope text[] := ARRAY['number', 'published_at', 'reason', 'author_role', 'reviewer_role', 'pins', 'correction'];
    body     jsonb := convert_from(NEW.content, 'UTF8');
    act      text;
    last     text;
BEGIN
    SELECT p.cause INTO act FROM desk.publications AS p
    WHERE p.reference = NEW.reference AND p.number = NEW.number AND record.is_ours(p.xmin);
    IF act IN ('carried', 'merged') THEN
        SELECT convert_from(e.content, 'UTF8') INTO last FROM record.editions AS e
        WHERE e.reference = NEW.reference AND e.number = NEW.number - 1;
    END IF;
    IF act = 'merged' THEN
        SELECT replace(last, to_json(source.reference)::text, to_json(target.reference)::text) INTO last
        FROM desk.decisions AS d
        JOIN desk.records AS source ON source.id = d.record_id
        JOIN desk.records AS target ON target.id = d.target_id
        WHERE d.kind = 'merge' AND d.outcome = 'confirmed' AND record.is_ours(d.xmin);
    END IF;
    IF act IS NULL
       OR (body ->> 'reference', body ->> 'type', (body ->> 'number')::integer)
              IS DISTINCT FROM (NEW.reference, NEW.type, NEW.number)
       OR body -> 'reason' IS DISTINCT FROM NEW.reason OR NEW.reason = '{}'
       OR act IN ('carried', 'merged') AND (body ? 'correction' OR last IS NULL
                                            OR last::jsonb - envelope <> body - envelope)
    THEN
        RAISE EXCEPTION 'an edition is what its publication says'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'editions_as_published';
    END IF;
    RETURN NEW;
END
$$;

-- What the public sees of a record: merged and withdrawn by a decision of two
-- persons; back from withdrawn with a new edition that was approved; back from
-- merged never.
CREATE FUNCTION record.guard_head_state() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    allowed boolean;
BEGIN
    IF TG_OP = 'INSERT' THEN
        allowed := NEW.state = 'published' AND NEW.notice = '{}';
    ELSIF OLD.state = 'merged' THEN
        allowed := NEW = OLD;
    ELSIF (NEW.state, NEW.notice) = (OLD.state, OLD.notice) THEN
        allowed := OLD.state = 'published' OR NEW = OLD;
    ELSIF NEW.state = 'published' THEN
        allowed := NEW.notice = '{}' AND EXISTS (
            SELECT FROM desk.publications AS p
            WHERE (p.reference, p.number, p.cause) = (NEW.reference, OLD.number + 1, 'published')
              AND NEW.number = p.number AND record.is_ours(p.xmin));
    ELSE
        allowed := (NEW.number, NEW.slug) = (OLD.number, OLD.slug) AND EXISTS (
            SELECT FROM desk.decisions AS d
            JOIN desk.records AS r ON r.id = d.record_id
            LEFT JOIN desk.records AS target ON target.id = d.target_id
            WHERE r.reference = NEW.reference AND d.outcome = 'confirmed' AND record.is_ours(d.xmin)
              AND CASE NEW.state
                      WHEN 'merged' THEN d.kind = 'merge' AND target.reference = NEW.merged_into
                      ELSE d.kind IN ('withdrawal', 'takedown') AND d.reason = NEW.notice
                  END);
    END IF;
    IF NOT allowed THEN
        RAISE EXCEPTION 'a record does not become % for the public in this way', NEW.state
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER heads_state BEFORE INSERT OR UPDATE ON record.heads
    FOR EACH ROW EXECUTE FUNCTION record.guard_head_state();

GRANT EXECUTE ON FUNCTION desk.is_decided_now(text, uuid), desk.guard_decision(), desk.guard_merged(),
    record.guard_head_state() TO sijil_desk;
GRANT SELECT, INSERT, UPDATE ON desk.decisions TO sijil_desk;
