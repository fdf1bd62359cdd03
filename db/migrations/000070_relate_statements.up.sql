-- Which statements point to which: the page of a statement says what came after
-- it. Filled from what is published now, and by each publication from then on.
CREATE TABLE record.statement_relations (
    reference    text NOT NULL REFERENCES record.heads (reference),
    kind         text NOT NULL,
    to_reference text NOT NULL,
    PRIMARY KEY (reference, kind, to_reference)
);
COMMENT ON COLUMN record.statement_relations.to_reference IS 'as the edition says it; that record may be shown no more';
CREATE INDEX statement_relations_to_reference_idx ON record.statement_relations (to_reference);
GRANT SELECT ON record.statement_relations TO sijil_public, sijil_desk, sijil_takedown;
GRANT INSERT, UPDATE, DELETE ON record.statement_relations TO sijil_desk, sijil_takedown;

INSERT INTO record.statement_relations (reference, kind, to_reference)
SELECT DISTINCT h.reference, r ->> 'kind', r ->> 'statement'
FROM record.heads AS h
JOIN record.editions AS e USING (reference, number),
     jsonb_array_elements(convert_from(e.content, 'UTF8')::jsonb #> '{statement,relations}') AS r
WHERE h.type = 'statement' AND h.state = 'published' AND e.content IS NOT NULL
  AND r ->> 'kind' <> '' AND r ->> 'statement' <> '';
