DROP INDEX CONCURRENTLY desk.reviews_waiting_idx;
