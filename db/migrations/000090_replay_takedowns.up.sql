-- A backup that is restored may be older than a takedown. What was decided is
-- noted outside of the database, and done again before anybody can read what was
-- restored: the one time when a decision comes in as it was made.

-- Reports whether the database is being restored. The table that says so is made
-- by the owner alone, as only he may in schema public.
CREATE FUNCTION desk.is_restoring() RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (
        SELECT FROM pg_class AS c
        WHERE c.relname = 'sijil_restoring' AND c.relnamespace = 'public'::regnamespace
          AND c.relowner = (SELECT o.relowner FROM pg_class AS o WHERE o.oid = 'desk.decisions'::regclass))
$$;

-- Reports whether desk.replay_takedown is at work: it alone acts as the owner.
CREATE FUNCTION desk.is_replaying() RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT current_user = (
               SELECT pg_get_userbyid(o.relowner) FROM pg_class AS o WHERE o.oid = 'desk.decisions'::regclass)
           AND desk.is_restoring()
$$;

DROP TRIGGER decisions_guard ON desk.decisions;
CREATE TRIGGER decisions_guard BEFORE INSERT OR UPDATE ON desk.decisions
    FOR EACH ROW WHEN (NOT desk.is_replaying()) EXECUTE FUNCTION desk.guard_decision();

-- Writes a takedown as it was decided, and reports whether it is new here and
-- about a record that is here. Persons who are not known yet get an account that
-- nobody can use; what else was proposed about the record is moot.
CREATE FUNCTION desk.replay_takedown(
    decision uuid, record uuid, first integer, last integer, reason jsonb,
    proposed_by uuid, proposed_at timestamptz, decided_by uuid, decided_at timestamptz
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT desk.is_restoring() THEN
        RAISE EXCEPTION 'a takedown is done again in a database that is being restored only' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NOT EXISTS (SELECT FROM desk.records AS r WHERE r.id = replay_takedown.record)
       OR EXISTS (SELECT FROM desk.decisions AS d WHERE d.id = decision AND d.outcome = 'confirmed')
    THEN
        RETURN false;
    END IF;
    INSERT INTO desk.accounts (id, email, name, role, language, deactivated_at)
    SELECT person, person || '@restored.invalid', '—', 'admin', 'fr', clock_timestamp()
    FROM unnest(ARRAY[replay_takedown.proposed_by, replay_takedown.decided_by]) AS person
    ON CONFLICT (id) DO NOTHING;
    UPDATE desk.decisions AS d
    SET outcome = 'refused', decided_by = replay_takedown.decided_by, decided_at = replay_takedown.decided_at
    WHERE d.record_id = replay_takedown.record AND d.outcome IS NULL AND d.id <> decision;
    INSERT INTO desk.decisions (id, kind, record_id, first_edition, last_edition, reason, proposed_by, proposed_at)
    VALUES (decision, 'takedown', replay_takedown.record, first, last, replay_takedown.reason,
            replay_takedown.proposed_by, replay_takedown.proposed_at)
    ON CONFLICT (id) DO NOTHING;
    UPDATE desk.decisions AS d
    SET outcome = 'confirmed', decided_by = replay_takedown.decided_by, decided_at = replay_takedown.decided_at
    WHERE d.id = decision;
    RETURN true;
END
$$;

CREATE OR REPLACE FUNCTION desk.erase_record(decision uuid, source_keys text[], documents text[]) RETURNS text[]
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
    -- Editions end with the current one; where a backup is restored that is older
    -- than what was taken down, the draft holds it, published or not.
    whole := coalesce((SELECT h.number FROM record.heads AS h WHERE h.reference = subject.reference), 0) <= act.last_edition;

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

GRANT EXECUTE ON FUNCTION desk.is_restoring(), desk.is_replaying() TO sijil_desk, sijil_takedown;
GRANT EXECUTE ON FUNCTION desk.replay_takedown(uuid, uuid, integer, integer, jsonb, uuid, timestamptz, uuid, timestamptz)
    TO sijil_takedown;
