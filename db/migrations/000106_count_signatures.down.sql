DROP TRIGGER generations_signatures_grow ON record.generations;
DROP TRIGGER generations_grow ON record.generations;
ALTER TABLE record.generations DROP COLUMN signatures;
CREATE TRIGGER generations_grow BEFORE UPDATE ON record.generations
    FOR EACH ROW EXECUTE FUNCTION record.only_grows('generation');
