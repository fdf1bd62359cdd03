-- What the migrations add up to, for readers. Dumped by "task db:schema" with
-- pg_dump 15 and checked by a test; never run.

CREATE SCHEMA desk;

COMMENT ON SCHEMA desk IS 'Drafts and working tables; never readable by the public role';

CREATE SCHEMA jobs;

COMMENT ON SCHEMA jobs IS 'Work for later, asked for in the transaction that needs it; River''s tables';

CREATE SCHEMA record;

COMMENT ON SCHEMA record IS 'Published editions and their projections; append-only but for takedown';

CREATE TYPE jobs.river_job_state AS ENUM (
    'available',
    'cancelled',
    'completed',
    'discarded',
    'pending',
    'retryable',
    'running',
    'scheduled'
);

CREATE FUNCTION desk.approval_stands(record uuid, approved_version integer, reviewer uuid) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
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

CREATE FUNCTION desk.chain_audit() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
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

CREATE FUNCTION desk.erase_captures() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    IF NOT desk.is_takedown_now() THEN
        RAISE EXCEPTION 'the key of a source never changes' USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO desk.leaving_files (sha256)
    SELECT k.warc_sha256 FROM desk.kept_captures AS k JOIN desk.capture_targets AS t ON t.id = k.target_id
    WHERE t.source_id = NEW.id
    ON CONFLICT DO NOTHING;
    DELETE FROM desk.kept_captures AS k USING desk.capture_targets AS t
    WHERE t.id = k.target_id AND t.source_id = NEW.id;
    DELETE FROM desk.capture_targets WHERE source_id = NEW.id;
    DELETE FROM desk.capture_hosts; -- names of hosts; without them somebody is asked a little sooner
    DELETE FROM desk.worksheets WHERE place = '/desk/sources/' || OLD.key;
    RETURN NULL;
END
$$;

CREATE FUNCTION desk.erase_files(decision uuid, hashes text[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    gone text[];
BEGIN
    PERFORM FROM desk.decisions AS d
    WHERE d.id = decision AND d.kind = 'takedown' AND d.outcome = 'confirmed' AND record.is_ours(d.xmin);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'nothing is erased without a decision of two persons' USING ERRCODE = 'insufficient_privilege';
    END IF;
    -- A file that another statement holds stays, whoever asks.
    gone := ARRAY(
        SELECT f.sha256 FROM desk.files AS f
        WHERE f.sha256 = ANY (hashes)
          AND NOT EXISTS (SELECT FROM desk.documents AS x WHERE x.sha256 = f.sha256)
          AND NOT EXISTS (SELECT FROM record.documents AS x WHERE x.sha256 = f.sha256));
    DELETE FROM desk.file_texts WHERE sha256 = ANY (gone);
    DELETE FROM desk.files WHERE sha256 = ANY (gone);
END
$$;

CREATE FUNCTION desk.erase_mails() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
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

CREATE FUNCTION desk.erase_origins() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    -- The row stays, so that the same file does not bring the record back.
    UPDATE desk.origins SET raw = NULL, sha256 = NULL WHERE record_id = NEW.record_id;
    RETURN NULL;
END
$$;

CREATE FUNCTION desk.erase_record(decision uuid, source_keys text[], documents text[]) RETURNS text[]
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
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
$_$;

CREATE FUNCTION desk.erase_remarks() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    UPDATE desk.bundles AS b SET note = '', reason = CASE outcome WHEN 'returned' THEN '—' ELSE '' END
    WHERE EXISTS (SELECT FROM desk.bundle_records AS m WHERE m.bundle_id = b.id AND m.record_id = NEW.record_id);
    UPDATE desk.scheduled_publications AS s SET reason = '{"fr": "—"}', failure = ''
    WHERE EXISTS (SELECT FROM desk.bundle_records AS m WHERE m.bundle_id = s.bundle_id AND m.record_id = NEW.record_id);
    RETURN NULL;
END
$$;

CREATE FUNCTION desk.forget_files(before timestamp with time zone) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    idle text[] := ARRAY(SELECT desk.idle_files(before));
    hash text;
BEGIN
    IF idle = '{}' THEN
        RETURN;
    END IF;
    FOREACH hash IN ARRAY idle LOOP
        PERFORM pg_advisory_xact_lock(hashtextextended(hash, 12));
    END LOOP;
    -- What was kept is searched from its beginning to its end: it happens once
    -- for each file.
    INSERT INTO desk.named_files (sha256)
    SELECT x FROM unnest(idle) AS x
    WHERE EXISTS (SELECT FROM desk.revisions AS r WHERE strpos(r.content::text, x) > 0)
       OR EXISTS (SELECT FROM record.editions AS e WHERE position(convert_to(x, 'UTF8') IN e.content) > 0);
    idle := ARRAY(SELECT x FROM desk.idle_files(before) AS x WHERE x = ANY (idle));
    INSERT INTO desk.leaving_files (sha256) SELECT unnest(idle) ON CONFLICT DO NOTHING;
    DELETE FROM desk.files WHERE sha256 = ANY (idle);
END
$$;

CREATE FUNCTION desk.forget_source() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    DELETE FROM desk.source_directory WHERE source_id = NEW.id;
    RETURN NULL;
END
$$;

CREATE FUNCTION desk.guard_bundle() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
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

CREATE FUNCTION desk.guard_bundle_record() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
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

CREATE FUNCTION desk.guard_change() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
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

CREATE FUNCTION desk.guard_content() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
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

CREATE FUNCTION desk.guard_decision() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
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

CREATE FUNCTION desk.guard_merged() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
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

CREATE FUNCTION desk.guard_publication() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
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

CREATE FUNCTION desk.guard_publication_approval() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    IF NOT desk.approval_stands(NEW.record_id, NEW.version, NEW.reviewer_id) THEN
        RAISE EXCEPTION 'the approval of this version does not stand any more'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'publications_approval_stands';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION desk.guard_record() RETURNS trigger
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

CREATE FUNCTION desk.guard_review() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
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

CREATE FUNCTION desk.guard_revision() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    RAISE EXCEPTION 'a version of a record stays as it was saved'
        USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE FUNCTION desk.guard_schedule() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
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

CREATE FUNCTION desk.guard_source() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
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

CREATE FUNCTION desk.guard_version() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM desk.changes WHERE record_id = NEW.id AND version = NEW.version) THEN
        RAISE EXCEPTION 'a version without an author'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'records_version_author';
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION desk.has_part(account uuid, record uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM desk.changes AS c
        JOIN desk.records AS r ON r.id = c.record_id
        WHERE c.record_id = record AND c.account_id = account AND c.version > coalesce(r.published_version, 0)
    ) OR EXISTS (
        SELECT FROM desk.record_sources AS cited
        JOIN desk.source_changes AS change ON change.source_id = cited.source_id
        WHERE cited.record_id = record
          AND change.account_id = account
          AND change.changed_at > coalesce(
                  (SELECT max(recorded_at) FROM desk.publications WHERE record_id = record), '-infinity'));
END
$$;

CREATE FUNCTION desk.idle_files(before timestamp with time zone) RETURNS SETOF text
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT f.sha256 FROM desk.files AS f
    WHERE f.uploaded_at < before
      AND NOT EXISTS (SELECT FROM desk.named_files AS x WHERE x.sha256 = f.sha256)
      AND NOT EXISTS (SELECT FROM desk.documents AS x WHERE x.sha256 = f.sha256)
      AND NOT EXISTS (SELECT FROM desk.captures AS x WHERE x.sha256 = f.sha256)
      AND NOT EXISTS (SELECT FROM desk.file_texts AS x WHERE x.sha256 = f.sha256)
      AND NOT EXISTS (SELECT FROM record.documents AS x WHERE x.sha256 = f.sha256)
      AND NOT EXISTS (SELECT FROM desk.worksheets AS x WHERE strpos(x.form::text, f.sha256) > 0)
      AND NOT EXISTS (
          SELECT FROM desk.audit AS x
          WHERE x.action = 'attach-file' AND x.at >= before AND x.detail ->> 'sha256' = f.sha256)
    ORDER BY f.sha256
    LIMIT 10
$$;

CREATE FUNCTION desk.is_decided_now(decided_kind text, record uuid) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT EXISTS (
        SELECT FROM desk.decisions AS d
        WHERE d.record_id = record AND d.kind = decided_kind AND d.outcome = 'confirmed' AND record.is_ours(d.xmin))
$$;

CREATE FUNCTION desk.is_replaying() RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT current_user = (
               SELECT pg_get_userbyid(o.relowner) FROM pg_class AS o WHERE o.oid = 'desk.decisions'::regclass)
           AND desk.is_restoring()
$$;

CREATE FUNCTION desk.is_restoring() RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT EXISTS (
        SELECT FROM pg_class AS c
        WHERE c.relname = 'sijil_restoring' AND c.relnamespace = 'public'::regnamespace
          AND c.relowner = (SELECT o.relowner FROM pg_class AS o WHERE o.oid = 'desk.decisions'::regclass))
$$;

CREATE FUNCTION desk.is_takedown_now() RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT EXISTS (
        SELECT FROM desk.decisions AS d
        WHERE d.kind = 'takedown' AND d.outcome = 'confirmed' AND record.is_ours(d.xmin))
$$;

CREATE FUNCTION desk.is_text(value jsonb) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $_$
    SELECT jsonb_typeof(value) = 'object'
       AND NOT jsonb_path_exists(
               value, '$.keyvalue() ? (!(@.key like_regex "^[a-z]{2,3}$") || @.value.type() <> "string")')
$_$;

CREATE FUNCTION desk.may_review(account uuid) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
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

CREATE FUNCTION desk.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION '%.% is append-only', TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE FUNCTION desk.replay_takedown(decision uuid, record uuid, first integer, last integer, reason jsonb, proposed_by uuid, proposed_at timestamp with time zone, decided_by uuid, decided_at timestamp with time zone) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
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

CREATE FUNCTION desk.void_bundles() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
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

CREATE FUNCTION desk.void_of_account() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
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

CREATE FUNCTION jobs.river_job_state_in_bitmask(bitmask bit, state jobs.river_job_state) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT CASE state
        WHEN 'available' THEN get_bit(bitmask, 7)
        WHEN 'cancelled' THEN get_bit(bitmask, 6)
        WHEN 'completed' THEN get_bit(bitmask, 5)
        WHEN 'discarded' THEN get_bit(bitmask, 4)
        WHEN 'pending'   THEN get_bit(bitmask, 3)
        WHEN 'retryable' THEN get_bit(bitmask, 2)
        WHEN 'running'   THEN get_bit(bitmask, 1)
        WHEN 'scheduled' THEN get_bit(bitmask, 0)
        ELSE 0
    END = 1;
$$;

CREATE FUNCTION record.guard_dump() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    IF EXISTS (SELECT FROM record.heads AS h WHERE h.state = 'withdrawn' AND h.changed_at >= NEW.taken_at)
       OR EXISTS (SELECT FROM record.tombstones AS t WHERE t.removed_at >= NEW.taken_at)
    THEN
        RAISE EXCEPTION 'something that the dump holds is not public any more'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'dumps_public';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION record.guard_edition() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
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

CREATE FUNCTION record.guard_head() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    IF (NEW.reference, NEW.type) IS DISTINCT FROM (OLD.reference, OLD.type)
       OR NEW.number NOT IN (OLD.number, OLD.number + 1)
    THEN
        RAISE EXCEPTION 'the current edition only moves on' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION record.guard_head_state() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
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

CREATE FUNCTION record.guard_log_checkpoint() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    IF EXISTS (SELECT FROM record.log_checkpoints AS c WHERE c.size >= NEW.size)
       OR NOT EXISTS (SELECT FROM record.log_leaves AS l WHERE l.position = NEW.size - 1)
    THEN
        RAISE EXCEPTION 'a checkpoint is of a log that grew' USING ERRCODE = 'check_violation', CONSTRAINT = 'log_checkpoints_grow';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION record.guard_log_leaves() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    first bigint;
    last  bigint;
    n     bigint;
    said  boolean;
    fits  boolean;
BEGIN
    SELECT min(a.position), max(a.position), count(*),
           bool_and(a.entry = record.log_entry(a.type, a.reference, a.edition, a.logged_at, a.commitment)
                    AND a.logged_at = date_trunc('second', a.logged_at)),
           bool_and(CASE
               WHEN a.type NOT IN ('edition', 'correction') OR e.reference IS NULL THEN true
               WHEN e.content IS NULL THEN false
               ELSE a.logged_at = e.published_at
                    AND a.commitment = encode(sha256(e.salt || e.content), 'hex')
                    AND (a.type = 'correction') = (convert_from(e.content, 'UTF8')::jsonb ? 'correction')
           END)
    INTO first, last, n, said, fits
    FROM added AS a
    LEFT JOIN record.editions AS e ON (e.reference, e.number) = (a.reference, a.edition);
    IF last - first + 1 <> n
       OR first > 0 AND NOT EXISTS (SELECT FROM record.log_leaves AS l WHERE l.position = first - 1)
    THEN
        RAISE EXCEPTION 'the log has no gaps' USING ERRCODE = 'check_violation', CONSTRAINT = 'log_leaves_gapless';
    END IF;
    IF NOT said THEN
        RAISE EXCEPTION 'a leaf is what its columns say' USING ERRCODE = 'check_violation', CONSTRAINT = 'log_leaves_entry';
    END IF;
    IF NOT fits THEN
        RAISE EXCEPTION 'a leaf fits its edition' USING ERRCODE = 'check_violation', CONSTRAINT = 'log_leaves_edition';
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION record.guard_log_opening() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    leaf record.log_leaves;
    body jsonb;
    fits boolean;
BEGIN
    SELECT * INTO leaf FROM record.log_leaves AS l WHERE l.position = NEW.position;
    IF TG_OP = 'UPDATE' THEN
        fits := NEW.position = OLD.position AND NEW.content IS NULL AND NEW.salt IS NULL
            AND leaf.type IN ('document', 'withdrawal')
            AND pg_has_role(current_user, 'sijil_takedown', 'USAGE')
            AND EXISTS (SELECT FROM record.tombstones AS t WHERE (t.reference, t.number) = (leaf.reference, leaf.edition));
        IF NOT fits THEN
            RAISE EXCEPTION 'what a leaf commits to is immutable' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END IF;
    body := convert_from(NEW.content, 'UTF8');
    fits := leaf.commitment = encode(sha256(NEW.salt || NEW.content), 'hex') AND CASE leaf.type
        WHEN 'document' THEN EXISTS (
            SELECT FROM record.editions AS e
            WHERE (e.reference, e.number) = (leaf.reference, leaf.edition)
              AND position(convert_to('"sha256":' || to_json(body ->> 'sha256'), 'UTF8') IN e.content) > 0)
        WHEN 'withdrawal' THEN EXISTS (
            SELECT FROM record.heads AS h
            WHERE (h.reference, h.number, h.state) = (leaf.reference, leaf.edition, 'withdrawn')
              AND h.notice = body -> 'reason' AND date_trunc('second', h.changed_at) = leaf.logged_at)
        WHEN 'takedown' THEN EXISTS (
            SELECT FROM record.tombstones AS t
            WHERE (t.reference, t.number) = (leaf.reference, leaf.edition)
              AND t.reason = body -> 'reason' AND date_trunc('second', t.removed_at) = leaf.logged_at)
        WHEN 'key' THEN EXISTS (
            SELECT FROM record.log_keys AS k WHERE (k.key, k.position) = (body ->> 'key', leaf.position))
        ELSE false
    END;
    IF fits IS NOT TRUE THEN
        RAISE EXCEPTION 'a leaf is about what happened' USING ERRCODE = 'check_violation', CONSTRAINT = 'log_openings_fit';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION record.guard_log_tile() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    before integer := 0;
    after  integer := length(NEW.hashes) / 32;
    wanted bytea;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        before := length(OLD.hashes) / 32;
        IF (NEW.level, NEW.index) <> (OLD.level, OLD.index) OR substr(NEW.hashes, 1, before * 32) <> OLD.hashes THEN
            RAISE EXCEPTION 'a tile only grows at its end' USING ERRCODE = 'insufficient_privilege';
        END IF;
    END IF;
    IF NEW.level = 0 THEN
        wanted := (SELECT string_agg(sha256('\x00'::bytea || l.entry), ''::bytea ORDER BY l.position)
                   FROM record.log_leaves AS l
                   WHERE l.position >= NEW.index * 256 + before AND l.position < NEW.index * 256 + after);
    ELSE
        wanted := (SELECT string_agg(record.log_tile_root(t.hashes), ''::bytea ORDER BY t.index)
                   FROM record.log_tiles AS t
                   WHERE t.level = NEW.level - 1 AND length(t.hashes) = 8192
                     AND t.index >= NEW.index * 256 + before AND t.index < NEW.index * 256 + after);
    END IF;
    IF wanted IS DISTINCT FROM substr(NEW.hashes, before * 32 + 1) THEN
        RAISE EXCEPTION 'a tile is what the leaves hash to' USING ERRCODE = 'check_violation', CONSTRAINT = 'log_tiles_hashes';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION record.guard_new_edition() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
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

CREATE FUNCTION record.guard_pin() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM record.editions AS e
        WHERE e.reference = NEW.reference AND e.number = NEW.number AND record.is_ours(e.xmin)
    ) THEN
        RAISE EXCEPTION 'an edition is immutable' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION record.guard_slug() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM record.heads AS h
        WHERE (h.reference, h.type, h.slug) = (NEW.reference, NEW.type, NEW.slug)
    ) THEN
        RAISE EXCEPTION 'a slug is that of its record' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION record.guard_tombstone() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
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

CREATE FUNCTION record.is_logged() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    logged boolean;
BEGIN
    IF TG_TABLE_NAME = 'editions' THEN
        logged := EXISTS (
            SELECT FROM record.log_leaves AS l
            WHERE (l.reference, l.edition) = (NEW.reference, NEW.number) AND l.type IN ('edition', 'correction'));
    ELSIF TG_TABLE_NAME = 'tombstones' THEN
        logged := EXISTS (
            SELECT FROM record.log_leaves AS l
            WHERE (l.reference, l.edition) = (NEW.reference, NEW.number) AND l.type = 'takedown');
    ELSE
        logged := EXISTS (
            SELECT FROM record.log_leaves AS l
            WHERE (l.reference, l.edition) = (NEW.reference, NEW.number) AND l.type IN ('withdrawal', 'takedown')
              AND l.logged_at = NEW.changed_at);
    END IF;
    IF NOT logged THEN
        RAISE EXCEPTION '% % is not in the log', NEW.reference, NEW.number
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_logged';
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION record.is_ours(writer xid) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    RETURN writer::text::bigint = pg_current_xact_id()::text::numeric % 4294967296;
END
$$;

CREATE FUNCTION record.keep_newest() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    DELETE FROM record.search_newest WHERE reference = NEW.reference;
    INSERT INTO record.search_newest (reference, occurred_order, words)
    SELECT i.reference, i.occurred_order, NEW.words || ''::tsvector -- a new value, which is not packed
    FROM record.incidents AS i, record.search_newest_since AS since
    WHERE i.reference = NEW.reference AND (i.occurred_order, i.reference) >= (since.occurred_order, since.reference);
    RETURN NULL;
END
$$;

CREATE FUNCTION record.leaf_is_whole() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    height smallint := 0;
    at     bigint := NEW.position;
BEGIN
    IF NEW.type NOT IN ('edition', 'correction')
       AND NOT EXISTS (SELECT FROM record.log_openings AS o WHERE o.position = NEW.position)
    THEN
        RAISE EXCEPTION 'leaf % is about nothing', NEW.position
            USING ERRCODE = 'check_violation', CONSTRAINT = 'log_leaves_about';
    END IF;
    WHILE height = 0 AND at % 256 = 255 OR height > 0 LOOP
        IF NOT EXISTS (
            SELECT FROM record.log_tiles AS t
            WHERE (t.level, t.index) = (height, at / 256) AND length(t.hashes) > at % 256 * 32)
        THEN
            RAISE EXCEPTION 'leaf % is not in the tree', NEW.position
                USING ERRCODE = 'check_violation', CONSTRAINT = 'log_leaves_in_tree';
        END IF;
        EXIT WHEN at % 256 <> 255;
        height := height + 1;
        at := at / 256;
    END LOOP;
    RETURN NULL;
END
$$;

CREATE FUNCTION record.let_dump_go() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    INSERT INTO desk.leaving_files (sha256) VALUES (OLD.sha256) ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;

CREATE FUNCTION record.log_entry(type text, reference text, edition integer, logged_at timestamp with time zone, commitment text) RETURNS bytea
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT convert_to(
        '{"commitment":"' || commitment || '"'
        || coalesce(',"edition":' || edition, '')
        || ',"format":"sijil-leaf-1"'
        || coalesce(',"reference":' || to_json(reference), '')
        || ',"time":"' || to_char(logged_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') || '"'
        || ',"type":"' || type || '"}', 'UTF8')
$$;

CREATE FUNCTION record.log_tile_root(hashes bytea) RETURNS bytea
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    layer bytea := hashes;
BEGIN
    WHILE length(layer) > 32 LOOP
        layer := (SELECT string_agg(sha256('\x01'::bytea || substr(layer, i * 64 + 1, 64)), ''::bytea ORDER BY i)
                  FROM generate_series(0, length(layer) / 64 - 1) AS i);
    END LOOP;
    RETURN layer;
END
$$;

CREATE FUNCTION record.only_grows() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    counter text := TG_ARGV[0];
BEGIN
    IF (to_jsonb(NEW) ->> counter)::bigint <> (to_jsonb(OLD) ->> counter)::bigint + 1 THEN
        RAISE EXCEPTION '%.% only grows, by one', TG_TABLE_NAME, counter USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION record.outdate_dumps() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    DELETE FROM record.dumps;
    RETURN NULL;
END
$$;

CREATE FUNCTION record.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION '%.% is append-only', TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TABLE desk.account_links (
    token_hash bytea NOT NULL,
    account_id uuid,
    purpose text NOT NULL,
    email text,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    CONSTRAINT account_links_check CHECK (((purpose = 'email'::text) = (email IS NOT NULL))),
    CONSTRAINT account_links_email_check CHECK ((email = lower(email))),
    CONSTRAINT account_links_purpose_check CHECK ((purpose = ANY (ARRAY['invitation'::text, 'reset'::text, 'email'::text]))),
    CONSTRAINT account_links_token_hash_check CHECK ((octet_length(token_hash) = 32))
);

COMMENT ON COLUMN desk.account_links.account_id IS 'NULL where a reset was asked for an address that has no account: the same work is done for both';

CREATE TABLE desk.accounts (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    email text NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    language text NOT NULL,
    is_service boolean DEFAULT false NOT NULL,
    deactivated_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT accounts_email_check CHECK (((email = lower(email)) AND (email ~~ '%_@_%'::text))),
    CONSTRAINT accounts_language_check CHECK ((language ~ '^[a-z]{2,3}$'::text)),
    CONSTRAINT accounts_role_check CHECK ((role = ANY (ARRAY['analyst'::text, 'editor'::text, 'admin'::text])))
);

COMMENT ON COLUMN desk.accounts.is_service IS 'an account of the program, such as an import; it can never sign in';

CREATE TABLE desk.affected_institutions (
    record_id uuid NOT NULL,
    key text NOT NULL,
    institution_id uuid NOT NULL,
    roles text[] NOT NULL,
    data_exposed jsonb DEFAULT '{}'::jsonb NOT NULL,
    note jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT affected_institutions_data_exposed_check CHECK (desk.is_text(data_exposed)),
    CONSTRAINT affected_institutions_note_check CHECK (desk.is_text(note))
);

CREATE TABLE desk.answers (
    record_id uuid NOT NULL,
    key text NOT NULL,
    question jsonb NOT NULL,
    answer jsonb NOT NULL,
    note jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT answers_answer_check CHECK (desk.is_text(answer)),
    CONSTRAINT answers_note_check CHECK (desk.is_text(note)),
    CONSTRAINT answers_question_check CHECK (desk.is_text(question))
);

CREATE TABLE desk.attempts (
    id bigint NOT NULL,
    bucket text NOT NULL,
    at timestamp with time zone NOT NULL
);

ALTER TABLE desk.attempts ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME desk.attempts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE desk.audit (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    account_id uuid,
    action text NOT NULL,
    record_id uuid,
    version integer,
    detail jsonb DEFAULT '{}'::jsonb NOT NULL,
    hash bytea NOT NULL
);

CREATE TABLE desk.audit_head (
    one boolean DEFAULT true NOT NULL,
    id bigint NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT audit_head_one_check CHECK (one)
);

CREATE TABLE desk.backings (
    record_id uuid NOT NULL,
    key text NOT NULL,
    "position" integer NOT NULL,
    statement_id uuid NOT NULL,
    claim_key text
);

CREATE TABLE desk.bundle_records (
    bundle_id uuid NOT NULL,
    record_id uuid NOT NULL,
    version integer NOT NULL,
    "position" integer NOT NULL
);

CREATE TABLE desk.bundles (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    record_id uuid NOT NULL,
    requested_by uuid NOT NULL,
    requested_at timestamp with time zone NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    claimed_by uuid,
    claimed_at timestamp with time zone,
    outcome text,
    closed_by uuid,
    closed_at timestamp with time zone,
    reason text DEFAULT ''::text NOT NULL,
    CONSTRAINT bundles_check CHECK (((claimed_by IS NULL) = (claimed_at IS NULL))),
    CONSTRAINT bundles_check1 CHECK (((outcome IS NULL) = (closed_at IS NULL))),
    CONSTRAINT bundles_check2 CHECK (((outcome <> 'returned'::text) OR ((reason <> ''::text) AND (closed_by IS NOT NULL)))),
    CONSTRAINT bundles_outcome_check CHECK ((outcome = ANY (ARRAY['published'::text, 'returned'::text, 'voided'::text])))
);

COMMENT ON COLUMN desk.bundles.record_id IS 'the record for which the review was asked';

COMMENT ON COLUMN desk.bundles.reason IS 'the remarks with which it was returned';

CREATE TABLE desk.capture_hosts (
    host text NOT NULL,
    free_at timestamp with time zone NOT NULL
);

CREATE TABLE desk.capture_targets (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    source_id uuid NOT NULL,
    address text NOT NULL,
    state text DEFAULT 'waiting'::text NOT NULL,
    waits boolean DEFAULT true NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    http_status integer,
    tries integer DEFAULT 0 NOT NULL,
    quiet integer DEFAULT 0 NOT NULL,
    shown integer DEFAULT 0 NOT NULL,
    unshown boolean DEFAULT false NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    fetching_since timestamp with time zone,
    checked_at timestamp with time zone,
    next_check timestamp with time zone,
    CONSTRAINT capture_targets_address_check CHECK ((address ~ '^https?://'::text)),
    CONSTRAINT capture_targets_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'kept'::text, 'failed'::text, 'gone'::text, 'moved'::text, 'changed'::text])))
);

