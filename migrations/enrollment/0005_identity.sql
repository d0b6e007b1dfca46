-- How sure we are who somebody is: limited accounts, registration with an
-- address of one's own, and staff who check an identity.

-- +goose Up

-- Limited: whoever has the account typed who they are, and nobody has looked.
-- Such an account sees what it has booked itself, and no coverage.
ALTER TABLE enrollment.acts_for
    ADD COLUMN certainty text NOT NULL DEFAULT 'full',
    ADD CONSTRAINT acts_for_certainty CHECK (certainty IN ('full', 'limited')) NOT VALID,
    ADD CONSTRAINT acts_for_limited CHECK (certainty = 'full' OR relation = 'self') NOT VALID;

-- What was typed, sealed, for staff who look at the case.
ALTER TABLE enrollment.activations ADD COLUMN typed bytea;
CREATE INDEX activations_typed ON enrollment.activations (created_at) WHERE typed IS NOT NULL;

ALTER TABLE enrollment.activation_cases
    -- Who asks to be the member: the patient of a limited account.
    ADD COLUMN patient_id uuid REFERENCES enrollment.patients,
    -- Counts what was done to the case, so that of two at once one is told.
    ADD COLUMN version bigint NOT NULL DEFAULT 1 CHECK (version > 0),
    ADD COLUMN outcome text CHECK (outcome IN ('linked', 'closed')),
    ADD COLUMN close_reason text CHECK (close_reason IN ('not_a_member', 'not_shown', 'asked_twice', 'withdrawn', 'guardian')),
    ADD COLUMN closed_by uuid,
    DROP CONSTRAINT activation_cases_reason_check,
    ADD CONSTRAINT activation_cases_reason_check CHECK (reason IN
        ('no_match', 'several', 'minor', 'no_email', 'shared_email', 'already_active', 'account_taken', 'details_differ', 'limited')),
    ADD CONSTRAINT activation_cases_outcome CHECK (outcome IS NULL OR (closed_at IS NOT NULL AND closed_by IS NOT NULL)),
    ADD CONSTRAINT activation_cases_close_reason CHECK (coalesce(outcome = 'closed', false) = (close_reason IS NOT NULL));
CREATE INDEX activation_cases_by_patient ON enrollment.activation_cases (patient_id) WHERE patient_id IS NOT NULL;

-- What staff saw of somebody's papers: which kind, never a number.
CREATE TABLE enrollment.identity_checks (
    check_id   uuid        NOT NULL PRIMARY KEY,
    case_id    uuid        NOT NULL REFERENCES enrollment.activation_cases,
    -- Whose account it was made for; null where nobody had one yet.
    patient_id uuid        REFERENCES enrollment.patients,
    method     text        NOT NULL CHECK (method IN ('video', 'in_person', 'mail')),
    document   text        NOT NULL CHECK (document IN ('drivers_license', 'state_id', 'passport', 'military_id', 'tribal_id', 'other_photo_id')),
    outcome    text        NOT NULL CHECK (outcome IN ('passed', 'failed')),
    account_id uuid        NOT NULL,
    at         timestamptz NOT NULL DEFAULT clock.now()
);
CREATE INDEX identity_checks_by_case ON enrollment.identity_checks (case_id, at DESC);

-- An account that somebody opens with an address of their own: without a plan,
-- or limited, beside an activation that could not be certain.
CREATE TABLE enrollment.registrations (
    registration_id uuid        NOT NULL PRIMARY KEY,
    activation_id   uuid        REFERENCES enrollment.activations,
    given_name      text        NOT NULL CHECK (length(given_name) BETWEEN 1 AND 100),
    family_name     text        NOT NULL CHECK (length(family_name) BETWEEN 1 AND 100),
    birth_date      date        NOT NULL,
    email           text        NOT NULL CHECK (email <> ''),
    code_hash       bytea       NOT NULL CHECK (octet_length(code_hash) = 32),
    tries           smallint    NOT NULL DEFAULT 0 CHECK (tries BETWEEN 0 AND 5),
    language        text        NOT NULL CHECK (language IN ('en', 'es')),
    created_at      timestamptz NOT NULL DEFAULT clock.now(),
    expires_at      timestamptz NOT NULL,
    proven_at       timestamptz,
    confirmed_at    timestamptz,
    patient_id      uuid        REFERENCES enrollment.patients,
    account_id      uuid,
    CONSTRAINT registrations_short CHECK (expires_at > created_at AND expires_at <= created_at + interval '15 minutes'),
    CONSTRAINT registrations_confirmed CHECK ((confirmed_at IS NOT NULL) = (patient_id IS NOT NULL)
        AND (confirmed_at IS NOT NULL) = (account_id IS NOT NULL) AND (confirmed_at IS NULL OR proven_at IS NOT NULL))
);
CREATE INDEX registrations_by_age ON enrollment.registrations (created_at);

-- Whose mailbox an address was proven to be.
CREATE INDEX contact_points_proven ON enrollment.contact_points (lower(value)) WHERE kind = 'email' AND verified_at IS NOT NULL;
