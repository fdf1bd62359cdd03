DROP TABLE desk.token_requests;
DROP TABLE desk.tokens;
