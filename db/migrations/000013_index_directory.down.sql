DROP INDEX desk.publications_recorded_idx;
DROP INDEX desk.sources_created_idx;
DROP TABLE desk.source_directory;
DROP INDEX desk.directory_incident_words_idx, desk.directory_statement_words_idx, desk.directory_institution_words_idx,
    desk.directory_acronyms_idx, desk.directory_waits_idx, desk.directory_unseen_idx;
ALTER TABLE desk.directory
    DROP COLUMN short,
    DROP COLUMN acronyms,
    DROP COLUMN share,
    DROP COLUMN waits_since,
    DROP COLUMN original_not_seen;
COMMENT ON COLUMN desk.directory.folded IS 'all titles or names, folded for search: accents, hamza, alef';
DROP EXTENSION pg_trgm;
