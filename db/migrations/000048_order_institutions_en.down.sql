DROP INDEX CONCURRENTLY record.institutions_name_en_idx;
