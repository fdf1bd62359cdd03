-- The next number of each series of references: one row is locked, so that no
-- number is given twice and none is left out.
CREATE TABLE record.reference_series (
    series text    PRIMARY KEY CHECK (series ~ '^[A-Z]{2}(-[0-9]{4})?$'),
    last   integer NOT NULL CHECK (last > 0)
);

-- An edition is the whole public content of one record at a moment: canonical
-- JSON (RFC 8785), numbered, immutable. Only takedown, under a role of its
-- own, erases content and salt; the hash and the tombstone stay.
CREATE TABLE record.editions (
    reference     text        NOT NULL,
    number        integer     NOT NULL CHECK (number > 0),
    type          text        NOT NULL CHECK (type IN ('incident', 'statement', 'institution')),
    content       bytea,
    sha256        text        NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    salt          bytea       CHECK (length(salt) = 32),
    published_at  timestamptz NOT NULL,
    reason        jsonb       NOT NULL,
    author_role   text        NOT NULL,
    reviewer_role text        NOT NULL,
    PRIMARY KEY (reference, number),
    CHECK (content IS NULL OR encode(sha256(content), 'hex') = sha256),
    CHECK ((content IS NULL) = (salt IS NULL)),
    FOREIGN KEY (reference, number) REFERENCES desk.publications (reference, number)
);
COMMENT ON COLUMN record.editions.salt IS 'random; hides short contents behind the hash of the log leaf, and goes with the content';

-- The editions of other records that an edition shows.
CREATE TABLE record.pins (
    reference        text    NOT NULL,
    number           integer NOT NULL,
    position         integer NOT NULL,
    pinned_reference text    NOT NULL,
    pinned_number    integer NOT NULL,
    PRIMARY KEY (reference, number, pinned_reference),
    FOREIGN KEY (reference, number) REFERENCES record.editions (reference, number),
    FOREIGN KEY (pinned_reference, pinned_number) REFERENCES record.editions (reference, number)
);
CREATE INDEX pins_pinned_idx ON record.pins (pinned_reference, pinned_number);

-- The current edition of each record, and its state towards the public.
CREATE TABLE record.heads (
    reference   text        PRIMARY KEY,
    type        text        NOT NULL CHECK (type IN ('incident', 'statement', 'institution')),
    slug        text        NOT NULL,
    number      integer     NOT NULL,
    state       text        NOT NULL DEFAULT 'published' CHECK (state IN ('published', 'merged', 'withdrawn')),
    merged_into text        REFERENCES record.heads (reference),
    notice      jsonb       NOT NULL DEFAULT '{}',
    changed_at  timestamptz NOT NULL,
    UNIQUE (type, slug),
    FOREIGN KEY (reference, number) REFERENCES record.editions (reference, number),
    CHECK ((state = 'merged') = (merged_into IS NOT NULL))
);
CREATE INDEX heads_merged_into_idx ON record.heads (merged_into);

-- Every slug that a record ever had: an old one redirects, and is not reused.
CREATE TABLE record.slugs (
    type      text NOT NULL,
    slug      text NOT NULL,
    reference text NOT NULL REFERENCES record.heads (reference),
    PRIMARY KEY (type, slug)
);
CREATE INDEX slugs_reference_idx ON record.slugs (reference);

CREATE TABLE record.tombstones (
    reference  text        NOT NULL,
    number     integer     NOT NULL,
    reason     jsonb       NOT NULL,
    removed_at timestamptz NOT NULL,
    PRIMARY KEY (reference, number),
    FOREIGN KEY (reference, number) REFERENCES record.editions (reference, number)
);

-- Grows with every publication; page caches compare it. One row.
CREATE TABLE record.generations (
    one        boolean     PRIMARY KEY DEFAULT true CHECK (one),
    generation bigint      NOT NULL,
    changed_at timestamptz NOT NULL
);
INSERT INTO record.generations (generation, changed_at) VALUES (0, now());

CREATE FUNCTION record.guard_edition() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'UPDATE'
       AND NEW.content IS NULL AND NEW.salt IS NULL
       AND (to_jsonb(NEW) - 'content' - 'salt') = (to_jsonb(OLD) - 'content' - 'salt')
       AND pg_has_role(current_user, 'sijil_takedown', 'USAGE')
       AND EXISTS (SELECT FROM record.tombstones AS t WHERE t.reference = OLD.reference AND t.number = OLD.number)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'an edition is immutable' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER editions_guard BEFORE UPDATE OR DELETE ON record.editions
    FOR EACH ROW EXECUTE FUNCTION record.guard_edition();

CREATE FUNCTION record.refuse_change() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION '%.% is append-only', TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER editions_keep BEFORE TRUNCATE ON record.editions
    FOR EACH STATEMENT EXECUTE FUNCTION record.refuse_change();
CREATE TRIGGER pins_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON record.pins
    FOR EACH STATEMENT EXECUTE FUNCTION record.refuse_change();

GRANT EXECUTE ON FUNCTION record.guard_edition(), record.refuse_change() TO sijil_desk, sijil_takedown;
GRANT SELECT ON record.editions, record.pins, record.heads, record.slugs, record.tombstones, record.generations
    TO sijil_public, sijil_desk, sijil_takedown;
GRANT INSERT ON record.editions, record.pins, record.slugs TO sijil_desk;
GRANT INSERT, UPDATE ON record.heads TO sijil_desk;
GRANT UPDATE ON record.generations TO sijil_desk, sijil_takedown;
GRANT SELECT, INSERT, UPDATE ON record.reference_series TO sijil_desk;
GRANT UPDATE (content, salt) ON record.editions TO sijil_takedown;
GRANT INSERT ON record.tombstones TO sijil_takedown;
GRANT UPDATE ON record.heads TO sijil_takedown;
