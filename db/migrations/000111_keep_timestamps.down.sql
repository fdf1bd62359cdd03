DROP TABLE record.log_timestamps;
