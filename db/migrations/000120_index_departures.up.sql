-- Feeds say, too, which records are shown no more.
CREATE INDEX CONCURRENTLY IF NOT EXISTS heads_departed_idx ON record.heads (changed_at, reference) WHERE state <> 'published';
