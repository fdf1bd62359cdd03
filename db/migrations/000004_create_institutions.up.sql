CREATE TABLE desk.institutions (
    record_id   uuid  PRIMARY KEY REFERENCES desk.records (id) ON DELETE CASCADE,
    kind        text  NOT NULL,
    sector      text  NOT NULL DEFAULT '',
    country     text  NOT NULL DEFAULT '' CHECK (country ~ '^([A-Z]{2})?$'),
    website     text  NOT NULL DEFAULT '',
    parent_id   uuid  REFERENCES desk.records (id),
    description jsonb NOT NULL DEFAULT '{}' CHECK (desk.is_text(description))
);
CREATE INDEX institutions_parent_idx ON desk.institutions (parent_id);

CREATE TABLE desk.institution_names (
    record_id uuid NOT NULL,
    key       text NOT NULL,
    language  text NOT NULL,
    script    text NOT NULL DEFAULT '' CHECK (script ~ '^([A-Z][a-z]{3})?$'),
    kind      text NOT NULL CHECK (kind IN ('official', 'short', 'acronym', 'alias')),
    name      text NOT NULL CHECK (name <> ''),
    used_from  text NOT NULL DEFAULT '',
    used_until text NOT NULL DEFAULT '',
    PRIMARY KEY (record_id, key),
    FOREIGN KEY (record_id, key) REFERENCES desk.facts (record_id, key) ON DELETE CASCADE
);
COMMENT ON COLUMN desk.institution_names.script IS 'ISO 15924, where the language alone does not say it';
COMMENT ON COLUMN desk.institution_names.used_from IS 'EDTF; empty: not stated';

-- A person with an office, named only for what was said or done in it.
CREATE TABLE desk.officials (
    record_id    uuid   NOT NULL,
    key          text   NOT NULL,
    name         jsonb  NOT NULL CHECK (desk.is_text(name)),
    aliases      text[] NOT NULL DEFAULT '{}',
    office       jsonb  NOT NULL CHECK (desk.is_text(office)),
    office_from  text   NOT NULL DEFAULT '',
    office_until text   NOT NULL DEFAULT '',
    PRIMARY KEY (record_id, key),
    FOREIGN KEY (record_id, key) REFERENCES desk.facts (record_id, key) ON DELETE CASCADE
);

-- Ministries are renamed, merged and split.
CREATE TABLE desk.institution_links (
    record_id      uuid    NOT NULL REFERENCES desk.records (id) ON DELETE CASCADE,
    direction      text    NOT NULL CHECK (direction IN ('predecessor', 'successor')),
    position       integer NOT NULL,
    institution_id uuid    NOT NULL REFERENCES desk.records (id),
    linked_on      text    NOT NULL DEFAULT '',
    note           jsonb   NOT NULL DEFAULT '{}' CHECK (desk.is_text(note)),
    PRIMARY KEY (record_id, direction, position)
);
CREATE INDEX institution_links_institution_idx ON desk.institution_links (institution_id);

GRANT SELECT, INSERT, UPDATE, DELETE
    ON desk.institutions, desk.institution_names, desk.officials, desk.institution_links TO sijil_desk;
