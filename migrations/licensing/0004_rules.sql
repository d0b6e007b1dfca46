-- Jurisdiction rules as they were published: every version that a decision may
-- name, and which one holds.

-- +goose Up
CREATE TABLE licensing.rules (
    -- USPS code; US for federal law.
    state        text        NOT NULL CHECK (state ~ '^[A-Z]{2}$'),
    -- Content hash of the file.
    rule_version text        NOT NULL CHECK (rule_version ~ '^[0-9a-f]{16}$'),
    yaml         bytea       NOT NULL,
    first_seen   timestamptz NOT NULL DEFAULT clock.now(),
    PRIMARY KEY (state, rule_version)
);
CREATE TRIGGER rules_never_change BEFORE UPDATE OR DELETE ON licensing.rules
    FOR EACH ROW EXECUTE FUNCTION licensing.refuse_change();

CREATE TABLE licensing.rule_heads (
    state        text NOT NULL PRIMARY KEY,
    rule_version text NOT NULL,
    FOREIGN KEY (state, rule_version) REFERENCES licensing.rules (state, rule_version)
);
