-- The check of the migration before holds for all rows. Validating it here,
-- after it, keeps nobody from reading or writing.

-- +goose Up
ALTER TABLE auth.links VALIDATE CONSTRAINT links_by_administrator;
