-- The list of the sitemap's files goes from one thousand of references to the next, over
-- those that are shown: without this one it counts all records.
CREATE INDEX CONCURRENTLY IF NOT EXISTS heads_thousand_idx ON record.heads (left(reference, -3)) WHERE state = 'published';
