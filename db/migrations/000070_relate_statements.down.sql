DROP TABLE record.statement_relations;
