-- The check of 0007 holds for all rows. Validating it apart keeps nobody from
-- booking.

-- +goose Up
ALTER TABLE scheduling.reservations VALIDATE CONSTRAINT reservations_consent_method;
