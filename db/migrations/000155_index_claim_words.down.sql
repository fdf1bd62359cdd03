DROP INDEX CONCURRENTLY IF EXISTS record.search_rows_claims_idx;
