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

-- A new edition is what its act says: the content names itself, and one that
-- is only carried along is the last one but for its number and what it pins.
CREATE FUNCTION record.guard_new_edition() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    envelope text[] := ARRAY['number', 'published_at', 'reason', 'author_role', 'reviewer_role', 'pins'];
    body     jsonb := convert_from(NEW.content, 'UTF8');
    act      text;
BEGIN
    SELECT p.cause INTO act FROM desk.publications AS p
    WHERE p.reference = NEW.reference AND p.number = NEW.number AND record.is_ours(p.xmin);
    IF act IS NULL
       OR (body ->> 'reference', body ->> 'type', (body ->> 'number')::integer)
              IS DISTINCT FROM (NEW.reference, NEW.type, NEW.number)
       OR act = 'carried' AND NOT EXISTS (
           SELECT FROM record.editions AS last
           WHERE last.reference = NEW.reference
             AND last.number = NEW.number - 1
             AND convert_from(last.content, 'UTF8')::jsonb - envelope = body - envelope)
    THEN
        RAISE EXCEPTION 'an edition is what its publication says'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'editions_as_published';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER editions_new BEFORE INSERT ON record.editions
    FOR EACH ROW EXECUTE FUNCTION record.guard_new_edition();

-- Pins belong to an edition from its making.
CREATE FUNCTION record.guard_pin() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM record.editions AS e
        WHERE e.reference = NEW.reference AND e.number = NEW.number AND record.is_ours(e.xmin)
    ) THEN
        RAISE EXCEPTION 'an edition is immutable' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER pins_guard BEFORE INSERT ON record.pins
    FOR EACH ROW EXECUTE FUNCTION record.guard_pin();

-- The current edition moves on by one; slugs are those that the record has;
-- numbers and generations only grow.
CREATE FUNCTION record.guard_head() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF (NEW.reference, NEW.type) IS DISTINCT FROM (OLD.reference, OLD.type)
       OR NEW.number NOT IN (OLD.number, OLD.number + 1)
    THEN
        RAISE EXCEPTION 'the current edition only moves on' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER heads_guard BEFORE UPDATE ON record.heads
    FOR EACH ROW EXECUTE FUNCTION record.guard_head();

CREATE FUNCTION record.guard_slug() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM record.heads AS h
        WHERE (h.reference, h.type, h.slug) = (NEW.reference, NEW.type, NEW.slug)
    ) THEN
        RAISE EXCEPTION 'a slug is that of its record' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER slugs_guard BEFORE INSERT ON record.slugs
    FOR EACH ROW EXECUTE FUNCTION record.guard_slug();

CREATE FUNCTION record.only_grows() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    counter text := TG_ARGV[0];
BEGIN
    IF (to_jsonb(NEW) ->> counter)::bigint <> (to_jsonb(OLD) ->> counter)::bigint + 1 THEN
        RAISE EXCEPTION '%.% only grows, by one', TG_TABLE_NAME, counter USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER reference_series_grow BEFORE UPDATE ON record.reference_series
    FOR EACH ROW EXECUTE FUNCTION record.only_grows('last');
CREATE TRIGGER generations_grow BEFORE UPDATE ON record.generations
    FOR EACH ROW EXECUTE FUNCTION record.only_grows('generation');

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

GRANT EXECUTE ON FUNCTION
    record.guard_edition(), record.guard_new_edition(), record.guard_pin(), record.guard_head(), record.guard_slug(),
    record.only_grows(), record.refuse_change()
    TO sijil_desk, sijil_takedown;
GRANT SELECT ON record.editions, record.pins, record.heads, record.slugs, record.tombstones, record.generations
    TO sijil_public, sijil_desk, sijil_takedown;
GRANT INSERT ON record.editions, record.pins, record.slugs TO sijil_desk;
GRANT INSERT, UPDATE ON record.heads TO sijil_desk;
GRANT UPDATE ON record.generations TO sijil_desk, sijil_takedown;
GRANT SELECT, INSERT, UPDATE ON record.reference_series TO sijil_desk;
GRANT UPDATE (content, salt) ON record.editions TO sijil_takedown;
GRANT INSERT ON record.tombstones TO sijil_takedown;
GRANT UPDATE ON record.heads TO sijil_takedown;
