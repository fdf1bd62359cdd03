ALTER TABLE desk.settings DROP COLUMN recheck_days;
ALTER TABLE desk.captures DROP COLUMN warc_sha256, DROP COLUMN state, DROP COLUMN now_sha256, DROP COLUMN now_since;
