DROP INDEX CONCURRENTLY IF EXISTS record.search_rows_institutions_idx;
