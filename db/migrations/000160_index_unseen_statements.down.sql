DROP INDEX CONCURRENTLY IF EXISTS record.statements_unseen_idx;
