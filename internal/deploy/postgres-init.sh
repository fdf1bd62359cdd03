#!/bin/sh
# Runs once, when the database cluster is new: creates the roles that log in and
# makes one of them, not a superuser, the owner of the database. Passwords come
# from files and are shown on no command line.
set -eu

SECRETS=${SIJIL_SECRETS_DIR:-/run/secrets}
export SECRETS

psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --username="${POSTGRES_USER:-postgres}" --dbname="${POSTGRES_DB:-sijil}" <<'SQL'
\set owner_password `cat "$SECRETS/owner_password"`
\set desk_password `cat "$SECRETS/desk_password"`
\set public_password `cat "$SECRETS/public_password"`
\set takedown_password `cat "$SECRETS/takedown_password"`
\set replication_password `cat "$SECRETS/replication_password"`
BEGIN;
SET LOCAL log_statement = 'none';
SET LOCAL log_min_duration_statement = -1;

-- The groups that hold the rights. The migrations would create them, but then
-- their role would have to be allowed to.
CREATE ROLE sijil_desk NOLOGIN;
CREATE ROLE sijil_public NOLOGIN;
CREATE ROLE sijil_takedown NOLOGIN;

CREATE ROLE sijil_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE web_desk LOGIN PASSWORD :'desk_password' IN ROLE sijil_desk;
CREATE ROLE web_public LOGIN PASSWORD :'public_password' IN ROLE sijil_public;
CREATE ROLE web_takedown LOGIN PASSWORD :'takedown_password' IN ROLE sijil_takedown;
-- For a standby, which copies the whole cluster and reads nothing else.
CREATE ROLE standby LOGIN REPLICATION PASSWORD :'replication_password';

SELECT current_database() AS database \gset
ALTER DATABASE :"database" OWNER TO sijil_owner;
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO web_desk, web_public, web_takedown;

-- What PostgreSQL gives to every role: to fill the disk with large objects, and
-- to look into the cluster's other databases.
REVOKE EXECUTE ON FUNCTION lo_create(oid), lo_creat(integer), lo_from_bytea(oid, bytea) FROM PUBLIC;
REVOKE CONNECT, TEMPORARY ON DATABASE postgres, template1 FROM PUBLIC;
COMMIT;
SQL

# Whoever copies the cluster comes from the network of the database, with a password.
if [ -n "${PGDATA:-}" ]; then
	echo 'host replication standby samenet scram-sha-256' >>"$PGDATA/pg_hba.conf"
fi
