CREATE TABLE desk.statements (
    record_id         uuid    PRIMARY KEY REFERENCES desk.records (id) ON DELETE CASCADE,
    title             jsonb   NOT NULL CHECK (desk.is_text(title)),
    summary           jsonb   NOT NULL CHECK (desk.is_text(summary)),
    kind              text    NOT NULL,
    is_official       boolean NOT NULL,
    issuer_id         uuid    REFERENCES desk.records (id),
    issuer_name       jsonb   NOT NULL DEFAULT '{}' CHECK (desk.is_text(issuer_name)),
    speaker_key       text,
    occasion          jsonb   NOT NULL DEFAULT '{}' CHECK (desk.is_text(occasion)),
    channel           jsonb   NOT NULL DEFAULT '{}' CHECK (desk.is_text(channel)),
    original_language text    NOT NULL DEFAULT '',
    original_text     text    NOT NULL DEFAULT '',
    original_not_seen boolean NOT NULL DEFAULT false,
    FOREIGN KEY (record_id, speaker_key) REFERENCES desk.officials (record_id, key) ON DELETE SET NULL (speaker_key),
    CHECK (NOT (original_not_seen AND original_text <> ''))
);
COMMENT ON COLUMN desk.statements.speaker_key IS 'the official who spoke, as a fact of this statement';
CREATE INDEX statements_issuer_idx ON desk.statements (issuer_id);

CREATE TABLE desk.statement_principals (
    record_id      uuid    NOT NULL REFERENCES desk.records (id) ON DELETE CASCADE,
    position       integer NOT NULL,
    institution_id uuid    NOT NULL REFERENCES desk.records (id),
    PRIMARY KEY (record_id, position)
);
COMMENT ON TABLE desk.statement_principals IS 'on behalf of whom a statement was made';
CREATE INDEX statement_principals_institution_idx ON desk.statement_principals (institution_id);

CREATE TABLE desk.renderings (
    record_id       uuid    NOT NULL,
    key             text    NOT NULL,
    language        text    NOT NULL,
    kind_vocabulary text    NOT NULL GENERATED ALWAYS AS ('rendering') STORED,
    kind            text    NOT NULL,
    publisher       text    NOT NULL,
    words           text    NOT NULL DEFAULT '',
    is_full_text    boolean NOT NULL DEFAULT false,
    note            jsonb   NOT NULL DEFAULT '{}' CHECK (desk.is_text(note)),
    PRIMARY KEY (record_id, key),
    FOREIGN KEY (record_id, key) REFERENCES desk.facts (record_id, key) ON DELETE CASCADE,
    FOREIGN KEY (kind_vocabulary, kind) REFERENCES desk.vocabulary_terms (vocabulary, code)
);

CREATE TABLE desk.claims (
    record_id               uuid    NOT NULL,
    key                     text    NOT NULL,
    topic_vocabulary        text    NOT NULL GENERATED ALWAYS AS ('claim-topic') STORED,
    topic                   text    NOT NULL,
    paraphrase              jsonb   NOT NULL CHECK (desk.is_text(paraphrase)),
    value                   bigint,
    bound                   text    NOT NULL DEFAULT '' CHECK (bound IN ('', 'about', 'over', 'under')),
    unit                    text    NOT NULL DEFAULT '',
    quantifier              text    NOT NULL CHECK (quantifier IN ('all', 'most', 'some', 'few', 'none', 'unstated')),
    modality                text    NOT NULL CHECK (modality IN ('asserts', 'denies', 'alleges', 'promises')),
    is_on_timeline          boolean NOT NULL DEFAULT false,
    is_second_hand          boolean NOT NULL DEFAULT false,
    reported_by             jsonb   NOT NULL DEFAULT '{}' CHECK (desk.is_text(reported_by)),
    reported_statement_id   uuid    REFERENCES desk.records (id),
    reported_claim_key      text,
    PRIMARY KEY (record_id, key),
    FOREIGN KEY (record_id, key) REFERENCES desk.facts (record_id, key) ON DELETE CASCADE,
    FOREIGN KEY (topic_vocabulary, topic) REFERENCES desk.vocabulary_terms (vocabulary, code),
    FOREIGN KEY (reported_statement_id, reported_claim_key) REFERENCES desk.facts (record_id, key)
        DEFERRABLE INITIALLY DEFERRED,
    CHECK (is_second_hand OR reported_statement_id IS NULL)
);
COMMENT ON COLUMN desk.claims.is_second_hand IS 'the speaker says that somebody else says it';
CREATE INDEX claims_reported_idx ON desk.claims (reported_statement_id, reported_claim_key);

