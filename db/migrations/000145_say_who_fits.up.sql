-- Nodes are renewed one by one: the schema first, then the programs, of which those not
-- yet renewed must be able to start again meanwhile. This says which ones still fit: those
-- that know the schema's version from here on. A migration that only adds leaves it; one
-- that takes away what an older program uses raises it, in a release after the one
-- that ceased to use it.
CREATE TABLE desk.schema_floor (
    only_row boolean NOT NULL DEFAULT true,
    version bigint NOT NULL,
    CONSTRAINT schema_floor_pkey PRIMARY KEY (only_row),
    CONSTRAINT schema_floor_has_one_row CHECK (only_row)
);

INSERT INTO desk.schema_floor (version) VALUES (145);

GRANT SELECT ON desk.schema_floor TO sijil_desk;
