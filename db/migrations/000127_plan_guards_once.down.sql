CREATE OR REPLACE FUNCTION desk.has_part(account uuid, record uuid) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT EXISTS (
        SELECT FROM desk.changes AS c
        JOIN desk.records AS r ON r.id = c.record_id
        WHERE c.record_id = record AND c.account_id = account AND c.version > coalesce(r.published_version, 0)
    ) OR EXISTS (
        SELECT FROM desk.record_sources AS cited
        JOIN desk.source_changes AS change ON change.source_id = cited.source_id
        WHERE cited.record_id = record
          AND change.account_id = account
          AND change.changed_at > coalesce(
                  (SELECT max(recorded_at) FROM desk.publications WHERE record_id = record), '-infinity'))
$$;

CREATE OR REPLACE FUNCTION record.is_ours(writer xid) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT writer::text::bigint = pg_current_xact_id()::text::numeric % 4294967296
$$;
