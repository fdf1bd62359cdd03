-- A form is marked as done in the transaction that does its work. Where it led is noted
-- after it: a form whose process, or whose database, died in between was taken for broken
-- off a minute later, and what it asks for was done a second time.
ALTER TABLE desk.submissions ADD COLUMN done_at timestamptz;
COMMENT ON COLUMN desk.submissions.done_at IS 'when its work was committed, by that transaction itself';
COMMENT ON COLUMN desk.submissions.result IS 'address to which it led; null while it is being worked on, and where nobody could note it any more';
