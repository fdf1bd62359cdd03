-- How many facts a record holds, and of how many at least one source was saved:
-- statistics add them up. Null for what was published before they were counted.
ALTER TABLE record.incidents ADD COLUMN facts integer, ADD COLUMN archived_facts integer;
ALTER TABLE record.statements ADD COLUMN facts integer, ADD COLUMN archived_facts integer;
