-- Only of a payer that says so do dependents carry numbers of their own where the subscriber's number belongs: then
-- families are linked by their order in the file, and dependents on file are found by those numbers.

-- +goose Up
ALTER TABLE enrollment.payers ADD COLUMN dependent_numbers boolean NOT NULL DEFAULT false;
