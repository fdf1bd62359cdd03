DROP TRIGGER search_rows_newest ON record.search_rows;
DROP FUNCTION record.keep_newest();
DROP TABLE record.search_newest_since;
DROP TABLE record.search_newest;