COMMENT ON COLUMN desk.capture_targets.waits IS 'a job is asked for: the first, a check, or another try';

COMMENT ON COLUMN desk.capture_targets.reason IS 'why the last try failed; empty after one that did not';

COMMENT ON COLUMN desk.capture_targets.quiet IS 'checks in a row that found nothing new: the next comes later';

COMMENT ON COLUMN desk.capture_targets.shown IS 'number of the copy on which the record rests; 0: none yet';

COMMENT ON COLUMN desk.capture_targets.unshown IS 'the source is not told of it yet, since a record that cites it is in review';

CREATE TABLE desk.captures (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    source_id uuid NOT NULL,
    sha256 text NOT NULL,
    size bigint NOT NULL,
    media_type text NOT NULL,
    captured text DEFAULT ''::text NOT NULL,
    http_status integer,
    last_check text DEFAULT ''::text NOT NULL,
    changed_since boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    warc_sha256 text DEFAULT ''::text NOT NULL,
    state text DEFAULT ''::text NOT NULL,
    now_sha256 text DEFAULT ''::text NOT NULL,
    now_since text DEFAULT ''::text NOT NULL,
    CONSTRAINT captures_now_sha256_check CHECK ((now_sha256 ~ '^([0-9a-f]{64})?$'::text)),
    CONSTRAINT captures_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT captures_size_check CHECK ((size >= 0)),
    CONSTRAINT captures_state_check CHECK ((state = ANY (ARRAY[''::text, 'gone'::text, 'moved'::text, 'changed'::text]))),
    CONSTRAINT captures_warc_sha256_check CHECK ((warc_sha256 ~ '^([0-9a-f]{64})?$'::text))
);

COMMENT ON COLUMN desk.captures.warc_sha256 IS 'of the file that holds it with its requests; empty for what was attached';

COMMENT ON COLUMN desk.captures.now_sha256 IS 'of what the page says now, where that is something else';

COMMENT ON COLUMN desk.captures.now_since IS 'the day, EDTF, on which that was found';

CREATE TABLE desk.ceremonies (
    token_hash bytea NOT NULL,
    account_id uuid,
    purpose text NOT NULL,
    challenge jsonb NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT ceremonies_purpose_check CHECK ((purpose = ANY (ARRAY['register'::text, 'sign-in'::text, 'second-factor'::text, 'prove'::text]))),
    CONSTRAINT ceremonies_token_hash_check CHECK ((octet_length(token_hash) = 32))
);

COMMENT ON COLUMN desk.ceremonies.account_id IS 'NULL for a sign-in, where the passkey says who it is';

CREATE TABLE desk.changes (
    record_id uuid NOT NULL,
    version integer NOT NULL,
    account_id uuid NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE desk.citations (
    record_id uuid NOT NULL,
    key text NOT NULL,
    source_id uuid NOT NULL,
    "position" integer NOT NULL
);

CREATE TABLE desk.claim_relations (
    record_id uuid NOT NULL,
    key text NOT NULL,
    "position" integer NOT NULL,
    kind_vocabulary text GENERATED ALWAYS AS ('claim-relation'::text) STORED NOT NULL,
    kind text NOT NULL,
    to_statement_id uuid NOT NULL,
    to_claim_key text NOT NULL,
    note jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT claim_relations_check CHECK (((record_id <> to_statement_id) OR (key <> to_claim_key))),
    CONSTRAINT claim_relations_note_check CHECK (desk.is_text(note))
);

CREATE TABLE desk.claims (
    record_id uuid NOT NULL,
    key text NOT NULL,
    topic_vocabulary text GENERATED ALWAYS AS ('claim-topic'::text) STORED NOT NULL,
    topic text NOT NULL,
    paraphrase jsonb NOT NULL,
    value bigint,
    bound text DEFAULT ''::text NOT NULL,
    unit text DEFAULT ''::text NOT NULL,
    quantifier text NOT NULL,
    modality text NOT NULL,
    is_on_timeline boolean DEFAULT false NOT NULL,
    is_second_hand boolean DEFAULT false NOT NULL,
    reported_by jsonb DEFAULT '{}'::jsonb NOT NULL,
    reported_statement_id uuid,
    reported_claim_key text,
    CONSTRAINT claims_bound_check CHECK ((bound = ANY (ARRAY[''::text, 'about'::text, 'over'::text, 'under'::text]))),
    CONSTRAINT claims_check CHECK ((is_second_hand OR (reported_statement_id IS NULL))),
    CONSTRAINT claims_modality_check CHECK ((modality = ANY (ARRAY['asserts'::text, 'denies'::text, 'alleges'::text, 'promises'::text]))),
    CONSTRAINT claims_paraphrase_check CHECK (desk.is_text(paraphrase)),
    CONSTRAINT claims_quantifier_check CHECK ((quantifier = ANY (ARRAY['all'::text, 'most'::text, 'some'::text, 'few'::text, 'none'::text, 'unstated'::text]))),
    CONSTRAINT claims_reported_by_check CHECK (desk.is_text(reported_by))
);

COMMENT ON COLUMN desk.claims.is_second_hand IS 'the speaker says that somebody else says it';

CREATE TABLE desk.comments (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    record_id uuid NOT NULL,
    account_id uuid NOT NULL,
    body text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT comments_body_check CHECK ((body <> ''::text))
);

CREATE TABLE desk.date_assertions (
    record_id uuid NOT NULL,
    key text NOT NULL,
    "position" integer NOT NULL,
    edtf text NOT NULL,
    earliest timestamp with time zone,
    latest timestamp with time zone,
    wording jsonb DEFAULT '{}'::jsonb NOT NULL,
    basis_vocabulary text GENERATED ALWAYS AS ('date-basis'::text) STORED NOT NULL,
    basis text NOT NULL,
    is_preferred boolean DEFAULT false NOT NULL,
    reason jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT date_assertions_check CHECK (((edtf <> ''::text) OR (wording <> '{}'::jsonb))),
    CONSTRAINT date_assertions_check1 CHECK ((earliest <= latest)),
    CONSTRAINT date_assertions_reason_check CHECK (desk.is_text(reason)),
    CONSTRAINT date_assertions_wording_check CHECK (desk.is_text(wording))
);

CREATE TABLE desk.date_citations (
    record_id uuid NOT NULL,
    key text NOT NULL,
    "position" integer NOT NULL,
    source_id uuid NOT NULL,
    rank integer NOT NULL
);

CREATE TABLE desk.decisions (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    kind text NOT NULL,
    record_id uuid NOT NULL,
    target_id uuid,
    first_edition integer,
    last_edition integer,
    reason jsonb NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    proposed_by uuid NOT NULL,
    proposed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    outcome text,
    decided_by uuid,
    decided_at timestamp with time zone,
    answer text DEFAULT ''::text NOT NULL,
    pending_files text[] DEFAULT '{}'::text[] NOT NULL,
    CONSTRAINT decisions_check CHECK (((kind = 'merge'::text) = (target_id IS NOT NULL))),
    CONSTRAINT decisions_check1 CHECK (((kind = 'takedown'::text) = (first_edition IS NOT NULL))),
    CONSTRAINT decisions_check2 CHECK ((((first_edition IS NULL) = (last_edition IS NULL)) AND (first_edition <= last_edition))),
    CONSTRAINT decisions_check3 CHECK ((((outcome IS NULL) = (decided_at IS NULL)) AND ((outcome IS NULL) = (decided_by IS NULL)))),
    CONSTRAINT decisions_first_edition_check CHECK ((first_edition > 0)),
    CONSTRAINT decisions_four_eyes CHECK (((outcome IS DISTINCT FROM 'confirmed'::text) OR (decided_by <> proposed_by))),
    CONSTRAINT decisions_kind_check CHECK ((kind = ANY (ARRAY['merge'::text, 'withdrawal'::text, 'takedown'::text]))),
    CONSTRAINT decisions_outcome_check CHECK ((outcome = ANY (ARRAY['confirmed'::text, 'refused'::text]))),
    CONSTRAINT decisions_reason_check CHECK (desk.is_text(reason))
);

COMMENT ON COLUMN desk.decisions.reason IS 'public: why it is merged, the notice of what was withdrawn, the law by which it was taken down';

COMMENT ON COLUMN desk.decisions.note IS 'for the desk only';

COMMENT ON COLUMN desk.decisions.pending_files IS 'takedown: files (SHA-256) that are still to be removed from the store of files';

CREATE TABLE desk.differences (
    record_id uuid NOT NULL,
    key text NOT NULL,
    rendering_keys text[] NOT NULL,
    claim_keys text[] DEFAULT '{}'::text[] NOT NULL,
    note jsonb NOT NULL,
    CONSTRAINT differences_note_check CHECK (desk.is_text(note))
);

COMMENT ON TABLE desk.differences IS 'recorded differences between the renderings of one statement';

CREATE TABLE desk.directory (
    record_id uuid NOT NULL,
    type text NOT NULL,
    title jsonb NOT NULL,
    folded text NOT NULL,
    institutions uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    occurred text DEFAULT ''::text NOT NULL,
    occurred_from date,
    occurred_to date,
    short jsonb DEFAULT '{}'::jsonb NOT NULL,
    acronyms text[] DEFAULT '{}'::text[] NOT NULL,
    share smallint DEFAULT 0 NOT NULL,
    waits_since date,
    original_not_seen boolean DEFAULT false NOT NULL,
    CONSTRAINT directory_share_check CHECK (((share >= 0) AND (share <= 100))),
    CONSTRAINT directory_short_check CHECK (desk.is_text(short)),
    CONSTRAINT directory_title_check CHECK (desk.is_text(title))
);

COMMENT ON COLUMN desk.directory.folded IS 'all titles or names, folded, each on a line of its own; every word begins after a space';

COMMENT ON COLUMN desk.directory.institutions IS 'those that an incident affects, or the issuer of a statement';

COMMENT ON COLUMN desk.directory.occurred IS 'EDTF; empty: not stated';

COMMENT ON COLUMN desk.directory.occurred_from IS 'the first day that it can mean; null with occurred_to: open';

COMMENT ON COLUMN desk.directory.short IS 'what an institution is called in running text';

COMMENT ON COLUMN desk.directory.acronyms IS 'of an institution, folded';

COMMENT ON COLUMN desk.directory.share IS 'how complete the record is, in per cent';

COMMENT ON COLUMN desk.directory.waits_since IS 'the last day of the last step of a referral that nobody confirmed';

CREATE TABLE desk.documents (
    record_id uuid NOT NULL,
    key text NOT NULL,
    name text NOT NULL,
    media_type text NOT NULL,
    sha256 text NOT NULL,
    size bigint NOT NULL,
    extracted_text text DEFAULT ''::text NOT NULL,
    language text DEFAULT ''::text NOT NULL,
    CONSTRAINT documents_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT documents_size_check CHECK ((size >= 0))
);

COMMENT ON COLUMN desk.documents.extracted_text IS 'as confirmed by a person; empty until then';

CREATE TABLE desk.event_relatings (
    record_id uuid NOT NULL,
    key text NOT NULL,
    "position" integer NOT NULL,
    related_by jsonb NOT NULL,
    statement_id uuid,
    claim_key text,
    source_keys text[] DEFAULT '{}'::text[] NOT NULL,
    note jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT event_relatings_note_check CHECK (desk.is_text(note)),
    CONSTRAINT event_relatings_related_by_check CHECK (desk.is_text(related_by))
);

CREATE TABLE desk.events (
    record_id uuid NOT NULL,
    key text NOT NULL,
    kind text NOT NULL,
    attestation text NOT NULL,
    title jsonb NOT NULL,
    body jsonb DEFAULT '{}'::jsonb NOT NULL,
    exposure_key text,
    chain_statement_id uuid,
    chain_claim_key text,
    CONSTRAINT events_attestation_check CHECK ((attestation = ANY (ARRAY['acknowledged'::text, 'public-record'::text, 'asserted'::text, 'reported'::text]))),
    CONSTRAINT events_body_check CHECK (desk.is_text(body)),
    CONSTRAINT events_title_check CHECK (desk.is_text(title))
);

COMMENT ON COLUMN desk.events.chain_claim_key IS 'the claim whose wording is followed from hand to hand here';

CREATE TABLE desk.exposures (
    record_id uuid NOT NULL,
    key text NOT NULL,
    title jsonb NOT NULL,
    institution_id uuid,
    data_classes text[] DEFAULT '{}'::text[] NOT NULL,
    place text DEFAULT ''::text NOT NULL,
    period jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT exposures_period_check CHECK (desk.is_text(period)),
    CONSTRAINT exposures_title_check CHECK (desk.is_text(title))
);

COMMENT ON COLUMN desk.exposures.place IS 'a kind of place, never an address: leaked data is not linked';

CREATE TABLE desk.fact_institutions (
    record_id uuid NOT NULL,
    key text NOT NULL,
    "position" integer NOT NULL,
    institution_id uuid NOT NULL
);

CREATE TABLE desk.facts (
    record_id uuid NOT NULL,
    key text NOT NULL,
    kind text NOT NULL,
    "position" integer NOT NULL,
    CONSTRAINT facts_key_check CHECK (((key ~ '^[a-z0-9]+(-[a-z0-9]+)*$'::text) AND (length(key) <= 80)))
);

CREATE TABLE desk.figures (
    record_id uuid NOT NULL,
    key text NOT NULL,
    exposure_key text NOT NULL,
    value bigint NOT NULL,
    bound text DEFAULT ''::text NOT NULL,
    unit text NOT NULL,
    claimant text NOT NULL,
    what jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT figures_bound_check CHECK ((bound = ANY (ARRAY[''::text, 'about'::text, 'over'::text, 'under'::text]))),
    CONSTRAINT figures_claimant_check CHECK ((claimant = ANY (ARRAY['attacker'::text, 'institution'::text, 'regulator'::text, 'press-count'::text, 'independent'::text]))),
    CONSTRAINT figures_unit_check CHECK ((unit = ANY (ARRAY['people'::text, 'companies'::text, 'records'::text, 'files'::text, 'megabytes'::text]))),
    CONSTRAINT figures_value_check CHECK ((value >= 0)),
    CONSTRAINT figures_what_check CHECK (desk.is_text(what))
);

CREATE TABLE desk.file_texts (
    sha256 text NOT NULL,
    version integer NOT NULL,
    words text NOT NULL,
    language text NOT NULL,
    confirmed_by uuid NOT NULL,
    confirmed_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT file_texts_language_check CHECK ((language ~ '^[a-z]{2,3}$'::text)),
    CONSTRAINT file_texts_version_check CHECK ((version > 0)),
    CONSTRAINT file_texts_words_check CHECK ((words <> ''::text))
);

CREATE TABLE desk.files (
    sha256 text NOT NULL,
    size bigint NOT NULL,
    media_type text NOT NULL,
    name text NOT NULL,
    pages integer NOT NULL,
    is_scanned boolean NOT NULL,
    warnings text[] DEFAULT '{}'::text[] NOT NULL,
    extracted_pages text[] DEFAULT '{}'::text[] NOT NULL,
    extraction_method text DEFAULT ''::text NOT NULL,
    language text DEFAULT ''::text NOT NULL,
    uploaded_by uuid NOT NULL,
    uploaded_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT files_extraction_method_check CHECK ((extraction_method = ANY (ARRAY[''::text, 'text'::text, 'poppler'::text, 'glyphs'::text, 'both'::text]))),
    CONSTRAINT files_language_check CHECK ((language ~ '^([a-z]{2,3})?$'::text)),
    CONSTRAINT files_pages_check CHECK ((pages >= 0)),
    CONSTRAINT files_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT files_size_check CHECK ((size > 0))
);

COMMENT ON COLUMN desk.files.name IS 'as it was called by who attached it first';

COMMENT ON COLUMN desk.files.extracted_pages IS 'a proposal, page by page; what a person confirmed is in desk.file_texts';

CREATE TABLE desk.import_files (
    run_id uuid NOT NULL,
    content bytea NOT NULL,
    mapping text DEFAULT ''::text NOT NULL
);

CREATE TABLE desk.import_notes (
    run_id uuid NOT NULL,
    "position" integer NOT NULL,
    line integer NOT NULL,
    origin_id text DEFAULT ''::text NOT NULL,
    reason text NOT NULL,
    detail text DEFAULT ''::text NOT NULL,
    is_draft boolean NOT NULL,
    CONSTRAINT import_notes_line_check CHECK ((line > 0)),
    CONSTRAINT import_notes_position_check CHECK (("position" > 0)),
    CONSTRAINT import_notes_reason_check CHECK ((reason <> ''::text))
);

COMMENT ON COLUMN desk.import_notes.is_draft IS 'it was made, but is not published; else it was left out';

CREATE TABLE desk.import_runs (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    format text NOT NULL,
    name text NOT NULL,
    sha256 text NOT NULL,
    started_by uuid NOT NULL,
    publish_as uuid,
    started_at timestamp with time zone NOT NULL,
    confirmed_at timestamp with time zone,
    finished_at timestamp with time zone,
    failure text DEFAULT ''::text NOT NULL,
    items integer DEFAULT 0 NOT NULL,
    made integer DEFAULT 0 NOT NULL,
    published integer DEFAULT 0 NOT NULL,
    known integer DEFAULT 0 NOT NULL,
    skipped integer DEFAULT 0 NOT NULL,
    institutions_made integer DEFAULT 0 NOT NULL,
    institutions_recognised integer DEFAULT 0 NOT NULL,
    CONSTRAINT import_runs_check CHECK (((published >= 0) AND (published <= made))),
    CONSTRAINT import_runs_format_check CHECK ((format = ANY (ARRAY['veris'::text, 'csv'::text, 'stix'::text]))),
    CONSTRAINT import_runs_institutions_made_check CHECK ((institutions_made >= 0)),
    CONSTRAINT import_runs_institutions_recognised_check CHECK ((institutions_recognised >= 0)),
    CONSTRAINT import_runs_items_check CHECK ((items >= 0)),
    CONSTRAINT import_runs_known_check CHECK ((known >= 0)),
    CONSTRAINT import_runs_made_check CHECK ((made >= 0)),
    CONSTRAINT import_runs_name_check CHECK ((name <> ''::text)),
    CONSTRAINT import_runs_sha256_check CHECK ((sha256 ~ '^([0-9a-f]{64})?$'::text)),
    CONSTRAINT import_runs_skipped_check CHECK ((skipped >= 0))
);

COMMENT ON COLUMN desk.import_runs.sha256 IS 'of the file and, for CSV, its mapping; empty for a stream, which cannot be resumed';

COMMENT ON COLUMN desk.import_runs.confirmed_at IS 'null while somebody looks at what an upload would make';

COMMENT ON COLUMN desk.import_runs.items IS 'how many lines, rows or objects of the file have been dealt with';

CREATE TABLE desk.incident_relations (
    record_id uuid NOT NULL,
    "position" integer NOT NULL,
    kind text NOT NULL,
    incident_id uuid NOT NULL,
    note jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT incident_relations_check CHECK ((record_id <> incident_id)),
    CONSTRAINT incident_relations_kind_check CHECK ((kind = ANY (ARRAY['same-campaign'::text, 'recurrence'::text, 'follow-up'::text]))),
    CONSTRAINT incident_relations_note_check CHECK (desk.is_text(note))
);

CREATE TABLE desk.incident_statements (
    record_id uuid NOT NULL,
    "position" integer NOT NULL,
    statement_id uuid NOT NULL
);

CREATE TABLE desk.incidents (
    record_id uuid NOT NULL,
    title jsonb NOT NULL,
    summary jsonb NOT NULL,
    kinds text[] NOT NULL,
    standing_vocabulary text GENERATED ALWAYS AS ('standing'::text) STORED NOT NULL,
    standing text NOT NULL,
    country text DEFAULT ''::text NOT NULL,
    CONSTRAINT incidents_country_check CHECK ((country ~ '^([A-Z]{2})?$'::text)),
    CONSTRAINT incidents_summary_check CHECK (desk.is_text(summary)),
    CONSTRAINT incidents_title_check CHECK (desk.is_text(title))
);

CREATE TABLE desk.institution_links (
    record_id uuid NOT NULL,
    direction text NOT NULL,
    "position" integer NOT NULL,
    institution_id uuid NOT NULL,
    linked_on text DEFAULT ''::text NOT NULL,
    note jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT institution_links_direction_check CHECK ((direction = ANY (ARRAY['predecessor'::text, 'successor'::text]))),
    CONSTRAINT institution_links_note_check CHECK (desk.is_text(note))
);

CREATE TABLE desk.institution_names (
    record_id uuid NOT NULL,
    key text NOT NULL,
    language text NOT NULL,
    script text DEFAULT ''::text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    used_from text DEFAULT ''::text NOT NULL,
    used_until text DEFAULT ''::text NOT NULL,
    CONSTRAINT institution_names_kind_check CHECK ((kind = ANY (ARRAY['official'::text, 'short'::text, 'acronym'::text, 'alias'::text]))),
    CONSTRAINT institution_names_name_check CHECK ((name <> ''::text)),
    CONSTRAINT institution_names_script_check CHECK ((script ~ '^([A-Z][a-z]{3})?$'::text))
);

COMMENT ON COLUMN desk.institution_names.script IS 'ISO 15924, where the language alone does not say it';

COMMENT ON COLUMN desk.institution_names.used_from IS 'EDTF; empty: not stated';

CREATE TABLE desk.institutions (
    record_id uuid NOT NULL,
    kind text NOT NULL,
    sector text DEFAULT ''::text NOT NULL,
    country text DEFAULT ''::text NOT NULL,
    website text DEFAULT ''::text NOT NULL,
    parent_id uuid,
    description jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT institutions_country_check CHECK ((country ~ '^([A-Z]{2})?$'::text)),
    CONSTRAINT institutions_description_check CHECK (desk.is_text(description))
);

CREATE TABLE desk.kept_captures (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    target_id uuid NOT NULL,
    number integer NOT NULL,
    taken_at timestamp with time zone NOT NULL,
    state text NOT NULL,
    final text NOT NULL,
    hops jsonb NOT NULL,
    http_status integer NOT NULL,
    media_type text NOT NULL,
    sha256 text NOT NULL,
    size bigint NOT NULL,
    warc_sha256 text NOT NULL,
    warc_size bigint NOT NULL,
    title text NOT NULL,
    words text NOT NULL,
    CONSTRAINT kept_captures_number_check CHECK ((number > 0)),
    CONSTRAINT kept_captures_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT kept_captures_size_check CHECK ((size >= 0)),
    CONSTRAINT kept_captures_state_check CHECK ((state = ANY (ARRAY['kept'::text, 'gone'::text, 'moved'::text, 'changed'::text]))),
    CONSTRAINT kept_captures_warc_sha256_check CHECK ((warc_sha256 ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT kept_captures_warc_size_check CHECK ((warc_size > 0))
);

COMMENT ON COLUMN desk.kept_captures.final IS 'the address that answered, after all redirects';

COMMENT ON COLUMN desk.kept_captures.hops IS 'each redirect and the answer: address, status, head';

COMMENT ON COLUMN desk.kept_captures.sha256 IS 'of the body, decoded; it lies in the WARC file';

COMMENT ON COLUMN desk.kept_captures.words IS 'the readable text; empty where there is none';

CREATE TABLE desk.leaving_files (
    sha256 text NOT NULL,
    since timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT leaving_files_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);

CREATE TABLE desk.mails (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    account_id uuid,
    kind text NOT NULL,
    address text NOT NULL,
    name text NOT NULL,
    language text NOT NULL,
    content jsonb NOT NULL,
    state text DEFAULT 'waiting'::text NOT NULL,
    failure text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    closed_at timestamp with time zone,
    CONSTRAINT mails_address_check CHECK ((address ~~ '%_@_%'::text)),
    CONSTRAINT mails_check CHECK (((state = 'waiting'::text) = (closed_at IS NULL))),
    CONSTRAINT mails_kind_check CHECK ((kind <> ''::text)),
    CONSTRAINT mails_language_check CHECK ((language ~ '^[a-z]{2,3}$'::text)),
    CONSTRAINT mails_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'sent'::text, 'kept'::text, 'failed'::text])))
);

