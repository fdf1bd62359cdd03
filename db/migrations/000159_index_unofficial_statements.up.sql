-- Few statements are not official, and few have an original that nobody has seen: where
-- none is, all were read to find that out.
CREATE INDEX CONCURRENTLY IF NOT EXISTS statements_unofficial_idx
    ON record.statements (said_order DESC, reference DESC) WHERE NOT is_official;
