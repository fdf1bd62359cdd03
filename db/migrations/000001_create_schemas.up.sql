-- Two stores in one database: "desk" holds drafts and working tables, "record"
-- holds what has been published. The public side connects through a role that
-- has no right on "desk" at all: that a draft leaks is not forbidden, it is
-- impossible.
--
-- Roles belong to the whole cluster, not to this database, so several
-- databases (tests, staging) may create them at the same time.
DO $$
DECLARE
    role_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['sijil_desk', 'sijil_public', 'sijil_takedown'] LOOP
        BEGIN
            IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = role_name) THEN
                EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
            END IF;
        EXCEPTION
            WHEN duplicate_object OR unique_violation THEN
                NULL; -- another database's migration was faster
        END;
    END LOOP;
END
$$;

-- Nobody gets anything by default: not on the public schema, not on functions.
REVOKE ALL ON SCHEMA public FROM PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

CREATE SCHEMA desk;
CREATE SCHEMA record;

GRANT USAGE ON SCHEMA desk TO sijil_desk;
GRANT USAGE ON SCHEMA record TO sijil_desk, sijil_public, sijil_takedown;

COMMENT ON SCHEMA desk IS 'Drafts and working tables; never readable by the public role';
COMMENT ON SCHEMA record IS 'Published editions and their projections; append-only but for takedown';
