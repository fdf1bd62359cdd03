DROP FUNCTION desk.forget_files(timestamptz);
DROP FUNCTION desk.idle_files(timestamptz);
DROP TABLE desk.leaving_files;
DROP TABLE desk.named_files;
