-- A source that a whole import cites has a hundred thousand rows: the list of
-- sources steps over them, and takes the latest few.
CREATE INDEX CONCURRENTLY IF NOT EXISTS cited_sources_source_idx ON record.cited_sources (source_key, reference);
