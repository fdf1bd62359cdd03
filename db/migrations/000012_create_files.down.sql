DROP TABLE record.documents;
DROP TABLE desk.file_texts;
DROP TABLE desk.files;
