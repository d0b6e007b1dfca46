-- One clock for every statement. Production leaves the setting empty; tests
-- move it together with the Go clock.

-- +goose Up
CREATE TABLE clock.setting (
    single boolean  NOT NULL PRIMARY KEY DEFAULT true CHECK (single),
    offset_by interval NOT NULL
);

-- +goose StatementBegin
CREATE FUNCTION clock.now() RETURNS timestamptz
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog
AS $$
    SELECT clock_timestamp() + coalesce((SELECT offset_by FROM clock.setting), interval '0')
$$;
-- +goose StatementEnd
