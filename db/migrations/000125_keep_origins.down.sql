DROP TRIGGER decisions_erase_origins ON desk.decisions;
DROP TABLE desk.origins, desk.import_files, desk.import_notes, desk.import_runs;
DROP FUNCTION desk.erase_origins();
