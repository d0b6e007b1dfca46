-- What comes between a booked visit and its day, and whether the patient knows.
-- A visit stays booked whatever stands here: only people cancel it.

-- +goose Up

-- Visits whose coverage no longer covers their day.
CREATE TABLE scheduling.coverage_notices (
    notice_id      uuid        NOT NULL PRIMARY KEY,
    reservation_id uuid        NOT NULL REFERENCES scheduling.reservations,
    reason         text        NOT NULL CHECK (reason IN ('ended', 'not_begun', 'gone')),
    -- Last covered day, where that is the reason.
    ended_on       date        CHECK ((ended_on IS NOT NULL) = (reason = 'ended')),
    found_at       timestamptz NOT NULL DEFAULT clock.now(),
    told_at        timestamptz CHECK (told_at >= found_at),
    resolved_at    timestamptz CHECK (resolved_at >= found_at),
    resolution     text        CHECK (resolution IN ('restored', 'moved', 'canceled', 'payment_changed', 'overtaken')),
    CONSTRAINT coverage_notices_resolved CHECK ((resolved_at IS NULL) = (resolution IS NULL))
);
CREATE UNIQUE INDEX coverage_notices_once ON scheduling.coverage_notices (reservation_id, reason) WHERE (resolved_at IS NULL);
CREATE INDEX coverage_notices_by_visit ON scheduling.coverage_notices (reservation_id);
CREATE INDEX coverage_notices_resolved_lately ON scheduling.coverage_notices (resolved_at) WHERE (resolved_at IS NOT NULL);

-- The program of before sets neither, so both may be missing.
ALTER TABLE scheduling.affected
    ADD COLUMN told_at    timestamptz CHECK (told_at >= found_at),
    ADD COLUMN resolution text CHECK (resolution IN ('restored', 'moved', 'canceled'));

-- A visit may lie outside of the physician's hours and lack a license at once.
DROP INDEX scheduling.affected_once;
CREATE UNIQUE INDEX affected_once ON scheduling.affected (reservation_id)
    WHERE (resolved_at IS NULL AND reason <> 'outside_hours');
CREATE UNIQUE INDEX affected_outside_once ON scheduling.affected (reservation_id)
    WHERE (resolved_at IS NULL AND reason = 'outside_hours');
CREATE INDEX affected_by_visit ON scheduling.affected (reservation_id);
CREATE INDEX affected_resolved_lately ON scheduling.affected (resolved_at) WHERE (resolved_at IS NOT NULL);

-- A physician's day shows what was canceled, too.
CREATE INDEX reservations_of_day ON scheduling.reservations (physician_id, lower(during))
    WHERE (status IN ('booked', 'canceled', 'closed'));
