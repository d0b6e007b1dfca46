-- Whoever keeps an account in a merge was identified: by a roster, or by staff
-- who looked at papers, with a case or without.

-- +goose Up
ALTER TABLE enrollment.identity_checks
    ALTER COLUMN case_id DROP NOT NULL,
    ADD CONSTRAINT identity_checks_about CHECK (case_id IS NOT NULL OR patient_id IS NOT NULL);
CREATE INDEX identity_checks_by_patient ON enrollment.identity_checks (patient_id, at DESC) WHERE patient_id IS NOT NULL;

-- Details that somebody typed prove nothing until papers were looked at; the
-- newest look counts.
-- +goose StatementBegin
CREATE FUNCTION enrollment.identified(patient uuid) RETURNS boolean
    LANGUAGE sql STABLE
AS $$
    SELECT EXISTS (SELECT FROM enrollment.patients p WHERE p.patient_id = patient AND p.details_source <> 'patient')
        OR coalesce((SELECT k.outcome = 'passed' FROM enrollment.identity_checks k WHERE k.patient_id = patient
                     ORDER BY k.at DESC, k.check_id DESC LIMIT 1), false)
$$;
-- +goose StatementEnd

-- Whether a patient is of the family that has a number of a payer: as a member
-- whose health coverage is in force, not one who once was.
-- +goose StatementBegin
CREATE FUNCTION enrollment.in_family(patient uuid, payer uuid, number text, today date) RETURNS boolean
    LANGUAGE sql STABLE
AS $$
    SELECT EXISTS (
        SELECT FROM enrollment.members o
        JOIN enrollment.coverages c ON c.member_id = o.member_id AND NOT c.voided AND c.line IN ('HLT', 'HMO', 'PPO', 'POS', 'EPO')
             AND c.starts <= today AND (c.ends IS NULL OR c.ends >= today)
        WHERE o.patient_id = patient AND o.payer_id = payer AND o.subscriber_no = number)
$$;
-- +goose StatementEnd

-- Whose account a merge has put aside.
CREATE INDEX suspended_rights_by_patient ON enrollment.suspended_rights (((was ->> 'patient_id')::uuid));

-- A guardian whose right staff ended does not come back by themselves.
ALTER TABLE enrollment.guardian_requests
    DROP CONSTRAINT guardian_requests_why_check,
    ADD CONSTRAINT guardian_requests_why_check CHECK (why IN
        ('', 'no_match', 'several', 'name_differs', 'other_family', 'other_guardian', 'has_account', 'ended'));
CREATE INDEX acts_for_ended_by_account ON enrollment.acts_for_ended (account_id);
