DROP INDEX CONCURRENTLY IF EXISTS record.referrals_counts_idx;
