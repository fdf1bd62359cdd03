-- The words of the newest incidents of the list, a second time: a page of a search shows
-- the newest of what it finds, and here they stand together, in the order of the list,
-- each row with its words beside its day. So rows are long on purpose, and not moved out
-- of line: one that is read there costs twenty times as much.
CREATE TABLE record.search_newest (
    reference      text     PRIMARY KEY REFERENCES record.incidents (reference) ON DELETE CASCADE,
    occurred_order date     NOT NULL,
    words          tsvector NOT NULL
) WITH (toast_tuple_target = 8160);
CREATE INDEX search_newest_order_idx ON record.search_newest (occurred_order, reference);
-- What was added last is looked through by every search, until it is sorted in.
CREATE INDEX search_newest_words_idx ON record.search_newest USING gin (words) WITH (gin_pending_list_limit = 256);

-- From where on in the list all incidents stand in it. A register without the row has
-- none of them there yet: the program fills it in the background, from the newest on.
CREATE TABLE record.search_newest_since (
    one            boolean PRIMARY KEY DEFAULT true CHECK (one),
    occurred_order date    NOT NULL,
    reference      text    NOT NULL
);
COMMENT ON TABLE record.search_newest_since IS 'from -infinity on: it has all incidents';

-- A program that knows nothing of the table keeps it true as well, while nodes go over to
-- the new one.
CREATE FUNCTION record.keep_newest() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    DELETE FROM record.search_newest WHERE reference = NEW.reference;
    INSERT INTO record.search_newest (reference, occurred_order, words)
    SELECT i.reference, i.occurred_order, NEW.words || ''::tsvector -- a new value, which is not packed
    FROM record.incidents AS i, record.search_newest_since AS since
    WHERE i.reference = NEW.reference AND (i.occurred_order, i.reference) >= (since.occurred_order, since.reference);
    RETURN NULL;
END
$$;
-- At the end of the transaction: rows of many records are written table by table, and
-- their words may come before the incidents.
CREATE CONSTRAINT TRIGGER search_rows_newest AFTER INSERT OR UPDATE OF words ON record.search_rows
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.type = 'incident')
    EXECUTE FUNCTION record.keep_newest();

INSERT INTO record.search_newest_since (occurred_order, reference)
SELECT '-infinity', ''
WHERE NOT EXISTS (SELECT FROM record.incidents);

GRANT SELECT ON record.search_newest, record.search_newest_since TO sijil_public;
GRANT SELECT, INSERT, UPDATE, DELETE ON record.search_newest TO sijil_desk, sijil_takedown;
GRANT SELECT, INSERT, UPDATE ON record.search_newest_since TO sijil_desk;
GRANT SELECT ON record.search_newest_since TO sijil_takedown;
