REVOKE EXECUTE ON FUNCTION desk.refuse_change() FROM sijil_takedown;
DROP FUNCTION desk.erase_files(uuid, text[]);
DROP TRIGGER file_texts_append_only ON desk.file_texts;
CREATE TRIGGER file_texts_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON desk.file_texts
    FOR EACH STATEMENT EXECUTE FUNCTION desk.refuse_change();
