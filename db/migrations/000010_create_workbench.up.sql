-- What the people at the desk work with besides the records themselves.

-- The content of every version of a record, as it was saved: what differences
-- are shown against, and what two people's changes are merged over.
CREATE TABLE desk.revisions (
    record_id uuid    NOT NULL,
    version   integer NOT NULL,
    content   jsonb   NOT NULL,
    PRIMARY KEY (record_id, version),
    FOREIGN KEY (record_id, version) REFERENCES desk.changes (record_id, version)
);
COMMENT ON COLUMN desk.revisions.content IS 'the noun as JSON; references are identifiers of the desk';

-- A version is kept once, in the transaction that makes it, and stays as it is.
CREATE FUNCTION desk.guard_revision() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'a version of a record stays as it was saved'
        USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER revisions_guard BEFORE UPDATE ON desk.revisions
    FOR EACH ROW EXECUTE FUNCTION desk.guard_revision();
CREATE TRIGGER revisions_keep BEFORE TRUNCATE ON desk.revisions
    FOR EACH STATEMENT EXECUTE FUNCTION desk.refuse_change();

-- What lists, pickers and the search for duplicates read of a record. It
-- follows from the record's content and is written with it.
CREATE TABLE desk.directory (
    record_id     uuid   PRIMARY KEY REFERENCES desk.records (id) ON DELETE CASCADE,
    type          text   NOT NULL,
    title         jsonb  NOT NULL CHECK (desk.is_text(title)),
    folded        text   NOT NULL,
    institutions  uuid[] NOT NULL DEFAULT '{}',
    occurred      text   NOT NULL DEFAULT '',
    occurred_from date,
    occurred_to   date,
    FOREIGN KEY (record_id, type) REFERENCES desk.records (id, type)
);
COMMENT ON COLUMN desk.directory.folded IS 'all titles or names, folded for search: accents, hamza, alef';
COMMENT ON COLUMN desk.directory.institutions IS 'those that an incident affects, or the issuer of a statement';
COMMENT ON COLUMN desk.directory.occurred IS 'EDTF; empty: not stated';
COMMENT ON COLUMN desk.directory.occurred_from IS 'the first day that it can mean; null with occurred_to: open';
CREATE INDEX directory_institutions_idx ON desk.directory USING gin (institutions);
CREATE INDEX records_type_idx ON desk.records (type, updated_at DESC, id DESC);

-- What somebody has typed into a form and not saved yet, so that nothing is
-- lost when a session ends or a tab is closed. One for each form of a person.
CREATE TABLE desk.worksheets (
    account_id uuid        NOT NULL REFERENCES desk.accounts (id) ON DELETE CASCADE,
    place      text        NOT NULL CHECK (place LIKE '/desk/%' AND length(place) <= 300),
    form       jsonb       NOT NULL CHECK (jsonb_typeof(form) = 'object'),
    saved_at   timestamptz NOT NULL,
    PRIMARY KEY (account_id, place)
);
COMMENT ON COLUMN desk.worksheets.place IS 'path of the form after the language';
COMMENT ON COLUMN desk.worksheets.form IS 'names of fields → lists of values, as the form sends them';

GRANT EXECUTE ON FUNCTION desk.guard_revision() TO sijil_desk;
GRANT SELECT, INSERT ON desk.revisions TO sijil_desk;
GRANT SELECT, INSERT, UPDATE, DELETE ON desk.directory, desk.worksheets TO sijil_desk;
