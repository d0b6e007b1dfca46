-- What can be booked. Durations and buffers are whole index steps of five
-- minutes; buffers belong to the service and count as occupied time.

-- +goose Up
CREATE TABLE scheduling.services (
    service_id    text    NOT NULL PRIMARY KEY CHECK (service_id ~ '^[a-z][a-z_]{1,39}$'),
    name          text    NOT NULL CHECK (name <> ''),
    position      integer NOT NULL UNIQUE,
    minutes       integer NOT NULL CHECK (minutes BETWEEN 5 AND 240 AND minutes % 5 = 0),
    buffer_before integer NOT NULL CHECK (buffer_before BETWEEN 0 AND 60 AND buffer_before % 5 = 0),
    buffer_after  integer NOT NULL CHECK (buffer_after BETWEEN 0 AND 60 AND buffer_after % 5 = 0),
    lead_minutes  integer NOT NULL CHECK (lead_minutes BETWEEN 0 AND 10080),
    price_cents   integer NOT NULL CHECK (price_cents >= 0),
    -- NUCC taxonomy codes whose physicians offer it.
    specialties   text[]  NOT NULL CHECK (cardinality(specialties) > 0)
);

INSERT INTO scheduling.services
    (service_id, name, position, minutes, buffer_before, buffer_after, lead_minutes, price_cents, specialties)
VALUES
    ('general', 'General visit', 1, 20, 0, 5, 10, 7900,
        ARRAY['207Q00000X', '207R00000X', '208D00000X', '207QA0000X', '207QG0300X']),
    ('follow_up', 'Follow-up visit', 2, 15, 0, 0, 10, 5900,
        ARRAY['207Q00000X', '207R00000X', '208D00000X', '207QA0000X', '207QG0300X', '207N00000X', '2084P0800X', '2084P0804X']),
    ('mental_health', 'Mental health visit', 3, 40, 5, 10, 60, 13900,
        ARRAY['2084P0800X', '2084P0804X']),
    ('skin', 'Skin visit', 4, 15, 0, 5, 30, 6900,
        ARRAY['207N00000X', '207Q00000X']);
