DROP TABLE desk.mails;