COMMENT ON COLUMN desk.mails.content IS 'what the mail is made of; its secret link is taken out once it was sent';

COMMENT ON COLUMN desk.mails.state IS 'kept: not sent, because this server sends no mail';

CREATE TABLE desk.measures (
    record_id uuid NOT NULL,
    key text NOT NULL,
    title jsonb NOT NULL,
    body jsonb DEFAULT '{}'::jsonb NOT NULL,
    reported_by jsonb NOT NULL,
    has_dates_taken boolean DEFAULT false NOT NULL,
    CONSTRAINT measures_body_check CHECK (desk.is_text(body)),
    CONSTRAINT measures_reported_by_check CHECK (desk.is_text(reported_by)),
    CONSTRAINT measures_title_check CHECK (desk.is_text(title))
);

COMMENT ON COLUMN desk.measures.has_dates_taken IS 'the dates say when it was taken, not when it was reported';

CREATE TABLE desk.named_files (
    sha256 text NOT NULL
);

CREATE TABLE desk.officials (
    record_id uuid NOT NULL,
    key text NOT NULL,
    name jsonb NOT NULL,
    aliases text[] DEFAULT '{}'::text[] NOT NULL,
    office jsonb NOT NULL,
    office_from text DEFAULT ''::text NOT NULL,
    office_until text DEFAULT ''::text NOT NULL,
    CONSTRAINT officials_name_check CHECK (desk.is_text(name)),
    CONSTRAINT officials_office_check CHECK (desk.is_text(office))
);

CREATE TABLE desk.origins (
    record_id uuid NOT NULL,
    format text NOT NULL,
    origin_id text NOT NULL,
    line integer NOT NULL,
    raw text,
    sha256 text,
    run_id uuid NOT NULL,
    CONSTRAINT origins_check CHECK (((raw IS NULL) = (sha256 IS NULL))),
    CONSTRAINT origins_format_check CHECK ((format = ANY (ARRAY['veris'::text, 'csv'::text, 'stix'::text]))),
    CONSTRAINT origins_line_check CHECK ((line > 0)),
    CONSTRAINT origins_origin_id_check CHECK ((origin_id <> ''::text)),
    CONSTRAINT origins_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);

COMMENT ON TABLE desk.origins IS 'for staff only: it may name natural persons';

COMMENT ON COLUMN desk.origins.raw IS 'the record as it came, word for word; null once it was taken down';

CREATE TABLE desk.passkeys (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    account_id uuid NOT NULL,
    credential_id bytea NOT NULL,
    credential jsonb NOT NULL,
    name text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone
);

COMMENT ON COLUMN desk.passkeys.credential IS 'public key, counter and flags, as go-webauthn keeps them';

CREATE TABLE desk.passwords (
    account_id uuid NOT NULL,
    hash text NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT passwords_hash_check CHECK ((hash ~~ '$argon2id$%'::text))
);

CREATE TABLE desk.positions (
    record_id uuid NOT NULL,
    key text NOT NULL,
    exposure_key text NOT NULL,
    party jsonb NOT NULL,
    institution_id uuid,
    findings text[] NOT NULL,
    note jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT positions_note_check CHECK (desk.is_text(note)),
    CONSTRAINT positions_party_check CHECK (desk.is_text(party))
);

COMMENT ON TABLE desk.positions IS 'what each party says of the authenticity of exposed data';

CREATE TABLE desk.publications (
    reference text NOT NULL,
    number integer NOT NULL,
    record_id uuid NOT NULL,
    version integer NOT NULL,
    cause text NOT NULL,
    author_id uuid NOT NULL,
    reviewer_id uuid NOT NULL,
    published_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT publications_cause_check CHECK ((cause = ANY (ARRAY['published'::text, 'carried'::text, 'merged'::text]))),
    CONSTRAINT publications_check CHECK ((author_id <> reviewer_id)),
    CONSTRAINT publications_number_check CHECK ((number > 0))
);

CREATE TABLE desk.quotes (
    record_id uuid NOT NULL,
    key text NOT NULL,
    "position" integer NOT NULL,
    language text NOT NULL,
    words text NOT NULL,
    rendering_key text,
    place text DEFAULT ''::text NOT NULL,
    is_indirect boolean DEFAULT false NOT NULL,
    is_translation boolean DEFAULT false NOT NULL,
    CONSTRAINT quotes_words_check CHECK ((words <> ''::text))
);

COMMENT ON COLUMN desk.quotes.place IS 'paragraph such as F3, or a range of characters such as 120-161 in the confirmed text';

CREATE TABLE desk.readings (
    record_id uuid NOT NULL,
    key text NOT NULL,
    "position" integer NOT NULL,
    rendering_key text NOT NULL,
    language text NOT NULL,
    words text NOT NULL,
    is_indirect boolean DEFAULT false NOT NULL
);

CREATE TABLE desk.record_sources (
    record_id uuid NOT NULL,
    source_id uuid NOT NULL
);

