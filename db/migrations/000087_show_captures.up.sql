-- A copy is private evidence, unless the rights to the source allow to show it.
ALTER TABLE desk.sources ADD COLUMN capture_open boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN desk.sources.capture_open IS 'its rights allow that readers are given the copy';
ALTER TABLE record.cited_sources ADD COLUMN open_warc text NOT NULL DEFAULT '';
COMMENT ON COLUMN record.cited_sources.open_warc IS 'the copy that readers are given; empty for none';
CREATE INDEX cited_sources_open_warc_idx ON record.cited_sources (open_warc) WHERE open_warc <> '';
