-- Who gave the consent of an appointment: a guardian's is due anew once the
-- patient comes of age.

-- +goose Up
ALTER TABLE scheduling.reservations
    -- patient, guardian, caregiver or other; empty where the program that booked
    -- did not know yet.
    ADD COLUMN consent_by text NOT NULL DEFAULT '',
    ADD CONSTRAINT reservations_consent_by CHECK (consent_by IN ('', 'patient', 'guardian', 'caregiver', 'other')) NOT VALID;
