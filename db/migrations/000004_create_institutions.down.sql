DROP TABLE desk.institution_links;
DROP TABLE desk.officials;
DROP TABLE desk.institution_names;
DROP TABLE desk.institutions;
