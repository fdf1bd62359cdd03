-- Editions of all records are listed by when they were published.
CREATE INDEX CONCURRENTLY IF NOT EXISTS editions_published_idx ON record.editions (published_at, reference, number);
