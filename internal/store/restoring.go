package store

// RestoringTable stands in schema public while a database is being restored:
// what is there may be half, and what was taken down since the backup may still
// be in it.
const RestoringTable = "sijil_restoring"

// IsRestoringSQL is the condition that a database is being restored. It asks the
// catalogue, which every role may read; only the owner of the schema may make
// the table.
const IsRestoringSQL = `EXISTS (
	SELECT FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
	WHERE n.nspname = 'public' AND c.relname = '` + RestoringTable + `')`
