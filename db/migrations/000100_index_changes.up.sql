-- What has changed since a moment is read in the order of the changes, each
-- type of record by itself.
CREATE INDEX CONCURRENTLY IF NOT EXISTS heads_changed_idx ON record.heads (type, changed_at, reference);
