DROP TABLE jobs.river_notification, jobs.river_queue, jobs.river_leader, jobs.river_job;
DROP FUNCTION jobs.river_job_state_in_bitmask(bit, jobs.river_job_state);
DROP TYPE jobs.river_job_state;
DROP SCHEMA jobs;
