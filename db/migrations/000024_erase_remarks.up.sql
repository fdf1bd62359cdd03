-- What people wrote when they sent a record to review, returned it, or gave it
-- a time, is taken down with it; that they did stays.
DROP TRIGGER bundles_guard ON desk.bundles;
CREATE TRIGGER bundles_guard BEFORE INSERT OR UPDATE ON desk.bundles
    FOR EACH ROW WHEN (NOT desk.is_takedown_now()) EXECUTE FUNCTION desk.guard_bundle();
DROP TRIGGER scheduled_publications_guard ON desk.scheduled_publications;
CREATE TRIGGER scheduled_publications_guard BEFORE INSERT OR UPDATE ON desk.scheduled_publications
    FOR EACH ROW WHEN (NOT desk.is_takedown_now()) EXECUTE FUNCTION desk.guard_schedule();

CREATE FUNCTION desk.erase_remarks() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE desk.bundles AS b SET note = '', reason = CASE outcome WHEN 'returned' THEN '—' ELSE '' END
    WHERE EXISTS (SELECT FROM desk.bundle_records AS m WHERE m.bundle_id = b.id AND m.record_id = NEW.record_id);
    UPDATE desk.scheduled_publications AS s SET reason = '{"fr": "—"}', failure = ''
    WHERE EXISTS (SELECT FROM desk.bundle_records AS m WHERE m.bundle_id = s.bundle_id AND m.record_id = NEW.record_id);
    RETURN NULL;
END
$$;
CREATE TRIGGER decisions_erase_remarks AFTER UPDATE OF outcome ON desk.decisions
    FOR EACH ROW WHEN (NEW.kind = 'takedown' AND NEW.outcome = 'confirmed' AND OLD.outcome IS NULL)
    EXECUTE FUNCTION desk.erase_remarks();
GRANT EXECUTE ON FUNCTION desk.erase_remarks() TO sijil_takedown;
