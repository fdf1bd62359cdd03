-- The index on both columns does what this one did.
DROP INDEX CONCURRENTLY IF EXISTS record.cited_sources_key_idx;
