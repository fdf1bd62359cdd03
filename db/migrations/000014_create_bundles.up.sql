-- What goes to review together: a record, and the drafts that it needs to be
-- public. Each of them has its own review; the bundle is what is claimed,
-- decided and published as one.
CREATE TABLE desk.bundles (
    id           uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    record_id    uuid        NOT NULL REFERENCES desk.records (id),
    requested_by uuid        NOT NULL REFERENCES desk.accounts (id),
    requested_at timestamptz NOT NULL,
    note         text        NOT NULL DEFAULT '',
    claimed_by   uuid        REFERENCES desk.accounts (id),
    claimed_at   timestamptz,
    outcome      text        CHECK (outcome IN ('published', 'returned', 'voided')),
    closed_by    uuid        REFERENCES desk.accounts (id),
    closed_at    timestamptz,
    reason       text        NOT NULL DEFAULT '',
    CHECK ((claimed_by IS NULL) = (claimed_at IS NULL)),
    CHECK ((outcome IS NULL) = (closed_at IS NULL)),
    CHECK (outcome <> 'returned' OR reason <> '' AND closed_by IS NOT NULL)
);
COMMENT ON COLUMN desk.bundles.record_id IS 'the record for which the review was asked';
COMMENT ON COLUMN desk.bundles.reason IS 'the remarks with which it was returned';
CREATE INDEX bundles_open_idx ON desk.bundles (requested_at, id) WHERE outcome IS NULL;
CREATE INDEX bundles_record_idx ON desk.bundles (record_id, requested_at);
CREATE INDEX bundles_requested_by_idx ON desk.bundles (requested_by);
CREATE INDEX bundles_claimed_by_idx ON desk.bundles (claimed_by);
CREATE INDEX bundles_closed_by_idx ON desk.bundles (closed_by);

-- The versions that are reviewed together.
CREATE TABLE desk.bundle_records (
    bundle_id uuid    NOT NULL REFERENCES desk.bundles (id),
    record_id uuid    NOT NULL REFERENCES desk.records (id),
    version   integer NOT NULL,
    position  integer NOT NULL,
    PRIMARY KEY (bundle_id, record_id),
    FOREIGN KEY (record_id, version) REFERENCES desk.changes (record_id, version)
);
CREATE INDEX bundle_records_record_idx ON desk.bundle_records (record_id, version);

-- The checklist of a review, confirmed item by item by whoever decides.
CREATE TABLE desk.review_checks (
    bundle_id  uuid        NOT NULL REFERENCES desk.bundles (id),
    item       text        NOT NULL CHECK (item <> ''),
    account_id uuid        NOT NULL REFERENCES desk.accounts (id),
    checked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (bundle_id, item)
);
CREATE INDEX review_checks_account_idx ON desk.review_checks (account_id);

-- What is approved and becomes public at a set time.
CREATE TABLE desk.scheduled_publications (
    id           uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    bundle_id    uuid        NOT NULL REFERENCES desk.bundles (id),
    publish_at   timestamptz NOT NULL,
    reason       jsonb       NOT NULL CHECK (desk.is_text(reason) AND reason <> '{}'),
    is_material  boolean     NOT NULL DEFAULT false,
    scheduled_by uuid        NOT NULL REFERENCES desk.accounts (id),
    scheduled_at timestamptz NOT NULL,
    outcome      text        CHECK (outcome IN ('published', 'voided', 'cancelled', 'failed')),
    closed_at    timestamptz,
    failure      text        NOT NULL DEFAULT '',
    CHECK ((outcome IS NULL) = (closed_at IS NULL)),
    CHECK (publish_at > scheduled_at)
);
COMMENT ON COLUMN desk.scheduled_publications.failure IS 'why it could not be published at its moment, for the log of the desk';
CREATE UNIQUE INDEX scheduled_publications_open_idx ON desk.scheduled_publications (bundle_id) WHERE outcome IS NULL;
CREATE INDEX scheduled_publications_due_idx ON desk.scheduled_publications (publish_at) WHERE outcome IS NULL;
CREATE INDEX scheduled_publications_bundle_idx ON desk.scheduled_publications (bundle_id);
CREATE INDEX scheduled_publications_scheduled_by_idx ON desk.scheduled_publications (scheduled_by);

-- Reports whether an account may review and publish now. Where something is
-- written, the row is held until the end of the transaction: who loses the
-- right meanwhile waits.
CREATE FUNCTION desk.may_review(account uuid) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF current_setting('transaction_read_only')::boolean THEN
        PERFORM FROM desk.accounts
        WHERE id = account AND role IN ('editor', 'admin') AND deactivated_at IS NULL;
    ELSE
        PERFORM FROM desk.accounts
        WHERE id = account AND role IN ('editor', 'admin') AND deactivated_at IS NULL
        FOR SHARE;
    END IF;
    RETURN FOUND;
END
$$;

