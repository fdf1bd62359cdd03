DROP INDEX IF EXISTS record.heads_departed_idx;
