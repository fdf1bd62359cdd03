-- Takedown, by law: a decision that one person asks for through the desk's role
-- and another confirms through a role of its own, which may do nothing else. In
-- the transaction that confirms it, and only there, content may be erased.
CREATE FUNCTION desk.is_takedown_now() RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (
        SELECT FROM desk.decisions AS d
        WHERE d.kind = 'takedown' AND d.outcome = 'confirmed' AND record.is_ours(d.xmin))
$$;

-- Any later edit voids the approval; what is erased by law is erased in any state.
CREATE OR REPLACE FUNCTION desk.guard_content() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    subject text;
BEGIN
    SELECT state INTO subject FROM desk.records WHERE id = coalesce(NEW.record_id, OLD.record_id);
    IF subject <> 'draft' AND NOT desk.is_takedown_now() THEN
        RAISE EXCEPTION 'the record is %, not a draft', subject
            USING ERRCODE = 'check_violation', CONSTRAINT = 'records_draft_only';
    END IF;
    RETURN coalesce(NEW, OLD);
END
$$;

-- What people wrote in a review goes, too; that it was decided, and by whom, stays.
DROP TRIGGER reviews_guard ON desk.reviews;
CREATE TRIGGER reviews_guard BEFORE INSERT OR UPDATE ON desk.reviews
    FOR EACH ROW WHEN (NOT desk.is_decided_now('takedown', NEW.record_id)) EXECUTE FUNCTION desk.guard_review();

CREATE OR REPLACE FUNCTION record.guard_edition() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'UPDATE'
       AND NEW.content IS NULL AND NEW.salt IS NULL AND NEW.reason = '{}'
       AND (to_jsonb(NEW) - 'content' - 'salt' - 'reason') = (to_jsonb(OLD) - 'content' - 'salt' - 'reason')
       AND pg_has_role(current_user, 'sijil_takedown', 'USAGE')
       AND EXISTS (SELECT FROM record.tombstones AS t WHERE t.reference = OLD.reference AND t.number = OLD.number)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'an edition is immutable' USING ERRCODE = 'insufficient_privilege';
END
$$;

-- A tombstone is what the decision says.
CREATE FUNCTION record.guard_tombstone() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM desk.decisions AS d
        JOIN desk.records AS r ON r.id = d.record_id
        WHERE r.reference = NEW.reference AND d.kind = 'takedown' AND d.outcome = 'confirmed'
          AND NEW.number BETWEEN d.first_edition AND d.last_edition AND NEW.reason = d.reason
          AND record.is_ours(d.xmin)
    ) THEN
        RAISE EXCEPTION 'a tombstone is set by a decision of two persons'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER tombstones_guard BEFORE INSERT OR UPDATE OR DELETE ON record.tombstones
    FOR EACH ROW EXECUTE FUNCTION record.guard_tombstone();

-- Erases what the desk holds of what a decision takes down: with the current
-- edition everything, with earlier ones their versions; what was said about it
-- in any case. Versions of editions that stay are kept. The sources named go
-- with it where nothing else cites them. Of the documents named, and of the
-- captures of those sources, the files that the desk names no more are returned.
CREATE FUNCTION desk.erase_record(decision uuid, source_keys text[], documents text[]) RETURNS text[]
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    act     desk.decisions;
    subject desk.records;
    whole   boolean;
    content text;
    gone    uuid[];
    files   text[] := documents;
