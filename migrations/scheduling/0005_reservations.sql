-- Holds and appointments: one table, because they compete for the same time.
-- No isolation level guards a calendar; the two EXCLUDE constraints do.
--
-- A hold:         held -> converted | released | expired
-- An appointment: booked -> canceled | moved | closed

-- +goose Up
CREATE TABLE scheduling.reservations (
    reservation_id uuid        NOT NULL PRIMARY KEY,
    version        bigint      NOT NULL DEFAULT 1 CHECK (version > 0),
    status         text        NOT NULL CHECK (status IN (
        'held', 'converted', 'released', 'expired',
        'booked', 'canceled', 'moved', 'closed')),
    physician_id   uuid        NOT NULL,
    -- A physician who sees several people at once has several lanes.
    lane           smallint    NOT NULL DEFAULT 0 CHECK (lane >= 0),
    -- Not a foreign key: its row lock would be shared by every booking.
    service_id     text        NOT NULL,
    during         tstzrange   NOT NULL,
    occupied       tstzrange   NOT NULL,
    -- Where the patient will be, and the zone in which they chose the time.
    state          text        NOT NULL CHECK (state ~ '^[A-Z]{2}$'),
    time_zone      text        NOT NULL CHECK (time_zone <> ''),
    created_at     timestamptz NOT NULL DEFAULT clock.now(),
    updated_at     timestamptz NOT NULL DEFAULT clock.now(),

    -- A hold belongs to a browser (keyed hash), later also to an account.
    browser        bytea       CHECK (octet_length(browser) = 32),
    address        bytea       CHECK (octet_length(address) = 32),
    expires_at     timestamptz,
    extensions     smallint    NOT NULL DEFAULT 0 CHECK (extensions BETWEEN 0 AND 2),
    became         uuid,

    account_id     uuid,
    -- What was typed, sealed with the key of the patient whom it is about.
    answers_about  uuid,
    answers        bytea,

    -- An appointment. Patient_id stays empty on holds: an unfinished choice
    -- does not keep the patient from booking elsewhere.
    patient_id     uuid,
    reference      text        UNIQUE,
    consent_id     text,
    coverage_id    text,
    payer_name     text        NOT NULL DEFAULT '',
    price_cents    integer     NOT NULL DEFAULT 0 CHECK (price_cents >= 0),
    -- Why the physician may treat there and then: decision and inputs.
    decision       jsonb,
    rule_version   text,
    facts_version  bigint,
    booked_at      timestamptz,
    canceled_at    timestamptz,
    canceled_by    uuid,

    CONSTRAINT reservations_ranges CHECK (
        during <@ occupied AND NOT isempty(during)
        AND lower(during) IS NOT NULL AND lower_inc(during) AND upper(during) IS NOT NULL AND NOT upper_inc(during)
        AND lower(occupied) IS NOT NULL AND lower_inc(occupied) AND upper(occupied) IS NOT NULL AND NOT upper_inc(occupied)),
    CONSTRAINT reservations_hold CHECK (
        status NOT IN ('held', 'converted', 'released', 'expired')
        OR (browser IS NOT NULL AND address IS NOT NULL AND expires_at IS NOT NULL
            AND patient_id IS NULL AND reference IS NULL AND decision IS NULL AND booked_at IS NULL)),
    CONSTRAINT reservations_converted CHECK ((status = 'converted') = (became IS NOT NULL)),
    CONSTRAINT reservations_answers CHECK ((answers IS NULL) = (answers_about IS NULL) AND (answers IS NULL OR account_id IS NOT NULL)),
    CONSTRAINT reservations_appointment CHECK (
        status NOT IN ('booked', 'canceled', 'moved', 'closed')
        OR (patient_id IS NOT NULL AND patient_id = answers_about AND account_id IS NOT NULL
            AND reference IS NOT NULL AND consent_id IS NOT NULL
            AND decision IS NOT NULL AND rule_version IS NOT NULL AND facts_version IS NOT NULL
            AND booked_at IS NOT NULL AND browser IS NULL AND address IS NULL AND expires_at IS NULL)),
    CONSTRAINT reservations_canceled CHECK (
        (status = 'canceled') = (canceled_at IS NOT NULL) AND (canceled_at IS NULL) = (canceled_by IS NULL)),

    CONSTRAINT reservations_physician_free EXCLUDE USING gist (
        physician_id ext.gist_uuid_ops WITH =, lane ext.gist_int2_ops WITH =, occupied WITH &&)
        WHERE (status IN ('held', 'booked')),
    CONSTRAINT reservations_patient_free EXCLUDE USING gist (
        patient_id ext.gist_uuid_ops WITH =, during WITH &&)
        WHERE (status IN ('held', 'booked'))
);

-- One hold a browser.
CREATE UNIQUE INDEX reservations_one_hold ON scheduling.reservations (browser) WHERE (status = 'held');
CREATE INDEX reservations_by_browser ON scheduling.reservations (browser, created_at DESC) WHERE (browser IS NOT NULL);
CREATE INDEX reservations_by_address ON scheduling.reservations (address) WHERE (status = 'held');
CREATE INDEX reservations_stale ON scheduling.reservations (expires_at) WHERE (status = 'held');
CREATE INDEX reservations_by_patient ON scheduling.reservations (patient_id, lower(during)) WHERE (patient_id IS NOT NULL);
CREATE INDEX reservations_by_physician ON scheduling.reservations (physician_id, lower(during)) WHERE (status IN ('booked', 'closed'));
CREATE INDEX reservations_live ON scheduling.reservations (upper(occupied)) WHERE (status IN ('held', 'booked'));

-- Appointments whose physician may no longer treat there, for staff to rebook
-- with notice. Resolved when the license or rule comes back.
CREATE TABLE scheduling.affected (
    affected_id    uuid        NOT NULL PRIMARY KEY,
    reservation_id uuid        NOT NULL REFERENCES scheduling.reservations,
    physician_id   uuid        NOT NULL,
    state          text        NOT NULL CHECK (state ~ '^[A-Z]{2}$'),
    reason         text        NOT NULL CHECK (reason <> ''),
    decision       jsonb       NOT NULL,
    found_at       timestamptz NOT NULL DEFAULT clock.now(),
    resolved_at    timestamptz CHECK (resolved_at >= found_at)
);
CREATE UNIQUE INDEX affected_once ON scheduling.affected (reservation_id) WHERE (resolved_at IS NULL);