-- Reports whether an account has changed a record, or a source that it cites,
-- since its last edition.
CREATE FUNCTION desk.has_part(account uuid, record uuid) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (
        SELECT FROM desk.changes AS c
        JOIN desk.records AS r ON r.id = c.record_id
        WHERE c.record_id = record AND c.account_id = account AND c.version > coalesce(r.published_version, 0)
    ) OR EXISTS (
        SELECT FROM desk.record_sources AS cited
        JOIN desk.source_changes AS change ON change.source_id = cited.source_id
        WHERE cited.record_id = record
          AND change.account_id = account
          AND change.changed_at > coalesce(
                  (SELECT max(recorded_at) FROM desk.publications WHERE record_id = record), '-infinity'))
$$;

CREATE FUNCTION desk.guard_bundle() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    moving text[] := ARRAY['claimed_by', 'claimed_at', 'outcome', 'closed_by', 'closed_at', 'reason'];
BEGIN
    IF TG_OP = 'INSERT' AND (NEW.outcome IS NOT NULL OR NEW.claimed_by IS NOT NULL)
       OR TG_OP = 'UPDATE' AND (OLD.outcome IS NOT NULL OR to_jsonb(NEW) - moving <> to_jsonb(OLD) - moving)
    THEN
        RAISE EXCEPTION 'what is reviewed together begins open, is decided once, and stays what it is'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'bundles_decided_once';
    END IF;
    IF NEW.claimed_by IS NOT NULL AND (TG_OP = 'INSERT' OR NEW.claimed_by IS DISTINCT FROM OLD.claimed_by)
       AND (NOT desk.may_review(NEW.claimed_by) OR EXISTS (
           SELECT FROM desk.bundle_records AS m
           WHERE m.bundle_id = NEW.id AND desk.has_part(NEW.claimed_by, m.record_id)))
    THEN
        RAISE EXCEPTION 'nobody takes a review that he may not decide'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'bundles_claimer';
    END IF;
    IF NEW.outcome = 'returned' AND NOT desk.may_review(NEW.closed_by)
       OR NEW.outcome = 'published' AND EXISTS (
           SELECT FROM desk.bundle_records AS m
           JOIN desk.records AS r ON r.id = m.record_id
           WHERE m.bundle_id = NEW.id AND coalesce(r.published_version, 0) < m.version)
    THEN
        RAISE EXCEPTION 'this was not done'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'bundles_outcome';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER bundles_guard BEFORE INSERT OR UPDATE ON desk.bundles
    FOR EACH ROW EXECUTE FUNCTION desk.guard_bundle();

-- A bundle is put together when it is made, of the current versions, and a
-- record is in one open bundle at a time.
CREATE FUNCTION desk.guard_bundle_record() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM desk.bundles AS b WHERE b.id = NEW.bundle_id AND record.is_ours(b.xmin))
       OR NOT EXISTS (SELECT FROM desk.records AS r WHERE r.id = NEW.record_id AND r.version = NEW.version
                                                      AND r.state IN ('in-review', 'approved'))
       OR EXISTS (
           SELECT FROM desk.bundle_records AS m
           JOIN desk.bundles AS b ON b.id = m.bundle_id
           WHERE m.record_id = NEW.record_id AND m.bundle_id <> NEW.bundle_id AND b.outcome IS NULL)
    THEN
        RAISE EXCEPTION 'what is reviewed together are versions that are in review, and in no other one'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'bundle_records_open';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER bundle_records_guard BEFORE INSERT ON desk.bundle_records
    FOR EACH ROW EXECUTE FUNCTION desk.guard_bundle_record();
CREATE TRIGGER bundle_records_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON desk.bundle_records
    FOR EACH STATEMENT EXECUTE FUNCTION desk.refuse_change();
CREATE TRIGGER review_checks_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON desk.review_checks
    FOR EACH STATEMENT EXECUTE FUNCTION desk.refuse_change();

-- Reports whether an approval of this version still stands: by somebody who may
-- review now and had no part in it, and not taken back since.
CREATE FUNCTION desk.approval_stands(record uuid, approved_version integer, reviewer uuid) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN desk.may_review(reviewer) AND NOT desk.has_part(reviewer, record) AND EXISTS (
        SELECT FROM desk.reviews AS a
        WHERE a.record_id = record AND a.version = approved_version AND a.outcome = 'approved'
          AND a.reviewer_id = reviewer
          AND NOT EXISTS (
              SELECT FROM desk.reviews AS back
              WHERE back.record_id = record AND back.version = approved_version AND back.outcome = 'returned'
                AND back.decided_at >= a.decided_at));
END
$$;

-- An approval must stand at the moment of publication, not only when it was
-- given: who was deactivated or lost the role since approves nothing.
CREATE FUNCTION desk.guard_publication_approval() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT desk.approval_stands(NEW.record_id, NEW.version, NEW.reviewer_id) THEN
        RAISE EXCEPTION 'the approval of this version does not stand any more'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'publications_approval_stands';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER publications_approval BEFORE INSERT ON desk.publications
    FOR EACH ROW WHEN (NEW.cause = 'published') EXECUTE FUNCTION desk.guard_publication_approval();