CREATE TABLE desk.quotes (
    record_id      uuid    NOT NULL,
    key            text    NOT NULL,
    position       integer NOT NULL,
    language       text    NOT NULL,
    words          text    NOT NULL CHECK (words <> ''),
    rendering_key  text,
    place          text    NOT NULL DEFAULT '',
    is_indirect    boolean NOT NULL DEFAULT false,
    is_translation boolean NOT NULL DEFAULT false,
    PRIMARY KEY (record_id, key, position),
    FOREIGN KEY (record_id, key) REFERENCES desk.claims (record_id, key) ON DELETE CASCADE,
    FOREIGN KEY (record_id, rendering_key) REFERENCES desk.renderings (record_id, key) ON DELETE CASCADE
);
COMMENT ON COLUMN desk.quotes.place IS 'paragraph such as F3, or a range of characters such as 120-161 in the confirmed text';

-- How a claim stands to an earlier one, of this or of another statement.
CREATE TABLE desk.claim_relations (
    record_id       uuid    NOT NULL,
    key             text    NOT NULL,
    position        integer NOT NULL,
    kind_vocabulary text    NOT NULL GENERATED ALWAYS AS ('claim-relation') STORED,
    kind            text    NOT NULL,
    to_statement_id uuid    NOT NULL,
    to_claim_key    text    NOT NULL,
    note            jsonb   NOT NULL DEFAULT '{}' CHECK (desk.is_text(note)),
    PRIMARY KEY (record_id, key, position),
    FOREIGN KEY (record_id, key) REFERENCES desk.claims (record_id, key) ON DELETE CASCADE,
    FOREIGN KEY (to_statement_id, to_claim_key) REFERENCES desk.facts (record_id, key)
        DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (kind_vocabulary, kind) REFERENCES desk.vocabulary_terms (vocabulary, code),
    CHECK ((record_id, key) <> (to_statement_id, to_claim_key))
);
CREATE INDEX claim_relations_to_idx ON desk.claim_relations (to_statement_id, to_claim_key);

CREATE TABLE desk.differences (
    record_id      uuid   NOT NULL,
    key            text   NOT NULL,
    rendering_keys text[] NOT NULL,
    claim_keys     text[] NOT NULL DEFAULT '{}',
    note           jsonb  NOT NULL CHECK (desk.is_text(note)),
    PRIMARY KEY (record_id, key),
    FOREIGN KEY (record_id, key) REFERENCES desk.facts (record_id, key) ON DELETE CASCADE
);
COMMENT ON TABLE desk.differences IS 'recorded differences between the renderings of one statement';

CREATE TABLE desk.readings (
    record_id     uuid    NOT NULL,
    key           text    NOT NULL,
    position      integer NOT NULL,
    rendering_key text    NOT NULL,
    language      text    NOT NULL,
    words         text    NOT NULL,
    is_indirect   boolean NOT NULL DEFAULT false,
    PRIMARY KEY (record_id, key, position),
    FOREIGN KEY (record_id, key) REFERENCES desk.differences (record_id, key) ON DELETE CASCADE,
    FOREIGN KEY (record_id, rendering_key) REFERENCES desk.renderings (record_id, key) ON DELETE CASCADE
);

CREATE TABLE desk.documents (
    record_id      uuid   NOT NULL,
    key            text   NOT NULL,
    name           text   NOT NULL,
    media_type     text   NOT NULL,
    sha256         text   NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    size           bigint NOT NULL CHECK (size >= 0),
    extracted_text text   NOT NULL DEFAULT '',
    language       text   NOT NULL DEFAULT '',
    PRIMARY KEY (record_id, key),
    FOREIGN KEY (record_id, key) REFERENCES desk.facts (record_id, key) ON DELETE CASCADE
);
COMMENT ON COLUMN desk.documents.extracted_text IS 'as confirmed by a person; empty until then';
CREATE INDEX documents_sha256_idx ON desk.documents (sha256);

CREATE TABLE desk.statement_relations (
    record_id    uuid    NOT NULL REFERENCES desk.records (id) ON DELETE CASCADE,
    position     integer NOT NULL,
    kind         text    NOT NULL CHECK (kind IN ('version-of', 'amends', 'withdraws', 'replies-to')),
    statement_id uuid    NOT NULL REFERENCES desk.records (id),
    note         jsonb   NOT NULL DEFAULT '{}' CHECK (desk.is_text(note)),
    PRIMARY KEY (record_id, position),
    CHECK (record_id <> statement_id)
);
CREATE INDEX statement_relations_statement_idx ON desk.statement_relations (statement_id);

GRANT SELECT, INSERT, UPDATE, DELETE
    ON desk.statements, desk.statement_principals, desk.renderings, desk.claims, desk.quotes,
       desk.claim_relations, desk.differences, desk.readings, desk.documents, desk.statement_relations
    TO sijil_desk;
