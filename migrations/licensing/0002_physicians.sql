-- Physicians, and the facts about them that neighbors hear of by feed.

-- +goose Up
-- The check digit of a National Provider Identifier: Luhn over 80840 and the
-- ten digits, where the prefix always adds 24. Numbers that begin with 9999
-- are never issued and stand for invented people.
-- +goose StatementBegin
CREATE FUNCTION licensing.npi_valid(npi text) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT CASE WHEN npi ~ '^([12][0-9]{9}|9999[0-9]{6})$' THEN
        (SELECT (24 + sum(CASE WHEN i % 2 = 1 THEN 2 * d / 10 + 2 * d % 10 ELSE d END)) % 10 = 0
         FROM (SELECT i, substr(npi, i, 1)::integer AS d FROM generate_series(1, 10) AS i) AS digits)
    ELSE false END
$$;
-- +goose StatementEnd

CREATE TABLE licensing.physicians (
    physician_id   uuid        NOT NULL PRIMARY KEY,
    -- Null until the physician has an account.
    account_id     uuid        UNIQUE,
    npi            text        NOT NULL UNIQUE CHECK (licensing.npi_valid(npi)),
    given_name     text        NOT NULL CHECK (given_name = btrim(given_name) AND length(given_name) BETWEEN 1 AND 60),
    family_name    text        NOT NULL CHECK (family_name = btrim(family_name) AND length(family_name) BETWEEN 1 AND 60),
    credential     text        NOT NULL CHECK (credential IN ('MD', 'DO')),
    -- NUCC taxonomy codes, the first is the primary one.
    specialties    text[]      NOT NULL CHECK (cardinality(specialties) BETWEEN 1 AND 10),
    -- BCP 47.
    languages      text[]      NOT NULL CHECK (cardinality(languages) BETWEEN 1 AND 10),
    time_zone      text        NOT NULL CHECK (time_zone <> ''),
    practice_state text        NOT NULL CHECK (practice_state ~ '^[A-Z]{2}$'),
    -- Both names in lower case without accents, in either order, to search in.
    search         text        NOT NULL,
    -- Version of the facts: the physician's version in the feed. Its row lock
    -- puts writers of one physician in order.
    version        bigint      NOT NULL DEFAULT 1 CHECK (version > 0),
    demo           boolean     NOT NULL DEFAULT false,
    created_at     timestamptz NOT NULL DEFAULT clock.now(),
    CONSTRAINT physicians_invented CHECK (demo OR npi NOT LIKE '9999%')
);
-- The order of the list.
CREATE INDEX physicians_by_name ON licensing.physicians (lower(family_name), lower(given_name), physician_id);
