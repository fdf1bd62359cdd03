DROP TABLE desk.schema_floor;
