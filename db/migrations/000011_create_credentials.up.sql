-- How staff prove who they are. None of it is kept in a form that could be
-- used by somebody who reads the database: passwords are argon2id hashes,
-- tokens and recovery codes are SHA-256 hashes of random values, secrets of
-- one-time codes are encrypted with a key that is not here.

-- An account without a row here was invited and has not answered yet.
CREATE TABLE desk.passwords (
    account_id uuid        PRIMARY KEY REFERENCES desk.accounts (id),
    hash       text        NOT NULL CHECK (hash LIKE '$argon2id$%'),
    changed_at timestamptz NOT NULL
);

-- At most one secret that is in use and one that is being set up.
CREATE TABLE desk.totp_secrets (
    account_id uuid        NOT NULL REFERENCES desk.accounts (id),
    confirmed  boolean     NOT NULL,
    secret     bytea       NOT NULL,
    last_step  bigint      NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, confirmed)
);
COMMENT ON COLUMN desk.totp_secrets.secret IS 'AES-256-GCM under a key of the configuration, bound to the account';
COMMENT ON COLUMN desk.totp_secrets.last_step IS 'the last step of time whose code was taken: no code is taken twice';

CREATE TABLE desk.recovery_codes (
    account_id uuid        NOT NULL REFERENCES desk.accounts (id),
    code_hash  bytea       NOT NULL CHECK (octet_length(code_hash) = 32),
    used_at    timestamptz,
    PRIMARY KEY (account_id, code_hash)
);

CREATE TABLE desk.passkeys (
    id            uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id    uuid        NOT NULL REFERENCES desk.accounts (id),
    credential_id bytea       NOT NULL UNIQUE,
    credential    jsonb       NOT NULL,
    name          text        NOT NULL,
    created_at    timestamptz NOT NULL,
    used_at       timestamptz
);
CREATE INDEX passkeys_account_idx ON desk.passkeys (account_id);
COMMENT ON COLUMN desk.passkeys.credential IS 'public key, counter and flags, as go-webauthn keeps them';

-- A passkey's challenge between the question and the answer; taken once.
CREATE TABLE desk.ceremonies (
    token_hash bytea       PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    account_id uuid        REFERENCES desk.accounts (id),
    purpose    text        NOT NULL CHECK (purpose IN ('register', 'sign-in', 'second-factor', 'prove')),
    challenge  jsonb       NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX ceremonies_account_idx ON desk.ceremonies (account_id);
CREATE INDEX ceremonies_expires_idx ON desk.ceremonies (expires_at);
COMMENT ON COLUMN desk.ceremonies.account_id IS 'NULL for a sign-in, where the passkey says who it is';

-- A session carries the role with which it began: it is void as soon as the
-- account has another one, whoever changed it.
CREATE TABLE desk.sessions (
    id          uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    token_hash  bytea       NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    account_id  uuid        NOT NULL REFERENCES desk.accounts (id),
    role        text        NOT NULL,
    awaits_code boolean     NOT NULL,
    device      text        NOT NULL,
    network     text        NOT NULL,
    created_at  timestamptz NOT NULL,
    seen_at     timestamptz NOT NULL,
    proved_at   timestamptz NOT NULL
);
CREATE INDEX sessions_account_idx ON desk.sessions (account_id);
CREATE INDEX sessions_seen_idx ON desk.sessions (seen_at);
COMMENT ON COLUMN desk.sessions.awaits_code IS 'the password was right, the second factor is still asked for';
COMMENT ON COLUMN desk.sessions.proved_at IS 'when the person last gave a password, a code or a passkey';

CREATE TABLE desk.account_links (
    token_hash bytea       PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    account_id uuid        REFERENCES desk.accounts (id),
    purpose    text        NOT NULL CHECK (purpose IN ('invitation', 'reset', 'email')),
    email      text        CHECK (email = lower(email)),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz,
    CHECK ((purpose = 'email') = (email IS NOT NULL))
);
CREATE INDEX account_links_account_idx ON desk.account_links (account_id);
CREATE INDEX account_links_expires_idx ON desk.account_links (expires_at);
COMMENT ON COLUMN desk.account_links.account_id IS
    'NULL where a reset was asked for an address that has no account: the same work is done for both';

-- Attempts to prove something, by what they count against. The bucket names an
-- account by the hash of what was typed, so that it says nothing about whether
-- there is one.
CREATE TABLE desk.attempts (
    id     bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    bucket text        NOT NULL,
    at     timestamptz NOT NULL
);
CREATE INDEX attempts_bucket_idx ON desk.attempts (bucket, at);
CREATE INDEX attempts_at_idx ON desk.attempts (at);

-- The code with which the first admin is made, as long as there is none.
CREATE TABLE desk.setup_code (
    one        boolean     PRIMARY KEY DEFAULT true CHECK (one),
    code_hash  bytea       NOT NULL CHECK (octet_length(code_hash) = 32),
    created_at timestamptz NOT NULL
);

GRANT SELECT, INSERT, UPDATE, DELETE ON
    desk.passwords, desk.totp_secrets, desk.recovery_codes, desk.passkeys, desk.ceremonies, desk.sessions,
    desk.account_links, desk.attempts, desk.setup_code
    TO sijil_desk;
