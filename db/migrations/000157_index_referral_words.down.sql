DROP INDEX CONCURRENTLY IF EXISTS record.search_rows_referrals_idx;
