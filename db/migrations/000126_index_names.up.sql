-- Imports ask for many institutions at once by what they are called.
CREATE INDEX CONCURRENTLY IF NOT EXISTS directory_names_idx ON desk.directory USING gin (string_to_array(folded, E'\n')) WHERE type = 'institution';
