-- One narrow row for each thing that can be found: incidents, statements, their
-- claims, institutions, referrals. Its words are folded in the program and have
-- their positions and weights; its texts are for the excerpts of what is shown.
CREATE TABLE record.search_rows (
    type      text     NOT NULL,
    reference text     NOT NULL REFERENCES record.heads (reference),
    key       text     NOT NULL,
    words     tsvector NOT NULL,
    texts     jsonb    NOT NULL,
    PRIMARY KEY (type, reference, key)
);
COMMENT ON COLUMN record.search_rows.key IS 'of a claim or a referral in its record; else empty';
CREATE INDEX search_rows_reference_idx ON record.search_rows (reference);
CREATE INDEX search_rows_incidents_idx ON record.search_rows USING gin (words) WHERE type = 'incident';
CREATE INDEX search_rows_others_idx ON record.search_rows USING gin (words) WHERE type <> 'incident';

-- The words of incidents, with the number of incidents that have each: by it a
-- search chooses its way, and by trigrams it finds the word that was meant.
CREATE TABLE record.search_words (
    word      text    PRIMARY KEY,
    documents integer NOT NULL,
    trigrams  text[]  NOT NULL
);
CREATE INDEX search_words_beginning_idx ON record.search_words (word text_pattern_ops);
CREATE INDEX search_words_trigrams_idx ON record.search_words USING gin (trigrams);
CREATE INDEX search_words_unused_idx ON record.search_words (word) WHERE documents <= 0;

GRANT SELECT ON record.search_rows, record.search_words TO sijil_public;
GRANT SELECT, INSERT, UPDATE, DELETE ON record.search_rows, record.search_words TO sijil_desk, sijil_takedown;

DROP TABLE record.search_documents;
