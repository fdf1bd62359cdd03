CREATE TABLE record.search_documents (
    reference text     PRIMARY KEY REFERENCES record.incidents (reference),
    words     tsvector NOT NULL
);
CREATE INDEX search_documents_words_idx ON record.search_documents USING gin (words);
GRANT SELECT ON record.search_documents TO sijil_public;
GRANT SELECT, INSERT, UPDATE, DELETE ON record.search_documents TO sijil_desk, sijil_takedown;
INSERT INTO record.search_documents (reference, words)
SELECT reference, strip(words) FROM record.search_rows WHERE type = 'incident';

DROP TABLE record.search_words;
DROP TABLE record.search_rows;
