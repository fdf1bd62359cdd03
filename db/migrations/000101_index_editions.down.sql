DROP INDEX IF EXISTS record.editions_published_idx;
