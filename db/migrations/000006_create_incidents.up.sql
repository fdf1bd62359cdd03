CREATE TABLE desk.incidents (
    record_id           uuid   PRIMARY KEY REFERENCES desk.records (id) ON DELETE CASCADE,
    title               jsonb  NOT NULL CHECK (desk.is_text(title)),
    summary             jsonb  NOT NULL CHECK (desk.is_text(summary)),
    kinds               text[] NOT NULL,
    standing_vocabulary text   NOT NULL GENERATED ALWAYS AS ('standing') STORED,
    standing            text   NOT NULL,
    country             text   NOT NULL DEFAULT '' CHECK (country ~ '^([A-Z]{2})?$'),
    FOREIGN KEY (standing_vocabulary, standing) REFERENCES desk.vocabulary_terms (vocabulary, code)
);

CREATE TABLE desk.answers (
    record_id uuid  NOT NULL,
    key       text  NOT NULL,
    question  jsonb NOT NULL CHECK (desk.is_text(question)),
    answer    jsonb NOT NULL CHECK (desk.is_text(answer)),
    note      jsonb NOT NULL DEFAULT '{}' CHECK (desk.is_text(note)),
    PRIMARY KEY (record_id, key),
    FOREIGN KEY (record_id, key) REFERENCES desk.facts (record_id, key) ON DELETE CASCADE
);

CREATE TABLE desk.affected_institutions (
    record_id      uuid   NOT NULL,
    key            text   NOT NULL,
    institution_id uuid   NOT NULL REFERENCES desk.records (id),
    roles          text[] NOT NULL,
    data_exposed   jsonb  NOT NULL DEFAULT '{}' CHECK (desk.is_text(data_exposed)),
    note           jsonb  NOT NULL DEFAULT '{}' CHECK (desk.is_text(note)),
    PRIMARY KEY (record_id, key),
    UNIQUE (record_id, institution_id),
    FOREIGN KEY (record_id, key) REFERENCES desk.facts (record_id, key) ON DELETE CASCADE
);
CREATE INDEX affected_institutions_institution_idx ON desk.affected_institutions (institution_id);

-- One thing that was attacked; every party may have its own name for it.
CREATE TABLE desk.targeted_systems (
    record_id      uuid NOT NULL,
    key            text NOT NULL,
    institution_id uuid NOT NULL REFERENCES desk.records (id),
    PRIMARY KEY (record_id, key),
    FOREIGN KEY (record_id, key) REFERENCES desk.facts (record_id, key) ON DELETE CASCADE
);
CREATE INDEX targeted_systems_institution_idx ON desk.targeted_systems (institution_id);