-- A set time is given to what is approved, by one who may publish; it is kept
-- or voided once, and not kept before its moment.
CREATE FUNCTION desk.guard_schedule() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    moving text[] := ARRAY['outcome', 'closed_at', 'failure'];
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.outcome IS NOT NULL OR to_jsonb(NEW) - moving <> to_jsonb(OLD) - moving
           OR NEW.outcome = 'published' AND (NEW.closed_at < NEW.publish_at OR NOT EXISTS (
               SELECT FROM desk.bundles WHERE id = NEW.bundle_id AND outcome = 'published'))
        THEN
            RAISE EXCEPTION 'a set time is kept once, when it has come, and is not changed'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'scheduled_publications_once';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.outcome IS NOT NULL OR NOT desk.may_review(NEW.scheduled_by)
       OR NOT EXISTS (SELECT FROM desk.bundles WHERE id = NEW.bundle_id AND outcome IS NULL)
       OR EXISTS (
           SELECT FROM desk.bundle_records AS m
           JOIN desk.records AS r ON r.id = m.record_id
           WHERE m.bundle_id = NEW.bundle_id AND ((r.version, r.state) <> (m.version, 'approved') OR NOT EXISTS (
               SELECT FROM desk.reviews AS a
               WHERE a.record_id = m.record_id AND a.version = m.version AND a.outcome = 'approved'
                 AND desk.approval_stands(m.record_id, m.version, a.reviewer_id))))
    THEN
        RAISE EXCEPTION 'only what is approved is published at a set time'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'scheduled_publications_approved';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER scheduled_publications_guard BEFORE INSERT OR UPDATE ON desk.scheduled_publications
    FOR EACH ROW EXECUTE FUNCTION desk.guard_schedule();

-- An edit of one record voids the review of all that were sent with it, and the
-- time that was set for them.
CREATE FUNCTION desk.void_bundles() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    bundle uuid;
BEGIN
    UPDATE desk.reviews SET outcome = 'voided', decided_at = now() WHERE record_id = NEW.id AND outcome IS NULL;
    FOR bundle IN
        SELECT b.id FROM desk.bundles AS b
        JOIN desk.bundle_records AS m ON m.bundle_id = b.id
        WHERE m.record_id = NEW.id AND b.outcome IS NULL
    LOOP
        UPDATE desk.bundles SET outcome = 'voided', closed_at = now() WHERE id = bundle;
        UPDATE desk.scheduled_publications SET outcome = 'voided', closed_at = now()
        WHERE bundle_id = bundle AND outcome IS NULL;
        UPDATE desk.reviews AS v SET outcome = 'voided', decided_at = now()
        FROM desk.bundle_records AS m
        WHERE m.bundle_id = bundle AND v.record_id = m.record_id AND v.outcome IS NULL;
        UPDATE desk.records AS r SET state = 'draft'
        FROM desk.bundle_records AS m
        WHERE m.bundle_id = bundle AND r.id = m.record_id AND r.id <> NEW.id AND r.state = 'in-review';
    END LOOP;
    RETURN NULL;
END
$$;
CREATE TRIGGER records_void_bundles AFTER UPDATE OF version ON desk.records
    FOR EACH ROW WHEN (NEW.version <> OLD.version) EXECUTE FUNCTION desk.void_bundles();

-- Who may no longer review has set no time, and lets go of what he had taken.
CREATE FUNCTION desk.void_of_account() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE desk.bundles SET claimed_by = NULL, claimed_at = NULL WHERE claimed_by = NEW.id AND outcome IS NULL;
    UPDATE desk.scheduled_publications AS s SET outcome = 'voided', closed_at = now()
    WHERE s.outcome IS NULL AND (s.scheduled_by = NEW.id OR EXISTS (
        SELECT FROM desk.bundle_records AS m
        JOIN desk.reviews AS a ON (a.record_id, a.version) = (m.record_id, m.version)
        WHERE m.bundle_id = s.bundle_id AND a.outcome = 'approved' AND a.reviewer_id = NEW.id));
    RETURN NULL;
END
$$;
CREATE TRIGGER accounts_void AFTER UPDATE OF role, deactivated_at ON desk.accounts
    FOR EACH ROW WHEN (NEW.role NOT IN ('editor', 'admin') OR NEW.deactivated_at IS NOT NULL)
    EXECUTE FUNCTION desk.void_of_account();

GRANT EXECUTE ON FUNCTION
    desk.may_review(uuid), desk.has_part(uuid, uuid), desk.guard_bundle(), desk.guard_bundle_record(),
    desk.approval_stands(uuid, integer, uuid), desk.guard_publication_approval(), desk.guard_schedule(),
    desk.void_bundles(), desk.void_of_account()
    TO sijil_desk;
GRANT SELECT, INSERT, UPDATE ON desk.bundles, desk.scheduled_publications TO sijil_desk;
GRANT SELECT, INSERT ON desk.bundle_records, desk.review_checks TO sijil_desk;
