-- Licenses: dated rows, corrected by newer rows and never overwritten.

-- +goose Up
CREATE TABLE licensing.licenses (
    license_id         uuid        NOT NULL PRIMARY KEY,
    physician_id       uuid        NOT NULL REFERENCES licensing.physicians,
    -- The first row of the chain of corrections.
    chain_id           uuid        NOT NULL,
    -- The row that this one corrects: each row is corrected once at most.
    corrects           uuid        UNIQUE,
    state              text        NOT NULL CHECK (state ~ '^[A-Z]{2}$'),
    number             text        NOT NULL CHECK (number = upper(btrim(number)) AND length(number) BETWEEN 1 AND 40),
    board              text        NOT NULL CHECK (board = btrim(board) AND length(board) BETWEEN 1 AND 120),
    basis              text        NOT NULL
                       CHECK (basis IN ('full', 'imlc', 'telehealth_registration', 'waiver', 'exception')),
    status             text        NOT NULL
                       CHECK (status IN ('active', 'suspended', 'revoked', 'expired', 'surrendered', 'pending')),
    -- Both days included.
    valid_from         date        NOT NULL,
    valid_to           date        NOT NULL,
    -- Where the facts were read, and when.
    source             text        NOT NULL CHECK (length(source) <= 200),
    verified_at        timestamptz,
    -- Set where a compact-issued license stands in a state that is not a known
    -- member: unusable until an officer has confirmed it.
    needs_confirmation boolean     NOT NULL,
    confirmed_at       timestamptz,
    -- Why it was corrected, in the officer's words.
    note               text        NOT NULL CHECK (length(note) <= 500),
    -- Null for what a service did by itself.
    recorded_by        uuid,
    recorded_at        timestamptz NOT NULL DEFAULT clock.now(),
    CONSTRAINT licenses_dates CHECK (valid_from <= valid_to),
    CONSTRAINT licenses_chain CHECK ((corrects IS NULL) = (chain_id = license_id)),
    CONSTRAINT licenses_confirmed CHECK (confirmed_at IS NULL OR needs_confirmation),
    UNIQUE (license_id, chain_id, physician_id),
    UNIQUE (license_id, chain_id, physician_id, state, board, number),
    FOREIGN KEY (corrects, chain_id, physician_id) REFERENCES licensing.licenses (license_id, chain_id, physician_id)
);
CREATE INDEX licenses_by_physician ON licensing.licenses (physician_id, recorded_at);

-- The newest row of each chain. Correcting moves the head from the row that
-- the officer saw to the new one: two officers cannot both succeed.
CREATE TABLE licensing.license_heads (
    chain_id     uuid NOT NULL PRIMARY KEY,
    license_id   uuid NOT NULL UNIQUE,
    physician_id uuid NOT NULL,
    state        text NOT NULL,
    board        text NOT NULL,
    number       text NOT NULL,
    FOREIGN KEY (license_id, chain_id, physician_id, state, board, number)
        REFERENCES licensing.licenses (license_id, chain_id, physician_id, state, board, number)
);
-- A board gives a number once.
CREATE UNIQUE INDEX license_heads_number ON licensing.license_heads (state, number, lower(board));
CREATE INDEX license_heads_by_physician ON licensing.license_heads (physician_id);

-- +goose StatementBegin
CREATE FUNCTION licensing.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are corrected by newer rows, never changed', TG_TABLE_NAME;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER licenses_never_change BEFORE UPDATE OR DELETE ON licensing.licenses
    FOR EACH ROW EXECUTE FUNCTION licensing.refuse_change();