BEGIN
    SELECT d.* INTO act FROM desk.decisions AS d
    WHERE d.id = decision AND d.kind = 'takedown' AND d.outcome = 'confirmed' AND record.is_ours(d.xmin);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'nothing is erased without a decision of two persons' USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT r.* INTO STRICT subject FROM desk.records AS r WHERE r.id = act.record_id;
    SELECT h.number BETWEEN act.first_edition AND act.last_edition INTO STRICT whole
    FROM record.heads AS h WHERE h.reference = subject.reference;

    IF whole THEN
        source_keys := source_keys || ARRAY(
            SELECT s.key FROM desk.record_sources AS c JOIN desk.sources AS s ON s.id = c.source_id
            WHERE c.record_id = subject.id);
        files := files || ARRAY(SELECT x.sha256 FROM desk.documents AS x WHERE x.record_id = subject.id);
        -- Other drafts that rest on a claim of it rest on the statement now.
        UPDATE desk.backings SET claim_key = NULL
        WHERE statement_id = subject.id AND record_id <> subject.id AND claim_key IS NOT NULL;
        UPDATE desk.claims SET reported_claim_key = NULL
        WHERE reported_statement_id = subject.id AND record_id <> subject.id AND reported_claim_key IS NOT NULL;
        UPDATE desk.system_names SET claim_key = NULL WHERE statement_id = subject.id AND claim_key IS NOT NULL;
        UPDATE desk.events SET chain_claim_key = NULL
        WHERE chain_statement_id = subject.id AND chain_claim_key IS NOT NULL;
        UPDATE desk.event_relatings SET claim_key = NULL WHERE statement_id = subject.id AND claim_key IS NOT NULL;
        DELETE FROM desk.claim_relations WHERE to_statement_id = subject.id AND record_id <> subject.id;

        DELETE FROM desk.events WHERE record_id = subject.id; -- before the exposures that they name
        FOR content IN
            SELECT c.relname FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
            WHERE t.tgname = 'content_guard' AND c.relnamespace = 'desk'::regnamespace
            ORDER BY c.relname = 'facts', c.relname
        LOOP
            EXECUTE format('DELETE FROM desk.%I WHERE record_id = $1', content) USING subject.id;
        END LOOP;
        DELETE FROM desk.directory WHERE record_id = subject.id;
        UPDATE desk.records SET erased_version = version WHERE id = subject.id;
    END IF;

    DELETE FROM desk.revisions AS v
    WHERE v.record_id = subject.id
      AND (whole OR v.version <> subject.version)
      AND NOT EXISTS (
          SELECT FROM desk.publications AS p
          WHERE p.record_id = v.record_id AND p.version = v.version
            AND p.number NOT BETWEEN act.first_edition AND act.last_edition);
    DELETE FROM desk.comments WHERE record_id = subject.id;
    DELETE FROM desk.worksheets WHERE strpos(place || form::text, subject.id::text) > 0;
    UPDATE desk.reviews SET note = '', reason = CASE outcome WHEN 'returned' THEN '—' ELSE '' END
    WHERE record_id = subject.id;
    UPDATE desk.decisions SET reason = '{}', note = '', answer = ''
    WHERE record_id = subject.id AND kind <> 'takedown';

    SELECT coalesce(array_agg(s.id), '{}') INTO gone FROM desk.sources AS s
    WHERE s.key = ANY (source_keys)
      AND NOT EXISTS (SELECT FROM desk.record_sources AS c WHERE c.source_id = s.id)
      AND NOT EXISTS (SELECT FROM record.cited_sources AS c WHERE c.source_key = s.key);
    files := files || ARRAY(SELECT c.sha256 FROM desk.captures AS c WHERE c.source_id = ANY (gone));
    DELETE FROM desk.captures WHERE source_id = ANY (gone);
    UPDATE desk.sources
    SET key = 'removed-' || id::text, publisher = '—', title = '', author = '', url = NULL, language = '',
        published = '', published_basis = '', accessed = '', gist = '{}'
    WHERE id = ANY (gone);
    RETURN ARRAY(
        SELECT DISTINCT file FROM unnest(files) AS file
        WHERE NOT EXISTS (SELECT FROM desk.documents AS x WHERE x.sha256 = file)
          AND NOT EXISTS (SELECT FROM desk.captures AS c WHERE c.sha256 = file));
END
$$;

GRANT USAGE ON SCHEMA desk TO sijil_takedown;
GRANT EXECUTE ON FUNCTION desk.is_takedown_now() TO sijil_desk, sijil_takedown;
GRANT EXECUTE ON FUNCTION record.guard_tombstone(), desk.erase_record(uuid, text[], text[]), desk.is_text(jsonb),
    record.is_ours(xid), desk.is_decided_now(text, uuid), desk.guard_decision(), desk.guard_merged(),
    desk.guard_record(), record.guard_head_state(), desk.chain_audit()
    TO sijil_takedown;
GRANT SELECT ON desk.decisions, desk.records, desk.publications TO sijil_takedown;
GRANT SELECT (id, name, role, deactivated_at) ON desk.accounts TO sijil_takedown;
GRANT UPDATE (outcome, decided_by, decided_at, answer, pending_files) ON desk.decisions TO sijil_takedown;
GRANT UPDATE (erased_version) ON desk.records TO sijil_takedown;
GRANT INSERT ON desk.audit TO sijil_takedown;
GRANT UPDATE (reason) ON record.editions TO sijil_takedown;
