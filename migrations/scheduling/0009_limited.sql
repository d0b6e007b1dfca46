-- A limited account sees what it has booked itself.

-- +goose Up
ALTER TABLE scheduling.acts_for ADD COLUMN limited boolean NOT NULL DEFAULT false;

CREATE OR REPLACE VIEW scheduling.acting AS
    SELECT account_id, patient_id, relation, limited
    FROM scheduling.acts_for
    WHERE (SELECT clock.now() AT TIME ZONE 'UTC')::date BETWEEN from_day AND coalesce(until_day, 'infinity');
