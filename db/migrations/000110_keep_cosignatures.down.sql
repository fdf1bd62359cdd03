DROP TABLE record.log_cosignatures;
