-- What scheduling knows of its neighbors, by feed. Nothing here is the truth:
-- every row can be reread from its owner.

-- +goose Up
CREATE TABLE scheduling.physicians (
    physician_id uuid   NOT NULL PRIMARY KEY,
    -- Null until the physician has an account. Not unique: an account that
    -- moves from one physician to another may arrive in either order.
    account_id   uuid,
    given_name   text   NOT NULL,
    family_name  text   NOT NULL,
    credential   text   NOT NULL,
    specialties  text[] NOT NULL,
    languages    text[] NOT NULL,
    time_zone    text   NOT NULL,
    -- bedside.licensing.v1.PhysicianFacts, as published.
    facts        bytea  NOT NULL,
    version      bigint NOT NULL CHECK (version > 0)
);
CREATE INDEX physicians_by_account ON scheduling.physicians (account_id) WHERE account_id IS NOT NULL;

-- One row for each state in which a physician has, or ever had, a license.
-- Booking locks it FOR SHARE and whoever applies a change FOR UPDATE, so that
-- the search for affected appointments after a suspension misses none. A row
-- is never deleted.
CREATE TABLE scheduling.physician_states (
    physician_id uuid NOT NULL REFERENCES scheduling.physicians,
    state        text NOT NULL CHECK (state ~ '^[A-Z]{2}$'),
    PRIMARY KEY (physician_id, state)
);
CREATE INDEX physician_states_by_state ON scheduling.physician_states (state, physician_id);

CREATE TABLE scheduling.rules (
    state   text   NOT NULL PRIMARY KEY CHECK (state ~ '^[A-Z]{2}$'),
    -- bedside.licensing.v1.StateRules, as published.
    payload bytea  NOT NULL,
    version bigint NOT NULL CHECK (version > 0)
);

CREATE TABLE scheduling.patients (
    patient_id  uuid   NOT NULL PRIMARY KEY,
    given_name  text   NOT NULL,
    family_name text   NOT NULL,
    birth_date  text   NOT NULL,
    language    text   NOT NULL,
    email       text   NOT NULL,
    time_zone   text   NOT NULL,
    -- bedside.enrollment.v1.PatientFacts, as published: coverages, consents.
    facts       bytea  NOT NULL,
    version     bigint NOT NULL CHECK (version > 0)
);

-- Who may act for whom. Ownership is decided by this table in the WHERE of
-- every statement that reads or changes what belongs to a patient.
CREATE TABLE scheduling.acts_for (
    account_id uuid NOT NULL,
    patient_id uuid NOT NULL REFERENCES scheduling.patients,
    relation   text NOT NULL CHECK (relation <> ''),
    from_day   date NOT NULL,
    -- Last day; null if open.
    until_day  date CHECK (until_day >= from_day),
    PRIMARY KEY (account_id, patient_id, relation, from_day)
);
CREATE INDEX acts_for_by_patient ON scheduling.acts_for (patient_id);

-- Who may act for whom today; days are counted in UTC.
CREATE VIEW scheduling.acting AS
    SELECT account_id, patient_id, relation
    FROM scheduling.acts_for
    WHERE (SELECT clock.now() AT TIME ZONE 'UTC')::date BETWEEN from_day AND coalesce(until_day, 'infinity');
