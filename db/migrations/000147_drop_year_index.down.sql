CREATE INDEX CONCURRENTLY IF NOT EXISTS incidents_year_idx ON record.incidents (occurred_year);
