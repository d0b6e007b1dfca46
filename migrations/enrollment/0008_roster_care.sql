-- Rosters: corrections are found again within their file, a reused control number is an alarm, payers have more
-- settings, and staging grows without a look at the import for every row.

-- +goose Up
-- Whether a record corrects a name or a birth date: later records of the same file may use the new one.
ALTER TABLE enrollment.staged_members ADD COLUMN corrects boolean NOT NULL DEFAULT false;
CREATE INDEX staged_members_corrects ON enrollment.staged_members (import_id, seq) WHERE corrects;

-- Whoever writes a staged row holds the row of its import locked, so that it is there.
ALTER TABLE enrollment.staged_members DROP CONSTRAINT staged_members_import_id_fkey;
ALTER TABLE enrollment.staged_coverages DROP CONSTRAINT staged_coverages_import_id_fkey;

ALTER TABLE enrollment.findings DROP CONSTRAINT findings_kind_check;
ALTER TABLE enrollment.findings ADD CONSTRAINT findings_kind_check
    CHECK (kind IN ('reject', 'warning', 'refusal', 'held', 'alarm')) NOT VALID;

-- Some senders write the first day without coverage as its end, or the first name where the last belongs, or pack
-- more behind an identifier.
ALTER TABLE enrollment.payers
    ADD COLUMN ends_exclusive boolean NOT NULL DEFAULT false,
    ADD COLUMN names_swapped  boolean NOT NULL DEFAULT false,
    ADD COLUMN id_separator   text    NOT NULL DEFAULT '' CHECK (length(id_separator) <= 1);
