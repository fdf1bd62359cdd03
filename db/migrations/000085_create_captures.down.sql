DROP TRIGGER sources_erase_captures ON desk.sources;
DROP FUNCTION desk.erase_captures();
DROP TABLE desk.capture_hosts;
DROP TABLE desk.kept_captures;
DROP TABLE desk.capture_targets;
