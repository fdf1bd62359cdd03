-- The register of referrals counts by all of these at once: from this index alone, which is
-- small, since few of its values differ. The rows hold texts, and were read six times.
CREATE INDEX CONCURRENTLY IF NOT EXISTS referrals_counts_idx
    ON record.referrals (kind, step, level, authority_reference, is_confirmed, stepped_order);
