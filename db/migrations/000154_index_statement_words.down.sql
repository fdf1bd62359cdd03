DROP INDEX CONCURRENTLY IF EXISTS record.search_rows_statements_idx;
