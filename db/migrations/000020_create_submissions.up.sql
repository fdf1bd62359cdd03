-- A form that is sent twice does its work once. Each form carries a random
-- word; the one who brings it first with the same fields does the work, and
-- who comes after is shown what came of it.
CREATE TABLE desk.submissions (
    account_id uuid        NOT NULL REFERENCES desk.accounts (id) ON DELETE CASCADE,
    once       text        NOT NULL CHECK (length(once) BETWEEN 10 AND 64),
    sha256     bytea       NOT NULL CHECK (length(sha256) = 32),
    result     text,
    sent_at    timestamptz NOT NULL,
    PRIMARY KEY (account_id, once, sha256)
);
COMMENT ON COLUMN desk.submissions.sha256 IS 'of the fields: a form that was changed and sent again is another one';
COMMENT ON COLUMN desk.submissions.result IS 'address to which it led; null while it is being worked on';
CREATE INDEX submissions_sent_idx ON desk.submissions (sent_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON desk.submissions TO sijil_desk;
