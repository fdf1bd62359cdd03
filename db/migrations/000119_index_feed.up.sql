-- Feeds show the editions in which a record itself changed, the newest first: a
-- first edition, one that corrects (the canonical JSON says so at its beginning,
-- after the role of the author), or one that was taken down.
CREATE INDEX CONCURRENTLY IF NOT EXISTS editions_feed_idx ON record.editions (published_at, reference, number)
    WHERE number = 1 OR content IS NULL OR position('\x22636f7272656374696f6e223a'::bytea IN substring(content FROM 1 FOR 100)) > 0;
