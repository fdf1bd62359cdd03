DROP INDEX IF EXISTS record.cited_sources_source_idx;
