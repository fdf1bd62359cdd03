DROP TABLE desk.vocabulary_terms;
DROP TABLE desk.accounts;
DROP FUNCTION desk.is_text(jsonb);
