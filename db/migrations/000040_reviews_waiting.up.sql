-- The home of the desk shows the reviews that have waited longest: they are
-- read from an index, however many wait.
CREATE INDEX CONCURRENTLY reviews_waiting_idx ON desk.reviews (requested_at, record_id) WHERE outcome IS NULL;
