-- Each kind has an index of its own now.
DROP INDEX CONCURRENTLY IF EXISTS record.search_rows_others_idx;
