-- A record is an incident, a statement or an institution, as it is worked on.
-- Its identifier is random and never leaves the desk; the public reference is
-- given at the first publication.
CREATE TABLE desk.records (
    id                uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    type              text        NOT NULL CHECK (type IN ('incident', 'statement', 'institution')),
    slug              text        NOT NULL CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(slug) <= 120),
    reference         text        UNIQUE,
    language          text        NOT NULL CHECK (language ~ '^[a-z]{2,3}$'),
    version           integer     NOT NULL DEFAULT 1 CHECK (version > 0),
    state             text        NOT NULL DEFAULT 'draft'
                                  CHECK (state IN ('draft', 'in-review', 'approved', 'published', 'discarded')),
    published_version integer     CHECK (published_version <= version),
    assigned_to       uuid        REFERENCES desk.accounts (id),
    created_by        uuid        NOT NULL REFERENCES desk.accounts (id),
    created_at        timestamptz NOT NULL DEFAULT now(),
    updated_at        timestamptz NOT NULL DEFAULT now(),
    UNIQUE (type, slug),
    UNIQUE (id, type)
);
COMMENT ON COLUMN desk.records.version IS 'grows with every change; the optimistic lock of the editors';
CREATE INDEX records_state_idx ON desk.records (state, updated_at DESC);
CREATE INDEX records_assigned_to_idx ON desk.records (assigned_to);
CREATE INDEX records_created_by_idx ON desk.records (created_by);

-- Who changed what version: append-only. It is what "nobody approves what he
-- changed" is judged by.
CREATE TABLE desk.changes (
    record_id  uuid        NOT NULL REFERENCES desk.records (id),
    version    integer     NOT NULL,
    account_id uuid        NOT NULL REFERENCES desk.accounts (id),
    changed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (record_id, version)
);
CREATE INDEX changes_account_idx ON desk.changes (account_id, changed_at DESC);

