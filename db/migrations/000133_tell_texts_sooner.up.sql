-- A function in SQL that asks a table is called for each text; one expression stands
-- in the place of the call. What it tells is the same.
CREATE OR REPLACE FUNCTION desk.is_text(value jsonb) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT jsonb_typeof(value) = 'object'
       AND NOT jsonb_path_exists(
               value, '$.keyvalue() ? (!(@.key like_regex "^[a-z]{2,3}$") || @.value.type() <> "string")')
$$;
