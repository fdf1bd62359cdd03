-- The list of one year is read in its order: without this one a list of a year long
-- past goes through all newer incidents.
CREATE INDEX CONCURRENTLY IF NOT EXISTS incidents_year_occurred_idx ON record.incidents (occurred_year, occurred_order DESC, reference DESC);
