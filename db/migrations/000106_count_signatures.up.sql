-- Each publication is followed by a signature of the log: pages that do not show
-- the log need not be made anew for it.
ALTER TABLE record.generations ADD COLUMN signatures bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN record.generations.signatures IS 'grows with each signature of the log, its own or a witness''s';
DROP TRIGGER generations_grow ON record.generations;
CREATE TRIGGER generations_grow BEFORE UPDATE OF generation ON record.generations
    FOR EACH ROW EXECUTE FUNCTION record.only_grows('generation');
CREATE TRIGGER generations_signatures_grow BEFORE UPDATE OF signatures ON record.generations
    FOR EACH ROW EXECUTE FUNCTION record.only_grows('signatures');
