-- What readers are told of a capture: hashes, times and what became of the page.
ALTER TABLE desk.captures
    ADD COLUMN warc_sha256 text NOT NULL DEFAULT '' CHECK (warc_sha256 ~ '^([0-9a-f]{64})?$'),
    ADD COLUMN state       text NOT NULL DEFAULT '' CHECK (state IN ('', 'gone', 'moved', 'changed')),
    ADD COLUMN now_sha256  text NOT NULL DEFAULT '' CHECK (now_sha256 ~ '^([0-9a-f]{64})?$'),
    ADD COLUMN now_since   text NOT NULL DEFAULT '';
COMMENT ON COLUMN desk.captures.warc_sha256 IS 'of the file that holds it with its requests; empty for what was attached';
COMMENT ON COLUMN desk.captures.now_sha256 IS 'of what the page says now, where that is something else';
COMMENT ON COLUMN desk.captures.now_since IS 'the day, EDTF, on which that was found';

ALTER TABLE desk.settings
    ADD COLUMN recheck_days integer NOT NULL DEFAULT 14 CHECK (recheck_days BETWEEN 1 AND 365);
COMMENT ON COLUMN desk.settings.recheck_days IS 'after how many days an address is looked at again; longer for what stays as it is';
