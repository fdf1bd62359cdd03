-- Projections: what lists, search and counts read. They follow from the
-- current editions alone and can be made again from them at any time.
CREATE TABLE record.incidents (
    reference           text        PRIMARY KEY REFERENCES record.heads (reference),
    slug                text        NOT NULL,
    number              integer     NOT NULL,
    title               jsonb       NOT NULL,
    summary             jsonb       NOT NULL,
    country             text        NOT NULL,
    kinds               text[]      NOT NULL,
    kind_classes        text[]      NOT NULL,
    standing            text        NOT NULL,
    occurred            text        NOT NULL,
    occurred_disputed   boolean     NOT NULL,
    occurred_order      date        NOT NULL,
    occurred_year       integer,
    institutions        jsonb       NOT NULL,
    institution_slugs   text[]      NOT NULL,
    sectors             text[]      NOT NULL,
    entries             jsonb       NOT NULL,
    first_statement_min integer,
    first_statement_max integer,
    referral_step       text        NOT NULL,
    referral_level      text        NOT NULL,
    referral_date       text        NOT NULL,
    published_at        timestamptz NOT NULL
);
COMMENT ON COLUMN record.incidents.occurred IS 'EDTF of the first public trace; empty: not stated';
COMMENT ON COLUMN record.incidents.occurred_order IS 'the last day that it can mean; -infinity: not stated';
COMMENT ON COLUMN record.incidents.first_statement_min IS 'days; null with first_statement_max: not stated';
CREATE INDEX incidents_occurred_idx ON record.incidents (occurred_order DESC, reference DESC);
CREATE INDEX incidents_published_idx ON record.incidents (published_at DESC, reference DESC);
CREATE INDEX incidents_institutions_idx ON record.incidents USING gin (institution_slugs);
CREATE INDEX incidents_kinds_idx ON record.incidents USING gin (kinds);
CREATE INDEX incidents_kind_classes_idx ON record.incidents USING gin (kind_classes);
CREATE INDEX incidents_sectors_idx ON record.incidents USING gin (sectors);
CREATE INDEX incidents_year_idx ON record.incidents (occurred_year);
CREATE INDEX incidents_standing_idx ON record.incidents (standing);
CREATE INDEX incidents_referral_idx ON record.incidents (referral_step);

CREATE TABLE record.institutions (
    reference    text        PRIMARY KEY REFERENCES record.heads (reference),
    slug         text        NOT NULL,
    number       integer     NOT NULL,
    kind         text        NOT NULL,
    sector       text        NOT NULL,
    country      text        NOT NULL,
    name         jsonb       NOT NULL,
    short        jsonb       NOT NULL,
    published_at timestamptz NOT NULL
);

CREATE TABLE record.statements (
    reference         text        PRIMARY KEY REFERENCES record.heads (reference),
    slug              text        NOT NULL,
    number            integer     NOT NULL,
    title             jsonb       NOT NULL,
    summary           jsonb       NOT NULL,
    kind              text        NOT NULL,
    is_official       boolean     NOT NULL,
    said              text        NOT NULL,
    said_disputed     boolean     NOT NULL,
    said_order        date        NOT NULL,
    issuer_reference  text        REFERENCES record.institutions (reference),
    issuer_name       jsonb       NOT NULL,
    original_not_seen boolean     NOT NULL,
    languages         text[]      NOT NULL,
    published_at      timestamptz NOT NULL
);
CREATE INDEX statements_said_idx ON record.statements (said_order DESC, reference DESC);
CREATE INDEX statements_issuer_idx ON record.statements (issuer_reference);

CREATE TABLE record.incident_institutions (
    incident_reference    text   NOT NULL REFERENCES record.incidents (reference),
    institution_reference text   NOT NULL REFERENCES record.institutions (reference),
    position              integer NOT NULL,
    roles                 text[] NOT NULL,
    PRIMARY KEY (incident_reference, institution_reference)
);
CREATE INDEX incident_institutions_institution_idx ON record.incident_institutions (institution_reference);

CREATE TABLE record.incident_statements (
    incident_reference  text    NOT NULL REFERENCES record.incidents (reference),
    statement_reference text    NOT NULL REFERENCES record.statements (reference),
    position            integer NOT NULL,
    PRIMARY KEY (incident_reference, statement_reference)
);
CREATE INDEX incident_statements_statement_idx ON record.incident_statements (statement_reference);

CREATE TABLE record.claims (
    statement_reference text NOT NULL REFERENCES record.statements (reference),
    key                 text NOT NULL,
    topic               text NOT NULL,
    paraphrase          jsonb NOT NULL,
    modality            text NOT NULL,
    PRIMARY KEY (statement_reference, key)
);
CREATE INDEX claims_topic_idx ON record.claims (topic);

CREATE TABLE record.referrals (
    incident_reference  text    NOT NULL REFERENCES record.incidents (reference),
    key                 text    NOT NULL,
    anchor              text    NOT NULL,
    kind                text    NOT NULL,
    title               jsonb   NOT NULL,
    by_name             jsonb   NOT NULL,
    authority_reference text    REFERENCES record.institutions (reference),
    to_name             jsonb   NOT NULL,
    step                text    NOT NULL,
    level               text    NOT NULL,
    is_confirmed        boolean NOT NULL,
    stepped             text    NOT NULL,
    stepped_order       date    NOT NULL,
    PRIMARY KEY (incident_reference, key)
);
COMMENT ON COLUMN record.referrals.step IS 'the latest step of the chain; level and stepped are its own';
CREATE INDEX referrals_authority_idx ON record.referrals (authority_reference);
CREATE INDEX referrals_stepped_idx ON record.referrals (stepped_order);

CREATE TABLE record.referral_parties (
    incident_reference    text    NOT NULL,
    key                   text    NOT NULL,
    institution_reference text    NOT NULL REFERENCES record.institutions (reference),
    position              integer NOT NULL,
    PRIMARY KEY (incident_reference, key, institution_reference),
    FOREIGN KEY (incident_reference, key) REFERENCES record.referrals (incident_reference, key) ON DELETE CASCADE
);
CREATE INDEX referral_parties_institution_idx ON record.referral_parties (institution_reference);

CREATE TABLE record.cited_sources (
    reference  text    NOT NULL REFERENCES record.heads (reference),
    source_key text    NOT NULL,
    is_archived boolean NOT NULL,
    PRIMARY KEY (reference, source_key)
);
CREATE INDEX cited_sources_key_idx ON record.cited_sources (source_key);

-- One narrow row for each incident: its texts, statements, claims and
-- institutions in all languages, folded in the program (letters without
-- accents, Arabic letter forms made one), so that the index needs no language.
CREATE TABLE record.search_documents (
    reference text     PRIMARY KEY REFERENCES record.incidents (reference),
    words     tsvector NOT NULL
);
CREATE INDEX search_documents_words_idx ON record.search_documents USING gin (words);

GRANT SELECT ON
    record.incidents, record.institutions, record.statements, record.incident_institutions,
    record.incident_statements, record.claims, record.referrals, record.referral_parties,
    record.cited_sources, record.search_documents
    TO sijil_public;
GRANT SELECT, INSERT, UPDATE, DELETE ON
    record.incidents, record.institutions, record.statements, record.incident_institutions,
    record.incident_statements, record.claims, record.referrals, record.referral_parties,
    record.cited_sources, record.search_documents
    TO sijil_desk, sijil_takedown;
