-- Patients who cannot read their mail any more: a case like any other, which
-- ends with a link to their new address once somebody has seen who they are.

-- +goose Up
ALTER TABLE enrollment.activation_cases
    DROP CONSTRAINT activation_cases_reason_check,
    ADD CONSTRAINT activation_cases_reason_check CHECK (reason IN
        ('no_match', 'several', 'minor', 'no_email', 'shared_email', 'already_active', 'account_taken', 'details_differ', 'limited',
         'lost_mailbox')),
    DROP CONSTRAINT activation_cases_outcome_check,
    ADD CONSTRAINT activation_cases_outcome_check CHECK (outcome IN ('linked', 'closed', 'address'));

-- One at a time for a patient.
CREATE UNIQUE INDEX activation_cases_mailbox ON enrollment.activation_cases (patient_id)
    WHERE reason = 'lost_mailbox' AND closed_at IS NULL;
