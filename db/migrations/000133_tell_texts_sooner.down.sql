CREATE OR REPLACE FUNCTION desk.is_text(value jsonb) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT jsonb_typeof(value) = 'object'
       AND NOT EXISTS (
               SELECT FROM jsonb_each(value) AS entry (lang, words)
               WHERE entry.lang !~ '^[a-z]{2,3}$' OR jsonb_typeof(entry.words) <> 'string')
$$;
