#!/bin/sh
# Runs the standby of the profile "scale": copies the primary where there is no copy
# yet, and follows it.
set -eu
umask 077

PGPASSWORD=$(cat "${SIJIL_SECRETS_DIR:-/run/secrets}/replication_password")
export PGPASSWORD
if [ ! -s "$PGDATA/PG_VERSION" ]; then
	# A copy that was cut short is begun anew.
	find "$PGDATA" -mindepth 1 -delete
	pg_basebackup --pgdata="$PGDATA" --host=postgres --username=standby --wal-method=stream --checkpoint=fast \
		--write-recovery-conf --slot=standby --create-slot ||
		pg_basebackup --pgdata="$PGDATA" --host=postgres --username=standby --wal-method=stream --checkpoint=fast \
			--write-recovery-conf --slot=standby
fi
unset PGPASSWORD
exec postgres -c wal_recycle=off -c max_standby_streaming_delay=5s
