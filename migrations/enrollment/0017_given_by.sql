-- Who gave a consent: a guardian's is good until the patient comes of age.

-- +goose Up

-- The day of an instant, by the rule of package ofage.
-- +goose StatementBegin
CREATE FUNCTION enrollment.day_of(at timestamptz) RETURNS date
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT (at AT TIME ZONE pg_catalog.make_interval(hours => -4))::date
$$;
-- +goose StatementEnd

-- Who gave a consent, from the account that recorded it: the patient (also by
-- an account that a merge has put aside), a guardian, a caregiver, or other.
-- Staff record what was said to them. For a minor that was a guardian, who must
-- be on file; from the 18th birthday on it was the patient.
-- +goose StatementBegin
CREATE FUNCTION enrollment.given_by(patient uuid, account uuid, method text, given_at timestamptz) RETURNS text
    LANGUAGE sql STABLE STRICT
AS $$
    SELECT CASE
        WHEN method = 'written' AND (
            EXISTS (SELECT FROM enrollment.acts_for a WHERE a.account_id = account AND a.relation = 'self'
                    AND a.patient_id IN (SELECT enrollment.same_person(patient)))
            OR EXISTS (SELECT FROM enrollment.suspended_rights s
                       WHERE s.was ->> 'relation' = 'self' AND (s.was ->> 'account_id')::uuid = account
                         AND (s.was ->> 'patient_id')::uuid = patient)) THEN 'patient'
        WHEN enrollment.day_of(given_at) <= (SELECT enrollment.minor_until(p.birth_date) FROM enrollment.patients p WHERE p.patient_id = patient) THEN 'guardian'
        WHEN method = 'verbal' THEN 'patient'
        WHEN EXISTS (SELECT FROM enrollment.acts_for a WHERE a.account_id = account AND a.relation = 'caregiver'
                     AND a.patient_id IN (SELECT enrollment.same_person(patient)))
            OR EXISTS (SELECT FROM enrollment.acts_for_ended e WHERE e.account_id = account AND e.relation = 'caregiver'
                       AND e.patient_id IN (SELECT enrollment.same_person(patient))) THEN 'caregiver'
        ELSE 'other'
    END
$$;
-- +goose StatementEnd
