DROP TRIGGER decisions_erase_remarks ON desk.decisions;
DROP FUNCTION desk.erase_remarks();
DROP TRIGGER scheduled_publications_guard ON desk.scheduled_publications;
CREATE TRIGGER scheduled_publications_guard BEFORE INSERT OR UPDATE ON desk.scheduled_publications
    FOR EACH ROW EXECUTE FUNCTION desk.guard_schedule();
DROP TRIGGER bundles_guard ON desk.bundles;
CREATE TRIGGER bundles_guard BEFORE INSERT OR UPDATE ON desk.bundles
    FOR EACH ROW EXECUTE FUNCTION desk.guard_bundle();
