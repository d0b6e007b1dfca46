-- The tables that every service has: change feed, idempotency, wrapped data
-- keys. Each service owns its own copy, so that it can live in a database of
-- its own one day.

-- +goose Up
CREATE TABLE auth.feed (
    topic   text        NOT NULL,
    key     text        NOT NULL,
    version bigint      NOT NULL CHECK (version > 0),
    xid     xid8        NOT NULL DEFAULT pg_current_xact_id(),
    payload bytea       NOT NULL,
    at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (topic, key, version)
);
-- Consumers read in (xid, key, version) order from their cursor.
CREATE INDEX feed_by_xid ON auth.feed (topic, xid, key, version);

-- The newest version of each key: its row lock makes versions gapless.
CREATE TABLE auth.feed_heads (
    topic   text   NOT NULL,
    key     text   NOT NULL,
    version bigint NOT NULL CHECK (version > 0),
    PRIMARY KEY (topic, key)
);

-- Where this service stands in its neighbors' feeds, and what it has applied.
CREATE TABLE auth.feed_cursors (
    follower text  NOT NULL PRIMARY KEY,
    cursor   bytea NOT NULL
);
CREATE TABLE auth.feed_applied (
    follower text   NOT NULL,
    key      text   NOT NULL,
    version  bigint NOT NULL CHECK (version > 0),
    PRIMARY KEY (follower, key)
);

CREATE TABLE auth.idempotency (
    principal    text        NOT NULL,
    method       text        NOT NULL,
    key          text        NOT NULL CHECK (length(key) BETWEEN 8 AND 100),
    request_hash bytea       NOT NULL,
    response     bytea,
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (principal, method, key)
);
CREATE INDEX idempotency_by_age ON auth.idempotency (created_at);

-- One wrapped data key a patient: deleting the row shreds what it sealed.
CREATE TABLE auth.data_keys (
    patient_id uuid        NOT NULL PRIMARY KEY,
    wrapped    bytea       NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
