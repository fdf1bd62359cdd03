-- As the index of statements' words.
CREATE INDEX CONCURRENTLY IF NOT EXISTS search_rows_claims_idx ON record.search_rows USING gin (words) WHERE type = 'claim';
