-- The index of institutions is in the order of their names in the reader's
-- language, as people sort them, with accents and in Arabic.
CREATE INDEX CONCURRENTLY institutions_name_en_idx ON record.institutions
    ((coalesce(name->>'en', name->>'fr', name->>'en', name->>'ar', reference) COLLATE "und-x-icu"), reference);
