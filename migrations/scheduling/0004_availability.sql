-- When physicians work, as wall time in their own zone. The rule is stored,
-- never its expansion: time zones change.

-- +goose Up
CREATE TABLE scheduling.availability_windows (
    physician_id uuid     NOT NULL REFERENCES scheduling.physicians,
    weekday      smallint NOT NULL CHECK (weekday BETWEEN 0 AND 6),
    from_minute  integer  NOT NULL CHECK (from_minute >= 0 AND from_minute % 5 = 0),
    to_minute    integer  NOT NULL CHECK (to_minute <= 1440 AND to_minute % 5 = 0),
    CONSTRAINT availability_windows_order CHECK (from_minute < to_minute),
    CONSTRAINT availability_windows_apart EXCLUDE USING gist (
        physician_id ext.gist_uuid_ops WITH =, weekday ext.gist_int2_ops WITH =, int4range(from_minute, to_minute) WITH &&)
);

-- An exception replaces the weekly windows on one date; without windows the
-- date is closed.
CREATE TABLE scheduling.availability_exceptions (
    physician_id uuid NOT NULL REFERENCES scheduling.physicians,
    on_day       date NOT NULL,
    PRIMARY KEY (physician_id, on_day)
);
CREATE TABLE scheduling.exception_windows (
    physician_id uuid    NOT NULL,
    on_day       date    NOT NULL,
    from_minute  integer NOT NULL CHECK (from_minute >= 0 AND from_minute % 5 = 0),
    to_minute    integer NOT NULL CHECK (to_minute <= 1440 AND to_minute % 5 = 0),
    FOREIGN KEY (physician_id, on_day) REFERENCES scheduling.availability_exceptions ON DELETE CASCADE,
    CONSTRAINT exception_windows_order CHECK (from_minute < to_minute),
    CONSTRAINT exception_windows_apart EXCLUDE USING gist (
        physician_id ext.gist_uuid_ops WITH =, on_day ext.gist_date_ops WITH =, int4range(from_minute, to_minute) WITH &&)
);