CREATE TABLE desk.records (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    type text NOT NULL,
    slug text NOT NULL,
    reference text,
    language text NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    state text DEFAULT 'draft'::text NOT NULL,
    published_version integer,
    assigned_to uuid,
    created_by uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    merged_into uuid,
    erased_version integer,
    CONSTRAINT records_check CHECK ((published_version <= version)),
    CONSTRAINT records_language_check CHECK ((language ~ '^[a-z]{2,3}$'::text)),
    CONSTRAINT records_slug_check CHECK (((slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'::text) AND (length(slug) <= 120))),
    CONSTRAINT records_state_check CHECK ((state = ANY (ARRAY['draft'::text, 'in-review'::text, 'approved'::text, 'published'::text, 'discarded'::text]))),
    CONSTRAINT records_type_check CHECK ((type = ANY (ARRAY['incident'::text, 'statement'::text, 'institution'::text]))),
    CONSTRAINT records_version_check CHECK ((version > 0))
);

COMMENT ON COLUMN desk.records.version IS 'grows with every change; the optimistic lock of the editors';

COMMENT ON COLUMN desk.records.merged_into IS 'the record that stands for this one now; it may have been merged later itself';

COMMENT ON COLUMN desk.records.erased_version IS 'the version whose content was taken down; what is written later is not';

CREATE TABLE desk.recovery_codes (
    account_id uuid NOT NULL,
    code_hash bytea NOT NULL,
    used_at timestamp with time zone,
    CONSTRAINT recovery_codes_code_hash_check CHECK ((octet_length(code_hash) = 32))
);

CREATE TABLE desk.referral_steps (
    record_id uuid NOT NULL,
    key text NOT NULL,
    referral_key text NOT NULL,
    step_vocabulary text GENERATED ALWAYS AS ('referral-step'::text) STORED NOT NULL,
    step text NOT NULL,
    level_vocabulary text GENERATED ALWAYS AS ('level'::text) STORED NOT NULL,
    level text NOT NULL,
    title jsonb NOT NULL,
    body jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT referral_steps_body_check CHECK (desk.is_text(body)),
    CONSTRAINT referral_steps_title_check CHECK (desk.is_text(title))
);

CREATE TABLE desk.referrals (
    record_id uuid NOT NULL,
    key text NOT NULL,
    kind text NOT NULL,
    title jsonb NOT NULL,
    by_name jsonb DEFAULT '{}'::jsonb NOT NULL,
    authority_id uuid,
    to_name jsonb DEFAULT '{}'::jsonb NOT NULL,
    legal_basis jsonb DEFAULT '{}'::jsonb NOT NULL,
    case_number text DEFAULT ''::text NOT NULL,
    against jsonb DEFAULT '{}'::jsonb NOT NULL,
    note jsonb DEFAULT '{}'::jsonb NOT NULL,
    possibly_same text[] DEFAULT '{}'::text[] NOT NULL,
    CONSTRAINT referrals_against_check CHECK (desk.is_text(against)),
    CONSTRAINT referrals_by_name_check CHECK (desk.is_text(by_name)),
    CONSTRAINT referrals_kind_check CHECK ((kind = ANY (ARRAY['judicial'::text, 'regulatory'::text]))),
    CONSTRAINT referrals_legal_basis_check CHECK (desk.is_text(legal_basis)),
    CONSTRAINT referrals_note_check CHECK (desk.is_text(note)),
    CONSTRAINT referrals_title_check CHECK (desk.is_text(title)),
    CONSTRAINT referrals_to_name_check CHECK (desk.is_text(to_name))
);

COMMENT ON COLUMN desk.referrals.possibly_same IS 'keys of other referrals of the incident that may be the same matter';

CREATE TABLE desk.renderings (
    record_id uuid NOT NULL,
    key text NOT NULL,
    language text NOT NULL,
    kind_vocabulary text GENERATED ALWAYS AS ('rendering'::text) STORED NOT NULL,
    kind text NOT NULL,
    publisher text NOT NULL,
    words text DEFAULT ''::text NOT NULL,
    is_full_text boolean DEFAULT false NOT NULL,
    note jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT renderings_note_check CHECK (desk.is_text(note))
);

CREATE TABLE desk.review_checks (
    bundle_id uuid NOT NULL,
    item text NOT NULL,
    account_id uuid NOT NULL,
    checked_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT review_checks_item_check CHECK ((item <> ''::text))
);

CREATE TABLE desk.reviews (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    record_id uuid NOT NULL,
    version integer NOT NULL,
    requested_by uuid NOT NULL,
    requested_at timestamp with time zone DEFAULT now() NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    outcome text,
    reviewer_id uuid,
    decided_at timestamp with time zone,
    reason text DEFAULT ''::text NOT NULL,
    CONSTRAINT reviews_check CHECK (((outcome IS NULL) = (decided_at IS NULL))),
    CONSTRAINT reviews_check1 CHECK (((outcome IS NULL) OR (outcome = 'voided'::text) OR (reviewer_id IS NOT NULL))),
    CONSTRAINT reviews_check2 CHECK (((outcome <> 'returned'::text) OR (reason <> ''::text))),
    CONSTRAINT reviews_outcome_check CHECK ((outcome = ANY (ARRAY['approved'::text, 'returned'::text, 'voided'::text])))
);

CREATE TABLE desk.revisions (
    record_id uuid NOT NULL,
    version integer NOT NULL,
    content jsonb NOT NULL
);

COMMENT ON COLUMN desk.revisions.content IS 'the noun as JSON; references are identifiers of the desk';

CREATE TABLE desk.scheduled_publications (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    bundle_id uuid NOT NULL,
    publish_at timestamp with time zone NOT NULL,
    reason jsonb NOT NULL,
    is_material boolean DEFAULT false NOT NULL,
    scheduled_by uuid NOT NULL,
    scheduled_at timestamp with time zone NOT NULL,
    outcome text,
    closed_at timestamp with time zone,
    failure text DEFAULT ''::text NOT NULL,
    CONSTRAINT scheduled_publications_check CHECK (((outcome IS NULL) = (closed_at IS NULL))),
    CONSTRAINT scheduled_publications_check1 CHECK ((publish_at > scheduled_at)),
    CONSTRAINT scheduled_publications_outcome_check CHECK ((outcome = ANY (ARRAY['published'::text, 'voided'::text, 'cancelled'::text, 'failed'::text]))),
    CONSTRAINT scheduled_publications_reason_check CHECK ((desk.is_text(reason) AND (reason <> '{}'::jsonb)))
);

COMMENT ON COLUMN desk.scheduled_publications.failure IS 'why it could not be published at its moment, for the log of the desk';

CREATE TABLE desk.schema_floor (
    only_row boolean DEFAULT true NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT schema_floor_has_one_row CHECK (only_row)
);

CREATE TABLE desk.sessions (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    token_hash bytea NOT NULL,
    account_id uuid NOT NULL,
    role text NOT NULL,
    awaits_code boolean NOT NULL,
    device text NOT NULL,
    network text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    proved_at timestamp with time zone NOT NULL,
    CONSTRAINT sessions_token_hash_check CHECK ((octet_length(token_hash) = 32))
);

COMMENT ON COLUMN desk.sessions.awaits_code IS 'the password was right, the second factor is still asked for';

COMMENT ON COLUMN desk.sessions.proved_at IS 'when the person last gave a password, a code or a passkey';

CREATE TABLE desk.settings (
    one boolean DEFAULT true NOT NULL,
    stale_referral_days integer DEFAULT 30 NOT NULL,
    review_reminder_days integer DEFAULT 3 NOT NULL,
    mail_retention_days integer DEFAULT 30 NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    recheck_days integer DEFAULT 14 NOT NULL,
    CONSTRAINT settings_mail_retention_days_check CHECK (((mail_retention_days >= 7) AND (mail_retention_days <= 365))),
    CONSTRAINT settings_one_check CHECK (one),
    CONSTRAINT settings_recheck_days_check CHECK (((recheck_days >= 1) AND (recheck_days <= 365))),
    CONSTRAINT settings_review_reminder_days_check CHECK (((review_reminder_days >= 1) AND (review_reminder_days <= 365))),
    CONSTRAINT settings_stale_referral_days_check CHECK (((stale_referral_days >= 1) AND (stale_referral_days <= 3650)))
);

COMMENT ON COLUMN desk.settings.recheck_days IS 'after how many days an address is looked at again; longer for what stays as it is';

CREATE TABLE desk.setup_code (
    one boolean DEFAULT true NOT NULL,
    code_hash bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT setup_code_code_hash_check CHECK ((octet_length(code_hash) = 32)),
    CONSTRAINT setup_code_one_check CHECK (one)
);

CREATE TABLE desk.source_changes (
    id bigint NOT NULL,
    source_id uuid NOT NULL,
    account_id uuid NOT NULL,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE desk.source_changes ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME desk.source_changes_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE desk.source_directory (
    source_id uuid NOT NULL,
    folded text NOT NULL
);

COMMENT ON COLUMN desk.source_directory.folded IS 'key, publisher, title and address, folded as in the directory';

CREATE TABLE desk.sources (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    key text NOT NULL,
    kind text NOT NULL,
    publisher text NOT NULL,
    title text DEFAULT ''::text NOT NULL,
    author text DEFAULT ''::text NOT NULL,
    url text,
    url_withheld boolean DEFAULT false NOT NULL,
    language text DEFAULT ''::text NOT NULL,
    published text DEFAULT ''::text NOT NULL,
    published_basis text DEFAULT ''::text NOT NULL,
    accessed text DEFAULT ''::text NOT NULL,
    gist jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    capture_open boolean DEFAULT false NOT NULL,
    CONSTRAINT sources_gist_check CHECK (desk.is_text(gist)),
    CONSTRAINT sources_key_check CHECK ((key ~ '^[a-z0-9]+(-[a-z0-9]+)*$'::text)),
    CONSTRAINT sources_publisher_check CHECK ((publisher <> ''::text)),
    CONSTRAINT sources_url_check CHECK ((url ~ '^https?://'::text))
);

COMMENT ON COLUMN desk.sources.url_withheld IS 'the address names a private person: it stays at the desk';

COMMENT ON COLUMN desk.sources.published IS 'EDTF; empty: not stated';

COMMENT ON COLUMN desk.sources.capture_open IS 'its rights allow that readers are given the copy';

CREATE TABLE desk.statement_principals (
    record_id uuid NOT NULL,
    "position" integer NOT NULL,
    institution_id uuid NOT NULL
);

COMMENT ON TABLE desk.statement_principals IS 'on behalf of whom a statement was made';

CREATE TABLE desk.statement_relations (
    record_id uuid NOT NULL,
    "position" integer NOT NULL,
    kind text NOT NULL,
    statement_id uuid NOT NULL,
    note jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT statement_relations_check CHECK ((record_id <> statement_id)),
    CONSTRAINT statement_relations_kind_check CHECK ((kind = ANY (ARRAY['version-of'::text, 'amends'::text, 'withdraws'::text, 'replies-to'::text]))),
    CONSTRAINT statement_relations_note_check CHECK (desk.is_text(note))
);

CREATE TABLE desk.statements (
    record_id uuid NOT NULL,
    title jsonb NOT NULL,
    summary jsonb NOT NULL,
    kind text NOT NULL,
    is_official boolean NOT NULL,
    issuer_id uuid,
    issuer_name jsonb DEFAULT '{}'::jsonb NOT NULL,
    speaker_key text,
    occasion jsonb DEFAULT '{}'::jsonb NOT NULL,
    channel jsonb DEFAULT '{}'::jsonb NOT NULL,
    original_language text DEFAULT ''::text NOT NULL,
    original_text text DEFAULT ''::text NOT NULL,
    original_not_seen boolean DEFAULT false NOT NULL,
    CONSTRAINT statements_channel_check CHECK (desk.is_text(channel)),
    CONSTRAINT statements_check CHECK ((NOT (original_not_seen AND (original_text <> ''::text)))),
    CONSTRAINT statements_issuer_name_check CHECK (desk.is_text(issuer_name)),
    CONSTRAINT statements_occasion_check CHECK (desk.is_text(occasion)),
    CONSTRAINT statements_summary_check CHECK (desk.is_text(summary)),
    CONSTRAINT statements_title_check CHECK (desk.is_text(title))
);

COMMENT ON COLUMN desk.statements.speaker_key IS 'the official who spoke, as a fact of this statement';

CREATE TABLE desk.submissions (
    account_id uuid NOT NULL,
    once text NOT NULL,
    sha256 bytea NOT NULL,
    result text,
    sent_at timestamp with time zone NOT NULL,
    done_at timestamp with time zone,
    CONSTRAINT submissions_once_check CHECK (((length(once) >= 10) AND (length(once) <= 64))),
    CONSTRAINT submissions_sha256_check CHECK ((length(sha256) = 32))
);

COMMENT ON COLUMN desk.submissions.sha256 IS 'of the fields: a form that was changed and sent again is another one';

COMMENT ON COLUMN desk.submissions.result IS 'address to which it led; null while it is being worked on, and where nobody could note it any more';

COMMENT ON COLUMN desk.submissions.done_at IS 'when its work was committed, by that transaction itself';

CREATE TABLE desk.system_names (
    record_id uuid NOT NULL,
    key text NOT NULL,
    "position" integer NOT NULL,
    kind text NOT NULL,
    name jsonb NOT NULL,
    named_by jsonb NOT NULL,
    statement_id uuid,
    claim_key text,
    source_keys text[] DEFAULT '{}'::text[] NOT NULL,
    CONSTRAINT system_names_name_check CHECK (desk.is_text(name)),
    CONSTRAINT system_names_named_by_check CHECK (desk.is_text(named_by))
);

CREATE TABLE desk.targeted_systems (
    record_id uuid NOT NULL,
    key text NOT NULL,
    institution_id uuid NOT NULL
);

CREATE TABLE desk.token_requests (
    token_id uuid NOT NULL,
    key text NOT NULL,
    sha256 bytea NOT NULL,
    status integer NOT NULL,
    record_id uuid NOT NULL,
    version integer NOT NULL,
    answer text NOT NULL,
    done_at timestamp with time zone NOT NULL,
    CONSTRAINT token_requests_key_check CHECK (((length(key) >= 1) AND (length(key) <= 255))),
    CONSTRAINT token_requests_sha256_check CHECK ((octet_length(sha256) = 32)),
    CONSTRAINT token_requests_status_check CHECK (((status >= 200) AND (status <= 299)))
);

COMMENT ON COLUMN desk.token_requests.sha256 IS 'of method, address, version and body: another request under the same key is refused';

CREATE TABLE desk.tokens (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    account_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    name text NOT NULL,
    scopes text[] NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    last_used_at timestamp with time zone,
    revoked_at timestamp with time zone,
    revoked_by uuid,
    CONSTRAINT tokens_check CHECK ((expires_at > created_at)),
    CONSTRAINT tokens_check1 CHECK (((revoked_at IS NULL) = (revoked_by IS NULL))),
    CONSTRAINT tokens_name_check CHECK (((length(name) >= 1) AND (length(name) <= 80))),
    CONSTRAINT tokens_scopes_check CHECK (((cardinality(scopes) > 0) AND (scopes <@ ARRAY['drafts:read'::text, 'drafts:write'::text, 'drafts:send'::text]))),
    CONSTRAINT tokens_token_hash_check CHECK ((octet_length(token_hash) = 32))
);

CREATE TABLE desk.totp_secrets (
    account_id uuid NOT NULL,
    confirmed boolean NOT NULL,
    secret bytea NOT NULL,
    last_step bigint DEFAULT 0 NOT NULL,
    created_at timestamp with time zone NOT NULL
);

COMMENT ON COLUMN desk.totp_secrets.secret IS 'AES-256-GCM under a key of the configuration, bound to the account';

COMMENT ON COLUMN desk.totp_secrets.last_step IS 'the last step of time whose code was taken: no code is taken twice';

CREATE TABLE desk.vocabulary_terms (
    vocabulary text NOT NULL,
    code text NOT NULL,
    "position" integer NOT NULL,
    label jsonb NOT NULL,
    phase text,
    retired_at timestamp with time zone,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT vocabulary_terms_code_check CHECK ((code ~ '^[a-z][a-z-]*$'::text)),
    CONSTRAINT vocabulary_terms_label_check CHECK ((desk.is_text(label) AND (label ?& ARRAY['fr'::text, 'ar'::text, 'en'::text])))
);

COMMENT ON COLUMN desk.vocabulary_terms.phase IS 'referral steps only: the phase in which the step is drawn';

COMMENT ON COLUMN desk.vocabulary_terms.version IS 'grows with every change; the optimistic lock of who edits it';

CREATE TABLE desk.worksheets (
    account_id uuid NOT NULL,
    place text NOT NULL,
    form jsonb NOT NULL,
    saved_at timestamp with time zone NOT NULL,
    CONSTRAINT worksheets_form_check CHECK ((jsonb_typeof(form) = 'object'::text)),
    CONSTRAINT worksheets_place_check CHECK (((place ~~ '/desk/%'::text) AND (length(place) <= 300)))
);

COMMENT ON COLUMN desk.worksheets.place IS 'path of the form after the language';

COMMENT ON COLUMN desk.worksheets.form IS 'names of fields → lists of values, as the form sends them';

CREATE TABLE jobs.river_job (
    id bigint NOT NULL,
    state jobs.river_job_state DEFAULT 'available'::jobs.river_job_state NOT NULL,
    attempt smallint DEFAULT 0 NOT NULL,
    max_attempts smallint DEFAULT 25 NOT NULL,
    attempted_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    finalized_at timestamp with time zone,
    scheduled_at timestamp with time zone DEFAULT now() NOT NULL,
    priority smallint DEFAULT 1 NOT NULL,
    args jsonb NOT NULL,
    attempted_by text[],
    errors jsonb[],
    kind text NOT NULL,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    queue text DEFAULT 'default'::text NOT NULL,
    tags character varying(255)[] DEFAULT '{}'::character varying[] NOT NULL,
    unique_key bytea,
    unique_states bit(8),
    CONSTRAINT finalized_or_finalized_at_null CHECK ((((finalized_at IS NULL) AND (state <> ALL (ARRAY['cancelled'::jobs.river_job_state, 'completed'::jobs.river_job_state, 'discarded'::jobs.river_job_state]))) OR ((finalized_at IS NOT NULL) AND (state = ANY (ARRAY['cancelled'::jobs.river_job_state, 'completed'::jobs.river_job_state, 'discarded'::jobs.river_job_state]))))),
    CONSTRAINT kind_length CHECK (((char_length(kind) > 0) AND (char_length(kind) < 128))),
    CONSTRAINT max_attempts_is_positive CHECK ((max_attempts > 0)),
    CONSTRAINT priority_in_range CHECK (((priority >= 1) AND (priority <= 4))),
    CONSTRAINT queue_length CHECK (((char_length(queue) > 0) AND (char_length(queue) < 128)))
);

CREATE SEQUENCE jobs.river_job_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE jobs.river_job_id_seq OWNED BY jobs.river_job.id;

CREATE UNLOGGED TABLE jobs.river_leader (
    elected_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    leader_id text NOT NULL,
    name text DEFAULT 'default'::text NOT NULL,
    CONSTRAINT leader_id_length CHECK (((char_length(leader_id) > 0) AND (char_length(leader_id) < 128))),
    CONSTRAINT name_length CHECK ((name = 'default'::text))
);

CREATE TABLE jobs.river_notification (
    id bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    payload text NOT NULL,
    topic text NOT NULL,
    CONSTRAINT topic_length CHECK (((length(topic) > 0) AND (length(topic) < 128)))
);

CREATE SEQUENCE jobs.river_notification_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE jobs.river_notification_id_seq OWNED BY jobs.river_notification.id;

CREATE TABLE jobs.river_queue (
    name text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    paused_at timestamp with time zone,
    updated_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL
);

CREATE TABLE record.cited_sources (
    reference text NOT NULL,
    source_key text NOT NULL,
    is_archived boolean NOT NULL,
    open_warc text DEFAULT ''::text NOT NULL
);

COMMENT ON COLUMN record.cited_sources.open_warc IS 'the copy that readers are given; empty for none';

CREATE TABLE record.claims (
    statement_reference text NOT NULL,
    key text NOT NULL,
    topic text NOT NULL,
    paraphrase jsonb NOT NULL,
    modality text NOT NULL
);

CREATE TABLE record.documents (
    reference text NOT NULL,
    sha256 text NOT NULL,
    name text NOT NULL,
    media_type text NOT NULL,
    size bigint NOT NULL
);

CREATE TABLE record.dump_parts (
    name text NOT NULL,
    "position" integer NOT NULL,
    sha256 text NOT NULL,
    size bigint NOT NULL,
    CONSTRAINT dump_parts_position_check CHECK (("position" >= 0)),
    CONSTRAINT dump_parts_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT dump_parts_size_check CHECK ((size > 0))
);

COMMENT ON TABLE record.dump_parts IS 'a file in pieces that the store of files takes';

CREATE TABLE record.dumps (
    name text NOT NULL,
    day date NOT NULL,
    format text NOT NULL,
    media_type text NOT NULL,
    taken_at timestamp with time zone NOT NULL,
    generation bigint NOT NULL,
    size bigint NOT NULL,
    sha256 text NOT NULL,
    CONSTRAINT dumps_format_check CHECK ((format <> ''::text)),
    CONSTRAINT dumps_media_type_check CHECK ((media_type <> ''::text)),
    CONSTRAINT dumps_name_check CHECK ((name ~ '^[a-z0-9]+([.-][a-z0-9]+)*$'::text)),
    CONSTRAINT dumps_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT dumps_size_check CHECK ((size > 0))
);

COMMENT ON COLUMN record.dumps.taken_at IS 'the moment that it shows, or a little before';

COMMENT ON COLUMN record.dumps.sha256 IS 'of the whole file, as it is handed out';

CREATE TABLE record.editions (
    reference text NOT NULL,
    number integer NOT NULL,
    type text NOT NULL,
    content bytea,
    sha256 text NOT NULL,
    salt bytea,
    published_at timestamp with time zone NOT NULL,
    reason jsonb NOT NULL,
    author_role text NOT NULL,
    reviewer_role text NOT NULL,
    CONSTRAINT editions_check CHECK (((content IS NULL) OR (encode(sha256(content), 'hex'::text) = sha256))),
    CONSTRAINT editions_check1 CHECK (((content IS NULL) = (salt IS NULL))),
    CONSTRAINT editions_number_check CHECK ((number > 0)),
    CONSTRAINT editions_salt_check CHECK ((length(salt) = 32)),
    CONSTRAINT editions_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT editions_type_check CHECK ((type = ANY (ARRAY['incident'::text, 'statement'::text, 'institution'::text])))
);

COMMENT ON COLUMN record.editions.salt IS 'random; hides short contents behind the hash of the log leaf, and goes with the content';

CREATE TABLE record.generations (
    one boolean DEFAULT true NOT NULL,
    generation bigint NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    signatures bigint DEFAULT 0 NOT NULL,
    CONSTRAINT generations_one_check CHECK (one)
);

COMMENT ON COLUMN record.generations.signatures IS 'grows with each signature of the log, its own or a witness''s';

CREATE TABLE record.heads (
    reference text NOT NULL,
    type text NOT NULL,
    slug text NOT NULL,
    number integer NOT NULL,
    state text DEFAULT 'published'::text NOT NULL,
    merged_into text,
    notice jsonb DEFAULT '{}'::jsonb NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT heads_check CHECK (((state = 'merged'::text) = (merged_into IS NOT NULL))),
    CONSTRAINT heads_state_check CHECK ((state = ANY (ARRAY['published'::text, 'merged'::text, 'withdrawn'::text]))),
    CONSTRAINT heads_type_check CHECK ((type = ANY (ARRAY['incident'::text, 'statement'::text, 'institution'::text])))
);

CREATE TABLE record.incident_institutions (
    incident_reference text NOT NULL,
    institution_reference text NOT NULL,
    "position" integer NOT NULL,
    roles text[] NOT NULL
);

CREATE TABLE record.incident_statements (
    incident_reference text NOT NULL,
    statement_reference text NOT NULL,
    "position" integer NOT NULL
);

CREATE TABLE record.incidents (
    reference text NOT NULL,
    slug text NOT NULL,
    number integer NOT NULL,
    title jsonb NOT NULL,
    summary jsonb NOT NULL,
    country text NOT NULL,
    kinds text[] NOT NULL,
    kind_classes text[] NOT NULL,
    standing text NOT NULL,
    occurred text NOT NULL,
    occurred_disputed boolean NOT NULL,
    occurred_order date NOT NULL,
    occurred_year integer,
    institutions jsonb NOT NULL,
    institution_slugs text[] NOT NULL,
    sectors text[] NOT NULL,
    entries jsonb NOT NULL,
    first_statement_min integer,
    first_statement_max integer,
    referral_step text NOT NULL,
    referral_level text NOT NULL,
    referral_date text NOT NULL,
    published_at timestamp with time zone NOT NULL,
    facts integer,
    archived_facts integer
);

COMMENT ON COLUMN record.incidents.occurred IS 'EDTF of the first public trace; empty: not stated';

COMMENT ON COLUMN record.incidents.occurred_order IS 'the last day that it can mean; -infinity: not stated';

COMMENT ON COLUMN record.incidents.first_statement_min IS 'days; null with first_statement_max: not stated';

CREATE TABLE record.institutions (
    reference text NOT NULL,
    slug text NOT NULL,
    number integer NOT NULL,
    kind text NOT NULL,
    sector text NOT NULL,
    country text NOT NULL,
    name jsonb NOT NULL,
    short jsonb NOT NULL,
    published_at timestamp with time zone NOT NULL
);

CREATE TABLE record.log_checkpoints (
    size bigint NOT NULL,
    root bytea NOT NULL,
    note text NOT NULL,
    signed_at timestamp with time zone NOT NULL,
    CONSTRAINT log_checkpoints_root_check CHECK ((length(root) = 32)),
    CONSTRAINT log_checkpoints_size_check CHECK ((size > 0))
);

COMMENT ON COLUMN record.log_checkpoints.note IS 'signed note: origin, size and root, with the signatures of the log';

CREATE TABLE record.log_cosignatures (
    size bigint NOT NULL,
    witness text NOT NULL,
    signed_at timestamp with time zone NOT NULL,
    line text NOT NULL,
    CONSTRAINT log_cosignatures_check CHECK (starts_with(line, (('— '::text || split_part(witness, '+'::text, 1)) || ' '::text))),
    CONSTRAINT log_cosignatures_line_check CHECK ((line ~ '^— [^+[:space:]]+ [A-Za-z0-9+/]+=*\n$'::text)),
    CONSTRAINT log_cosignatures_witness_check CHECK ((witness ~ '^[^+[:space:]]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+=*$'::text))
);

COMMENT ON COLUMN record.log_cosignatures.witness IS 'verifier key of the witness';

COMMENT ON COLUMN record.log_cosignatures.signed_at IS 'by the clock of the witness';

COMMENT ON COLUMN record.log_cosignatures.line IS 'as it stands under the signed note of the checkpoint, with its end';

CREATE TABLE record.log_keys (
    key text NOT NULL,
    "position" bigint NOT NULL,
    since timestamp with time zone NOT NULL
);

CREATE TABLE record.log_leaves (
    "position" bigint NOT NULL,
    type text NOT NULL,
    reference text,
    edition integer,
    logged_at timestamp with time zone NOT NULL,
    commitment text NOT NULL,
    entry bytea NOT NULL,
    CONSTRAINT log_leaves_check CHECK (((type = 'key'::text) = (reference IS NULL))),
    CONSTRAINT log_leaves_check1 CHECK (((reference IS NULL) = (edition IS NULL))),
    CONSTRAINT log_leaves_commitment_check CHECK ((commitment ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT log_leaves_entry_check CHECK (((length(entry) >= 1) AND (length(entry) <= 65535))),
    CONSTRAINT log_leaves_position_check CHECK (("position" >= 0)),
    CONSTRAINT log_leaves_type_check CHECK ((type = ANY (ARRAY['edition'::text, 'correction'::text, 'document'::text, 'withdrawal'::text, 'takedown'::text, 'key'::text])))
);

COMMENT ON COLUMN record.log_leaves.commitment IS 'SHA-256 of a salt and the canonical JSON of what the leaf is about';

COMMENT ON COLUMN record.log_leaves.entry IS 'canonical JSON of the leaf: what the tree hashes';

CREATE TABLE record.log_openings (
    "position" bigint NOT NULL,
    salt bytea,
    content bytea,
    CONSTRAINT log_openings_check CHECK (((salt IS NULL) = (content IS NULL))),
    CONSTRAINT log_openings_salt_check CHECK ((length(salt) = 32))
);

CREATE TABLE record.log_tiles (
    level smallint NOT NULL,
    index bigint NOT NULL,
    hashes bytea NOT NULL,
    CONSTRAINT log_tiles_full CHECK (((level > 0) OR (length(hashes) = 8192))),
    CONSTRAINT log_tiles_hashes_check CHECK ((((length(hashes) >= 32) AND (length(hashes) <= 8192)) AND ((length(hashes) % 32) = 0))),
    CONSTRAINT log_tiles_index_check CHECK ((index >= 0)),
    CONSTRAINT log_tiles_level_check CHECK (((level >= 0) AND (level <= 7)))
);
ALTER TABLE ONLY record.log_tiles ALTER COLUMN hashes SET STORAGE EXTERNAL;

COMMENT ON TABLE record.log_tiles IS 'level 0: the hashes of leaves, once a tile is full; level 1 and above: the roots of full tiles of the level below';

CREATE TABLE record.log_timestamps (
    size bigint NOT NULL,
    authority text NOT NULL,
    stamped_at timestamp with time zone NOT NULL,
    reply bytea NOT NULL,
    CONSTRAINT log_timestamps_authority_check CHECK ((authority <> ''::text)),
    CONSTRAINT log_timestamps_reply_check CHECK (((length(reply) >= 1) AND (length(reply) <= 65536)))
);

COMMENT ON COLUMN record.log_timestamps.authority IS 'as the certificate of the authority names it';

COMMENT ON COLUMN record.log_timestamps.stamped_at IS 'by the clock of the authority';

COMMENT ON COLUMN record.log_timestamps.reply IS 'TimeStampResp over the signed note of the checkpoint, without cosignatures';

CREATE TABLE record.pins (
    reference text NOT NULL,
    number integer NOT NULL,
    "position" integer NOT NULL,
    pinned_reference text NOT NULL,
    pinned_number integer NOT NULL
);

CREATE TABLE record.reference_series (
    series text NOT NULL,
    last integer NOT NULL,
    CONSTRAINT reference_series_last_check CHECK ((last > 0)),
    CONSTRAINT reference_series_series_check CHECK ((series ~ '^[A-Z]{2}(-[0-9]{4})?$'::text))
);

CREATE TABLE record.referral_parties (
    incident_reference text NOT NULL,
    key text NOT NULL,
    institution_reference text NOT NULL,
    "position" integer NOT NULL
);

CREATE TABLE record.referrals (
    incident_reference text NOT NULL,
    key text NOT NULL,
    anchor text NOT NULL,
    kind text NOT NULL,
    title jsonb NOT NULL,
    by_name jsonb NOT NULL,
    authority_reference text,
    to_name jsonb NOT NULL,
    step text NOT NULL,
    level text NOT NULL,
    is_confirmed boolean NOT NULL,
    stepped text NOT NULL,
    stepped_order date NOT NULL
);

COMMENT ON COLUMN record.referrals.step IS 'the latest step of the chain; level and stepped are its own';

CREATE TABLE record.search_newest (
    reference text NOT NULL,
    occurred_order date NOT NULL,
    words tsvector NOT NULL
)
WITH (toast_tuple_target='8160');

CREATE TABLE record.search_newest_since (
    one boolean DEFAULT true NOT NULL,
    occurred_order date NOT NULL,
    reference text NOT NULL,
    CONSTRAINT search_newest_since_one_check CHECK (one)
);

COMMENT ON TABLE record.search_newest_since IS 'from -infinity on: it has all incidents';

CREATE TABLE record.search_rows (
    type text NOT NULL,
    reference text NOT NULL,
    key text NOT NULL,
    words tsvector NOT NULL,
    texts jsonb NOT NULL
);

COMMENT ON COLUMN record.search_rows.key IS 'of a claim or a referral in its record; else empty';

CREATE TABLE record.search_words (
    word text NOT NULL,
    documents integer NOT NULL,
    trigrams text[] NOT NULL
);

CREATE TABLE record.slugs (
    type text NOT NULL,
    slug text NOT NULL,
    reference text NOT NULL
);

CREATE TABLE record.statement_relations (
    reference text NOT NULL,
    kind text NOT NULL,
    to_reference text NOT NULL
);

COMMENT ON COLUMN record.statement_relations.to_reference IS 'as the edition says it; that record may be shown no more';

CREATE TABLE record.statements (
    reference text NOT NULL,
    slug text NOT NULL,
    number integer NOT NULL,
    title jsonb NOT NULL,
    summary jsonb NOT NULL,
    kind text NOT NULL,
    is_official boolean NOT NULL,
    said text NOT NULL,
    said_disputed boolean NOT NULL,
    said_order date NOT NULL,
    issuer_reference text,
    issuer_name jsonb NOT NULL,
    original_not_seen boolean NOT NULL,
    languages text[] NOT NULL,
    published_at timestamp with time zone NOT NULL,
    facts integer,
    archived_facts integer
);

CREATE TABLE record.tombstones (
    reference text NOT NULL,
    number integer NOT NULL,
    reason jsonb NOT NULL,
    removed_at timestamp with time zone NOT NULL
);

CREATE TABLE record.vocabulary_terms (
    vocabulary text NOT NULL,
    code text NOT NULL,
    "position" integer NOT NULL,
    label jsonb NOT NULL,
    phase text NOT NULL,
    is_retired boolean NOT NULL
);

COMMENT ON TABLE record.vocabulary_terms IS 'what the codes of published records are called; a copy of the desk''s';

ALTER TABLE ONLY jobs.river_job ALTER COLUMN id SET DEFAULT nextval('jobs.river_job_id_seq'::regclass);

ALTER TABLE ONLY jobs.river_notification ALTER COLUMN id SET DEFAULT nextval('jobs.river_notification_id_seq'::regclass);

ALTER TABLE ONLY desk.account_links
    ADD CONSTRAINT account_links_pkey PRIMARY KEY (token_hash);

ALTER TABLE ONLY desk.accounts
    ADD CONSTRAINT accounts_email_key UNIQUE (email);

ALTER TABLE ONLY desk.accounts
    ADD CONSTRAINT accounts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY desk.affected_institutions
    ADD CONSTRAINT affected_institutions_pkey PRIMARY KEY (record_id, key);

ALTER TABLE ONLY desk.affected_institutions
    ADD CONSTRAINT affected_institutions_record_id_institution_id_key UNIQUE (record_id, institution_id);

ALTER TABLE ONLY desk.answers
    ADD CONSTRAINT answers_pkey PRIMARY KEY (record_id, key);

ALTER TABLE ONLY desk.attempts
    ADD CONSTRAINT attempts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY desk.audit_head
    ADD CONSTRAINT audit_head_pkey PRIMARY KEY (one);

ALTER TABLE ONLY desk.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (id);

ALTER TABLE ONLY desk.backings
    ADD CONSTRAINT backings_pkey PRIMARY KEY (record_id, key, "position");

ALTER TABLE ONLY desk.bundle_records
    ADD CONSTRAINT bundle_records_pkey PRIMARY KEY (bundle_id, record_id);

ALTER TABLE ONLY desk.bundles
    ADD CONSTRAINT bundles_pkey PRIMARY KEY (id);

ALTER TABLE ONLY desk.capture_hosts
    ADD CONSTRAINT capture_hosts_pkey PRIMARY KEY (host);

ALTER TABLE ONLY desk.capture_targets
    ADD CONSTRAINT capture_targets_pkey PRIMARY KEY (id);

ALTER TABLE ONLY desk.capture_targets
    ADD CONSTRAINT capture_targets_source_id_address_key UNIQUE (source_id, address);

ALTER TABLE ONLY desk.captures
    ADD CONSTRAINT captures_pkey PRIMARY KEY (id);

ALTER TABLE ONLY desk.ceremonies
    ADD CONSTRAINT ceremonies_pkey PRIMARY KEY (token_hash);

ALTER TABLE ONLY desk.changes
    ADD CONSTRAINT changes_pkey PRIMARY KEY (record_id, version);

ALTER TABLE ONLY desk.citations
    ADD CONSTRAINT citations_pkey PRIMARY KEY (record_id, key, source_id);

ALTER TABLE ONLY desk.claim_relations
    ADD CONSTRAINT claim_relations_pkey PRIMARY KEY (record_id, key, "position");

ALTER TABLE ONLY desk.claims
    ADD CONSTRAINT claims_pkey PRIMARY KEY (record_id, key);

ALTER TABLE ONLY desk.comments
    ADD CONSTRAINT comments_pkey PRIMARY KEY (id);

ALTER TABLE ONLY desk.date_assertions
    ADD CONSTRAINT date_assertions_pkey PRIMARY KEY (record_id, key, "position");

ALTER TABLE ONLY desk.date_citations
    ADD CONSTRAINT date_citations_pkey PRIMARY KEY (record_id, key, "position", source_id);

ALTER TABLE ONLY desk.decisions
    ADD CONSTRAINT decisions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY desk.differences
    ADD CONSTRAINT differences_pkey PRIMARY KEY (record_id, key);

ALTER TABLE ONLY desk.directory
    ADD CONSTRAINT directory_pkey PRIMARY KEY (record_id);

ALTER TABLE ONLY desk.documents
    ADD CONSTRAINT documents_pkey PRIMARY KEY (record_id, key);

ALTER TABLE ONLY desk.event_relatings
    ADD CONSTRAINT event_relatings_pkey PRIMARY KEY (record_id, key, "position");

ALTER TABLE ONLY desk.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (record_id, key);

ALTER TABLE ONLY desk.exposures
    ADD CONSTRAINT exposures_pkey PRIMARY KEY (record_id, key);

ALTER TABLE ONLY desk.fact_institutions
    ADD CONSTRAINT fact_institutions_pkey PRIMARY KEY (record_id, key, "position");

ALTER TABLE ONLY desk.facts
    ADD CONSTRAINT facts_pkey PRIMARY KEY (record_id, key);

ALTER TABLE ONLY desk.figures
    ADD CONSTRAINT figures_pkey PRIMARY KEY (record_id, key);

ALTER TABLE ONLY desk.file_texts
    ADD CONSTRAINT file_texts_pkey PRIMARY KEY (sha256, version);

ALTER TABLE ONLY desk.files
    ADD CONSTRAINT files_pkey PRIMARY KEY (sha256);

ALTER TABLE ONLY desk.import_files
    ADD CONSTRAINT import_files_pkey PRIMARY KEY (run_id);

ALTER TABLE ONLY desk.import_notes
    ADD CONSTRAINT import_notes_pkey PRIMARY KEY (run_id, "position");

ALTER TABLE ONLY desk.import_runs
    ADD CONSTRAINT import_runs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY desk.incident_relations
    ADD CONSTRAINT incident_relations_pkey PRIMARY KEY (record_id, "position");

ALTER TABLE ONLY desk.incident_statements
    ADD CONSTRAINT incident_statements_pkey PRIMARY KEY (record_id, statement_id);

ALTER TABLE ONLY desk.incidents
    ADD CONSTRAINT incidents_pkey PRIMARY KEY (record_id);

ALTER TABLE ONLY desk.institution_links
    ADD CONSTRAINT institution_links_pkey PRIMARY KEY (record_id, direction, "position");

ALTER TABLE ONLY desk.institution_names
    ADD CONSTRAINT institution_names_pkey PRIMARY KEY (record_id, key);

ALTER TABLE ONLY desk.institutions
    ADD CONSTRAINT institutions_pkey PRIMARY KEY (record_id);

ALTER TABLE ONLY desk.kept_captures
    ADD CONSTRAINT kept_captures_pkey PRIMARY KEY (id);

ALTER TABLE ONLY desk.kept_captures
    ADD CONSTRAINT kept_captures_target_id_number_key UNIQUE (target_id, number);

ALTER TABLE ONLY desk.leaving_files
    ADD CONSTRAINT leaving_files_pkey PRIMARY KEY (sha256);

ALTER TABLE ONLY desk.mails
    ADD CONSTRAINT mails_pkey PRIMARY KEY (id);

ALTER TABLE ONLY desk.measures
    ADD CONSTRAINT measures_pkey PRIMARY KEY (record_id, key);

ALTER TABLE ONLY desk.named_files
    ADD CONSTRAINT named_files_pkey PRIMARY KEY (sha256);

ALTER TABLE ONLY desk.officials
    ADD CONSTRAINT officials_pkey PRIMARY KEY (record_id, key);

ALTER TABLE ONLY desk.origins
    ADD CONSTRAINT origins_format_origin_id_key UNIQUE (format, origin_id);

ALTER TABLE ONLY desk.origins
    ADD CONSTRAINT origins_pkey PRIMARY KEY (record_id);

ALTER TABLE ONLY desk.passkeys
    ADD CONSTRAINT passkeys_credential_id_key UNIQUE (credential_id);

ALTER TABLE ONLY desk.passkeys
    ADD CONSTRAINT passkeys_pkey PRIMARY KEY (id);

ALTER TABLE ONLY desk.passwords
    ADD CONSTRAINT passwords_pkey PRIMARY KEY (account_id);

ALTER TABLE ONLY desk.positions
    ADD CONSTRAINT positions_pkey PRIMARY KEY (record_id, key);

ALTER TABLE ONLY desk.publications
    ADD CONSTRAINT publications_pkey PRIMARY KEY (reference, number);

ALTER TABLE ONLY desk.quotes
    ADD CONSTRAINT quotes_pkey PRIMARY KEY (record_id, key, "position");

ALTER TABLE ONLY desk.readings
    ADD CONSTRAINT readings_pkey PRIMARY KEY (record_id, key, "position");

ALTER TABLE ONLY desk.record_sources
    ADD CONSTRAINT record_sources_pkey PRIMARY KEY (record_id, source_id);

ALTER TABLE ONLY desk.records
    ADD CONSTRAINT records_id_type_key UNIQUE (id, type);

ALTER TABLE ONLY desk.records
    ADD CONSTRAINT records_pkey PRIMARY KEY (id);

ALTER TABLE ONLY desk.records
    ADD CONSTRAINT records_reference_key UNIQUE (reference);

ALTER TABLE ONLY desk.records
    ADD CONSTRAINT records_type_slug_key UNIQUE (type, slug);

ALTER TABLE ONLY desk.recovery_codes
    ADD CONSTRAINT recovery_codes_pkey PRIMARY KEY (account_id, code_hash);

ALTER TABLE ONLY desk.referral_steps
    ADD CONSTRAINT referral_steps_pkey PRIMARY KEY (record_id, key);

ALTER TABLE ONLY desk.referrals
    ADD CONSTRAINT referrals_pkey PRIMARY KEY (record_id, key);

ALTER TABLE ONLY desk.renderings
    ADD CONSTRAINT renderings_pkey PRIMARY KEY (record_id, key);

ALTER TABLE ONLY desk.review_checks
    ADD CONSTRAINT review_checks_pkey PRIMARY KEY (bundle_id, item);

ALTER TABLE ONLY desk.reviews
    ADD CONSTRAINT reviews_pkey PRIMARY KEY (id);

ALTER TABLE ONLY desk.revisions
    ADD CONSTRAINT revisions_pkey PRIMARY KEY (record_id, version);

ALTER TABLE ONLY desk.scheduled_publications
    ADD CONSTRAINT scheduled_publications_pkey PRIMARY KEY (id);

ALTER TABLE ONLY desk.schema_floor
    ADD CONSTRAINT schema_floor_pkey PRIMARY KEY (only_row);

ALTER TABLE ONLY desk.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY desk.sessions
    ADD CONSTRAINT sessions_token_hash_key UNIQUE (token_hash);

ALTER TABLE ONLY desk.settings
    ADD CONSTRAINT settings_pkey PRIMARY KEY (one);

ALTER TABLE ONLY desk.setup_code
    ADD CONSTRAINT setup_code_pkey PRIMARY KEY (one);

ALTER TABLE ONLY desk.source_changes
    ADD CONSTRAINT source_changes_pkey PRIMARY KEY (id);

ALTER TABLE ONLY desk.source_directory
    ADD CONSTRAINT source_directory_pkey PRIMARY KEY (source_id);

ALTER TABLE ONLY desk.sources
    ADD CONSTRAINT sources_key_key UNIQUE (key);

ALTER TABLE ONLY desk.sources
    ADD CONSTRAINT sources_pkey PRIMARY KEY (id);

ALTER TABLE ONLY desk.sources
    ADD CONSTRAINT sources_url_key UNIQUE (url);

ALTER TABLE ONLY desk.statement_principals
    ADD CONSTRAINT statement_principals_pkey PRIMARY KEY (record_id, "position");

ALTER TABLE ONLY desk.statement_relations
    ADD CONSTRAINT statement_relations_pkey PRIMARY KEY (record_id, "position");

ALTER TABLE ONLY desk.statements
    ADD CONSTRAINT statements_pkey PRIMARY KEY (record_id);

ALTER TABLE ONLY desk.submissions
    ADD CONSTRAINT submissions_pkey PRIMARY KEY (account_id, once, sha256);

ALTER TABLE ONLY desk.system_names
    ADD CONSTRAINT system_names_pkey PRIMARY KEY (record_id, key, "position");

ALTER TABLE ONLY desk.targeted_systems
    ADD CONSTRAINT targeted_systems_pkey PRIMARY KEY (record_id, key);

ALTER TABLE ONLY desk.token_requests
    ADD CONSTRAINT token_requests_pkey PRIMARY KEY (token_id, key);

ALTER TABLE ONLY desk.tokens
    ADD CONSTRAINT tokens_pkey PRIMARY KEY (id);

ALTER TABLE ONLY desk.tokens
    ADD CONSTRAINT tokens_token_hash_key UNIQUE (token_hash);

ALTER TABLE ONLY desk.totp_secrets
    ADD CONSTRAINT totp_secrets_pkey PRIMARY KEY (account_id, confirmed);

ALTER TABLE ONLY desk.vocabulary_terms
    ADD CONSTRAINT vocabulary_terms_pkey PRIMARY KEY (vocabulary, code);

ALTER TABLE ONLY desk.worksheets
    ADD CONSTRAINT worksheets_pkey PRIMARY KEY (account_id, place);

ALTER TABLE ONLY jobs.river_job
    ADD CONSTRAINT river_job_pkey PRIMARY KEY (id);

ALTER TABLE ONLY jobs.river_leader
    ADD CONSTRAINT river_leader_pkey PRIMARY KEY (name);

ALTER TABLE ONLY jobs.river_notification
    ADD CONSTRAINT river_notification_pkey PRIMARY KEY (id);

ALTER TABLE ONLY jobs.river_queue
    ADD CONSTRAINT river_queue_pkey PRIMARY KEY (name);

ALTER TABLE ONLY record.cited_sources
    ADD CONSTRAINT cited_sources_pkey PRIMARY KEY (reference, source_key);

ALTER TABLE ONLY record.claims
    ADD CONSTRAINT claims_pkey PRIMARY KEY (statement_reference, key);

ALTER TABLE ONLY record.documents
    ADD CONSTRAINT documents_pkey PRIMARY KEY (reference, sha256);

ALTER TABLE ONLY record.dump_parts
    ADD CONSTRAINT dump_parts_pkey PRIMARY KEY (name, "position");

ALTER TABLE ONLY record.dumps
    ADD CONSTRAINT dumps_day_format_key UNIQUE (day, format);

ALTER TABLE ONLY record.dumps
    ADD CONSTRAINT dumps_pkey PRIMARY KEY (name);

ALTER TABLE ONLY record.editions
    ADD CONSTRAINT editions_pkey PRIMARY KEY (reference, number);

ALTER TABLE ONLY record.generations
    ADD CONSTRAINT generations_pkey PRIMARY KEY (one);

ALTER TABLE ONLY record.heads
    ADD CONSTRAINT heads_pkey PRIMARY KEY (reference);

ALTER TABLE ONLY record.heads
    ADD CONSTRAINT heads_type_slug_key UNIQUE (type, slug);

ALTER TABLE ONLY record.incident_institutions
    ADD CONSTRAINT incident_institutions_pkey PRIMARY KEY (incident_reference, institution_reference);

ALTER TABLE ONLY record.incident_statements
    ADD CONSTRAINT incident_statements_pkey PRIMARY KEY (incident_reference, statement_reference);

ALTER TABLE ONLY record.incidents
    ADD CONSTRAINT incidents_pkey PRIMARY KEY (reference);

ALTER TABLE ONLY record.institutions
    ADD CONSTRAINT institutions_pkey PRIMARY KEY (reference);

ALTER TABLE ONLY record.log_checkpoints
    ADD CONSTRAINT log_checkpoints_pkey PRIMARY KEY (size);

ALTER TABLE ONLY record.log_cosignatures
    ADD CONSTRAINT log_cosignatures_pkey PRIMARY KEY (size, witness);

ALTER TABLE ONLY record.log_keys
    ADD CONSTRAINT log_keys_pkey PRIMARY KEY (key);

ALTER TABLE ONLY record.log_keys
    ADD CONSTRAINT log_keys_position_key UNIQUE ("position");

ALTER TABLE ONLY record.log_leaves
    ADD CONSTRAINT log_leaves_pkey PRIMARY KEY ("position");

ALTER TABLE ONLY record.log_openings
    ADD CONSTRAINT log_openings_pkey PRIMARY KEY ("position");

ALTER TABLE ONLY record.log_tiles
    ADD CONSTRAINT log_tiles_pkey PRIMARY KEY (level, index);

ALTER TABLE ONLY record.log_timestamps
    ADD CONSTRAINT log_timestamps_pkey PRIMARY KEY (size);

ALTER TABLE ONLY record.pins
    ADD CONSTRAINT pins_pkey PRIMARY KEY (reference, number, pinned_reference);

ALTER TABLE ONLY record.reference_series
    ADD CONSTRAINT reference_series_pkey PRIMARY KEY (series);

ALTER TABLE ONLY record.referral_parties
    ADD CONSTRAINT referral_parties_pkey PRIMARY KEY (incident_reference, key, institution_reference);

ALTER TABLE ONLY record.referrals
    ADD CONSTRAINT referrals_pkey PRIMARY KEY (incident_reference, key);

ALTER TABLE ONLY record.search_newest
    ADD CONSTRAINT search_newest_pkey PRIMARY KEY (reference);

ALTER TABLE ONLY record.search_newest_since
    ADD CONSTRAINT search_newest_since_pkey PRIMARY KEY (one);

ALTER TABLE ONLY record.search_rows
    ADD CONSTRAINT search_rows_pkey PRIMARY KEY (type, reference, key);

ALTER TABLE ONLY record.search_words
    ADD CONSTRAINT search_words_pkey PRIMARY KEY (word);

ALTER TABLE ONLY record.slugs
    ADD CONSTRAINT slugs_pkey PRIMARY KEY (type, slug);

ALTER TABLE ONLY record.statement_relations
    ADD CONSTRAINT statement_relations_pkey PRIMARY KEY (reference, kind, to_reference);

ALTER TABLE ONLY record.statements
    ADD CONSTRAINT statements_pkey PRIMARY KEY (reference);

ALTER TABLE ONLY record.tombstones
    ADD CONSTRAINT tombstones_pkey PRIMARY KEY (reference, number);

ALTER TABLE ONLY record.vocabulary_terms
    ADD CONSTRAINT vocabulary_terms_pkey PRIMARY KEY (vocabulary, code);

CREATE INDEX account_links_account_idx ON desk.account_links USING btree (account_id);

CREATE INDEX account_links_expires_idx ON desk.account_links USING btree (expires_at);

CREATE INDEX affected_institutions_institution_idx ON desk.affected_institutions USING btree (institution_id);

CREATE INDEX attempts_at_idx ON desk.attempts USING btree (at);

CREATE INDEX attempts_bucket_idx ON desk.attempts USING btree (bucket, at);

CREATE INDEX audit_account_idx ON desk.audit USING btree (account_id, id);

CREATE INDEX audit_action_idx ON desk.audit USING btree (action, id);

CREATE INDEX audit_at_idx ON desk.audit USING btree (at);

CREATE INDEX audit_record_idx ON desk.audit USING btree (record_id, id);

CREATE INDEX backings_statement_idx ON desk.backings USING btree (statement_id, claim_key);

CREATE INDEX bundle_records_record_idx ON desk.bundle_records USING btree (record_id, version);

CREATE INDEX bundles_claimed_by_idx ON desk.bundles USING btree (claimed_by);

CREATE INDEX bundles_closed_by_idx ON desk.bundles USING btree (closed_by);

CREATE INDEX bundles_open_idx ON desk.bundles USING btree (requested_at, id) WHERE (outcome IS NULL);

CREATE INDEX bundles_record_idx ON desk.bundles USING btree (record_id, requested_at);

CREATE INDEX bundles_requested_by_idx ON desk.bundles USING btree (requested_by);

CREATE INDEX capture_targets_due_idx ON desk.capture_targets USING btree (next_check) WHERE (next_check IS NOT NULL);

CREATE INDEX capture_targets_unshown_idx ON desk.capture_targets USING btree (id) WHERE unshown;

CREATE INDEX capture_targets_waits_idx ON desk.capture_targets USING btree (asked_at) WHERE waits;

CREATE INDEX captures_source_idx ON desk.captures USING btree (source_id, created_at DESC);

CREATE INDEX ceremonies_account_idx ON desk.ceremonies USING btree (account_id);

CREATE INDEX ceremonies_expires_idx ON desk.ceremonies USING btree (expires_at);

CREATE INDEX changes_account_idx ON desk.changes USING btree (account_id, changed_at DESC);

CREATE INDEX citations_source_idx ON desk.citations USING btree (source_id);

CREATE INDEX claim_relations_to_idx ON desk.claim_relations USING btree (to_statement_id, to_claim_key);

CREATE INDEX claims_reported_idx ON desk.claims USING btree (reported_statement_id, reported_claim_key);

CREATE INDEX comments_account_idx ON desk.comments USING btree (account_id);

CREATE INDEX comments_record_idx ON desk.comments USING btree (record_id, created_at);

CREATE UNIQUE INDEX date_assertions_preferred_idx ON desk.date_assertions USING btree (record_id, key) WHERE is_preferred;

CREATE INDEX date_citations_source_idx ON desk.date_citations USING btree (source_id);

CREATE INDEX decisions_decided_by_idx ON desk.decisions USING btree (decided_by);

CREATE UNIQUE INDEX decisions_open_idx ON desk.decisions USING btree (record_id) WHERE (outcome IS NULL);

CREATE INDEX decisions_proposed_by_idx ON desk.decisions USING btree (proposed_by);

CREATE INDEX decisions_record_idx ON desk.decisions USING btree (record_id, proposed_at);

CREATE INDEX decisions_target_idx ON desk.decisions USING btree (target_id);

CREATE INDEX directory_acronyms_idx ON desk.directory USING gin (acronyms) WHERE (type = 'institution'::text);

CREATE INDEX directory_incident_words_idx ON desk.directory USING gin (folded desk.gin_trgm_ops) WHERE (type = 'incident'::text);

CREATE INDEX directory_institution_words_idx ON desk.directory USING gin (folded desk.gin_trgm_ops) WHERE (type = 'institution'::text);

CREATE INDEX directory_institutions_idx ON desk.directory USING gin (institutions);

CREATE INDEX directory_names_idx ON desk.directory USING gin (string_to_array(folded, '
'::text)) WHERE (type = 'institution'::text);

CREATE INDEX directory_statement_words_idx ON desk.directory USING gin (folded desk.gin_trgm_ops) WHERE (type = 'statement'::text);

CREATE INDEX directory_unseen_idx ON desk.directory USING btree (record_id) WHERE original_not_seen;

CREATE INDEX directory_waits_idx ON desk.directory USING btree (waits_since) WHERE (waits_since IS NOT NULL);

CREATE INDEX documents_sha256_idx ON desk.documents USING btree (sha256);

CREATE INDEX event_relatings_statement_idx ON desk.event_relatings USING btree (statement_id, claim_key);

CREATE INDEX events_chain_idx ON desk.events USING btree (chain_statement_id, chain_claim_key);

CREATE INDEX exposures_institution_idx ON desk.exposures USING btree (institution_id);

CREATE INDEX fact_institutions_institution_idx ON desk.fact_institutions USING btree (institution_id);

CREATE INDEX figures_exposure_idx ON desk.figures USING btree (record_id, exposure_key);

CREATE INDEX file_texts_confirmed_by_idx ON desk.file_texts USING btree (confirmed_by);

CREATE INDEX files_uploaded_by_idx ON desk.files USING btree (uploaded_by);

CREATE INDEX import_runs_open_idx ON desk.import_runs USING btree (sha256) WHERE (finished_at IS NULL);

CREATE INDEX import_runs_publish_as_idx ON desk.import_runs USING btree (publish_as);

CREATE INDEX import_runs_started_by_idx ON desk.import_runs USING btree (started_by);

CREATE INDEX incident_relations_incident_idx ON desk.incident_relations USING btree (incident_id);

CREATE INDEX incident_statements_statement_idx ON desk.incident_statements USING btree (statement_id);

CREATE INDEX institution_links_institution_idx ON desk.institution_links USING btree (institution_id);

CREATE INDEX institutions_parent_idx ON desk.institutions USING btree (parent_id);

CREATE INDEX mails_account_idx ON desk.mails USING btree (account_id, kind, created_at DESC);

CREATE INDEX mails_created_idx ON desk.mails USING btree (created_at DESC, id DESC);

CREATE INDEX origins_run_id_idx ON desk.origins USING btree (run_id);

CREATE INDEX passkeys_account_idx ON desk.passkeys USING btree (account_id);

CREATE INDEX positions_exposure_idx ON desk.positions USING btree (record_id, exposure_key);

CREATE INDEX positions_institution_idx ON desk.positions USING btree (institution_id);

CREATE INDEX publications_author_idx ON desk.publications USING btree (author_id);

CREATE INDEX publications_record_idx ON desk.publications USING btree (record_id);

CREATE INDEX publications_recorded_idx ON desk.publications USING btree (recorded_at DESC);

CREATE INDEX publications_reviewer_idx ON desk.publications USING btree (reviewer_id);

CREATE UNIQUE INDEX publications_version_idx ON desk.publications USING btree (record_id, version) WHERE (cause = 'published'::text);

CREATE INDEX record_sources_source_idx ON desk.record_sources USING btree (source_id);

CREATE INDEX records_assigned_to_idx ON desk.records USING btree (assigned_to);

CREATE INDEX records_created_by_idx ON desk.records USING btree (created_by);

CREATE INDEX records_merged_into_idx ON desk.records USING btree (merged_into) WHERE (merged_into IS NOT NULL);

CREATE INDEX records_state_idx ON desk.records USING btree (state, updated_at DESC);

CREATE INDEX records_type_idx ON desk.records USING btree (type, updated_at DESC, id DESC);

CREATE INDEX referral_steps_referral_idx ON desk.referral_steps USING btree (record_id, referral_key);

CREATE INDEX referrals_authority_idx ON desk.referrals USING btree (authority_id);

CREATE INDEX review_checks_account_idx ON desk.review_checks USING btree (account_id);

CREATE UNIQUE INDEX reviews_open_idx ON desk.reviews USING btree (record_id) WHERE (outcome IS NULL);

CREATE INDEX reviews_record_idx ON desk.reviews USING btree (record_id, version);

CREATE INDEX reviews_requested_by_idx ON desk.reviews USING btree (requested_by);

CREATE INDEX reviews_reviewer_idx ON desk.reviews USING btree (reviewer_id);

CREATE INDEX reviews_waiting_idx ON desk.reviews USING btree (requested_at, record_id) WHERE (outcome IS NULL);

CREATE INDEX scheduled_publications_bundle_idx ON desk.scheduled_publications USING btree (bundle_id);

CREATE INDEX scheduled_publications_due_idx ON desk.scheduled_publications USING btree (publish_at) WHERE (outcome IS NULL);

CREATE UNIQUE INDEX scheduled_publications_open_idx ON desk.scheduled_publications USING btree (bundle_id) WHERE (outcome IS NULL);

CREATE INDEX scheduled_publications_scheduled_by_idx ON desk.scheduled_publications USING btree (scheduled_by);

CREATE INDEX sessions_account_idx ON desk.sessions USING btree (account_id);

CREATE INDEX sessions_seen_idx ON desk.sessions USING btree (seen_at);

CREATE INDEX source_changes_account_idx ON desk.source_changes USING btree (account_id);

CREATE INDEX source_changes_source_idx ON desk.source_changes USING btree (source_id, changed_at);

CREATE INDEX source_directory_words_idx ON desk.source_directory USING gin (folded desk.gin_trgm_ops);

CREATE INDEX sources_created_idx ON desk.sources USING btree (created_at DESC, id DESC);

CREATE INDEX statement_principals_institution_idx ON desk.statement_principals USING btree (institution_id);

CREATE INDEX statement_relations_statement_idx ON desk.statement_relations USING btree (statement_id);

CREATE INDEX statements_issuer_idx ON desk.statements USING btree (issuer_id);

CREATE INDEX submissions_sent_idx ON desk.submissions USING btree (sent_at);

CREATE INDEX system_names_statement_idx ON desk.system_names USING btree (statement_id, claim_key);

CREATE INDEX targeted_systems_institution_idx ON desk.targeted_systems USING btree (institution_id);

CREATE INDEX token_requests_done_idx ON desk.token_requests USING btree (done_at);

CREATE INDEX tokens_account_idx ON desk.tokens USING btree (account_id);

CREATE INDEX tokens_revoked_by_idx ON desk.tokens USING btree (revoked_by);

CREATE INDEX river_job_args_index ON jobs.river_job USING gin (args);

CREATE INDEX river_job_kind ON jobs.river_job USING btree (kind);

CREATE INDEX river_job_metadata_index ON jobs.river_job USING gin (metadata);

CREATE INDEX river_job_prioritized_fetching_index ON jobs.river_job USING btree (state, queue, priority, scheduled_at, id);

CREATE INDEX river_job_state_and_finalized_at_index ON jobs.river_job USING btree (state, finalized_at) WHERE (finalized_at IS NOT NULL);

CREATE UNIQUE INDEX river_job_unique_idx ON jobs.river_job USING btree (unique_key) WHERE ((unique_key IS NOT NULL) AND (unique_states IS NOT NULL) AND jobs.river_job_state_in_bitmask(unique_states, state));

CREATE INDEX river_notification_created_at_idx ON jobs.river_notification USING btree (created_at);

CREATE INDEX river_notification_topic_id_idx ON jobs.river_notification USING btree (topic, id);

CREATE INDEX cited_sources_open_warc_idx ON record.cited_sources USING btree (open_warc) WHERE (open_warc <> ''::text);

CREATE INDEX cited_sources_source_idx ON record.cited_sources USING btree (source_key, reference);

CREATE INDEX claims_topic_idx ON record.claims USING btree (topic);

CREATE INDEX documents_sha256_idx ON record.documents USING btree (sha256);

CREATE INDEX editions_feed_idx ON record.editions USING btree (published_at, reference, number) WHERE ((number = 1) OR (content IS NULL) OR (POSITION(('\x22636f7272656374696f6e223a'::bytea) IN (SUBSTRING(content FROM 1 FOR 100))) > 0));

CREATE INDEX editions_published_idx ON record.editions USING btree (published_at, reference, number);

CREATE INDEX heads_changed_idx ON record.heads USING btree (type, changed_at, reference);

CREATE INDEX heads_departed_idx ON record.heads USING btree (changed_at, reference) WHERE (state <> 'published'::text);

CREATE INDEX heads_merged_into_idx ON record.heads USING btree (merged_into);

CREATE INDEX heads_thousand_idx ON record.heads USING btree ("left"(reference, '-3'::integer)) WHERE (state = 'published'::text);

CREATE INDEX incident_institutions_institution_idx ON record.incident_institutions USING btree (institution_reference);

CREATE INDEX incident_statements_statement_idx ON record.incident_statements USING btree (statement_reference);

CREATE INDEX incidents_institutions_idx ON record.incidents USING gin (institution_slugs);

CREATE INDEX incidents_kind_classes_idx ON record.incidents USING gin (kind_classes);

CREATE INDEX incidents_kinds_idx ON record.incidents USING gin (kinds);

CREATE INDEX incidents_occurred_idx ON record.incidents USING btree (occurred_order DESC, reference DESC);

CREATE INDEX incidents_published_idx ON record.incidents USING btree (published_at DESC, reference DESC);

CREATE INDEX incidents_referral_idx ON record.incidents USING btree (referral_step);

CREATE INDEX incidents_sectors_idx ON record.incidents USING gin (sectors);

CREATE INDEX incidents_standing_idx ON record.incidents USING btree (standing);

CREATE INDEX incidents_year_occurred_idx ON record.incidents USING btree (occurred_year, occurred_order DESC, reference DESC);

CREATE INDEX institutions_name_ar_idx ON record.institutions USING btree (COALESCE((name ->> 'ar'::text), (name ->> 'fr'::text), (name ->> 'en'::text), (name ->> 'ar'::text), reference) COLLATE "und-x-icu", reference);

CREATE INDEX institutions_name_en_idx ON record.institutions USING btree (COALESCE((name ->> 'en'::text), (name ->> 'fr'::text), (name ->> 'en'::text), (name ->> 'ar'::text), reference) COLLATE "und-x-icu", reference);

CREATE INDEX institutions_name_fr_idx ON record.institutions USING btree (COALESCE((name ->> 'fr'::text), (name ->> 'fr'::text), (name ->> 'en'::text), (name ->> 'ar'::text), reference) COLLATE "und-x-icu", reference);

CREATE INDEX log_cosignatures_witness_idx ON record.log_cosignatures USING btree (witness, size DESC);

CREATE INDEX log_leaves_edition_idx ON record.log_leaves USING btree (reference, edition);

CREATE UNIQUE INDEX log_leaves_once_idx ON record.log_leaves USING btree (reference, edition) WHERE (type = ANY (ARRAY['edition'::text, 'correction'::text]));

CREATE UNIQUE INDEX log_leaves_takedown_idx ON record.log_leaves USING btree (reference, edition) WHERE (type = 'takedown'::text);

CREATE INDEX pins_pinned_idx ON record.pins USING btree (pinned_reference, pinned_number);

CREATE INDEX referral_parties_institution_idx ON record.referral_parties USING btree (institution_reference);

CREATE INDEX referrals_authority_idx ON record.referrals USING btree (authority_reference);

CREATE INDEX referrals_counts_idx ON record.referrals USING btree (kind, step, level, authority_reference, is_confirmed, stepped_order);

CREATE INDEX referrals_stepped_idx ON record.referrals USING btree (stepped_order);

CREATE INDEX search_newest_order_idx ON record.search_newest USING btree (occurred_order, reference);

CREATE INDEX search_newest_words_idx ON record.search_newest USING gin (words) WITH (gin_pending_list_limit='256');

CREATE INDEX search_rows_claims_idx ON record.search_rows USING gin (words) WHERE (type = 'claim'::text);

CREATE INDEX search_rows_incidents_idx ON record.search_rows USING gin (words) WHERE (type = 'incident'::text);

CREATE INDEX search_rows_institutions_idx ON record.search_rows USING gin (words) WHERE (type = 'institution'::text);

CREATE INDEX search_rows_reference_idx ON record.search_rows USING btree (reference);

CREATE INDEX search_rows_referrals_idx ON record.search_rows USING gin (words) WHERE (type = 'referral'::text);

CREATE INDEX search_rows_statements_idx ON record.search_rows USING gin (words) WHERE (type = 'statement'::text);

CREATE INDEX search_words_beginning_idx ON record.search_words USING btree (word text_pattern_ops);

CREATE INDEX search_words_trigrams_idx ON record.search_words USING gin (trigrams);

CREATE INDEX search_words_unused_idx ON record.search_words USING btree (word) WHERE (documents <= 0);

CREATE INDEX slugs_reference_idx ON record.slugs USING btree (reference);

CREATE INDEX statement_relations_to_reference_idx ON record.statement_relations USING btree (to_reference);

CREATE INDEX statements_issuer_idx ON record.statements USING btree (issuer_reference);

CREATE INDEX statements_said_idx ON record.statements USING btree (said_order DESC, reference DESC);

CREATE INDEX statements_unofficial_idx ON record.statements USING btree (said_order DESC, reference DESC) WHERE (NOT is_official);

CREATE INDEX statements_unseen_idx ON record.statements USING btree (said_order DESC, reference DESC) WHERE original_not_seen;

CREATE TRIGGER accounts_void AFTER UPDATE OF role, deactivated_at ON desk.accounts FOR EACH ROW WHEN (((new.role <> ALL (ARRAY['editor'::text, 'admin'::text])) OR (new.deactivated_at IS NOT NULL))) EXECUTE FUNCTION desk.void_of_account();

CREATE TRIGGER audit_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON desk.audit FOR EACH STATEMENT EXECUTE FUNCTION desk.refuse_change();

CREATE TRIGGER audit_chain BEFORE INSERT ON desk.audit FOR EACH ROW EXECUTE FUNCTION desk.chain_audit();

CREATE TRIGGER bundle_records_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON desk.bundle_records FOR EACH STATEMENT EXECUTE FUNCTION desk.refuse_change();

CREATE TRIGGER bundle_records_guard BEFORE INSERT ON desk.bundle_records FOR EACH ROW EXECUTE FUNCTION desk.guard_bundle_record();

CREATE TRIGGER bundles_guard BEFORE INSERT OR UPDATE ON desk.bundles FOR EACH ROW WHEN ((NOT desk.is_takedown_now())) EXECUTE FUNCTION desk.guard_bundle();

CREATE TRIGGER captures_guard BEFORE INSERT OR UPDATE ON desk.captures FOR EACH ROW EXECUTE FUNCTION desk.guard_source();

CREATE TRIGGER changes_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON desk.changes FOR EACH STATEMENT EXECUTE FUNCTION desk.refuse_change();

CREATE TRIGGER changes_guard BEFORE INSERT ON desk.changes FOR EACH ROW EXECUTE FUNCTION desk.guard_change();

CREATE TRIGGER content_guard BEFORE INSERT OR DELETE OR UPDATE ON desk.affected_institutions FOR EACH ROW EXECUTE FUNCTION desk.guard_content();

CREATE TRIGGER content_guard BEFORE INSERT OR DELETE OR UPDATE ON desk.answers FOR EACH ROW EXECUTE FUNCTION desk.guard_content();

CREATE TRIGGER content_guard BEFORE INSERT OR DELETE OR UPDATE ON desk.backings FOR EACH ROW EXECUTE FUNCTION desk.guard_content();

CREATE TRIGGER content_guard BEFORE INSERT OR DELETE OR UPDATE ON desk.citations FOR EACH ROW EXECUTE FUNCTION desk.guard_content();

CREATE TRIGGER content_guard BEFORE INSERT OR DELETE OR UPDATE ON desk.claim_relations FOR EACH ROW EXECUTE FUNCTION desk.guard_content();

CREATE TRIGGER content_guard BEFORE INSERT OR DELETE OR UPDATE ON desk.claims FOR EACH ROW EXECUTE FUNCTION desk.guard_content();

CREATE TRIGGER content_guard BEFORE INSERT OR DELETE OR UPDATE ON desk.date_assertions FOR EACH ROW EXECUTE FUNCTION desk.guard_content();

CREATE TRIGGER content_guard BEFORE INSERT OR DELETE OR UPDATE ON desk.date_citations FOR EACH ROW EXECUTE FUNCTION desk.guard_content();

CREATE TRIGGER content_guard BEFORE INSERT OR DELETE OR UPDATE ON desk.differences FOR EACH ROW EXECUTE FUNCTION desk.guard_content();

CREATE TRIGGER content_guard BEFORE INSERT OR DELETE OR UPDATE ON desk.documents FOR EACH ROW EXECUTE FUNCTION desk.guard_content();

CREATE TRIGGER content_guard BEFORE INSERT OR DELETE OR UPDATE ON desk.event_relatings FOR EACH ROW EXECUTE FUNCTION desk.guard_content();

CREATE TRIGGER content_guard BEFORE INSERT OR DELETE OR UPDATE ON desk.events FOR EACH ROW EXECUTE FUNCTION desk.guard_content();

CREATE TRIGGER content_guard BEFORE INSERT OR DELETE OR UPDATE ON desk.exposures FOR EACH ROW EXECUTE FUNCTION desk.guard_content();

CREATE TRIGGER content_guard BEFORE INSERT OR DELETE OR UPDATE ON desk.fact_institutions FOR EACH ROW EXECUTE FUNCTION desk.guard_content();

CREATE TRIGGER content_guard BEFORE INSERT OR DELETE OR UPDATE ON desk.facts FOR EACH ROW EXECUTE FUNCTION desk.guard_content();

CREATE TRIGGER content_guard BEFORE INSERT OR DELETE OR UPDATE ON desk.figures FOR EACH ROW EXECUTE FUNCTION desk.guard_content();

CREATE TRIGGER content_guard BEFORE INSERT OR DELETE OR UPDATE ON desk.incident_relations FOR EACH ROW EXECUTE FUNCTION desk.guard_content();

CREATE TRIGGER content_guard BEFORE INSERT OR DELETE OR UPDATE ON desk.incident_statements FOR EACH ROW EXECUTE FUNCTION desk.guard_content();

CREATE TRIGGER content_guard BEFORE INSERT OR DELETE OR UPDATE ON desk.incidents FOR EACH ROW EXECUTE FUNCTION desk.guard_content();

CREATE TRIGGER content_guard BEFORE INSERT OR DELETE OR UPDATE ON desk.institution_links FOR EACH ROW EXECUTE FUNCTION desk.guard_content();

CREATE TRIGGER content_guard BEFORE INSERT OR DELETE OR UPDATE ON desk.institution_names FOR EACH ROW EXECUTE FUNCTION desk.guard_content();

CREATE TRIGGER content_guard BEFORE INSERT OR DELETE OR UPDATE ON desk.institutions FOR EACH ROW EXECUTE FUNCTION desk.guard_content();

CREATE TRIGGER content_guard BEFORE INSERT OR DELETE OR UPDATE ON desk.measures FOR EACH ROW EXECUTE FUNCTION desk.guard_content();

CREATE TRIGGER content_guard BEFORE INSERT OR DELETE OR UPDATE ON desk.officials FOR EACH ROW EXECUTE FUNCTION desk.guard_content();

CREATE TRIGGER content_guard BEFORE INSERT OR DELETE OR UPDATE ON desk.positions FOR EACH ROW EXECUTE FUNCTION desk.guard_content();

CREATE TRIGGER content_guard BEFORE INSERT OR DELETE OR UPDATE ON desk.quotes FOR EACH ROW EXECUTE FUNCTION desk.guard_content();

CREATE TRIGGER content_guard BEFORE INSERT OR DELETE OR UPDATE ON desk.readings FOR EACH ROW EXECUTE FUNCTION desk.guard_content();

CREATE TRIGGER content_guard BEFORE INSERT OR DELETE OR UPDATE ON desk.record_sources FOR EACH ROW EXECUTE FUNCTION desk.guard_content();

CREATE TRIGGER content_guard BEFORE INSERT OR DELETE OR UPDATE ON desk.referral_steps FOR EACH ROW EXECUTE FUNCTION desk.guard_content();

CREATE TRIGGER content_guard BEFORE INSERT OR DELETE OR UPDATE ON desk.referrals FOR EACH ROW EXECUTE FUNCTION desk.guard_content();

CREATE TRIGGER content_guard BEFORE INSERT OR DELETE OR UPDATE ON desk.renderings FOR EACH ROW EXECUTE FUNCTION desk.guard_content();

CREATE TRIGGER content_guard BEFORE INSERT OR DELETE OR UPDATE ON desk.statement_principals FOR EACH ROW EXECUTE FUNCTION desk.guard_content();

CREATE TRIGGER content_guard BEFORE INSERT OR DELETE OR UPDATE ON desk.statement_relations FOR EACH ROW EXECUTE FUNCTION desk.guard_content();

CREATE TRIGGER content_guard BEFORE INSERT OR DELETE OR UPDATE ON desk.statements FOR EACH ROW EXECUTE FUNCTION desk.guard_content();

CREATE TRIGGER content_guard BEFORE INSERT OR DELETE OR UPDATE ON desk.system_names FOR EACH ROW EXECUTE FUNCTION desk.guard_content();

CREATE TRIGGER content_guard BEFORE INSERT OR DELETE OR UPDATE ON desk.targeted_systems FOR EACH ROW EXECUTE FUNCTION desk.guard_content();

CREATE TRIGGER decisions_erase_mails AFTER UPDATE OF outcome ON desk.decisions FOR EACH ROW WHEN (((new.kind = 'takedown'::text) AND (new.outcome = 'confirmed'::text) AND (old.outcome IS NULL))) EXECUTE FUNCTION desk.erase_mails();

CREATE TRIGGER decisions_erase_origins AFTER UPDATE OF outcome ON desk.decisions FOR EACH ROW WHEN (((new.kind = 'takedown'::text) AND (new.outcome = 'confirmed'::text) AND (old.outcome IS NULL))) EXECUTE FUNCTION desk.erase_origins();

CREATE TRIGGER decisions_erase_remarks AFTER UPDATE OF outcome ON desk.decisions FOR EACH ROW WHEN (((new.kind = 'takedown'::text) AND (new.outcome = 'confirmed'::text) AND (old.outcome IS NULL))) EXECUTE FUNCTION desk.erase_remarks();

CREATE TRIGGER decisions_guard BEFORE INSERT OR UPDATE ON desk.decisions FOR EACH ROW WHEN ((NOT desk.is_replaying())) EXECUTE FUNCTION desk.guard_decision();

CREATE TRIGGER file_texts_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON desk.file_texts FOR EACH STATEMENT WHEN ((NOT desk.is_takedown_now())) EXECUTE FUNCTION desk.refuse_change();

CREATE TRIGGER kept_captures_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON desk.kept_captures FOR EACH STATEMENT WHEN ((NOT desk.is_takedown_now())) EXECUTE FUNCTION desk.refuse_change();

CREATE TRIGGER origins_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON desk.origins FOR EACH STATEMENT WHEN ((NOT desk.is_takedown_now())) EXECUTE FUNCTION desk.refuse_change();

CREATE TRIGGER publications_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON desk.publications FOR EACH STATEMENT EXECUTE FUNCTION desk.refuse_change();

CREATE TRIGGER publications_approval BEFORE INSERT ON desk.publications FOR EACH ROW WHEN ((new.cause = 'published'::text)) EXECUTE FUNCTION desk.guard_publication_approval();

CREATE TRIGGER publications_guard BEFORE INSERT ON desk.publications FOR EACH ROW EXECUTE FUNCTION desk.guard_publication();

CREATE TRIGGER records_guard BEFORE UPDATE ON desk.records FOR EACH ROW EXECUTE FUNCTION desk.guard_record();

CREATE TRIGGER records_merged BEFORE UPDATE ON desk.records FOR EACH ROW WHEN (((old.merged_into IS NOT NULL) OR (new.merged_into IS NOT NULL))) EXECUTE FUNCTION desk.guard_merged();

CREATE CONSTRAINT TRIGGER records_version_author AFTER INSERT OR UPDATE OF version ON desk.records DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION desk.guard_version();

CREATE TRIGGER records_void_bundles AFTER UPDATE OF version ON desk.records FOR EACH ROW WHEN ((new.version <> old.version)) EXECUTE FUNCTION desk.void_bundles();

CREATE TRIGGER review_checks_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON desk.review_checks FOR EACH STATEMENT EXECUTE FUNCTION desk.refuse_change();

CREATE TRIGGER reviews_guard BEFORE INSERT OR UPDATE ON desk.reviews FOR EACH ROW WHEN ((NOT desk.is_decided_now('takedown'::text, new.record_id))) EXECUTE FUNCTION desk.guard_review();

CREATE TRIGGER revisions_guard BEFORE UPDATE ON desk.revisions FOR EACH ROW EXECUTE FUNCTION desk.guard_revision();

CREATE TRIGGER revisions_keep BEFORE TRUNCATE ON desk.revisions FOR EACH STATEMENT EXECUTE FUNCTION desk.refuse_change();

CREATE TRIGGER scheduled_publications_guard BEFORE INSERT OR UPDATE ON desk.scheduled_publications FOR EACH ROW WHEN ((NOT desk.is_takedown_now())) EXECUTE FUNCTION desk.guard_schedule();

CREATE TRIGGER source_changes_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON desk.source_changes FOR EACH STATEMENT EXECUTE FUNCTION desk.refuse_change();

CREATE TRIGGER sources_erase_captures AFTER UPDATE OF key ON desk.sources FOR EACH ROW WHEN ((new.key <> old.key)) EXECUTE FUNCTION desk.erase_captures();

CREATE TRIGGER sources_forget AFTER UPDATE OF key ON desk.sources FOR EACH ROW WHEN ((new.key <> old.key)) EXECUTE FUNCTION desk.forget_source();

CREATE TRIGGER sources_guard BEFORE UPDATE ON desk.sources FOR EACH ROW EXECUTE FUNCTION desk.guard_source();

CREATE TRIGGER dump_parts_leave AFTER DELETE ON record.dump_parts FOR EACH ROW EXECUTE FUNCTION record.let_dump_go();

CREATE TRIGGER dumps_guard BEFORE INSERT OR UPDATE ON record.dumps FOR EACH ROW EXECUTE FUNCTION record.guard_dump();

CREATE TRIGGER editions_guard BEFORE DELETE OR UPDATE ON record.editions FOR EACH ROW EXECUTE FUNCTION record.guard_edition();

CREATE TRIGGER editions_keep BEFORE TRUNCATE ON record.editions FOR EACH STATEMENT EXECUTE FUNCTION record.refuse_change();

CREATE CONSTRAINT TRIGGER editions_logged AFTER INSERT ON record.editions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION record.is_logged();

CREATE TRIGGER editions_new BEFORE INSERT ON record.editions FOR EACH ROW EXECUTE FUNCTION record.guard_new_edition();

CREATE TRIGGER generations_grow BEFORE UPDATE OF generation ON record.generations FOR EACH ROW EXECUTE FUNCTION record.only_grows('generation');

CREATE TRIGGER generations_signatures_grow BEFORE UPDATE OF signatures ON record.generations FOR EACH ROW EXECUTE FUNCTION record.only_grows('signatures');

CREATE TRIGGER heads_guard BEFORE UPDATE ON record.heads FOR EACH ROW EXECUTE FUNCTION record.guard_head();

CREATE CONSTRAINT TRIGGER heads_logged AFTER UPDATE ON record.heads DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((new.state = 'withdrawn'::text) AND ((old.state IS DISTINCT FROM new.state) OR (old.notice IS DISTINCT FROM new.notice)))) EXECUTE FUNCTION record.is_logged();

CREATE TRIGGER heads_outdate_dumps AFTER UPDATE OF state ON record.heads FOR EACH ROW WHEN ((new.state = 'withdrawn'::text)) EXECUTE FUNCTION record.outdate_dumps();

CREATE TRIGGER heads_state BEFORE INSERT OR UPDATE ON record.heads FOR EACH ROW EXECUTE FUNCTION record.guard_head_state();

CREATE TRIGGER log_checkpoints_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON record.log_checkpoints FOR EACH STATEMENT EXECUTE FUNCTION record.refuse_change();

CREATE TRIGGER log_checkpoints_guard BEFORE INSERT ON record.log_checkpoints FOR EACH ROW EXECUTE FUNCTION record.guard_log_checkpoint();

CREATE TRIGGER log_cosignatures_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON record.log_cosignatures FOR EACH STATEMENT EXECUTE FUNCTION record.refuse_change();

CREATE TRIGGER log_keys_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON record.log_keys FOR EACH STATEMENT EXECUTE FUNCTION record.refuse_change();

CREATE TRIGGER log_leaves_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON record.log_leaves FOR EACH STATEMENT EXECUTE FUNCTION record.refuse_change();

CREATE TRIGGER log_leaves_guard AFTER INSERT ON record.log_leaves REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION record.guard_log_leaves();

CREATE CONSTRAINT TRIGGER log_leaves_whole AFTER INSERT ON record.log_leaves DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((new.type <> ALL (ARRAY['edition'::text, 'correction'::text])) OR ((new."position" % (256)::bigint) = 255))) EXECUTE FUNCTION record.leaf_is_whole();

CREATE TRIGGER log_openings_guard BEFORE INSERT OR UPDATE ON record.log_openings FOR EACH ROW EXECUTE FUNCTION record.guard_log_opening();

CREATE TRIGGER log_openings_keep BEFORE DELETE OR TRUNCATE ON record.log_openings FOR EACH STATEMENT EXECUTE FUNCTION record.refuse_change();

CREATE TRIGGER log_tiles_guard BEFORE INSERT OR UPDATE ON record.log_tiles FOR EACH ROW EXECUTE FUNCTION record.guard_log_tile();

CREATE TRIGGER log_tiles_keep BEFORE DELETE OR TRUNCATE ON record.log_tiles FOR EACH STATEMENT EXECUTE FUNCTION record.refuse_change();

CREATE TRIGGER log_timestamps_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON record.log_timestamps FOR EACH STATEMENT EXECUTE FUNCTION record.refuse_change();

CREATE TRIGGER pins_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON record.pins FOR EACH STATEMENT EXECUTE FUNCTION record.refuse_change();

CREATE TRIGGER pins_guard BEFORE INSERT ON record.pins FOR EACH ROW EXECUTE FUNCTION record.guard_pin();

CREATE TRIGGER reference_series_grow BEFORE UPDATE ON record.reference_series FOR EACH ROW EXECUTE FUNCTION record.only_grows('last');

CREATE CONSTRAINT TRIGGER search_rows_newest AFTER INSERT OR UPDATE OF words ON record.search_rows DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((new.type = 'incident'::text)) EXECUTE FUNCTION record.keep_newest();

CREATE TRIGGER slugs_guard BEFORE INSERT ON record.slugs FOR EACH ROW EXECUTE FUNCTION record.guard_slug();

CREATE TRIGGER tombstones_guard BEFORE INSERT OR DELETE OR UPDATE ON record.tombstones FOR EACH ROW EXECUTE FUNCTION record.guard_tombstone();

CREATE CONSTRAINT TRIGGER tombstones_logged AFTER INSERT ON record.tombstones DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION record.is_logged();

CREATE TRIGGER tombstones_outdate_dumps AFTER INSERT ON record.tombstones FOR EACH STATEMENT EXECUTE FUNCTION record.outdate_dumps();

ALTER TABLE ONLY desk.account_links
    ADD CONSTRAINT account_links_account_id_fkey FOREIGN KEY (account_id) REFERENCES desk.accounts(id);

ALTER TABLE ONLY desk.affected_institutions
    ADD CONSTRAINT affected_institutions_institution_id_fkey FOREIGN KEY (institution_id) REFERENCES desk.records(id);

ALTER TABLE ONLY desk.affected_institutions
    ADD CONSTRAINT affected_institutions_record_id_key_fkey FOREIGN KEY (record_id, key) REFERENCES desk.facts(record_id, key) ON DELETE CASCADE;

ALTER TABLE ONLY desk.answers
    ADD CONSTRAINT answers_record_id_key_fkey FOREIGN KEY (record_id, key) REFERENCES desk.facts(record_id, key) ON DELETE CASCADE;

ALTER TABLE ONLY desk.audit
    ADD CONSTRAINT audit_account_id_fkey FOREIGN KEY (account_id) REFERENCES desk.accounts(id);

ALTER TABLE ONLY desk.audit
    ADD CONSTRAINT audit_record_id_fkey FOREIGN KEY (record_id) REFERENCES desk.records(id);

ALTER TABLE ONLY desk.backings
    ADD CONSTRAINT backings_record_id_key_fkey FOREIGN KEY (record_id, key) REFERENCES desk.facts(record_id, key) ON DELETE CASCADE;

ALTER TABLE ONLY desk.backings
    ADD CONSTRAINT backings_statement_id_claim_key_fkey FOREIGN KEY (statement_id, claim_key) REFERENCES desk.facts(record_id, key) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY desk.backings
    ADD CONSTRAINT backings_statement_id_fkey FOREIGN KEY (statement_id) REFERENCES desk.records(id);

ALTER TABLE ONLY desk.bundle_records
    ADD CONSTRAINT bundle_records_bundle_id_fkey FOREIGN KEY (bundle_id) REFERENCES desk.bundles(id);

ALTER TABLE ONLY desk.bundle_records
    ADD CONSTRAINT bundle_records_record_id_fkey FOREIGN KEY (record_id) REFERENCES desk.records(id);

ALTER TABLE ONLY desk.bundle_records
    ADD CONSTRAINT bundle_records_record_id_version_fkey FOREIGN KEY (record_id, version) REFERENCES desk.changes(record_id, version);

ALTER TABLE ONLY desk.bundles
    ADD CONSTRAINT bundles_claimed_by_fkey FOREIGN KEY (claimed_by) REFERENCES desk.accounts(id);

ALTER TABLE ONLY desk.bundles
    ADD CONSTRAINT bundles_closed_by_fkey FOREIGN KEY (closed_by) REFERENCES desk.accounts(id);

ALTER TABLE ONLY desk.bundles
    ADD CONSTRAINT bundles_record_id_fkey FOREIGN KEY (record_id) REFERENCES desk.records(id);

ALTER TABLE ONLY desk.bundles
    ADD CONSTRAINT bundles_requested_by_fkey FOREIGN KEY (requested_by) REFERENCES desk.accounts(id);

ALTER TABLE ONLY desk.capture_targets
    ADD CONSTRAINT capture_targets_source_id_fkey FOREIGN KEY (source_id) REFERENCES desk.sources(id);

ALTER TABLE ONLY desk.captures
    ADD CONSTRAINT captures_source_id_fkey FOREIGN KEY (source_id) REFERENCES desk.sources(id);

ALTER TABLE ONLY desk.ceremonies
    ADD CONSTRAINT ceremonies_account_id_fkey FOREIGN KEY (account_id) REFERENCES desk.accounts(id);

ALTER TABLE ONLY desk.changes
    ADD CONSTRAINT changes_account_id_fkey FOREIGN KEY (account_id) REFERENCES desk.accounts(id);

ALTER TABLE ONLY desk.changes
    ADD CONSTRAINT changes_record_id_fkey FOREIGN KEY (record_id) REFERENCES desk.records(id);

ALTER TABLE ONLY desk.citations
    ADD CONSTRAINT citations_record_id_key_fkey FOREIGN KEY (record_id, key) REFERENCES desk.facts(record_id, key) ON DELETE CASCADE;

ALTER TABLE ONLY desk.citations
    ADD CONSTRAINT citations_source_id_fkey FOREIGN KEY (source_id) REFERENCES desk.sources(id);

ALTER TABLE ONLY desk.claim_relations
    ADD CONSTRAINT claim_relations_kind_vocabulary_kind_fkey FOREIGN KEY (kind_vocabulary, kind) REFERENCES desk.vocabulary_terms(vocabulary, code);

ALTER TABLE ONLY desk.claim_relations
    ADD CONSTRAINT claim_relations_record_id_key_fkey FOREIGN KEY (record_id, key) REFERENCES desk.claims(record_id, key) ON DELETE CASCADE;

ALTER TABLE ONLY desk.claim_relations
    ADD CONSTRAINT claim_relations_to_statement_id_to_claim_key_fkey FOREIGN KEY (to_statement_id, to_claim_key) REFERENCES desk.facts(record_id, key) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY desk.claims
    ADD CONSTRAINT claims_record_id_key_fkey FOREIGN KEY (record_id, key) REFERENCES desk.facts(record_id, key) ON DELETE CASCADE;

ALTER TABLE ONLY desk.claims
    ADD CONSTRAINT claims_reported_statement_id_fkey FOREIGN KEY (reported_statement_id) REFERENCES desk.records(id);

ALTER TABLE ONLY desk.claims
    ADD CONSTRAINT claims_reported_statement_id_reported_claim_key_fkey FOREIGN KEY (reported_statement_id, reported_claim_key) REFERENCES desk.facts(record_id, key) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY desk.claims
    ADD CONSTRAINT claims_topic_vocabulary_topic_fkey FOREIGN KEY (topic_vocabulary, topic) REFERENCES desk.vocabulary_terms(vocabulary, code);

ALTER TABLE ONLY desk.comments
    ADD CONSTRAINT comments_account_id_fkey FOREIGN KEY (account_id) REFERENCES desk.accounts(id);

ALTER TABLE ONLY desk.comments
    ADD CONSTRAINT comments_record_id_fkey FOREIGN KEY (record_id) REFERENCES desk.records(id);

ALTER TABLE ONLY desk.date_assertions
    ADD CONSTRAINT date_assertions_basis_vocabulary_basis_fkey FOREIGN KEY (basis_vocabulary, basis) REFERENCES desk.vocabulary_terms(vocabulary, code);

ALTER TABLE ONLY desk.date_assertions
    ADD CONSTRAINT date_assertions_record_id_key_fkey FOREIGN KEY (record_id, key) REFERENCES desk.facts(record_id, key) ON DELETE CASCADE;

ALTER TABLE ONLY desk.date_citations
    ADD CONSTRAINT date_citations_record_id_key_position_fkey FOREIGN KEY (record_id, key, "position") REFERENCES desk.date_assertions(record_id, key, "position") ON DELETE CASCADE;

ALTER TABLE ONLY desk.date_citations
    ADD CONSTRAINT date_citations_source_id_fkey FOREIGN KEY (source_id) REFERENCES desk.sources(id);

ALTER TABLE ONLY desk.decisions
    ADD CONSTRAINT decisions_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES desk.accounts(id);

ALTER TABLE ONLY desk.decisions
    ADD CONSTRAINT decisions_proposed_by_fkey FOREIGN KEY (proposed_by) REFERENCES desk.accounts(id);

ALTER TABLE ONLY desk.decisions
    ADD CONSTRAINT decisions_record_id_fkey FOREIGN KEY (record_id) REFERENCES desk.records(id);

ALTER TABLE ONLY desk.decisions
    ADD CONSTRAINT decisions_target_id_fkey FOREIGN KEY (target_id) REFERENCES desk.records(id);

ALTER TABLE ONLY desk.differences
    ADD CONSTRAINT differences_record_id_key_fkey FOREIGN KEY (record_id, key) REFERENCES desk.facts(record_id, key) ON DELETE CASCADE;

ALTER TABLE ONLY desk.directory
    ADD CONSTRAINT directory_record_id_fkey FOREIGN KEY (record_id) REFERENCES desk.records(id) ON DELETE CASCADE;

ALTER TABLE ONLY desk.directory
    ADD CONSTRAINT directory_record_id_type_fkey FOREIGN KEY (record_id, type) REFERENCES desk.records(id, type);

ALTER TABLE ONLY desk.documents
    ADD CONSTRAINT documents_record_id_key_fkey FOREIGN KEY (record_id, key) REFERENCES desk.facts(record_id, key) ON DELETE CASCADE;

ALTER TABLE ONLY desk.event_relatings
    ADD CONSTRAINT event_relatings_record_id_key_fkey FOREIGN KEY (record_id, key) REFERENCES desk.events(record_id, key) ON DELETE CASCADE;

ALTER TABLE ONLY desk.event_relatings
    ADD CONSTRAINT event_relatings_statement_id_claim_key_fkey FOREIGN KEY (statement_id, claim_key) REFERENCES desk.facts(record_id, key) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY desk.event_relatings
    ADD CONSTRAINT event_relatings_statement_id_fkey FOREIGN KEY (statement_id) REFERENCES desk.records(id);

ALTER TABLE ONLY desk.events
    ADD CONSTRAINT events_chain_statement_id_chain_claim_key_fkey FOREIGN KEY (chain_statement_id, chain_claim_key) REFERENCES desk.facts(record_id, key) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY desk.events
    ADD CONSTRAINT events_chain_statement_id_fkey FOREIGN KEY (chain_statement_id) REFERENCES desk.records(id);

ALTER TABLE ONLY desk.events
    ADD CONSTRAINT events_record_id_exposure_key_fkey FOREIGN KEY (record_id, exposure_key) REFERENCES desk.exposures(record_id, key);

ALTER TABLE ONLY desk.events
    ADD CONSTRAINT events_record_id_key_fkey FOREIGN KEY (record_id, key) REFERENCES desk.facts(record_id, key) ON DELETE CASCADE;

ALTER TABLE ONLY desk.exposures
    ADD CONSTRAINT exposures_institution_id_fkey FOREIGN KEY (institution_id) REFERENCES desk.records(id);

ALTER TABLE ONLY desk.exposures
    ADD CONSTRAINT exposures_record_id_key_fkey FOREIGN KEY (record_id, key) REFERENCES desk.facts(record_id, key) ON DELETE CASCADE;

ALTER TABLE ONLY desk.fact_institutions
    ADD CONSTRAINT fact_institutions_institution_id_fkey FOREIGN KEY (institution_id) REFERENCES desk.records(id);

ALTER TABLE ONLY desk.fact_institutions
    ADD CONSTRAINT fact_institutions_record_id_key_fkey FOREIGN KEY (record_id, key) REFERENCES desk.facts(record_id, key) ON DELETE CASCADE;

ALTER TABLE ONLY desk.facts
    ADD CONSTRAINT facts_record_id_fkey FOREIGN KEY (record_id) REFERENCES desk.records(id) ON DELETE CASCADE;

ALTER TABLE ONLY desk.figures
    ADD CONSTRAINT figures_record_id_exposure_key_fkey FOREIGN KEY (record_id, exposure_key) REFERENCES desk.exposures(record_id, key) ON DELETE CASCADE;

ALTER TABLE ONLY desk.figures
    ADD CONSTRAINT figures_record_id_key_fkey FOREIGN KEY (record_id, key) REFERENCES desk.facts(record_id, key) ON DELETE CASCADE;

ALTER TABLE ONLY desk.file_texts
    ADD CONSTRAINT file_texts_confirmed_by_fkey FOREIGN KEY (confirmed_by) REFERENCES desk.accounts(id);

ALTER TABLE ONLY desk.file_texts
    ADD CONSTRAINT file_texts_sha256_fkey FOREIGN KEY (sha256) REFERENCES desk.files(sha256);

ALTER TABLE ONLY desk.files
    ADD CONSTRAINT files_uploaded_by_fkey FOREIGN KEY (uploaded_by) REFERENCES desk.accounts(id);

ALTER TABLE ONLY desk.import_files
    ADD CONSTRAINT import_files_run_id_fkey FOREIGN KEY (run_id) REFERENCES desk.import_runs(id) ON DELETE CASCADE;

ALTER TABLE ONLY desk.import_notes
    ADD CONSTRAINT import_notes_run_id_fkey FOREIGN KEY (run_id) REFERENCES desk.import_runs(id) ON DELETE CASCADE;

ALTER TABLE ONLY desk.import_runs
    ADD CONSTRAINT import_runs_publish_as_fkey FOREIGN KEY (publish_as) REFERENCES desk.accounts(id);

ALTER TABLE ONLY desk.import_runs
    ADD CONSTRAINT import_runs_started_by_fkey FOREIGN KEY (started_by) REFERENCES desk.accounts(id);

ALTER TABLE ONLY desk.incident_relations
    ADD CONSTRAINT incident_relations_incident_id_fkey FOREIGN KEY (incident_id) REFERENCES desk.records(id);

ALTER TABLE ONLY desk.incident_relations
    ADD CONSTRAINT incident_relations_record_id_fkey FOREIGN KEY (record_id) REFERENCES desk.records(id) ON DELETE CASCADE;

ALTER TABLE ONLY desk.incident_statements
    ADD CONSTRAINT incident_statements_record_id_fkey FOREIGN KEY (record_id) REFERENCES desk.records(id) ON DELETE CASCADE;

ALTER TABLE ONLY desk.incident_statements
    ADD CONSTRAINT incident_statements_statement_id_fkey FOREIGN KEY (statement_id) REFERENCES desk.records(id);

ALTER TABLE ONLY desk.incidents
    ADD CONSTRAINT incidents_record_id_fkey FOREIGN KEY (record_id) REFERENCES desk.records(id) ON DELETE CASCADE;

ALTER TABLE ONLY desk.incidents
    ADD CONSTRAINT incidents_standing_vocabulary_standing_fkey FOREIGN KEY (standing_vocabulary, standing) REFERENCES desk.vocabulary_terms(vocabulary, code);

ALTER TABLE ONLY desk.institution_links
    ADD CONSTRAINT institution_links_institution_id_fkey FOREIGN KEY (institution_id) REFERENCES desk.records(id);

ALTER TABLE ONLY desk.institution_links
    ADD CONSTRAINT institution_links_record_id_fkey FOREIGN KEY (record_id) REFERENCES desk.records(id) ON DELETE CASCADE;

ALTER TABLE ONLY desk.institution_names
    ADD CONSTRAINT institution_names_record_id_key_fkey FOREIGN KEY (record_id, key) REFERENCES desk.facts(record_id, key) ON DELETE CASCADE;

ALTER TABLE ONLY desk.institutions
    ADD CONSTRAINT institutions_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES desk.records(id);

ALTER TABLE ONLY desk.institutions
    ADD CONSTRAINT institutions_record_id_fkey FOREIGN KEY (record_id) REFERENCES desk.records(id) ON DELETE CASCADE;

ALTER TABLE ONLY desk.kept_captures
    ADD CONSTRAINT kept_captures_target_id_fkey FOREIGN KEY (target_id) REFERENCES desk.capture_targets(id);

ALTER TABLE ONLY desk.mails
    ADD CONSTRAINT mails_account_id_fkey FOREIGN KEY (account_id) REFERENCES desk.accounts(id);

ALTER TABLE ONLY desk.measures
    ADD CONSTRAINT measures_record_id_key_fkey FOREIGN KEY (record_id, key) REFERENCES desk.facts(record_id, key) ON DELETE CASCADE;

ALTER TABLE ONLY desk.named_files
    ADD CONSTRAINT named_files_sha256_fkey FOREIGN KEY (sha256) REFERENCES desk.files(sha256) ON DELETE CASCADE;

ALTER TABLE ONLY desk.officials
    ADD CONSTRAINT officials_record_id_key_fkey FOREIGN KEY (record_id, key) REFERENCES desk.facts(record_id, key) ON DELETE CASCADE;

ALTER TABLE ONLY desk.origins
    ADD CONSTRAINT origins_record_id_fkey FOREIGN KEY (record_id) REFERENCES desk.records(id);

ALTER TABLE ONLY desk.origins
    ADD CONSTRAINT origins_run_id_fkey FOREIGN KEY (run_id) REFERENCES desk.import_runs(id);

ALTER TABLE ONLY desk.passkeys
    ADD CONSTRAINT passkeys_account_id_fkey FOREIGN KEY (account_id) REFERENCES desk.accounts(id);

ALTER TABLE ONLY desk.passwords
    ADD CONSTRAINT passwords_account_id_fkey FOREIGN KEY (account_id) REFERENCES desk.accounts(id);

ALTER TABLE ONLY desk.positions
    ADD CONSTRAINT positions_institution_id_fkey FOREIGN KEY (institution_id) REFERENCES desk.records(id);

ALTER TABLE ONLY desk.positions
    ADD CONSTRAINT positions_record_id_exposure_key_fkey FOREIGN KEY (record_id, exposure_key) REFERENCES desk.exposures(record_id, key) ON DELETE CASCADE;

ALTER TABLE ONLY desk.positions
    ADD CONSTRAINT positions_record_id_key_fkey FOREIGN KEY (record_id, key) REFERENCES desk.facts(record_id, key) ON DELETE CASCADE;

ALTER TABLE ONLY desk.publications
    ADD CONSTRAINT publications_author_id_fkey FOREIGN KEY (author_id) REFERENCES desk.accounts(id);

ALTER TABLE ONLY desk.publications
    ADD CONSTRAINT publications_record_id_fkey FOREIGN KEY (record_id) REFERENCES desk.records(id);

ALTER TABLE ONLY desk.publications
    ADD CONSTRAINT publications_reviewer_id_fkey FOREIGN KEY (reviewer_id) REFERENCES desk.accounts(id);

ALTER TABLE ONLY desk.quotes
    ADD CONSTRAINT quotes_record_id_key_fkey FOREIGN KEY (record_id, key) REFERENCES desk.claims(record_id, key) ON DELETE CASCADE;

ALTER TABLE ONLY desk.quotes
    ADD CONSTRAINT quotes_record_id_rendering_key_fkey FOREIGN KEY (record_id, rendering_key) REFERENCES desk.renderings(record_id, key) ON DELETE CASCADE;

ALTER TABLE ONLY desk.readings
    ADD CONSTRAINT readings_record_id_key_fkey FOREIGN KEY (record_id, key) REFERENCES desk.differences(record_id, key) ON DELETE CASCADE;

ALTER TABLE ONLY desk.readings
    ADD CONSTRAINT readings_record_id_rendering_key_fkey FOREIGN KEY (record_id, rendering_key) REFERENCES desk.renderings(record_id, key) ON DELETE CASCADE;

ALTER TABLE ONLY desk.record_sources
    ADD CONSTRAINT record_sources_record_id_fkey FOREIGN KEY (record_id) REFERENCES desk.records(id) ON DELETE CASCADE;

ALTER TABLE ONLY desk.record_sources
    ADD CONSTRAINT record_sources_source_id_fkey FOREIGN KEY (source_id) REFERENCES desk.sources(id);

ALTER TABLE ONLY desk.records
    ADD CONSTRAINT records_assigned_to_fkey FOREIGN KEY (assigned_to) REFERENCES desk.accounts(id);

ALTER TABLE ONLY desk.records
    ADD CONSTRAINT records_created_by_fkey FOREIGN KEY (created_by) REFERENCES desk.accounts(id);

ALTER TABLE ONLY desk.records
    ADD CONSTRAINT records_merged_into_fkey FOREIGN KEY (merged_into) REFERENCES desk.records(id);

ALTER TABLE ONLY desk.recovery_codes
    ADD CONSTRAINT recovery_codes_account_id_fkey FOREIGN KEY (account_id) REFERENCES desk.accounts(id);

ALTER TABLE ONLY desk.referral_steps
    ADD CONSTRAINT referral_steps_level_vocabulary_level_fkey FOREIGN KEY (level_vocabulary, level) REFERENCES desk.vocabulary_terms(vocabulary, code);

ALTER TABLE ONLY desk.referral_steps
    ADD CONSTRAINT referral_steps_record_id_key_fkey FOREIGN KEY (record_id, key) REFERENCES desk.facts(record_id, key) ON DELETE CASCADE;

ALTER TABLE ONLY desk.referral_steps
    ADD CONSTRAINT referral_steps_record_id_referral_key_fkey FOREIGN KEY (record_id, referral_key) REFERENCES desk.referrals(record_id, key) ON DELETE CASCADE;

ALTER TABLE ONLY desk.referral_steps
    ADD CONSTRAINT referral_steps_step_vocabulary_step_fkey FOREIGN KEY (step_vocabulary, step) REFERENCES desk.vocabulary_terms(vocabulary, code);

ALTER TABLE ONLY desk.referrals
    ADD CONSTRAINT referrals_authority_id_fkey FOREIGN KEY (authority_id) REFERENCES desk.records(id);

ALTER TABLE ONLY desk.referrals
    ADD CONSTRAINT referrals_record_id_key_fkey FOREIGN KEY (record_id, key) REFERENCES desk.facts(record_id, key) ON DELETE CASCADE;

ALTER TABLE ONLY desk.renderings
    ADD CONSTRAINT renderings_kind_vocabulary_kind_fkey FOREIGN KEY (kind_vocabulary, kind) REFERENCES desk.vocabulary_terms(vocabulary, code);

ALTER TABLE ONLY desk.renderings
    ADD CONSTRAINT renderings_record_id_key_fkey FOREIGN KEY (record_id, key) REFERENCES desk.facts(record_id, key) ON DELETE CASCADE;

ALTER TABLE ONLY desk.review_checks
    ADD CONSTRAINT review_checks_account_id_fkey FOREIGN KEY (account_id) REFERENCES desk.accounts(id);

ALTER TABLE ONLY desk.review_checks
    ADD CONSTRAINT review_checks_bundle_id_fkey FOREIGN KEY (bundle_id) REFERENCES desk.bundles(id);

ALTER TABLE ONLY desk.reviews
    ADD CONSTRAINT reviews_record_id_fkey FOREIGN KEY (record_id) REFERENCES desk.records(id);

ALTER TABLE ONLY desk.reviews
    ADD CONSTRAINT reviews_requested_by_fkey FOREIGN KEY (requested_by) REFERENCES desk.accounts(id);

ALTER TABLE ONLY desk.reviews
    ADD CONSTRAINT reviews_reviewer_id_fkey FOREIGN KEY (reviewer_id) REFERENCES desk.accounts(id);

ALTER TABLE ONLY desk.revisions
    ADD CONSTRAINT revisions_record_id_version_fkey FOREIGN KEY (record_id, version) REFERENCES desk.changes(record_id, version);

ALTER TABLE ONLY desk.scheduled_publications
    ADD CONSTRAINT scheduled_publications_bundle_id_fkey FOREIGN KEY (bundle_id) REFERENCES desk.bundles(id);

ALTER TABLE ONLY desk.scheduled_publications
    ADD CONSTRAINT scheduled_publications_scheduled_by_fkey FOREIGN KEY (scheduled_by) REFERENCES desk.accounts(id);

ALTER TABLE ONLY desk.sessions
    ADD CONSTRAINT sessions_account_id_fkey FOREIGN KEY (account_id) REFERENCES desk.accounts(id);

ALTER TABLE ONLY desk.source_changes
    ADD CONSTRAINT source_changes_account_id_fkey FOREIGN KEY (account_id) REFERENCES desk.accounts(id);

ALTER TABLE ONLY desk.source_changes
    ADD CONSTRAINT source_changes_source_id_fkey FOREIGN KEY (source_id) REFERENCES desk.sources(id);

ALTER TABLE ONLY desk.source_directory
    ADD CONSTRAINT source_directory_source_id_fkey FOREIGN KEY (source_id) REFERENCES desk.sources(id) ON DELETE CASCADE;

ALTER TABLE ONLY desk.statement_principals
    ADD CONSTRAINT statement_principals_institution_id_fkey FOREIGN KEY (institution_id) REFERENCES desk.records(id);

ALTER TABLE ONLY desk.statement_principals
    ADD CONSTRAINT statement_principals_record_id_fkey FOREIGN KEY (record_id) REFERENCES desk.records(id) ON DELETE CASCADE;

ALTER TABLE ONLY desk.statement_relations
    ADD CONSTRAINT statement_relations_record_id_fkey FOREIGN KEY (record_id) REFERENCES desk.records(id) ON DELETE CASCADE;

ALTER TABLE ONLY desk.statement_relations
    ADD CONSTRAINT statement_relations_statement_id_fkey FOREIGN KEY (statement_id) REFERENCES desk.records(id);

ALTER TABLE ONLY desk.statements
    ADD CONSTRAINT statements_issuer_id_fkey FOREIGN KEY (issuer_id) REFERENCES desk.records(id);

ALTER TABLE ONLY desk.statements
    ADD CONSTRAINT statements_record_id_fkey FOREIGN KEY (record_id) REFERENCES desk.records(id) ON DELETE CASCADE;

ALTER TABLE ONLY desk.statements
    ADD CONSTRAINT statements_record_id_speaker_key_fkey FOREIGN KEY (record_id, speaker_key) REFERENCES desk.officials(record_id, key) ON DELETE SET NULL (speaker_key);

ALTER TABLE ONLY desk.submissions
    ADD CONSTRAINT submissions_account_id_fkey FOREIGN KEY (account_id) REFERENCES desk.accounts(id) ON DELETE CASCADE;

ALTER TABLE ONLY desk.system_names
    ADD CONSTRAINT system_names_record_id_key_fkey FOREIGN KEY (record_id, key) REFERENCES desk.targeted_systems(record_id, key) ON DELETE CASCADE;

ALTER TABLE ONLY desk.system_names
    ADD CONSTRAINT system_names_statement_id_claim_key_fkey FOREIGN KEY (statement_id, claim_key) REFERENCES desk.facts(record_id, key) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY desk.system_names
    ADD CONSTRAINT system_names_statement_id_fkey FOREIGN KEY (statement_id) REFERENCES desk.records(id);

ALTER TABLE ONLY desk.targeted_systems
    ADD CONSTRAINT targeted_systems_institution_id_fkey FOREIGN KEY (institution_id) REFERENCES desk.records(id);

ALTER TABLE ONLY desk.targeted_systems
    ADD CONSTRAINT targeted_systems_record_id_key_fkey FOREIGN KEY (record_id, key) REFERENCES desk.facts(record_id, key) ON DELETE CASCADE;

ALTER TABLE ONLY desk.token_requests
    ADD CONSTRAINT token_requests_token_id_fkey FOREIGN KEY (token_id) REFERENCES desk.tokens(id);

ALTER TABLE ONLY desk.tokens
    ADD CONSTRAINT tokens_account_id_fkey FOREIGN KEY (account_id) REFERENCES desk.accounts(id);

ALTER TABLE ONLY desk.tokens
    ADD CONSTRAINT tokens_revoked_by_fkey FOREIGN KEY (revoked_by) REFERENCES desk.accounts(id);

ALTER TABLE ONLY desk.totp_secrets
    ADD CONSTRAINT totp_secrets_account_id_fkey FOREIGN KEY (account_id) REFERENCES desk.accounts(id);

ALTER TABLE ONLY desk.worksheets
    ADD CONSTRAINT worksheets_account_id_fkey FOREIGN KEY (account_id) REFERENCES desk.accounts(id) ON DELETE CASCADE;

ALTER TABLE ONLY record.cited_sources
    ADD CONSTRAINT cited_sources_reference_fkey FOREIGN KEY (reference) REFERENCES record.heads(reference);

ALTER TABLE ONLY record.claims
    ADD CONSTRAINT claims_statement_reference_fkey FOREIGN KEY (statement_reference) REFERENCES record.statements(reference);

ALTER TABLE ONLY record.documents
    ADD CONSTRAINT documents_reference_fkey FOREIGN KEY (reference) REFERENCES record.heads(reference);

ALTER TABLE ONLY record.dump_parts
    ADD CONSTRAINT dump_parts_name_fkey FOREIGN KEY (name) REFERENCES record.dumps(name) ON DELETE CASCADE;

ALTER TABLE ONLY record.editions
    ADD CONSTRAINT editions_reference_number_fkey FOREIGN KEY (reference, number) REFERENCES desk.publications(reference, number);

ALTER TABLE ONLY record.heads
    ADD CONSTRAINT heads_merged_into_fkey FOREIGN KEY (merged_into) REFERENCES record.heads(reference);

ALTER TABLE ONLY record.heads
    ADD CONSTRAINT heads_reference_number_fkey FOREIGN KEY (reference, number) REFERENCES record.editions(reference, number);

ALTER TABLE ONLY record.incident_institutions
    ADD CONSTRAINT incident_institutions_incident_reference_fkey FOREIGN KEY (incident_reference) REFERENCES record.incidents(reference);

ALTER TABLE ONLY record.incident_institutions
    ADD CONSTRAINT incident_institutions_institution_reference_fkey FOREIGN KEY (institution_reference) REFERENCES record.institutions(reference);

ALTER TABLE ONLY record.incident_statements
    ADD CONSTRAINT incident_statements_incident_reference_fkey FOREIGN KEY (incident_reference) REFERENCES record.incidents(reference);

ALTER TABLE ONLY record.incident_statements
    ADD CONSTRAINT incident_statements_statement_reference_fkey FOREIGN KEY (statement_reference) REFERENCES record.statements(reference);

ALTER TABLE ONLY record.incidents
    ADD CONSTRAINT incidents_reference_fkey FOREIGN KEY (reference) REFERENCES record.heads(reference);

ALTER TABLE ONLY record.institutions
    ADD CONSTRAINT institutions_reference_fkey FOREIGN KEY (reference) REFERENCES record.heads(reference);

ALTER TABLE ONLY record.log_cosignatures
    ADD CONSTRAINT log_cosignatures_size_fkey FOREIGN KEY (size) REFERENCES record.log_checkpoints(size);

ALTER TABLE ONLY record.log_keys
    ADD CONSTRAINT log_keys_position_fkey FOREIGN KEY ("position") REFERENCES record.log_leaves("position") DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY record.log_leaves
    ADD CONSTRAINT log_leaves_reference_edition_fkey FOREIGN KEY (reference, edition) REFERENCES record.editions(reference, number);

ALTER TABLE ONLY record.log_openings
    ADD CONSTRAINT log_openings_position_fkey FOREIGN KEY ("position") REFERENCES record.log_leaves("position");

ALTER TABLE ONLY record.log_timestamps
    ADD CONSTRAINT log_timestamps_size_fkey FOREIGN KEY (size) REFERENCES record.log_checkpoints(size);

ALTER TABLE ONLY record.pins
    ADD CONSTRAINT pins_pinned_reference_pinned_number_fkey FOREIGN KEY (pinned_reference, pinned_number) REFERENCES record.editions(reference, number);

ALTER TABLE ONLY record.pins
    ADD CONSTRAINT pins_reference_number_fkey FOREIGN KEY (reference, number) REFERENCES record.editions(reference, number);

ALTER TABLE ONLY record.referral_parties
    ADD CONSTRAINT referral_parties_incident_reference_key_fkey FOREIGN KEY (incident_reference, key) REFERENCES record.referrals(incident_reference, key) ON DELETE CASCADE;

ALTER TABLE ONLY record.referral_parties
    ADD CONSTRAINT referral_parties_institution_reference_fkey FOREIGN KEY (institution_reference) REFERENCES record.institutions(reference);

ALTER TABLE ONLY record.referrals
    ADD CONSTRAINT referrals_authority_reference_fkey FOREIGN KEY (authority_reference) REFERENCES record.institutions(reference);

ALTER TABLE ONLY record.referrals
    ADD CONSTRAINT referrals_incident_reference_fkey FOREIGN KEY (incident_reference) REFERENCES record.incidents(reference);

ALTER TABLE ONLY record.search_newest
    ADD CONSTRAINT search_newest_reference_fkey FOREIGN KEY (reference) REFERENCES record.incidents(reference) ON DELETE CASCADE;

ALTER TABLE ONLY record.search_rows
    ADD CONSTRAINT search_rows_reference_fkey FOREIGN KEY (reference) REFERENCES record.heads(reference);

ALTER TABLE ONLY record.slugs
    ADD CONSTRAINT slugs_reference_fkey FOREIGN KEY (reference) REFERENCES record.heads(reference);

ALTER TABLE ONLY record.statement_relations
    ADD CONSTRAINT statement_relations_reference_fkey FOREIGN KEY (reference) REFERENCES record.heads(reference);

ALTER TABLE ONLY record.statements
    ADD CONSTRAINT statements_issuer_reference_fkey FOREIGN KEY (issuer_reference) REFERENCES record.institutions(reference);

ALTER TABLE ONLY record.statements
    ADD CONSTRAINT statements_reference_fkey FOREIGN KEY (reference) REFERENCES record.heads(reference);

ALTER TABLE ONLY record.tombstones
    ADD CONSTRAINT tombstones_reference_number_fkey FOREIGN KEY (reference, number) REFERENCES record.editions(reference, number);

GRANT USAGE ON SCHEMA desk TO sijil_desk;
GRANT USAGE ON SCHEMA desk TO sijil_takedown;

GRANT USAGE ON SCHEMA jobs TO sijil_desk;

GRANT USAGE ON SCHEMA record TO sijil_desk;
GRANT USAGE ON SCHEMA record TO sijil_public;
GRANT USAGE ON SCHEMA record TO sijil_takedown;

REVOKE ALL ON FUNCTION desk.approval_stands(record uuid, approved_version integer, reviewer uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION desk.approval_stands(record uuid, approved_version integer, reviewer uuid) TO sijil_desk;

REVOKE ALL ON FUNCTION desk.chain_audit() FROM PUBLIC;
GRANT ALL ON FUNCTION desk.chain_audit() TO sijil_desk;
GRANT ALL ON FUNCTION desk.chain_audit() TO sijil_takedown;

REVOKE ALL ON FUNCTION desk.erase_captures() FROM PUBLIC;

REVOKE ALL ON FUNCTION desk.erase_files(decision uuid, hashes text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION desk.erase_files(decision uuid, hashes text[]) TO sijil_takedown;

REVOKE ALL ON FUNCTION desk.erase_mails() FROM PUBLIC;
GRANT ALL ON FUNCTION desk.erase_mails() TO sijil_takedown;

REVOKE ALL ON FUNCTION desk.erase_origins() FROM PUBLIC;
GRANT ALL ON FUNCTION desk.erase_origins() TO sijil_takedown;

REVOKE ALL ON FUNCTION desk.erase_record(decision uuid, source_keys text[], documents text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION desk.erase_record(decision uuid, source_keys text[], documents text[]) TO sijil_takedown;

REVOKE ALL ON FUNCTION desk.erase_remarks() FROM PUBLIC;
GRANT ALL ON FUNCTION desk.erase_remarks() TO sijil_takedown;

REVOKE ALL ON FUNCTION desk.forget_files(before timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION desk.forget_files(before timestamp with time zone) TO sijil_desk;

REVOKE ALL ON FUNCTION desk.forget_source() FROM PUBLIC;
GRANT ALL ON FUNCTION desk.forget_source() TO sijil_desk;

REVOKE ALL ON FUNCTION desk.guard_bundle() FROM PUBLIC;
GRANT ALL ON FUNCTION desk.guard_bundle() TO sijil_desk;

REVOKE ALL ON FUNCTION desk.guard_bundle_record() FROM PUBLIC;
GRANT ALL ON FUNCTION desk.guard_bundle_record() TO sijil_desk;

REVOKE ALL ON FUNCTION desk.guard_change() FROM PUBLIC;
GRANT ALL ON FUNCTION desk.guard_change() TO sijil_desk;

REVOKE ALL ON FUNCTION desk.guard_content() FROM PUBLIC;
GRANT ALL ON FUNCTION desk.guard_content() TO sijil_desk;

REVOKE ALL ON FUNCTION desk.guard_decision() FROM PUBLIC;
GRANT ALL ON FUNCTION desk.guard_decision() TO sijil_desk;
GRANT ALL ON FUNCTION desk.guard_decision() TO sijil_takedown;

REVOKE ALL ON FUNCTION desk.guard_merged() FROM PUBLIC;
GRANT ALL ON FUNCTION desk.guard_merged() TO sijil_desk;
GRANT ALL ON FUNCTION desk.guard_merged() TO sijil_takedown;

REVOKE ALL ON FUNCTION desk.guard_publication() FROM PUBLIC;
GRANT ALL ON FUNCTION desk.guard_publication() TO sijil_desk;

REVOKE ALL ON FUNCTION desk.guard_publication_approval() FROM PUBLIC;
GRANT ALL ON FUNCTION desk.guard_publication_approval() TO sijil_desk;

REVOKE ALL ON FUNCTION desk.guard_record() FROM PUBLIC;
GRANT ALL ON FUNCTION desk.guard_record() TO sijil_desk;
GRANT ALL ON FUNCTION desk.guard_record() TO sijil_takedown;

REVOKE ALL ON FUNCTION desk.guard_review() FROM PUBLIC;
GRANT ALL ON FUNCTION desk.guard_review() TO sijil_desk;

REVOKE ALL ON FUNCTION desk.guard_revision() FROM PUBLIC;
GRANT ALL ON FUNCTION desk.guard_revision() TO sijil_desk;

REVOKE ALL ON FUNCTION desk.guard_schedule() FROM PUBLIC;
GRANT ALL ON FUNCTION desk.guard_schedule() TO sijil_desk;

REVOKE ALL ON FUNCTION desk.guard_source() FROM PUBLIC;
GRANT ALL ON FUNCTION desk.guard_source() TO sijil_desk;

REVOKE ALL ON FUNCTION desk.guard_version() FROM PUBLIC;
GRANT ALL ON FUNCTION desk.guard_version() TO sijil_desk;

REVOKE ALL ON FUNCTION desk.has_part(account uuid, record uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION desk.has_part(account uuid, record uuid) TO sijil_desk;

REVOKE ALL ON FUNCTION desk.idle_files(before timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION desk.is_decided_now(decided_kind text, record uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION desk.is_decided_now(decided_kind text, record uuid) TO sijil_desk;
GRANT ALL ON FUNCTION desk.is_decided_now(decided_kind text, record uuid) TO sijil_takedown;

REVOKE ALL ON FUNCTION desk.is_replaying() FROM PUBLIC;
GRANT ALL ON FUNCTION desk.is_replaying() TO sijil_desk;
GRANT ALL ON FUNCTION desk.is_replaying() TO sijil_takedown;

REVOKE ALL ON FUNCTION desk.is_restoring() FROM PUBLIC;
GRANT ALL ON FUNCTION desk.is_restoring() TO sijil_desk;
GRANT ALL ON FUNCTION desk.is_restoring() TO sijil_takedown;

REVOKE ALL ON FUNCTION desk.is_takedown_now() FROM PUBLIC;
GRANT ALL ON FUNCTION desk.is_takedown_now() TO sijil_desk;
GRANT ALL ON FUNCTION desk.is_takedown_now() TO sijil_takedown;

REVOKE ALL ON FUNCTION desk.is_text(value jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION desk.is_text(value jsonb) TO sijil_desk;
GRANT ALL ON FUNCTION desk.is_text(value jsonb) TO sijil_takedown;

REVOKE ALL ON FUNCTION desk.may_review(account uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION desk.may_review(account uuid) TO sijil_desk;

REVOKE ALL ON FUNCTION desk.refuse_change() FROM PUBLIC;
GRANT ALL ON FUNCTION desk.refuse_change() TO sijil_desk;
GRANT ALL ON FUNCTION desk.refuse_change() TO sijil_takedown;

REVOKE ALL ON FUNCTION desk.replay_takedown(decision uuid, record uuid, first integer, last integer, reason jsonb, proposed_by uuid, proposed_at timestamp with time zone, decided_by uuid, decided_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION desk.replay_takedown(decision uuid, record uuid, first integer, last integer, reason jsonb, proposed_by uuid, proposed_at timestamp with time zone, decided_by uuid, decided_at timestamp with time zone) TO sijil_takedown;

REVOKE ALL ON FUNCTION desk.void_bundles() FROM PUBLIC;
GRANT ALL ON FUNCTION desk.void_bundles() TO sijil_desk;

REVOKE ALL ON FUNCTION desk.void_of_account() FROM PUBLIC;
GRANT ALL ON FUNCTION desk.void_of_account() TO sijil_desk;

REVOKE ALL ON FUNCTION jobs.river_job_state_in_bitmask(bitmask bit, state jobs.river_job_state) FROM PUBLIC;
GRANT ALL ON FUNCTION jobs.river_job_state_in_bitmask(bitmask bit, state jobs.river_job_state) TO sijil_desk;

REVOKE ALL ON FUNCTION record.guard_dump() FROM PUBLIC;
GRANT ALL ON FUNCTION record.guard_dump() TO sijil_desk;
GRANT ALL ON FUNCTION record.guard_dump() TO sijil_takedown;

REVOKE ALL ON FUNCTION record.guard_edition() FROM PUBLIC;
GRANT ALL ON FUNCTION record.guard_edition() TO sijil_desk;
GRANT ALL ON FUNCTION record.guard_edition() TO sijil_takedown;

REVOKE ALL ON FUNCTION record.guard_head() FROM PUBLIC;
GRANT ALL ON FUNCTION record.guard_head() TO sijil_desk;
GRANT ALL ON FUNCTION record.guard_head() TO sijil_takedown;

REVOKE ALL ON FUNCTION record.guard_head_state() FROM PUBLIC;
GRANT ALL ON FUNCTION record.guard_head_state() TO sijil_desk;
GRANT ALL ON FUNCTION record.guard_head_state() TO sijil_takedown;

REVOKE ALL ON FUNCTION record.guard_log_checkpoint() FROM PUBLIC;
GRANT ALL ON FUNCTION record.guard_log_checkpoint() TO sijil_desk;

REVOKE ALL ON FUNCTION record.guard_log_leaves() FROM PUBLIC;
GRANT ALL ON FUNCTION record.guard_log_leaves() TO sijil_desk;
GRANT ALL ON FUNCTION record.guard_log_leaves() TO sijil_takedown;

REVOKE ALL ON FUNCTION record.guard_log_opening() FROM PUBLIC;
GRANT ALL ON FUNCTION record.guard_log_opening() TO sijil_desk;
GRANT ALL ON FUNCTION record.guard_log_opening() TO sijil_takedown;

REVOKE ALL ON FUNCTION record.guard_log_tile() FROM PUBLIC;
GRANT ALL ON FUNCTION record.guard_log_tile() TO sijil_desk;
GRANT ALL ON FUNCTION record.guard_log_tile() TO sijil_takedown;

REVOKE ALL ON FUNCTION record.guard_new_edition() FROM PUBLIC;
GRANT ALL ON FUNCTION record.guard_new_edition() TO sijil_desk;
GRANT ALL ON FUNCTION record.guard_new_edition() TO sijil_takedown;

REVOKE ALL ON FUNCTION record.guard_pin() FROM PUBLIC;
GRANT ALL ON FUNCTION record.guard_pin() TO sijil_desk;
GRANT ALL ON FUNCTION record.guard_pin() TO sijil_takedown;

REVOKE ALL ON FUNCTION record.guard_slug() FROM PUBLIC;
GRANT ALL ON FUNCTION record.guard_slug() TO sijil_desk;
GRANT ALL ON FUNCTION record.guard_slug() TO sijil_takedown;

REVOKE ALL ON FUNCTION record.guard_tombstone() FROM PUBLIC;
GRANT ALL ON FUNCTION record.guard_tombstone() TO sijil_takedown;

REVOKE ALL ON FUNCTION record.is_logged() FROM PUBLIC;
GRANT ALL ON FUNCTION record.is_logged() TO sijil_desk;
GRANT ALL ON FUNCTION record.is_logged() TO sijil_takedown;

REVOKE ALL ON FUNCTION record.is_ours(writer xid) FROM PUBLIC;
GRANT ALL ON FUNCTION record.is_ours(writer xid) TO sijil_desk;
GRANT ALL ON FUNCTION record.is_ours(writer xid) TO sijil_takedown;

REVOKE ALL ON FUNCTION record.keep_newest() FROM PUBLIC;

REVOKE ALL ON FUNCTION record.leaf_is_whole() FROM PUBLIC;
GRANT ALL ON FUNCTION record.leaf_is_whole() TO sijil_desk;
GRANT ALL ON FUNCTION record.leaf_is_whole() TO sijil_takedown;

REVOKE ALL ON FUNCTION record.let_dump_go() FROM PUBLIC;
GRANT ALL ON FUNCTION record.let_dump_go() TO sijil_desk;
GRANT ALL ON FUNCTION record.let_dump_go() TO sijil_takedown;

REVOKE ALL ON FUNCTION record.log_entry(type text, reference text, edition integer, logged_at timestamp with time zone, commitment text) FROM PUBLIC;
GRANT ALL ON FUNCTION record.log_entry(type text, reference text, edition integer, logged_at timestamp with time zone, commitment text) TO sijil_desk;
GRANT ALL ON FUNCTION record.log_entry(type text, reference text, edition integer, logged_at timestamp with time zone, commitment text) TO sijil_takedown;

REVOKE ALL ON FUNCTION record.log_tile_root(hashes bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION record.log_tile_root(hashes bytea) TO sijil_desk;
GRANT ALL ON FUNCTION record.log_tile_root(hashes bytea) TO sijil_takedown;

REVOKE ALL ON FUNCTION record.only_grows() FROM PUBLIC;
GRANT ALL ON FUNCTION record.only_grows() TO sijil_desk;
GRANT ALL ON FUNCTION record.only_grows() TO sijil_takedown;

REVOKE ALL ON FUNCTION record.outdate_dumps() FROM PUBLIC;
GRANT ALL ON FUNCTION record.outdate_dumps() TO sijil_desk;
GRANT ALL ON FUNCTION record.outdate_dumps() TO sijil_takedown;

REVOKE ALL ON FUNCTION record.refuse_change() FROM PUBLIC;
GRANT ALL ON FUNCTION record.refuse_change() TO sijil_desk;
GRANT ALL ON FUNCTION record.refuse_change() TO sijil_takedown;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.account_links TO sijil_desk;

GRANT SELECT,INSERT,UPDATE ON TABLE desk.accounts TO sijil_desk;

GRANT SELECT(id) ON TABLE desk.accounts TO sijil_takedown;

GRANT SELECT(name) ON TABLE desk.accounts TO sijil_takedown;

GRANT SELECT(role) ON TABLE desk.accounts TO sijil_takedown;

GRANT SELECT(deactivated_at) ON TABLE desk.accounts TO sijil_takedown;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.affected_institutions TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.answers TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.attempts TO sijil_desk;

GRANT SELECT,INSERT ON TABLE desk.audit TO sijil_desk;
GRANT INSERT ON TABLE desk.audit TO sijil_takedown;

GRANT SELECT ON TABLE desk.audit_head TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.backings TO sijil_desk;

GRANT SELECT,INSERT ON TABLE desk.bundle_records TO sijil_desk;

GRANT SELECT,INSERT,UPDATE ON TABLE desk.bundles TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.capture_hosts TO sijil_desk;

GRANT SELECT,INSERT,UPDATE ON TABLE desk.capture_targets TO sijil_desk;

GRANT SELECT,INSERT,UPDATE ON TABLE desk.captures TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.ceremonies TO sijil_desk;

GRANT SELECT,INSERT ON TABLE desk.changes TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.citations TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.claim_relations TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.claims TO sijil_desk;

GRANT SELECT,INSERT,UPDATE ON TABLE desk.comments TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.date_assertions TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.date_citations TO sijil_desk;

GRANT SELECT,INSERT,UPDATE ON TABLE desk.decisions TO sijil_desk;
GRANT SELECT ON TABLE desk.decisions TO sijil_takedown;

GRANT UPDATE(outcome) ON TABLE desk.decisions TO sijil_takedown;

GRANT UPDATE(decided_by) ON TABLE desk.decisions TO sijil_takedown;

GRANT UPDATE(decided_at) ON TABLE desk.decisions TO sijil_takedown;

GRANT UPDATE(answer) ON TABLE desk.decisions TO sijil_takedown;

GRANT UPDATE(pending_files) ON TABLE desk.decisions TO sijil_takedown;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.differences TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.directory TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.documents TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.event_relatings TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.events TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.exposures TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.fact_institutions TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.facts TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.figures TO sijil_desk;

GRANT SELECT,INSERT ON TABLE desk.file_texts TO sijil_desk;

GRANT SELECT,INSERT ON TABLE desk.files TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.import_files TO sijil_desk;

GRANT SELECT,INSERT ON TABLE desk.import_notes TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.import_runs TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.incident_relations TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.incident_statements TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.incidents TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.institution_links TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.institution_names TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.institutions TO sijil_desk;

GRANT SELECT,INSERT ON TABLE desk.kept_captures TO sijil_desk;

GRANT SELECT,DELETE ON TABLE desk.leaving_files TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.mails TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.measures TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.officials TO sijil_desk;

GRANT SELECT,INSERT ON TABLE desk.origins TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.passkeys TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.passwords TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.positions TO sijil_desk;

GRANT SELECT,INSERT ON TABLE desk.publications TO sijil_desk;
GRANT SELECT ON TABLE desk.publications TO sijil_takedown;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.quotes TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.readings TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.record_sources TO sijil_desk;

GRANT SELECT,INSERT,UPDATE ON TABLE desk.records TO sijil_desk;
GRANT SELECT ON TABLE desk.records TO sijil_takedown;

GRANT UPDATE(erased_version) ON TABLE desk.records TO sijil_takedown;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.recovery_codes TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.referral_steps TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.referrals TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.renderings TO sijil_desk;

GRANT SELECT,INSERT ON TABLE desk.review_checks TO sijil_desk;

GRANT SELECT,INSERT,UPDATE ON TABLE desk.reviews TO sijil_desk;

GRANT SELECT,INSERT ON TABLE desk.revisions TO sijil_desk;

GRANT SELECT,INSERT,UPDATE ON TABLE desk.scheduled_publications TO sijil_desk;

GRANT SELECT ON TABLE desk.schema_floor TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.sessions TO sijil_desk;

GRANT SELECT,UPDATE ON TABLE desk.settings TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.setup_code TO sijil_desk;

GRANT SELECT,INSERT ON TABLE desk.source_changes TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.source_directory TO sijil_desk;

GRANT SELECT,INSERT,UPDATE ON TABLE desk.sources TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.statement_principals TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.statement_relations TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.statements TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.submissions TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.system_names TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.targeted_systems TO sijil_desk;

GRANT SELECT,INSERT,DELETE ON TABLE desk.token_requests TO sijil_desk;

GRANT SELECT,INSERT ON TABLE desk.tokens TO sijil_desk;

GRANT UPDATE(last_used_at) ON TABLE desk.tokens TO sijil_desk;

GRANT UPDATE(revoked_at) ON TABLE desk.tokens TO sijil_desk;

GRANT UPDATE(revoked_by) ON TABLE desk.tokens TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.totp_secrets TO sijil_desk;

GRANT SELECT,INSERT,UPDATE ON TABLE desk.vocabulary_terms TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE desk.worksheets TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE jobs.river_job TO sijil_desk;

GRANT USAGE ON SEQUENCE jobs.river_job_id_seq TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE jobs.river_leader TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE jobs.river_notification TO sijil_desk;

GRANT USAGE ON SEQUENCE jobs.river_notification_id_seq TO sijil_desk;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE jobs.river_queue TO sijil_desk;

GRANT SELECT ON TABLE record.cited_sources TO sijil_public;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE record.cited_sources TO sijil_desk;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE record.cited_sources TO sijil_takedown;

GRANT SELECT ON TABLE record.claims TO sijil_public;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE record.claims TO sijil_desk;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE record.claims TO sijil_takedown;

GRANT SELECT ON TABLE record.documents TO sijil_public;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE record.documents TO sijil_desk;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE record.documents TO sijil_takedown;

GRANT SELECT ON TABLE record.dump_parts TO sijil_public;
GRANT SELECT,INSERT,DELETE ON TABLE record.dump_parts TO sijil_desk;
GRANT SELECT ON TABLE record.dump_parts TO sijil_takedown;

GRANT SELECT ON TABLE record.dumps TO sijil_public;
GRANT SELECT,INSERT,DELETE ON TABLE record.dumps TO sijil_desk;
GRANT SELECT ON TABLE record.dumps TO sijil_takedown;

GRANT SELECT ON TABLE record.editions TO sijil_public;
GRANT SELECT,INSERT ON TABLE record.editions TO sijil_desk;
GRANT SELECT ON TABLE record.editions TO sijil_takedown;

GRANT UPDATE(content) ON TABLE record.editions TO sijil_takedown;

GRANT UPDATE(salt) ON TABLE record.editions TO sijil_takedown;

GRANT UPDATE(reason) ON TABLE record.editions TO sijil_takedown;

GRANT SELECT ON TABLE record.generations TO sijil_public;
GRANT SELECT,UPDATE ON TABLE record.generations TO sijil_desk;
GRANT SELECT,UPDATE ON TABLE record.generations TO sijil_takedown;

GRANT SELECT ON TABLE record.heads TO sijil_public;
GRANT SELECT,INSERT,UPDATE ON TABLE record.heads TO sijil_desk;
GRANT SELECT,UPDATE ON TABLE record.heads TO sijil_takedown;

GRANT SELECT ON TABLE record.incident_institutions TO sijil_public;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE record.incident_institutions TO sijil_desk;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE record.incident_institutions TO sijil_takedown;

GRANT SELECT ON TABLE record.incident_statements TO sijil_public;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE record.incident_statements TO sijil_desk;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE record.incident_statements TO sijil_takedown;

GRANT SELECT ON TABLE record.incidents TO sijil_public;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE record.incidents TO sijil_desk;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE record.incidents TO sijil_takedown;

GRANT SELECT ON TABLE record.institutions TO sijil_public;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE record.institutions TO sijil_desk;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE record.institutions TO sijil_takedown;

GRANT SELECT ON TABLE record.log_checkpoints TO sijil_public;
GRANT SELECT,INSERT ON TABLE record.log_checkpoints TO sijil_desk;
GRANT SELECT ON TABLE record.log_checkpoints TO sijil_takedown;

GRANT SELECT ON TABLE record.log_cosignatures TO sijil_public;
GRANT SELECT,INSERT ON TABLE record.log_cosignatures TO sijil_desk;
GRANT SELECT ON TABLE record.log_cosignatures TO sijil_takedown;

GRANT SELECT ON TABLE record.log_keys TO sijil_public;
GRANT SELECT,INSERT ON TABLE record.log_keys TO sijil_desk;
GRANT SELECT ON TABLE record.log_keys TO sijil_takedown;

GRANT SELECT ON TABLE record.log_leaves TO sijil_public;
GRANT SELECT,INSERT ON TABLE record.log_leaves TO sijil_desk;
GRANT SELECT,INSERT ON TABLE record.log_leaves TO sijil_takedown;

GRANT SELECT ON TABLE record.log_openings TO sijil_public;
GRANT SELECT,INSERT ON TABLE record.log_openings TO sijil_desk;
GRANT SELECT,INSERT ON TABLE record.log_openings TO sijil_takedown;

GRANT UPDATE(salt) ON TABLE record.log_openings TO sijil_takedown;

GRANT UPDATE(content) ON TABLE record.log_openings TO sijil_takedown;

GRANT SELECT ON TABLE record.log_tiles TO sijil_public;
GRANT SELECT,INSERT ON TABLE record.log_tiles TO sijil_desk;
GRANT SELECT,INSERT ON TABLE record.log_tiles TO sijil_takedown;

GRANT UPDATE(hashes) ON TABLE record.log_tiles TO sijil_desk;
GRANT UPDATE(hashes) ON TABLE record.log_tiles TO sijil_takedown;

GRANT SELECT ON TABLE record.log_timestamps TO sijil_public;
GRANT SELECT,INSERT ON TABLE record.log_timestamps TO sijil_desk;
GRANT SELECT ON TABLE record.log_timestamps TO sijil_takedown;

GRANT SELECT ON TABLE record.pins TO sijil_public;
GRANT SELECT,INSERT ON TABLE record.pins TO sijil_desk;
GRANT SELECT ON TABLE record.pins TO sijil_takedown;

GRANT SELECT,INSERT,UPDATE ON TABLE record.reference_series TO sijil_desk;

GRANT SELECT ON TABLE record.referral_parties TO sijil_public;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE record.referral_parties TO sijil_desk;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE record.referral_parties TO sijil_takedown;

GRANT SELECT ON TABLE record.referrals TO sijil_public;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE record.referrals TO sijil_desk;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE record.referrals TO sijil_takedown;

GRANT SELECT ON TABLE record.search_newest TO sijil_public;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE record.search_newest TO sijil_desk;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE record.search_newest TO sijil_takedown;

GRANT SELECT ON TABLE record.search_newest_since TO sijil_public;
GRANT SELECT,INSERT,UPDATE ON TABLE record.search_newest_since TO sijil_desk;
GRANT SELECT ON TABLE record.search_newest_since TO sijil_takedown;

GRANT SELECT ON TABLE record.search_rows TO sijil_public;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE record.search_rows TO sijil_desk;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE record.search_rows TO sijil_takedown;

GRANT SELECT ON TABLE record.search_words TO sijil_public;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE record.search_words TO sijil_desk;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE record.search_words TO sijil_takedown;

GRANT SELECT ON TABLE record.slugs TO sijil_public;
GRANT SELECT,INSERT ON TABLE record.slugs TO sijil_desk;
GRANT SELECT ON TABLE record.slugs TO sijil_takedown;

GRANT SELECT ON TABLE record.statement_relations TO sijil_public;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE record.statement_relations TO sijil_desk;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE record.statement_relations TO sijil_takedown;

GRANT SELECT ON TABLE record.statements TO sijil_public;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE record.statements TO sijil_desk;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE record.statements TO sijil_takedown;

GRANT SELECT ON TABLE record.tombstones TO sijil_public;
GRANT SELECT ON TABLE record.tombstones TO sijil_desk;
GRANT SELECT,INSERT ON TABLE record.tombstones TO sijil_takedown;

GRANT SELECT ON TABLE record.vocabulary_terms TO sijil_public;
GRANT SELECT ON TABLE record.vocabulary_terms TO sijil_takedown;
GRANT SELECT,INSERT,UPDATE ON TABLE record.vocabulary_terms TO sijil_desk;