CREATE TABLE desk.system_names (
    record_id    uuid    NOT NULL,
    key          text    NOT NULL,
    position     integer NOT NULL,
    kind         text    NOT NULL,
    name         jsonb   NOT NULL CHECK (desk.is_text(name)),
    named_by     jsonb   NOT NULL CHECK (desk.is_text(named_by)),
    statement_id uuid    REFERENCES desk.records (id),
    claim_key    text,
    source_keys  text[]  NOT NULL DEFAULT '{}',
    PRIMARY KEY (record_id, key, position),
    FOREIGN KEY (record_id, key) REFERENCES desk.targeted_systems (record_id, key) ON DELETE CASCADE,
    FOREIGN KEY (statement_id, claim_key) REFERENCES desk.facts (record_id, key)
        DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX system_names_statement_idx ON desk.system_names (statement_id, claim_key);

CREATE TABLE desk.measures (
    record_id       uuid    NOT NULL,
    key             text    NOT NULL,
    title           jsonb   NOT NULL CHECK (desk.is_text(title)),
    body            jsonb   NOT NULL DEFAULT '{}' CHECK (desk.is_text(body)),
    reported_by     jsonb   NOT NULL CHECK (desk.is_text(reported_by)),
    has_dates_taken boolean NOT NULL DEFAULT false,
    PRIMARY KEY (record_id, key),
    FOREIGN KEY (record_id, key) REFERENCES desk.facts (record_id, key) ON DELETE CASCADE
);
COMMENT ON COLUMN desk.measures.has_dates_taken IS 'the dates say when it was taken, not when it was reported';

CREATE TABLE desk.exposures (
    record_id      uuid   NOT NULL,
    key            text   NOT NULL,
    title          jsonb  NOT NULL CHECK (desk.is_text(title)),
    institution_id uuid   REFERENCES desk.records (id),
    data_classes   text[] NOT NULL DEFAULT '{}',
    place          text   NOT NULL DEFAULT '',
    period         jsonb  NOT NULL DEFAULT '{}' CHECK (desk.is_text(period)),
    PRIMARY KEY (record_id, key),
    FOREIGN KEY (record_id, key) REFERENCES desk.facts (record_id, key) ON DELETE CASCADE
);
COMMENT ON COLUMN desk.exposures.place IS 'a kind of place, never an address: leaked data is not linked';
CREATE INDEX exposures_institution_idx ON desk.exposures (institution_id);

CREATE TABLE desk.figures (
    record_id    uuid   NOT NULL,
    key          text   NOT NULL,
    exposure_key text   NOT NULL,
    value        bigint NOT NULL CHECK (value >= 0),
    bound        text   NOT NULL DEFAULT '' CHECK (bound IN ('', 'about', 'over', 'under')),
    unit         text   NOT NULL CHECK (unit IN ('people', 'companies', 'records', 'files', 'megabytes')),
    claimant     text   NOT NULL CHECK (claimant IN ('attacker', 'institution', 'regulator', 'press-count', 'independent')),
    what         jsonb  NOT NULL DEFAULT '{}' CHECK (desk.is_text(what)),
    PRIMARY KEY (record_id, key),
    FOREIGN KEY (record_id, key) REFERENCES desk.facts (record_id, key) ON DELETE CASCADE,
    FOREIGN KEY (record_id, exposure_key) REFERENCES desk.exposures (record_id, key) ON DELETE CASCADE
);
CREATE INDEX figures_exposure_idx ON desk.figures (record_id, exposure_key);

CREATE TABLE desk.positions (
    record_id      uuid   NOT NULL,
    key            text   NOT NULL,
    exposure_key   text   NOT NULL,
    party          jsonb  NOT NULL CHECK (desk.is_text(party)),
    institution_id uuid   REFERENCES desk.records (id),
    findings       text[] NOT NULL,
    note           jsonb  NOT NULL DEFAULT '{}' CHECK (desk.is_text(note)),
    PRIMARY KEY (record_id, key),
    FOREIGN KEY (record_id, key) REFERENCES desk.facts (record_id, key) ON DELETE CASCADE,
    FOREIGN KEY (record_id, exposure_key) REFERENCES desk.exposures (record_id, key) ON DELETE CASCADE
);
COMMENT ON TABLE desk.positions IS 'what each party says of the authenticity of exposed data';
CREATE INDEX positions_exposure_idx ON desk.positions (record_id, exposure_key);
CREATE INDEX positions_institution_idx ON desk.positions (institution_id);

CREATE TABLE desk.events (
    record_id          uuid  NOT NULL,
    key                text  NOT NULL,
    kind               text  NOT NULL,
    attestation        text  NOT NULL CHECK (attestation IN ('acknowledged', 'public-record', 'asserted', 'reported')),
    title              jsonb NOT NULL CHECK (desk.is_text(title)),
    body               jsonb NOT NULL DEFAULT '{}' CHECK (desk.is_text(body)),
    exposure_key       text,
    chain_statement_id uuid  REFERENCES desk.records (id),
    chain_claim_key    text,
    PRIMARY KEY (record_id, key),
    FOREIGN KEY (record_id, key) REFERENCES desk.facts (record_id, key) ON DELETE CASCADE,
    FOREIGN KEY (record_id, exposure_key) REFERENCES desk.exposures (record_id, key),
    FOREIGN KEY (chain_statement_id, chain_claim_key) REFERENCES desk.facts (record_id, key)
        DEFERRABLE INITIALLY DEFERRED
);
COMMENT ON COLUMN desk.events.chain_claim_key IS 'the claim whose wording is followed from hand to hand here';
CREATE INDEX events_chain_idx ON desk.events (chain_statement_id, chain_claim_key);

-- Who says that a context event is related.
CREATE TABLE desk.event_relatings (
    record_id    uuid    NOT NULL,
    key          text    NOT NULL,
    position     integer NOT NULL,
    related_by   jsonb   NOT NULL CHECK (desk.is_text(related_by)),
    statement_id uuid    REFERENCES desk.records (id),
    claim_key    text,
    source_keys  text[]  NOT NULL DEFAULT '{}',
    note         jsonb   NOT NULL DEFAULT '{}' CHECK (desk.is_text(note)),
    PRIMARY KEY (record_id, key, position),
    FOREIGN KEY (record_id, key) REFERENCES desk.events (record_id, key) ON DELETE CASCADE,
    FOREIGN KEY (statement_id, claim_key) REFERENCES desk.facts (record_id, key)
        DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX event_relatings_statement_idx ON desk.event_relatings (statement_id, claim_key);

CREATE TABLE desk.referrals (
    record_id     uuid   NOT NULL,
    key           text   NOT NULL,
    kind          text   NOT NULL CHECK (kind IN ('judicial', 'regulatory')),
    title         jsonb  NOT NULL CHECK (desk.is_text(title)),
    by_name       jsonb  NOT NULL DEFAULT '{}' CHECK (desk.is_text(by_name)),
    authority_id  uuid   REFERENCES desk.records (id),
    to_name       jsonb  NOT NULL DEFAULT '{}' CHECK (desk.is_text(to_name)),
    legal_basis   jsonb  NOT NULL DEFAULT '{}' CHECK (desk.is_text(legal_basis)),
    case_number   text   NOT NULL DEFAULT '',
    against       jsonb  NOT NULL DEFAULT '{}' CHECK (desk.is_text(against)),
    note          jsonb  NOT NULL DEFAULT '{}' CHECK (desk.is_text(note)),
    possibly_same text[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (record_id, key),
    FOREIGN KEY (record_id, key) REFERENCES desk.facts (record_id, key) ON DELETE CASCADE
);
COMMENT ON COLUMN desk.referrals.possibly_same IS 'keys of other referrals of the incident that may be the same matter';
CREATE INDEX referrals_authority_idx ON desk.referrals (authority_id);

CREATE TABLE desk.referral_steps (
    record_id        uuid NOT NULL,
    key              text NOT NULL,
    referral_key     text NOT NULL,
    step_vocabulary  text NOT NULL GENERATED ALWAYS AS ('referral-step') STORED,
    step             text NOT NULL,
    level_vocabulary text NOT NULL GENERATED ALWAYS AS ('level') STORED,
    level            text NOT NULL,
    title            jsonb NOT NULL CHECK (desk.is_text(title)),
    body             jsonb NOT NULL DEFAULT '{}' CHECK (desk.is_text(body)),
    PRIMARY KEY (record_id, key),
    FOREIGN KEY (record_id, key) REFERENCES desk.facts (record_id, key) ON DELETE CASCADE,
    FOREIGN KEY (record_id, referral_key) REFERENCES desk.referrals (record_id, key) ON DELETE CASCADE,
    FOREIGN KEY (step_vocabulary, step) REFERENCES desk.vocabulary_terms (vocabulary, code),
    FOREIGN KEY (level_vocabulary, level) REFERENCES desk.vocabulary_terms (vocabulary, code)
);
CREATE INDEX referral_steps_referral_idx ON desk.referral_steps (record_id, referral_key);

-- Institutions that a fact names: those that an event touches, that took a
-- measure, that made a referral.
CREATE TABLE desk.fact_institutions (
    record_id      uuid    NOT NULL,
    key            text    NOT NULL,
    position       integer NOT NULL,
    institution_id uuid    NOT NULL REFERENCES desk.records (id),
    PRIMARY KEY (record_id, key, position),
    FOREIGN KEY (record_id, key) REFERENCES desk.facts (record_id, key) ON DELETE CASCADE
);
CREATE INDEX fact_institutions_institution_idx ON desk.fact_institutions (institution_id);

CREATE TABLE desk.incident_statements (
    record_id    uuid    NOT NULL REFERENCES desk.records (id) ON DELETE CASCADE,
    position     integer NOT NULL,
    statement_id uuid    NOT NULL REFERENCES desk.records (id),
    PRIMARY KEY (record_id, statement_id)
);
CREATE INDEX incident_statements_statement_idx ON desk.incident_statements (statement_id);

CREATE TABLE desk.incident_relations (
    record_id   uuid    NOT NULL REFERENCES desk.records (id) ON DELETE CASCADE,
    position    integer NOT NULL,
    kind        text    NOT NULL CHECK (kind IN ('same-campaign', 'recurrence', 'follow-up')),
    incident_id uuid    NOT NULL REFERENCES desk.records (id),
    note        jsonb   NOT NULL DEFAULT '{}' CHECK (desk.is_text(note)),
    PRIMARY KEY (record_id, position),
    CHECK (record_id <> incident_id)
);
CREATE INDEX incident_relations_incident_idx ON desk.incident_relations (incident_id);

GRANT SELECT, INSERT, UPDATE, DELETE
    ON desk.incidents, desk.answers, desk.affected_institutions, desk.targeted_systems, desk.system_names,
       desk.measures, desk.exposures, desk.figures, desk.positions, desk.events, desk.event_relatings,
       desk.referrals, desk.referral_steps, desk.fact_institutions, desk.incident_statements,
       desk.incident_relations
    TO sijil_desk;
