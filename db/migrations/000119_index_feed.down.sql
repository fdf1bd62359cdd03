DROP INDEX IF EXISTS record.editions_feed_idx;