CREATE TABLE desk.comments (
    id         uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    record_id  uuid        NOT NULL REFERENCES desk.records (id),
    account_id uuid        NOT NULL REFERENCES desk.accounts (id),
    body       text        NOT NULL CHECK (body <> ''),
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX comments_record_idx ON desk.comments (record_id, created_at);
CREATE INDEX comments_account_idx ON desk.comments (account_id);

-- Sources are shared by all records; what was saved of one is a capture.
CREATE TABLE desk.sources (
    id              uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    key             text        NOT NULL UNIQUE CHECK (key ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    kind            text        NOT NULL,
    publisher       text        NOT NULL CHECK (publisher <> ''),
    title           text        NOT NULL DEFAULT '',
    author          text        NOT NULL DEFAULT '',
    url             text        UNIQUE CHECK (url ~ '^https?://'),
    url_withheld    boolean     NOT NULL DEFAULT false,
    language        text        NOT NULL DEFAULT '',
    published       text        NOT NULL DEFAULT '',
    published_basis text        NOT NULL DEFAULT '',
    accessed        text        NOT NULL DEFAULT '',
    gist            jsonb       NOT NULL DEFAULT '{}' CHECK (desk.is_text(gist)),
    created_at      timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN desk.sources.url_withheld IS 'the address names a private person: it stays at the desk';
COMMENT ON COLUMN desk.sources.published IS 'EDTF; empty: not stated';

CREATE TABLE desk.captures (
    id            uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    source_id     uuid        NOT NULL REFERENCES desk.sources (id),
    sha256        text        NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    size          bigint      NOT NULL CHECK (size >= 0),
    media_type    text        NOT NULL,
    captured      text        NOT NULL DEFAULT '',
    http_status   integer,
    last_check    text        NOT NULL DEFAULT '',
    changed_since boolean     NOT NULL DEFAULT false,
    created_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX captures_source_idx ON desk.captures (source_id, created_at DESC);

-- Who changed which source: a source that a record cites is a part of it, so
-- that nobody approves a record whose source he changed.
CREATE TABLE desk.source_changes (
    id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source_id  uuid        NOT NULL REFERENCES desk.sources (id),
    account_id uuid        NOT NULL REFERENCES desk.accounts (id),
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX source_changes_source_idx ON desk.source_changes (source_id, changed_at);
CREATE INDEX source_changes_account_idx ON desk.source_changes (account_id);

-- All sources that a record cites, wherever in it.
CREATE TABLE desk.record_sources (
    record_id uuid NOT NULL REFERENCES desk.records (id) ON DELETE CASCADE,
    source_id uuid NOT NULL REFERENCES desk.sources (id),
    PRIMARY KEY (record_id, source_id)
);
CREATE INDEX record_sources_source_idx ON desk.record_sources (source_id);

-- A fact is every part of a record that can be dated, sourced, cited and
-- linked to. Its key is stable over editions: it is the fragment of a
-- permalink. The fact 'record' stands for the record itself.
CREATE TABLE desk.facts (
    record_id uuid    NOT NULL REFERENCES desk.records (id) ON DELETE CASCADE,
    key       text    NOT NULL CHECK (key ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(key) <= 80),
    kind      text    NOT NULL,
    position  integer NOT NULL,
    PRIMARY KEY (record_id, key)
);

CREATE TABLE desk.citations (
    record_id uuid    NOT NULL,
    key       text    NOT NULL,
    source_id uuid    NOT NULL REFERENCES desk.sources (id),
    position  integer NOT NULL,
    PRIMARY KEY (record_id, key, source_id),
    FOREIGN KEY (record_id, key) REFERENCES desk.facts (record_id, key) ON DELETE CASCADE
);
CREATE INDEX citations_source_idx ON desk.citations (source_id);

-- The statements, and the claims in them, on which a fact rests.
CREATE TABLE desk.backings (
    record_id    uuid    NOT NULL,
    key          text    NOT NULL,
    position     integer NOT NULL,
    statement_id uuid    NOT NULL REFERENCES desk.records (id),
    claim_key    text,
    PRIMARY KEY (record_id, key, position),
    FOREIGN KEY (record_id, key) REFERENCES desk.facts (record_id, key) ON DELETE CASCADE,
    FOREIGN KEY (statement_id, claim_key) REFERENCES desk.facts (record_id, key)
        DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX backings_statement_idx ON desk.backings (statement_id, claim_key);

-- Every date is an assertion. Several may disagree: at most one is preferred,
-- and then for a reason.
CREATE TABLE desk.date_assertions (
    record_id        uuid    NOT NULL,
    key              text    NOT NULL,
    position         integer NOT NULL,
    edtf             text    NOT NULL,
    earliest         timestamptz,
    latest           timestamptz,
    wording          jsonb   NOT NULL DEFAULT '{}' CHECK (desk.is_text(wording)),
    basis_vocabulary text    NOT NULL GENERATED ALWAYS AS ('date-basis') STORED,
    basis            text    NOT NULL,
    is_preferred     boolean NOT NULL DEFAULT false,
    reason           jsonb   NOT NULL DEFAULT '{}' CHECK (desk.is_text(reason)),
    PRIMARY KEY (record_id, key, position),
    FOREIGN KEY (record_id, key) REFERENCES desk.facts (record_id, key) ON DELETE CASCADE,
    FOREIGN KEY (basis_vocabulary, basis) REFERENCES desk.vocabulary_terms (vocabulary, code),
    CHECK (edtf <> '' OR wording <> '{}'),
    CHECK (earliest <= latest)
);
CREATE UNIQUE INDEX date_assertions_preferred_idx ON desk.date_assertions (record_id, key) WHERE is_preferred;

CREATE TABLE desk.date_citations (
    record_id uuid    NOT NULL,
    key       text    NOT NULL,
    position  integer NOT NULL,
    source_id uuid    NOT NULL REFERENCES desk.sources (id),
    rank      integer NOT NULL,
    PRIMARY KEY (record_id, key, position, source_id),
    FOREIGN KEY (record_id, key, position)
        REFERENCES desk.date_assertions (record_id, key, position) ON DELETE CASCADE
);
CREATE INDEX date_citations_source_idx ON desk.date_citations (source_id);

GRANT SELECT, INSERT, UPDATE ON desk.records, desk.comments, desk.sources, desk.captures TO sijil_desk;
GRANT SELECT, INSERT ON desk.changes, desk.source_changes TO sijil_desk;
GRANT SELECT, INSERT, UPDATE, DELETE
    ON desk.record_sources, desk.facts, desk.citations, desk.backings, desk.date_assertions, desk.date_citations TO sijil_desk;
