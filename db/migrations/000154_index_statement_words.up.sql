-- What is found besides incidents is counted, and listed, by its kind: with one index for all
-- kinds, a common word was counted up to some thousand rows of any, and the kinds that
-- came later in the table were missing.
CREATE INDEX CONCURRENTLY IF NOT EXISTS search_rows_statements_idx ON record.search_rows USING gin (words) WHERE type = 'statement';
