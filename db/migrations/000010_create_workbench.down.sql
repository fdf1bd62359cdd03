DROP TABLE desk.worksheets;
DROP INDEX desk.records_type_idx;
DROP TABLE desk.directory;
DROP TABLE desk.revisions;
DROP FUNCTION desk.guard_revision();
