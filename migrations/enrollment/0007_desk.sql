-- Staff find people while they are on the phone, resend invitations, and record
-- what patients agreed to by word of mouth.

-- +goose Up

-- The last ten digits of a phone number, however it was written.
-- +goose StatementBegin
CREATE FUNCTION enrollment.fold_phone(phone text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT pg_catalog."right"(pg_catalog.regexp_replace(phone, '[^0-9]', '', 'g'), 10)
$$;
-- +goose StatementEnd

-- What a roster's people are searched by, two identifiers at a time. Of any two,
-- one is in an index.
CREATE INDEX members_by_family_prefix ON enrollment.members (family_search text_pattern_ops);
CREATE INDEX members_by_birth_date ON enrollment.members (birth_date);
CREATE INDEX members_by_phone ON enrollment.members (enrollment.fold_phone(phone)) WHERE phone <> '';

-- The same for patients, some of whom are on no roster.
CREATE INDEX patients_by_birth_date ON enrollment.patients (birth_date);
CREATE INDEX contact_points_by_email ON enrollment.contact_points (lower(value)) WHERE kind = 'email';
CREATE INDEX contact_points_by_phone ON enrollment.contact_points (enrollment.fold_phone(value)) WHERE kind = 'phone';
CREATE INDEX contact_points_by_zip ON enrollment.contact_points (left(zip, 5)) WHERE kind = 'address';

-- Attempts that were made with one member's number, whomever they found.
CREATE INDEX activations_by_number ON enrollment.activations (number_hash, created_at DESC);
CREATE INDEX activation_cases_by_member ON enrollment.activation_cases (member_id) WHERE member_id IS NOT NULL;

-- The staff account that asked for this one mail; null for waves.
ALTER TABLE enrollment.invitations ADD COLUMN requested_by uuid;

-- Said to staff, who read the words aloud, or agreed to in writing.
ALTER TABLE enrollment.consents
    ADD COLUMN method text NOT NULL DEFAULT 'written' CHECK (method IN ('written', 'verbal'));
