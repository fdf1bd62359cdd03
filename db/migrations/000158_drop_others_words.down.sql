CREATE INDEX CONCURRENTLY IF NOT EXISTS search_rows_others_idx ON record.search_rows USING gin (words) WHERE type <> 'incident';
