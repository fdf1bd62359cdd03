-- As the index of what is not official.
CREATE INDEX CONCURRENTLY IF NOT EXISTS statements_unseen_idx
    ON record.statements (said_order DESC, reference DESC) WHERE original_not_seen;
