-- What a time-stamping authority said of checkpoints: that they were there at a
-- time (RFC 3161). As cosignatures they come after the checkpoint, or never.
CREATE TABLE record.log_timestamps (
    size       bigint      PRIMARY KEY REFERENCES record.log_checkpoints (size),
    authority  text        NOT NULL CHECK (authority <> ''),
    stamped_at timestamptz NOT NULL,
    reply      bytea       NOT NULL CHECK (length(reply) BETWEEN 1 AND 65536)
);
COMMENT ON COLUMN record.log_timestamps.authority IS 'as the certificate of the authority names it';
COMMENT ON COLUMN record.log_timestamps.stamped_at IS 'by the clock of the authority';
COMMENT ON COLUMN record.log_timestamps.reply IS 'TimeStampResp over the signed note of the checkpoint, without cosignatures';

CREATE TRIGGER log_timestamps_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON record.log_timestamps
    FOR EACH STATEMENT EXECUTE FUNCTION record.refuse_change();

GRANT SELECT ON record.log_timestamps TO sijil_public, sijil_desk, sijil_takedown;
GRANT INSERT ON record.log_timestamps TO sijil_desk;
