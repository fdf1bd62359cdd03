CREATE TABLE desk.reviews (
    id           uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    record_id    uuid        NOT NULL REFERENCES desk.records (id),
    version      integer     NOT NULL,
    requested_by uuid        NOT NULL REFERENCES desk.accounts (id),
    requested_at timestamptz NOT NULL DEFAULT now(),
    note         text        NOT NULL DEFAULT '',
    outcome      text        CHECK (outcome IN ('approved', 'returned', 'voided')),
    reviewer_id  uuid        REFERENCES desk.accounts (id),
    decided_at   timestamptz,
    reason       text        NOT NULL DEFAULT '',
    CHECK ((outcome IS NULL) = (decided_at IS NULL)),
    CHECK (outcome IS NULL OR outcome = 'voided' OR reviewer_id IS NOT NULL),
    CHECK (outcome <> 'returned' OR reason <> '')
);
CREATE UNIQUE INDEX reviews_open_idx ON desk.reviews (record_id) WHERE outcome IS NULL;
CREATE INDEX reviews_record_idx ON desk.reviews (record_id, version);
CREATE INDEX reviews_requested_by_idx ON desk.reviews (requested_by);
CREATE INDEX reviews_reviewer_idx ON desk.reviews (reviewer_id);

-- Four eyes: nobody approves what he changed in any part since the last
-- edition. Editorial says so to the user; this is what makes it true.
CREATE FUNCTION desk.guard_review() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    subject desk.records;
BEGIN
    IF TG_OP = 'INSERT' AND NEW.outcome IS NOT NULL
       OR TG_OP = 'UPDATE' AND OLD.outcome IS NOT NULL
       OR TG_OP = 'UPDATE' AND (to_jsonb(NEW) - ARRAY['outcome', 'reviewer_id', 'decided_at', 'reason'])
                            <> (to_jsonb(OLD) - ARRAY['outcome', 'reviewer_id', 'decided_at', 'reason'])
    THEN
        RAISE EXCEPTION 'a review begins open, is decided once, and is not rewritten'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reviews_decided_once';
    END IF;
    IF NEW.outcome IS DISTINCT FROM 'approved' THEN
        RETURN NEW;
    END IF;
    SELECT * INTO STRICT subject FROM desk.records WHERE id = NEW.record_id FOR NO KEY UPDATE;
    IF subject.version <> NEW.version THEN
        RAISE EXCEPTION 'the record was changed after the review was asked for'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reviews_current_version';
    END IF;
    IF subject.state <> 'in-review' THEN
        RAISE EXCEPTION 'the record is not in review'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reviews_in_review';
    END IF;
    IF NOT EXISTS (
        SELECT FROM desk.accounts
        WHERE id = NEW.reviewer_id AND role IN ('editor', 'admin') AND deactivated_at IS NULL
    ) THEN
        RAISE EXCEPTION 'the reviewer may not review'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reviews_reviewer_role';
    END IF;
    IF EXISTS (
        SELECT FROM desk.changes
        WHERE record_id = NEW.record_id
          AND account_id = NEW.reviewer_id
          AND version > coalesce(subject.published_version, 0)
    ) OR EXISTS (
        SELECT FROM desk.record_sources AS cited
        JOIN desk.source_changes AS change ON change.source_id = cited.source_id
        WHERE cited.record_id = NEW.record_id
          AND change.account_id = NEW.reviewer_id
          AND change.changed_at > coalesce(
                  (SELECT max(recorded_at) FROM desk.publications WHERE record_id = NEW.record_id), '-infinity')
    ) THEN
        RAISE EXCEPTION 'nobody approves what he changed himself'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reviews_four_eyes';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER reviews_guard BEFORE INSERT OR UPDATE ON desk.reviews
    FOR EACH ROW EXECUTE FUNCTION desk.guard_review();

