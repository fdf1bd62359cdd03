DROP INDEX IF EXISTS record.heads_changed_idx;
