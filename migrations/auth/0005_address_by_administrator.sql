-- Whoever works here has their address moved by an administrator, never by
-- staff: a link says who made it. The check is validated by the next migration.

-- +goose Up
ALTER TABLE auth.links ADD COLUMN by_administrator boolean NOT NULL DEFAULT false;
ALTER TABLE auth.links ADD CONSTRAINT links_by_administrator
    CHECK (purpose = 'address' OR NOT by_administrator) NOT VALID;