-- A publication is the act; what it makes is an edition in schema record.
-- "carried" is an edition that is made because something that it shows was
-- published anew.
CREATE TABLE desk.publications (
    reference    text        NOT NULL,
    number       integer     NOT NULL CHECK (number > 0),
    record_id    uuid        NOT NULL REFERENCES desk.records (id),
    version      integer     NOT NULL,
    cause        text        NOT NULL CHECK (cause IN ('published', 'carried')),
    author_id    uuid        NOT NULL REFERENCES desk.accounts (id),
    reviewer_id  uuid        NOT NULL REFERENCES desk.accounts (id),
    published_at timestamptz NOT NULL,
    recorded_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (reference, number),
    CHECK (author_id <> reviewer_id)
);
CREATE UNIQUE INDEX publications_version_idx ON desk.publications (record_id, version) WHERE cause = 'published';
CREATE INDEX publications_record_idx ON desk.publications (record_id);
CREATE INDEX publications_author_idx ON desk.publications (author_id);
CREATE INDEX publications_reviewer_idx ON desk.publications (reviewer_id);

-- Reports whether a row was written by the transaction that asks.
CREATE FUNCTION record.is_ours(writer xid) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT writer::text::bigint = pg_current_xact_id()::text::numeric % 4294967296
$$;

CREATE FUNCTION desk.guard_publication() RETURNS trigger
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
CREATE TRIGGER publications_guard BEFORE INSERT ON desk.publications
    FOR EACH ROW EXECUTE FUNCTION desk.guard_publication();

-- Any later edit voids the approval. What hangs on a record can be changed only
-- while the record is a draft, and an approved version never is one again:
-- whoever wants to change it has to count the version on.
CREATE FUNCTION desk.guard_content() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    subject text;
BEGIN
    SELECT state INTO subject FROM desk.records WHERE id = coalesce(NEW.record_id, OLD.record_id);
    IF subject <> 'draft' THEN
        RAISE EXCEPTION 'the record is %, not a draft', subject
            USING ERRCODE = 'check_violation', CONSTRAINT = 'records_draft_only';
    END IF;
    RETURN coalesce(NEW, OLD);
END
$$;
DO $$
DECLARE
    content_table text;
BEGIN
    FOREACH content_table IN ARRAY ARRAY[
        'record_sources', 'facts', 'citations', 'backings', 'date_assertions', 'date_citations', 'fact_institutions',
        'institutions', 'institution_names', 'officials', 'institution_links',
        'statements', 'statement_principals', 'renderings', 'claims', 'quotes', 'claim_relations',
        'differences', 'readings', 'documents', 'statement_relations',
        'incidents', 'answers', 'affected_institutions', 'targeted_systems', 'system_names', 'measures',
        'exposures', 'figures', 'positions', 'events', 'event_relatings', 'referrals', 'referral_steps',
        'incident_statements', 'incident_relations'
    ] LOOP
        EXECUTE format(
            'CREATE TRIGGER content_guard BEFORE INSERT OR UPDATE OR DELETE ON desk.%I
                 FOR EACH ROW EXECUTE FUNCTION desk.guard_content()', content_table);
    END LOOP;
END
$$;

-- A record moves draft → in review → approved → published, and from each back
-- to draft; from the last two only as a new version, which has its author.
CREATE FUNCTION desk.guard_record() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
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
CREATE TRIGGER records_guard BEFORE UPDATE ON desk.records
    FOR EACH ROW EXECUTE FUNCTION desk.guard_record();

-- Every version of a record has its author, noted in the same transaction.
CREATE FUNCTION desk.guard_version() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM desk.changes WHERE record_id = NEW.id AND version = NEW.version) THEN
        RAISE EXCEPTION 'a version without an author'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'records_version_author';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER records_version_author AFTER INSERT OR UPDATE OF version ON desk.records
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION desk.guard_version();

CREATE FUNCTION desk.guard_change() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM desk.records WHERE id = NEW.record_id AND version = NEW.version AND state = 'draft') THEN
        RAISE EXCEPTION 'a change is noted with the version that it makes'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'changes_current_version';
    END IF;
    NEW.changed_at := clock_timestamp();
    RETURN NEW;
END
$$;
CREATE TRIGGER changes_guard BEFORE INSERT ON desk.changes
    FOR EACH ROW EXECUTE FUNCTION desk.guard_change();

