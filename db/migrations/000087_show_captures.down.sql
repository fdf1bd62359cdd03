ALTER TABLE record.cited_sources DROP COLUMN open_warc;
ALTER TABLE desk.sources DROP COLUMN capture_open;
