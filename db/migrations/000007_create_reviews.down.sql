DROP TRIGGER changes_append_only ON desk.changes;
DROP TRIGGER records_guard ON desk.records;
DROP FUNCTION desk.guard_record();
-- The function takes its triggers on the tables of content along.
DROP FUNCTION desk.guard_content() CASCADE;
DROP TABLE desk.audit;
DROP TABLE desk.publications;
DROP TABLE desk.reviews;
DROP FUNCTION desk.refuse_change();
DROP FUNCTION desk.chain_audit();
DROP FUNCTION desk.guard_publication();
DROP FUNCTION desk.guard_review();
