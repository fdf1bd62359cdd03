DROP TRIGGER tombstones_outdate_dumps ON record.tombstones;
DROP TRIGGER heads_outdate_dumps ON record.heads;
DROP TABLE record.dump_parts;
DROP TABLE record.dumps;
DROP FUNCTION record.guard_dump();
DROP FUNCTION record.outdate_dumps();
DROP FUNCTION record.let_dump_go();
