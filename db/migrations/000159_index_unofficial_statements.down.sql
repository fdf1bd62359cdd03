DROP INDEX CONCURRENTLY IF EXISTS record.statements_unofficial_idx;
