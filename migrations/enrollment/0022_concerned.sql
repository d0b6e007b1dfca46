-- Nobody decides about themselves, nor about whom they act for: who is concerned is answered in one place.

-- +goose Up
-- Whether an account is, or acts for, or ever was or did for, a patient or whoever is the same person.
-- +goose StatementBegin
CREATE FUNCTION enrollment.concerns(account uuid, patient uuid) RETURNS boolean
    LANGUAGE sql STABLE
AS $$
    SELECT EXISTS (SELECT FROM enrollment.acts_for a
                   WHERE a.account_id = account AND a.patient_id IN (SELECT enrollment.same_person(patient)))
        OR EXISTS (SELECT FROM enrollment.acts_for_ended e
                   WHERE e.account_id = account AND e.patient_id IN (SELECT enrollment.same_person(patient)))
$$;
-- +goose StatementEnd
