-- The index of the years in the order of their lists does what this one did.
DROP INDEX CONCURRENTLY IF EXISTS record.incidents_year_idx;
