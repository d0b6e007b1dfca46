-- Staff who work here are patients, parents and caregivers as well. They decide
-- nothing about a person that they are themselves, or act or acted for.

-- +goose Up
-- +goose StatementBegin
CREATE FUNCTION enrollment.concerned(account uuid, patients uuid[]) RETURNS boolean
    LANGUAGE sql STABLE
AS $$
    WITH person AS (SELECT enrollment.same_person(one) AS patient_id FROM unnest(patients) AS one)
    SELECT EXISTS (SELECT FROM enrollment.acts_for a JOIN person USING (patient_id) WHERE a.account_id = account)
        OR EXISTS (SELECT FROM enrollment.acts_for_ended e JOIN person USING (patient_id) WHERE e.account_id = account)
        -- What a merge has put aside comes back when it is undone.
        OR EXISTS (SELECT FROM enrollment.suspended_rights s
                   JOIN enrollment.patient_merges m ON m.merge_id = s.merge_id AND m.undone_at IS NULL
                   JOIN person p ON p.patient_id = (s.was ->> 'patient_id')::uuid
                   WHERE (s.was ->> 'account_id')::uuid = account)
$$;
-- +goose StatementEnd
