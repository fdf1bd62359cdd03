-- What witnesses signed of checkpoints: that they saw no other log under the
-- name, and that it only grew. The cosignatures of a checkpoint come after it,
-- or never.
CREATE TABLE record.log_cosignatures (
    size      bigint      NOT NULL REFERENCES record.log_checkpoints (size),
    witness   text        NOT NULL CHECK (witness ~ '^[^+[:space:]]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+=*$'),
    signed_at timestamptz NOT NULL,
    line      text        NOT NULL,
    PRIMARY KEY (size, witness),
    CHECK (line ~ '^— [^+[:space:]]+ [A-Za-z0-9+/]+=*\n$'),
    CHECK (starts_with(line, '— ' || split_part(witness, '+', 1) || ' '))
);
COMMENT ON COLUMN record.log_cosignatures.witness IS 'verifier key of the witness';
COMMENT ON COLUMN record.log_cosignatures.signed_at IS 'by the clock of the witness';
COMMENT ON COLUMN record.log_cosignatures.line IS 'as it stands under the signed note of the checkpoint, with its end';
CREATE INDEX log_cosignatures_witness_idx ON record.log_cosignatures (witness, size DESC);

CREATE TRIGGER log_cosignatures_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON record.log_cosignatures
    FOR EACH STATEMENT EXECUTE FUNCTION record.refuse_change();

GRANT SELECT ON record.log_cosignatures TO sijil_public, sijil_desk, sijil_takedown;
GRANT INSERT ON record.log_cosignatures TO sijil_desk;