-- A source is a part of every record that cites it: while one of them is being
-- reviewed or waits for publication, it stays as it is.
CREATE FUNCTION desk.guard_source() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    source uuid;
BEGIN
    IF TG_TABLE_NAME = 'captures' THEN
        source := NEW.source_id;
    ELSIF NEW IS NOT DISTINCT FROM OLD THEN
        RETURN NEW;
    ELSE
        source := NEW.id;
    END IF;
    PERFORM FROM desk.record_sources AS cited
    JOIN desk.records AS r ON r.id = cited.record_id
    WHERE cited.source_id = source AND r.state IN ('in-review', 'approved');
    IF FOUND THEN
        RAISE EXCEPTION 'a record that cites this source is in review'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'sources_in_review';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER sources_guard BEFORE UPDATE ON desk.sources
    FOR EACH ROW EXECUTE FUNCTION desk.guard_source();
CREATE TRIGGER captures_guard BEFORE INSERT OR UPDATE ON desk.captures
    FOR EACH ROW EXECUTE FUNCTION desk.guard_source();

-- What the desk does, append-only, each row bound to the one before by its
-- hash: a row that is changed or taken out later breaks the chain.
CREATE TABLE desk.audit (
    id         bigint      PRIMARY KEY,
    at         timestamptz NOT NULL,
    account_id uuid        REFERENCES desk.accounts (id),
    action     text        NOT NULL,
    record_id  uuid        REFERENCES desk.records (id),
    version    integer,
    detail     jsonb       NOT NULL DEFAULT '{}',
    hash       bytea       NOT NULL
);
CREATE INDEX audit_record_idx ON desk.audit (record_id, id);
CREATE INDEX audit_account_idx ON desk.audit (account_id, id);

-- The end of the chain: one row, that only the trigger below may touch. It is
-- locked until the commit, so that rows are numbered in the order of the chain.
CREATE TABLE desk.audit_head (
    one  boolean PRIMARY KEY DEFAULT true CHECK (one),
    id   bigint  NOT NULL,
    hash bytea   NOT NULL
);
INSERT INTO desk.audit_head (id, hash) VALUES (0, '');

CREATE FUNCTION desk.chain_audit() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    previous desk.audit_head;
BEGIN
    SELECT * INTO STRICT previous FROM desk.audit_head FOR UPDATE;
    NEW.id := previous.id + 1;
    NEW.at := clock_timestamp();
    NEW.hash := sha256(previous.hash || convert_to(
        jsonb_build_array(NEW.id, extract(epoch FROM NEW.at), NEW.account_id, NEW.action,
                          NEW.record_id, NEW.version, NEW.detail)::text, 'UTF8'));
    UPDATE desk.audit_head SET id = NEW.id, hash = NEW.hash;
    RETURN NEW;
END
$$;
CREATE TRIGGER audit_chain BEFORE INSERT ON desk.audit
    FOR EACH ROW EXECUTE FUNCTION desk.chain_audit();

CREATE FUNCTION desk.refuse_change() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION '%.% is append-only', TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON desk.audit
    FOR EACH STATEMENT EXECUTE FUNCTION desk.refuse_change();
CREATE TRIGGER changes_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON desk.changes
    FOR EACH STATEMENT EXECUTE FUNCTION desk.refuse_change();
CREATE TRIGGER source_changes_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON desk.source_changes
    FOR EACH STATEMENT EXECUTE FUNCTION desk.refuse_change();
CREATE TRIGGER publications_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON desk.publications
    FOR EACH STATEMENT EXECUTE FUNCTION desk.refuse_change();

GRANT EXECUTE ON FUNCTION
    desk.guard_review(), desk.guard_publication(), desk.guard_content(), desk.guard_record(), desk.guard_version(),
    desk.guard_change(), desk.guard_source(), desk.chain_audit(), desk.refuse_change(), record.is_ours(xid)
    TO sijil_desk;
GRANT SELECT, INSERT, UPDATE ON desk.reviews TO sijil_desk;
GRANT SELECT, INSERT ON desk.publications, desk.audit TO sijil_desk;
GRANT SELECT ON desk.audit_head TO sijil_desk;
