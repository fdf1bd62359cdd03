DROP INDEX IF EXISTS desk.directory_names_idx;
