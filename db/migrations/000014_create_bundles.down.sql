DROP TRIGGER accounts_void ON desk.accounts;
DROP TRIGGER records_void_bundles ON desk.records;
DROP TRIGGER publications_approval ON desk.publications;
DROP TABLE desk.scheduled_publications, desk.review_checks, desk.bundle_records, desk.bundles;
DROP FUNCTION desk.void_of_account(), desk.void_bundles(), desk.guard_schedule(), desk.guard_publication_approval(),
    desk.approval_stands(uuid, integer, uuid), desk.guard_bundle_record(), desk.guard_bundle(),
    desk.has_part(uuid, uuid), desk.may_review(uuid);
