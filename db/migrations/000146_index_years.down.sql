DROP INDEX CONCURRENTLY IF EXISTS record.incidents_year_occurred_idx;
