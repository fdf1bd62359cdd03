REVOKE SELECT ON desk.decisions, desk.records, desk.publications FROM sijil_takedown;
REVOKE SELECT (id, name, role, deactivated_at) ON desk.accounts FROM sijil_takedown;
REVOKE UPDATE (outcome, decided_by, decided_at, answer, pending_files) ON desk.decisions FROM sijil_takedown;
REVOKE UPDATE (erased_version) ON desk.records FROM sijil_takedown;
REVOKE INSERT ON desk.audit FROM sijil_takedown;
REVOKE UPDATE (reason) ON record.editions FROM sijil_takedown;
REVOKE EXECUTE ON FUNCTION desk.is_text(jsonb), record.is_ours(xid), desk.is_decided_now(text, uuid),
    desk.guard_decision(), desk.guard_merged(), desk.guard_record(), record.guard_head_state(), desk.chain_audit() FROM sijil_takedown;
REVOKE USAGE ON SCHEMA desk FROM sijil_takedown;
DROP FUNCTION desk.erase_record(uuid, text[], text[]);
DROP TRIGGER tombstones_guard ON record.tombstones;
DROP FUNCTION record.guard_tombstone();
CREATE OR REPLACE FUNCTION record.guard_edition() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'UPDATE'
       AND NEW.content IS NULL AND NEW.salt IS NULL
       AND (to_jsonb(NEW) - 'content' - 'salt') = (to_jsonb(OLD) - 'content' - 'salt')
       AND pg_has_role(current_user, 'sijil_takedown', 'USAGE')
       AND EXISTS (SELECT FROM record.tombstones AS t WHERE t.reference = OLD.reference AND t.number = OLD.number)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'an edition is immutable' USING ERRCODE = 'insufficient_privilege';
END
$$;
DROP TRIGGER reviews_guard ON desk.reviews;
CREATE TRIGGER reviews_guard BEFORE INSERT OR UPDATE ON desk.reviews
    FOR EACH ROW EXECUTE FUNCTION desk.guard_review();
CREATE OR REPLACE FUNCTION desk.guard_content() RETURNS trigger
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
DROP FUNCTION desk.is_takedown_now();
