-- Administrators, the ways back in, and addresses that change. Checks only get
-- wider here, and are validated by the next migration, which locks nobody out.

-- +goose Up
ALTER TABLE auth.accounts DROP CONSTRAINT accounts_roles_check;
ALTER TABLE auth.accounts ADD CONSTRAINT accounts_roles_check
    CHECK (cardinality(roles) >= 1
       AND roles <@ ARRAY['patient', 'physician', 'staff', 'licensing_officer', 'administrator']) NOT VALID;

ALTER TABLE auth.sessions DROP CONSTRAINT sessions_roles_check;
ALTER TABLE auth.sessions ADD CONSTRAINT sessions_roles_check
    CHECK (cardinality(roles) >= 1
       AND roles <@ ARRAY['patient', 'physician', 'staff', 'licensing_officer', 'administrator']) NOT VALID;
ALTER TABLE auth.sessions DROP CONSTRAINT sessions_method_check;
ALTER TABLE auth.sessions ADD CONSTRAINT sessions_method_check
    CHECK (method IN ('code', 'password', 'password_totp', 'password_recovery', 'ticket', 'demo')) NOT VALID;
ALTER TABLE auth.sessions DROP CONSTRAINT sessions_second_factor;
ALTER TABLE auth.sessions ADD CONSTRAINT sessions_second_factor
    CHECK (method IN ('password_totp', 'password_recovery', 'demo') OR roles = ARRAY['patient']) NOT VALID;

-- Who works here: what administrators list.
CREATE INDEX accounts_at_work ON auth.accounts (email) WHERE roles <> ARRAY['patient'];

-- Failed sign-ins since the last good one. At the limit the password opens
-- nothing any more, until it is set anew (NIST 800-63B).
ALTER TABLE auth.credentials
    ADD COLUMN failures integer NOT NULL DEFAULT 0 CHECK (failures BETWEEN 0 AND 100);

-- One-time links that were mailed. A row without an account is a decoy, made
-- for addresses that nobody has.
CREATE TABLE auth.links (
    link_id       uuid        NOT NULL PRIMARY KEY,
    account_id    uuid        REFERENCES auth.accounts,
    purpose       text        NOT NULL CHECK (purpose IN ('enroll', 'password', 'address')),
    token_hash    bytea       NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    -- What was proven before: one proof makes one link, ever.
    proof_hash    bytea       UNIQUE CHECK (octet_length(proof_hash) = 32),
    -- The new address, where the link is for one.
    email         text        CHECK (email = lower(email COLLATE "C") AND length(email) <= 254),
    -- What an enrollment has so far; it comes into force at its end.
    password_hash text        CHECK (password_hash LIKE '$argon2id$v=19$%'),
    totp_sealed   bytea,
    tries         smallint    NOT NULL DEFAULT 0 CHECK (tries BETWEEN 0 AND 20),
    created_at    timestamptz NOT NULL,
    expires_at    timestamptz NOT NULL,
    -- Used, or void because of another.
    ended_at      timestamptz,
    CONSTRAINT links_decoy CHECK (account_id IS NOT NULL OR purpose = 'password'),
    CONSTRAINT links_address CHECK ((purpose = 'address') = (email IS NOT NULL) AND (purpose = 'address') = (proof_hash IS NOT NULL)),
    CONSTRAINT links_enrolling CHECK ((password_hash IS NULL) = (totp_sealed IS NULL) AND (purpose = 'enroll' OR password_hash IS NULL)),
    CONSTRAINT links_short CHECK (expires_at > created_at AND expires_at <= created_at + interval '7 days'
        AND (purpose <> 'password' OR expires_at <= created_at + interval '30 minutes'))
);
CREATE INDEX links_by_account ON auth.links (account_id) WHERE ended_at IS NULL;
CREATE INDEX links_by_age ON auth.links (expires_at);

-- Codes for the day when the authenticator is gone: each opens once.
CREATE TABLE auth.recovery_codes (
    account_id uuid        NOT NULL REFERENCES auth.accounts,
    code_hash  bytea       NOT NULL CHECK (octet_length(code_hash) = 32),
    created_at timestamptz NOT NULL DEFAULT clock.now(),
    used_at    timestamptz,
    PRIMARY KEY (account_id, code_hash)
);

-- An address that somebody wants to sign in with from now on, until a code
-- that was mailed there proves it.
CREATE TABLE auth.email_changes (
    change_id  uuid        NOT NULL PRIMARY KEY,
    account_id uuid        NOT NULL REFERENCES auth.accounts,
    email      text        NOT NULL CHECK (email = lower(email COLLATE "C") AND length(email) <= 254),
    code_hash  bytea       NOT NULL CHECK (octet_length(code_hash) = 32),
    tries      smallint    NOT NULL DEFAULT 0 CHECK (tries BETWEEN 0 AND 5),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz,
    CONSTRAINT email_changes_short CHECK (expires_at > created_at AND expires_at <= created_at + interval '10 minutes')
);
CREATE INDEX email_changes_by_account ON auth.email_changes (account_id);
CREATE INDEX email_changes_by_age ON auth.email_changes (expires_at);
