COMMENT ON COLUMN desk.submissions.result IS 'address to which it led; null while it is being worked on';
ALTER TABLE desk.submissions DROP COLUMN done_at;
