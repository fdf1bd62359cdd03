-- Tokens with which programs of staff work at the desk, in the name of an account
-- and with no more than its rights. The token itself is shown once and kept
-- nowhere; rows stay after its end, for the audit.
CREATE TABLE desk.tokens (
    id           uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id   uuid        NOT NULL REFERENCES desk.accounts (id),
    token_hash   bytea       NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    name         text        NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    scopes       text[]      NOT NULL CHECK (cardinality(scopes) > 0 AND scopes <@ ARRAY['drafts:read', 'drafts:write', 'drafts:send']),
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL CHECK (expires_at > created_at),
    last_used_at timestamptz,
    revoked_at   timestamptz,
    revoked_by   uuid        REFERENCES desk.accounts (id),
    CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
);
CREATE INDEX tokens_account_idx ON desk.tokens (account_id);
CREATE INDEX tokens_revoked_by_idx ON desk.tokens (revoked_by);

-- What came of a request that names itself (Idempotency-Key), written in the
-- transaction of its work: brought again, it is answered the same and does
-- nothing. No word of a draft is in it.
CREATE TABLE desk.token_requests (
    token_id   uuid        NOT NULL REFERENCES desk.tokens (id),
    key        text        NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    sha256     bytea       NOT NULL CHECK (octet_length(sha256) = 32),
    status     integer     NOT NULL CHECK (status BETWEEN 200 AND 299),
    record_id  uuid        NOT NULL,
    version    integer     NOT NULL,
    answer     text        NOT NULL,
    done_at    timestamptz NOT NULL,
    PRIMARY KEY (token_id, key)
);
CREATE INDEX token_requests_done_idx ON desk.token_requests (done_at);
COMMENT ON COLUMN desk.token_requests.sha256 IS 'of method, address, version and body: another request under the same key is refused';

GRANT SELECT, INSERT ON desk.tokens TO sijil_desk;
GRANT UPDATE (last_used_at, revoked_at, revoked_by) ON desk.tokens TO sijil_desk;
GRANT SELECT, INSERT, DELETE ON desk.token_requests TO sijil_desk;
