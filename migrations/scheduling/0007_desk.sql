-- Staff book for patients on the phone, on their word: the consent in writing
-- is then due until the visit.

-- +goose Up
ALTER TABLE scheduling.reservations
    -- What was typed was typed by staff, who may not read it back.
    ADD COLUMN by_desk boolean NOT NULL DEFAULT false,
    -- How the consent of an appointment was given.
    ADD COLUMN consent_method text NOT NULL DEFAULT 'written',
    ADD CONSTRAINT reservations_consent_method CHECK (consent_method IN ('written', 'verbal')) NOT VALID;

CREATE INDEX reservations_consent_due ON scheduling.reservations (patient_id)
    WHERE (consent_method = 'verbal' AND status = 'booked');
