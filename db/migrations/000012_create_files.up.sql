-- Files that staff attached. What a file is, was found out when it came in and
-- never changes; its content lies in the store of files, under its hash.
CREATE TABLE desk.files (
    sha256            text        PRIMARY KEY CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    size              bigint      NOT NULL CHECK (size > 0),
    media_type        text        NOT NULL,
    name              text        NOT NULL,
    pages             integer     NOT NULL CHECK (pages >= 0),
    is_scanned        boolean     NOT NULL,
    warnings          text[]      NOT NULL DEFAULT '{}',
    extracted_pages   text[]      NOT NULL DEFAULT '{}',
    extraction_method text        NOT NULL DEFAULT '' CHECK (extraction_method IN ('', 'text', 'poppler', 'glyphs', 'both')),
    language          text        NOT NULL DEFAULT '' CHECK (language ~ '^([a-z]{2,3})?$'),
    uploaded_by       uuid        NOT NULL REFERENCES desk.accounts (id),
    uploaded_at       timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN desk.files.name IS 'as it was called by who attached it first';
COMMENT ON COLUMN desk.files.extracted_pages IS 'a proposal, page by page; what a person confirmed is in desk.file_texts';
CREATE INDEX files_uploaded_by_idx ON desk.files (uploaded_by);

-- The text of a file as a person confirmed it. A correction is a new version:
-- claims point to places in the version that they were marked in.
CREATE TABLE desk.file_texts (
    sha256       text        NOT NULL REFERENCES desk.files (sha256),
    version      integer     NOT NULL CHECK (version > 0),
    words        text        NOT NULL CHECK (words <> ''),
    language     text        NOT NULL CHECK (language ~ '^[a-z]{2,3}$'),
    confirmed_by uuid        NOT NULL REFERENCES desk.accounts (id),
    confirmed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (sha256, version)
);
CREATE INDEX file_texts_confirmed_by_idx ON desk.file_texts (confirmed_by);
CREATE TRIGGER file_texts_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON desk.file_texts
    FOR EACH STATEMENT EXECUTE FUNCTION desk.refuse_change();

GRANT SELECT, INSERT ON desk.files, desk.file_texts TO sijil_desk;

-- The documents that current editions name: the only ones that are handed out
-- to everybody.
CREATE TABLE record.documents (
    reference  text   NOT NULL REFERENCES record.heads (reference),
    sha256     text   NOT NULL,
    name       text   NOT NULL,
    media_type text   NOT NULL,
    size       bigint NOT NULL,
    PRIMARY KEY (reference, sha256)
);
CREATE INDEX documents_sha256_idx ON record.documents (sha256);
GRANT SELECT ON record.documents TO sijil_public, sijil_desk, sijil_takedown;
GRANT INSERT, UPDATE, DELETE ON record.documents TO sijil_desk, sijil_takedown;
