-- Accounts, what proves them, and where they are signed in. Every limit that a
-- sign-in must keep stands here as a constraint as well.

-- +goose Up
CREATE TABLE auth.accounts (
    account_id  uuid        NOT NULL PRIMARY KEY,
    -- Normalized by the service before it arrives; unique as it stands.
    email       text        NOT NULL UNIQUE
                CHECK (email = lower(email COLLATE "C") AND email ~ '^[^[:space:]@]+@[^[:space:]@]+$' AND length(email) <= 254),
    roles       text[]      NOT NULL
                CHECK (cardinality(roles) >= 1
                   AND roles <@ ARRAY['patient', 'physician', 'staff', 'licensing_officer']),
    language    text        NOT NULL CHECK (language IN ('en', 'es')),
    -- Set for demo accounts only: the order in which one-click sign-in picks.
    demo_order  integer     CHECK (demo_order >= 0),
    created_at  timestamptz NOT NULL DEFAULT clock.now(),
    disabled_at timestamptz
);

CREATE TABLE auth.credentials (
    account_id      uuid        NOT NULL PRIMARY KEY REFERENCES auth.accounts,
    password_hash   text        CHECK (password_hash LIKE '$argon2id$v=19$%'),
    password_set_at timestamptz,
    totp_sealed     bytea,
    -- The newest 30-second step that was used: no step counts twice.
    totp_last_step  bigint      NOT NULL DEFAULT 0 CHECK (totp_last_step >= 0),
    CONSTRAINT credentials_password CHECK ((password_hash IS NULL) = (password_set_at IS NULL))
);

-- Mailed codes. A row without an account is a decoy, made for addresses that
-- nobody has: it lives, counts tries and expires like any other.
CREATE TABLE auth.challenges (
    challenge_id uuid        NOT NULL PRIMARY KEY,
    account_id   uuid        REFERENCES auth.accounts,
    -- Keyed hash of the address, for the throttle of the second step.
    address_hash bytea       NOT NULL CHECK (octet_length(address_hash) = 32),
    code_hash    bytea       NOT NULL CHECK (octet_length(code_hash) = 32),
    tries        smallint    NOT NULL DEFAULT 0 CHECK (tries BETWEEN 0 AND 5),
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    used_at      timestamptz,
    CONSTRAINT challenges_short CHECK (expires_at > created_at AND expires_at <= created_at + interval '10 minutes'),
    CONSTRAINT challenges_decoy CHECK (account_id IS NOT NULL OR used_at IS NULL)
);
CREATE INDEX challenges_by_age ON auth.challenges (expires_at);

-- One-time tickets for addresses that another service has proven. One proof
-- makes one ticket, however often it is presented.
CREATE TABLE auth.tickets (
    proof_hash  bytea       NOT NULL PRIMARY KEY CHECK (octet_length(proof_hash) = 32),
    ticket_hash bytea       NOT NULL UNIQUE CHECK (octet_length(ticket_hash) = 32),
    account_id  uuid        NOT NULL REFERENCES auth.accounts,
    made_account boolean    NOT NULL,
    created_at  timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    used_at     timestamptz,
    CONSTRAINT tickets_short CHECK (expires_at > created_at AND expires_at <= created_at + interval '5 minutes')
);

CREATE TABLE auth.sessions (
    session_id   uuid        NOT NULL PRIMARY KEY,
    account_id   uuid        NOT NULL REFERENCES auth.accounts,
    secret_hash  bytea       NOT NULL UNIQUE CHECK (octet_length(secret_hash) = 32),
    -- What this sign-in has proven, never more than the account holds.
    roles        text[]      NOT NULL
                 CHECK (cardinality(roles) >= 1
                    AND roles <@ ARRAY['patient', 'physician', 'staff', 'licensing_officer']),
    method       text        NOT NULL CHECK (method IN ('code', 'password', 'password_totp', 'ticket', 'demo')),
    user_agent   text        NOT NULL CHECK (length(user_agent) <= 200),
    created_at   timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    idle_seconds integer     NOT NULL CHECK (idle_seconds BETWEEN 60 AND 3600),
    ends_at      timestamptz NOT NULL,
    revoked_at   timestamptz,
    -- A mailbox alone never opens more than a patient's session.
    CONSTRAINT sessions_second_factor CHECK (method IN ('password_totp', 'demo') OR roles = ARRAY['patient']),
    CONSTRAINT sessions_absolute CHECK (ends_at > created_at AND ends_at <= created_at + interval '12 hours'),
    CONSTRAINT sessions_seen CHECK (last_seen_at >= created_at AND last_seen_at <= ends_at)
);
CREATE INDEX sessions_by_account ON auth.sessions (account_id, created_at DESC) WHERE revoked_at IS NULL;
CREATE INDEX sessions_by_end ON auth.sessions (ends_at);

-- Keys that sign short tokens. The generation is unique, so that of several
-- processes starting at once exactly one makes the next key.
CREATE TABLE auth.signing_keys (
    generation     integer     NOT NULL PRIMARY KEY CHECK (generation > 0),
    kid            text        NOT NULL UNIQUE CHECK (kid ~ '^[0-9A-Za-z_-]{8,64}$'),
    public_key     bytea       NOT NULL CHECK (octet_length(public_key) = 32),
    private_sealed bytea       NOT NULL,
    created_at     timestamptz NOT NULL,
    -- A later generation is published before it signs.
    signs_from     timestamptz NOT NULL CHECK (signs_from >= created_at),
    retired_at     timestamptz,
    CONSTRAINT signing_keys_retired CHECK (retired_at IS NULL OR retired_at > signs_from)
);
