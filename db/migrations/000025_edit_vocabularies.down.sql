DROP INDEX desk.audit_at_idx, desk.audit_action_idx;
DROP TABLE desk.settings;
DROP TABLE record.vocabulary_terms;
ALTER TABLE desk.vocabulary_terms DROP COLUMN version;
