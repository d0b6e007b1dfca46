-- The day that rights are judged on is the one that enrollment judges by.

-- +goose Up

-- A day begins at 04:00 UTC for everybody, where it begins first among the
-- states that visits are allowed in: the same rule as in package ofage, which
-- says why. Before, days were counted in UTC here, and in enrollment where they
-- begin last, so that on the eve of an 18th birthday nobody could act.
-- +goose StatementBegin
CREATE FUNCTION scheduling.today() RETURNS date
    LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT (clock.now() AT TIME ZONE pg_catalog.make_interval(hours => -4))::date
$$;
-- +goose StatementEnd

CREATE OR REPLACE VIEW scheduling.acting AS
    SELECT account_id, patient_id, relation, limited
    FROM scheduling.acts_for
    WHERE (SELECT scheduling.today()) BETWEEN from_day AND coalesce(until_day, 'infinity');
