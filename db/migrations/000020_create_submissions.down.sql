DROP TABLE desk.submissions;
