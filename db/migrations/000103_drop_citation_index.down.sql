CREATE INDEX IF NOT EXISTS cited_sources_key_idx ON record.cited_sources (source_key);
