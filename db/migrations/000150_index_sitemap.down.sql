DROP INDEX CONCURRENTLY IF EXISTS record.heads_thousand_idx;
