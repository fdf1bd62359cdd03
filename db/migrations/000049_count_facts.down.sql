ALTER TABLE record.statements DROP COLUMN archived_facts, DROP COLUMN facts;
ALTER TABLE record.incidents DROP COLUMN archived_facts, DROP COLUMN facts;
