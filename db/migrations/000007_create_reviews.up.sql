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
    IF NEW.outcome IS DISTINCT FROM 'approved' THEN
        RETURN NEW;
    END IF;
    SELECT * INTO STRICT subject FROM desk.records WHERE id = NEW.record_id FOR UPDATE;
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
    PRIMARY KEY (reference, number),
    CHECK (author_id <> reviewer_id)
);
CREATE INDEX publications_record_idx ON desk.publications (record_id);
CREATE INDEX publications_author_idx ON desk.publications (author_id);
CREATE INDEX publications_reviewer_idx ON desk.publications (reviewer_id);

CREATE FUNCTION desk.guard_publication() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    subject desk.records;
BEGIN
    SELECT * INTO STRICT subject FROM desk.records WHERE id = NEW.record_id FOR UPDATE;
    IF NEW.cause = 'carried' THEN
        IF subject.published_version IS NULL THEN
            RAISE EXCEPTION 'only a published record can be carried along'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'publications_carried';
        END IF;
        RETURN NEW;
    END IF;
    IF subject.version <> NEW.version OR NOT EXISTS (
        SELECT FROM desk.reviews
        WHERE record_id = NEW.record_id
          AND version = NEW.version
          AND outcome = 'approved'
          AND reviewer_id = NEW.reviewer_id
    ) THEN
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
        'facts', 'citations', 'backings', 'date_assertions', 'date_citations', 'fact_institutions',
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

CREATE FUNCTION desk.guard_record() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NEW.version < OLD.version THEN
        RAISE EXCEPTION 'a version never goes back'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'records_version';
    END IF;
    IF NEW.state = 'draft' AND OLD.state <> 'draft' AND EXISTS (
        SELECT FROM desk.reviews
        WHERE record_id = NEW.id AND version = NEW.version AND outcome = 'approved'
    ) THEN
        RAISE EXCEPTION 'an approved version is not a draft again'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'records_approved_version';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER records_guard BEFORE UPDATE ON desk.records
    FOR EACH ROW EXECUTE FUNCTION desk.guard_record();

-- What the desk does, append-only, each row bound to the one before by its
-- hash: a row that is changed or taken out later breaks the chain.
CREATE TABLE desk.audit (
    id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    account_id uuid        REFERENCES desk.accounts (id),
    action     text        NOT NULL,
    record_id  uuid        REFERENCES desk.records (id),
    version    integer,
    detail     jsonb       NOT NULL DEFAULT '{}',
    hash       bytea       NOT NULL
);
CREATE INDEX audit_record_idx ON desk.audit (record_id, id);
CREATE INDEX audit_account_idx ON desk.audit (account_id, id);

CREATE FUNCTION desk.chain_audit() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    previous bytea;
BEGIN
    -- One writer at a time, or two rows would follow the same one.
    PERFORM pg_advisory_xact_lock(hashtext('desk.audit'));
    SELECT hash INTO previous FROM desk.audit ORDER BY id DESC LIMIT 1;
    NEW.hash := sha256(coalesce(previous, ''::bytea) || convert_to(
        jsonb_build_array(extract(epoch FROM NEW.at), NEW.account_id, NEW.action,
                          NEW.record_id, NEW.version, NEW.detail)::text, 'UTF8'));
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
CREATE TRIGGER publications_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON desk.publications
    FOR EACH STATEMENT EXECUTE FUNCTION desk.refuse_change();

GRANT EXECUTE ON FUNCTION
    desk.guard_review(), desk.guard_publication(), desk.guard_content(), desk.guard_record(), desk.chain_audit(),
    desk.refuse_change()
    TO sijil_desk;
GRANT SELECT, INSERT, UPDATE ON desk.reviews TO sijil_desk;
GRANT SELECT, INSERT ON desk.publications, desk.audit TO sijil_desk;
