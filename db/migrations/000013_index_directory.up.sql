-- Pickers, lists and the search for duplicates over the directory.

-- Similar titles are found by trigrams. The extension is a trusted one: the
-- owner of the database may create it. It stands in schema desk, where the
-- public role has no right.
CREATE EXTENSION pg_trgm WITH SCHEMA desk;

-- Entries follow from the records' contents; they are written again, with what
-- is added here, when the program starts.
DELETE FROM desk.directory;

ALTER TABLE desk.directory
    ADD COLUMN short             jsonb    NOT NULL DEFAULT '{}' CHECK (desk.is_text(short)),
    ADD COLUMN acronyms          text[]   NOT NULL DEFAULT '{}',
    ADD COLUMN share             smallint NOT NULL DEFAULT 0 CHECK (share BETWEEN 0 AND 100),
    ADD COLUMN waits_since       date,
    ADD COLUMN original_not_seen boolean  NOT NULL DEFAULT false;
COMMENT ON COLUMN desk.directory.folded IS 'all titles or names, folded, each on a line of its own; every word begins after a space';
COMMENT ON COLUMN desk.directory.short IS 'what an institution is called in running text';
COMMENT ON COLUMN desk.directory.acronyms IS 'of an institution, folded';
COMMENT ON COLUMN desk.directory.share IS 'how complete the record is, in per cent';
COMMENT ON COLUMN desk.directory.waits_since IS 'the last day of the last step of a referral that nobody confirmed';

-- One index for each type: a picker of institutions does not read incidents.
CREATE INDEX directory_incident_words_idx ON desk.directory USING gin (folded desk.gin_trgm_ops) WHERE type = 'incident';
CREATE INDEX directory_statement_words_idx ON desk.directory USING gin (folded desk.gin_trgm_ops) WHERE type = 'statement';
CREATE INDEX directory_institution_words_idx ON desk.directory USING gin (folded desk.gin_trgm_ops) WHERE type = 'institution';
CREATE INDEX directory_acronyms_idx ON desk.directory USING gin (acronyms) WHERE type = 'institution';
CREATE INDEX directory_waits_idx ON desk.directory (waits_since) WHERE waits_since IS NOT NULL;
CREATE INDEX directory_unseen_idx ON desk.directory (record_id) WHERE original_not_seen;

-- The same of sources, which are no records.
CREATE TABLE desk.source_directory (
    source_id uuid PRIMARY KEY REFERENCES desk.sources (id) ON DELETE CASCADE,
    folded    text NOT NULL
);
COMMENT ON COLUMN desk.source_directory.folded IS 'key, publisher, title and address, folded as in the directory';
CREATE INDEX source_directory_words_idx ON desk.source_directory USING gin (folded desk.gin_trgm_ops);
CREATE INDEX sources_created_idx ON desk.sources (created_at DESC, id DESC);

CREATE INDEX publications_recorded_idx ON desk.publications (recorded_at DESC);

GRANT EXECUTE ON FUNCTION
    desk.strict_word_similarity(text, text), desk.strict_word_similarity_commutator_op(text, text) TO sijil_desk;
GRANT SELECT, INSERT, UPDATE, DELETE ON desk.source_directory TO sijil_desk;
