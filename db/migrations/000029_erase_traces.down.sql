DROP TRIGGER sources_forget ON desk.sources;
DROP FUNCTION desk.forget_source();
DROP TRIGGER decisions_erase_mails ON desk.decisions;
DROP FUNCTION desk.erase_mails();
