DROP SCHEMA record;
DROP SCHEMA desk;
ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO PUBLIC;
GRANT USAGE ON SCHEMA public TO PUBLIC;
-- The roles stay: other databases of the cluster may use them.
