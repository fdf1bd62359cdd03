-- The outbox: mails are written in the transaction that is their reason, and a
-- job sends them. In the demonstration nothing is sent: they are read here.
CREATE TABLE desk.mails (
    id         uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id uuid        REFERENCES desk.accounts (id),
    kind       text        NOT NULL CHECK (kind <> ''),
    address    text        NOT NULL CHECK (address LIKE '%_@_%'),
    name       text        NOT NULL,
    language   text        NOT NULL CHECK (language ~ '^[a-z]{2,3}$'),
    content    jsonb       NOT NULL,
    state      text        NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'kept', 'failed')),
    failure    text        NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    closed_at  timestamptz,
    CHECK ((state = 'waiting') = (closed_at IS NULL))
);
COMMENT ON COLUMN desk.mails.content IS 'what the mail is made of; its secret link is taken out once it was sent';
COMMENT ON COLUMN desk.mails.state IS 'kept: not sent, because this server sends no mail';
CREATE INDEX mails_created_idx ON desk.mails (created_at DESC, id DESC);
CREATE INDEX mails_account_idx ON desk.mails (account_id, kind, created_at DESC);

GRANT SELECT, INSERT, UPDATE, DELETE ON desk.mails TO sijil_desk;
