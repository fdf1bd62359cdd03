DROP INDEX CONCURRENTLY record.institutions_name_ar_idx;
