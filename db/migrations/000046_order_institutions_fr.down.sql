DROP INDEX CONCURRENTLY record.institutions_name_fr_idx;
